//! Where a difference begins, of programs with exact times.

use model::Nanoseconds;

use crate::latency::{
    ChangedCalls, Comparison, Origin, Parent, Rounds, Run, Settings, Sides, Time,
};

/// A call, with times in µs.
type Call<'a> = (&'a str, Parent<'a>, u64, u64);

fn run(calls: &[Call<'_>], round: usize) -> Run {
    let time = |micros: u64| Time {
        took: Nanoseconds(micros * 1000 + round as u64),
        uncertainty: Nanoseconds(0),
    };
    let mut run = Run::default();
    for (function, parent, own, whole) in calls {
        run.add(function, *parent, time(*own), time(*whole));
    }
    run
}

fn compare(before: &[Call<'_>], after: &[Call<'_>]) -> Comparison {
    let mut rounds = Rounds::default();
    for round in 0..14 {
        rounds.add(Sides {
            before: &run(before, round),
            after: &run(after, round),
        });
    }
    rounds.compare(&Settings::default())
}

fn origins(comparison: &Comparison) -> Vec<(&str, Origin)> {
    comparison
        .changed()
        .filter_map(|(name, function)| Some((name, function.origin.clone()?)))
        .collect()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

const TOP: Parent<'_> = Parent::Unwatched;

#[test]
fn callers_of_a_root_are_consequences_in_any_number_of_steps() {
    let comparison = compare(
        &[
            ("a", TOP, 10, 70),
            ("b", Parent::Caller("a"), 10, 60),
            ("c", Parent::Caller("b"), 50, 50),
        ],
        &[
            ("a", TOP, 10, 95),
            ("b", Parent::Caller("a"), 10, 85),
            ("c", Parent::Caller("b"), 75, 75),
        ],
    );
    let of_c = Origin::Consequence(names(&["c"]));
    assert_eq!(
        origins(&comparison),
        [("a", of_c.clone()), ("b", of_c), ("c", Origin::Root)]
    );
}

#[test]
fn each_function_whose_own_time_changed_is_a_root() {
    let comparison = compare(
        &[
            ("a", TOP, 30, 110),
            ("b", Parent::Caller("a"), 50, 50),
            ("c", Parent::Caller("a"), 30, 30),
        ],
        &[
            ("a", TOP, 60, 175),
            ("b", Parent::Caller("a"), 85, 85),
            ("c", Parent::Caller("a"), 30, 30),
        ],
    );
    assert_eq!(
        origins(&comparison),
        [("a", Origin::Root), ("b", Origin::Root)]
    );
}

/// `b` got faster, which is not why `a` takes longer: that is `c`.
#[test]
fn a_consequence_is_one_of_roots_that_changed_alike() {
    let comparison = compare(
        &[
            ("a", TOP, 10, 90),
            ("b", Parent::Caller("a"), 40, 40),
            ("c", Parent::Caller("a"), 40, 40),
        ],
        &[
            ("a", TOP, 10, 130),
            ("b", Parent::Caller("a"), 20, 20),
            ("c", Parent::Caller("a"), 100, 100),
        ],
    );
    assert_eq!(
        origins(&comparison),
        [
            ("a", Origin::Consequence(names(&["c"]))),
            ("b", Origin::Root),
            ("c", Origin::Root)
        ]
    );
}

#[test]
fn a_function_that_may_only_have_waited_for_its_goroutine_is_no_root() {
    let comparison = compare(
        &[
            ("a", TOP, 10, 70),
            ("b", Parent::Caller("a"), 60, 60),
            ("worker", Parent::Starter("b"), 50, 50),
        ],
        &[
            ("a", TOP, 10, 120),
            ("b", Parent::Caller("a"), 110, 110),
            ("worker", Parent::Starter("b"), 100, 100),
        ],
    );
    let of_worker = names(&["worker"]);
    let expected = [
        ("a", Origin::Consequence(of_worker.clone())),
        ("b", Origin::Waits(of_worker)),
        ("worker", Origin::Root),
    ];
    assert_eq!(origins(&comparison), expected);
}

#[test]
fn functions_that_start_each_other_do_not_wait_for_each_other() {
    let before = [
        ("a", Parent::Starter("b"), 50, 50),
        ("b", Parent::Starter("a"), 50, 50),
    ];
    let after = [
        ("a", Parent::Starter("b"), 90, 90),
        ("b", Parent::Starter("a"), 90, 90),
    ];
    assert_eq!(
        origins(&compare(&before, &after)),
        [("a", Origin::Root), ("b", Origin::Root)]
    );
}

#[test]
fn recursion_ends() {
    let before = [("a", TOP, 50, 100), ("a", Parent::Caller("a"), 50, 50)];
    let after = [("a", TOP, 90, 180), ("a", Parent::Caller("a"), 90, 90)];
    assert_eq!(origins(&compare(&before, &after)), [("a", Origin::Root)]);
}

#[test]
fn a_function_that_calls_another_twice_is_not_told_to_be_slower_itself() {
    let b = ("b", Parent::Caller("a"), 50, 50);
    let comparison = compare(&[("a", TOP, 10, 60), b], &[("a", TOP, 10, 110), b, b]);
    let calls = ChangedCalls {
        caller: "a".to_owned(),
        callee: "b".to_owned(),
        calls: Sides {
            before: 1.0,
            after: 2.0,
        },
    };
    assert_eq!(origins(&comparison), [("a", Origin::Calls(vec![calls]))]);
}

#[test]
fn a_call_that_is_new_explains_why_its_caller_is_slower() {
    let comparison = compare(
        &[("a", TOP, 10, 10)],
        &[("a", TOP, 10, 60), ("b", Parent::Caller("a"), 50, 50)],
    );
    let calls = ChangedCalls {
        caller: "a".to_owned(),
        callee: "b".to_owned(),
        calls: Sides {
            before: 0.0,
            after: 1.0,
        },
    };
    assert_eq!(origins(&comparison), [("a", Origin::Calls(vec![calls]))]);
}

/// Ten functions got 9 % slower each, which does not count; together they do.
#[test]
fn what_nothing_explains_is_said() {
    let calls = |each: u64| {
        let leaves = ["b", "c", "d", "e", "f"].map(|name| (name, Parent::Caller("a"), each, each));
        [vec![("a", TOP, 109, 109 + 5 * each)], leaves.to_vec()].concat()
    };
    let (before, mut after) = (calls(100), calls(109));
    after[0].3 = 109 + 5 * 109 + 30;
    assert_eq!(
        origins(&compare(&before, &after)),
        [("a", Origin::Unexplained)]
    );
}
