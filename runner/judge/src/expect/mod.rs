//! Expectations: calls × spec → verdicts. Pure; knows nothing of how the calls were obtained.
//!
//! - **Scope**: an expectation looks at the calls that the test's own requests own, whichever goroutine of their
//!   trees made them; in a test without a request, at all calls. `never` looks everywhere.
//! - **Three values**: whatever could not be read, was cut, was lost or lies within the uncertainty of a
//!   measurement is *unknown*. An expectation fails or passes only if it would do so whatever the unknown parts
//!   were; otherwise it is inconclusive, with the reason (Kleene's strong logic of three values).
//! - **Order** is that of entry, over the whole tree of goroutines of a request.
//!
//! [`validate`] judges what can be judged before the program starts; [`judge`] all else.

mod ancestry;
mod answer;
mod calls;
mod count;
mod duration;
mod error;
mod flow;
mod judge;
mod latency;
mod loss;
mod outcome;
mod part;
mod per_request;
mod predicate;
mod races;
mod relation;
mod scope;
mod sequence;
mod standpoint;
#[cfg(any(test, feature = "testing"))]
#[allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "for tests, which may fail loudly"
)]
pub mod testing;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]
mod tests;
mod totals;
mod truth;
mod validate;
mod value;
mod verdict;
mod wording;

pub use judge::judge;
pub use totals::{keep, needs_values};
pub use validate::validate;
pub use verdict::{Failure, FailureKind, Finding, Inconclusive, LatencyFigures, Verdict};

use model::{Completion, Exchange, Observation, Races, RequestId, StubUse};

/// All that a test is judged on.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// What was seen of the program from the test's beginning to its end.
    pub observation: Observation,
    /// The requests that were sent, in the order of the test's entries and their repetitions.
    pub exchanges: Vec<Exchange>,
    /// Which of the program's requests each exchange was, parallel to `exchanges`, or why that is not known.
    pub requests: Vec<Result<RequestId, String>>,
    /// What the stubs were asked.
    pub stubs: Vec<StubUse>,
    /// Whether the test ran into its own time limit before it was complete.
    pub timed_out: bool,
    /// How the test came to its end, if that is known.
    pub completion: Option<Completion>,
    /// What the race detector reported, if it is in the program.
    pub races: Option<Races>,
}
