//! Sets of candidates. The oracle is a function of what is on; each trial is counted, and none may be made twice.

use std::{collections::BTreeSet, convert::Infallible};

use fastrand::Rng;

use crate::search::{Cause, CauseConclusion, CauseSearch, Causes, Others, Outcome, Step};

type Set = BTreeSet<usize>;

fn set(numbers: impl IntoIterator<Item = usize>) -> Set {
    numbers.into_iter().collect()
}

/// The conclusion for candidates `0..n`, and the trials that led to it.
fn search(n: usize, oracle: impl Fn(&Set) -> Outcome) -> (CauseConclusion<usize>, Vec<Set>) {
    let mut trials: Vec<Set> = Vec::new();
    let search = CauseSearch::new((0..n).collect());
    let conclusion = search.drive(|trial| {
        let on = set(trial.on.iter().copied());
        assert_eq!(&on | &set(trial.off.iter().copied()), set(0..n));
        assert_eq!(trial.on.len() + trial.off.len(), n);
        assert!(!trials.contains(&on), "{on:?} is tried twice");
        let outcome = oracle(&on);
        trials.push(on);
        Ok::<_, Infallible>(outcome)
    });
    let Ok(conclusion) = conclusion;
    (conclusion, trials)
}

fn differs(different: bool) -> Outcome {
    if different {
        Outcome::Different
    } else {
        Outcome::Same
    }
}

fn found(conclusion: CauseConclusion<usize>) -> Causes<usize> {
    match conclusion {
        CauseConclusion::Found(causes) => causes,
        other => panic!("{other:?}"),
    }
}

fn plain(candidates: impl IntoIterator<Item = usize>) -> Cause<usize> {
    Cause {
        candidates: candidates.into_iter().collect(),
        unproven: Vec::new(),
        replaced: Vec::new(),
    }
}

#[track_caller]
fn assert_one_cause(n: usize, planted: &Set) -> usize {
    let (conclusion, trials) = search(n, |on| differs(planted.is_subset(on)));
    let causes = found(conclusion);
    assert_eq!(
        causes,
        Causes {
            sets: vec![plain(planted.iter().copied())],
            others: Others::Same
        },
        "{planted:?} of {n}"
    );
    let most = CauseSearch::new((0..n).collect::<Vec<_>>()).most_trials(planted.len());
    assert!(
        trials.len() <= most,
        "{planted:?} of {n}: {} trials, {most} promised",
        trials.len()
    );
    assert!(trials.contains(planted), "tried alone");
    assert!(trials.contains(&(&set(0..n) - planted)), "tried without");
    trials.len()
}

#[test]
fn each_single_cause_is_found_within_the_bound() {
    for n in (1..=33).chain([64, 65]) {
        for cause in 0..n {
            assert_one_cause(n, &set([cause]));
        }
    }
}

#[test]
fn one_of_thirty_takes_seven_trials_beyond_the_two_that_are_known() {
    let most = (0..30)
        .map(|cause| assert_one_cause(30, &set([cause])))
        .max();
    assert_eq!(most, Some(9));
    assert_eq!(
        CauseSearch::new((0..30).collect::<Vec<_>>()).most_trials(1),
        9
    );
}

#[test]
fn each_pair_that_is_needed_together_is_found_within_the_bound() {
    for n in (2..=14).chain([30]) {
        for first in 0..n {
            for second in first + 1..n {
                assert_one_cause(n, &set([first, second]));
            }
        }
    }
}

#[test]
fn each_set_of_up_to_eight_candidates_is_found_within_the_bound() {
    for n in 1..=8 {
        for mask in 1_usize..1 << n {
            assert_one_cause(n, &set((0..n).filter(|bit| mask >> bit & 1 == 1)));
        }
    }
}

#[test]
fn sets_that_each_suffice_are_all_found() {
    let (conclusion, trials) = search(30, |on| {
        differs(on.contains(&3) || on.contains(&17) || set([5, 29]).is_subset(on))
    });
    let mut causes = found(conclusion);
    causes.sets.sort_by_key(|cause| cause.candidates.clone());
    assert_eq!(
        causes,
        Causes {
            sets: vec![plain([3]), plain([5, 29]), plain([17])],
            others: Others::Same
        }
    );
    assert!(trials.len() <= 35, "{}", trials.len());
}

#[test]
fn what_stands_in_for_a_candidate_is_said() {
    let (conclusion, _) = search(6, |on| {
        differs(on.contains(&0) && (on.contains(&2) || on.contains(&4)))
    });
    let cause = Cause {
        candidates: vec![0, 2],
        unproven: vec![],
        replaced: vec![2],
    };
    assert_eq!(
        found(conclusion),
        Causes {
            sets: vec![cause],
            others: Others::Same
        }
    );
}

#[test]
fn ends_that_leave_nothing_to_find_are_said_after_two_trials_at_most() {
    let all = set(0..5);
    let cases = [
        (
            Outcome::Same,
            Outcome::Same,
            CauseConclusion::NoDifference,
            1,
        ),
        (
            Outcome::Same,
            Outcome::Unresolved,
            CauseConclusion::AllUnresolved,
            1,
        ),
        (
            Outcome::Different,
            Outcome::Different,
            CauseConclusion::Elsewhere,
            2,
        ),
        (
            Outcome::Unresolved,
            Outcome::Different,
            CauseConclusion::NoneUnresolved,
            2,
        ),
    ];
    for (none_on, all_on, expected, count) in cases {
        let (conclusion, trials) = search(5, |on| if *on == all { all_on } else { none_on });
        assert_eq!((conclusion, trials.len()), (expected, count));
    }
}

