//! How a test went.

use serde::Serialize;

/// How a test went as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TestOutcome {
    /// All expectations hold.
    Passed,
    /// All expectations hold, but not in every attempt at it.
    Flaky,
    /// One does not.
    Failed,
    /// None fails, but one could not be decided.
    Inconclusive,
    /// It could not be run.
    CouldNotRun,
    /// It was not run, because its spec is wrong.
    WrongSpec,
}

impl TestOutcome {
    /// Whether it passed, be it in a later attempt.
    #[must_use]
    pub(crate) const fn has_passed(self) -> bool {
        matches!(self, Self::Passed | Self::Flaky)
    }

    /// Whether another attempt may go otherwise. What keeps a test from running does so again.
    #[must_use]
    pub(crate) const fn is_worth_a_retry(self) -> bool {
        matches!(self, Self::Failed | Self::Inconclusive)
    }
}
