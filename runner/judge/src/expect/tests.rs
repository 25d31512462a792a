//! Every other kind of expectation, from the user's side.

mod conditions;
mod go_tests;
mod notes;
mod properties;
mod races;
mod received;
mod relation;
mod requests;
mod standpoint;
mod story;
mod unseen;

use model::{Answer, Content, Observation, Outcome, ScopeId, Timestamp};
use spec::{
    document::{ExpectedOutcome, Statistic},
    matcher::{Comparison, Matcher, TextMatcher},
};

use super::{
    Failure, FailureKind, Finding, Reason,
    testing::{
        MS, Scene, argument, at, bound, calls, compares, count, is, latency, lost, matches,
        response, stub, text,
    },
};

const ONE: ScopeId = ScopeId(0);

#[track_caller]
pub(super) fn failure(finding: Finding) -> Failure {
    match finding {
        Finding::Failed(failure) => failure,
        other => panic!("{other:?} is no failure"),
    }
}

#[track_caller]
pub(super) fn unknown(finding: Finding) -> Reason {
    match finding {
        Finding::Inconclusive(reason) => reason,
        other => panic!("{other:?} is decided"),
    }
}

#[track_caller]
fn basis(finding: Finding) -> String {
    match finding {
        Finding::Passed { basis } => basis,
        other => panic!("{other:?} did not pass"),
    }
}

fn contains(text: &str) -> Matcher {
    Matcher::Text(TextMatcher::Contains(text.to_owned()))
}

/// A request whose handler called `prepare` with these names, each a ms later and as long.
fn prepared(names: &[Content]) -> Scene {
    let mut scene = Scene::new();
    scene.watch("prepare", &["name string", "year int"], &["string"]);
    scene.request("/?name=a");
    for (index, name) in names.iter().enumerate() {
        let arguments = vec![name.clone(), Content::Int(2020 + index as i64)];
        scene.call(ONE, "prepare", index as u64, arguments);
        scene.returned(vec![text("done")]);
    }
    scene
}

mod every_call {
    use super::*;

    fn wants_name(scene: &mut Scene, matcher: Matcher) {
        let mut expectation = calls("prepare");
        expectation.args = vec![
            argument("name", matcher),
            argument("year", compares(Comparison::Ge, 2020)),
        ];
        scene.test.calls = vec![expectation];
    }

    #[test]
    fn each_demand_has_a_verdict_of_its_own() {
        let mut scene = prepared(&[text("a"), text("a")]);
        wants_name(&mut scene, is("a"));
        scene.test.calls[0].returns = vec![at(contains("on"))];
        scene.test.calls[0].took = Some(bound(Comparison::Lt, 50));
        scene.test.calls[0].outcome = Some(at(ExpectedOutcome::Returned));
        for subject in [
            r#"args.name of prepare = "a""#,
            "args.year of prepare ≥ 2020",
            r#"returns[0] of prepare contains "on""#,
            "took of prepare < 50ms",
            "outcome of prepare = returned",
        ] {
            assert_eq!(basis(scene.finding(subject)), "2 calls");
        }
    }

    #[test]
    fn the_first_call_that_differs_is_shown() {
        let mut scene = prepared(&[text("a"), text("b"), text("c")]);
        wants_name(&mut scene, is("a"));
        let failure = failure(scene.finding("args.name"));
        assert_eq!(failure.kind, FailureKind::Value);
        assert_eq!(failure.label, "name of prepare");
        assert_eq!(failure.want.as_deref(), Some("\"a\""));
        assert_eq!(failure.got.as_deref(), Some("\"b\""));
        let remark = "string; 2 of 3 calls, the other argument matched";
        assert_eq!(failure.remark.as_deref(), Some(remark));
        assert_eq!(failure.call.map(|call| call.0), Some(1));
        assert_eq!(failure.exchange, Some(0));
        basis(scene.finding("args.year"));
    }

    #[test]
    fn none_at_all_is_a_miss() {
        let mut scene = prepared(&[]);
        wants_name(&mut scene, is("a"));
        let failure = failure(scene.finding("calls of prepare"));
        assert_eq!(failure.kind, FailureKind::Missing);
        assert_eq!(failure.label, "prepare was not called");
        assert_eq!(failure.notes, Vec::<String>::new());
        // In the background it does not count, but is reported.
        scene.call(None, "prepare", 130, vec![text("a"), Content::Int(1)]);
        let failure = super::failure(scene.finding("calls of prepare"));
        let nearest =
            r#"nearest: prepare(name="a", year=1) in the background, g9, 30ms after the answer"#;
        assert_eq!(failure.notes, [nearest]);
        assert_eq!(failure.label, "no request of the test called prepare");
    }

