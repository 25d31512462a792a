//! A spec as a whole, and its tests.

use std::{path::PathBuf, time::Duration};

use super::{
    CallExpectation, DurationBound, Execution, ExpectedOutcome, Flow, FunctionSpec, GoTestName,
    HandOff, Limits, Origin, Program, Redactions, RequestSpec, Scope, Sequence, Server, Source,
    Span, Spanned, Stub,
};
use crate::matcher::Matcher;

/// A whole spec.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The file.
    pub source: Source,
    /// The program under test.
    pub program: Program,
    /// The services that the program calls.
    pub stubs: Vec<Stub>,
    /// The functions to watch.
    pub functions: Vec<FunctionSpec>,
    /// The limits for all functions that set none of their own.
    pub limits: Limits,
    /// What must not be seen.
    pub redactions: Redactions,
    /// How work is handed from one goroutine to another: `[hand-off]`.
    pub hand_offs: Vec<HandOff>,
    /// How requests are recognized in a program without `net/http`: `[server]`.
    pub server: Option<Server>,
    /// Requests that are sent before those of each test, and not judged: `[[before]]`.
    pub before: Vec<RequestSpec>,
    /// The tests, in the order of the file.
    pub tests: Vec<Test>,
}

impl Spec {
    /// The function entry of that name.
    #[must_use]
    pub fn function(&self, label: &str) -> Option<&FunctionSpec> {
        self.functions.iter().find(|f| f.label.value == label)
    }

    /// Whether its tests are Go tests.
    #[must_use]
    pub const fn is_of_go_tests(&self) -> bool {
        matches!(self.program.origin, Origin::GoTest(_))
    }

    /// Has each stub that has an upstream ask it, in place of its own answers. Gives whether there is one.
    pub fn ask_upstreams(&mut self) -> bool {
        let upstreams = self
            .stubs
            .iter_mut()
            .filter_map(|stub| stub.upstream.as_mut());
        let mut is_any = false;
        for upstream in upstreams {
            upstream.is_asked = true;
            is_any = true;
        }
        is_any
    }

    /// The folder that relative paths in the spec start from.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        match self.source.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        }
    }
}

/// A test.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its name.
    pub name: Spanned<String>,
    /// The Go test that it looks at; none for a test of a program.
    pub go_test: Option<Spanned<GoTestName>>,
    /// Words to choose it by: `tags = ["slow"]`.
    pub tags: Vec<Spanned<String>>,
    /// Its requests, in order; none means that the time from start to ready is judged.
    pub requests: Vec<RequestSpec>,
    /// Requests that are sent before, and not judged: `[[test.before]]`.
    pub before: Vec<RequestSpec>,
    /// Whether its requests share a jar of cookies.
    pub cookies: bool,
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
    /// How many goroutines its requests, or its Go test, may leave running: `goroutines = { left = 0 }`.
    pub left: Option<Spanned<Matcher>>,
    /// Latency bounds over all calls of a function.
    pub latency: Vec<LatencyExpectation>,
    /// Whether the test is held by a snapshot, and the place of that key.
    pub snapshot: Option<Spanned<bool>>,
    /// How the program is started and ended, and what it must write.
    pub execution: Execution,
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
        let steps = self.sequence.iter().flat_map(Sequence::steps);
        calls
            .chain(steps.map(|step| &step.outcome))
            .flatten()
            .any(|outcome| outcome.value == ExpectedOutcome::ProcessEnded)
    }

    /// Whether it says how long something may take.
    #[must_use]
    pub fn bounds_times(&self) -> bool {
        let mut steps = self.sequence.iter().flat_map(Sequence::steps);
        !self.latency.is_empty()
            || self.calls.iter().any(|call| call.took.is_some())
            || steps.any(|step| step.took.is_some() || step.gap.is_some())
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
            || self.left.is_some()
            || self.execution.judges_end()
            || self.execution.judges_output()
            || self.is_held()
    }
}

/// How often a function must be called: `count = { NAME = 1 }` or `{ NAME = { ge = 1 } }`.
#[derive(Clone, Debug)]
pub struct CountExpectation {
    /// The function's name in the spec.
    pub label: Spanned<String>,
    /// The number of calls.
    pub matcher: Spanned<Matcher>,
}

/// Latency bounds of a function: `latency = { NAME = ["p50 < 50ms"] }`.
#[derive(Clone, Debug)]
pub struct LatencyExpectation {
    /// The function's name in the spec.
    pub label: Spanned<String>,
    /// The bounds.
    pub bounds: Vec<Spanned<LatencyBound>>,
}

/// A bound on a statistic: `p99 < 500ms`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencyBound {
    /// Of what.
    pub statistic: Statistic,
    /// The bound.
    pub bound: DurationBound,
}

/// A statistic over durations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// `min`
    Min,
    /// `mean`
    Mean,
    /// `max`
    Max,
    /// `pXX`, in percent, e.g. 99.9
    Percentile(f64),
}
