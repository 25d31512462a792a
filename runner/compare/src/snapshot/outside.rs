//! Text near Go's syntax, without what stands in quotes.

/// The characters outside of string and rune literals and of statuses such as `<main.T: type unknown>`, each with its place.
#[derive(Clone, Debug)]
pub(super) struct Outside<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Outside<'t> {
    /// Those of a text.
    pub(super) const fn of(text: &'t str) -> Self {
        Self { text, at: 0 }
    }
}

impl Iterator for Outside<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.text.get(self.at..)?;
            let character = rest.chars().next()?;
            let literal = match character {
                '"' => quoted(rest),
                '\'' => rune(rest),
                '<' => status(rest),
                _ => None,
            };
            match literal {
                Some(length) => self.at += length,
                None => {
                    let at = self.at;
                    self.at += character.len_utf8();
                    return Some((at, character));
                }
            }
        }
    }
}

/// How many brackets are open at the end of a text.
pub(super) fn open_brackets(text: &str) -> usize {
    Outside::of(text).fold(0, |open: usize, (_, character)| match character {
        '(' | '[' | '{' => open + 1,
        ')' | ']' | '}' => open.saturating_sub(1),
        _ => open,
    })
}

/// The pieces of a text between commas that stand in no brackets; none of an empty text.
pub(super) fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut open, mut from) = (0_usize, 0);
    for (at, character) in Outside::of(text) {
        match character {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            ',' if open == 0 => {
                pieces.extend(text.get(from..at));
                from = at + 1;
            }
            _ => {}
        }
    }
    pieces.extend(text.get(from..));
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces.into_iter().map(str::trim).collect()
}

/// The place of the bracket that closes the one at `open`.
pub(super) fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, character) in Outside::of(text.get(open..)?) {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(open + at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The length of the string literal at the beginning.
fn quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The length of the rune literal at the beginning. An apostrophe in words is none.
fn rune(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().skip(1);
    match characters.next()? {
        (_, '\\') => {
            characters.next()?;
            let mut rest = characters.take(10);
            rest.find(|(_, character)| *character == '\'')
                .map(|(at, _)| at + 1)
        }
        _ => match characters.next()? {
            (at, '\'') => Some(at + 1),
            _ => None,
        },
    }
}

/// The length of the status at the beginning. The arrow of a channel's type begins none.
fn status(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut characters = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, character)) = characters.next() {
        let is_arrow = characters.peek().is_some_and(|(_, next)| *next == '-');
        match character {
            '<' if is_arrow && depth == 0 => return None,
            '<' if !is_arrow => depth += 1,
            '>' if before != '-' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            '\n' => return None,
            _ => {}
        }
        before = character;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{closing, open_brackets, pieces};

    #[test]
    fn brackets_in_literals_do_not_count() {
        assert_eq!(open_brackets(r#"f("(", '{', '\'', <T: can't [be read>"#), 1);
        assert_eq!(open_brackets("main.T{A: []int{1, 2}}"), 0);
        assert_eq!(open_brackets(r#"f("\"(")"#), 0);
        assert_eq!(open_brackets("x <-chan int, y chan<- func("), 1);
    }

    #[test]
    fn commas_part_what_is_in_no_brackets() {
        assert_eq!(
            pieces(r#"&main.T{A: 1, B: 2}, "a, b", map[string]int{"x": 1}"#),
            [
                r"&main.T{A: 1, B: 2}",
                r#""a, b""#,
                r#"map[string]int{"x": 1}"#
            ]
        );
        assert!(pieces("").is_empty());
        assert_eq!(pieces("1, 2,"), ["1", "2"]);
    }

    #[test]
    fn a_bracket_is_closed_by_its_own() {
        assert_eq!(closing("f(a(1), b) → 2", 1), Some(9));
        assert_eq!(closing("f(a", 1), None);
    }
}
