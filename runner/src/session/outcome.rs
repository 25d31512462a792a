//! What the run of a test brings.

use judge::expect::Evidence;
use trace::Dropped;

/// What a test brought.
#[derive(Debug)]
pub struct TestRun {
    /// What it is judged on.
    pub evidence: Evidence,
    /// How the program ended during the test although it should not have, and what it wrote last.
    pub died: Option<String>,
    /// Values of this run, and the placeholders that stand for them.
    pub substitutions: Vec<(String, String)>,
    /// What there was no [room](super::Live::within) for.
    pub dropped: Dropped,
}
