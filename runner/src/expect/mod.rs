//! Expectations: calls × spec → verdicts. Pure; knows nothing of how the calls were obtained.

mod verdict;

pub use verdict::{Failure, FailureKind, Finding, Inconclusive, LatencyFigures, Verdict};

use crate::model::{Exchange, Observation, StubUse};

/// All that a test is judged on.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// What was seen of the program from the test's beginning to its end.
    pub observation: Observation,
    /// The requests that were sent, in the order of the test's entries and their repetitions.
    pub exchanges: Vec<Exchange>,
    /// What the stubs were asked.
    pub stubs: Vec<StubUse>,
    /// Whether the test ran into its own time limit before it was complete.
    pub timed_out: bool,
}
