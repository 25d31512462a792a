//! What a spec asks of a function's values, for the plan: so that it is read, whatever the limits are.

use std::collections::BTreeSet;

use super::document::{
    ArgumentExpectation, ErrorExpectation, SequenceElement, Spanned, Spec, Step, Test,
};
use crate::{
    model::{Path, Root},
    spec::matcher::Matcher,
};

/// What a spec asks of the values of the functions behind one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The values that are judged, sorted, each once. A path with no segments is a value as a whole. Variables are
    /// those that `error = { is = … }` names.
    pub paths: Vec<Path>,
    /// Whether the last result is judged as an error. How many results there are is for the binary to tell; so its
    /// path is not among `paths`.
    pub error: bool,
}

impl Wanted {
    /// All paths for a function with so many results: `paths`, and the last result if it is judged as an error.
    #[must_use]
    pub fn paths_for(&self, results: usize) -> Vec<Path> {
        let last = results.checked_sub(1).filter(|_| self.error);
        let last = last.and_then(|index| u32::try_from(index).ok()).map(result);
        let mut paths = self.paths.clone();
        paths.extend(last);
        paths.sort();
        paths.dedup();
        paths
    }
}

impl Spec {
    /// What all tests, and the function's own filter, ask of the values of the functions behind a name of
    /// `[functions]`. Nothing is wanted of a name that is not there.
    #[must_use]
    pub fn paths_of(&self, label: &str) -> Wanted {
        let mut all = Collection::default();
        if let Some(function) = self.function(label) {
            all.values(&function.filter);
        }
        for test in &self.tests {
            all.test(test, label);
        }
        Wanted {
            paths: all.paths.into_iter().collect(),
            error: all.error,
        }
    }
}

#[derive(Default)]
struct Collection {
    paths: BTreeSet<Path>,
    error: bool,
}

impl Collection {
    fn test(&mut self, test: &Test, label: &str) {
        for element in test.sequence.iter().flat_map(|sequence| &sequence.elements) {
            let steps = match element {
                SequenceElement::Step(step) => std::slice::from_ref(step),
                SequenceElement::AnyOrder(steps, _) => steps,
                SequenceElement::Forbidden(_) => &[],
            };
            for step in steps.iter().filter(|step| step.label.value == label) {
                self.step(step);
            }
        }
        for calls in test.calls.iter().filter(|calls| calls.label.value == label) {
            self.values(&calls.args);
            self.values(&calls.out);
            self.results(&calls.returns);
            self.error(calls.error.as_deref());
        }
    }

    fn step(&mut self, step: &Step) {
        self.values(&step.args);
        self.results(&step.returns);
        self.error(step.error.as_deref());
    }

    fn values(&mut self, values: &[ArgumentExpectation]) {
        let paths = values.iter().map(|value| value.path.value.clone());
        self.paths.extend(paths);
    }

    fn results(&mut self, results: &[Spanned<Matcher>]) {
        let asked = (0..)
            .zip(results)
            .filter(|(_, matcher)| !matches!(matcher.value, Matcher::Any));
        self.paths.extend(asked.map(|(index, _)| result(index)));
    }

    fn error(&mut self, error: Option<&Spanned<ErrorExpectation>>) {
        let Some(error) = error else {
            return;
        };
        self.error = true;
        let variable = error.value.is.as_ref().map(|name| Path {
            root: Root::Variable(name.value.clone()),
            segments: Vec::new(),
        });
        self.paths.extend(variable);
    }
}

/// A result as a whole.
const fn result(index: u32) -> Path {
    Path {
        root: Root::Result(index),
        segments: Vec::new(),
    }
}
