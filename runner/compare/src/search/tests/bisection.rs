//! Ordered lists, with elements that have no outcome.

use std::{collections::BTreeSet, convert::Infallible};

use fastrand::Rng;

use crate::search::{Bisection, BisectionConclusion, Outcome, Step};

/// The conclusion for elements `0..n`, and the trials that led to it.
fn bisect(n: usize, oracle: impl Fn(usize) -> Outcome) -> (BisectionConclusion<usize>, Vec<usize>) {
    let mut trials = Vec::new();
    let bisection = Bisection::new((0..n).collect()).expect("two at least");
    let conclusion = bisection.drive(|trial| {
        assert!(
            !trials.contains(&trial.element),
            "{} is tried twice",
            trial.element
        );
        trials.push(trial.element);
        Ok::<_, Infallible>(oracle(trial.element))
    });
    let Ok(conclusion) = conclusion;
    (conclusion, trials)
}

fn most_trials(n: usize, unresolved: usize) -> usize {
    Bisection::new((0..n).collect::<Vec<_>>())
        .expect("two at least")
        .most_trials(unresolved)
}

/// What must be said where `first` is the first different one, and these have no outcome.
fn expected(first: usize, skipped: &BTreeSet<usize>) -> BisectionConclusion<usize> {
    let last_same = (0..first)
        .rev()
        .find(|index| !skipped.contains(index))
        .expect("the first is the same");
    let first_different = (first..)
        .find(|index| !skipped.contains(index))
        .expect("the last is different");
    if last_same + 1 == first_different {
        return BisectionConclusion::First {
            last_same,
            first_different,
        };
    }
    BisectionConclusion::Between {
        last_same,
        unresolved: (last_same + 1..first_different).collect(),
        first_different,
    }
}

#[track_caller]
fn assert_found(n: usize, first: usize, skipped: &BTreeSet<usize>) -> usize {
    let oracle = |element| match element {
        element if skipped.contains(&element) => Outcome::Unresolved,
        element if element >= first => Outcome::Different,
        _ => Outcome::Same,
    };
    let (conclusion, trials) = bisect(n, oracle);
    assert_eq!(
        conclusion,
        expected(first, skipped),
        "{first} of {n} without {skipped:?}"
    );
    let unresolved = trials
        .iter()
        .filter(|trial| skipped.contains(trial))
        .count();
    let most = most_trials(n, unresolved);
    assert!(
        trials.len() <= most,
        "{first} of {n} without {skipped:?}: {} trials, {most} promised",
        trials.len()
    );
    trials.len()
}

#[test]
fn each_first_of_each_length_is_found_within_the_bound() {
    for n in 2..=200 {
        for first in 1..n {
            assert_found(n, first, &BTreeSet::new());
        }
    }
}

#[test]
fn a_thousand_take_twelve_trials() {
    assert_eq!(most_trials(1000, 0), 12);
    assert_eq!(
        (1..1000)
            .map(|first| assert_found(1000, first, &BTreeSet::new()))
            .max(),
        Some(12)
    );
}

#[test]
fn each_combination_of_unresolved_ones_leaves_the_smallest_range() {
    for n in 2..=10 {
        for mask in 0_usize..1 << (n - 2) {
            let skipped = (1..n - 1)
                .filter(|index| mask >> (index - 1) & 1 == 1)
                .collect();
            for first in 1..n {
                assert_found(n, first, &skipped);
            }
        }
    }
}

#[test]
fn lists_with_random_unresolved_ones_are_narrowed_within_the_bound() {
    let mut random = Rng::with_seed(16);
    for _ in 0..3000 {
        let n = random.usize(2..300);
        let share = random.f64();
        let skipped = (1..n - 1).filter(|_| random.f64() < share).collect();
        assert_found(n, random.usize(1..n), &skipped);
    }
}

/// A third of 300 elements in a row has no outcome. Where the first different one lies elsewhere, few of the row are tried: to
/// look for it next to each that has none would try all hundred.
#[test]
fn a_row_of_unresolved_ones_is_stepped_over() {
    let skipped: BTreeSet<usize> = (100..200).collect();
    let most = (1..90)
        .chain(210..300)
        .map(|first| assert_found(300, first, &skipped))
        .max();
    assert!(most < Some(20), "{most:?}");
}

#[test]
fn ends_that_leave_nothing_to_find_are_said_after_two_trials() {
    use Outcome::{Different, Same, Unresolved};
    let cases = [
        (Same, Same, BisectionConclusion::BothSame),
        (Different, Different, BisectionConclusion::BothDifferent),
        (Different, Same, BisectionConclusion::Reversed),
        (Unresolved, Different, BisectionConclusion::FirstUnresolved),
        (Unresolved, Same, BisectionConclusion::FirstUnresolved),
        (Same, Unresolved, BisectionConclusion::LastUnresolved),
        (Different, Unresolved, BisectionConclusion::LastUnresolved),
    ];
    for (first, last, conclusion) in cases {
        let oracle = |element| match element {
            0 => first,
            4 => last,
            other => panic!("{other} is tried"),
        };
        assert_eq!(bisect(5, oracle), (conclusion, vec![4, 0]));
    }
}

#[test]
fn fewer_than_two_elements_cannot_be_bisected() {
    assert!(Bisection::<u8>::new(vec![]).is_none());
    assert!(Bisection::new(vec![1]).is_none());
}

#[test]
fn ends_that_are_known_are_not_tried() {
    let mut bisection = Bisection::new((0..1000).collect::<Vec<_>>()).expect("two at least");
    bisection.tell(bisection.first(), Outcome::Same);
    bisection.tell(bisection.last(), Outcome::Different);
    let mut trials = 0;
    let conclusion = loop {
        match bisection.step() {
            Step::Done(conclusion) => break conclusion,
            Step::Try(trial) => {
                trials += 1;
                let outcome = if trial.element >= 412 {
                    Outcome::Different
                } else {
                    Outcome::Same
                };
                bisection.tell(trial, outcome);
            }
        }
    };
    assert_eq!(
        conclusion,
        BisectionConclusion::First {
            last_same: 411,
            first_different: 412
        }
    );
    assert!(trials <= 10, "{trials}");
}
