//! Strings that may have been cut, as literals.

use super::{
    layout::Layout,
    text::{quoted, whole_runes},
};
use crate::Text;

/// A string, quoted; one that was cut tells how many bytes are missing: `"abc"…(+120 bytes)`.
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
