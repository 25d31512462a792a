//! What is said of exact times.

use model::{Elapsed, Nanoseconds};

use crate::latency::{
    Comparison, ErrorRate, Finding, Parent, Rounds, Run, Settings, Side, Sides, Time, first,
    rounds_needed,
};

/// For one function at the default settings: 2 / (70 · 6) ≤ 0.01 / 2.
const NEEDED: usize = 6;

fn one(ns: u64, uncertainty: u64) -> Run {
    several(1, ns, uncertainty)
}

/// So many calls that take the same.
fn several(calls: u64, ns: u64, uncertainty: u64) -> Run {
    let time = Time {
        took: Nanoseconds(ns),
        uncertainty: Nanoseconds(uncertainty),
    };
    let mut run = Run::default();
    for _ in 0..calls {
        run.add("f", Parent::Unwatched, time, time);
    }
    run
}

/// Rounds of one call of `f` on each side.
fn compare(rounds: impl IntoIterator<Item = (Run, Run)>) -> Comparison {
    let mut all = Rounds::default();
    for (before, after) in rounds {
        all.add(Sides {
            before: &before,
            after: &after,
        });
    }
    all.compare(&Settings::default())
}

#[track_caller]
fn finding(rounds: usize, before: u64, after: u64) -> Finding {
    finding_of(1, rounds, before, after)
}

/// What is found with so many calls a run.
#[track_caller]
fn finding_of(calls: u64, rounds: usize, before: u64, after: u64) -> Finding {
    // A little noise, or all differences would be equal.
    let noise = |round: usize| round as u64 % 3;
    let run = |ns| several(calls, ns, 0);
    let comparison = compare((0..rounds).map(|round| (run(before), run(after + noise(round)))));
    let function = &comparison.functions["f"];
    assert_eq!(function.own, function.whole);
    function.own
}

#[test]
fn a_time_that_changed_is_measured() {
    let Finding::Slower(effect) = finding(NEEDED, 1_000_000, 1_300_000) else {
        panic!()
    };
    assert!(
        (effect.ratio - 1.3).abs() < 1e-5
            && effect.low <= effect.ratio
            && effect.ratio <= effect.high
    );
    assert_eq!(
        effect.typical,
        Sides {
            before: Nanoseconds(1_000_000),
            after: Nanoseconds(1_300_001)
        }
    );
    assert!((effect.p_value - 2.0 * 2.0 / 420.0).abs() < 1e-12);
    let Finding::Faster(effect) = finding(NEEDED, 1_000_000, 700_000) else {
        panic!()
    };
    assert!((effect.ratio - 0.7).abs() < 1e-5);
}

#[test]
fn too_few_rounds_decide_nothing_and_say_how_many_would() {
    assert_eq!(rounds_needed(1, Settings::default().error_rate), NEEDED);
    assert_eq!(
        finding(NEEDED - 1, 1_000_000, 9_000_000),
        Finding::TooFewRounds {
            usable: 5,
            needed: 6
        }
    );
    let comparison = compare((0..5).map(|_| (one(1_000_000, 0), one(2_000_000, 0))));
    assert!(comparison.has_too_few_rounds());
    assert_eq!(
        (
            comparison.rounds,
            comparison.needed,
            comparison.changed().count()
        ),
        (5, 6, 0)
    );
}

#[test]
fn less_than_the_least_ratio_is_no_difference() {
    assert!(matches!(
        finding(NEEDED, 1_000_000, 1_090_000),
        Finding::Same(_)
    ));
    assert!(matches!(
        finding(NEEDED, 1_090_000, 1_000_000),
        Finding::Same(_)
    ));
    assert!(matches!(
        finding(NEEDED, 1_000_000, 1_110_000),
        Finding::Slower(_)
    ));
}

#[test]
fn less_than_the_least_difference_is_no_difference() {
    let four = |after| finding_of(4, NEEDED, 4_000, after);
    assert!(matches!(four(5_900), Finding::Same(_)));
    assert!(matches!(four(6_100), Finding::Slower(_)));
}

/// A program was once called faster than itself by 3.5 µs in a function that each process calls once: the first call pays for the memory
/// that it touches.
#[test]
fn what_first_calls_pay_is_no_difference() {
    let few = |after| finding_of(3, NEEDED, 4_000, after);
    assert!(matches!(few(13_900), Finding::Same(_)));
    assert!(matches!(few(14_100), Finding::Slower(_)));
}

