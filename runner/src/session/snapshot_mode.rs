//! What a run does with snapshots, and where a spec's are.

use judge::snapshot::Store;
use spec::Spec;

/// What to do with snapshots that are new or differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotMode {
    /// They are written beside the accepted ones, to be looked at.
    Propose,
    /// They are accepted.
    Accept,
    /// Nothing is written, and a missing one is a failure: in CI.
    ReadOnly,
    /// The same for a recording, whose spec may be elsewhere.
    Replay,
    /// The same where the program is not built and run as its spec says, so that nothing is to be accepted.
    OtherWorld,
}

/// The snapshots of a spec.
#[must_use]
pub fn store(spec: &Spec, mode: SnapshotMode) -> Store {
    let read_only = match mode {
        SnapshotMode::Propose | SnapshotMode::Accept => false,
        SnapshotMode::ReadOnly | SnapshotMode::Replay | SnapshotMode::OtherWorld => true,
    };
    Store::new(&spec.folder(), &spec.source.stem())
        .read_only(read_only)
        .of_go_tests(spec.is_of_go_tests())
}
