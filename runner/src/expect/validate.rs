//! What can be judged of a spec's expectations before the program starts: whether they speak of arguments and
//! results that are there, and of types that can be judged.

use super::sequence::MOST_STEPS_IN_ANY_ORDER;
use crate::{
    model::{Function, FunctionId, Kind, Label, Parameter, TypeTable},
    spec::{
        Span, Spanned, Spec, SpecError, SpecErrors,
        document::{ArgumentExpectation, SequenceElement, Step, Test},
        matcher::{Literal, Matcher, Number},
        suggestion::nearest,
    },
};

/// Looks for what is wrong with a spec's expectations, given the functions behind its names.
///
/// # Errors
/// All that is wrong, in the order of the file.
pub fn validate(
    spec: &Spec,
    types: &TypeTable,
    functions: &[Function],
    labels: &[Label],
) -> Result<(), SpecErrors> {
    let mut check = Check {
        types,
        functions,
        labels,
        errors: Vec::new(),
    };
    for function in &spec.functions {
        check.arguments(&function.label.value, &function.filter);
    }
    for test in &spec.tests {
        check.test(test);
    }
    let mut errors = check.errors;
    if errors.is_empty() {
        return Ok(());
    }
    errors.sort_by_key(|error| error.span.as_ref().map(|span| span.start));
    let source = spec.source.clone();
    Err(SpecErrors { source, errors })
}

struct Check<'a> {
    types: &'a TypeTable,
    functions: &'a [Function],
    labels: &'a [Label],
    errors: Vec<SpecError>,
}

impl<'a> Check<'a> {
    fn test(&mut self, test: &Test) {
        for element in test.sequence.iter().flat_map(|sequence| &sequence.elements) {
            match element {
                SequenceElement::Forbidden(_) => {}
                SequenceElement::Step(step) => self.step(step),
                SequenceElement::AnyOrder(steps, span) => self.any_order(steps, span),
            }
        }
        for calls in &test.calls {
            self.arguments(&calls.label.value, &calls.args);
            self.results(&calls.label.value, &calls.returns);
        }
    }

    fn any_order(&mut self, steps: &[Step], span: &Span) {
        for step in steps {
            self.step(step);
        }
        if steps.len() > MOST_STEPS_IN_ANY_ORDER {
            let message = format!("{} calls in any order are too many", steps.len());
            self.report(SpecError::at(span.clone(), message).help(format!(
                "an inner list has at most {MOST_STEPS_IN_ANY_ORDER}; each doubles the work"
            )));
        }
    }

    fn step(&mut self, step: &Step) {
        self.arguments(&step.label.value, &step.args);
        self.results(&step.label.value, &step.returns);
    }

