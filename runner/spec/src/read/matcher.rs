//! Matchers: a literal, a list, or a table such as `{ ge = 1, lt = 10 }`.

use regex::Regex;
use toml::de::DeValue;

use super::{
    fields::{self, Asked},
    range::Range,
};
use crate::{
    Spanned, SpecError,
    cursor::{Node, Table},
    grammar::MATCHER,
    matcher::{Comparison, Literal, Matcher, Number, TimeText},
    names,
};

/// What is matched, which decides what makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// A Go value of any type.
    Value,
    /// The length of a Go value.
    Length,
    /// A number of calls.
    Count,
    /// The status of a response.
    Status,
    /// Text of a response.
    Text,
}

impl Subject {
    /// What it is, if it is a whole number that is never negative.
    const fn as_whole_number(self) -> Option<&'static str> {
        match self {
            Self::Length => Some("a length"),
            Self::Count => Some("a number of calls"),
            Self::Status => Some("a status"),
            Self::Value | Self::Text => None,
        }
    }
}

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

/// What is asked by text matchers of one table, `contains` and `matches`.
pub(super) fn texts(table: &mut Table<'_>) -> Vec<Option<Matcher>> {
    [("contains", contains as Reader), ("matches", matches)]
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
    for (key, read) in [("contains", contains as Reader), ("matches", matches)] {
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
            let bound = time_bound(&node, subject);
            if let Some(bound) = bound {
                several.add(Needs::Number, Some(Matcher::CompareTime(comparison, bound)));
                continue;
            }
            let number = compared(&node, key, subject);
            if let Some(number) = number {
                several.range.narrow(comparison, number);
            }
            let matcher = number.map(|number| Matcher::Compare(comparison, number));
            several.add(Needs::Number, matcher);
        }
    }
    let unknown = table.finish();
    let alone = [any.is_some(), equal.is_some()];
    let alone = alone.into_iter().filter(|there| *there).count();
    if alone > 1 || alone == 1 && !(several.all.is_empty() && nil.is_none()) {
        node.report(
            node.error("`any` and `equal` leave nothing to other matchers")
                .help("use either of them alone"),
        );
        return None;
    }
    if let Some(any) = any {
        return any;
    }
    if let Some(equal) = equal {
        return equal.map(Matcher::Equal);
    }
    if let Some(nil) = nil {
        if matches!(nil, Some(Matcher::Nil(true))) && !several.all.is_empty() {
            node.report(
                node.error("`nil` cannot be combined with other matchers")
                    .label("nil, and more")
                    .help("use { nil = true } alone"),
            );
            return None;
        }
        several.all.insert(0, nil);
    }
    if several.all.is_empty() {
        if !unknown {
            node.report(
                node.error(format!("{} has no matcher", node.name))
                    .label("nothing is asked here")
                    .help("use { any = true } if anything will do"),
            );
        }
        return None;
    }
    if let Some((message, help)) = several.conflict() {
        node.report(node.error(message).help(help));
        return None;
    }
    if several.range.is_empty(subject.as_whole_number().is_some()) {
        node.report(
            node.error("no number lies in this range")
                .label("can never hold"),
        );
        return None;
    }
    all_of(several.all)
}

/// All of several matchers, of which one alone stands for itself; none if one could not be read.
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
        node.report(node.error("`any` can only be true"));
        return None;
    }
    if let Subject::Count | Subject::Length = subject {
        let what = subject.as_whole_number().unwrap_or_default();
        let what = what.trim_start_matches("a ");
        node.report(
            node.error(format!("any {what} is no expectation"))
                .label("can never fail")
                .help("leave it out"),
        );
        return None;
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
        node.report(
            node.error(format!("`{}` is no type", text.value))
                .help("types are written as in Go: \"*net.OpError\", \"[]string\", \"example.com/shop.Order\""),
        );
        return None;
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
        node.report(
            node.error("anything at all of each element is no expectation")
                .label("can never fail")
                .help("leave it out"),
        );
        return None;
    }
    Some(Matcher::Each(Box::new(matcher)))
}

/// Refuses a matcher of Go values elsewhere.
fn values_only(node: &Node<'_>, key: &str, subject: Subject) -> Option<()> {
    let what = match subject {
        Subject::Value => return Some(()),
        Subject::Text => "this is the text of a response",
        Subject::Count => "this is a number of calls",
        Subject::Status => "this is a status",
        Subject::Length => "this is a length",
    };
    node.report(
        node.error(format!("`{key}` is for Go values, and {what}"))
            .label("not here"),
    );
    None
}

fn contains(node: &Node<'_>) -> Option<Matcher> {
    let text = node.text()?;
    if text.value.is_empty() {
        node.report(
            node.error("every string contains the empty one")
                .label("can never fail")
                .help("{ equal = \"\" } asks for the empty string; leave it out if any string will do"),
        );
        return None;
    }
    Some(Matcher::Contains(text.value))
}

