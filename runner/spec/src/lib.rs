//! The spec language: what a `NAME.proctor.toml` file says. Knows nothing of binaries or the kernel.
//!
//! [`read`] a file or [`parse`] its text: the result is a [`Spec`] in which every part knows its place in the file, or
//! [`SpecErrors`] with all that is wrong, rendered with carets. The language itself is described in `docs/spec.md`.
#![deny(missing_docs)]

mod captures;
mod cases;
pub mod config;
mod contradictions;
mod cursor;
mod dependence;
mod display;
pub mod document;
mod duration;
mod error;
mod excerpt;
mod grammar;
pub mod matcher;
mod names;
pub mod path;
mod place;
mod read;
mod schema;
mod slug;
mod wanted;

pub use document::{Source, Span, Spanned, Spec};
pub use duration::parse as duration;
pub use error::{SpecError, SpecErrors};
pub use excerpt::excerpt;
pub use read::{expression, parse, parse_config, read, read_config};
pub use schema::schema;
pub use slug::slug;

#[cfg(test)]
mod tests;
