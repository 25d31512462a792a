//! Hand-assembled bodies of every form of stack check, and one real binary as a whole.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use super::{Body, CodeError, decode};
use crate::model::Address;
