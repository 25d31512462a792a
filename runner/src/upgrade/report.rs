//! What an upgrade was found to change.

use compare::Difference;
use golang::GoRelease;

use crate::{cause::Cause, worlds::Verdicts};

/// What an upgrade changes for the tests of one spec.
#[derive(Clone, Debug)]
pub(crate) struct UpgradeReport {
    /// The release before.
    pub(crate) old: GoRelease,
    /// The release that it goes to.
    pub(crate) new: GoRelease,
    /// The `go` line as it is; none without a go.mod.
    pub(crate) old_line: Option<String>,
    /// The `go` line of the new release; none if it is as it is already.
    pub(crate) new_line: Option<String>,
    /// With both releases, the older first: with the `go` line as it is, and with the new one.
    pub(crate) cells: [[CellState; 2]; 2],
    /// The old behaviours that are used with the new release as long as the `go` line is as it is.
    pub(crate) used: Vec<UsedBehaviour>,
    /// Why there may be more of them.
    pub(crate) audit_gaps: Vec<String>,
    /// What differs once both are new.
    pub(crate) differences: Vec<ExplainedDifference>,
    /// How many worlds were tried to find causes.
    pub(crate) trials: usize,
}

/// How a spec's tests did with a release and a `go` line.
#[derive(Clone, Debug)]
pub(crate) enum CellState {
    /// They ran: how they were judged, and how many differ from what they showed before.
    Ran {
        /// The verdicts.
        verdicts: Verdicts,
        /// Tests that differ.
        differing: usize,
    },
    /// They could not be run; why.
    CouldNotRun(String),
    /// There is no such `go` line to try.
    NotAsked,
}

/// An old behaviour that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UsedBehaviour {
    /// The setting; none if its name could not be read.
    pub(crate) setting: Option<String>,
    /// The test.
    pub(crate) test: String,
    /// The request or the Go test.
    pub(crate) scope: Option<String>,
    /// The innermost watched call, with its arguments.
    pub(crate) call: Option<String>,
    /// How often.
    pub(crate) times: u64,
}

/// A difference, and why it is there.
#[derive(Clone, Debug)]
pub(crate) struct ExplainedDifference {
    /// The test.
    pub(crate) test: String,
    /// The difference.
    pub(crate) difference: Difference,
    /// Whether it is there already with the `go` line as it is.
    pub(crate) with_old_line: bool,
    /// Why.
    pub(crate) cause: Cause,
}
