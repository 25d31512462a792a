//! What is found of one time of one function.

use model::Nanoseconds;

use super::{
    rank_sum::{self, Block},
    settings::{BLOCK, ErrorRate, Settings, rounds_for_tests},
    side::{Side, Sides},
    typical::{Typical, median},
};

/// What is found of one time of one function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Finding {
    /// It takes longer on the side after.
    Slower(Effect),
    /// It takes less on the side after.
    Faster(Effect),
    /// There is no difference that counts: the whole interval lies below what does.
    Same(Effect),
    /// No difference was found, but the interval does not rule out one that counts. More rounds, or a quieter machine, make it narrower.
    Unclear(Effect),
    /// Too few rounds call it on both sides to decide anything.
    TooFewRounds {
        /// Rounds that call it on both sides.
        usable: usize,
        /// How many it takes, with all that is compared.
        needed: usize,
    },
    /// It is called on this side only.
    OnlyOn(Side),
}

/// How much a time changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// The time after, divided by the time before: the Hodges–Lehmann estimate. 1.3 is 30 % slower.
    pub ratio: f64,
    /// The true ratio is at least this. With probability 1 − error rate that is so for all functions of a comparison.
    pub low: f64,
    /// The true ratio is at most this.
    pub high: f64,
    /// What a call typically takes: the median over the rounds. Their ratio is near [`Effect::ratio`], which is measured among runs near in time.
    pub typical: Sides<Nanoseconds>,
    /// The p-value, adjusted by Holm's procedure for all that is compared.
    pub p_value: f64,
}

impl Finding {
    /// The effect, where there is one.
    #[must_use]
    pub const fn effect(&self) -> Option<&Effect> {
        match self {
            Self::Slower(effect)
            | Self::Faster(effect)
            | Self::Same(effect)
            | Self::Unclear(effect) => Some(effect),
            Self::TooFewRounds { .. } | Self::OnlyOn(_) => None,
        }
    }

    /// Whether it takes longer or less.
    #[must_use]
    pub(crate) const fn is_changed(&self) -> bool {
        matches!(self, Self::Slower(_) | Self::Faster(_))
    }

    /// Whether both changed in the same direction.
    pub(super) const fn changed_like(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (Self::Slower(_), Self::Slower(_)) | (Self::Faster(_), Self::Faster(_))
        )
    }
}

/// A time of a function in the rounds that have it on both sides.
#[derive(Clone, Debug, Default)]
pub(super) struct Paired {
    times: Vec<Sides<f64>>,
    uncertainties: Vec<Sides<f64>>,
    /// The logarithms of the times.
    blocks: Vec<Block>,
    /// The least number of calls that a run has.
    calls: u64,
}

/// How all that is compared is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standard<'s> {
    settings: &'s Settings,
    /// How many rounds a test needs.
    needed: usize,
    /// The error rate of one test's interval.
    share: f64,
}

impl Paired {
    pub(super) fn of(
        rounds: impl IntoIterator<Item = Sides<Typical>>,
        resolution: Nanoseconds,
    ) -> Self {
        let floor = resolution.0.max(1) as f64;
        let rounds: Vec<_> = rounds.into_iter().collect();
        let logarithms: Vec<_> = rounds
            .iter()
            .map(|round| round.map(|side| side.took.max(floor).ln()))
            .collect();
        let block = |rounds: &[Sides<f64>]| Block {
            before: rounds.iter().map(|round| round.before).collect(),
            after: rounds.iter().map(|round| round.after).collect(),
        };
        Self {
            times: rounds
                .iter()
                .map(|round| round.map(|side| side.took))
                .collect(),
            uncertainties: rounds
                .iter()
                .map(|round| round.map(|side| side.uncertainty))
                .collect(),
            blocks: logarithms.chunks(BLOCK).map(block).collect(),
            calls: rounds
                .iter()
                .map(|round| round.before.calls.min(round.after.calls))
                .min()
                .unwrap_or_default(),
        }
    }

    /// Whether it could be found to differ at all. That it could not is known without knowing which run was whose, so it need not count
    /// among the tests.
    pub(super) fn is_tested(&self) -> bool {
        self.blocks.iter().any(|block| {
            let mut values = block.before.iter().chain(&block.after);
            values
                .next()
                .is_some_and(|first| values.any(|value| value != first))
        })
    }

    /// Not adjusted.
    pub(super) fn p_value(&self) -> f64 {
        rank_sum::p_value(&self.blocks)
    }

    pub(super) fn judge(&self, p_value: f64, standard: Standard<'_>) -> Finding {
        let Standard {
            settings,
            needed,
            share,
        } = standard;
        let too_few = Finding::TooFewRounds {
            usable: self.times.len(),
            needed,
        };
        let Some(estimate) = rank_sum::estimate(&self.blocks, share) else {
            return too_few;
        };
        let (Some(typical), Some(uncertainty)) =
            (medians(&self.times), medians(&self.uncertainties))
        else {
            return too_few;
        };
        let effect = Effect {
            ratio: estimate.center.exp(),
            low: estimate.low.exp(),
            high: estimate.high.exp(),
            typical: typical.map(|ns| Nanoseconds(ns.round() as u64)),
            p_value,
        };
        let base = typical.before.max(settings.resolution.0 as f64);
        let least = match self.calls < Settings::FEW {
            true => settings.least_difference_of_few,
            false => settings.least_difference,
        };
        let least = least.0 as f64 + (uncertainty.after - uncertainty.before).abs();
        let counts = |ratio: f64| {
            ratio.max(1.0 / ratio) >= settings.least_ratio && base * (ratio - 1.0).abs() >= least
        };
        if p_value <= settings.error_rate.get() && counts(effect.ratio) {
            return if effect.ratio > 1.0 {
                Finding::Slower(effect)
            } else {
                Finding::Faster(effect)
            };
        }
        if counts(effect.low) || counts(effect.high) {
            Finding::Unclear(effect)
        } else {
            Finding::Same(effect)
        }
    }
}

impl<'s> Standard<'s> {
    /// For so many tests.
    pub(super) fn new(settings: &'s Settings, tests: usize) -> Self {
        let rate: ErrorRate = settings.error_rate;
        Self {
            settings,
            needed: rounds_for_tests(tests, rate),
            share: rate.share(tests),
        }
    }

    pub(super) const fn needed(&self) -> usize {
        self.needed
    }
}

fn medians(values: &[Sides<f64>]) -> Option<Sides<f64>> {
    let before = median(values.iter().map(|sides| sides.before).collect())?;
    let after = median(values.iter().map(|sides| sides.after).collect())?;
    Some(Sides { before, after })
}