    #[test]
    fn a_call_before_the_answer_is_nearer_than_any_after_it() {
        let mut scene = prepared(&[]);
        wants_name(&mut scene, is("a"));
        scene.call(None, "prepare", 5, vec![text("a"), Content::Int(1)]);
        scene.call(None, "prepare", 101, vec![text("a"), Content::Int(2)]);
        let nearest =
            r#"nearest: prepare(name="a", year=1) in the background, g9, 5ms after the request"#;
        assert_eq!(failure(scene.finding("calls of prepare")).notes, [nearest]);
    }

    #[test]
    fn an_unknown_value_decides_only_if_no_other_fails() {
        let mut scene = prepared(&[lost(), text("a")]);
        wants_name(&mut scene, is("a"));
        assert_eq!(
            unknown(scene.finding("args.name")).to_string(),
            "the record had no room for the value"
        );
        wants_name(&mut scene, is("b"));
        failure(scene.finding("args.name"));
        wants_name(&mut scene, Matcher::Any);
        basis(scene.finding("args.name"));
    }

    #[test]
    fn a_call_that_may_not_count_matters_only_if_it_differs() {
        let mut scene = prepared(&[text("a")]);
        scene.filtered("late", "prepare", "year >= 2020");
        scene.call(ONE, "prepare", 5, vec![text("a"), lost()]);
        let mut expectation = calls("late");
        expectation.args = vec![argument("name", is("a"))];
        scene.test.calls = vec![expectation];
        assert_eq!(basis(scene.finding("args.name")), "1 call");
        scene.call(ONE, "prepare", 6, vec![text("b"), lost()]);
        unknown(scene.finding("args.name"));
        scene.call(ONE, "prepare", 7, vec![text("b"), Content::Int(2020)]);
        failure(scene.finding("args.name"));
    }

    #[test]
    fn loss_makes_a_pass_and_a_miss_undecided_but_not_a_failure() {
        let mut scene = prepared(&[text("a")]);
        scene.lose(Some("prepare"), 12);
        wants_name(&mut scene, is("a"));
        let reason = unknown(scene.finding("args.name"));
        assert_eq!(reason.to_string(), "12 hits of prepare were lost");
        assert!(reason.advice().is_some());
        wants_name(&mut scene, is("b"));
        failure(scene.finding("args.name"));
        let mut scene = prepared(&[]);
        scene.lose(Some("prepare"), 1);
        scene.test.calls = vec![calls("prepare")];
        unknown(scene.finding("calls of prepare"));
        // Whose calls they are is uncertain: then nothing is decided.
        let mut scene = prepared(&[text("a")]);
        scene.lose(None, 1);
        wants_name(&mut scene, is("b"));
        unknown(scene.finding("args.name"));
        let mut scene = prepared(&[text("a")]);
        scene.evidence.observation.unknown_hand_offs = 2;
        for wanted in ["a", "b"] {
            wants_name(&mut scene, is(wanted));
            let reason = unknown(scene.finding("args.name")).to_string();
            assert!(reason.starts_with("2 times the request"), "{reason}");
        }
    }

    #[test]
    fn how_it_ended_is_reported() {
        let mut scene = prepared(&[text("a")]);
        let mut expectation = calls("prepare");
        expectation.outcome = Some(at(ExpectedOutcome::Returned));
        expectation.returns = vec![at(is("done"))];
        scene.test.calls = vec![expectation];
        basis(scene.finding("outcome"));
        scene.evidence.observation.calls[0].outcome = Outcome::Unwound;
        scene.evidence.observation.calls[0].results = [].into();
        let got = failure(scene.finding("outcome")).got;
        assert_eq!(
            got.as_deref(),
            Some("ended without a return, and what ended it was not seen")
        );
        let got = failure(scene.finding("returns")).got.unwrap_or_default();
        assert!(got.starts_with("no results: ended without"), "{got}");
        // With lost hits of its own, it may have returned unseen.
        scene.lose(Some("prepare"), 1);
        unknown(scene.finding("outcome"));
        unknown(scene.finding("returns"));
        scene.evidence.observation.loss.sites.clear();
        scene.evidence.observation.calls[0].outcome = Outcome::Running;
        assert_eq!(
            unknown(scene.finding("returns")).to_string(),
            "the call was still running when the test ended"
        );
        scene.test.calls[0].outcome = Some(at(ExpectedOutcome::Running));
        basis(scene.finding("outcome"));
    }

