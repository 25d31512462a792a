//! The functions to watch: `[functions]`.

use super::{ArgumentExpectation, Limits, Spanned};
use crate::spec::glob;

/// An entry of `[functions]`.
#[derive(Clone, Debug)]
pub struct FunctionSpec {
    /// The name that the rest of the file uses.
    pub label: Spanned<String>,
    /// The Go function's name, or a glob over names.
    pub pattern: Spanned<String>,
    /// Only calls with these arguments count; empty for all.
    pub filter: Vec<ArgumentExpectation>,
    /// Limits of its own.
    pub limits: Option<Limits>,
    /// Whether its package is built so that floats in vector registers can be read.
    pub floats: bool,
}

impl FunctionSpec {
    /// Whether the pattern is a glob (contains `*` other than in a receiver, `?` or `[`).
    #[must_use]
    pub fn is_glob(&self) -> bool {
        glob::is_glob(&self.pattern.value)
    }
}
