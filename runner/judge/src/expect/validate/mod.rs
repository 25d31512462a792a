//! What can be judged of a spec's expectations before the program starts: whether they name parameters, fields,
//! types and variables that are there, and of values that such a matcher can judge.

mod causality;
mod check;
mod fit;
mod streams;
mod value;

pub use check::validate;
pub(super) use fit::Types;
pub(super) use value::{Signature, argument, resolved};

#[cfg(test)]
mod tests;