    fn behind(&self, label: &str) -> Vec<&'a Function> {
        let labels = self.labels;
        let label = labels.iter().find(|known| known.name == label);
        let ids: &[FunctionId] = label.map_or(&[], |label| &label.functions);
        let functions = self.functions;
        ids.iter()
            .filter_map(|id| functions.get(id.0 as usize))
            .collect()
    }

    fn arguments(&mut self, label: &str, arguments: &[ArgumentExpectation]) {
        for function in self.behind(label) {
            for argument in arguments {
                self.argument(function, argument);
            }
        }
    }

    fn argument(&mut self, function: &Function, argument: &ArgumentExpectation) {
        let name = argument.path.value.parameter();
        let parameters = &function.parameters;
        if let Some(parameter) = parameters.iter().find(|p| p.name == name) {
            self.parameter(parameter, &argument.matcher);
            return;
        }
        let head = name.split(['.', '[']).next().unwrap_or_default();
        let is_path = head != name && parameters.iter().any(|p| p.name == head);
        let place = argument.path.span.clone();
        self.report(if is_path {
            SpecError::at(place, "paths into values can't be judged in this version")
                .label("a path")
                .help(format!(
                    "`{head}` alone can, if it is an integer, a bool or a string"
                ))
        } else {
            SpecError::at(
                place,
                format!("{} has no parameter `{name}`", function.name),
            )
            .label("not a parameter")
            .help(self.known_parameters(function, name))
        });
    }

    fn known_parameters(&self, function: &Function, wanted: &str) -> String {
        let named = function.parameters.iter();
        let named: Vec<&Parameter> = named
            .filter(|p| !matches!(p.name.as_str(), "" | "_"))
            .collect();
        if named.is_empty() {
            return "none of its parameters has a name".to_owned();
        }
        let list: Vec<String> = named
            .iter()
            .map(|p| format!("{} {}", p.name, self.types.name(p.ty)))
            .collect();
        let list = list.join(", ");
        match nearest(wanted, named.iter().map(|p| p.name.as_str())) {
            Some(name) => format!("did you mean `{name}`? Its parameters: {list}"),
            None => format!("its parameters: {list}"),
        }
    }

    fn results(&mut self, label: &str, returns: &[Spanned<Matcher>]) {
        let (Some(first), Some(last)) = (returns.first(), returns.last()) else {
            return;
        };
        for function in self.behind(label) {
            let results = &function.results;
            if results.len() != returns.len() {
                let types: Vec<&str> = results.iter().map(|r| self.types.name(r.ty)).collect();
                let help = match types.as_slice() {
                    [] => "leave `returns` out".to_owned(),
                    _ => format!(
                        "its results: {}; `{{ any = true }}` stands for one that does not matter",
                        types.join(", ")
                    ),
                };
                let given = match returns.len() {
                    1 => "1 is".to_owned(),
                    count => format!("{count} are"),
                };
                let count = super::wording::plural(results.len(), "result");
                let message = format!("{} has {count}, but {given} given here", function.name);
                let place = first.span.start..last.span.end;
                self.report(SpecError::at(place, message).help(help));
                continue;
            }
            for (result, matcher) in results.iter().zip(returns) {
                self.parameter(result, matcher);
            }
        }
    }

    fn parameter(&mut self, parameter: &Parameter, matcher: &Spanned<Matcher>) {
        let ty = self.types.get(parameter.ty);
        let name = self.types.name(parameter.ty);
        let judged = match ty.map(|ty| &ty.kind) {
            Some(Kind::Bool) => Judged::Bool,
            Some(Kind::Int | Kind::Uint) => Judged::Integer,
            Some(Kind::String) => Judged::Text,
            _ => Judged::Nothing,
        };
        self.fits(&matcher.value, &matcher.span, judged, name);
    }

    /// Whether a matcher can judge such values; `name` says whose they are.
    fn fits(&mut self, matcher: &Matcher, span: &Span, judged: Judged, name: &str) {
        let fits = match (matcher, judged) {
            (Matcher::Any, _) => true,
            (Matcher::All(parts), _) => {
                for part in parts {
                    self.fits(part, span, judged, name);
                }
                true
            }
            (Matcher::Equal(Literal::Bool(_)), Judged::Bool)
            | (
                Matcher::Equal(Literal::Text(_)) | Matcher::Contains(_) | Matcher::Matches(_),
                Judged::Text,
            )
            | (
                Matcher::Equal(Literal::Number(Number::Integer(_)))
                | Matcher::Compare(_, Number::Integer(_)),
                Judged::Integer,
            ) => true,
            (Matcher::Compare(_, Number::Float(bound)), Judged::Integer) => !bound.is_nan(),
            _ => false,
        };
        if fits {
            return;
        }
        let place = span.clone();
        self.report(if judged == Judged::Nothing {
            SpecError::at(
                place,
                format!("values of type {name} can't be judged in this version"),
            )
            .help("integers, bools and strings can; `{ any = true }` holds for every value")
        } else {
            let message = format!("{} can't judge {name}", describe(matcher));
            SpecError::at(place, message).help(judged.help())
        });
    }

    /// The same may be wrong for several functions behind one name; then it is said once.
    fn report(&mut self, error: SpecError) {
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }
}

/// What a matcher looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judged {
    Bool,
    Integer,
    Text,
    Nothing,
}

impl Judged {
    const fn help(self) -> &'static str {
        match self {
            Self::Bool => "it is `true` or `false`",
            Self::Integer => "it takes an integer, or `lt`, `le`, `gt`, `ge` with one",
            Self::Text => "it takes a string, `contains` or `matches`",
            Self::Nothing => "",
        }
    }
}

const fn describe(matcher: &Matcher) -> &'static str {
    match matcher {
        Matcher::Any => "`any`",
        Matcher::Equal(Literal::Bool(_)) => "a bool",
        Matcher::Equal(Literal::Number(Number::Integer(_))) => "an integer",
        Matcher::Equal(Literal::Number(Number::Float(_))) => "a float",
        Matcher::Equal(Literal::Text(_)) => "a string",
        Matcher::Contains(_) => "`contains`",
        Matcher::Matches(_) => "`matches`",
        Matcher::Compare(..) => "a comparison",
        Matcher::All(_) => "that",
        Matcher::Nil(_) => "`nil`",
        Matcher::Length(_) => "`len`",
        Matcher::Type(_) => "`type`",
        Matcher::List(_) => "a list",
        Matcher::Has(_) => "`has`",
        Matcher::Each(_) => "`each`",
        Matcher::Fields(_) => "a table of fields",
    }
}
