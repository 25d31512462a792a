//! Verdicts → terminal, JSON. Knows nothing of how they were reached.

mod columns;
pub mod durations;
mod outline;
pub mod tree;
pub mod values;

#[cfg(test)]
mod tree_tests;
