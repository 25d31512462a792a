//! Strings as Go writes them.

use std::fmt::Write;

/// The bytes without a UTF-8 sequence that a cut left incomplete at their end.
pub(super) fn whole_runes(bytes: &[u8]) -> &[u8] {
    let incomplete = bytes.utf8_chunks().last().map_or(0, |last| {
        let invalid = last.invalid();
        // A sequence is incomplete, not wrong, if only the end is missing.
        match std::str::from_utf8(invalid) {
            Err(error) if error.error_len().is_none() => invalid.len(),
            _ => 0,
        }
    });
    bytes.get(..bytes.len() - incomplete).unwrap_or(bytes)
}

/// Bytes as a Go string literal, as `strconv.Quote` writes it (Go, `strconv/quote.go`).
///
/// ```
/// assert_eq!(model::notation::quoted(b"a\tb\xff"), r#""a\tb\xff""#);
/// ```
#[must_use]
pub fn quoted(bytes: &[u8]) -> String {
    let mut quoted = String::with_capacity(bytes.len() + 2);
    quoted.push('"');
    for chunk in bytes.utf8_chunks() {
        chunk
            .valid()
            .chars()
            .for_each(|c| push_rune(&mut quoted, c));
        for byte in chunk.invalid() {
            push_escape(&mut quoted, 'x', u32::from(*byte), 2);
        }
    }
    quoted.push('"');
    quoted
}

fn push_rune(quoted: &mut String, c: char) {
    let short = match c {
        '\x07' => Some('a'),
        '\x08' => Some('b'),
        '\x0c' => Some('f'),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        '\x0b' => Some('v'),
        '"' | '\\' => Some(c),
        _ => None,
    };
    match (short, u32::from(c)) {
        (Some(short), _) => quoted.extend(['\\', short]),
        (None, _) if is_printable(c) => quoted.push(c),
        (None, code) if code < 0x20 || code == 0x7f => push_escape(quoted, 'x', code, 2),
        (None, code) if code < 0x1_0000 => push_escape(quoted, 'u', code, 4),
        (None, code) => push_escape(quoted, 'U', code, 8),
    }
}

fn push_escape(quoted: &mut String, letter: char, code: u32, digits: usize) {
    // Writing to a string can't fail.
    let _ = write!(quoted, "\\{letter}{code:0digits$x}");
}

/// Whether Go's `unicode.IsPrint` holds: letters, marks, numbers, punctuation, symbols and the ASCII space.
/// Rust's own escaping knows the same categories; behind another character it leaves combining marks alone.
pub(super) fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return c == ' ' || c.is_ascii_graphic();
    }
    let pair: String = ['a', c].into_iter().collect();
    pair.escape_debug().eq(pair.chars())
}

/// A text of at most `width` characters: if it is longer, its middle becomes `…`.
///
/// ```
/// assert_eq!(model::notation::elided("abcdefghij", 5), "ab…ij");
/// ```
#[must_use]
pub fn elided(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let end = kept / 2;
    let mut elided: String = text.chars().take(kept - end).collect();
    elided.push('…');
    elided.extend(text.chars().skip(length - end));
    elided
}

/// Whether bytes are text that a reader would take for text: UTF-8 without characters that would have to be escaped,
/// but for line breaks and tabs.
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        text.chars()
            .all(|c| is_printable(c) || "\t\n\r".contains(c))
    })
}
