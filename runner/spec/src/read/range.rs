//! The range that several comparisons leave.

use std::cmp::Ordering;

use crate::matcher::{Comparison, Number};

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
