//! The structure of goproctor's own source: which crate may use which, that every public item is for another crate, that
//! files don't use one another in circles, and that an architecture is a folder; and all that it says, in a list.
//!
//! The tables in docs/architecture.md and the code must say the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod arch;
mod circles;
mod layers;
mod messages;
mod public;
mod source;
