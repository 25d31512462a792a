//! TOML's own errors, in the form of ours: duplicates point to the second and name the first.

use std::collections::BTreeSet;

use toml::de::{DeTable, DeValue, Error};

use super::brackets::{Unclosed, unclosed};
use crate::{Span, error::SpecError};

/// How many errors of a file's TOML are reported; what follows so many has seldom a cause of its own.
const MAX_ERRORS: usize = 50;

/// The errors of a file's TOML; `root` is what the parser made of it nevertheless.
pub(super) fn errors(text: &str, root: &DeTable<'_>, errors: &[Error]) -> Vec<SpecError> {
    if let Some(unclosed) = unclosed(text) {
        let (at, message) = match unclosed {
            Unclosed::Bracket(at) => (at, "this bracket is not closed"),
            Unclosed::String(at) => (at, "this string is not closed"),
        };
        // What follows is read as part of what is not closed.
        let is_before = |error: &&Error| error.span().is_some_and(|span| span.end <= at);
        let mut all = reported(text, root, errors.iter().filter(is_before));
        all.push(SpecError::at(at..at + 1, message).label("opens here"));
        return all;
    }
    reported(text, root, errors.iter())
}

fn reported<'e>(
    text: &str,
    root: &DeTable<'_>,
    errors: impl Iterator<Item = &'e Error>,
) -> Vec<SpecError> {
    let lines = Lines::of(text);
    let mut all: Vec<SpecError> = Vec::new();
    let mut lines_reported = BTreeSet::new();
    let mut table_reported = None;
    for error in errors {
        let span = error.span().unwrap_or(text.len()..text.len());
        // One slip makes the parser stumble on: what it says of the same line, or of the keys of a table that is
        // there twice, is no news.
        let line = lines.number(span.start);
        let table = lines.header_of(line);
        if !lines_reported.insert(line) || table_reported.is_some() && table_reported == table {
            continue;
        }
        if error.message() == "duplicate key" {
            let is_header = table == Some(line);
            if is_header {
                table_reported = table;
            }
            let header = is_header.then(|| lines.start(line));
            all.push(duplicate(text, root, span, header));
        } else {
            all.push(
                bare_word(text, span.start).unwrap_or_else(|| {
                    SpecError::at(span, format!("not TOML: {}", error.message()))
                }),
            );
        }
        if all.len() == MAX_ERRORS {
            break;
        }
    }
    all.sort_by_key(|error| error.span.as_ref().map(|span| span.start));
    all
}

/// The error for a value that is a word without quotes, if there is one at that place.
fn bare_word(text: &str, place: usize) -> Option<SpecError> {
    let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let before = text.get(..place)?;
    let start = before.len()
        - before
            .chars()
            .rev()
            .take_while(|c| is_of_word(*c))
            .map(char::len_utf8)
            .sum::<usize>();
    let word: String = text
        .get(start..)?
        .chars()
        .take_while(|c| is_of_word(*c))
        .collect();
    let before = text.get(..start)?.trim_end_matches([' ', '\t']);
    let line = before.rsplit('\n').next().unwrap_or_default();
    // A header begins with a bracket, too.
    let begins_list = before.ends_with('[') && line.contains('=');
    let stands_for_value = begins_list || before.ends_with(['=', ',']);
    if !stands_for_value || !word.starts_with(|c: char| c.is_alphabetic()) {
        return None;
    }
    let error = SpecError::at(
        start..start + word.len(),
        format!("`{word}` is not a TOML value"),
    );
    Some(match word.as_str() {
        "nil" | "null" | "None" => error.help(
            "write { nil = true } for a pointer, a slice, a map or an interface; error = false for no error",
        ),
        _ => error.help(format!("text has quotes: \"{word}\"")),
    })
}

