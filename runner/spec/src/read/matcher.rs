//! Matchers: a literal, a list, or a table such as `{ ge = 1, lt = 10 }`.

use regex::Regex;
use toml::de::DeValue;

use super::{
    fields::{self, Asked},
    literal::{self, Range, Subject, literal},
};
use crate::{
    Spanned, SpecError,
    cursor::{Node, Table},
    grammar::MATCHER,
    matcher::{Comparison, Literal, Matcher, TextMatcher},
    names,
};

/// What a Go value must be; a table of fields is one of its own, as in a list.
pub(super) fn value(node: &Node<'_>) -> Option<Spanned<Matcher>> {
    matcher(node, Subject::Value)
}

/// What a subject must be.
pub(super) fn matcher(node: &Node<'_>, subject: Subject) -> Option<Spanned<Matcher>> {
    let matcher = match (node.value, subject) {
        (DeValue::Table(_), Subject::Value) => match fields::asked(node)? {
            Asked::Whole => several(node, subject)?,
            Asked::Fields(entries) => fields::in_a_list(&entries)?,
        },
        (DeValue::Table(_), _) => several(node, subject)?,
        (DeValue::Array(_), Subject::Value) => {
            let nodes = node.list()?;
            let elements: Vec<Matcher> = nodes.iter().filter_map(part).collect();
            if elements.len() < nodes.len() {
                return None;
            }
            Matcher::List(elements)
        }
        _ => Matcher::Equal(literal(node, subject)?),
    };
    Some(Spanned::new(matcher, node.span.clone()))
}

/// What a part of a Go value must be.
fn part(node: &Node<'_>) -> Option<Matcher> {
    value(node).map(|matcher| matcher.value)
}

/// The matchers of texts.
const TEXTS: [(&str, Reader); 2] = [("contains", contains), ("matches", matches)];

/// What is asked by text matchers of one table.
pub(super) fn texts(table: &mut Table<'_>) -> Vec<Option<Matcher>> {
    TEXTS
        .into_iter()
        .filter_map(|(key, read)| table.take(key).map(|node| read(&node)))
        .collect()
}

/// A text that something is equal to.
pub(super) fn text(node: &Node<'_>) -> Option<Matcher> {
    let text = node.text()?;
    Some(Matcher::Equal(Literal::Text(text.value)))
}

/// What kind of value a matcher needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Number,
    Text,
    Elements,
    /// Something with a length: no number.
    Length,
    Anything,
}

impl Needs {
    /// Why no value can be both.
    const fn conflict(self, other: Self) -> Option<(&'static str, &'static str)> {
        match (self, other) {
            (Self::Number, Self::Text) => Some((
                "no value is both a string and a number",
                "`contains` and `matches` are for strings, `lt`, `le`, `gt` and `ge` for numbers",
            )),
            (Self::Number, Self::Elements) => Some((
                "no value is both a number and a list",
                "`has` and `each` are for lists and maps, `lt`, `le`, `gt` and `ge` for numbers",
            )),
            (Self::Number, Self::Length) => Some((
                "no number has a length",
                "for a length in a range: len = { ge = 1, lt = 10 }",
            )),
            _ => None,
        }
    }
}

/// The matchers of one table, as they are read.
#[derive(Default)]
struct Several {
    range: Range,
    needs: Vec<Needs>,
    all: Vec<Option<Matcher>>,
}

impl Several {
    fn add(&mut self, needs: Needs, matcher: Option<Matcher>) {
        self.needs.push(needs);
        self.all.push(matcher);
    }

    fn conflict(&self) -> Option<(&'static str, &'static str)> {
        let pairs = self
            .needs
            .iter()
            .flat_map(|one| self.needs.iter().map(move |other| one.conflict(*other)));
        pairs.flatten().next()
    }
}

/// A table of matchers, all of which must hold.
fn several(node: &Node<'_>, subject: Subject) -> Option<Matcher> {
    let mut table = node.table(&MATCHER)?;
    let any = table.take("any").map(|node| any(&node, subject));
    let equal = table.take("equal").map(|node| literal(&node, subject));
    let nil = table.take("nil").map(|node| nil(&node, subject));
    let mut several = Several::default();
    for (key, needs, read) in [
        ("type", Needs::Anything, ty as Reader),
        ("len", Needs::Length, length),
        ("has", Needs::Elements, has),
        ("each", Needs::Elements, each),
    ] {
        if let Some(node) = table.take(key) {
            let matcher = values_only(&node, key, subject).and_then(|()| read(&node));
            several.add(needs, matcher);
        }
    }
    for (key, read) in TEXTS {
        if let Some(node) = table.take(key) {
            let matcher = numbers_only(&node, subject).and_then(|()| read(&node));
            several.add(Needs::Text, matcher);
        }
    }
    for (key, comparison) in [
        ("gt", Comparison::Gt),
        ("ge", Comparison::Ge),
        ("lt", Comparison::Lt),
        ("le", Comparison::Le),
    ] {
        if let Some(node) = table.take(key) {
            let matcher = literal::comparison(&node, key, comparison, subject);
            if let Some(Matcher::Compare(_, number)) = matcher {
                several.range.narrow(comparison, number);
            }
            several.add(Needs::Number, matcher);
        }
    }
    let unknown = table.finish();
    let alone = [any.is_some(), equal.is_some()];
    let alone = alone.into_iter().filter(|there| *there).count();
    if alone > 1 || alone == 1 && !(several.all.is_empty() && nil.is_none()) {
        return node.refuse(
            node.error("`any` and `equal` can't be combined with other matchers")
                .help("use either of them alone"),
        );
    }
    if let Some(any) = any {
        return any;
    }
    if let Some(equal) = equal {
        return equal.map(Matcher::Equal);
    }
    if let Some(nil) = nil {
        if matches!(nil, Some(Matcher::Nil(true))) && !several.all.is_empty() {
            return node.refuse(
                node.error("`nil` cannot be combined with other matchers")
                    .label("nil, and more")
                    .help("use { nil = true } alone"),
            );
        }
        several.all.insert(0, nil);
    }
    if several.all.is_empty() {
        if !unknown {
            node.report(
                node.error(format!("{} has no matcher", node.name))
                    .label("expects nothing")
                    .help("use { any = true } if anything will do"),
            );
        }
        return None;
    }
    if let Some((message, help)) = several.conflict() {
        return node.refuse(node.error(message).help(help));
    }
    if several.range.is_empty(subject.as_whole_number().is_some()) {
        return node.refuse(
            node.error("no number lies in this range")
                .label("can never hold"),
        );
    }
    all_of(several.all)
}

