//! A difference is found, where it is, as large as it is.

use super::simulation::{FUNCTIONS, Machine, Noise, name};
use crate::latency::{Finding, Origin, Settings};

const SLOWER: f64 = 1.3;

/// One function of twenty is 30 % slower: it is found in 60 of 60 comparisons and is the only root; all else that changed is a consequence
/// of it; the interval holds 1.3, and half of the estimates lie within 3 % of it. So many rounds it takes, as
/// [`rounds_needed`](crate::latency::rounds_needed) says.
#[test]
fn a_function_that_is_slower_by_30_percent_is_the_only_root() {
    let settings = Settings::default();
    for (noise, rounds) in [(Noise::Drifting, 12), (Noise::HeavyTailed, 28)] {
        let (mut ratios, mut covered) = (Vec::new(), 0);
        for seed in 0..60 {
            let mut machine = Machine::new(noise, seed);
            let slower = seed as usize % FUNCTIONS;
            machine.slower = Some((slower, SLOWER));
            let comparison = machine.compare(rounds, &settings);
            let roots: Vec<_> = comparison
                .roots()
                .map(|(name, _)| name.to_owned())
                .collect();
            assert_eq!(roots, [name(slower)], "{noise:?} {seed}");
            let of_it = Origin::Consequence(roots);
            let others = comparison
                .changed()
                .filter(|(function, _)| *function != name(slower));
            for (function, latency) in others {
                assert_eq!(
                    latency.origin.as_ref(),
                    Some(&of_it),
                    "{noise:?} {seed}: {function}"
                );
            }
            let Finding::Slower(effect) = comparison.functions[&name(slower)].own else {
                panic!("{noise:?} {seed}: not slower")
            };
            covered += usize::from(effect.low <= SLOWER && SLOWER <= effect.high);
            ratios.push(effect.ratio);
        }
        ratios.sort_by(f64::total_cmp);
        let median = ratios[ratios.len() / 2];
        assert!((median / SLOWER - 1.0).abs() < 0.03, "{noise:?}: {median}");
        let deviations = ratios
            .iter()
            .filter(|ratio| (*ratio / SLOWER - 1.0).abs() < 0.03)
            .count();
        assert!(deviations >= 30, "{noise:?}: {ratios:?}");
        assert!(
            covered >= 58,
            "{noise:?}: {covered} of 60 intervals hold {SLOWER}"
        );
    }
}

/// The callers of a function that makes up most of their time change with it, and are not roots.
#[test]
fn callers_are_consequences() {
    let mut machine = Machine::new(Noise::Drifting, 7);
    machine.slower = Some((19, 2.0));
    let comparison = machine.compare(16, &Settings::default());
    let changed: Vec<_> = comparison
        .changed()
        .map(|(name, latency)| (name, latency.origin.clone()))
        .collect();
    let of_it = Some(Origin::Consequence(vec!["f19".to_owned()]));
    assert_eq!(changed, [("f14", of_it), ("f19", Some(Origin::Root))]);
    assert!(matches!(
        comparison.functions["f14"].whole,
        Finding::Slower(_)
    ));
    // 100 % of one of twenty: not 10 % of the handler, or the interval says that it may be.
    assert!(!comparison.functions["handler"].own.is_changed());
}

/// Where a call takes one of two times by chance, 30 % are within the noise: nobody says that nothing changed.
#[test]
fn what_noise_hides_is_not_said_to_be_the_same() {
    for seed in 0..20 {
        let mut machine = Machine::new(Noise::Bimodal, seed);
        machine.slower = Some((seed as usize % FUNCTIONS, SLOWER));
        let comparison = machine.compare(12, &Settings::default());
        assert_eq!(comparison.changed().count(), 0);
        for (name, function) in &comparison.functions {
            assert!(
                matches!(function.own, Finding::Unclear(effect) if effect.low < SLOWER && SLOWER < effect.high),
                "{seed}: {name}"
            );
        }
    }
}
