//! A versioned, self-contained file of a session, and its replay.
//!
//! A recording is JSON Lines. The first line says what was watched; then, test by test, what came in, in the order
//! in which it came; the last line says that nothing is missing. Raw records are kept, not calls, so that a replay
//! goes through the same code as the live kernel's records do. What the file holds, member by member, is in `format`.
//!
//! ```
//! use model::{Loss, Timestamp, plan::Plan};
//! use trace::recording::{Header, Recording, TestBegin, TestEnd};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("shop.recording.jsonl");
//! let mut writer = Recording::write(&path, &Header::new(Plan::default(), Vec::new(), None))?;
//! writer.begin_test(&TestBegin { name: "nothing happens".into(), fresh_process: true })?;
//! writer.end_test(&TestEnd { window: (Timestamp(1), Timestamp(2)), ..TestEnd::default() })?;
//! writer.finish()?;
//!
//! let recording = Recording::open(&path)?;
//! assert_eq!(recording.tests()[0].begin.name, "nothing happens");
//! assert!(recording.observe(0)?.calls.is_empty());
//! # Ok(())
//! # }
//! ```

mod contents;
mod error;
mod format;
mod names;
mod open;
mod replay;
mod writer;

pub use contents::{Header, RecordedTest, SpecText, TestBegin, TestEnd, UsedText};
pub use error::{LineError, RecordingError};
pub use names::func_names;
pub use open::Recording;
pub use replay::{ProcessExit, Replay};
pub use writer::Writer;

#[cfg(test)]
mod tests;
