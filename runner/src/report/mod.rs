//! Verdicts and calls → terminal, JSON, timelines. Knows nothing of how they were reached.
//!
//! A run is a row of [`Event`]s. [`Run`] takes them, counts them into a [`Summary`], and hands each on to the
//! displays, `Terminal`, `JsonLines`, `JUnit` and `GitHub`, which know nothing of one another.

mod abi;
mod abi_json;
mod abi_markdown;
mod abi_summary;
mod abi_text;
mod aggregate;
mod call;
mod call_line;
mod cause;
mod columns;
mod comparison_json;
mod comparison_markdown;
mod comparison_summary;
mod comparison_text;
mod difference;
mod event;
mod excerpt;
mod exit;
mod file;
mod finding;
mod flow;
mod github;
mod go_test;
mod json;
mod junit;
mod latency;
mod lines;
mod markdown;
mod outcome;
mod palette;
mod perfetto;
#[cfg(test)]
mod perfetto_tests;
mod plain;
mod recorded_stubs;
pub(crate) mod release_matrix;
mod summary;
mod terminal;
#[cfg(test)]
mod tests;
pub mod tree;
#[cfg(test)]
mod tree_tests;
mod upgrade;

pub(crate) use abi::LEGEND as ABI_LEGEND;
pub(crate) use abi_json::abi_json;
pub(crate) use abi_markdown::abi_markdown;
pub(crate) use abi_summary::AbiSummary;
pub(crate) use abi_text::abi_text;
pub(crate) use aggregate::{AggregateOptions, aggregate_json, aggregate_text};
pub(crate) use call::json_call;
pub(crate) use comparison_json::comparison_json;
pub(crate) use comparison_markdown::comparison_markdown;
pub(crate) use comparison_summary::ComparisonSummary;
pub(crate) use comparison_text::{comparison_text, unstable_text};
pub use event::{Display, Event, Run, TestReport};
pub use exit::ExitCode;
pub(crate) use file::{ReportFile, ReportFileError};
pub(crate) use flow::Flow;
pub(crate) use github::{GitHub, GitHubJob};
pub(crate) use go_test::{go_test_lines, go_test_places, go_test_tree};
pub(crate) use json::JsonLines;
pub(crate) use junit::JUnit;
pub(crate) use latency::{latency_json, latency_markdown, latency_roots, latency_text};
pub(crate) use lines::{json_lines, run_lines};
pub use outcome::TestOutcome;
pub use perfetto::Perfetto;
pub(crate) use recorded_stubs::RecordedStubs;
pub use summary::Summary;
pub(crate) use terminal::Terminal;
pub(crate) use upgrade::{UpgradeSummary, upgrade_json, upgrade_markdown, upgrade_text};
