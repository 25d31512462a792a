//! `sequence = […]`: the order of calls, judged for each request by itself.
//!
//! `search` finds an assignment of calls to steps or proves that there is none; `matching` says what is a call of
//! a step, once with everything unknown in the sequence's favour and once against it; `judge` does so for each request;
//! `explain` says why there is none.

mod explain;
mod goroutines;
mod hits;
mod judge;
mod matching;
mod search;
#[cfg(test)]
mod tests;

pub(super) use judge::judge;
pub(super) use search::MAX_STEPS_IN_ANY_ORDER;
