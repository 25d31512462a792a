//! Matchers: a literal, or a table such as `{ ge = 1, lt = 10 }`.

use crate::model::{Path, Root};
use regex::Regex;
use toml::de::DeValue;

use crate::spec::{
    Spanned, SpecError,
    cursor::{Entry, Node},
    document::ArgumentExpectation,
    grammar::MATCHER,
    matcher::{Comparison, Literal, Matcher, Number},
};

/// What is matched, which decides what makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// A Go value of any type.
    Value,
    /// A number of calls.
    Count,
    /// The status of a response.
    Status,
    /// Text of a response.
    Text,
}

/// What a Go value must be.
pub(super) fn value(node: &Node<'_>) -> Option<Spanned<Matcher>> {
    matcher(node, Subject::Value)
}

/// What a subject must be.
pub(super) fn matcher(node: &Node<'_>, subject: Subject) -> Option<Spanned<Matcher>> {
    let matcher = match node.value {
        DeValue::Table(_) => several(node, subject)?,
        DeValue::Array(_) => {
            node.report(
                node.error(format!("{} is one value, not a list", node.name))
                    .label("a list")
                    .help("this version can't judge the elements of slices"),
            );
            return None;
        }
        _ => Matcher::Equal(literal(node, subject)?),
    };
    Some(Spanned::new(matcher, node.span.clone()))
}

/// What arguments must be, by name.
pub(super) fn arguments(node: &Node<'_>) -> Option<Vec<ArgumentExpectation>> {
    let entries = node.entries()?;
    if entries.is_empty() {
        node.report(node.error(format!("{} is empty", node.name)));
    }
    Some(entries.iter().filter_map(argument).collect())
}

/// What results must be, by position: a list, or a single value for the first.
pub(super) fn results(node: &Node<'_>) -> Option<Vec<Spanned<Matcher>>> {
    let elements = node.one_or_more()?;
    if elements.is_empty() {
        node.report(
            node.error(format!("{} is empty", node.name))
                .help("leave it out if any result will do"),
        );
        return None;
    }
    let matchers: Vec<_> = elements.iter().filter_map(value).collect();
    // A result that could not be read would shift those after it.
    (matchers.len() == elements.len()).then_some(matchers)
}

fn argument(entry: &Entry<'_>) -> Option<ArgumentExpectation> {
    let Entry { key, node } = entry;
    if key.value.contains(['.', '[', '(']) || is_path(node) {
        node.report(
            SpecError::at(key.span.clone(), "this version can't look into an argument")
                .label("a path into a value")
                .help("judge arguments of integer, bool and string types as a whole, or watch a function that is given the part itself"),
        );
        return None;
    }
    if key.value == "_" {
        node.report(
            SpecError::at(key.span.clone(), "an unnamed parameter can't be judged")
                .label("no name to tell it by"),
        );
        return None;
    }
    if !is_identifier(&key.value) {
        node.report(
            SpecError::at(key.span.clone(), format!("`{}` is no parameter", key.value))
                .label("not a Go identifier")
                .help("arguments go by the names of the parameters in the Go source"),
        );
        return None;
    }
    Some(ArgumentExpectation {
        path: key.clone().map(|name| Path {
            root: Root::Argument(name),
            segments: Vec::new(),
        }),
        matcher: value(node)?,
    })
}

/// Whether dotted keys lead into a value: `request.URL.Path = "/"`, but not `year.ge = 2020`.
fn is_path(node: &Node<'_>) -> bool {
    node.is_dotted()
        && node.value.as_table().is_some_and(|table| {
            let known = |name: &str| MATCHER.keys.iter().any(|key| key.name == name);
            table.keys().any(|key| !known(key.get_ref()))
        })
}

