//! What was concluded of one expectation.

use model::{CallId, Nanoseconds};
use spec::Span;

use super::Reason;

/// What was concluded of one expectation of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The expectation's place in the spec: the narrowest, for carets.
    pub span: Span,
    /// The expectation in few words, e.g. `args.name of prepareAnswer` or `p99 of handler`.
    pub subject: String,
    /// How it went.
    pub finding: Finding,
    /// The figures, for a bound on latency that had calls to judge.
    pub figures: Option<LatencyFigures>,
}

impl Verdict {
    /// A verdict without figures.
    #[must_use]
    pub const fn new(span: Span, subject: String, finding: Finding) -> Self {
        Self {
            span,
            subject,
            finding,
            figures: None,
        }
    }
}

/// How an expectation went.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// It holds.
    Passed {
        /// What it was judged on, e.g. `1 call` or `40 calls, p50 8.0 ms`.
        basis: String,
    },
    /// It does not hold.
    Failed(Failure),
    /// It can't be decided.
    Inconclusive(Reason),
}

impl Finding {
    /// Whether it holds; none where that can't be decided.
    #[must_use]
    pub const fn holds(&self) -> Option<bool> {
        match self {
            Self::Passed { .. } => Some(true),
            Self::Failed(_) => Some(false),
            Self::Inconclusive(_) => None,
        }
    }

    /// That it holds, unless there is a reason to doubt.
    pub(super) fn passed(doubt: Option<Reason>, basis: impl FnOnce() -> String) -> Self {
        match doubt {
            Some(reason) => Self::Inconclusive(reason),
            None => Self::Passed { basis: basis() },
        }
    }

    /// That it does not hold, unless there is a reason to doubt.
    pub(super) fn failed(doubt: Option<Reason>, failure: impl FnOnce() -> Failure) -> Self {
        match doubt {
            Some(reason) => Self::Inconclusive(reason),
            None => Self::Failed(failure()),
        }
    }
}

/// Why an expectation does not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// In which way.
    pub kind: FailureKind,
    /// The text beside the carets, e.g. `name of prepareAnswer`.
    pub label: String,
    /// What was wanted.
    pub want: Option<String>,
    /// What was seen instead.
    pub got: Option<String>,
    /// What is shown beside `got` in parentheses, e.g. `string; 1 of 3 calls`.
    pub remark: Option<String>,
    /// Further facts, a line each, e.g. the nearest call in the background.
    pub notes: Vec<String>,
    /// The call that it is about.
    pub call: Option<CallId>,
    /// Index of the exchange that it is about, in [`Evidence::exchanges`](super::Evidence::exchanges).
    pub exchange: Option<usize>,
}

impl Failure {
    /// A failure of that kind with the text beside the carets, and nothing else yet.
    #[must_use]
    pub fn new(kind: FailureKind, label: impl Into<String>) -> Self {
        Self {
            kind,
            label: label.into(),
            want: None,
            got: None,
            remark: None,
            notes: Vec::new(),
            call: None,
            exchange: None,
        }
    }
}

/// In which way an expectation does not hold; decides the word that a report opens with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// An argument, a result, an outcome: `FAIL`
    Value,
    /// A call that did not happen: `MISSING`
    Missing,
    /// Calls in another order: `ORDER`
    Order,
    /// Another number of calls: `COUNT`
    Count,
    /// A call that must not happen: `NEVER`
    Never,
    /// Elapsed too long, or not long enough: `LATENCY`
    Latency,
    /// Status, headers or body of a response: `ANSWER`
    Answer,
    /// Another snapshot: `SNAPSHOT`
    Snapshot,
    /// The test was not complete within its own limit: `TIMEOUT`
    Timeout,
    /// The race detector reported a data race: `RACE`
    Race,
    /// A Go test left goroutines running: `LEFT`
    Left,
    /// The program wrote something else: `OUTPUT`
    Output,
    /// The program ended otherwise: `EXIT`
    Exit,
    /// A Go test that fails by itself: `FAIL`
    GoTest,
}

/// The figures of a latency bound, for reports; percentiles by nearest rank, however few the calls are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LatencyFigures {
    /// Number of calls.
    pub count: u64,
    /// Smallest, our own cost taken off.
    pub min: Nanoseconds,
    /// Median, likewise.
    pub p50: Nanoseconds,
    /// 95th percentile, likewise.
    pub p95: Nanoseconds,
    /// 99th percentile, likewise.
    pub p99: Nanoseconds,
    /// Largest, likewise.
    pub max: Nanoseconds,
}
