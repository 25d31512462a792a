//! A thin layer over spanned TOML: values that know their name and place, tables that know which of their keys
//! were read. Whatever does not fit is reported with its span, and reading goes on, so that a user sees all errors
//! of a file at once. A getter that gives `None` has reported why.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeSet, HashMap},
    fmt,
    hash::Hash,
    ops::Range,
    path::PathBuf,
    time::Duration,
};

use model::suggestion::{did_you_mean, nearest};
use toml::de::{DeTable, DeValue};

use super::{
    captures::Captures,
    cases::Expansion,
    document::{Span, Spanned},
    duration,
    error::SpecError,
    grammar::{SECTIONS, Section},
    place,
};

/// How many errors may get a suggestion.
const SUGGESTIONS: usize = 100;

/// What all of a file's values share: its text, its names, and what was found wrong.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// The file's text.
    pub text: &'a str,
    /// The names in `[stubs]`.
    pub stubs: BTreeSet<&'a str>,
    /// The names in `[functions]`.
    pub labels: BTreeSet<&'a str>,
    /// The placeholders that were met in what the program is given, as `port` or `stub.NAME`.
    pub given: RefCell<BTreeSet<String>>,
    /// Where tests begin whose requests could not all be read.
    pub unread_requests: RefCell<BTreeSet<usize>>,
    /// The sections that the file may have.
    sections: &'static [&'static Section],
    /// The values that requests carry on.
    pub captures: Captures,
    errors: RefCell<Vec<SpecError>>,
    /// Errors that only follow from others.
    followed: Cell<usize>,
    cases: Expansion,
    /// The index of the test that is looked at.
    test: Cell<Option<usize>>,
}

impl<'a> Context<'a> {
    /// The context of a file whose top table is `root`, in which tests stand for their cases.
    pub(crate) fn new(text: &'a str, root: &'a DeTable<'a>, cases: Expansion) -> Self {
        Self {
            text,
            stubs: names(root, "stubs"),
            labels: names(root, "functions"),
            given: RefCell::default(),
            unread_requests: RefCell::default(),
            sections: &SECTIONS,
            captures: Captures::default(),
            errors: RefCell::default(),
            followed: Cell::default(),
            cases,
            test: Cell::default(),
        }
    }

