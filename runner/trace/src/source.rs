//! Where records come from: the live kernel or a recording. Everything after it is the same.

use std::time::Duration;

use goproctor_ebpf::SiteCount;
use model::{Loss, Timestamp};

/// A moment, up to which all records can be taken in.
#[derive(Clone, Debug, Default)]
pub struct Mark {
    /// When it was set, on the clock of the records. What happened before is in front of it.
    pub time: Timestamp,
    /// How far the source had come then; what it counts is the source's own business.
    pub position: u64,
    /// By site, how often it was hit before; empty where that was not asked for, or is not known.
    pub counts: Vec<SiteCount>,
}

/// What is missing of the hits in front of a mark.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounted {
    /// What was lost, and not forgotten since.
    pub loss: Loss,
    /// Whether it is known of each hit that it was received or lost. If not, some are still under way, and the
    /// loss has what the source knows.
    pub complete: bool,
}

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

    /// This moment, without counts.
    fn mark(&mut self) -> Mark;

    /// This moment, with counts: [`loss`](Self::loss) can be asked for it.
    ///
    /// # Errors
    /// The source can't be read any more.
    fn mark_and_count(&mut self) -> Result<Mark, Self::Error>;

    /// Whether all records in front of a mark were handed out.
    fn has_passed(&self, mark: &Mark) -> bool;

    /// What was lost in front of a mark that was passed, since the source was opened or a loss was forgotten.
    ///
    /// # Errors
    /// The source can't be read any more.
    fn loss(&mut self, mark: &Mark) -> Result<Accounted, Self::Error>;

    /// Forgets what was lost before a mark, because it is reported.
    fn forget_loss(&mut self, mark: &Mark);
}
