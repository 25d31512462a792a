//! Specs pass; whatever one expectation of them is changed, it fails, and the carets are under that change.
//!
//! Each mutation is a test of a spec with one change. All of them stand in one spec, so that the program is built
//! once; each is a test of its own, with a process of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod causality;
mod mutated;
mod requests;
mod snapshots;
mod tour;
mod values;