/// All of several matchers, or the only one; none if one could not be read.
pub(super) fn all_of(all: Vec<Option<Matcher>>) -> Option<Matcher> {
    let mut all: Vec<Matcher> = all.into_iter().collect::<Option<_>>()?;
    match all.len() {
        1 => all.pop(),
        _ => Some(Matcher::All(all)),
    }
}

type Reader = fn(&Node<'_>) -> Option<Matcher>;

fn any(node: &Node<'_>, subject: Subject) -> Option<Matcher> {
    if !node.flag()? {
        return node.refuse(node.error("`any` can only be true"));
    }
    if let Subject::Count | Subject::Length | Subject::Output = subject {
        let what = subject.as_whole_number().unwrap_or("text");
        let what = what.trim_start_matches("a ");
        return node.refuse(
            node.error(format!("any {what} is not an expectation"))
                .label("can never fail")
                .help("remove it"),
        );
    }
    Some(Matcher::Any)
}

fn nil(node: &Node<'_>, subject: Subject) -> Option<Matcher> {
    values_only(node, "nil", subject)?;
    node.flag().map(Matcher::Nil)
}

/// The name of a type.
fn ty(node: &Node<'_>) -> Option<Matcher> {
    let text = node.filled_text()?;
    if !names::is_type(&text.value) {
        return node.refuse(
            node.error(format!("`{}` is not a type", text.value))
                .help("types are written as in Go: \"*net.OpError\", \"[]string\", \"example.com/shop.Order\""),
        );
    }
    Some(Matcher::Type(text.value))
}

fn length(node: &Node<'_>) -> Option<Matcher> {
    let matcher = matcher(node, Subject::Length)?;
    Some(Matcher::Length(Box::new(matcher.value)))
}

fn has(node: &Node<'_>) -> Option<Matcher> {
    part(node).map(|matcher| Matcher::Has(Box::new(matcher)))
}

fn each(node: &Node<'_>) -> Option<Matcher> {
    let matcher = part(node)?;
    if let Matcher::Any = matcher {
        return node.refuse(
            node.error("`each` with `any` is not an expectation")
                .label("can never fail")
                .help("remove it"),
        );
    }
    Some(Matcher::Each(Box::new(matcher)))
}

/// Refuses a matcher of Go values elsewhere.
fn values_only(node: &Node<'_>, key: &str, subject: Subject) -> Option<()> {
    let what = match subject {
        Subject::Value => return Some(()),
        Subject::Text => "this is the text of a response",
        Subject::Exit => "this is an exit status",
        Subject::Output => "this is text that the program writes",
        Subject::Count => "this is a number of calls",
        Subject::Status => "this is a status",
        Subject::Length => "this is a length",
    };
    node.refuse(
        node.error(format!("`{key}` is for Go values, and {what}"))
            .label("not here"),
    )
}

fn contains(node: &Node<'_>) -> Option<Matcher> {
    let text = node.text()?;
    if text.value.is_empty() {
        return node.refuse(
            node.error("every string contains the empty one")
                .label("can never fail")
                .help(
                    "{ equal = \"\" } asks for the empty string; remove it if any string will do",
                ),
        );
    }
    Some(Matcher::Text(TextMatcher::Contains(text.value)))
}

pub(super) fn matches(node: &Node<'_>) -> Option<Matcher> {
    let text = node.text()?;
    match Regex::new(&text.value) {
        Ok(regex) => Some(Matcher::Text(TextMatcher::Matches(regex))),
        Err(error) => node.refuse(bad_regex(node, &text.value, &error.to_string())),
    }
}

/// Points at the place in the expression where it goes wrong, if that is known.
pub(super) fn bad_regex(node: &Node<'_>, pattern: &str, error: &str) -> SpecError {
    let (place, reason) = match regex_syntax::parse(pattern) {
        Err(regex_syntax::Error::Parse(error)) => (Some(*error.span()), error.kind().to_string()),
        Err(regex_syntax::Error::Translate(error)) => {
            (Some(*error.span()), error.kind().to_string())
        }
        _ => (None, error.to_owned()),
    };
    let span = place.map_or_else(
        || node.span.clone(),
        |place| node.inside(place.start.offset..place.end.offset),
    );
    SpecError::at(span, format!("{} is not a regular expression", node.name)).label(reason)
}

/// Refuses a text matcher where there are numbers.
fn numbers_only(node: &Node<'_>, subject: Subject) -> Option<()> {
    let Some(what) = subject.as_whole_number() else {
        return Some(());
    };
    node.refuse(
        node.error(format!("{what} is a number, {} is for strings", node.name))
            .help("use a number, or `lt`, `le`, `gt`, `ge`"),
    )
}
