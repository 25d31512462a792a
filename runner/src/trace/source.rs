//! Where records come from: the live kernel or a recording. Everything after it is the same.

use std::time::Duration;

use crate::model::{Loss, Timestamp};

/// A source of raw records, each in the layout of `goproctor_ebpf::RecordHeader`.
pub trait RecordSource {
    /// Why records can't be had.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Hands each record that is there to `sink`, in the order in which they were reserved; waits up to
    /// `wait` for the first one. Returns how many there were; 0 when the time passed without one.
    ///
    /// # Errors
    /// The source can't be read any more.
    fn drain(&mut self, wait: Duration, sink: &mut dyn FnMut(&[u8])) -> Result<usize, Self::Error>;

    /// What has been lost since the source was opened.
    ///
    /// # Errors
    /// The source can't be read any more.
    fn loss(&mut self) -> Result<Loss, Self::Error>;

    /// The moment now, on the clock of the records.
    fn now(&self) -> Timestamp;
}
