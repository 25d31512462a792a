//! A test whose snapshot is new is run twice: what is another in the second run can't be held by a snapshot.

use judge::{expect, snapshot::Comparison};
use spec::{Spec, document::Test};

use super::{
    Live, TestRun, Work,
    snapshot_mode::{SnapshotMode, store},
};

/// Runs a test once more if its snapshot is the first. Not where the next run would find the program in another state, which is
/// then no surprise, and not where a snapshot of an earlier run says whether anything varies.
pub(crate) fn second_look(
    spec: &Spec,
    test: &Test,
    work: &Work<'_>,
    ran: &TestRun,
    mode: SnapshotMode,
    live: &mut Live<'_>,
) -> Option<TestRun> {
    let is_first = || {
        let store = store(spec, mode);
        let compared = store.compare(&ran.name, "");
        matches!(compared, Ok(Comparison::Missing)) && !store.new_path(&ran.name).exists()
    };
    let is_written = matches!(mode, SnapshotMode::Propose | SnapshotMode::Accept);
    let is_whole = ran.died.is_none() && expect::doubt(&ran.evidence).is_none();
    let is_looked_at =
        test.is_held() && spec.program.restart && is_written && is_whole && is_first();
    // What fails the second time had a verdict the first time.
    is_looked_at.then(|| live.run(work).ok()).flatten()
}
