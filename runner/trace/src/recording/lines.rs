//! The tests of a recording, and where their lines are.

use super::{TestBegin, TestEnd};

/// A test of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedTest {
    /// How it began.
    pub begin: TestBegin,
    /// How it ended.
    pub end: TestEnd,
    /// Where its lines are.
    pub(super) lines: Lines,
}

/// A stretch of lines in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    /// Where the first one begins, in bytes.
    pub(super) offset: u64,
    /// Its number, from 1.
    pub(super) first: usize,
    /// How many there are.
    pub(super) count: usize,
}
