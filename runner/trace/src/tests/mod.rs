//! The tracer is fed with what a Go program would make the kernel program write, built by hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod attribution;
mod bulk;
mod copies;
mod decoding;
mod goroutines;
mod hand_off;
mod outcomes;
mod pairing;
mod polls;
mod property;
mod room;
mod windows;
