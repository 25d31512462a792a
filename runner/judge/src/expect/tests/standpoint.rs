//! `under`, `child-of`, `goroutine` and `from`, of calls and of steps.

use model::{Outcome, ProbeKind};

use super::{
    failure,
    story::{come_out, finding, story, verdicts},
    unknown,
};
use crate::expect::FailureKind;

/// A handler whose goroutine creates a worker, which creates another.
const TREE: &str = "
    older g9
    request g34
    g34 handler 0..100
    g34 a 10..90
    go g35 g34 20
    g35 worker 21..60
    g35 b 22..50
    go g36 g35 30
    g36 c 31..40
    g9 b 200..210 n=7
";

fn of(label: &str, demands: &str) -> String {
    format!("[test.calls.{label}]\n{demands}")
}

#[test]
fn calls_above_are_found_across_goroutines() {
    for (label, demands, wanted) in [
        ("c", "under = \"b\"", 'p'),
        ("c", "under = \"worker\"", 'p'),
        ("c", "under = \"a\"", 'p'),
        ("c", "under = \"handler\"", 'p'),
        ("worker", "under = \"b\"", 'f'),
        ("handler", "under = \"a\"", 'f'),
        ("c", "child-of = \"b\"", 'p'),
        ("c", "child-of = \"worker\"", 'f'),
        ("worker", "child-of = \"a\"", 'p'),
        ("worker", "child-of = \"handler\"", 'f'),
        ("a", "child-of = \"handler\"", 'p'),
        ("handler", "child-of = \"a\"", 'f'),
        ("a", "goroutine = \"same\"", 'p'),
        ("a", "goroutine = \"child\"", 'f'),
        ("a", "goroutine = \"distinct\"", 'f'),
        ("worker", "goroutine = \"same\"", 'f'),
        ("worker", "goroutine = \"child\"", 'p'),
        ("worker", "goroutine = \"distinct\"", 'p'),
        ("c", "goroutine = \"child\"", 'f'),
        ("c", "goroutine = \"distinct\"", 'p'),
        ("c", "goroutine = \"any\"", 'p'),
    ] {
        come_out(TREE, &[(&of(label, demands), wanted)]);
    }
}

#[test]
fn a_failure_says_where_the_call_was_made() {
    let scene = story(TREE);
    let failed = failure(finding(&scene, &of("worker", "under = \"b\"")));
    assert_eq!(failed.kind, FailureKind::Value);
    assert_eq!(failed.label, "worker is not under b");
    assert_eq!(failed.want.as_deref(), Some("under b"));
    assert_eq!(failed.got.as_deref(), Some("under handler → a"));
    let on = "on g35, which g34 created, which handles the request";
    assert_eq!(failed.notes, [on]);
    assert_eq!(failed.call, Some(scene.evidence.observation.calls[2].id));
    assert_eq!(failed.exchange, Some(0));
    let failed = failure(finding(&scene, &of("c", "goroutine = \"child\"")));
    assert_eq!(failed.label, "goroutine of c");
    let want = "a child of the goroutine that handles the request";
    assert_eq!(failed.want.as_deref(), Some(want));
    let got = "on g36, which g35 created; g34 handles the request";
    assert_eq!(failed.got.as_deref(), Some(got));
    assert_eq!(failed.notes, ["under handler → a → worker → b"]);
}

