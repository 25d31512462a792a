//! How long calls took, with goproctor's own cost taken off, and what is then known of it.
//!
//! Every probe that was hit on a call's goroutine between its entry and its end made it longer, by what a hit of its
//! kind was calibrated to cost. That is taken off, and of the goroutines that were created and ended within the call what the hits
//! of one cost, of that which they cost the most: if the call waited for them, it did so for all at a time. What else they
//! cost may have made it longer or not, and is part of the uncertainty, as is what calibration can't tell
//! ([`Took`]). A bound within the uncertainty is undecided.

use std::{cmp::Ordering, time::Duration};

use super::{Inconclusive, truth::Truth, value::holds, wording};
use crate::{
    model::{Awaited, Call, Nanoseconds, Observation, Took},
    spec::document::DurationBound,
};

impl Took {
    /// A length of time that contains so much cost of our own.
    pub(super) const fn with_cost(raw: u64, cost: u64) -> Self {
        let none = Awaited {
            largest: Nanoseconds(0),
            others: Nanoseconds(0),
        };
        Self::new(raw, Nanoseconds(cost), none)
    }

    /// How long a call took. Of one that had not ended, or whose end may have been lost, only a lower bound is known.
    pub(super) fn of(observation: &Observation, call: &Call) -> Self {
        if call.left.is_some() && !end_is_certain(observation, call) {
            return Self::with_cost(0, 0).at_least();
        }
        let end = observation.window.map_or(call.entered, |(_, end)| end);
        call.took(end)
    }

    /// Whether it has an upper bound.
    pub(super) const fn is_bounded(&self) -> bool {
        self.high != u64::MAX
    }

    /// Whether it keeps a bound.
    pub(super) fn keeps(&self, bound: &DurationBound) -> Truth {
        match (within(self.low, bound), within(self.high, bound)) {
            (true, true) => Truth::Yes,
            (false, false) => Truth::No,
            _ => Truth::Unknown(self.undecided(bound)),
        }
    }

    fn undecided(&self, bound: &DurationBound) -> Inconclusive {
        if self.is_bounded() {
            Inconclusive::because(format!(
                "{} lies within the uncertainty of the bound {bound}",
                self.show()
            ))
            .advise("watch fewer functions below it, or move the bound")
        } else {
            Inconclusive::because(format!(
                "its end was not seen, so it took {} or more",
                wording::time(Nanoseconds(self.low))
            ))
        }
    }

    /// In words, with the uncertainty: `612.4ms ±9ms`.
    pub(super) fn show(&self) -> String {
        let corrected = wording::time(Nanoseconds(self.corrected));
        if !self.is_bounded() {
            return format!("{corrected} or more");
        }
        match self.high - self.corrected {
            0 => corrected,
            uncertainty => format!("{corrected} ±{}", wording::time(Nanoseconds(uncertainty))),
        }
    }
}

/// Whether the end of a call is what it seems: a `ret` was seen, or none of its function's hits was lost.
pub(super) fn end_is_certain(observation: &Observation, call: &Call) -> bool {
    call.outcome.has_results() || observation.loss.of(call.function) == 0
}

fn within(nanoseconds: u64, bound: &DurationBound) -> bool {
    let order: Ordering = Duration::from_nanos(nanoseconds).cmp(&bound.duration);
    holds(bound.comparison, order)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Truth;
    use crate::{
        model::Took,
        spec::{document::DurationBound, matcher::Comparison},
    };

    fn below(milliseconds: u64) -> DurationBound {
        DurationBound {
            comparison: Comparison::Lt,
            duration: Duration::from_millis(milliseconds),
        }
    }

    #[test]
    fn our_own_cost_is_taken_off_before_the_bound_is_judged() {
        let time = Took::with_cost(60_000_000, 20_000_000);
        assert_eq!((time.raw, time.corrected), (60_000_000, 40_000_000));
        assert_eq!(time.keeps(&below(50)), Truth::Yes);
        assert_eq!(time.keeps(&below(36)), Truth::No);
    }

    #[test]
    fn a_bound_within_the_uncertainty_is_undecided() {
        let time = Took::with_cost(60_000_000, 20_000_000);
        assert!(matches!(time.keeps(&below(39)), Truth::Unknown(_)));
        assert!(matches!(time.keeps(&below(42)), Truth::Unknown(_)));
        assert_eq!(time.keeps(&below(45)), Truth::Yes);
    }

    #[test]
    fn without_cost_the_bound_is_sharp() {
        let time = Took::with_cost(50_000_000, 0);
        assert_eq!(time.keeps(&below(50)), Truth::No);
        assert_eq!(time.keeps(&below(51)), Truth::Yes);
    }
}
