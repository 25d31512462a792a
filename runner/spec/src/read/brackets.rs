//! Brackets and strings that are opened and not closed, of which TOML's parser says something at every line that follows.

/// What is not closed, and where it opens, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unclosed {
    /// A bracket of a list or an inline table.
    Bracket(usize),
    /// A string that ends with its line.
    String(usize),
}

/// The first string that is not closed on its line, or the innermost bracket of a value that is not closed where the next
/// key or header begins.
///
/// Strings and comments are skipped (TOML 1.0, "String", "Comment").
pub(super) fn unclosed(text: &str) -> Option<Unclosed> {
    let mut open: Vec<(usize, u8)> = Vec::new();
    let mut rest = text;
    let mut line_begins = true;
    while let Some(c) = rest.chars().next() {
        let at = text.len() - rest.len();
        if line_begins
            && let Some(&(list, b'[')) = open.last()
            && begins_entry(rest)
        {
            return Some(Unclosed::Bracket(list));
        }
        line_begins = c == '\n';
        let length = match c {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => match string(rest, c) {
                Some(length) => length,
                None => return Some(Unclosed::String(at)),
            },
            _ => c.len_utf8(),
        };
        match c {
            // A header's own brackets close on its line.
            '[' if open.is_empty() && is_header(text, at) => {
                let length = rest.find('\n').unwrap_or(rest.len());
                rest = rest.get(length..).unwrap_or_default();
                continue;
            }
            '[' | '{' => open.push((at, c as u8)),
            ']' | '}' => {
                open.pop();
            }
            _ => {}
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    open.last().map(|(at, _)| Unclosed::Bracket(*at))
}

/// Whether only blanks are before a place on its line.
fn is_header(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    before.get(line..).unwrap_or_default().trim().is_empty()
}

/// Whether a line is a header or begins with a key, which an element of a list does not.
fn begins_entry(rest: &str) -> bool {
    let line = rest.lines().next().unwrap_or_default().trim();
    let is_of_key = |c: char| c.is_ascii_alphanumeric() || "_-.\"' \t".contains(c);
    if let Some(header) = line.strip_prefix('[') {
        let name = header.trim_start_matches('[');
        let end = name.find(']').unwrap_or(0);
        let (name, after) = name.split_at(end);
        let after = after.trim_start_matches(']').trim();
        return !name.is_empty()
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(is_of_key)
            && (after.is_empty() || after.starts_with('#'));
    }
    match line.split_once('=') {
        Some((key, _)) => !key.trim().is_empty() && key.chars().all(is_of_key),
        None => false,
    }
}

/// How long a string is that begins with that quote; none if it is not closed.
pub(super) fn string(rest: &str, quote: char) -> Option<usize> {
    let triple = if quote == '"' { "\"\"\"" } else { "'''" };
    if let Some(body) = rest.strip_prefix(triple) {
        return Some(body.find(triple)? + 2 * triple.len());
    }
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => return None,
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            _ if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Unclosed, unclosed};

    #[test]
    fn the_innermost_open_list_is_found() {
        let text =
            "[functions]\na = \"main.a\"\n\n[[test]]\nsequence = [\"a\",\ncount = { a = 1 }\n";
        let bracket = |text: &str, begin: &str| text.find(begin).map(Unclosed::Bracket);
        assert_eq!(unclosed(text), bracket(text, "[\"a\""));
        let text = "a = [1, [2, 3]\n\n[test]\nb = 1\n";
        assert_eq!(unclosed(text), bracket(text, "[1"));
        let text = "a = { b = 1\n";
        assert_eq!(unclosed(text), bracket(text, "{"));
        let text = "a = [\"b]\nc = 1\n";
        assert_eq!(unclosed(text), Some(Unclosed::String(5)));
    }

    #[test]
    fn closed_ones_and_those_in_strings_are_passed_over() {
        for text in [
            "[[test]]\na = [\n  \"x\",  # ]\n  [1],\n  '[',\n]\n",
            "a = \"[\"\nb = '''[\n{'''\nc = { d = [1] }\n",
            "a = [\n  { get = \"/\" },\n  [\"b\"],\n]\n[b]\n",
        ] {
            assert_eq!(unclosed(text), None, "{text}");
        }
    }
}
