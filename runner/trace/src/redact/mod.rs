//! What must not be seen is gone before anything below sees it.
//!
//! Values that a spec redacts by path or by type are never read: the [plan](model::plan) leaves them out. What it redacts
//! by pattern has to be read to be known: [`Patterns`] overwrites it in the raw record and in every text that leaves the
//! program, before a recording, a tracer, a snapshot or a report gets hold of it. What is there afterwards is as
//! long as what stood there before.
//!
//! ```
//! use trace::redact::Patterns;
//!
//! let patterns = Patterns::new(["Bearer [a-z0-9]+"])?;
//! assert_eq!(patterns.clean("Authorization: Bearer x7q!"), "Authorization: **********!");
//! # Ok::<(), trace::redact::PatternError>(())
//! ```

mod exchange;
mod patterns;
mod record;

pub use patterns::{PatternError, Patterns};