    #[test]
    fn time_is_judged_without_our_own_cost() {
        let mut scene = prepared(&[text("a")]);
        let mut expectation = calls("prepare");
        expectation.took = Some(bound(Comparison::Lt, 50));
        scene.test.calls = vec![expectation];
        let call = &mut scene.evidence.observation.calls[0];
        call.left = Some(Timestamp(60 * MS));
        call.own_cost.0 = 20 * MS;
        basis(scene.finding("took"));
        scene.evidence.observation.calls[0].own_cost.0 = 10 * MS;
        let reason = unknown(scene.finding("took")).to_string();
        assert_eq!(
            reason,
            "50ms ±2ms is too close to the bound < 50ms to decide"
        );
        scene.evidence.observation.calls[0].own_cost.0 = MS;
        let failure = failure(scene.finding("took"));
        assert_eq!(failure.kind, FailureKind::Latency);
        assert_eq!(failure.got.as_deref(), Some("59ms ±200µs"));
    }

    #[test]
    fn a_call_that_had_not_ended_took_at_least_so_long() {
        let mut scene = prepared(&[text("a")]);
        let mut expectation = calls("prepare");
        expectation.took = Some(bound(Comparison::Lt, 5_000));
        scene.test.calls = vec![expectation];
        let call = &mut scene.evidence.observation.calls[0];
        call.left = None;
        call.outcome = Outcome::Running;
        let reason = unknown(scene.finding("took")).to_string();
        assert_eq!(reason, "the call took 1s or more: its end was not seen");
        scene.test.calls[0].took = Some(bound(Comparison::Lt, 500));
        assert_eq!(
            failure(scene.finding("took")).got.as_deref(),
            Some("1s or more")
        );
        scene.test.calls[0].took = Some(bound(Comparison::Gt, 500));
        basis(scene.finding("took"));
    }

    #[test]
    fn a_call_of_another_request_is_not_looked_at() {
        let mut scene = prepared(&[text("a")]);
        scene.call(
            ScopeId(99),
            "prepare",
            5,
            vec![text("b"), Content::Int(2020)],
        );
        scene.call(None, "prepare", 5, vec![text("b"), Content::Int(2020)]);
        wants_name(&mut scene, is("a"));
        assert_eq!(basis(scene.finding("args.name")), "1 call");
    }
}

mod counts {
    use super::*;

    fn judged(scene: &mut Scene, label: &str, matcher: Matcher) -> Finding {
        scene.test.counts = vec![count(label, matcher)];
        scene.finding("count")
    }

    #[test]
    fn all_requests_together_are_counted() {
        let mut scene = prepared(&[text("a")]);
        let second = scene.request("/");
        scene.call(second, "prepare", 7, vec![]);
        scene.call(None, "prepare", 8, vec![]);
        assert_eq!(basis(judged(&mut scene, "prepare", is(2))), "2 calls");
        let failure = failure(judged(&mut scene, "prepare", is(3)));
        assert_eq!(failure.kind, FailureKind::Count);
        assert_eq!(
            (failure.want.as_deref(), failure.got.as_deref()),
            (Some("3"), Some("2"))
        );
        assert_eq!(failure.notes, ["nearest: prepare() in the background, g9"]);
    }

    #[test]
    fn lost_calls_leave_open_only_what_they_could_change() {
        let mut scene = prepared(&[text("a"), text("b")]);
        scene.lose(Some("prepare"), 1);
        unknown(judged(&mut scene, "prepare", is(2)));
        unknown(judged(&mut scene, "prepare", is(3)));
        unknown(judged(&mut scene, "prepare", compares(Comparison::Lt, 3)));
        basis(judged(&mut scene, "prepare", compares(Comparison::Ge, 2)));
        assert_eq!(
            failure(judged(&mut scene, "prepare", is(1))).got.as_deref(),
            Some("2 or more")
        );
        failure(judged(&mut scene, "prepare", compares(Comparison::Le, 1)));
        let range = Matcher::All(vec![
            compares(Comparison::Ge, 1),
            compares(Comparison::Lt, 9),
        ]);
        unknown(judged(&mut scene, "prepare", range));
    }

