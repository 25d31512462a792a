//! What values are compared with: literals, times, and the range that several comparisons leave.

use std::cmp::Ordering;

use toml::de::DeValue;

use crate::{
    cursor::Node,
    matcher::{Comparison, Literal, Matcher, Number, TimeText},
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
    /// The exit status of a process.
    Exit,
    /// Text that the program writes.
    Output,
}

impl Subject {
    /// What it is, if it is a whole number that is never negative.
    pub(super) const fn as_whole_number(self) -> Option<&'static str> {
        match self {
            Self::Length => Some("a length"),
            Self::Count => Some("a number of calls"),
            Self::Status => Some("a status"),
            Self::Exit => Some("an exit status"),
            Self::Value | Self::Text | Self::Output => None,
        }
    }
}

/// A comparison, `lt` and the like; `key` is what it is called.
pub(super) fn comparison(
    node: &Node<'_>,
    key: &str,
    comparison: Comparison,
    subject: Subject,
) -> Option<Matcher> {
    if let Some(bound) = time_bound(node, subject) {
        return Some(Matcher::CompareTime(comparison, bound));
    }
    let number = compared(node, comparison, key, subject)?;
    Some(Matcher::Compare(comparison, number))
}

/// The length or the point of time of `lt` and the like, if a Go value is compared with such a text.
fn time_bound(node: &Node<'_>, subject: Subject) -> Option<TimeText> {
    match node.value {
        DeValue::String(text) if subject == Subject::Value => TimeText::read(text),
        _ => None,
    }
}

/// The number of `lt` and the like.
fn compared(
    node: &Node<'_>,
    comparison: Comparison,
    key: &str,
    subject: Subject,
) -> Option<Number> {
    if let Subject::Text | Subject::Output = subject {
        return node.refuse(
            node.error(format!("`{key}` compares numbers, and this is text"))
                .help("use a string, `contains` or `matches`"),
        );
    }
    match literal(node, Subject::Value)? {
        Literal::Number(Number::Float(number)) if number.is_infinite() => node.refuse(
            node.error("a comparison with inf always or never holds")
                .label("not a finite number"),
        ),
        Literal::Number(number) => bounded(node, number, comparison, key, subject),
        _ => node.refuse(
            node.error(format!("`{key}` compares numbers"))
                .label(match subject {
                    Subject::Value => "not a number, a duration or a time",
                    _ => "not a number",
                }),
        ),
    }
}

/// Refuses comparisons of whole numbers that always or never hold.
fn bounded(
    node: &Node<'_>,
    number: Number,
    comparison: Comparison,
    key: &str,
    subject: Subject,
) -> Option<Number> {
    if subject.as_whole_number().is_none() {
        return Some(number);
    }
    let Number::Integer(integer) = number else {
        return node.mismatch("a whole number");
    };
    let decided = match comparison {
        Comparison::Ge | Comparison::Lt => integer <= 0,
        Comparison::Gt | Comparison::Le => integer < 0,
    };
    if decided {
        let label = match comparison {
            Comparison::Ge | Comparison::Gt => "always holds",
            Comparison::Lt | Comparison::Le => "can never hold",
        };
        return node.refuse(
            node.error(format!("`{key} = {integer}` is not an expectation"))
                .label(label),
        );
    }
    Some(number)
}

/// A literal that the subject can equal.
pub(super) fn literal(node: &Node<'_>, subject: Subject) -> Option<Literal> {
    let literal = match node.value {
        DeValue::Boolean(value) => Literal::Bool(*value),
        DeValue::String(text) => Literal::Text(text.to_string()),
        DeValue::Integer(_) | DeValue::Float(_) => Literal::Number(number(node)?),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
            return node.mismatch("a string, a number, true or false");
        }
    };
    match (subject, &literal) {
        (Subject::Value, _) | (Subject::Text | Subject::Output, Literal::Text(_)) => Some(literal),
        (Subject::Text | Subject::Output, _) => node.mismatch("a string or a matcher"),
        (Subject::Count | Subject::Length, Literal::Number(Number::Integer(0..))) => Some(literal),
        (Subject::Count | Subject::Length, Literal::Number(_)) => {
            let what = subject.as_whole_number().unwrap_or_default();
            node.refuse(
                node.error(format!("{what} is a whole number from 0"))
                    .label("can never hold"),
            )
        }
        (Subject::Status, Literal::Number(Number::Integer(100..=599))) => Some(literal),
        (Subject::Status, Literal::Number(_)) => node.refuse(
            node.error("a status is a whole number from 100 to 599")
                .label("can never hold"),
        ),
        (Subject::Exit, Literal::Number(Number::Integer(0..=255))) => Some(literal),
        (Subject::Exit, Literal::Number(_)) => node.refuse(
            node.error("an exit status is a whole number from 0 to 255")
                .label("can never hold"),
        ),
        (Subject::Count | Subject::Length | Subject::Status | Subject::Exit, _) => {
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
                        .help("write \"NaN\" to match it"),
                );
            }
            value.map(Number::Float)
        }
        _ => node.mismatch("a number"),
    }
}

/// The range that comparisons leave.
#[derive(Debug, Default)]
pub(super) struct Range {
    /// The greatest lower bound, and whether it is itself excluded.
    low: Option<(Number, bool)>,
    /// The least upper bound, and whether it is itself excluded.
    high: Option<(Number, bool)>,
}

impl Range {
    /// Takes a comparison into account.
    pub(super) fn narrow(&mut self, comparison: Comparison, number: Number) {
        let excluded = matches!(comparison, Comparison::Lt | Comparison::Gt);
        let (side, tighter) = match comparison {
            Comparison::Gt | Comparison::Ge => (&mut self.low, true),
            Comparison::Lt | Comparison::Le => (&mut self.high, false),
        };
        let replaces = match side {
            None => true,
            Some((known, known_excluded)) => match order(number, *known) {
                Ordering::Greater => tighter,
                Ordering::Less => !tighter,
                Ordering::Equal => excluded && !*known_excluded,
            },
        };
        if replaces {
            *side = Some((number, excluded));
        }
    }

    /// Whether no number lies in it; no whole number, if there are only those.
    pub(super) fn is_empty(&self, whole_numbers: bool) -> bool {
        if whole_numbers && let Some((low, high)) = self.whole() {
            return low > high;
        }
        match (self.low, self.high) {
            (Some((low, low_excluded)), Some((high, high_excluded))) => match order(low, high) {
                Ordering::Greater => true,
                Ordering::Equal => low_excluded || high_excluded,
                Ordering::Less => false,
            },
            _ => false,
        }
    }

    /// The least and the greatest whole number in it, if both bounds are whole numbers.
    fn whole(&self) -> Option<(i128, i128)> {
        match (self.low?, self.high?) {
            ((Number::Integer(low), low_excluded), (Number::Integer(high), high_excluded)) => {
                Some((
                    low + i128::from(low_excluded),
                    high - i128::from(high_excluded),
                ))
            }
            _ => None,
        }
    }
}

/// The order of two numbers; both are finite.
fn order(a: Number, b: Number) -> Ordering {
    match (a, b) {
        (Number::Integer(a), Number::Integer(b)) => a.cmp(&b),
        _ => as_float(a)
            .partial_cmp(&as_float(b))
            .unwrap_or(Ordering::Equal),
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
