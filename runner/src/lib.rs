//! goproctor proves how a Go program behaves inside, not only what it answers.
#![deny(missing_docs)]

pub mod cli;
pub mod compare;
pub mod drive;
pub mod expect;
pub mod golang;
pub mod kernel;
pub mod model;
pub mod plan;
pub mod recording;
pub mod redact;
pub mod report;
pub mod session;
pub mod snapshot;
pub mod spec;
pub mod target;
pub mod trace;