#[test]
fn without_candidates_there_is_one_trial() {
    assert_eq!(
        search(0, |_| Outcome::Same),
        (CauseConclusion::NoDifference, vec![Set::new()])
    );
    assert_eq!(
        search(0, |_| Outcome::Different),
        (CauseConclusion::Elsewhere, vec![Set::new()])
    );
}

#[test]
fn what_is_told_before_is_not_tried() {
    let mut search = CauseSearch::new((0..30).collect::<Vec<_>>());
    search.tell(search.all(), Outcome::Different);
    search.tell(search.none(), Outcome::Same);
    let mut trials = 0;
    let conclusion = loop {
        match search.step() {
            Step::Try(trial) => {
                trials += 1;
                let outcome = differs(trial.on.contains(&12));
                search.tell(trial, outcome);
            }
            Step::Done(conclusion) => break conclusion,
        }
    };
    assert!(trials <= 7, "{trials}");
    assert_eq!(found(conclusion).sets, [plain([12])]);
}

/// Candidate 7 builds only with 8 on, and 2 only with 11.
#[test]
fn a_cause_is_found_although_some_combinations_do_not_build() {
    let needs = [(7, 8), (2, 11)];
    for cause in 0..16 {
        let (conclusion, _) = search(16, |on| {
            if needs
                .iter()
                .any(|(one, other)| on.contains(one) && !on.contains(other))
            {
                return Outcome::Unresolved;
            }
            differs(on.contains(&cause))
        });
        let causes = found(conclusion);
        let expected = match cause {
            // Alone they don't build, so nobody can say that what they need is not a cause, too.
            7 => Cause {
                candidates: vec![7, 8],
                unproven: vec![8],
                replaced: vec![],
            },
            2 => Cause {
                candidates: vec![2, 11],
                unproven: vec![11],
                replaced: vec![],
            },
            cause => plain([cause]),
        };
        assert_eq!(causes.sets, [expected]);
        // Without 8 or 11, what needs it does not build.
        let others = if matches!(cause, 8 | 11) {
            Others::Unresolved
        } else {
            Others::Same
        };
        assert_eq!(causes.others, others, "{cause}");
    }
}

#[test]
fn where_nothing_but_the_ends_has_an_outcome_all_candidates_stay_unproven() {
    let all = set(0..8);
    let (conclusion, trials) = search(8, |on| match on.len() {
        0 => Outcome::Same,
        _ if *on == all => Outcome::Different,
        _ => Outcome::Unresolved,
    });
    let causes = found(conclusion);
    assert_eq!(causes.sets[0].candidates, (0..8).collect::<Vec<_>>());
    assert_eq!(causes.sets[0].unproven, (0..8).collect::<Vec<_>>());
    assert!(trials.len() <= 8 * 8 + 3 * 8, "{}", trials.len());
}

/// Any function at all: more candidates may hide the difference, and trials may have no outcome.
#[test]
fn whatever_the_oracle_says_the_conclusion_holds_what_it_says() {
    let mut random = Rng::with_seed(16);
    for _ in 0..4000 {
        let n = random.usize(1..=7);
        let share = random.f64();
        let unresolved = random.f64() * 0.5;
        let table: Vec<Outcome> = (0..1 << n)
            .map(|_| match random.f64() {
                x if x < unresolved => Outcome::Unresolved,
                _ => differs(random.f64() < share),
            })
            .collect();
        let oracle = |on: &Set| table[on.iter().map(|bit| 1_usize << bit).sum::<usize>()];
        let (conclusion, trials) = search(n, oracle);
        assert!(trials.len() <= 1 << n);
        let all = set(0..n);
        match conclusion {
            CauseConclusion::NoDifference => assert_eq!(oracle(&all), Outcome::Same),
            CauseConclusion::AllUnresolved => assert_eq!(oracle(&all), Outcome::Unresolved),
            CauseConclusion::Elsewhere => assert_eq!(oracle(&set([])), Outcome::Different),
            CauseConclusion::NoneUnresolved => assert_eq!(oracle(&set([])), Outcome::Unresolved),
            CauseConclusion::Found(causes) => assert_causes(&causes, &all, oracle),
        }
    }
}

fn assert_causes(causes: &Causes<usize>, all: &Set, oracle: impl Fn(&Set) -> Outcome) {
    let sets: Vec<Set> = causes
        .sets
        .iter()
        .map(|cause| set(cause.candidates.iter().copied()))
        .collect();
    let rest = sets.iter().fold(all.clone(), |rest, one| &rest - one);
    assert_eq!(
        rest.len() + sets.iter().map(Set::len).sum::<usize>(),
        all.len(),
        "no candidate is in two sets"
    );
    let others = match causes.others {
        Others::Same => Outcome::Same,
        Others::Unresolved => Outcome::Unresolved,
    };
    assert_eq!(oracle(&rest), others);
    for (cause, candidates) in causes.sets.iter().zip(&sets) {
        assert_eq!(oracle(candidates), Outcome::Different, "it suffices");
        for candidate in candidates {
            let unproven = cause.unproven.contains(candidate);
            let without = oracle(&(candidates - &set([*candidate])));
            assert_eq!(
                without,
                if unproven {
                    Outcome::Unresolved
                } else {
                    Outcome::Same
                }
            );
            let in_company = oracle(&(&(&rest | candidates) - &set([*candidate])));
            assert_eq!(
                cause.replaced.contains(candidate),
                in_company == Outcome::Different
            );
        }
    }
}