    /// The same of a file with other sections than a spec has.
    pub(crate) fn with_sections(self, sections: &'static [&'static Section]) -> Self {
        Self { sections, ..self }
    }

    /// Says which test of the file is looked at, by its index.
    pub(crate) fn look_at(&self, test: Option<usize>) {
        self.test.set(test);
    }

    /// The same, by the place of its name.
    pub(crate) fn look_at_test_named(&self, name: &Span) {
        self.look_at(self.cases.test_named_at(name));
    }

    /// Notes an error.
    pub(crate) fn report(&self, error: SpecError) {
        match self.cases.explained(error, self.test.get()) {
            Some(error) => self.errors.borrow_mut().push(error),
            None => self.followed.set(self.followed.get() + 1),
        }
    }

    /// Notes what was found wrong before anything was read.
    pub(crate) fn report_all(&self, errors: Vec<SpecError>) {
        self.errors.borrow_mut().extend(errors);
    }

    /// Notes an error, because of which something can't be read.
    pub(crate) fn refuse<T>(&self, error: SpecError) -> Option<T> {
        self.report(error);
        None
    }

    /// Reports each name that is there twice.
    pub(crate) fn once<'t, T: Eq + Hash + fmt::Display + 't>(
        &self,
        all: impl IntoIterator<Item = &'t Spanned<T>>,
    ) {
        let message = |name: &Spanned<T>| format!("`{}` is there twice", name.value);
        self.unique(all, |name| (&name.value, &name.span), message);
    }

    /// Reports each thing whose key one before it has.
    pub(crate) fn unique<'t, T: 't, K: Eq + Hash>(
        &self,
        all: impl IntoIterator<Item = &'t T>,
        key: impl Fn(&'t T) -> (K, &'t Span),
        message: impl Fn(&'t T) -> String,
    ) {
        let mut known: HashMap<K, &Span> = HashMap::new();
        for one in all {
            let (key, span) = key(one);
            let first = *known.entry(key).or_insert(span);
            if first != span {
                self.report(SpecError::twice(message(one), first.clone(), span.clone()));
            }
        }
    }

    /// Notes what is wrong with the names of saved values.
    pub(crate) fn report_captures(&self) {
        for error in self.captures.errors() {
            self.report(error);
        }
    }

    /// How many errors were noted so far.
    pub(crate) fn error_count(&self) -> usize {
        self.errors.borrow().len() + self.followed.get()
    }

    /// What helps with an unknown name. Where there are very many errors none is needed for more of them, and
    /// the search would take its time.
    pub(crate) fn did_you_mean<'n>(
        &self,
        wrong: &str,
        known: impl IntoIterator<Item = &'n str> + Clone,
    ) -> Option<String> {
        if self.error_count() > SUGGESTIONS {
            return None;
        }
        did_you_mean(wrong, known)
    }

    /// The known name that was probably meant; sought as long as [`did_you_mean`](Self::did_you_mean) is.
    pub(crate) fn nearest<'n>(
        &self,
        wrong: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) -> Option<&'n str> {
        if self.error_count() > SUGGESTIONS {
            return None;
        }
        nearest(wrong, known)
    }

    /// Whether a key or a value is written with quotes.
    pub(crate) fn is_quoted(&self, span: &Span) -> bool {
        self.text
            .get(span.clone())
            .is_some_and(|raw| raw.starts_with(['"', '\'']))
    }

    /// The place of a part of a string that a key or a value holds; of the whole if it is unknown.
    pub(crate) fn inside(&self, span: &Span, content: &str, part: Range<usize>) -> Span {
        let raw = self.text.get(span.clone()).unwrap_or_default();
        match place::inside(raw, content, part) {
            Some(part) => span.start + part.start..span.start + part.end,
            None => span.clone(),
        }
    }

    /// What was noted, in the order of the file.
    pub(crate) fn into_errors(self) -> Vec<SpecError> {
        let mut errors = self.errors.into_inner();
        errors.sort_by_key(|error| error.span.as_ref().map(|span| (span.start, span.end)));
        errors.dedup_by(|a, b| a.span == b.span && a.message == b.message);
        errors
    }
}

/// The keys of one of the top tables.
fn names<'a>(root: &'a DeTable<'a>, table: &str) -> BTreeSet<&'a str> {
    root.get(table)
        .and_then(|value| value.get_ref().as_table())
        .map(|table| table.keys().map(|key| key.get_ref().as_ref()).collect())
        .unwrap_or_default()
}

/// A value with its name and place.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    /// Its file.
    pub context: &'a Context<'a>,
    /// The value.
    pub value: &'a DeValue<'a>,
    /// Its place in the file.
    pub span: Span,
    /// What a message calls it: its key in backticks, or `an element of …`.
    pub name: String,
}

/// A key of a table with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    /// The key.
    pub key: Spanned<String>,
    /// Its value.
    pub node: Node<'a>,
}

impl<'a> Node<'a> {
    /// The top table of a file.
    pub(crate) fn root(context: &'a Context<'a>, value: &'a DeValue<'a>) -> Self {
        Self {
            context,
            value,
            span: 0..0,
            name: "the spec".to_owned(),
        }
    }

    /// Notes an error.
    pub(crate) fn report(&self, error: SpecError) {
        self.context.report(error);
    }

    /// Notes an error, because of which the value can't be read.
    pub(crate) fn refuse<T>(&self, error: SpecError) -> Option<T> {
        self.context.refuse(error)
    }

    /// An error at this value.
    pub(crate) fn error(&self, message: impl Into<String>) -> SpecError {
        SpecError::at(self.span.clone(), message)
    }

    /// Reports that it is of another type than `wanted`.
    pub(crate) fn mismatch<T>(&self, wanted: &str) -> Option<T> {
        let found = match self.value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.refuse(
            self.error(format!("{} must be {wanted}, not {found}", self.name))
                .label(format!("this is {found}")),
        )
    }

