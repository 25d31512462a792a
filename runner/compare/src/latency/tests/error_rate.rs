//! With no difference, a difference is found in no larger a share of comparisons than promised.

use model::Nanoseconds;

use super::simulation::{FUNCTIONS, Machine, NOISES, Noise};
use crate::latency::{ErrorRate, Finding, Settings, rounds_needed};

const COMPARISONS: u64 = 200;

/// Every difference counts, so that the tests alone hold the error rate.
fn strict(rate: f64) -> Settings {
    Settings {
        error_rate: ErrorRate::new(rate).expect("a rate"),
        least_ratio: 1.0,
        least_difference: Nanoseconds(0),
        least_difference_of_few: Nanoseconds(0),
        resolution: Nanoseconds(1),
    }
}

/// The largest number of successes that is not less probable than one in a million, where each of so many trials succeeds with this probability.
fn most_successes(trials: u64, probability: f64) -> u64 {
    let odds = probability / (1.0 - probability);
    let mut term = (1.0 - probability).powi(trials as i32);
    let mut reached = 0.0;
    for successes in 0..trials {
        reached += term;
        if 1.0 - reached < 1e-6 {
            return successes;
        }
        term *= odds * (trials - successes) as f64 / (successes + 1) as f64;
    }
    trials
}

/// How many of the comparisons find anything, and of how many an interval misses the ratio of 1.
fn wrong(noise: Noise, rounds: usize, rate: f64) -> (u64, u64) {
    let (mut claimed, mut missed) = (0, 0);
    for seed in 0..COMPARISONS {
        let comparison = Machine::new(noise, seed).compare(rounds, &strict(rate));
        assert_eq!(comparison.functions.len(), FUNCTIONS);
        claimed += u64::from(comparison.changed().next().is_some());
        let findings = || {
            comparison
                .functions
                .values()
                .flat_map(|function| [function.own, function.whole])
        };
        assert!(
            findings().all(|finding| finding.effect().is_some()),
            "each is decided"
        );
        missed += u64::from(
            findings()
                .filter_map(|finding| finding.effect().copied())
                .any(|effect| effect.low > 1.0 || effect.high < 1.0),
        );
    }
    (claimed, missed)
}

#[test]
fn the_bound_on_successes_is_the_binomials() {
    // More than 2 of 3: 0.02³ = 8e-6. More than 1 of 3 at 0.001: 3e-6; more than 2: 1e-9.
    assert_eq!(most_successes(3, 0.02), 3);
    assert_eq!(most_successes(3, 0.001), 2);
    assert_eq!(most_successes(300, 0.05), 36);
    assert_eq!(most_successes(300, 0.2), 95);
}

#[test]
fn differences_found_where_there_are_none_stay_within_the_error_rate() {
    for noise in NOISES {
        for rate in [0.05, 0.2] {
            let rounds = rounds_needed(FUNCTIONS, ErrorRate::new(rate).expect("a rate"));
            let (claimed, missed) = wrong(noise, rounds + 1, rate);
            let most = most_successes(COMPARISONS, rate);
            assert!(
                claimed <= most && missed <= most,
                "{noise:?} at {rate}: {claimed} claimed, {missed} missed, {most} allowed"
            );
        }
    }
}

/// 60 of 60: with the default settings a program does not differ from itself.
#[test]
fn a_program_does_not_differ_from_itself() {
    let settings = Settings::default();
    let rounds = rounds_needed(FUNCTIONS, settings.error_rate);
    for noise in NOISES {
        for seed in 1000..1060 {
            let comparison = Machine::new(noise, seed).compare(rounds, &settings);
            assert_eq!(comparison.changed().count(), 0, "{noise:?} {seed}");
        }
    }
}

/// Where noise is small, it is not only not found: it is ruled out.
#[test]
fn a_quiet_program_is_said_to_be_the_same() {
    let settings = Settings::default();
    let mut same = 0;
    for seed in 0..20 {
        let comparison = Machine::new(Noise::Drifting, seed).compare(24, &settings);
        same += comparison
            .functions
            .values()
            .filter(|function| matches!(function.own, Finding::Same(_)))
            .count();
    }
    assert!(same > 19 * FUNCTIONS, "{same}");
}
