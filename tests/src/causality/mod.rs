//! What the fixtures' journals say of calls, and whether an observation says the same: which goroutine made a call,
//! under which other call, for which request, with which arguments and results, how it ended, and in which order.
//!
//! The journals are written by `go-fixtures/base/journal`. Each event in them has a number from one atomic counter, taken
//! inside the call that it is of. So two hits of probes are in order whenever an event after the one has a smaller number
//! than, or is, an event before the other: `order` checks all of these, within goroutines and across.

mod compare;
mod log;
mod order;
#[cfg(test)]
mod tests;

pub use compare::{Tally, compare};
pub use log::{Log, LogError, Run, Signature, Told};