    /// A string.
    pub(crate) fn text(&self) -> Option<Spanned<String>> {
        match self.value {
            DeValue::String(text) => Some(Spanned::new(text.to_string(), self.span.clone())),
            _ => self.mismatch("a string"),
        }
    }

    /// A string that is not empty and has no NUL, which neither a process nor a file name could be given.
    pub(crate) fn filled_text(&self) -> Option<Spanned<String>> {
        let text = self.text()?;
        if text.value.trim().is_empty() {
            return self.refuse(self.error(format!("{} is empty", self.name)));
        }
        if text.value.contains('\0') {
            return self.refuse(self.error(format!("{} contains a NUL character", self.name)));
        }
        Some(text)
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self) -> Option<bool> {
        match self.value {
            DeValue::Boolean(flag) => Some(*flag),
            _ => self.mismatch("true or false"),
        }
    }

    /// The choice that a string names, as it is displayed.
    pub(crate) fn choice<T: Copy + fmt::Display>(&self, all: &[T]) -> Option<Spanned<T>> {
        let text = self.text()?;
        let names: Vec<String> = all.iter().map(ToString::to_string).collect();
        let chosen = names.iter().position(|name| *name == text.value);
        if let Some(chosen) = chosen.and_then(|index| all.get(index)) {
            return Some(Spanned::new(*chosen, text.span));
        }
        let mut error = self.error(format!("{} can't be `{}`", self.name, text.value));
        error.help = self
            .context
            .did_you_mean(&text.value, names.iter().map(String::as_str));
        self.refuse(error)
    }

    /// A whole number of a range, both ends included.
    pub(crate) fn integer(&self, least: u32, most: u32) -> Option<u32> {
        let DeValue::Integer(integer) = self.value else {
            return self.mismatch("a whole number");
        };
        let number = i128::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.report(
                self.error(format!("{} must be from {least} to {most}", self.name))
                    .label("out of range"),
            );
        }
        number
    }

    /// A length of time.
    pub(crate) fn duration(&self) -> Option<Duration> {
        let DeValue::String(text) = self.value else {
            return self.mismatch("a duration such as \"50ms\"");
        };
        match duration::parse(text) {
            Ok(duration) => Some(duration),
            Err(reason) => self.refuse(
                self.error(format!("{} is not a duration", self.name))
                    .label(reason)
                    .help("durations are written as in Go: \"50ms\", \"1.5s\", \"2m\", \"10us\""),
            ),
        }
    }

    /// A length of time of at least 1 ms: a limit of 0 would never be kept.
    pub(crate) fn time_limit(&self) -> Option<Duration> {
        let duration = self.duration()?;
        if duration < Duration::from_millis(1) {
            return self.refuse(
                self.error(format!("{} must be at least 1ms", self.name))
                    .label("too short"),
            );
        }
        Some(duration)
    }

    /// The elements of a list.
    pub(crate) fn list(&self) -> Option<Vec<Self>> {
        let DeValue::Array(array) = self.value else {
            return self.mismatch("a list");
        };
        let name = format!("an element of {}", self.name);
        let elements = array.iter().map(|element| Self {
            context: self.context,
            value: element.get_ref(),
            span: element.span(),
            name: name.clone(),
        });
        Some(elements.collect())
    }

    /// The elements of a list, or the value itself as the only element.
    pub(crate) fn one_or_more(&self) -> Option<Vec<Self>> {
        match self.value {
            DeValue::Array(_) => self.list(),
            _ => Some(vec![self.clone()]),
        }
    }

    /// Reads each element of a list; elements that do not fit have been reported and are left out.
    pub(crate) fn each<T>(&self, read: impl Fn(&Self) -> Option<T>) -> Option<Vec<T>> {
        Some(self.list()?.iter().filter_map(read).collect())
    }

    /// The entries of a table whose keys are of the user's choice, in the order of the file.
    pub(crate) fn entries(&self) -> Option<Vec<Entry<'a>>> {
        let DeValue::Table(table) = self.value else {
            return self.mismatch("a table");
        };
        let mut entries: Vec<Entry<'a>> = table
            .iter()
            .map(|(key, value)| Entry {
                key: Spanned::new(key.get_ref().to_string(), key.span()),
                node: Node {
                    context: self.context,
                    value: value.get_ref(),
                    span: value.span(),
                    name: format!("`{}`", key.get_ref()),
                },
            })
            .collect();
        entries.sort_by_key(|entry| entry.key.span.start);
        Some(entries)
    }

    /// A table with the keys of a section.
    pub(crate) fn table(&self, section: &'static Section) -> Option<Table<'a>> {
        Some(Table {
            context: self.context,
            section,
            span: self.span.clone(),
            entries: self.entries()?,
        })
    }

    /// The place of a part of this string's content; of the whole string if it is unknown.
    pub(crate) fn inside(&self, part: Range<usize>) -> Span {
        match self.value {
            DeValue::String(content) => self.context.inside(&self.span, content, part),
            _ => self.span.clone(),
        }
    }
}

