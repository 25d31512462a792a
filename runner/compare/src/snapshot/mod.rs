//! Snapshots as trees again: what two of them differ in, call by call, and which values of one test vary from run to run.
//!
//! A snapshot is text that people read and git merges. Here it is read back into calls with their values, so that a difference names
//! the calls that came, went, moved and changed, and each value by its path:
//!
//! ```
//! use compare::snapshot::{TextOptions, difference};
//!
//! let accepted = "GET / → 200\n  main.price(\"book\", 2) → 7\n";
//! let seen = "GET / → 200\n  main.price(\"book\", 3) → 9\n  main.log() returned\n";
//! let difference = difference(accepted, seen, &|_| Vec::new());
//! assert_eq!(difference.counts().to_string(), "1 call changed, 1 added");
//! let lines = difference.lines(&TextOptions::default());
//! assert_eq!(lines, [
//!     "  GET / → 200",
//!     "~   main.price(\"book\", 3) → 9",
//!     "        argument 2: 2 → 3",
//!     "        returns[0]: 7 → 9",
//!     "+   main.log() returned",
//! ]);
//! ```

mod change;
mod difference;
mod kind;
mod node;
mod outside;
mod pieces;
mod text;
mod value;
mod varying;

pub use change::Change;
pub use difference::{Counts, Mark, Row, TreeDifference, difference};
pub use kind::ValueKind;
pub use text::TextOptions;
pub use varying::{Varying, VaryingValue, varying};

#[cfg(test)]
mod tests;
