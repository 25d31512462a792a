//! How a test went.

use serde::Serialize;

/// How a test went as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TestOutcome {
    /// All expectations hold.
    Passed,
    /// One does not.
    Failed,
    /// None fails, but one could not be decided.
    Inconclusive,
    /// It could not be run.
    CouldNotRun,
    /// It was not run, because its spec is wrong.
    WrongSpec,
}
