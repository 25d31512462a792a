//! Tests against the running kernel: they need its privileges and fail without them.

mod fixture;
mod hits;
