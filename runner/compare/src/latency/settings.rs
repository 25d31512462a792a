//! What is asked of a comparison.

use model::Nanoseconds;

/// A probability of being wrong: more than 0 and less than 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct ErrorRate(f64);

impl ErrorRate {
    /// `None` if it does not lie between 0 and 1.
    #[must_use]
    pub fn new(rate: f64) -> Option<Self> {
        (rate > 0.0 && rate < 1.0).then_some(Self(rate))
    }

    /// As a number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// Each test's share of it, when it is divided evenly (Bonferroni).
    pub(super) fn share(self, tests: usize) -> f64 {
        self.0 / tests.max(1) as f64
    }
}

/// What is asked of a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The largest probability that any function is found slower or faster though none is. 0.01 by default.
    pub error_rate: ErrorRate,
    /// The least ratio that counts, in either direction: 1.1 by default, which is 10 % slower, or 1 / 1.1 of the time.
    pub least_ratio: f64,
    /// The least difference that counts: 2 µs by default. What probe costs may be off is added to it.
    pub least_difference: Nanoseconds,
    /// The least difference that counts where a run has less than [`FEW`](Settings::FEW) calls on either side: 10 µs by default. What a process' first call pays for memory
    /// that is not yet mapped depends on the machine's state and on nothing that either side does, and is the same in runs near in time.
    pub least_difference_of_few: Nanoseconds,
    /// Times below this one count as this one, since probes cannot tell them apart: 1 µs by default.
    pub resolution: Nanoseconds,
}

impl Settings {
    /// With so many calls, the first one has no weight in the typical time of a run.
    pub const FEW: u64 = 4;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            error_rate: ErrorRate(0.01),
            least_ratio: 1.1,
            least_difference: Nanoseconds(2_000),
            least_difference_of_few: Nanoseconds(10_000),
            resolution: Nanoseconds(1_000),
        }
    }
}

/// So many rounds are compared with one another, and not with others: within them a machine seldom changes much, and in eight runs one that
/// is disturbed is seen as such.
pub(super) const BLOCK: usize = 4;

/// How many rounds it takes at least to find a difference with so many tests, two for each function, at an error rate: 9 for 20
/// functions at 0.01, 12 for 500.
///
/// The least probable outcome is that in each block of four rounds all runs of one side take longer than all of the other. Without a
/// difference its probability is 2 / (70 · 70 · …), for there are 70 ways to deal eight runs to two sides; of three rounds left over there
/// are 20, of two 6, and of one 2. It must be at most the error rate divided by the number of tests, two for each function.
///
/// With so many rounds a difference is found only where it is larger than all noise; a few more are better. In 60 simulated comparisons of
/// 20 functions, of which one is 30 % slower, it was found in 41 with 9 rounds and in 60 with 12 on a machine that slows down to half its
/// speed meanwhile. Where one run in ten takes up to three times as long, it was found in 23 with 9 rounds, in 58 with 20 and in 60 with
/// 28. Nothing else was found in any.
pub(super) fn rounds_for_tests(tests: usize, error_rate: ErrorRate) -> usize {
    let mut rounds = 1;
    while 2.0 / ways_to_deal(rounds) > error_rate.share(tests) {
        rounds += 1;
    }
    rounds
}

/// In how many ways the runs of so many rounds can be dealt to the sides.
fn ways_to_deal(rounds: usize) -> f64 {
    let left = [1.0, 2.0, 6.0, 20.0][rounds % BLOCK];
    (0..rounds / BLOCK).fold(left, |ways, _| ways * 70.0)
}

/// The same for so many functions.
#[cfg(test)]
pub(crate) fn rounds_needed(functions: usize, error_rate: ErrorRate) -> usize {
    rounds_for_tests(2 * functions, error_rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_rate_lies_between_0_and_1() {
        assert_eq!(ErrorRate::new(0.05).map(ErrorRate::get), Some(0.05));
        for wrong in [0.0, -0.1, 1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(ErrorRate::new(wrong), None);
        }
    }

    #[test]
    fn rounds_grow_with_the_logarithm_of_functions() {
        let needed = |functions, rate| rounds_needed(functions, ErrorRate(rate));
        // 2 / ways ≤ rate / (2 · functions), by hand; ways of 1, 2, … rounds: 2, 6, 20, 70, 140, 420, 1400, 4900, 9800, 29400, 98000, 343000.
        assert_eq!(needed(1, 0.05), 5);
        assert_eq!(needed(1, 0.01), 6);
        assert_eq!(needed(20, 0.05), 8);
        assert_eq!(needed(20, 0.01), 9);
        assert_eq!(needed(500, 0.01), 12);
        assert_eq!(needed(1, 0.5), 3);
        assert_eq!(needed(0, 0.5), 2);
    }
}
