//! What can be judged of a spec's expectations before the program starts: whether they speak of arguments and
//! results that are there, and of types that can be judged.

use super::sequence::MOST_STEPS_IN_ANY_ORDER;
use crate::{
    model::{Function, FunctionId, Kind, Label, Parameter, TypeTable},
    spec::{
        Span, Spanned, Spec,
        document::{ArgumentExpectation, Sequence, SequenceElement, Statistic, Step, Test},
        matcher::{Literal, Matcher, Number},
    },
};

/// Something in a spec that can't be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecProblem {
    /// Where it stands: the narrowest place.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// What is wrong with a spec's expectations, given the functions behind its names; in the order of the file.
#[must_use]
pub fn validate(
    spec: &Spec,
    types: &TypeTable,
    functions: &[Function],
    labels: &[Label],
) -> Vec<SpecProblem> {
    let mut check = Check {
        types,
        functions,
        labels,
        problems: Vec::new(),
    };
    for function in &spec.functions {
        check.arguments(&function.label.value, &function.filter);
    }
    for test in &spec.tests {
        check.test(test);
    }
    let mut problems = check.problems;
    problems.sort_by_key(|problem| problem.span.start);
    problems
}

struct Check<'a> {
    types: &'a TypeTable,
    functions: &'a [Function],
    labels: &'a [Label],
    problems: Vec<SpecProblem>,
}

impl<'a> Check<'a> {
    fn test(&mut self, test: &Test) {
        for request in &test.requests {
            if let Some(status) = &request.status {
                self.fits(&status.value, &status.span, Judged::Integer, "a status");
            }
            if let Some(body) = &request.expected_body {
                self.fits(&body.value, &body.span, Judged::Text, "a body");
            }
            for (_, header) in &request.expected_headers {
                self.fits(&header.value, &header.span, Judged::Text, "a header");
            }
        }
        if let Some(sequence) = &test.sequence {
            self.sequence(sequence);
        }
        for count in &test.counts {
            let matcher = &count.matcher;
            self.fits(&matcher.value, &matcher.span, Judged::Count, "a count");
        }
        for calls in &test.calls {
            self.arguments(&calls.label.value, &calls.args);
            self.results(&calls.label.value, &calls.returns);
        }
        for bound in test.latency.iter().flat_map(|latency| &latency.bounds) {
            if let Statistic::Percentile(percent) = bound.value.statistic
                && !(percent > 0.0 && percent < 100.0)
            {
                self.problem(
                    &bound.span,
                    format!("p{percent} is not a percentile"),
                    Some("percentiles lie between p0 and p100; the largest is `max`, the smallest `min`".to_owned()),
                );
            }
        }
    }

    fn sequence(&mut self, sequence: &Sequence) {
        let mut has_step_before = false;
        for element in &sequence.elements {
            match element {
                SequenceElement::Forbidden(_) => continue,
                SequenceElement::Step(step) => self.step(step, has_step_before),
                SequenceElement::AnyOrder(steps, span) => {
                    for step in steps {
                        self.step(step, has_step_before);
                    }
                    if steps.len() > MOST_STEPS_IN_ANY_ORDER {
                        self.problem(
                            span,
                            format!("{} steps in any order", steps.len()),
                            Some(format!(
                                "an inner list has at most {MOST_STEPS_IN_ANY_ORDER} steps"
                            )),
                        );
                    }
                }
            }
            has_step_before = true;
        }
    }

    fn step(&mut self, step: &Step, has_step_before: bool) {
        self.arguments(&step.label.value, &step.args);
        self.results(&step.label.value, &step.returns);
        if let Some(gap) = &step.gap
            && !has_step_before
        {
            self.problem(
                &gap.span,
                "no step comes before this gap".to_owned(),
                Some(
                    "a gap is the time from the step before, so the first step can't have one"
                        .to_owned(),
                ),
            );
        }
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
        let name = argument.name.value.as_str();
        let parameters = &function.parameters;
        if let Some(parameter) = parameters.iter().find(|p| p.name == name) {
            self.parameter(parameter, &argument.matcher);
            return;
        }
        let head = name.split(['.', '[']).next().unwrap_or_default();
        let is_path = head != name && parameters.iter().any(|p| p.name == head);
        let (message, help) = if is_path {
            (
                "paths into values can't be judged in this version".to_owned(),
                Some(format!(
                    "`{head}` alone, if it is an integer, a bool or a string"
                )),
            )
        } else {
            (
                format!("{} has no parameter {name:?}", function.name),
                Some(self.known_parameters(function, name)),
            )
        };
        self.problem(&argument.name.span, message, help);
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
        let nearest = named
            .iter()
            .map(|p| (strsim::damerau_levenshtein(&p.name, wanted), &p.name))
            .filter(|(distance, name)| *distance <= name.chars().count().div_ceil(3))
            .min();
        match nearest {
            Some((_, name)) => format!("did you mean `{name}`? Its parameters: {list}"),
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
                self.problem(
                    &(first.span.start..last.span.end),
                    format!(
                        "{} has {}, but {} given here",
                        function.name,
                        super::wording::plural(results.len(), "result"),
                        match returns.len() {
                            1 => "1 is".to_owned(),
                            count => format!("{count} are"),
                        }
                    ),
                    Some(help),
                );
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
                Judged::Integer | Judged::Count,
            ) => true,
            (Matcher::Compare(_, Number::Float(bound)), Judged::Integer) => !bound.is_nan(),
            _ => false,
        };
        if fits {
            return;
        }
        if judged == Judged::Nothing {
            self.problem(
                span,
                format!("values of type {name} can't be judged in this version"),
                Some(
                    "integers, bools and strings can; `{ any = true }` holds for every value"
                        .to_owned(),
                ),
            );
        } else {
            self.problem(
                span,
                format!("{} can't judge {name}", describe(matcher)),
                Some(judged.help().to_owned()),
            );
        }
    }

    fn problem(&mut self, span: &Span, message: String, help: Option<String>) {
        let problem = SpecProblem {
            span: span.clone(),
            message,
            help,
        };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

/// What a matcher looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judged {
    Bool,
    Integer,
    Count,
    Text,
    Nothing,
}

impl Judged {
    const fn help(self) -> &'static str {
        match self {
            Self::Bool => "it is `true` or `false`",
            Self::Integer | Self::Count => {
                "it takes an integer, or `lt`, `le`, `gt`, `ge` with one"
            }
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
    }
}
