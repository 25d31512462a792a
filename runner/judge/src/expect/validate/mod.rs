//! What can be judged of a spec's expectations before the program starts: whether they name parameters, fields,
//! types and variables that are there, and of values that such a matcher can judge.

mod causality;
mod check;
mod fit;
mod streams;
mod value;

pub use check::validate;

#[cfg(test)]
mod tests;
