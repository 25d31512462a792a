//! Expectations: calls × spec → verdicts. Pure; knows nothing of how the calls were obtained.
//!
//! - **Scope**: an expectation looks at the calls that the test's own requests own, whichever goroutine of their
//!   trees made them; in a test without a request, at all calls. `never` looks everywhere.
//! - **Three values**: whatever could not be read, was cut, was lost or lies within the uncertainty of a
//!   measurement is *unknown*. An expectation fails or passes only if it would do so whatever the unknown parts
//!   were; otherwise it is inconclusive, with the reason (Kleene's strong logic of three values).
//! - **Order** is that of entry, over the whole tree of goroutines of a request.
//!
//! [`validate`] judges what can be judged before the program starts; [`judge`] all else.

mod ancestry;
mod answer;
mod calls;
mod carried;
mod count;
mod demands;
mod duration;
mod error;
mod evidence;
mod execution;
mod filter;
mod flow;
mod json;
mod judge;
mod kept;
mod latency;
mod left;
mod loss;
mod matchers;
mod operand;
mod outcome;
mod part;
mod per_request;
mod predicate;
mod races;
mod reason;
mod received;
mod relation;
mod scope;
mod sequence;
mod standpoint;
mod stubs;
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
#[cfg(test)]
mod tests;
mod totals;
mod truth;
mod validate;
mod value;
mod verdict;
mod watched;
mod wording;

pub use answer::{Unmet, unmet};
pub use evidence::{Evidence, Left};
pub use filter::{Filter, Selection};
pub use judge::judge;
pub use loss::doubt;
pub use operand::{Number, Operand, Wanted};
pub use reason::{LostHits, Reason};
pub use stubs::Unanswered;
pub use totals::{keep, needs_values};
pub use validate::validate;
pub use verdict::{Failure, FailureKind, Finding, LatencyFigures, Verdict};
