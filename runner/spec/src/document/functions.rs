//! What is watched, and what must not be seen of it: `[functions]` and `[redact]`.

use model::glob;

use super::{Expression, Limits, Spanned};

/// An entry of `[functions]`.
#[derive(Clone, Debug)]
pub struct FunctionSpec {
    /// The name that the rest of the file uses.
    pub label: Spanned<String>,
    /// The Go function's name, or a glob over names; with `closure`, the function that contains it.
    pub pattern: Spanned<String>,
    /// A text that the source of one function literal contains: that one is meant.
    pub closure: Option<Spanned<String>>,
    /// Only calls of which this holds count; none for all. `args` and `where`
    pub filter: Option<Expression>,
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

/// What must not be seen: `[redact]`.
#[derive(Clone, Debug, Default)]
pub struct Redactions {
    /// Values by path, e.g. `*.Password` or `login.token`, that are never read.
    pub paths: Vec<Redaction>,
    /// Values by the name of their type, e.g. `main.Secret`, that are never read.
    pub types: Vec<Redaction>,
    /// Text that matches is overwritten wherever it was read.
    pub patterns: Vec<Spanned<regex::bytes::Regex>>,
}

impl Redactions {
    /// Whether nothing is redacted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.types.is_empty() && self.patterns.is_empty()
    }
}

/// Values that are never read.
#[derive(Clone, Debug)]
pub struct Redaction {
    /// Which: names joined by `.`, `*` for any characters. A path begins with a parameter or a result, or with `*.` for
    /// any of these and any field; a type has its package.
    pub pattern: Spanned<String>,
    /// What is shown in their place.
    pub label: String,
}
