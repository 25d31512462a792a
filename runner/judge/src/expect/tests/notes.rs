//! What is said beside a failure: in which request it was, and what still ran.

use model::{Completion, End, Goid, Nanoseconds, Running, RunningGoroutine};

use super::{
    failure,
    story::{finding, story},
};

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
        let told = failure(finding(&scene, test));
        assert_eq!(told.exchange, exchange, "{test}");
    }
}

#[test]
fn what_misses_among_all_calls_is_told_with_them() {
    let sequence = "sequence = [\"a\", \"a\", \"a\"]";
    let scene = story(TWO);
    let told = failure(finding(&scene, &format!("from = \"anywhere\"\n{sequence}")));
    assert_eq!(told.label, "not called after a");
    assert_eq!(told.want.as_deref(), Some("a → a → a"));
    assert_eq!(told.got.as_deref(), Some("a ✓  a ✓"));
    // In a request, its tree shows them.
    let told = failure(finding(&scene, sequence));
    assert_eq!(told.got, None);
}

#[test]
fn beside_what_runs_it_is_told_that_more_time_may_help() {
    let mut scene = story(TWO);
    let goroutine = RunningGoroutine {
        goid: Goid(45),
        function: Some("main.b".to_owned()),
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
    let note = "the test was not settled within 50ms; still running: g45 main.b; give it more time with settle";
    for test in [
        "calls.b.outcome = \"returned\"",
        "count = { a = 3 }",
        "sequence = [\"b\", \"a\"]",
    ] {
        let told = failure(finding(&scene, test));
        assert!(
            told.notes.iter().any(|told| told == note),
            "{test}: {told:?}"
        );
    }
    // More time changes nothing of a call that has ended.
    let told = failure(finding(&scene, "calls.a.outcome = \"panicked\""));
    assert_eq!(told.notes, Vec::<String>::new());
}
