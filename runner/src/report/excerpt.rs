//! A line of a spec with carets under a place in it.

use spec::{Source, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns from one tab stop to the next.
const TAB: usize = 4;

/// The line that a place begins in, as it can be shown, and where the carets go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The line's text: without indentation, tabs as blanks.
    pub(super) text: String,
    /// Columns of the text before the carets.
    pub(super) indent: usize,
    /// The number of carets; at least one.
    pub(super) carets: usize,
    /// The line that the place ends in, if that is another one.
    pub(super) last_line: Option<usize>,
}

impl Excerpt {
    /// The place `span` of a spec in so many columns; one that is not in the text is shown where the text ends.
    pub(super) fn new(source: &Source, span: &Span, columns: usize) -> Self {
        let text: &str = &source.text;
        let start = boundary(text, span.start);
        let end = boundary(text, span.end.max(span.start));
        let (before, after) = text.split_at(start);
        let begin = before.rfind('\n').map_or(0, |newline| newline + 1);
        let stop = after
            .find('\n')
            .map_or(text.len(), |newline| start + newline);
        let line = text.get(begin..stop).unwrap_or_default().trim_end();
        let line_start = begin + line.len() - line.trim_start().len();
        let content = text.get(line_start..begin + line.len()).unwrap_or_default();
        let offset = start.saturating_sub(line_start).min(content.len());
        let length = end.saturating_sub(start).min(content.len() - offset);
        let kept = spec::excerpt(content, offset..offset + length, columns);
        let mark = |is_cut: bool| if is_cut { "…" } else { "" };
        let piece = |end: usize| content.get(kept.start..end).unwrap_or_default();
        let shown = |end: usize| expand(&format!("{}{}", mark(kept.start > 0), piece(end)));
        let indent = shown(offset.min(kept.end)).width();
        let to_end = shown((offset + length).min(kept.end)).width();
        let newlines = text.get(start..end).unwrap_or_default().trim_end();
        let further = newlines.matches('\n').count();
        Self {
            text: shown(kept.end) + mark(kept.end < content.len()),
            indent,
            carets: to_end.saturating_sub(indent).max(1),
            last_line: (further > 0).then(|| source.position(start).0 + further),
        }
    }
}

/// The nearest place at or before `place` where a character begins.
fn boundary(text: &str, place: usize) -> usize {
    let mut place = place.min(text.len());
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}

/// Tabs as blanks; control characters, which could change the terminal, as `?`.
fn expand(text: &str) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        let blanks = TAB - column % TAB;
        match c {
            '\t' => {
                expanded.extend(std::iter::repeat_n(' ', blanks));
                column += blanks;
            }
            _ if c.is_control() || is_direction(c) => {
                expanded.push('?');
                column += 1;
            }
            _ => {
                expanded.push(c);
                column += c.width().unwrap_or(0);
            }
        }
    }
    expanded
}

/// Whether it would turn the direction of the text around it.
const fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Excerpt, Source};

    /// The line with `[` and `]` taken out, and the carets that stood between them.
    fn shown(marked: &str) -> String {
        let start = marked.find('[').unwrap_or(0);
        let text = marked.replacen('[', "", 1);
        let end = text.find(']').unwrap_or(start);
        let text = text.replacen(']', "", 1);
        let source = Source::new(PathBuf::new(), text);
        let excerpt = Excerpt::new(&source, &(start..end), 80);
        let carets = "^".repeat(excerpt.carets);
        format!("{}\n{}{carets}", excerpt.text, " ".repeat(excerpt.indent))
    }

    #[test]
    fn carets_stand_under_the_place() {
        assert_eq!(shown("a = 1\nb = [22]\n"), "b = 22\n    ^^");
        assert_eq!(shown("    b = [2]2 # x"), "b = 22 # x\n    ^");
    }

    #[test]
    fn tabs_and_wide_characters_take_their_columns() {
        assert_eq!(shown("\tb =\t[2]"), "b = 2\n    ^");
        assert_eq!(shown("名 = [\"値\"]"), "名 = \"値\"\n     ^^^^");
        assert_eq!(shown("é = [\"é\"]"), "é = \"é\"\n    ^^^");
    }

    #[test]
    fn what_could_change_the_terminal_is_not_shown() {
        assert_eq!(shown("b = \u{1b}[2]"), "b = ?2\n     ^");
        assert_eq!(shown("b = \u{202e}[2]"), "b = ?2\n     ^");
    }

    #[test]
    fn a_place_of_several_lines_is_marked_to_the_end_of_the_first() {
        let source = Source::new(PathBuf::new(), "s = [\n  \"a\",\n  \"b\",\n]\nx = 1\n");
        let excerpt = Excerpt::new(&source, &(0..22), 80);
        assert_eq!((excerpt.text.as_str(), excerpt.carets), ("s = [", 5));
        assert_eq!(excerpt.last_line, Some(4));
    }

    #[test]
    fn a_long_line_is_shown_around_the_place() {
        let before = "a = 1, ".repeat(40);
        let picture = shown(&format!("{before}b = [22], {before}"));
        let (text, carets) = picture.split_once('\n').unwrap();
        assert_eq!((text.chars().count(), carets.len()), (80, 29));
        let marked: String = text.chars().skip(27).take(2).collect();
        assert_eq!(marked, "22", "{picture}");
        assert!(text.starts_with('…') && text.ends_with('…'), "{picture}");
    }

    #[test]
    fn any_place_is_shown_somehow() {
        for text in ["", "\n", "é", "a\r\nb", "\t\t", "  \n  x  \n"] {
            let source = Source::new(PathBuf::new(), text);
            for start in 0..12 {
                for end in 0..12 {
                    let excerpt = Excerpt::new(&source, &(start..end), 80);
                    assert!(excerpt.carets >= 1);
                    assert!(!excerpt.text.contains(['\n', '\r', '\t']));
                }
            }
        }
    }
}