    #[test]
    fn calls_that_may_not_count_leave_a_range() {
        let mut scene = prepared(&[text("a"), lost()]);
        scene.filtered("only", "prepare", r#"name == "a""#);
        unknown(judged(&mut scene, "only", is(1)));
        unknown(judged(&mut scene, "only", is(2)));
        failure(judged(&mut scene, "only", is(0)));
        failure(judged(&mut scene, "only", is(3)));
        basis(judged(&mut scene, "only", compares(Comparison::Le, 2)));
    }

    #[test]
    fn a_label_of_several_functions_counts_them_all() {
        let mut scene = prepared(&[text("a")]);
        scene.watch("other", &[], &[]);
        scene.label("all", &["prepare", "other"]);
        scene.call(ONE, "other", 3, vec![]);
        basis(judged(&mut scene, "all", is(2)));
    }

    #[test]
    fn never_looks_everywhere() {
        let mut scene = prepared(&[]);
        scene.test.never = vec![at("prepare".to_owned())];
        assert_eq!(basis(scene.finding("never")), "0 calls");
        scene.call(None, "prepare", 120, vec![text("x"), Content::Int(1)]);
        let failure = failure(scene.finding("never"));
        assert_eq!(failure.kind, FailureKind::Never);
        assert_eq!(failure.got.as_deref(), Some(r#"prepare(name="x", year=1)"#));
        assert_eq!(
            failure.notes,
            ["first: in the background, g9, 20ms after the answer"]
        );
    }

    #[test]
    fn never_with_loss_is_undecided_unless_one_was_seen() {
        let mut scene = prepared(&[]);
        scene.test.never = vec![at("prepare".to_owned())];
        scene.lose(Some("prepare"), 1);
        unknown(scene.finding("never"));
        scene.call(None, "prepare", 1, vec![]);
        failure(scene.finding("never"));
        // Losing what identifies requests does not matter where everything is looked at.
        let mut scene = prepared(&[]);
        scene.test.never = vec![at("prepare".to_owned())];
        scene.lose(None, 1);
        basis(scene.finding("never"));
    }

    #[test]
    fn a_name_that_nothing_was_watched_for_is_undecided() {
        let mut scene = prepared(&[]);
        scene.test.never = vec![at("nothing".to_owned())];
        unknown(scene.finding("never"));
    }
}

mod times {
    use super::*;

    /// Calls of `prepare` that took so many ms.
    fn took(milliseconds: impl IntoIterator<Item = u64>) -> Scene {
        let mut scene = prepared(&[]);
        for (index, took) in milliseconds.into_iter().enumerate() {
            let call = scene.call(ONE, "prepare", index as u64, vec![]);
            call.left = Some(Timestamp(call.entered.0 + took * MS));
        }
        scene
    }

    fn judged(scene: &mut Scene, statistic: Statistic, comparison: Comparison, ms: u64) -> Finding {
        scene.test.latency = vec![latency("prepare", &[(statistic, comparison, ms)])];
        scene
            .judge()
            .into_iter()
            .find(|v| v.subject.contains(" of prepare"))
            .map(|v| v.finding)
            .unwrap_or_else(|| panic!("no verdict"))
    }

    #[test]
    fn each_statistic_has_its_value() {
        let mut scene = took(1..=100);
        let p = Statistic::Percentile;
        assert_eq!(
            basis(judged(&mut scene, p(50.0), Comparison::Le, 50)),
            "100 calls, p50 50ms"
        );
        failure(judged(&mut scene, p(50.0), Comparison::Lt, 50));
        basis(judged(&mut scene, p(99.0), Comparison::Le, 99));
        failure(judged(&mut scene, p(99.0), Comparison::Lt, 99));
        basis(judged(&mut scene, Statistic::Min, Comparison::Ge, 1));
        basis(judged(&mut scene, Statistic::Mean, Comparison::Gt, 50));
        failure(judged(&mut scene, Statistic::Mean, Comparison::Gt, 51));
        failure(judged(&mut scene, Statistic::Max, Comparison::Lt, 100));
    }

    #[test]
    fn too_few_samples_are_undecided() {
        let mut scene = took([1]);
        let p95 = Statistic::Percentile(95.0);
        let reason = unknown(judged(&mut scene, p95, Comparison::Lt, 1_000)).to_string();
        assert_eq!(reason, "1 sample, p95 needs 20");
        basis(judged(&mut scene, Statistic::Max, Comparison::Lt, 1_000));
    }

    #[test]
    fn a_failure_shows_the_figures_and_the_slowest() {
        let mut scene = took((1..=19).chain([400]));
        let slowest = &mut scene.evidence.observation.calls[19];
        slowest.own_cost.0 = 10 * MS;
        let slowest = slowest.id;
        scene.watch("dial", &[], &[]);
        let child = scene.call(ONE, "dial", 20, vec![]);
        child.parent = Some(slowest);
        child.left = Some(Timestamp(380 * MS));
        let failure = failure(judged(&mut scene, Statistic::Max, Comparison::Lt, 300));
        assert_eq!(failure.kind, FailureKind::Latency);
        assert_eq!(failure.label, "max is 390ms ±2ms");
        assert_eq!(
            failure.notes,
            [
                "n 20   min 1ms  p50 10ms  p95 19ms  max 390ms   (our own 10ms taken off; raw 400ms)",
                "slowest: request 1, g30: main.dial 360ms of it",
            ]
        );
        let figures = scene
            .judge()
            .into_iter()
            .find_map(|verdict| verdict.figures);
        assert_eq!(
            figures.map(|f| (f.count, f.p50.0, f.max.0)),
            Some((20, 10 * MS, 390 * MS))
        );
    }

    #[test]
    fn a_call_that_had_not_ended_leaves_open_only_what_it_could_change() {
        let mut scene = took(1..=20);
        let call = &mut scene.evidence.observation.calls[0];
        call.left = None;
        call.outcome = Outcome::Running;
        unknown(judged(&mut scene, Statistic::Max, Comparison::Lt, 5_000));
        failure(judged(&mut scene, Statistic::Max, Comparison::Lt, 500));
        basis(judged(
            &mut scene,
            Statistic::Percentile(50.0),
            Comparison::Lt,
            20,
        ));
        basis(judged(
            &mut scene,
            Statistic::Percentile(95.0),
            Comparison::Le,
            20,
        ));
    }

    #[test]
    fn lost_calls_and_none_at_all() {
        let mut scene = took([1, 2]);
        scene.lose(Some("prepare"), 1);
        unknown(judged(&mut scene, Statistic::Max, Comparison::Lt, 5));
        let mut scene = took([]);
        let failure = failure(judged(&mut scene, Statistic::Max, Comparison::Lt, 5));
        assert_eq!(failure.kind, FailureKind::Missing);
    }
}

mod answers {
    use super::*;

    fn answered(answer: Answer) -> Scene {
        let mut scene = Scene::new();
        scene.request("/");
        scene.evidence.exchanges[0].answer = answer;
        scene
    }

    #[test]
    fn without_a_status_it_must_be_below_400() {
        basis(answered(response(399, "")).finding("status < 400"));
        let failure = failure(answered(response(404, "")).finding("status < 400"));
        assert_eq!(failure.kind, FailureKind::Answer);
        assert_eq!(
            (failure.want.as_deref(), failure.got.as_deref()),
            (Some("< 400"), Some("404"))
        );
        assert_eq!(failure.exchange, Some(0));
        let mut scene = answered(response(503, ""));
        scene.test.requests[0].status = Some(at(is(503)));
        basis(scene.finding("status = 503"));
    }

    #[test]
    fn no_answer_is_a_failure() {
        let got = failure(answered(Answer::TimedOut).finding("status")).got;
        assert_eq!(got.as_deref(), Some("no answer within 10s"));
        let refused = Answer::Failed("connection refused".to_owned());
        let got = failure(answered(refused).finding("status")).got;
        assert_eq!(got.as_deref(), Some("no answer: connection refused"));
    }

    /// A handler that panics answers nothing, nor does a process that ends.
    #[test]
    fn any_status_is_none_too() {
        let closed = Answer::Failed("connection closed".to_owned());
        let mut scene = answered(closed.clone());
        scene.test.requests[0].status = Some(at(Matcher::Any));
        let seen = basis(scene.finding("status anything"));
        assert_eq!(seen, "1 request without an answer");
        scene.request("/");
        let seen = basis(scene.finding("status anything"));
        assert_eq!(seen, "1 response, 1 request without an answer");
        // What is asked of an answer needs one.
        scene.test.requests[0].expected_body = Some(at(Matcher::Any));
        let got = failure(scene.finding("body")).got;
        assert_eq!(got.as_deref(), Some("no answer: connection closed"));
    }

    #[test]
    fn body_and_headers_are_judged() {
        let mut scene = answered(response(200, "status 200"));
        scene.test.requests[0].expected_body = Some(at(contains("status 200")));
        scene.test.requests[0].expected_headers = vec![
            ("Content-Type".to_owned(), at(is("text/plain"))),
            ("X-Trace".to_owned(), at(Matcher::Any)),
        ];
        basis(scene.finding("body"));
        basis(scene.finding("header Content-Type"));
        let got = failure(scene.finding("header X-Trace")).got;
        assert_eq!(got.as_deref(), Some("no such header"));
        scene.test.requests[0].expected_body = Some(at(is("other")));
        assert_eq!(
            failure(scene.finding("body")).got.as_deref(),
            Some("\"status 200\"")
        );
    }

    #[test]
    fn a_header_may_have_several_lines() {
        let mut scene = answered(Answer::Response {
            status: 200,
            headers: vec![
                ("set-cookie".to_owned(), "a=1".to_owned()),
                ("set-cookie".to_owned(), "b=2".to_owned()),
            ],
            body: Vec::new(),
            truncated: false,
        });
        scene.test.requests[0].expected_headers = vec![("Set-Cookie".to_owned(), at(is("b=2")))];
        basis(scene.finding("header"));
        scene.test.requests[0].expected_headers = vec![("Set-Cookie".to_owned(), at(is("c=3")))];
        assert_eq!(
            failure(scene.finding("header")).got.as_deref(),
            Some(r#""a=1", "b=2""#)
        );
    }

    #[test]
    fn a_cut_body_decides_only_what_was_kept() {
        let mut scene = answered(Answer::Response {
            status: 200,
            headers: Vec::new(),
            body: b"begin".to_vec(),
            truncated: true,
        });
        scene.test.requests[0].expected_body = Some(at(contains("begin")));
        basis(scene.finding("body"));
        scene.test.requests[0].expected_body = Some(at(contains("end")));
        assert_eq!(
            unknown(scene.finding("body")).to_string(),
            "only the first 5 bytes are known"
        );
    }

    #[test]
    fn of_many_the_first_failing_is_shown() {
        let mut scene = answered(response(200, ""));
        for status in [200, 500, 501] {
            scene.request("/");
            if let Some(last) = scene.evidence.exchanges.last_mut() {
                last.answer = response(status, "");
            }
        }
        let failure = failure(scene.finding("status"));
        assert_eq!(
            (failure.exchange, failure.got.as_deref()),
            (Some(2), Some("500"))
        );
        assert_eq!(failure.remark.as_deref(), Some("2 of 4 responses"));
        scene.evidence.exchanges.truncate(2);
        unknown(scene.finding("status"));
    }

    #[test]
    fn a_stub_that_the_test_overrides_must_be_called() {
        let mut scene = answered(response(200, ""));
        scene.test.stubs = vec![stub("site")];
        let failure = failure(scene.finding("stub site"));
        assert_eq!(failure.label, "stub site was never called in this test");
        scene.stub_used("site", &["GET /"]);
        assert_eq!(basis(scene.finding("stub site")), "1 request");
    }

    #[test]
    fn a_test_that_ran_into_its_limit_fails() {
        let mut scene = answered(response(200, ""));
        scene.evidence.timed_out = true;
        let failure = failure(scene.finding("complete within 60s"));
        assert_eq!(failure.kind, FailureKind::Timeout);
        assert_eq!(failure.notes, ["1 of 1 requests were sent"]);
    }
}

mod validation {
    use model::plan::Plan;
    use spec::document::{SequenceElement, SequenceMode};

    use super::*;
    use crate::expect::{
        testing::{sequence, step},
        validate,
    };

    fn scene() -> Scene {
        let mut scene = Scene::new();
        scene.watch(
            "prepare",
            &["name string", "year int", "t main.T", "ok bool"],
            &["string", "int"],
        );
        scene.watch("other", &["id int"], &[]);
        scene.label("all", &["prepare", "other"]);
        scene
    }

    fn problems(mut scene: Scene) -> Vec<(String, String)> {
        scene.spec.tests = vec![scene.test];
        let Observation {
            types,
            functions,
            labels,
            ..
        } = scene.evidence.observation;
        let plan = Plan {
            types,
            functions,
            labels,
            ..Plan::default()
        };
        let found = validate(&scene.spec, &plan).map_err(|found| found.errors);
        let errors = found.err().unwrap_or_default().into_iter();
        errors
            .map(|error| (error.message, error.help.unwrap_or_default()))
            .collect()
    }

    fn about_argument(label: &str, name: &str, matcher: Matcher) -> Vec<(String, String)> {
        let mut scene = scene();
        let mut expectation = calls(label);
        expectation.args = vec![argument(name, matcher)];
        scene.test.calls = vec![expectation];
        problems(scene)
    }

    #[test]
    fn an_unknown_parameter_is_refused_with_the_nearest() {
        let [(message, help)] = &about_argument("prepare", "nmae", is("x"))[..] else {
            panic!("one problem");
        };
        assert_eq!(message, "main.prepare has no parameter `nmae`");
        assert_eq!(
            help,
            "did you mean `name`? Its parameters: name string, year int, t main.T, ok bool"
        );
        let [(_, help)] = &about_argument("other", "zzz", is("x"))[..] else {
            panic!("one problem");
        };
        assert_eq!(help, "its parameters: id int");
    }

    #[test]
    fn a_glob_needs_the_parameter_in_every_function() {
        let found = about_argument("all", "year", is(1));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, "main.other has no parameter `year`");
    }

    #[test]
    fn a_matcher_must_suit_the_type() {
        let refused = |name, matcher| about_argument("prepare", name, matcher).pop().map(|p| p.0);
        assert_eq!(refused("name", is("x")), None);
        assert_eq!(refused("name", contains("x")), None);
        assert_eq!(refused("name", matches("x")), None);
        assert_eq!(refused("year", compares(Comparison::Lt, 1)), None);
        assert_eq!(refused("ok", is(true)), None);
        assert_eq!(refused("t", Matcher::Any), None);
        assert_eq!(
            refused("name", is(1)).as_deref(),
            Some("an integer does not apply to string")
        );
        assert_eq!(
            refused("year", contains("x")).as_deref(),
            Some("`contains` does not apply to int")
        );
        assert_eq!(
            refused("ok", compares(Comparison::Lt, 1)).as_deref(),
            Some("a comparison does not apply to bool")
        );
        assert_eq!(
            refused("year", is(true)).as_deref(),
            Some("a bool does not apply to int")
        );
        assert_eq!(
            refused("t", is("x")).as_deref(),
            Some("a string does not apply to main.T")
        );
        let both = Matcher::All(vec![Matcher::Any, matches("x")]);
        assert_eq!(
            refused("year", both).as_deref(),
            Some("`matches` does not apply to int")
        );
    }

    #[test]
    fn the_number_of_results_must_be_right() {
        let mut scene = scene();
        let mut expectation = calls("prepare");
        expectation.returns = vec![at(is("x"))];
        let mut selecting = step("other");
        selecting.returns = vec![at(is(1))];
        let mut wanted = sequence(SequenceMode::Gaps, &[]);
        wanted.elements.push(SequenceElement::Step(selecting));
        scene.test.calls = vec![expectation];
        scene.test.sequence = Some(wanted);
        let messages: Vec<String> = problems(scene)
            .into_iter()
            .map(|problem| problem.0)
            .collect();
        assert_eq!(
            messages,
            [
                "main.other has 0 results, but 1 is given here",
                "main.prepare has 2 results, but 1 is given here",
            ]
        );
    }

    #[test]
    fn a_long_inner_list_is_refused() {
        let mut scene = scene();
        let mut wanted = sequence(SequenceMode::Gaps, &[]);
        wanted
            .elements
            .push(SequenceElement::AnyOrder(vec![step("other"); 9], 0..0));
        scene.test.sequence = Some(wanted);
        let messages: Vec<String> = problems(scene)
            .into_iter()
            .map(|problem| problem.0)
            .collect();
        assert_eq!(messages, ["9 calls in any order are too many"]);
    }

    #[test]
    fn filters_are_checked_too() {
        let mut scene = scene();
        scene.filtered("late", "prepare", "year >= 1 && yaer >= 1");
        assert_eq!(problems(scene).len(), 1);
    }
}
