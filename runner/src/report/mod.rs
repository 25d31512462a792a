//! Verdicts and calls → terminal, JSON, timelines. Knows nothing of how they were reached.
//!
//! A run is a row of [`Event`]s. [`Run`] takes them, counts them into a [`Summary`], and hands each on to the
//! displays, `Terminal` and `JsonLines`, which know nothing of one another.

mod call;
mod call_line;
mod columns;
mod event;
mod excerpt;
mod exit;
mod go_test;
mod json;
mod lines;
mod outcome;
mod palette;
mod perfetto;
#[cfg(test)]
mod perfetto_tests;
pub(crate) mod release_matrix;
mod summary;
mod terminal;
#[cfg(test)]
mod tests;
pub mod tree;
#[cfg(test)]
mod tree_tests;

pub(crate) use call::json_call;
pub use event::{Display, Event, Run, TestReport};
pub use exit::ExitCode;
pub(crate) use go_test::{go_test_lines, go_test_places, go_test_tree};
pub(crate) use json::JsonLines;
pub(crate) use lines::{json_lines, run_lines};
pub use outcome::TestOutcome;
pub use perfetto::Perfetto;
pub use summary::Summary;
pub(crate) use terminal::Terminal;
