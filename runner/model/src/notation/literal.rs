//! Pieces of values' text: strings and bytes that may have been cut, and types around them.

use super::{
    layout::Layout,
    text::{is_plain, quoted, whole_runes},
};
use crate::Text;

/// A string, quoted; one that was cut says how many bytes are missing: `"abc"…(+120 bytes)`.
pub(super) fn text(text: &Text) -> Layout {
    if text.is_whole() {
        return Layout::leaf(quoted(&text.bytes));
    }
    let shown = whole_runes(&text.bytes);
    let missing = text.full.saturating_sub(shown.len() as u64);
    Layout {
        close: format!("…(+{missing} bytes)").into(),
        ..Layout::leaf(quoted(shown))
    }
}

/// How many elements or entries are missing.
pub(super) fn missing(read: usize, full: u64) -> Option<Layout> {
    let missing = full.saturating_sub(read as u64);
    (missing > 0).then(|| Layout::missing(missing, read == 0))
}

/// A type's name as it is before parentheses.
pub(super) fn callable(name: &str) -> String {
    if name.starts_with(['*', '<']) || name.starts_with("func(") || name.starts_with("chan ") {
        format!("({name})")
    } else {
        name.to_owned()
    }
}

/// A text without parts in the parentheses of its type.
pub(super) fn enclosed(name: &str, text: Layout) -> Layout {
    Layout {
        close: format!("{})", text.close).into(),
        ..text.behind(&format!("{}(", callable(name)))
    }
}

/// Bytes as the text that they are, else each, but `most` at most; `name` is their type's, if it is shown.
pub(super) fn bytes(name: String, seen: &Text, most: usize) -> Layout {
    let shown = if seen.is_whole() {
        &seen.bytes
    } else {
        whole_runes(&seen.bytes)
    };
    if is_plain(shown) && !shown.is_empty() {
        let text = text(seen);
        return if name.is_empty() {
            text
        } else {
            enclosed(&name, text)
        };
    }
    let each = seen.bytes.iter().take(most);
    let mut parts: Vec<Layout> = each
        .map(|byte| Layout::leaf(format!("{byte:#04x}")))
        .collect();
    parts.extend(missing(parts.len(), seen.full));
    Layout::group(format!("{name}{{"), parts, "}")
}
