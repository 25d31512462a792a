//! Verdicts: what was seen against what a spec expects, and against snapshots that were accepted; and calls as numbers.
//!
//! Pure but for the snapshots' files. Knows nothing of how the calls were obtained, nor of binaries.
#![deny(missing_docs)]

pub mod aggregate;
pub mod expect;
pub mod outline;
pub mod snapshot;
