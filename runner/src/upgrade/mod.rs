//! What a newer Go release changes in a program: its tests with both releases and both `go` lines, the old behaviours that they use, and
//! why each difference is there.

mod report;
mod search;

pub(crate) use report::{CellState, ExplainedDifference, UpgradeReport, UsedBehaviour};
pub(crate) use search::{UpgradeError, UpgradeRequest, upgrade};
