//! Expectations of a Go test: they look at the calls of its run.

use super::{
    failure,
    story::{come_out, finding, story},
    unknown,
};
use crate::expect::{Finding, Left};
use model::{
    CodePlace, Completion, End, Goid, Nanoseconds, ProbeKind, Running, RunningGoroutine, SiteId,
    SiteLoss, SourcePosition,
};

/// The test calls a, and b on a goroutine of its own; g50 handles its request; g60 belongs to no test.
const RUN: &str = "
    test g34
    nested g50 g34
    go g35 g34 5
    g34 a 1..4 n=1
    g35 b 6..9 n=2
    g50 c 10..20 n=3
    g60 a 12..13 n=4
";

#[test]
fn calls_that_belong_to_no_test_are_looked_at_only_where_that_is_asked_for() {
    come_out(
        RUN,
        &[
            ("count = { a = 1 }", 'p'),
            ("count = { a = 2 }", 'f'),
            ("from = \"anywhere\"\ncount = { a = 2 }", 'p'),
            ("sequence = [\"a\", \"b\", \"c\"]", 'p'),
            ("sequence = { exact = [\"a\", \"c\", \"b\"] }", 'f'),
            ("never = [\"handler\"]", 'p'),
            ("[test.calls.a]\nargs = { n = 1 }", 'p'),
            ("[test.calls.c]\nargs = { n = 1 }", 'f'),
        ],
    );
    let never = failure(finding(&story("test g34\ng60 a 12..13"), "never = [\"a\"]"));
    assert_eq!(never.notes, ["first: in no Go test, g60"]);
}

#[test]
fn goroutines_are_compared_with_the_one_that_runs_the_test() {
    come_out(
        RUN,
        &[
            ("[test.calls.a]\ngoroutine = \"same\"", 'p'),
            ("[test.calls.b]\ngoroutine = \"child\"", 'p'),
            ("[test.calls.b]\ngoroutine = \"same\"", 'f'),
            ("[test.calls.c]\ngoroutine = \"distinct\"", 'p'),
        ],
    );
    let failed = failure(finding(&story(RUN), "[test.calls.b]\ngoroutine = \"same\""));
    assert_eq!(
        failed.want.as_deref(),
        Some("the goroutine that runs the Go test")
    );
    let got = "on g35, which g34 created, which runs the Go test";
    assert_eq!(failed.got.as_deref(), Some(got));
}

#[test]
fn requests_within_a_test_are_counted_each_by_itself() {
    let two = "
        test g34
        nested g50 g34
        nested g51 g34
        g50 a 1..2
        g51 a 3..4
        g51 b 5..6
        g34 b 7..8
    ";
    come_out(
        two,
        &[
            ("count-per-request = { a = 1 }", 'p'),
            ("count-per-request = { b = 1 }", 'f'),
            ("count-per-request = { b = { le = 1 } }", 'p'),
        ],
    );
    come_out(
        "test g34\ng34 a 1..2",
        &[("count-per-request = { a = 1 }", '?')],
    );
}

#[test]
fn goroutines_that_are_left_are_named_with_who_started_them() {
    let mut scene = story(
        "
        test g34
        g34 a 1..9
        go g35 g34 5
        go g36 g34 20
    ",
    );
    let running = |goroutines: &[u64]| Left {
        running: Running {
            goroutines: goroutines
                .iter()
                .map(|goid| RunningGoroutine {
                    goid: Goid(*goid),
                    function: Some("main.watch".to_owned()),
                    started: None,
                })
                .collect(),
            ..Running::default()
        },
        cut: None,
    };
    scene.evidence.left = Some(running(&[35, 36]));
    let failed = failure(finding(&scene, "goroutines = { left = 0 }"));
    assert_eq!(failed.got.as_deref(), Some("2"));
    let notes = [
        "g35 main.watch, started in a",
        "g36 main.watch, started by g34",
    ];
    assert_eq!(failed.notes, notes);
    let mut left = running(&[35, 35, 36]);
    let functions = ["main.start", "main.a", "main.start"];
    for (goroutine, function) in left.running.goroutines.iter_mut().zip(functions) {
        goroutine.started = Some(CodePlace {
            function: function.to_owned(),
            position: SourcePosition {
                file: "/shop/main.go".to_owned(),
                line: 12,
            },
        });
    }
    scene.evidence.left = Some(left);
    let failed = failure(finding(&scene, "goroutines = { left = 0 }"));
    let notes = [
        "g35 main.watch, started at main.go:12 in main.start, under a",
        "g35 main.watch, started at main.go:12 in main.a",
        "g36 main.watch, started at main.go:12 in main.start",
    ];
    assert_eq!(failed.notes, notes);
    scene.evidence.left = None;
    scene.evidence.completion = Some(Completion {
        end: End::SettlePassed,
        after: Nanoseconds(50_000_000),
        limit: Nanoseconds(50_000_000),
        running: running(&[35]).running,
    });
    let failed = failure(finding(&scene, "goroutines = { left = 0 }"));
    assert_eq!(failed.got.as_deref(), Some("1"), "left by requests");
    scene.evidence.left = Some(running(&[35, 36]));
    let two = finding(&scene, "goroutines = { left = { le = 2 } }");
    assert!(matches!(two, Finding::Passed { .. }), "{two:?}");
    scene.evidence.left = Some(Left {
        cut: Some(Nanoseconds(3_000_000)),
        ..running(&[35])
    });
    let reason = unknown(finding(&scene, "goroutines = { left = 0 }"));
    let words =
        "the process ended 3ms after the test, while these goroutines still ran: g35 main.watch";
    assert_eq!(reason.to_string(), words);
    scene.evidence.left = Some(running(&[]));
    let none = finding(&scene, "goroutines = { left = 0 }");
    assert!(matches!(none, Finding::Passed { .. }), "{none:?}");
}

#[test]
fn lost_goroutines_make_it_unknown_whose_calls_are() {
    let mut scene = story(RUN);
    scene.evidence.observation.loss.add(SiteLoss {
        probes: vec![ProbeKind::GoroutineCreated],
        ..SiteLoss::new(SiteId(0), None, 1)
    });
    let finding = finding(&scene, "count = { a = 1 }");
    assert!(matches!(finding, Finding::Inconclusive(_)), "{finding:?}");
}
