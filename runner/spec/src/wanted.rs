//! What a spec asks of a function's values, for the plan: it reads parts of them whatever the limits are.

use std::collections::BTreeSet;

use model::{Path, Root};

use super::document::{
    ArgumentExpectation, CallPart, ErrorExpectation, Expression, Sequence, Spanned, Spec, Test,
};
use crate::matcher::Matcher;

impl Spec {
    /// The values that all tests, the hand-offs, the server's key and the function's own filter ask of the functions behind a
    /// name of `[functions]`: sorted, each once; none for a name that is not there.
    ///
    /// A path with no segments is a value as a whole. The variables are those that `error = { is = … }` names. The last
    /// result, which `error` judges, is not among them: the binary knows how many there are, and it is read as a
    /// whole like all results.
    #[must_use]
    pub fn paths_of(&self, label: &str) -> Vec<Path> {
        let mut all = Collection::default();
        let filter = self
            .function(label)
            .and_then(|function| function.filter.as_ref());
        all.values(filter.into_iter().flat_map(Expression::values));
        for test in &self.tests {
            all.test(test, label);
            all.parts(test.flows.iter().flat_map(|flow| &flow.parts), label);
        }
        all.paths.extend(self.keys_of(label));
        all.paths.into_iter().collect()
    }

    /// The values with which `[hand-off]` and `[server]` find the requests that calls of the functions behind a name belong
    /// to: sorted, each once. They are among [`paths_of`](Self::paths_of), but are read whole although a path may
    /// have no segments.
    #[must_use]
    pub fn keys_of(&self, label: &str) -> Vec<Path> {
        let parts = self
            .hand_offs
            .iter()
            .flat_map(|hand_off| [&hand_off.from, &hand_off.to])
            .filter(|part| part.label.value == label)
            .map(|part| part.path.clone());
        let server = self.server.iter();
        let server = server.filter(|server| server.entry.value == label);
        let keys = server.filter_map(|server| Some(server.key.as_ref()?.value.clone()));
        parts
            .chain(keys)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }
}

#[derive(Default)]
struct Collection {
    paths: BTreeSet<Path>,
}

impl Collection {
    fn test(&mut self, test: &Test, label: &str) {
        let steps = test.sequence.iter().flat_map(Sequence::steps);
        for step in steps.filter(|step| step.label.value == label) {
            self.values(&step.args);
            self.results(&step.returns);
            self.error(step.error.as_deref());
        }
        for calls in test.calls.iter().filter(|calls| calls.label.value == label) {
            self.values(&calls.args);
            self.values(&calls.out);
            self.results(&calls.returns);
            self.error(calls.error.as_deref());
        }
    }

    fn parts<'a>(&mut self, parts: impl IntoIterator<Item = &'a CallPart>, label: &str) {
        let parts = parts.into_iter().filter(|part| part.label.value == label);
        self.paths.extend(parts.map(|part| part.path.clone()));
    }

    fn values<'a>(&mut self, values: impl IntoIterator<Item = &'a ArgumentExpectation>) {
        let paths = values.into_iter().map(|value| value.path.value.clone());
        self.paths.extend(paths);
    }

    fn results(&mut self, results: &[Spanned<Matcher>]) {
        let asked = (0..)
            .zip(results)
            .filter(|(_, matcher)| !matches!(matcher.value, Matcher::Any));
        self.paths.extend(asked.map(|(index, _)| result(index)));
    }

    fn error(&mut self, error: Option<&Spanned<ErrorExpectation>>) {
        let name = error.and_then(|error| error.value.is.as_ref());
        let variable = name.map(|name| Path {
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
