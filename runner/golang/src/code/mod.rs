//! A function's machine code: where a call of it begins for a probe, and where it returns.
//!
//! The probe for entries is after the stack check, not on the first instruction: a goroutine whose stack must
//! grow calls `runtime.morestack` and then runs the function again from its start.

mod body;
mod calls;
mod captures;
mod contents;
mod context;
mod epilogue;
mod vectors;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vector_tests;

pub use body::{Body, CodeError, decode};
pub use calls::{DirectCall, direct_calls};
pub(crate) use captures::CaptureUse;
pub(crate) use context::ContextUse;
pub(crate) use epilogue::{Epilogue, Epilogues, NoEpilogue};
pub use vectors::{VectorPiece, VectorSlot, VectorSlots, loaded_results, stored_arguments};
