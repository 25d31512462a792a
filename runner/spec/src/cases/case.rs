//! A case of a test, as it is written.

use std::collections::BTreeMap;

use toml::de::DeValue;

use crate::document::Span;

/// The key of a test that has cases.
pub(super) const CASES: &str = "cases";

/// The key that every case has, and a test of a program.
pub(super) const NAME: &str = "name";

/// A value of a test or of a case.
pub(super) type Value<'i> = toml::Spanned<DeValue<'i>>;

/// A case of a test.
pub(super) struct Case<'i> {
    /// Its name, with its place.
    pub(super) name: toml::Spanned<String>,
    /// Its other values, with the places of their keys.
    pub(super) values: BTreeMap<String, (Span, Value<'i>)>,
    /// Where it is.
    pub(super) span: Span,
}

impl Case<'_> {
    /// Whether it has a value of that name.
    pub(super) fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// The names of its values.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> + Clone {
        self.values.keys().map(String::as_str)
    }
}
