//! Where a part of a TOML string's content stands in its text, past quotes and escapes.

use std::ops::Range;

/// The place in `raw` of a part of what it says, both in bytes; none if the two do not go together.
///
/// `raw` is a string or a key as the file has it, with its quotes if it has any.
pub(crate) fn inside(raw: &str, content: &str, part: Range<usize>) -> Option<Range<usize>> {
    let (open, escapes) = match (raw.get(..3), raw.chars().next()) {
        (Some("\"\"\""), _) => (3, true),
        (Some("'''"), _) => (3, false),
        (_, Some('"')) => (1, true),
        (_, Some('\'')) => (1, false),
        _ => (0, false),
    };
    // TOML leaves out a line end right after the opening of a multi-line string.
    let body = raw.get(open..)?;
    let line_end = ["\r\n", "\n"].into_iter().find(|end| body.starts_with(end));
    let mut at = open + line_end.filter(|_| open == 3).map_or(0, str::len);
    let (mut start, mut end) = (None, None);
    for (index, character) in content.char_indices() {
        if index == part.start {
            start = Some(at);
        }
        if index == part.end {
            end = Some(at);
        }
        at += written(raw.get(at..)?, character, escapes)?;
    }
    if part.start == content.len() {
        start = Some(at);
    }
    if part.end == content.len() {
        end = Some(at);
    }
    Some(start?..end?)
}

/// How many bytes a character takes at the begin of a text; none if it does not stand there.
fn written(text: &str, character: char, escapes: bool) -> Option<usize> {
    let mut characters = text.chars();
    match characters.next()? {
        '\\' if escapes => match characters.next()? {
            'x' => Some(4),
            'u' => Some(6),
            'U' => Some(10),
            other if other.is_whitespace() => None,
            _ => Some(2),
        },
        other => (other == character).then(|| character.len_utf8()),
    }
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn a_part_is_found_past_quotes_and_escapes() {
        for (raw, content, part, place) in [
            ("abc", "abc", 1..2, Some(1..2)),
            ("\"abc\"", "abc", 1..3, Some(2..4)),
            ("'a\\c'", "a\\c", 1..2, Some(2..3)),
            ("\"a\\\"c\"", "a\"c", 1..2, Some(2..4)),
            ("\"\\u00e9b\"", "éb", 2..3, Some(7..8)),
            ("\"abc\"", "abc", 3..3, Some(4..4)),
            ("\"\"\"\r\nabc\"\"\"", "abc", 0..1, Some(5..6)),
            ("'''\nabc'''", "abc", 2..3, Some(6..7)),
            ("\"\"\"a\\\n  b\"\"\"", "ab", 1..2, None),
            ("\"abc\"", "abx", 2..3, None),
            ("\"é\"", "é", 1..2, None),
            ("", "a", 0..1, None),
        ] {
            assert_eq!(inside(raw, content, part), place, "{raw}");
        }
    }
}
