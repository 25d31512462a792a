//! Records → calls: pairing, goroutines, parents, scopes, endings. Pure and streaming; knows neither the
//! kernel nor files.
//!
//! [`Tracer`] is fed with raw records in the order of their arrival and gives an
//! [`Observation`](model::Observation) of any window of time, or of what is settled at a [`Poll`]. A call is identified by its process, its
//! goroutine, the kind of its stack, its function and its frame's depth: stack copies keep the depth, recursion
//! changes it, and whatever happens at a smaller depth ends what was deeper.
//!
//! [`match_requests`] finds the request of an observation for each that was sent.
#![deny(missing_docs)]

pub mod attribution;
mod calls;
mod copies;
pub mod decode;
mod go_tests;
mod goroutines;
mod hand_off;
mod hit;
mod landing;
mod ledger;
mod lifetimes;
pub mod memory;
mod numbers;
mod observe;
mod older;
mod overflow;
mod poll;
mod reached;
pub mod record;
pub mod recording;
pub mod redact;
mod requests;
mod room;
mod running;
mod scopes;
pub mod source;
mod stacks;
mod test_runs;
#[cfg(any(test, feature = "testing"))]
#[allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "for tests, which may fail loudly"
)]
pub mod testing;
mod threads;
mod totals;
mod tracer;
mod unusable;
mod values;

pub use attribution::{Unmatched, match_requests};
pub use decode::{CodePlaces, FunctionNames};
pub use ledger::Counts;
pub use overflow::JudgedNames;
pub use poll::Poll;
pub use reached::Reached;
pub use room::{Dropped, Room};
pub use source::RecordSource;
pub use tracer::{MainEntered, TraceError, Tracer};

#[cfg(test)]
pub(crate) mod tests;
