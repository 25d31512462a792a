//! TOML's own errors, in the form of ours: duplicates point to the second and name the first.

use std::collections::BTreeSet;

use toml::de::{DeTable, DeValue, Error};

use crate::spec::{Span, error::SpecError};

/// The errors of a file's TOML; `root` is what the parser made of it nevertheless.
pub(super) fn errors(text: &str, root: &DeTable<'_>, errors: &[Error]) -> Vec<SpecError> {
    let mut all: Vec<SpecError> = Vec::new();
    let mut lines_told = BTreeSet::new();
    let mut table_told = None;
    for error in errors {
        let span = error.span().unwrap_or(text.len()..text.len());
        // One slip makes the parser stumble on: what it says of the same line, or of the keys of a table that is
        // there twice, is no news.
        let line = line_start(text, span.start);
        let table = header_before(text, span.start);
        if !lines_told.insert(line) || table_told.is_some() && table_told == table {
            continue;
        }
        if error.message() == "duplicate key" {
            if table == Some(line) {
                table_told = table;
            }
            all.push(duplicate(text, root, span));
        } else {
            all.push(SpecError::at(
                span,
                format!("not TOML: {}", error.message()),
            ));
        }
    }
    all.sort_by_key(|error| error.span.as_ref().map(|span| span.start));
    all
}

/// Where the line of the last header before a place begins.
fn header_before(text: &str, place: usize) -> Option<usize> {
    let mut end = place;
    loop {
        let line = line_start(text, end);
        if text
            .get(line..)
            .is_some_and(|line| line.trim_start().starts_with('['))
        {
            return Some(line);
        }
        end = line.checked_sub(1)?;
    }
}

fn line_start(text: &str, position: usize) -> usize {
    text.get(..position)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |newline| newline + 1)
}

/// Two equal names.
fn duplicate(text: &str, root: &DeTable<'_>, second: Span) -> SpecError {
    let name = text.get(second.clone()).unwrap_or_default();
    let line = line_start(text, second.start);
    let header = text
        .get(line..second.start)
        .is_some_and(|before| before.trim_start().starts_with('['));
    let first = if header {
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

/// Finds the key that an equal one stands in the same table with.
struct Search<'a> {
    text: &'a str,
    name: &'a str,
    /// Where the second stands.
    second: usize,
    /// Where the header of the table that is being searched stands.
    header: usize,
    /// The key found so far, and where its table's header stands.
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
