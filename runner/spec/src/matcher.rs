//! What a value must be, also in words, for reports: `= 2020`, `contains "x"`, `≥ 1`.

use std::fmt;

use model::{Moment, duration};
use regex::Regex;

use super::{grammar::MATCHER, names::is_identifier};

/// The names that matchers have in tables: `ge`, `contains` and the like.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    MATCHER.keys.iter().map(|key| key.name)
}

/// What a value must be.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// Anything at all, known or not: `{ any = true }`.
    Any,
    /// Equal to a literal: `2020`, `"x"`, `true`, or `{ equal = … }`.
    Equal(Literal),
    /// A string of which more is asked: `{ contains = "…" }`.
    Text(TextMatcher),
    /// A number that compares so with another: `{ lt | le | gt | ge = … }`.
    Compare(Comparison, Number),
    /// A length or a point of time that compares so with another: `{ lt = "1.5s" }`.
    CompareTime(Comparison, TimeText),
    /// All of several: `{ ge = 1, lt = 10 }`.
    All(Vec<Matcher>),
    /// Nil, or not: `{ nil = true }`.
    Nil(bool),
    /// A length (of a string, slice, array, map or channel) that matches: `{ len = 3 }`, `{ len = { ge = 1 } }`.
    Length(Box<Matcher>),
    /// An interface whose dynamic type has this name, short or full; any other value of that type: `{ type = "*net.OpError" }`.
    Type(String),
    /// A list whose elements are these, one by one and no others: `[1, { ge = 2 }]`.
    List(Vec<Matcher>),
    /// A list with an element that matches, or a map with such a value: `{ has = … }`.
    Has(Box<Matcher>),
    /// A list whose elements all match, or a map whose values do: `{ each = … }`.
    Each(Box<Matcher>),
    /// A struct whose fields, or a map whose values, match; others do not matter. Inside lists alone: elsewhere
    /// each becomes a path of its own.
    Fields(Vec<(String, Matcher)>),
}

/// What a text must be, beside being equal to another.
#[derive(Clone, Debug)]
pub enum TextMatcher {
    /// It contains another: `contains`
    Contains(String),
    /// A regular expression finds a match in it: `matches`
    Matches(Regex),
}

impl TextMatcher {
    /// The key that it is written with, and its value.
    #[must_use]
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Contains(text) => ("contains", text),
            Self::Matches(regex) => ("matches", regex.as_str()),
        }
    }
}

impl Matcher {
    /// A bool that is true.
    pub(crate) const TRUE: Self = Self::Equal(Literal::Bool(true));

    /// What is wanted, for the place after `want`: a literal alone (`"GopherCon"`), all else as it is displayed
    /// (`≥ 1`).
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Equal(literal) => literal.to_string(),
            Self::List(elements) => list(elements),
            Self::Nil(true) => "nil".to_owned(),
            Self::Any
            | Self::Text(_)
            | Self::Compare(..)
            | Self::CompareTime(..)
            | Self::All(_)
            | Self::Nil(false)
            | Self::Length(_)
            | Self::Type(_)
            | Self::Has(_)
            | Self::Each(_)
            | Self::Fields(_) => self.to_string(),
        }
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("anything"),
            Self::Equal(literal) => write!(f, "= {literal}"),
            Self::Text(text) => {
                let (key, wanted) = text.parts();
                write!(f, "{key} {wanted:?}")
            }
            Self::Compare(comparison, number) => write!(f, "{comparison} {number}"),
            Self::CompareTime(comparison, bound) => write!(f, "{comparison} {:?}", bound.text),
            Self::All(all) => {
                let all: Vec<String> = all.iter().map(ToString::to_string).collect();
                f.write_str(&all.join(" and "))
            }
            Self::Nil(true) => f.write_str("= nil"),
            Self::Nil(false) => f.write_str("not nil"),
            Self::Length(length) => write!(f, "len {length}"),
            Self::Type(name) => write!(f, "type {name}"),
            Self::List(elements) => write!(f, "= {}", list(elements)),
            Self::Has(matcher) => write!(f, "has {}", matcher.describe()),
            Self::Each(matcher) => write!(f, "each {matcher}"),
            Self::Fields(fields) => {
                let field = |(name, matcher): &(String, Self)| format!("{} {matcher}", Name(name));
                let fields: Vec<String> = fields.iter().map(field).collect();
                write!(f, "{{ {} }}", fields.join(", "))
            }
        }
    }
}

/// The elements of a list: `[1, ≥ 2]`.
fn list(elements: &[Matcher]) -> String {
    let elements: Vec<String> = elements.iter().map(Matcher::describe).collect();
    format!("[{}]", elements.join(", "))
}

/// A field, or the key of a map in quotes: `Name`, `"Content-Type"`.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_identifier(self.0) {
            f.write_str(self.0)
        } else {
            write!(f, "{:?}", self.0)
        }
    }
}

/// A literal in a spec.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `true` or `false`
    Bool(bool),
    /// A number
    Number(Number),
    /// A string
    Text(String),
}

/// A number in a spec. Integers are wide enough for every Go integer type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An integer
    Integer(i128),
    /// A float
    Float(f64),
}

/// A length or a point of time in a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeBound {
    /// A `time.Duration`, in nanoseconds: `"1.5s"`
    Duration(i64),
    /// A `time.Time` in RFC 3339: `"2026-01-02T03:04:05Z"`
    Moment(Moment),
}

/// A length or a point of time, and how it is spelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeText {
    /// As it was written.
    pub text: String,
    /// What it means.
    pub time: TimeBound,
}

impl TimeText {
    /// Reads a text; none if it is neither.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let length = duration(text).ok().map(TimeBound::Duration);
        let time = length.or_else(|| Moment::parse(text).map(TimeBound::Moment))?;
        Some(Self {
            text: text.to_owned(),
            time,
        })
    }
}

/// An order comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(integer) => write!(f, "{integer}"),
            Self::Float(float) => write!(f, "{float:?}"),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lt => "<",
            Self::Le => "≤",
            Self::Gt => ">",
            Self::Ge => "≥",
        })
    }
}
