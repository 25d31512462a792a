//! How values of well-known types are shown.

use crate::{Value, notation::layout::Layout};

/// How a value of a well-known type is shown.
pub(in crate::notation) enum Form<'a> {
    /// By a text that speaks for itself where the type is known: `1.5s`.
    Plain(Layout),
    /// By a text in the parentheses of the type: `sync.Mutex(locked)`.
    Named(Layout),
    /// By a text that needs no type: `context.Background`.
    Whole(Layout),
    /// By what it holds, in the parentheses of the type.
    Holds(&'a Value),
}

impl Form<'_> {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::Plain(Layout::leaf(text))
    }

    pub(super) fn named(text: impl Into<String>) -> Self {
        Self::Named(Layout::leaf(text))
    }

    pub(super) fn whole(text: impl Into<String>) -> Self {
        Self::Whole(Layout::leaf(text))
    }
}
