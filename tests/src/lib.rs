//! The harness of the live, offline and command-line tests.

pub mod account;
pub mod cases;
pub mod command;
pub mod go;
pub mod harness;
pub mod live;
pub mod signatures;