#[test]
fn times_below_the_resolution_are_the_same() {
    assert!(matches!(finding(NEEDED, 0, 900), Finding::Same(effect) if effect.ratio == 1.0));
    let four = |after| finding_of(4, NEEDED, 3, after);
    assert!(matches!(four(2_900), Finding::Same(_)));
    assert!(matches!(four(9_000), Finding::Slower(effect) if (effect.ratio - 9.0).abs() < 0.01));
}

/// What probes cost is known to 50 µs less on the one side than on the other, so a difference of 40 µs may be all theirs. Where both are as
/// uncertain, it cancels out.
#[test]
fn what_probe_costs_may_make_is_no_difference() {
    let compared = |before, after| {
        let rounds =
            (0..NEEDED as u64).map(|round| (one(100_000, before), one(140_000 + round, after)));
        compare(rounds).functions["f"].own
    };
    assert!(matches!(compared(10_000, 60_000), Finding::Same(_)));
    assert!(matches!(compared(10_000, 10_000), Finding::Slower(_)));
}

#[test]
fn noise_that_hides_a_difference_is_unclear() {
    let rounds = (0..12).map(|round| {
        (
            one(1_000_000, 0),
            one(
                if round % 2 == 0 {
                    700_000
                } else {
                    1_400_000 + round
                },
                0,
            ),
        )
    });
    let Finding::Unclear(effect) = compare(rounds).functions["f"].own else {
        panic!()
    };
    assert!(effect.low < 0.75 && effect.high > 1.35);
}

#[test]
fn a_function_that_one_side_alone_calls_is_said_to_be() {
    let only = |before: bool, after: bool| {
        let run = |called: bool| {
            if called {
                one(1_000_000, 0)
            } else {
                Run::default()
            }
        };
        compare((0..NEEDED).map(|_| (run(before), run(after)))).functions["f"].clone()
    };
    assert_eq!(only(true, false).own, Finding::OnlyOn(Side::Before));
    assert_eq!(only(false, true).whole, Finding::OnlyOn(Side::After));
    assert_eq!(
        only(false, true).calls,
        Sides {
            before: 0,
            after: 6
        }
    );
}

#[test]
fn rounds_that_one_side_does_not_call_it_in_do_not_count() {
    let rounds = (0..20).map(|round| {
        let after = if round < 5 {
            one(2_000_000, 0)
        } else {
            Run::default()
        };
        (one(1_000_000, 0), after)
    });
    assert_eq!(
        compare(rounds).functions["f"].own,
        Finding::TooFewRounds {
            usable: 5,
            needed: 6
        }
    );
}

#[test]
fn without_rounds_there_is_nothing() {
    let comparison = compare([]);
    assert_eq!((comparison.rounds, comparison.functions.len()), (0, 0));
}

#[test]
fn sides_take_turns_in_who_is_first() {
    let firsts: Vec<_> = (0..8).map(first).collect();
    assert_eq!(
        firsts.iter().filter(|side| **side == Side::Before).count(),
        4
    );
    // What grows steadily, or with its square, favours neither: positions of the runs, and their squares, sum to the same.
    let positions =
        |wanted: Side| (0..4).map(move |round| 2 * round + usize::from(first(round) != wanted));
    assert_eq!(
        positions(Side::Before).sum::<usize>(),
        positions(Side::After).sum::<usize>()
    );
    assert_eq!(
        positions(Side::Before).map(|at| at * at).sum::<usize>(),
        positions(Side::After).map(|at| at * at).sum::<usize>()
    );
}

#[test]
fn a_time_without_an_upper_bound_is_none() {
    let elapsed = Elapsed {
        raw: 120,
        corrected: 100,
        low: 90,
        high: 130,
    };
    assert_eq!(
        Time::of(elapsed),
        Some(Time {
            took: Nanoseconds(100),
            uncertainty: Nanoseconds(30)
        })
    );
    assert_eq!(Time::of(elapsed.at_least()), None);
}

#[test]
fn a_lower_error_rate_takes_more_rounds() {
    let settings = Settings {
        error_rate: ErrorRate::new(0.001).expect("a rate"),
        ..Settings::default()
    };
    let mut rounds = Rounds::default();
    for _ in 0..NEEDED {
        rounds.add(Sides {
            before: &one(1_000_000, 0),
            after: &one(2_000_000, 0),
        });
    }
    assert_eq!(rounds.count(), NEEDED);
    assert_eq!(
        rounds.compare(&settings).functions["f"].own,
        Finding::TooFewRounds {
            usable: 6,
            needed: 8
        }
    );
}