fn matches(node: &Node<'_>) -> Option<Matcher> {
    let text = node.text()?;
    match Regex::new(&text.value) {
        Ok(regex) => Some(Matcher::Matches(regex)),
        Err(error) => {
            node.report(bad_regex(node, &text.value, &error.to_string()));
            None
        }
    }
}

/// Points at the place in the expression where it goes wrong, if that is told.
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
    SpecError::at(span, format!("{} is no regular expression", node.name)).label(reason)
}

/// Refuses a text matcher where there are numbers.
fn numbers_only(node: &Node<'_>, subject: Subject) -> Option<()> {
    let Some(what) = subject.as_whole_number() else {
        return Some(());
    };
    node.report(
        node.error(format!("{what} is a number, {} is for strings", node.name))
            .help("use a number, or `lt`, `le`, `gt`, `ge`"),
    );
    None
}

/// The length or the point of time of `lt` and the like, if a Go value is compared with such a text.
fn time_bound(node: &Node<'_>, subject: Subject) -> Option<TimeText> {
    match node.value {
        DeValue::String(text) if subject == Subject::Value => TimeText::read(text),
        _ => None,
    }
}

/// The number of `lt` and the like.
fn compared(node: &Node<'_>, key: &str, subject: Subject) -> Option<Number> {
    if subject == Subject::Text {
        node.report(
            node.error(format!("`{key}` compares numbers, and this is text"))
                .help("use a string, `contains` or `matches`"),
        );
        return None;
    }
    match literal(node, Subject::Value)? {
        Literal::Number(Number::Float(number)) if number.is_infinite() => {
            node.report(
                node.error("a comparison with inf decides nothing")
                    .label("no finite number"),
            );
            None
        }
        Literal::Number(number) => bounded(node, number, key, subject),
        _ => {
            node.report(
                node.error(format!("`{key}` compares numbers"))
                    .label("not a number"),
            );
            None
        }
    }
}

/// Refuses comparisons of whole numbers that always or never hold.
fn bounded(node: &Node<'_>, number: Number, key: &str, subject: Subject) -> Option<Number> {
    if subject.as_whole_number().is_none() {
        return Some(number);
    }
    let Number::Integer(integer) = number else {
        return node.mismatch("a whole number");
    };
    let always = match key {
        "ge" => integer <= 0,
        "gt" => integer < 0,
        _ => false,
    };
    let never = match key {
        "lt" => integer <= 0,
        "le" => integer < 0,
        _ => false,
    };
    if always || never {
        let label = if always {
            "always holds"
        } else {
            "can never hold"
        };
        node.report(
            node.error(format!("`{key} = {integer}` is no expectation"))
                .label(label),
        );
        return None;
    }
    Some(number)
}

/// A literal that the subject can equal.
fn literal(node: &Node<'_>, subject: Subject) -> Option<Literal> {
    let literal = match node.value {
        DeValue::Boolean(value) => Literal::Bool(*value),
        DeValue::String(text) => Literal::Text(text.to_string()),
        DeValue::Integer(_) | DeValue::Float(_) => Literal::Number(number(node)?),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
            return node.mismatch("a string, a number, true or false");
        }
    };
    match (subject, &literal) {
        (Subject::Value, _) | (Subject::Text, Literal::Text(_)) => Some(literal),
        (Subject::Text, _) => node.mismatch("a string or a matcher"),
        (Subject::Count | Subject::Length, Literal::Number(Number::Integer(0..))) => Some(literal),
        (Subject::Count | Subject::Length, Literal::Number(_)) => {
            let what = subject.as_whole_number().unwrap_or_default();
            node.report(
                node.error(format!("{what} is a whole number from 0"))
                    .label("can never hold"),
            );
            None
        }
        (Subject::Status, Literal::Number(Number::Integer(100..=599))) => Some(literal),
        (Subject::Status, Literal::Number(_)) => {
            node.report(
                node.error("a status is a whole number from 100 to 599")
                    .label("can never hold"),
            );
            None
        }
        (Subject::Count | Subject::Length | Subject::Status, _) => {
            node.mismatch("a number or a matcher")
        }
    }
}

/// A number that a Go value can be.
fn number(node: &Node<'_>) -> Option<Number> {
    match node.value {
        DeValue::Integer(integer) => {
            let value = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
            let value =
                value.filter(|value| (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(value));
            if value.is_none() {
                node.report(
                    node.error("integer is out of range for every Go type")
                        .label("beyond 64 bits"),
                );
            }
            value.map(Number::Integer)
        }
        DeValue::Float(float) => {
            let value = float.as_str().parse::<f64>().ok();
            let value = value.filter(|value| !value.is_nan());
            if value.is_none() {
                node.report(
                    node.error("NaN never compares equal")
                        .label("can never hold")
                        .help("\"NaN\" asks for it"),
                );
            }
            value.map(Number::Float)
        }
        _ => node.mismatch("a number"),
    }
}
