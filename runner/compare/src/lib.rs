//! What differs between two sides of observations, where it begins, and what of it is the cause.
//!
//! A **side** is one way of the world: a Go release, a revision, a binary, a setting. Pure: observations come from live sessions or from
//! recordings, and this crate does not know from which.
#![deny(missing_docs)]

pub mod audit;
pub mod latency;
pub mod search;
