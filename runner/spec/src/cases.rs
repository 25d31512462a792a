//! `cases`: the tests that a test stands for, written out in the TOML before it is read, so that every key of a test
//! knows `${case.NAME}` without a line of its own.
//!
//! A string that is a placeholder and nothing else becomes the value that the case has, of whatever type; in a longer
//! string, the value's text takes its place. What is filled in keeps the place of the string, so that carets point to the
//! expectation; [`Expansion`] knows the case that its value is from.

mod case;
mod fill;
mod placeholder;

use std::collections::{BTreeMap, BTreeSet};

use model::suggestion::did_you_mean;
use toml::de::{DeArray, DeTable, DeValue};

use self::{
    case::{CASES, Case, NAME, Value},
    fill::Filling,
    placeholder::{Hole, Strings},
};
use super::{
    document::{GoTestName, Span},
    error::SpecError,
};

/// How many errors of names are looked into.
const MAX_ERRORS: usize = 100;

/// How many values the tests of one `cases` may have together.
const MAX_VALUES: usize = 1 << 19;

/// Places of strings, none within another, and what belongs to them.
#[derive(Debug)]
struct Places<T>(BTreeMap<usize, (usize, T)>);

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Places<T> {
    fn add(&mut self, place: &Span, of: T) {
        self.0.entry(place.start).or_insert((place.end, of));
    }

    /// What belongs to the string that a place is in.
    fn around(&self, place: &Span) -> Option<&T> {
        let (_, (end, of)) = self.0.range(..=place.start).next_back()?;
        (place.end <= *end).then_some(of)
    }
}

/// Where the values of tests with cases come from, and what was wrong with them.
#[derive(Debug, Default)]
pub(crate) struct Expansion {
    /// By the test's index among all of the file.
    origins: BTreeMap<usize, Origin>,
    /// The tests with cases, by the places of their names.
    names: BTreeMap<usize, usize>,
    /// Strings that could not be filled in, which has been said.
    unfilled: Places<()>,
}

/// The case that a test was made for.
#[derive(Debug)]
struct Origin {
    /// Its name.
    case: toml::Spanned<String>,
    /// The strings that were filled in, with the places of the values that stand there.
    filled: Places<Span>,
}

impl Expansion {
    /// The index of the test whose name is there, if it has cases.
    pub(crate) fn test_named_at(&self, name: &Span) -> Option<usize> {
        self.names.get(&name.start).copied()
    }

    /// An error in a test, with the case that it comes from; none if it only follows from what was said of a case.
    pub(crate) fn explained(&self, error: SpecError, test: Option<usize>) -> Option<SpecError> {
        let Some(span) = &error.span else {
            return Some(error);
        };
        if self.unfilled.around(span).is_some() {
            return None;
        }
        let origin = test.and_then(|test| self.origins.get(&test));
        let value = origin.and_then(|origin| {
            let value = origin.filled.around(span)?.clone();
            Some((value, format!("in case `{}`", origin.case.get_ref())))
        });
        Some(match value {
            Some((value, words)) if error.related.is_none() => error.related(value, words),
            _ => error,
        })
    }
}

/// Puts a test for each case in the place of every test that has cases. Gives what is wrong, too.
pub(crate) fn expand<'i>(text: &str, root: &mut DeTable<'i>) -> (Expansion, Vec<SpecError>) {
    let mut expansion = Expansion::default();
    let mut errors = Vec::new();
    let Some(tests) = root.get_mut("test") else {
        return (expansion, errors);
    };
    let DeValue::Array(array) = tests.get_mut() else {
        return (expansion, errors);
    };
    let mut expanded = DeArray::new();
    for test in std::mem::replace(array, DeArray::new()) {
        let mut job = Job {
            text,
            expansion: &mut expansion,
            errors: &mut errors,
        };
        for (test, origin) in job.tests(test) {
            let index = expanded.len();
            if let Some(origin) = origin {
                expansion.names.insert(origin.case.span().start, index);
                expansion.origins.insert(index, origin);
            }
            expanded.push(test);
        }
    }
    *array = expanded;
    (expansion, errors)
}

