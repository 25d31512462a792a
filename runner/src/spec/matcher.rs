//! What a value must be.

use regex::Regex;

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
    /// All of several: `{ ge = 1, lt = 10 }`.
    All(Vec<Matcher>),
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
