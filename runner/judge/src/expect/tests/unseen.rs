//! A function of which there are copies without probes: what a call of a copy could change is not decided.

use model::{Timestamp, testing::request};
use spec::{
    document::{SequenceMode, Statistic},
    matcher::Comparison,
};

use super::{ONE, basis, failure, unknown};
use crate::expect::testing::{
    Scene, argument, at, calls, compares, count, is, latency, sequence, text,
};

/// A request with that many calls of `check`, which was inlined in places, and one of `other`.
fn scene(seen: u64) -> Scene {
    let mut scene = Scene::new();
    scene.watch("check", &["name string"], &[]);
    scene.watch("other", &[], &[]);
    scene.request("/");
    for at in 0..seen {
        scene.call(ONE, "check", 5 + 5 * at, vec![text("a")]);
    }
    scene.call(ONE, "other", 90, vec![]);
    let labels = &mut scene.evidence.observation.labels;
    labels[0].unseen = Some("main.check: 2 copies, in main.a, main.b".to_owned());
    scene
}

#[test]
fn a_count_holds_only_if_more_calls_would_not_change_it() {
    let mut scene = scene(2);
    let mut counted = |matcher| {
        scene.test.counts = vec![count("check", matcher)];
        scene.finding("count check")
    };
    basis(counted(compares(Comparison::Ge, 2)));
    basis(counted(compares(Comparison::Gt, 0)));
    failure(counted(compares(Comparison::Lt, 2)));
    failure(counted(is(1)));
    let reason = unknown(counted(is(2)));
    assert_eq!(
        reason.to_string(),
        "check was inlined in places, where its calls are not seen (main.check: 2 copies, in main.a, main.b)"
    );
    assert!(reason.advice().is_some());
    unknown(counted(compares(Comparison::Le, 2)));
    unknown(counted(compares(Comparison::Ge, 3)));
    scene.test.counts = vec![count("other", is(1))];
    basis(scene.finding("count other"));
}

#[test]
fn never_fails_by_a_call_that_was_seen_and_is_open_without_one() {
    let mut one = scene(1);
    one.test.never = vec![at("check".to_owned())];
    failure(one.finding("never check"));
    let mut none = scene(0);
    none.test.never = vec![at("check".to_owned())];
    unknown(none.finding("never check"));
}

#[test]
fn what_all_calls_must_be_fails_by_one_and_else_is_open() {
    let mut scene = scene(1);
    let mut judged = |wanted| {
        let mut expectation = calls("check");
        expectation.args = vec![argument("name", is(wanted))];
        scene.test.calls = vec![expectation];
        scene.finding("args.name")
    };
    failure(judged("b"));
    unknown(judged("a"));
    scene.test.calls.clear();
    scene.test.latency = vec![latency("check", &[(Statistic::Max, Comparison::Lt, 50)])];
    unknown(scene.finding("max of check"));
}

#[test]
fn a_sequence_is_open_where_a_call_could_be_missing() {
    let mut scene = scene(1);
    let mut judged = |mode, elements: &[&str]| {
        scene.test.sequence = Some(sequence(mode, elements));
        scene.finding("sequence")
    };
    basis(judged(SequenceMode::Gaps, &["check", "other"]));
    unknown(judged(SequenceMode::Exact, &["check", "other"]));
    unknown(judged(SequenceMode::Gaps, &["other", "check"]));
    unknown(judged(SequenceMode::Gaps, &["other", "!check"]));
}

#[test]
fn a_call_of_a_copy_may_be_above() {
    let mut scene = scene(0);
    let goroutine = scene.evidence.observation.calls[0].goroutine;
    let scopes = &mut scene.evidence.observation.scopes;
    scopes.push(request(ONE, goroutine, Timestamp(0)));
    let mut judged = |label: &str| {
        let mut expectation = calls("other");
        expectation.standpoint.under = Some(at(label.to_owned()));
        scene.test.calls = vec![expectation];
        scene.finding("other under")
    };
    let reason = unknown(judged("check")).to_string();
    assert!(
        reason.starts_with("check was inlined in places"),
        "{reason}"
    );
    failure(judged("other"));
}
