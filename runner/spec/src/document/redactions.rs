//! What must not be seen: `[redact]`.

use super::Spanned;

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
    /// What stands in their place.
    pub label: String,
}