fn is_identifier(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_numeric())
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// A table of matchers, all of which must hold.
fn several(node: &Node<'_>, subject: Subject) -> Option<Matcher> {
    let mut table = node.table(&MATCHER)?;
    let mut range = Range::default();
    let mut texts = 0_usize;
    let any = table.take("any").map(|node| any(&node, subject));
    let equal = table.take("equal").map(|node| literal(&node, subject));
    let mut all: Vec<Option<Matcher>> = Vec::new();
    for (key, read) in [("contains", contains as TextMatcher), ("matches", matches)] {
        if let Some(node) = table.take(key) {
            texts += 1;
            all.push(numbers_only(&node, subject).and_then(|()| read(&node)));
        }
    }
    for (key, comparison) in [
        ("gt", Comparison::Gt),
        ("ge", Comparison::Ge),
        ("lt", Comparison::Lt),
        ("le", Comparison::Le),
    ] {
        if let Some(node) = table.take(key) {
            let number = compared(&node, key, subject);
            if let Some(number) = number {
                range.narrow(comparison, number);
            }
            all.push(number.map(|number| Matcher::Compare(comparison, number)));
        }
    }
    let unknown = table.finish();
    let alone = usize::from(any.is_some()) + usize::from(equal.is_some());
    if alone > 1 || alone == 1 && !all.is_empty() {
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
    if all.is_empty() {
        if !unknown {
            node.report(
                node.error(format!("{} has no matcher", node.name))
                    .label("nothing is asked here")
                    .help("use { any = true } if anything will do"),
            );
        }
        return None;
    }
    if texts > 0 && texts < all.len() {
        node.report(node.error("no value is both a string and a number").help(
            "`contains` and `matches` are for strings, `lt`, `le`, `gt` and `ge` for numbers",
        ));
        return None;
    }
    if range.is_empty() {
        node.report(
            node.error("no number lies in this range")
                .label("can never hold"),
        );
        return None;
    }
    let mut all: Vec<Matcher> = all.into_iter().collect::<Option<_>>()?;
    match all.len() {
        1 => all.pop(),
        _ => Some(Matcher::All(all)),
    }
}

type TextMatcher = fn(&Node<'_>) -> Option<Matcher>;

fn any(node: &Node<'_>, subject: Subject) -> Option<Matcher> {
    if !node.flag()? {
        node.report(node.error("`any` can only be true"));
        return None;
    }
    if subject == Subject::Count {
        node.report(
            node.error("any number of calls is no expectation")
                .label("can never fail")
                .help("leave it out"),
        );
        return None;
    }
    Some(Matcher::Any)
}

fn contains(node: &Node<'_>) -> Option<Matcher> {
    let text = node.text()?;
    if text.value.is_empty() {
        node.report(
            node.error("every string contains the empty one")
                .label("can never fail")
                .help("use { any = true } if any string will do, \"\" for the empty string"),
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
            node.report(bad_regex(node, &text.value, &error));
            None
        }
    }
}

/// Points at the place in the expression where it goes wrong, if that is told.
fn bad_regex(node: &Node<'_>, pattern: &str, error: &regex::Error) -> SpecError {
    let (place, reason) = match regex_syntax::parse(pattern) {
        Err(regex_syntax::Error::Parse(error)) => (Some(*error.span()), error.kind().to_string()),
        Err(regex_syntax::Error::Translate(error)) => {
            (Some(*error.span()), error.kind().to_string())
        }
        _ => (None, error.to_string()),
    };
    let span = place.map_or_else(
        || node.span.clone(),
        |place| node.inside(place.start.offset..place.end.offset),
    );
    SpecError::at(span, format!("{} is no regular expression", node.name)).label(reason)
}

/// Refuses a text matcher where there are numbers.
fn numbers_only(node: &Node<'_>, subject: Subject) -> Option<()> {
    let what = match subject {
        Subject::Count => "a number of calls",
        Subject::Status => "a status",
        Subject::Value | Subject::Text => return Some(()),
    };
    node.report(
        node.error(format!("{what} is a number, {} is for strings", node.name))
            .help("use a number, or `lt`, `le`, `gt`, `ge`"),
    );
    None
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

/// Refuses comparisons of counts and statuses that always or never hold.
fn bounded(node: &Node<'_>, number: Number, key: &str, subject: Subject) -> Option<Number> {
    if matches!(subject, Subject::Value | Subject::Text) {
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
        (Subject::Count, Literal::Number(Number::Integer(count))) if *count >= 0 => Some(literal),
        (Subject::Count, Literal::Number(_)) => {
            node.report(
                node.error("a number of calls is a whole number from 0")
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
        (Subject::Count | Subject::Status, _) => node.mismatch("a number or a matcher"),
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
                    node.error("no Go integer is so large")
                        .label("beyond 64 bits"),
                );
            }
            value.map(Number::Integer)
        }
        DeValue::Float(float) => {
            let value = float.as_str().parse::<f64>().ok();
            let value = value.filter(|value| value.is_finite());
            if value.is_none() {
                node.report(
                    node.error("this is not a finite number")
                        .help("comparisons with inf and nan decide nothing"),
                );
            }
            value.map(Number::Float)
        }
        _ => node.mismatch("a number"),
    }
}

/// The range that comparisons leave.
#[derive(Debug, Default)]
struct Range {
    /// The greatest lower bound, and whether it is itself excluded.
    low: Option<(Number, bool)>,
    /// The least upper bound, and whether it is itself excluded.
    high: Option<(Number, bool)>,
}

impl Range {
    fn narrow(&mut self, comparison: Comparison, number: Number) {
        let excluded = matches!(comparison, Comparison::Lt | Comparison::Gt);
        let (side, tighter) = match comparison {
            Comparison::Gt | Comparison::Ge => (&mut self.low, true),
            Comparison::Lt | Comparison::Le => (&mut self.high, false),
        };
        let replaces = match side {
            None => true,
            Some((known, known_excluded)) => match order(number, *known) {
                std::cmp::Ordering::Greater => tighter,
                std::cmp::Ordering::Less => !tighter,
                std::cmp::Ordering::Equal => excluded && !*known_excluded,
            },
        };
        if replaces {
            *side = Some((number, excluded));
        }
    }

    fn is_empty(&self) -> bool {
        match (self.low, self.high) {
            (Some((low, low_excluded)), Some((high, high_excluded))) => match order(low, high) {
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Equal => low_excluded || high_excluded,
                std::cmp::Ordering::Less => false,
            },
            _ => false,
        }
    }
}

/// The order of two numbers; both are finite.
fn order(a: Number, b: Number) -> std::cmp::Ordering {
    match (a, b) {
        (Number::Integer(a), Number::Integer(b)) => a.cmp(&b),
        _ => as_float(a).total_cmp(&as_float(b)),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a mixed range is judged as floats; only a range that is empty by less than the rounding is missed"
)]
fn as_float(number: Number) -> f64 {
    match number {
        Number::Integer(integer) => integer as f64,
        Number::Float(float) => float,
    }
}
