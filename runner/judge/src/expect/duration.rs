//! How long calls took, with goproctor's own cost taken off, and what is then known of it.
//!
//! Every probe that was hit on a call's goroutine between its entry and its end made it longer, by what a hit of its
//! kind was calibrated to cost. That is taken off, and of the goroutines that were created and ended within the call what the hits
//! of one cost, of that which they cost the most: if the call waited for them, it did so for all at a time. What else they
//! cost may have made it longer or not, and is part of the uncertainty, as is what calibration can't show
//! ([`Elapsed`]). A bound within the uncertainty is undecided.

use std::{cmp::Ordering, time::Duration};

use model::{Call, Elapsed, Nanoseconds, Observation};
use spec::document::DurationBound;

use super::{Reason, truth::Truth, value::holds};

/// How long a call took. Of one that had not ended, or whose end may have been lost, only a lower bound is known.
pub(super) fn elapsed(observation: &Observation, call: &Call) -> Elapsed {
    if call.left.is_some() && !end_is_certain(observation, call) {
        return Elapsed::with_cost(0, Nanoseconds(0)).at_least();
    }
    let end = observation.window.map_or(call.entered, |(_, end)| end);
    call.took(end)
}

/// Whether a length of time keeps a bound.
pub(super) fn keeps(elapsed: &Elapsed, bound: &DurationBound) -> Truth {
    match (within(elapsed.low, bound), within(elapsed.high, bound)) {
        (true, true) => Truth::Yes,
        (false, false) => Truth::No,
        _ if elapsed.is_bounded() => Truth::Unknown(Reason::NearBound(show(elapsed), *bound)),
        _ => Truth::Unknown(Reason::AtLeast(Nanoseconds(elapsed.low))),
    }
}

/// A length of time with its uncertainty: `612.4ms ±9ms`.
pub(super) fn show(elapsed: &Elapsed) -> String {
    let corrected = Nanoseconds(elapsed.corrected).precise();
    if !elapsed.is_bounded() {
        return format!("{corrected} or more");
    }
    match elapsed.high - elapsed.corrected {
        0 => corrected,
        uncertainty => format!("{corrected} ±{}", Nanoseconds(uncertainty).precise()),
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

    use model::{Elapsed, Nanoseconds};
    use spec::{document::DurationBound, matcher::Comparison};

    use super::{Truth, keeps};

    fn below(milliseconds: u64) -> DurationBound {
        DurationBound {
            comparison: Comparison::Lt,
            duration: Duration::from_millis(milliseconds),
        }
    }

    #[test]
    fn our_own_cost_is_taken_off_before_the_bound_is_judged() {
        let time = Elapsed::with_cost(60_000_000, Nanoseconds(20_000_000));
        assert_eq!((time.raw, time.corrected), (60_000_000, 40_000_000));
        assert_eq!(keeps(&time, &below(50)), Truth::Yes);
        assert_eq!(keeps(&time, &below(36)), Truth::No);
    }

    #[test]
    fn a_bound_within_the_uncertainty_is_undecided() {
        let time = Elapsed::with_cost(60_000_000, Nanoseconds(20_000_000));
        assert!(matches!(keeps(&time, &below(39)), Truth::Unknown(_)));
        assert!(matches!(keeps(&time, &below(42)), Truth::Unknown(_)));
        assert_eq!(keeps(&time, &below(45)), Truth::Yes);
    }

    #[test]
    fn without_cost_the_bound_is_sharp() {
        let time = Elapsed::with_cost(50_000_000, Nanoseconds(0));
        assert_eq!(keeps(&time, &below(50)), Truth::No);
        assert_eq!(keeps(&time, &below(51)), Truth::Yes);
    }
}
