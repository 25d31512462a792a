//! How long a call took, and how well that is known.

use super::{Awaited, Call, Nanoseconds, Timestamp};

/// What is known of a length of time, in ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed {
    /// As the kernel's clock says.
    pub raw: u64,
    /// Our own cost taken off.
    pub corrected: u64,
    /// It is at least this.
    pub low: u64,
    /// It is at most this; [`u64::MAX`] where there is no bound.
    pub high: u64,
}

/// What part of the cost that is taken off is uncertain: 1 / 5. A hit costs less where the processor runs fast and more
/// where it runs slow, by 15 % each from what calibration saw (`make bench FIGURES=latency`).
const UNCERTAIN_PART: u64 = 5;

impl Elapsed {
    /// A length of time that contains so much cost of our own. What goroutines cost that it may have waited for is taken
    /// off where it is the largest among them; it may be none of that, and all of the others' too.
    #[must_use]
    pub const fn new(raw: u64, cost: Nanoseconds, awaited: Awaited) -> Self {
        let largest = awaited.largest.0;
        let corrected = raw.saturating_sub(cost.0).saturating_sub(largest);
        let uncertainty = cost.0 / UNCERTAIN_PART;
        let more = awaited.others.0.saturating_add(largest / UNCERTAIN_PART);
        Self {
            raw,
            corrected,
            low: corrected.saturating_sub(uncertainty).saturating_sub(more),
            high: corrected
                .saturating_add(uncertainty)
                .saturating_add(largest),
        }
    }

    /// A length of time that contains so much cost of our own, none of it of goroutines that were waited for.
    #[must_use]
    pub const fn with_cost(raw: u64, cost: Nanoseconds) -> Self {
        let none = Awaited {
            largest: Nanoseconds(0),
            others: Nanoseconds(0),
        };
        Self::new(raw, cost, none)
    }

    /// Whether it has an upper bound.
    #[must_use]
    pub const fn is_bounded(&self) -> bool {
        self.high != u64::MAX
    }

    /// Only its lower bound is known.
    #[must_use]
    pub const fn at_least(self) -> Self {
        Self {
            high: u64::MAX,
            ..self
        }
    }
}

impl Call {
    /// How long it took, if its end is what it seems. Of one that has not ended by `end`, only a lower bound is known.
    #[must_use]
    pub fn took(&self, end: Timestamp) -> Elapsed {
        let took = |until: Timestamp| {
            let raw = until.since(self.entered).0;
            Elapsed::new(
                raw,
                self.own_cost,
                self.awaited.as_deref().copied().unwrap_or_default(),
            )
        };
        match self.left {
            Some(left) => took(left),
            None => took(end).at_least(),
        }
    }
}
