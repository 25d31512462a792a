//! Snapshots that wait for a decision, shown one at a time on a terminal. Each decision is made when its key is pressed.
//!
//! [`Review`] is what is shown and decided, and knows no terminal; [`Terminal`] brings keys and shows lines.

mod key;
mod lines;
mod state;
mod terminal;
mod view;

pub(crate) use lines::{clean, painted};
pub(crate) use state::{Entry, Review};
pub(crate) use terminal::Terminal;

#[cfg(test)]
mod tests;