/// The expansion of one test.
struct Job<'a> {
    text: &'a str,
    expansion: &'a mut Expansion,
    errors: &'a mut Vec<SpecError>,
}

impl Job<'_> {
    /// The tests that a test stands for: itself, if it has no cases.
    fn tests<'i>(&mut self, test: Value<'i>) -> Vec<(Value<'i>, Option<Origin>)> {
        let span = test.span();
        let mut table = match test.into_inner() {
            DeValue::Table(table) => table,
            other => return vec![(toml::Spanned::new(span, other), None)],
        };
        let whole = |table| toml::Spanned::new(span.clone(), DeValue::Table(table));
        let strings = Strings::of(&table, self.text);
        let Some(list) = table.remove(CASES) else {
            let without = strings.holes.iter().map(|hole| {
                SpecError::at(hole.place.clone(), "this test has no `cases`")
                    .label(format!("`{}` is a value of a case", hole.shown()))
                    .help(format!(
                        "write cases = [{{ name = \"one\", {} = … }}, …], or $${{ for a literal ${{ where placeholders are",
                        hole.key
                    ))
            });
            self.errors.extend(without);
            self.leave(&strings);
            return vec![(whole(table), None)];
        };
        let cases = self.cases(&list, &strings);
        if cases.is_empty() {
            // What is wrong with them has been said.
            self.leave(&strings);
            return vec![(whole(table), None)];
        }
        self.unused(&cases, &strings);
        if strings.values.saturating_mul(cases.len()) > MAX_VALUES {
            let message = format!("{} cases of so large a test are too many", cases.len());
            self.errors.push(SpecError::at(list.span(), message));
            self.leave(&strings);
            return vec![(whole(table), None)];
        }
        let filled = cases.iter().map(|case| {
            let mut filling = Filling::of(case, self.text);
            let mut filled = filling.table(&table);
            name(&mut filled, &table, case);
            self.errors.append(&mut filling.errors);
            for string in &filling.unfilled {
                self.expansion.unfilled.add(string, ());
            }
            let mut origin = Origin {
                case: case.name.clone(),
                filled: Places::default(),
            };
            for (string, value) in filling.filled {
                origin.filled.add(&string, value);
            }
            (whole(filled), Some(origin))
        });
        filled.collect()
    }

    /// Leaves the placeholders in a test, of which has been said why.
    fn leave(&mut self, strings: &Strings) {
        for place in &strings.places {
            self.expansion.unfilled.add(place, ());
        }
    }

    /// The cases that can be used; what is wrong with others is noted.
    fn cases<'i>(&mut self, list: &Value<'i>, strings: &Strings) -> Vec<Case<'i>> {
        let DeValue::Array(array) = list.get_ref() else {
            self.errors.push(
                SpecError::at(list.span(), "`cases` must be a list of tables")
                    .help("cases = [{ name = \"one\", qty = 1 }, { name = \"two\", qty = 2 }]"),
            );
            return Vec::new();
        };
        if array.is_empty() {
            let error = SpecError::at(list.span(), "there is no case in this list");
            self.errors.push(error);
        }
        let mut cases: Vec<Case<'i>> = Vec::new();
        let mut names: BTreeMap<String, Span> = BTreeMap::new();
        for value in array {
            let Some(case) = self.case(value) else {
                continue;
            };
            let second = case.name.span();
            let name = case.name.get_ref().clone();
            let first = names.entry(name).or_insert_with(|| second.clone()).clone();
            if first != second {
                let message = "two cases have the same name";
                self.errors.push(SpecError::twice(message, first, second));
                continue;
            }
            if cases
                .first()
                .is_none_or(|first| self.has_keys_of(&case, first))
            {
                cases.push(case);
            }
        }
        let Some(first) = cases.first() else {
            return cases;
        };
        for hole in &strings.holes {
            if !first.has(&hole.key) && hole.key != NAME {
                if self.errors.len() < MAX_ERRORS {
                    self.errors.push(unknown(first, hole));
                }
                self.expansion.unfilled.add(&hole.string, ());
            }
        }
        cases
    }

    fn case<'i>(&mut self, value: &Value<'i>) -> Option<Case<'i>> {
        let DeValue::Table(table) = value.get_ref() else {
            let error = SpecError::at(value.span(), "a case is a table");
            self.errors.push(error.help("{ name = \"one\", qty = 1 }"));
            return None;
        };
        let Some(name) = table.get(NAME) else {
            let error = SpecError::at(value.span(), "this case has no name");
            self.errors.push(
                error
                    .label("`name` is missing")
                    .help("the case is the test `NAME/one` if its name is \"one\""),
            );
            return None;
        };
        let text = match name.get_ref() {
            DeValue::String(text)
                if !text.trim().is_empty() && !text.contains(char::is_control) =>
            {
                text.to_string()
            }
            _ => {
                let error = SpecError::at(name.span(), "a case's name is a string of one line");
                self.errors.push(error);
                return None;
            }
        };
        let values = table.iter().filter(|(key, _)| key.get_ref() != NAME);
        let values =
            values.map(|(key, value)| (key.get_ref().to_string(), (key.span(), value.clone())));
        Some(Case {
            name: toml::Spanned::new(name.span(), text),
            values: values.collect(),
            span: value.span(),
        })
    }

    /// Whether a case has the keys that the first one has; says what is different.
    fn has_keys_of(&mut self, case: &Case<'_>, first: &Case<'_>) -> bool {
        let before = self.errors.len();
        for (name, (key, _)) in &first.values {
            if !case.has(name) {
                let message = format!("case `{}` has no `{name}`", case.name.get_ref());
                let error = SpecError::at(case.span.clone(), message)
                    .label(format!("no `{name}` here"))
                    .related(
                        key.clone(),
                        format!("case `{}` has it", first.name.get_ref()),
                    );
                self.errors.push(error);
            }
        }
        for (name, (key, _)) in &case.values {
            if !first.has(name) {
                let message = format!("only some cases have `{name}`");
                let mut error = SpecError::at(key.clone(), message)
                    .related(first.span.clone(), "this case has no such key");
                let suggests = self.errors.len() < MAX_ERRORS;
                error.help = suggests.then(|| did_you_mean(name, first.keys())).flatten();
                self.errors.push(error);
            }
        }
        self.errors.len() == before
    }

    /// Notes the values of cases that the test does not use.
    fn unused(&mut self, cases: &[Case<'_>], strings: &Strings) {
        let used: BTreeSet<&str> = strings.holes.iter().map(|hole| hole.key.as_str()).collect();
        let Some(first) = cases.first() else { return };
        for (name, (key, _)) in &first.values {
            if !used.contains(name.as_str()) {
                let message = format!("`{name}` is used nowhere in this test");
                let error = SpecError::at(key.clone(), message);
                self.errors.push(error.label("not used").help(format!(
                    "write ${{case.{name}}} where it is meant, or remove it"
                )));
            }
        }
    }
}

