//! Conditions on the values of a call.

use super::ArgumentExpectation;

/// A condition on the values of a call: `order.Item == "book" && qty >= 3`.
///
/// However it is written, its leaves are values and what they must be: `a != 1` is `!(a == 1)`, and
/// `args = { a = 1, b = 2 }` is `a == 1 && b == 2`.
#[derive(Clone, Debug)]
pub enum Expression {
    /// A value is as demanded.
    Value(Box<ArgumentExpectation>),
    /// All of these hold.
    All(Vec<Self>),
    /// At least one of these holds.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
}

impl Expression {
    /// The values that it looks at, in the order in which they are written.
    #[must_use]
    pub fn values(&self) -> Vec<&ArgumentExpectation> {
        match self {
            Self::Value(value) => vec![value],
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::values).collect(),
            Self::Not(inner) => inner.values(),
        }
    }

    /// All of several; none if there are none, and a single one alone.
    pub(crate) fn all(mut parts: Vec<Self>) -> Option<Self> {
        match parts.len() {
            0 | 1 => parts.pop(),
            _ => Some(Self::All(parts)),
        }
    }
}
