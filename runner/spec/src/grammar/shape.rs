//! What tables and their keys are described by.

/// A table of a spec.
#[derive(Debug)]
pub(crate) struct Section {
    /// Its name in the schema and in the documentation.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
}

/// A key of a table.
#[derive(Debug)]
pub(crate) struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub shape: Shape,
    /// What holds when it is not given, in words; [`REQUIRED`] if it must be.
    pub default: &'static str,
    /// What it means.
    pub about: &'static str,
}

/// The keys of a table, a line each: what they take, what holds without them, what they mean.
macro_rules! keys {
    ($($name:literal: $shape:expr, $default:expr, $about:expr;)*) => {
        &[$($crate::grammar::Key { name: $name, shape: $shape, default: $default, about: $about }),*]
    };
}
pub(super) use keys;

/// The default of a key that has none.
pub(crate) const REQUIRED: &str = "required";

/// What a key takes.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A string.
    Text,
    /// A string with placeholders.
    Template,
    /// `true` or `false`.
    Flag,
    /// A whole number of a range, both ends included.
    Integer(u32, u32),
    /// A literal: string, number or bool.
    Literal,
    /// A number.
    Number,
    /// A length of time: `"50ms"`.
    Duration,
    /// A bound on a length of time: `"< 50ms"`.
    Bound,
    /// A bound on a statistic: `"p99 < 500ms"`.
    Latency,
    /// One of some strings.
    Choice(&'static [&'static str]),
    /// Any TOML value that JSON knows too.
    Json,
    /// A condition: `"qty >= 3"`.
    Expression,
    /// A literal or a table of matchers.
    Matcher,
    /// What a Go value must be: a literal, a list, a table of matchers or a table of fields.
    Value,
    /// A table with these keys.
    Table(&'static Section),
    /// A table with keys of the user's choice.
    Map(&'static Shape),
    /// A list.
    List(&'static Shape),
    /// One of several.
    Either(&'static [Shape]),
}
