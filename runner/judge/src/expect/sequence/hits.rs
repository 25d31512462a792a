//! What the probes' hits between two moments cost.

use model::{Call, Elapsed, Nanoseconds, Observation, ProbeHit, Timestamp};
use spec::document::Sequence;

/// The cost of our own that may lie between two moments. Which of the hits between them delayed the second one is not
/// known, so a gap is only known to lie between all of that cost and none of it.
pub(super) struct Hits<'a> {
    hits: &'a [ProbeHit],
    /// What the hits before each one cost together, in ns; one more than there are hits.
    before: Vec<u64>,
}

impl<'a> Hits<'a> {
    pub(super) fn of(observation: &'a Observation, sequence: &Sequence) -> Self {
        let is_needed = sequence.steps().any(|step| step.gap.is_some());
        let hits: &[ProbeHit] = if is_needed { &observation.hits } else { &[] };
        let mut cost = 0_u64;
        let sums = hits.iter().map(|hit| {
            cost = cost.saturating_add(hit.cost.0);
            cost
        });
        Self {
            hits,
            before: std::iter::once(0).chain(sums).collect(),
        }
    }

    /// What was hit before a moment cost.
    fn cost_before(&self, moment: Timestamp) -> u64 {
        let count = self.hits.partition_point(|hit| hit.time < moment);
        self.before.get(count).copied().unwrap_or_default()
    }

    /// The time between the entries of two calls.
    pub(super) fn between(&self, from: &Call, to: &Call) -> Elapsed {
        let cost = self
            .cost_before(to.entered)
            .saturating_sub(self.cost_before(from.entered));
        let raw = to.entered.since(from.entered).0;
        Elapsed {
            raw,
            corrected: raw,
            low: Elapsed::with_cost(raw, Nanoseconds(cost)).low,
            high: raw,
        }
    }
}