/// Where the lines of a text begin, and which header each is under.
struct Lines {
    starts: Vec<usize>,
    headers: Vec<Option<usize>>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let (mut starts, mut headers) = (Vec::new(), Vec::new());
        let (mut start, mut header) = (0, None);
        for (number, line) in text.split('\n').enumerate() {
            if line.trim_start().starts_with('[') {
                header = Some(number);
            }
            starts.push(start);
            headers.push(header);
            start += line.len() + 1;
        }
        Self { starts, headers }
    }

    /// The number of the line that a place is in, from 0.
    fn number(&self, place: usize) -> usize {
        self.starts
            .partition_point(|start| *start <= place)
            .saturating_sub(1)
    }

    fn start(&self, number: usize) -> usize {
        self.starts.get(number).copied().unwrap_or_default()
    }

    /// The number of the line with the header that a line is under, which may be its own.
    fn header_of(&self, number: usize) -> Option<usize> {
        self.headers.get(number).copied().flatten()
    }
}

/// Two equal names; `header` is where the line begins if the second is one of a header.
fn duplicate(text: &str, root: &DeTable<'_>, second: Span, header: Option<usize>) -> SpecError {
    let name = text.get(second.clone()).unwrap_or_default();
    let first = if let Some(line) = header {
        first_header(text, line)
    } else {
        let mut search = Search {
            text,
            name,
            second: second.start,
            header: 0,
            found: None,
        };
        search.table(root);
        search.found.map(|(_, span)| span)
    };
    let error = SpecError::at(second, format!("`{name}` is there twice")).label("the second");
    match first {
        Some(first) => error.related(first, "the first"),
        None => error,
    }
}

/// Where the table of the header on the line that begins at `line` was opened before.
fn first_header(text: &str, line: usize) -> Option<Span> {
    let header = text.get(line..)?.lines().next()?;
    let (path, _) = DeTable::parse_recoverable(header);
    let (before, _) = DeTable::parse_recoverable(text.get(..line)?);
    let (mut path, mut table) = (path.get_ref(), before.get_ref());
    loop {
        let (name, next) = path.iter().next()?;
        let (key, value) = table.get_key_value(name.get_ref().as_ref())?;
        match innermost(next.get_ref()) {
            Some(next) if !next.is_empty() => path = next,
            _ => return Some(key.span()),
        }
        table = innermost(value.get_ref())?;
    }
}

/// A table, or the last of a list of tables.
fn innermost<'a>(value: &'a DeValue<'a>) -> Option<&'a DeTable<'a>> {
    match value {
        DeValue::Table(table) => Some(table),
        DeValue::Array(array) => array.last()?.get_ref().as_table(),
        _ => None,
    }
}

/// Finds the equal key in the same table.
struct Search<'a> {
    text: &'a str,
    name: &'a str,
    /// The place of the second.
    second: usize,
    /// The place of the header of the table that is being searched.
    header: usize,
    /// The key found so far, and the place of its table's header.
    found: Option<(usize, Span)>,
}

impl Search<'_> {
    fn table(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            let span = key.span();
            let nearer = self
                .found
                .as_ref()
                .is_none_or(|(header, _)| *header <= self.header);
            if span.end <= self.second
                && nearer
                && self.text.get(span.clone()) == Some(self.name)
                && self.prefix(span.start) == self.prefix(self.second)
            {
                self.found = Some((self.header, span));
            }
            self.value(value.get_ref(), value.span());
        }
    }

    fn value(&mut self, value: &DeValue<'_>, span: Span) {
        match value {
            DeValue::Table(table) => {
                let opening = self.text.get(span.start..).and_then(|t| t.chars().next());
                let inline = opening == Some('{');
                if inline && !span.contains(&self.second) {
                    return;
                }
                let outer = self.header;
                if opening == Some('[') {
                    self.header = span.start;
                }
                if self.header <= self.second {
                    self.table(table);
                }
                self.header = outer;
            }
            DeValue::Array(array) => {
                for element in array.iter() {
                    self.value(element.get_ref(), element.span());
                }
            }
            _ => {}
        }
    }

    /// The dotted names before a key.
    fn prefix(&self, key: usize) -> &str {
        let before = self.text.get(..key).unwrap_or_default();
        let start = before.rfind(['\n', '{', ',']).map_or(0, |found| found + 1);
        before.get(start..).unwrap_or_default().trim()
    }
}