/// A value that the cases don't have.
fn unknown(first: &Case<'_>, hole: &Hole) -> SpecError {
    let mut error = SpecError::at(
        hole.place.clone(),
        format!("the cases have no `{}`", hole.key),
    )
    .label("no such key")
    .related(first.span.clone(), "the first case");
    error.help = did_you_mean(&hole.key, first.keys());
    error
}

/// Names a test after its case: `NAME/one`. A Go test without a name of its own that is another one in each case needs no more.
fn name<'i>(filled: &mut DeTable<'i>, test: &DeTable<'i>, case: &Case<'i>) {
    let text = |table: &DeTable<'i>, key: &str| match table.get(key).map(|value| value.get_ref()) {
        Some(DeValue::String(text)) => Some(text.to_string()),
        _ => None,
    };
    let own = text(filled, NAME);
    let go_test = text(filled, "go-test").filter(|_| test.get(NAME).is_none());
    let is_one_each = go_test.is_some() && go_test != text(test, "go-test");
    let Some(name) = own.or_else(|| go_test.map(|name| GoTestName::new(&name).as_str().to_owned()))
    else {
        return;
    };
    let name = match is_one_each {
        true => name,
        false => format!("{name}/{}", case.name.get_ref()),
    };
    let key = toml::Spanned::new(case.name.span(), NAME.into());
    let name = toml::Spanned::new(case.name.span(), DeValue::String(name.into()));
    filled.insert(key, name);
}
