//! How `go test` and its test binaries are spoken to. Pure: knows neither processes nor verdicts' reasons.
//!
//! [`stream`] rewrites what a test binary prints, so that a test whose expectations do not hold fails in the words of package
//! `testing`. [`flags`] reads what `go test` gives a test binary.
#![deny(missing_docs)]

mod flags;
pub mod stream;

pub use flags::{Flag, flags};
