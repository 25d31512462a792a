//! All expectations of a spec, one by one.

use model::{Function, FunctionId, Label, TypeId, plan::Plan};
use spec::{
    Source, Span, Spanned, Spec, SpecError, SpecErrors,
    document::{ArgumentExpectation, ErrorExpectation, Expression, SequenceElement, Test},
    matcher::Matcher,
};

use super::{
    super::{sequence::MAX_STEPS_IN_ANY_ORDER, wording},
    causality,
    fit::Types,
    streams,
    value::{self, Signature},
};

/// Looks for what is wrong with a spec's expectations, given the plan for the functions behind its names.
///
/// # Errors
/// All that is wrong, in the order of the file.
pub fn validate(spec: &Spec, plan: &Plan) -> Result<(), SpecErrors> {
    let dynamic: Vec<TypeId> = plan.dynamic.iter().map(|dynamic| dynamic.ty).collect();
    let mut check = Check {
        source: &spec.source,
        types: Types {
            all: &plan.types,
            dynamic: &dynamic,
            redacted: &plan.redactions,
        },
        functions: &plan.functions,
        labels: &plan.labels,
        tests: None,
        errors: Vec::new(),
    };
    check.carried(&spec.hand_offs, |program, hand_off| {
        program.hand_off(hand_off)
    });
    check.carried(&spec.server, |program, server| program.server(server));
    for function in &spec.functions {
        let label = &function.label.value;
        check.tests = Some(spec.tests_on(label));
        let filter = function.filter.iter().flat_map(Expression::values);
        check.arguments(label, filter);
    }
    for test in &spec.tests {
        check.tests = Some(vec![test.name.value.clone()]);
        check.test(test);
        for error in streams::ambiguous(spec, test, plan) {
            check.report(error);
        }
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
    source: &'a Source,
    types: Types<'a>,
    functions: &'a [Function],
    labels: &'a [Label],
    /// The tests that can't be run for what is found; none: all.
    tests: Option<Vec<String>>,
    errors: Vec<SpecError>,
}

impl<'a> Check<'a> {
    /// Reports what is wrong with values that carry something from call to call.
    fn carried<'p, P: 'p>(
        &mut self,
        parts: impl IntoIterator<Item = &'p P>,
        wrong: impl Fn(causality::Program<'_>, &P) -> Vec<SpecError>,
    ) {
        for part in parts {
            let program = causality::Program {
                source: self.source,
                types: self.types,
                behind: &|label| self.behind(label),
            };
            for error in wrong(program, part) {
                self.report(error);
            }
        }
    }

    fn test(&mut self, test: &Test) {
        self.carried(&test.flows, |program, flow| program.flow(flow));
        for element in test.sequence.iter().flat_map(|sequence| &sequence.elements) {
            if let SequenceElement::AnyOrder(steps, span) = element {
                self.any_order(steps.len(), span);
            }
            for step in element.steps() {
                let label = step.label.value.as_str();
                self.results(label, &step.returns);
                self.arguments(label, &step.args);
                self.error(label, step.error.as_deref());
            }
        }
        for calls in &test.calls {
            let label = calls.label.value.as_str();
            self.results(label, &calls.returns);
            self.arguments(label, &calls.args);
            self.arguments(label, &calls.out);
            self.error(label, calls.error.as_deref());
        }
    }

    fn any_order(&mut self, steps: usize, span: &Span) {
        if steps > MAX_STEPS_IN_ANY_ORDER {
            let message = format!("{steps} calls in any order are too many");
            self.report(SpecError::at(span.clone(), message).help(format!(
                "an inner list has at most {MAX_STEPS_IN_ANY_ORDER}; each doubles the work"
            )));
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

    fn arguments<'e>(
        &mut self,
        label: &str,
        arguments: impl IntoIterator<Item = &'e ArgumentExpectation>,
    ) {
        for argument in arguments {
            for function in self.behind(label) {
                let (source, types) = (self.source, self.types);
                self.of_all(function, |signature| {
                    value::argument(source, types, signature, argument)
                });
            }
        }
    }

    /// Reports what is wrong for every signature that calls of a function can have: an instance of a generic function
    /// that an expectation does not suit is not as demanded.
    fn of_all(
        &mut self,
        function: &'a Function,
        check: impl Fn(Signature<'a>) -> Result<(), Box<SpecError>>,
    ) {
        let mut first = None;
        for signature in Signature::all(function) {
            match check(signature) {
                Ok(()) => return,
                Err(error) => {
                    first.get_or_insert(error);
                }
            }
        }
        if let Some(error) = first {
            self.report(*error);
        }
    }

    fn results(&mut self, label: &str, returns: &[Spanned<Matcher>]) {
        let (Some(first), Some(last)) = (returns.first(), returns.last()) else {
            return;
        };
        let place = first.span.start..last.span.end;
        for function in self.behind(label) {
            if function.results.len() != returns.len() {
                let error = self.other_count(function, returns.len(), place.clone());
                self.report(error);
                continue;
            }
            for (index, matcher) in returns.iter().enumerate() {
                let types = self.types;
                self.of_all(function, |signature| match signature.results.get(index) {
                    Some(result) => types
                        .fit(&matcher.value, result.ty)
                        .map_err(|misfit| value::at(&matcher.span, misfit)),
                    None => Ok(()),
                });
            }
        }
    }

    fn other_count(&self, function: &Function, given: usize, place: Span) -> SpecError {
        let results = &function.results;
        let types = results.iter().map(|result| self.types.all.name(result.ty));
        let types: Vec<&str> = types.collect();
        let help = match types.as_slice() {
            [] => "remove `returns`".to_owned(),
            _ => format!(
                "its results: {}; `{{ any = true }}` matches any of them",
                types.join(", ")
            ),
        };
        let given = match given {
            1 => "1 is".to_owned(),
            count => format!("{count} are"),
        };
        let count = wording::plural(results.len(), "result");
        let message = format!("{} has {count}, but {given} given here", function.name);
        SpecError::at(place, message).help(help)
    }

    fn error(&mut self, label: &str, error: Option<&Spanned<ErrorExpectation>>) {
        let Some(error) = error else {
            return;
        };
        for function in self.behind(label) {
            if let Err(error) = value::error(self.types, function, error) {
                self.report(*error);
            }
        }
    }

    /// The same may be wrong for several functions behind one name; then it is said once.
    fn report(&mut self, mut error: SpecError) {
        error.tests.clone_from(&self.tests);
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }
}
