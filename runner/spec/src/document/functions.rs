//! The functions to watch: `[functions]`.

use model::glob;

use super::{ArgumentExpectation, Limits, Spanned};

/// An entry of `[functions]`.
#[derive(Clone, Debug)]
pub struct FunctionSpec {
    /// The name that the rest of the file uses.
    pub label: Spanned<String>,
    /// The Go function's name, or a glob over names; with `closure`, the function that it stands in.
    pub pattern: Spanned<String>,
    /// A text that the source of one function literal contains: that one is meant.
    pub closure: Option<Spanned<String>>,
    /// Only calls with these arguments count; empty for all.
    pub filter: Vec<ArgumentExpectation>,
    /// Limits of its own.
    pub limits: Option<Limits>,
    /// Whether its package is built so that floats in vector registers can be read.
    pub floats: bool,
    /// Whether it may be inlined in places, where calls of it are not seen: `partly-inlined = "accept"`.
    pub accepts_inlined: bool,
}

impl FunctionSpec {
    /// Whether the pattern is a glob (contains `*` other than in a receiver, `?` or `[`).
    #[must_use]
    pub fn is_glob(&self) -> bool {
        glob::is_glob(&self.pattern.value)
    }
}
