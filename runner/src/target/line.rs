//! Lines of the output, as far as they are kept.

/// How many bytes of a line are kept.
pub(super) const LINE: usize = 1 << 10;

/// Stands where a line, or several, are not kept to their end.
pub(crate) const LEFT_OUT: &str = "[…]";

/// A line of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// How many bytes the program had written when it was complete.
    pub(super) end: u64,
    pub(super) text: String,
}

/// A line, as far as it is kept.
pub(super) fn text(line: &[u8]) -> String {
    let kept = line.get(..LINE).unwrap_or(line);
    let mut text = String::from_utf8_lossy(kept).into_owned();
    if line.len() > LINE {
        text.push_str(LEFT_OUT);
    }
    text
}
