//! How often functions are called, and how long calls take.

use std::time::Duration;

use super::Spanned;
use crate::matcher::{Comparison, Matcher};

/// How often a function must be called: `count = { NAME = 1 }` or `{ NAME = { ge = 1 } }`.
#[derive(Clone, Debug)]
pub struct CountExpectation {
    /// The function's name in the spec.
    pub label: Spanned<String>,
    /// The number of calls.
    pub matcher: Spanned<Matcher>,
}

/// Latency bounds of a function: `latency = { NAME = ["p50 < 50ms"] }`.
#[derive(Clone, Debug)]
pub struct LatencyExpectation {
    /// The function's name in the spec.
    pub label: Spanned<String>,
    /// The bounds.
    pub bounds: Vec<Spanned<LatencyBound>>,
}

/// A bound on a statistic: `p99 < 500ms`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencyBound {
    /// Of what.
    pub statistic: Statistic,
    /// The bound.
    pub bound: DurationBound,
}

/// A statistic over durations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// `min`
    Min,
    /// `mean`
    Mean,
    /// `max`
    Max,
    /// `pXX`, in percent, e.g. 99.9
    Percentile(f64),
}

/// A bound on a duration: `< 50ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurationBound {
    /// `<`, `<=`, `>` or `>=`.
    pub comparison: Comparison,
    /// The duration.
    pub duration: Duration,
}
