//! The spec language: what a `NAME.proctor.toml` file says. Knows nothing of binaries or the kernel.

pub mod document;
pub mod glob;
pub mod matcher;

pub use document::{Source, Span, Spanned, Spec};
