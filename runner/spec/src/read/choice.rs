//! One of some words.

use std::fmt;

use crate::{Spanned, cursor::Node};

/// The choice that a string names, as it is displayed.
pub(super) fn choice<T: Copy + fmt::Display>(node: &Node<'_>, all: &[T]) -> Option<Spanned<T>> {
    let text = node.text()?;
    let names: Vec<String> = all.iter().map(ToString::to_string).collect();
    let chosen = names.iter().position(|name| *name == text.value);
    if let Some(chosen) = chosen.and_then(|index| all.get(index)) {
        return Some(Spanned::new(*chosen, text.span));
    }
    let mut error = node.error(format!("{} can't be `{}`", node.name, text.value));
    error.help = node
        .context
        .did_you_mean(&text.value, names.iter().map(String::as_str));
    node.report(error);
    None
}
