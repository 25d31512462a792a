//! Long lines of a spec around what is said of them.

use std::ops::Range;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use unicode_width::UnicodeWidthChar as _;

use super::document::Span;

/// How wide a tab may be.
const TAB: usize = 4;

/// The part of a line that `columns` have room for, with a column at each end for the mark of what is left out: the
/// beginning of the line if that shows `place`, else the surroundings of `place`.
///
/// ```
/// assert_eq!(spec::excerpt("args = { name = 1 }", 9..13, 12), 6..16);
/// assert_eq!(spec::excerpt("args = { name = 1 }", 0..4, 12), 0..10);
/// ```
#[must_use]
pub fn excerpt(line: &str, place: Range<usize>, columns: usize) -> Range<usize> {
    let part = |range: Range<usize>| line.get(range).unwrap_or_default();
    if width(line) <= columns {
        return 0..line.len();
    }
    let room = columns.saturating_sub(2);
    let mut begin = 0;
    if width(part(0..place.end)) > room {
        let rest = width(part(place.start..line.len()));
        let before = room.saturating_sub(rest).max(room / 3);
        begin = place.start.min(line.len()) - taken(part(0..place.start).chars().rev(), before);
    }
    begin..begin + taken(part(begin..line.len()).chars(), room)
}

/// How many bytes the characters take that `columns` have room for.
fn taken(characters: impl Iterator<Item = char>, columns: usize) -> usize {
    let mut used = 0;
    let fitting = characters.take_while(|c| {
        used += width_of(*c);
        used <= columns
    });
    fitting.map(char::len_utf8).sum()
}

fn width(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

fn width_of(c: char) -> usize {
    match c {
        '\t' => TAB,
        c => c.width().unwrap_or(1),
    }
}

/// A source whose long lines are excerpts, as miette reads it.
#[derive(Debug)]
pub(super) struct Excerpts {
    name: String,
    text: String,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    /// The line in the whole source, and what is kept of it.
    whole: Range<usize>,
    kept: Range<usize>,
    /// Where its excerpt begins.
    start: usize,
}

const MARK: char = '…';

impl Excerpts {
    /// The excerpts of a text in which `places` are spoken of.
    pub(super) fn new(name: String, text: &str, places: &[Span], columns: usize) -> Self {
        let mut excerpts = Self {
            name,
            text: String::with_capacity(text.len()),
            lines: Vec::new(),
        };
        let mut begin = 0;
        for line in text.split_inclusive('\n') {
            let content = line.strip_suffix('\n').unwrap_or(line);
            let whole = begin..begin + content.len();
            let within = places
                .iter()
                .filter(|place| whole.start <= place.start && place.start <= whole.end)
                .map(|place| place.start - begin..place.end.min(whole.end) - begin);
            // All of them where there is room, else the first.
            let all = within
                .clone()
                .reduce(|one, other| one.start.min(other.start)..one.end.max(other.end));
            let is_narrow = |place: &Range<usize>| width(&content[place.clone()]) + 2 <= columns;
            let place = all.filter(is_narrow).or_else(|| within.clone().next());
            let place = place.unwrap_or_default();
            let kept = excerpt(content, place, columns);
            let start = excerpts.text.len();
            excerpts.text.extend((kept.start > 0).then_some(MARK));
            excerpts.text.push_str(&content[kept.clone()]);
            excerpts
                .text
                .extend((kept.end < content.len()).then_some(MARK));
            excerpts.text.push_str(&line[content.len()..]);
            begin += line.len();
            excerpts.lines.push(Line { whole, kept, start });
        }
        excerpts
    }

    /// Where a place of the text is in the excerpts.
    pub(super) fn place(&self, place: &Span) -> Span {
        self.offset(place.start)..self.offset(place.end)
    }

    fn offset(&self, offset: usize) -> usize {
        let after = self
            .lines
            .partition_point(|line| line.whole.start <= offset);
        let Some(line) = after.checked_sub(1).and_then(|index| self.lines.get(index)) else {
            return 0;
        };
        let offset = offset - line.whole.start;
        let within = offset.clamp(line.kept.start, line.kept.end) - line.kept.start;
        // Behind its last character is the line break.
        let behind = offset.saturating_sub(line.whole.len());
        (line.start + line.marked() + within + behind).min(self.text.len())
    }
}

impl Line {
    /// How long the mark at its beginning is.
    const fn marked(&self) -> usize {
        if self.kept.start > 0 {
            MARK.len_utf8()
        } else {
            0
        }
    }
}

impl SourceCode for Excerpts {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.read_span(span, before, after)?;
        // With lines before it, the contents begin with a line.
        let line = self.lines.get(contents.line()).filter(|_| before == 0);
        let left_out = line.map_or(0, |line| {
            line.kept.start - line.marked().min(line.kept.start)
        });
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            *contents.span(),
            contents.line(),
            contents.column() + left_out,
            contents.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::{Excerpts, excerpt};

    #[test]
    fn an_excerpt_has_the_room_and_shows_the_place() {
        let line = "0123456789".repeat(30);
        for columns in [10, 40, 100, 299, 300, 400] {
            for start in [0, 5, 50, 150, 250, 295] {
                let kept = excerpt(&line, start..start + 5, columns);
                let marks = usize::from(kept.start > 0) + usize::from(kept.end < line.len());
                assert!(kept.len() + marks <= columns, "{columns} {start} {kept:?}");
                assert!(
                    kept.start <= start && start < kept.end,
                    "{columns} {start} {kept:?}"
                );
            }
        }
    }

    #[test]
    fn wide_characters_take_their_columns() {
        let line = "値".repeat(20);
        assert_eq!(excerpt(&line, 0..3, 12), 0..15);
        assert_eq!(excerpt(&line, 57..60, 12), 45..60);
    }

    #[test]
    fn places_keep_what_they_are_of() {
        let text = format!("a = 1\nb = \"{}\" # c\nlast", "x".repeat(90));
        let whole = text.find('#').unwrap();
        let place = whole..whole + 1;
        let excerpts = Excerpts::new(String::new(), &text, std::slice::from_ref(&place), 20);
        for piece in ["a = 1", "# c", "last"] {
            let start = text.find(piece).unwrap();
            let place = excerpts.place(&(start..start + piece.len()));
            assert_eq!(&excerpts.text[place], piece);
        }
        assert_eq!(excerpts.place(&(text.len()..text.len())), {
            let end = excerpts.text.len();
            end..end
        });
    }
}
