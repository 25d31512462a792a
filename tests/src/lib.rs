//! The harness of the live, offline and command-line tests.

pub mod account;
pub mod cases;
pub mod causality;
pub mod command;
#[allow(
    clippy::expect_used,
    clippy::cast_possible_truncation,
    reason = "a target fails loudly, and takes bytes as they come"
)]
pub mod fuzz;
pub mod git;
pub mod go;
pub mod harness;
pub mod live;
pub mod page;
pub mod postgres;
pub mod signatures;
