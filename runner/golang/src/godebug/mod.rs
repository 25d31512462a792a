//! The settings that GODEBUG selects old behaviours of Go with (<https://go.dev/doc/godebug>): which a release has, which a program
//! starts with, which moved between two releases or `go` lines, and which of a program's uses of one makes a difference.
//!
//! A release names its settings in `internal/godebugs/table.go`. cmd/go derives from it and from the `go` line what a program starts
//! with, and `go list` says it (`DefaultGODEBUG`).
//!
//! ```
//! use golang::godebug::SettingTable;
//!
//! let source = br#"package godebugs
//! var All = []Info{
//!     {Name: "urlstrictcolons", Package: "net/url", Changed: 26, Old: "0"},
//! }"#;
//! let table = SettingTable::read(source)?;
//! let values = "urlstrictcolons=0".parse()?;
//! assert!(table.removed("urlstrictcolons").is_none());
//! assert_eq!(table.refused(&values).count(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod moved;
#[cfg(test)]
mod program_tests;
mod reports;
mod stack_search;
mod table;
mod table_source;
mod values;

pub use moved::{Behaviour, MovedSetting, SettingWorld, Trial, moved_settings};
pub use reports::{BisectReports, ReportedUse, UseId};
pub use stack_search::{
    Effect, SearchLimits, SearchProblem, SearchStep, StackSearch, UsePattern, UseSet,
};
pub use table::{DefaultChange, Refused, RemovedSetting, Setting, SettingTable};
pub use table_source::TableError;
pub use values::{InvalidSetting, SettingValues};
