//! What a spec asks of the plan: the functions, the parts of their values that expectations name, and what must not
//! be seen.

use std::collections::BTreeSet;

use crate::{
    model::{Path, Root},
    plan::{PlanRequest, Redact, WatchedLabel},
    spec::{
        Spanned, Spec,
        document::{ArgumentExpectation, ErrorExpectation, SequenceElement, Step},
    },
};

/// The request for a spec's plan.
pub(super) fn plan_request(spec: &Spec) -> PlanRequest<'static> {
    let labels = spec.functions.iter().map(|function| WatchedLabel {
        limits: function.limits.unwrap_or(spec.limits),
        paths: paths(spec, &function.label.value),
        ..WatchedLabel::new(function.label.value.clone(), function.pattern.value.clone())
    });
    let mut request = PlanRequest::new(labels.collect());
    let redactions = &spec.redactions;
    let of_paths = redactions.paths.iter().map(|redaction| Redact::Path {
        pattern: redaction.pattern.value.clone(),
        label: redaction.label.clone(),
    });
    let of_types = redactions.types.iter().map(|redaction| Redact::Type {
        pattern: redaction.pattern.value.clone(),
        label: redaction.label.clone(),
    });
    request.redact = of_paths.chain(of_types).collect();
    request
}

/// The paths that a spec asks for in the calls of one name, each once.
fn paths(spec: &Spec, label: &str) -> Vec<Path> {
    let mut paths = Paths::default();
    let functions = spec.functions.iter();
    for function in functions.filter(|function| function.label.value == label) {
        paths.add(&function.filter);
    }
    for test in &spec.tests {
        for element in test.sequence.iter().flat_map(|sequence| &sequence.elements) {
            let steps = match element {
                SequenceElement::Step(step) => std::slice::from_ref(step),
                SequenceElement::AnyOrder(steps, _) => steps,
                SequenceElement::Forbidden(_) => &[],
            };
            let of_label = |step: &&Step| step.label.value == label;
            for step in steps.iter().filter(of_label) {
                paths.add(&step.args);
                paths.add_error(step.error.as_deref());
            }
        }
        for calls in test.calls.iter().filter(|calls| calls.label.value == label) {
            paths.add(&calls.args);
            paths.add(&calls.out);
            paths.add_error(calls.error.as_deref());
        }
    }
    paths.all.into_iter().collect()
}

#[derive(Default)]
struct Paths {
    all: BTreeSet<Path>,
}

impl Paths {
    fn add(&mut self, expectations: &[ArgumentExpectation]) {
        let paths = expectations.iter();
        self.all
            .extend(paths.map(|expectation| expectation.path.value.clone()));
    }

    /// `is` names a variable of a package.
    fn add_error(&mut self, error: Option<&Spanned<ErrorExpectation>>) {
        let name = error.and_then(|error| error.value.is.as_ref());
        self.all.extend(name.map(|name| Path {
            root: Root::Variable(name.value.clone()),
            segments: Vec::new(),
        }));
    }
}
