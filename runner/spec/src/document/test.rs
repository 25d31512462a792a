//! A test: `[[test]]`.

use std::time::Duration;

use super::{
    CallExpectation, CountExpectation, ExpectedOutcome, Flow, LatencyExpectation, RequestSpec,
    Scope, Sequence, SequenceElement, Span, Spanned, Stub,
};

/// A test.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its name.
    pub name: Spanned<String>,
    /// Its requests, in order; none means that the time from start to ready is judged.
    pub requests: Vec<RequestSpec>,
    /// Stubs that answer otherwise in this test.
    pub stubs: Vec<Stub>,
    /// Which calls its expectations look at, where they don't say otherwise: `from`. None: those of its requests.
    pub from: Option<Spanned<Scope>>,
    /// The order of calls.
    pub sequence: Option<Sequence>,
    /// How often functions are called.
    pub counts: Vec<CountExpectation>,
    /// How often functions are called by each request: `count-per-request`.
    pub counts_per_request: Vec<CountExpectation>,
    /// Values that travel from call to call: `flow`.
    pub flows: Vec<Flow>,
    /// Functions that must not be called, anywhere in the program.
    pub never: Vec<Spanned<String>>,
    /// What must hold for every call of a function.
    pub calls: Vec<CallExpectation>,
    /// Latency bounds over all calls of a function.
    pub latency: Vec<LatencyExpectation>,
    /// Whether the test is held by a snapshot, and where that stands.
    pub snapshot: Option<Spanned<bool>>,
    /// How long to wait for the requests' goroutines to end. Default 1 s.
    pub settle: Duration,
    /// How long the whole test may take. Default 60 s.
    pub within: Duration,
    /// Where the test begins.
    pub span: Span,
}

impl Test {
    /// Whether a snapshot holds it.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.snapshot
            .as_ref()
            .is_some_and(|snapshot| snapshot.value)
    }

    /// Whether it asks for calls that the end of the process ends: then the program is to end while the test runs.
    #[must_use]
    pub fn expects_end(&self) -> bool {
        let calls = self.calls.iter().map(|call| &call.outcome);
        let elements = self.sequence.iter().flat_map(|all| &all.elements);
        let steps = elements.flat_map(SequenceElement::steps);
        calls
            .chain(steps.map(|step| &step.outcome))
            .flatten()
            .any(|outcome| outcome.value == ExpectedOutcome::ProcessEnded)
    }

    /// Whether it judges anything: a request's status at least.
    #[must_use]
    pub(crate) fn can_fail(&self) -> bool {
        !self.requests.is_empty()
            || self.sequence.is_some()
            || !self.counts.is_empty()
            || !self.counts_per_request.is_empty()
            || !self.flows.is_empty()
            || !self.never.is_empty()
            || !self.calls.is_empty()
            || !self.latency.is_empty()
            || self.is_held()
    }
}
