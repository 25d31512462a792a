//! What is said beside a failure: in which request it was, and what still ran.

use model::{Completion, End, Goid, Nanoseconds, Running, RunningGoroutine};

use super::{
    failure,
    story::{finding, story},
    unknown,
};
use crate::expect::testing::Scene;

/// Two requests, the second with a goroutine that does not end.
const TWO: &str = "
    request g34
    request g44
    g34 a 1..2
    g44 a 3..4
    go g45 g44 5
    g45 b 6..
";

#[test]
fn a_call_is_shown_in_its_request_whatever_the_test_looks_at() {
    let scene = story(TWO);
    for (test, exchange) in [
        ("count = { a = 3 }", Some(1)),
        ("from = \"anywhere\"\ncount = { a = 3 }", Some(1)),
        (
            "from = \"anywhere\"\nsequence = [\"a\", \"a\", \"a\"]",
            Some(1),
        ),
        ("from = \"anywhere\"\nsequence = [\"b\", \"a\"]", Some(1)),
        ("count = { c = 1 }", None),
    ] {
        let failed = failure(finding(&scene, test));
        assert_eq!(failed.exchange, exchange, "{test}");
    }
}

#[test]
fn a_missing_call_is_reported_with_all_calls() {
    let sequence = "sequence = [\"a\", \"a\", \"a\"]";
    let scene = story(TWO);
    let failed = failure(finding(&scene, &format!("from = \"anywhere\"\n{sequence}")));
    assert_eq!(failed.label, "not called after a");
    assert_eq!(failed.want.as_deref(), Some("a → a → a"));
    assert_eq!(failed.got.as_deref(), Some("a ✓  a ✓"));
    // In a request, its tree shows them.
    let failed = failure(finding(&scene, sequence));
    assert_eq!(failed.got, None);
}

/// The same, cut while the second request's goroutine runs.
fn cut() -> Scene {
    let mut scene = story(TWO);
    let goroutine = RunningGoroutine {
        goid: Goid(45),
        function: Some("main.b".to_owned()),
        started: None,
    };
    scene.evidence.completion = Some(Completion {
        end: End::SettlePassed,
        after: Nanoseconds(50_000_000),
        limit: Nanoseconds(50_000_000),
        running: Running {
            goroutines: vec![goroutine],
            ..Running::default()
        },
    });
    scene
}

#[test]
fn a_failure_that_more_time_may_change_says_what_still_ran() {
    let scene = cut();
    let note = "the test was not settled within 50ms; still running: g45 main.b; raise `settle`";
    for test in [
        "calls.b.outcome = \"returned\"",
        "count = { a = 3 }",
        "sequence = [\"b\", \"a\"]",
        "sequence = [{ call = \"b\", outcome = \"returned\" }]",
        "calls.a.after = \"b\"",
    ] {
        let failed = failure(finding(&scene, test));
        assert_eq!(
            failed.notes.iter().filter(|failed| *failed == note).count(),
            1,
            "{test}: {failed:?}"
        );
    }
    // More time changes nothing of a call that has ended, nor of one that took too long.
    for test in ["calls.a.outcome = \"panicked\"", "calls.b.took = \"< 1ms\""] {
        let failed = failure(finding(&scene, test));
        assert_eq!(failed.notes, Vec::<String>::new(), "{test}");
    }
}

#[test]
fn what_is_undecided_while_a_call_runs_says_what_still_ran() {
    let mut scene = cut();
    for test in [
        "calls.b.returns = [4]",
        "calls.b.took = \"> 1h\"",
        "latency = { b = [\"max > 1h\"] }",
        "flow = [[\"a.n\", \"b.returns[0]\"]]",
    ] {
        let reason = unknown(finding(&scene, test)).to_string();
        assert!(
            reason.contains("still running: g45 main.b"),
            "{test}: {reason}"
        );
    }
    scene.lose(Some("a"), 1);
    let reason = unknown(finding(&scene, "count = { a = 2 }")).to_string();
    assert!(!reason.contains("still running"), "{reason}");
}
