//! Plans of made types: what leads on, what is read, what a path means, and what is redacted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod paths;
mod picks;
mod property;
mod reads;
mod redact;
mod views;
mod world;
