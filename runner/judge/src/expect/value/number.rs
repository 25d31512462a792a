//! Numbers against what they must be.

use std::cmp::Ordering;

use spec::matcher::{Comparison, Literal, Matcher, Number};

use super::super::{
    matchers::{of_any, of_elements, of_order, of_parts},
    truth::Truth,
};

/// How many bits a float has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::expect) enum Precision {
    /// `float32`, and each part of a `complex64`.
    Single,
    /// `float64`, and each part of a `complex128`.
    Double,
}

/// Whether an integer is what it must be.
pub(in crate::expect) fn integer_matches(matcher: &Matcher, seen: i128) -> Truth {
    match matcher {
        Matcher::Any => Truth::Yes,
        Matcher::All(parts) => Truth::all(parts.iter().map(|part| integer_matches(part, seen))),
        Matcher::Equal(Literal::Number(wanted)) => {
            (compare(seen, *wanted) == Some(Ordering::Equal)).into()
        }
        Matcher::Compare(comparison, wanted) => ordered(*comparison, compare(seen, *wanted)).into(),
        Matcher::Equal(_) | Matcher::Nil(_) | Matcher::Type(_) => Truth::No,
        Matcher::CompareTime(..) | Matcher::Text(_) | of_parts!() => Truth::No,
    }
}

/// Whether a float is what it must be.
pub(super) fn float_matches(matcher: &Matcher, seen: f64, precision: Precision) -> Truth {
    match matcher {
        Matcher::Equal(Literal::Number(wanted)) => {
            (compare_float(seen, *wanted, precision) == Some(Ordering::Equal)).into()
        }
        Matcher::Equal(Literal::Text(wanted)) => special(wanted)
            .is_some_and(|wanted| is_same(seen, wanted))
            .into(),
        Matcher::Compare(comparison, wanted) => {
            ordered(*comparison, compare_float(seen, *wanted, precision)).into()
        }
        Matcher::Equal(Literal::Bool(_)) | Matcher::CompareTime(..) => Truth::No,
        of_any!() | Matcher::Text(_) | of_parts!() => Truth::No,
    }
}

/// Whether a complex number is what it must be.
pub(super) fn complex_matches(matcher: &Matcher, seen: (f64, f64), precision: Precision) -> Truth {
    let holds = match matcher {
        Matcher::Equal(Literal::Number(wanted)) => {
            seen.1 == 0.0 && compare_float(seen.0, *wanted, precision) == Some(Ordering::Equal)
        }
        Matcher::Equal(Literal::Text(wanted)) => {
            complex(wanted).is_some_and(|(real, imaginary)| {
                is_same(seen.0, nearest(real, precision))
                    && is_same(seen.1, nearest(imaginary, precision))
            })
        }
        Matcher::Equal(Literal::Bool(_)) => false,
        of_any!() | Matcher::Text(_) | of_order!() | of_parts!() => false,
    };
    holds.into()
}

/// A complex number as `fmt` prints it, e.g. `(1+2i)`, `(-0.5-1e+06i)` or `(NaN+Infi)`; none if it is none.
pub(in crate::expect) fn complex(text: &str) -> Option<(f64, f64)> {
    let inner = text.strip_prefix('(')?.strip_suffix("i)")?;
    // The sign between the parts is the last one that does not belong to an exponent.
    let sign = inner.char_indices().rev().find(|(at, c)| {
        let before = inner
            .get(..*at)
            .and_then(|before| before.chars().next_back());
        matches!(c, '+' | '-') && !matches!(before, None | Some('e' | 'E' | '+' | '-'))
    })?;
    let (real, imaginary) = inner.split_at(sign.0);
    Some((part(real)?, part(imaginary)?))
}

/// A part of a complex number; Rust reads `inf` and `nan` in any case.
fn part(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// The floats that have no literal, as Go prints them.
fn special(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "+Inf" | "Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// Whether a text means a float that has no literal.
pub(in crate::expect) fn is_special(text: &str) -> bool {
    special(text).is_some()
}

fn is_same(a: f64, b: f64) -> bool {
    a == b || a.is_nan() && b.is_nan()
}

/// The number of that precision that is nearest to another; itself if it would be infinite.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the nearest float32 is what is wanted"
)]
fn nearest(number: f64, precision: Precision) -> f64 {
    let single = f64::from(number as f32);
    match precision {
        Precision::Single if single.is_finite() => single,
        _ => number,
    }
}

/// Whether `a comparison b` holds, given the order of a and b.
pub(in crate::expect) const fn holds(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Lt => order.is_lt(),
        Comparison::Le => order.is_le(),
        Comparison::Gt => order.is_gt(),
        Comparison::Ge => order.is_ge(),
    }
}

fn ordered(comparison: Comparison, order: Option<Ordering>) -> bool {
    order.is_some_and(|order| holds(comparison, order))
}

/// The order of a float and a number; none for NaN.
fn compare_float(seen: f64, wanted: Number, precision: Precision) -> Option<Ordering> {
    match wanted {
        Number::Integer(wanted) => compare(wanted, Number::Float(seen)).map(Ordering::reverse),
        Number::Float(wanted) => seen.partial_cmp(&nearest(wanted, precision)),
    }
}

/// The order of an integer and a number, without rounding; none for NaN.
fn compare(seen: i128, wanted: Number) -> Option<Ordering> {
    match wanted {
        Number::Integer(wanted) => Some(seen.cmp(&wanted)),
        Number::Float(wanted) if wanted.is_nan() => None,
        Number::Float(wanted) if wanted.is_infinite() => 0.0.partial_cmp(&wanted),
        Number::Float(wanted) => {
            // `as` saturates; Go's integers are far from the bounds of i128.
            let whole = seen.cmp(&(wanted.trunc() as i128));
            let rest = || 0.0.partial_cmp(&wanted.fract());
            match whole {
                Ordering::Equal => rest(),
                order => Some(order),
            }
        }
    }
}
