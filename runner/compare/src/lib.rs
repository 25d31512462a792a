//! What differs between two sides of observations, where it begins, and what of it is the cause.
//!
//! A **side** is one way of the world: a Go release, a revision, a binary, a setting. Pure: observations come from live sessions or from
//! recordings, and this crate does not know from which.
//!
//! Each [`Run`](run::Run) of a test is reduced to what can be compared. Several runs of one side are [settled](Side::settle): what is not
//! the same in all of them is no difference. Then two sides are [compared](compare).
#![deny(missing_docs)]

pub mod abi;
mod align;
pub mod audit;
mod change;
mod comparison;
mod difference;
pub mod latency;
mod roots;
pub mod run;
pub mod search;
mod side;
pub mod snapshot;
#[cfg(test)]
mod testing;
mod times;
mod value;
mod walk;

pub use change::{Change, What};
pub use comparison::compare;
pub use difference::{Comparison, Difference, Repeated};
pub use roots::join;
pub use side::{Side, Unstable, Wobble};
pub use times::times;
pub use value::{Value, ValueChange};