/// A table of the language, from which keys are taken one by one.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    /// Its file.
    pub context: &'a Context<'a>,
    /// Its place in the file.
    pub span: Span,
    section: &'static Section,
    entries: Vec<Entry<'a>>,
}

impl<'a> Table<'a> {
    /// Notes an error.
    pub(crate) fn report(&self, error: SpecError) {
        self.context.report(error);
    }

    /// Notes an error, because of which the table can't be read.
    pub(crate) fn refuse<T>(&self, error: SpecError) -> Option<T> {
        self.context.refuse(error)
    }

    /// An error at the table's header or opening.
    pub(crate) fn error(&self, message: impl Into<String>) -> SpecError {
        SpecError::at(self.span.clone(), message)
    }

    /// The place of a key that is still there.
    pub(crate) fn span_of(&self, key: &str) -> Option<Span> {
        self.entries
            .iter()
            .find(|entry| entry.key.value == key)
            .map(|entry| entry.key.span.clone())
    }

    /// Takes a key's value, if the key is there.
    pub(crate) fn take(&mut self, key: &str) -> Option<Node<'a>> {
        let index = self
            .entries
            .iter()
            .position(|entry| entry.key.value == key)?;
        Some(self.entries.remove(index).node)
    }

    /// Takes a key's value and reads it, if the key is there and its value fits.
    pub(crate) fn read<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&Node<'a>) -> Option<T>,
    ) -> Option<T> {
        self.take(key).and_then(|node| read(&node))
    }

    /// Takes and reads a key that must be there.
    pub(crate) fn required<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&Node<'a>) -> Option<T>,
    ) -> Option<T> {
        if self.span_of(key).is_none() {
            let about = self
                .section
                .keys
                .iter()
                .find(|known| known.name == key)
                .map(|known| format!("`{key}` is {}", known.about));
            let mut error = self
                .error(format!("`{key}` is missing"))
                .label(format!("no `{key}` here"));
            error.help = about;
            return self.refuse(error);
        }
        self.read(key, read)
    }

    /// Reports each key that nobody took as unknown; returns whether there were any.
    pub(crate) fn finish(self) -> bool {
        for entry in &self.entries {
            self.context.report(self.unknown(&entry.key));
        }
        !self.entries.is_empty()
    }

    /// What to say of a key that the section does not know.
    fn unknown(&self, key: &Spanned<String>) -> SpecError {
        let section = self.section;
        let known = section.keys.iter().map(|known| known.name);
        let mut error = SpecError::at(key.span.clone(), format!("unknown key `{}`", key.value))
            .label(format!("not a key of `{}`", section.name));
        let is_elsewhere =
            |other: &&&Section| other.keys.iter().any(|known| known.name == key.value);
        let elsewhere: Vec<String> = self
            .context
            .sections
            .iter()
            .filter(is_elsewhere)
            .map(|other| format!("`{}`", other.name))
            .collect();
        error.help = match elsewhere.is_empty() {
            true => self.context.did_you_mean(&key.value, known),
            false => Some(format!("it is a key of {}", elsewhere.join(", "))),
        };
        error
    }
}

/// A path that a value gives, relative to the spec's folder.
pub(crate) fn path(node: &Node<'_>) -> Option<Spanned<PathBuf>> {
    Some(node.filled_text()?.map(PathBuf::from))
}
