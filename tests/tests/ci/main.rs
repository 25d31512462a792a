//! What goproctor gives to a CI and to a shell, read by others: JUnit reports, the examples of docs/ci.md, completions, man pages. Run as root.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod examples;
mod junit;
mod place;
mod python;
mod shell;