#[test]
fn steps_are_chosen_by_where_they_are_made() {
    let sequence = |step: &str| format!("sequence = [\"handler\", {step}]");
    for (step, wanted) in [
        (
            "{ call = \"b\", under = \"a\", goroutine = \"child\" }",
            'p',
        ),
        ("{ call = \"b\", goroutine = \"same\" }", 'f'),
        ("{ call = \"c\", child-of = \"b\" }", 'p'),
        ("{ call = \"c\", child-of = \"a\" }", 'f'),
        ("{ call = \"c\", outcome = \"returned\" }", 'p'),
        ("{ call = \"c\", outcome = \"panicked\" }", 'f'),
    ] {
        come_out(TREE, &[(&sequence(step), wanted)]);
    }
    let scene = story(TREE);
    let found = verdicts(&scene, &sequence("{ call = \"c\", child-of = \"a\" }"));
    let [(place, verdict)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(place, "\"a\"");
    let failed = failure(verdict.finding.clone());
    assert_eq!(failed.got.as_deref(), Some("child of b"));
}

#[test]
fn what_was_not_seen_is_not_known() {
    let unseen = "
        request g34
        g34 handler 0..100
        unseen g50
        g50 worker 10..20
    ";
    let mut scene = story(unseen);
    scene.evidence.observation.calls[1].scope = scene.evidence.observation.calls[0].scope;
    for demands in ["under = \"a\"", "child-of = \"a\"", "goroutine = \"child\""] {
        let reason = unknown(finding(&scene, &of("worker", demands))).to_string();
        assert!(
            reason.starts_with("the creation of g50 was not seen"),
            "{reason}"
        );
    }
    // That it is another goroutine is known all the same.
    assert!(matches!(
        finding(&scene, &of("worker", "goroutine = \"distinct\"")),
        crate::expect::Finding::Passed { .. }
    ));
    // What was there before may have called anything before.
    let older = "
        older g9
        request g34
        g34 handler 0..100
        g9 worker 10..20
    ";
    let scene = story(older);
    let anywhere = of("worker", "from = \"anywhere\"\nunder = \"a\"");
    let reason = unknown(finding(&scene, &anywhere)).to_string();
    assert!(reason.starts_with("g9 started before"), "{reason}");
}

#[test]
fn what_was_lost_leaves_the_question_open_where_it_matters() {
    let judged = |label: &str, demands: &str, lost: Option<&str>| {
        let mut scene = story(TREE);
        scene.lose(lost, 1);
        super::story::letter(&finding(&scene, &of(label, demands)))
    };
    // Some hits of b were lost: a call of b may be there, or one that seems to be may have returned.
    assert_eq!(judged("worker", "under = \"b\"", Some("b")), '?');
    assert_eq!(judged("c", "under = \"b\"", Some("b")), '?');
    assert_eq!(judged("c", "under = \"a\"", Some("b")), 'p');
    assert_eq!(judged("c", "child-of = \"b\"", Some("a")), '?');
    assert_eq!(judged("c", "child-of = \"worker\"", Some("a")), 'f');
    assert_eq!(judged("c", "child-of = \"worker\"", Some("b")), '?');
    for demands in ["under = \"a\"", "goroutine = \"same\""] {
        assert_eq!(judged("worker", demands, None), '?');
    }
}

#[test]
fn what_was_lost_matters_to_a_child_where_it_could_change_its_parent() {
    use ProbeKind::{Copy, Entry, GoroutineCreated, PanicRecovered, Return};
    let lines = "
        request g34
        g34 handler 0..100
        g34 a 10..50
        g34 b 20..30
    ";
    let judged = |label: &str, lost: Option<&str>, probe: ProbeKind, when: u64| {
        let mut scene = story(lines);
        scene.lose_at(lost, probe, (when, when + 5));
        // Which calls are a request's is another question.
        let demands = format!("from = \"anywhere\"\nchild-of = \"{label}\"");
        super::story::letter(&finding(&scene, &of("b", &demands)))
    };
    // Another call may have begun between, or the one above have ended.
    for (lost, probe) in [
        (Some("worker"), Entry),
        (Some("a"), Entry),
        (Some("a"), Return),
        (None, PanicRecovered),
    ] {
        assert_eq!(judged("a", lost, probe, 12), '?', "{lost:?} {probe}");
        assert_eq!(judged("a", lost, probe, 21), 'p', "{lost:?} {probe}, later");
    }
    // What others showed is not needed.
    for (lost, probe) in [
        (Some("worker"), Return),
        (Some("worker"), Copy),
        (Some("a"), Copy),
        (None, GoroutineCreated),
    ] {
        assert_eq!(judged("a", lost, probe, 12), 'p', "{lost:?} {probe}");
    }
    // That it is not a child of another.
    for (lost, probe, wanted) in [
        (Some("worker"), Entry, '?'),
        (Some("a"), Return, '?'),
        (None, PanicRecovered, '?'),
        (Some("worker"), Return, 'f'),
        (Some("a"), Entry, 'f'),
        (Some("handler"), Entry, 'f'),
    ] {
        assert_eq!(
            judged("worker", lost, probe, 12),
            wanted,
            "{lost:?} {probe}"
        );
    }
    for (lost, probe) in [(Some("worker"), Entry), (Some("a"), Return)] {
        assert_eq!(judged("worker", lost, probe, 21), 'f', "{lost:?} {probe}");
    }
}

#[test]
fn a_hand_off_is_not_a_call_above() {
    let mut scene = story(
        "
        request g34
        g34 handler 0..100
        g34 a 10..20
        go g9 g1 5
        g9 worker 30..40
    ",
    );
    let calls = &mut scene.evidence.observation.calls;
    calls[2].scope = calls[0].scope;
    scene.evidence.observation.goroutines[1].creator = Some(model::Goid(0));
    assert!(matches!(
        finding(&scene, &of("worker", "under = \"a\"")),
        crate::expect::Finding::Failed(_)
    ));
    assert!(matches!(
        finding(&scene, &of("worker", "goroutine = \"distinct\"")),
        crate::expect::Finding::Passed { .. }
    ));
}

#[test]
fn from_says_which_calls_are_looked_at() {
    let demands = "args = { n = 7 }";
    let anywhere = "from = \"anywhere\"\nargs = { n = 7 }";
    come_out(TREE, &[(&of("b", demands), 'f'), (&of("b", anywhere), 'f')]);
    let background = "
        older g9
        request g34
        g34 handler 0..100
        g9 b 200..210 n=7
    ";
    for (test, wanted) in [
        (of("b", demands), 'f'),
        (of("b", anywhere), 'p'),
        (format!("from = \"anywhere\"\n{}", of("b", demands)), 'p'),
        (
            format!(
                "from = \"anywhere\"\n{}",
                of("b", "from = \"requests\"\nargs = { n = 7 }")
            ),
            'f',
        ),
        ("count = { b = 1 }".to_owned(), 'f'),
        ("from = \"anywhere\"\ncount = { b = 1 }".to_owned(), 'p'),
        ("sequence = [\"handler\", \"b\"]".to_owned(), 'f'),
        (
            "from = \"anywhere\"\nsequence = [\"handler\", \"b\"]".to_owned(),
            'p',
        ),
        ("never = [\"b\"]".to_owned(), 'f'),
    ] {
        come_out(background, &[(&test, wanted)]);
    }
    let scene = story(background);
    let failed = failure(finding(&scene, &of("b", demands)));
    assert_eq!(failed.kind, FailureKind::Missing);
    assert!(
        failed.notes[0].contains("in the background, g9"),
        "{failed:?}"
    );
}

#[test]
fn each_outcome_is_asked_for_by_its_name() {
    for (line, name) in [
        ("g34 a 10..20", "returned"),
        ("g34 a 10..20 panicked", "panicked"),
        ("g34 a 10..20 recovered", "recovered"),
        ("g34 a 10..20 goexit", "goexit"),
        ("g34 a 10..", "running"),
        ("g34 a 10..20 ended", "process-ended"),
    ] {
        for wanted in [
            "returned",
            "panicked",
            "recovered",
            "goexit",
            "running",
            "process-ended",
        ] {
            let lines = format!("request g34\n{line}");
            let letter = if wanted == name { 'p' } else { 'f' };
            let test = of("a", &format!("outcome = \"{wanted}\""));
            come_out(&lines, &[(&test, letter)]);
        }
    }
    let mut scene = story("request g34\ng34 a 10..20");
    scene.evidence.observation.calls[0].outcome = Outcome::Unwound;
    scene.evidence.observation.calls[0].left = None;
    unknown(finding(&scene, &of("a", "outcome = \"panicked\"")));
    failure(finding(&scene, &of("a", "outcome = \"returned\"")));
}
