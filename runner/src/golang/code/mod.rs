//! A function's machine code: where a call of it begins for a probe, and where it returns.
//!
//! The probe for entries stands after the stack check, not on the first instruction: a goroutine whose stack must
//! grow calls `runtime.morestack` and then runs the function again from its start.

mod body;

#[cfg(test)]
mod tests;

pub use body::{Body, CodeError, decode};
