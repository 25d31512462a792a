//! What a value must be.

use model::{Moment, duration};
use regex::Regex;

use super::grammar::MATCHER;

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
    /// A string that contains another: `{ contains = "…" }`.
    Contains(String),
    /// A string that a regular expression finds a match in: `{ matches = "…" }`.
    Matches(Regex),
    /// A number that compares so with another: `{ lt | le | gt | ge = … }`.
    Compare(Comparison, Number),
    /// A length or a point of time that compares so with another: `{ lt = "1.5s" }`.
    CompareTime(Comparison, TimeText),
    /// All of several: `{ ge = 1, lt = 10 }`.
    All(Vec<Matcher>),
    /// Nil, or not: `{ nil = true }`.
    Nil(bool),
    /// A length (of a string, slice, array, map or channel) that is so: `{ len = 3 }`, `{ len = { ge = 1 } }`.
    Length(Box<Matcher>),
    /// An interface whose dynamic type has this name, short or full; any other value of that type: `{ type = "*net.OpError" }`.
    Type(String),
    /// A list whose elements are these, one by one and no others: `[1, { ge = 2 }]`.
    List(Vec<Matcher>),
    /// A list of which an element is so, or a map of which a value is: `{ has = … }`.
    Has(Box<Matcher>),
    /// A list of which every element is so, or a map of which every value is: `{ each = … }`.
    Each(Box<Matcher>),
    /// A struct whose fields, or a map whose values, are so; others do not matter. Inside lists alone: elsewhere
    /// each becomes a path of its own.
    Fields(Vec<(String, Matcher)>),
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
        let length = duration(text).map(TimeBound::Duration);
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
