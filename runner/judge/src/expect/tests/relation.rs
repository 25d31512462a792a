//! `before`, `after` and `concurrent-with`.

use model::{Outcome, ProbeKind, Timestamp};

use super::{
    failure,
    story::{come_out, finding, letter, story},
    unknown,
};
use crate::expect::{FailureKind, testing::MS};

fn of(label: &str, demands: &str) -> String {
    format!("[test.calls.{label}]\n{demands}")
}

#[test]
fn calls_are_compared_within_their_request() {
    let story = "
        request g34
        request g44
        g34 a 10..20
        g44 b 15..25
        g34 b 30..40
        g44 a 50..60
    ";
    come_out(
        story,
        &[
            (&of("a", "before = \"b\""), 'f'),
            (&of("b", "after = \"a\""), 'f'),
            (
                &of("a", "from = \"anywhere\"\nconcurrent-with = \"b\""),
                'f',
            ),
        ],
    );
    let one = "request g34\nrequest g44\ng34 a 10..20\ng44 b 15..25\ng34 b 30..40";
    come_out(
        one,
        &[
            (&of("a", "before = \"b\""), 'p'),
            (&of("b", "after = \"a\""), 'p'),
            (&of("a", "from = \"anywhere\"\nbefore = \"b\""), 'f'),
            (&of("a", "concurrent-with = \"b\""), 'f'),
            (
                &of("a", "from = \"anywhere\"\nconcurrent-with = \"b\""),
                'p',
            ),
        ],
    );
}

#[test]
fn every_call_has_the_relation_to_every_other() {
    let pairs = [
        ("g34 a 10..20\ng34 b 20..30", 'p', 'f'),
        ("g34 a 10..20\ng34 b 19..30", 'f', 'f'),
        ("g34 b 10..20\ng34 a 30..40", 'f', 'p'),
        ("g34 b 10..50\ng34 a 30..40", 'f', 'f'),
        ("g34 b 5..6\ng34 a 10..20\ng34 b 30..40", 'f', 'f'),
        ("g34 a 10..\ng34 b 20..30", 'f', 'f'),
        ("g34 b 10..\ng34 a 20..30", 'f', 'f'),
        ("g34 a 10..20 panicked\ng34 b 20..30", 'p', 'f'),
    ];
    for (lines, before, after) in pairs {
        let story = format!("request g34\n{lines}");
        come_out(
            &story,
            &[
                (&of("a", "before = [\"b\"]"), before),
                (&of("a", "after = [\"b\"]"), after),
            ],
        );
    }
}

#[test]
fn concurrent_calls_are_on_two_goroutines() {
    for (lines, wanted) in [
        ("g34 a 10..20\ng35 b 15..30", 'p'),
        ("g34 a 10..20\ng35 b 12..13", 'p'),
        ("g35 b 5..50\ng34 a 10..20", 'p'),
        ("g35 b 5..\ng34 a 10..20", 'p'),
        ("g34 a 10..20\ng35 b 20..30", 'f'),
        ("g35 b 5..10\ng34 a 10..20", 'f'),
        ("g34 b 5..30\ng34 a 10..20", 'f'),
        ("g34 b 5..30\ng34 a 10..20\ng35 b 18..19", 'p'),
        ("g35 b 5..11\ng34 b 6..50\ng34 a 10..20", 'p'),
    ] {
        let story = format!("request g34\ngo g35 g34 1\n{lines}");
        come_out(&story, &[(&of("a", "concurrent-with = \"b\""), wanted)]);
    }
}

#[test]
fn an_end_that_is_not_known_matters_only_where_it_could() {
    let unwound = |lines: &str, demands: &str| {
        let mut scene = story(&format!("request g34\ngo g35 g34 1\n{lines}"));
        for call in &mut scene.evidence.observation.calls {
            if call.outcome == Outcome::Unwound {
                call.left = None;
            }
        }
        letter(&finding(&scene, &of("a", demands)))
    };
    let open = "g34 handler 0..100\ng34 a 10..20 unwound\ng34 b 50..60";
    assert_eq!(unwound(open, "before = \"b\""), '?');
    // It can't have outlasted the call around it.
    let closed = "g34 handler 0..30\ng34 a 10..20 unwound\ng34 b 50..60";
    assert_eq!(unwound(closed, "before = \"b\""), 'p');
    let earlier = "g34 b 5..60\ng34 a 10..20 unwound";
    assert_eq!(unwound(earlier, "before = \"b\""), 'f');
    let other = "g34 b 5..6 unwound\ng34 a 10..20";
    assert_eq!(unwound(other, "after = \"b\""), '?');
    let beside = "g35 b 5..6 unwound\ng34 a 10..20";
    assert_eq!(unwound(beside, "concurrent-with = \"b\""), '?');
    let later = "g34 a 10..20\ng35 b 21..22 unwound";
    assert_eq!(unwound(later, "concurrent-with = \"b\""), 'f');
    let started = "g34 a 10..20\ng35 b 15..16 unwound";
    assert_eq!(unwound(started, "concurrent-with = \"b\""), 'p');
}

#[test]
fn lost_calls_of_the_other_name_count_against_it() {
    let judged = |lines: &str, demands: &str| {
        let mut scene = story(&format!("request g34\ngo g35 g34 1\n{lines}"));
        scene.lose(Some("b"), 2);
        letter(&finding(&scene, &of("a", demands)))
    };
    assert_eq!(judged("g34 a 10..20\ng34 b 30..40", "before = \"b\""), '?');
    assert_eq!(judged("g34 b 5..6\ng34 a 10..20", "before = \"b\""), 'f');
    assert_eq!(
        judged("g34 a 10..20\ng35 b 15..16", "concurrent-with = \"b\""),
        'p'
    );
    assert_eq!(
        judged("g34 a 10..20\ng35 b 25..26", "concurrent-with = \"b\""),
        '?'
    );
    assert_eq!(judged("g34 a 10..20", "before = \"b\""), '?');
}

#[test]
fn a_failure_says_which_call_was_in_the_way() {
    let scene = story("request g34\ng34 a 10..20\ngo g35 g34 12\ng35 b 15..25 n=3");
    let failed = failure(finding(&scene, &of("a", "before = \"b\"")));
    assert_eq!(failed.kind, FailureKind::Order);
    assert_eq!(failed.label, "began 5ms before a ended");
    assert_eq!(failed.want.as_deref(), Some("a → b"));
    assert_eq!(
        failed.got.as_deref(),
        Some("a began → b began → a ended → b ended")
    );
    assert_eq!(failed.remark.as_deref(), Some("1 call"));
    assert!(
        failed.notes[0].starts_with("b(n=3, s=\"\") in request 1, g35"),
        "{failed:?}"
    );
    assert_eq!(failed.call, Some(scene.evidence.observation.calls[0].id));
    let failed = failure(finding(&scene, &of("b", "after = \"a\"")));
    assert_eq!(failed.label, "ended 5ms after b began");
    let scene = story("request g34\ng34 a 10..20\ngo g35 g34 12\ng35 b 25..30");
    let failed = failure(finding(&scene, &of("a", "concurrent-with = \"b\"")));
    assert_eq!(failed.label, "no b at the same time");
    assert_eq!(
        failed.got.as_deref(),
        Some("b on g35 began 5ms after it ended")
    );
}

#[test]
fn calls_of_the_other_name_that_were_lost_after_all_requests_are_of_none() {
    let judged = |when: u64| {
        let mut scene = story("request g34\ng34 a 10..20\ng34 b 30..40");
        scene.evidence.observation.scopes[0].left = Some(Timestamp(50 * MS));
        scene.evidence.observation.goroutines.clear();
        scene.lose_at(Some("b"), ProbeKind::Entry, (when, when + 5));
        letter(&finding(&scene, &of("a", "before = \"b\"")))
    };
    assert_eq!(judged(45), '?');
    assert_eq!(judged(51), 'p');
}

#[test]
fn a_name_that_was_not_called_is_missing() {
    let lines = "older g9\nrequest g34\ng34 a 10..20\ng9 b 15..16";
    let scene = story(lines);
    for demand in ["before", "after", "concurrent-with"] {
        let failed = failure(finding(&scene, &of("a", &format!("{demand} = \"b\""))));
        assert_eq!(
            (failed.kind, failed.label.as_str()),
            (FailureKind::Missing, "no request of the test called b")
        );
        assert!(
            failed.notes[0].contains("in the background, g9"),
            "{failed:?}"
        );
    }
    let mut scene = story(lines);
    scene.lose(None, 1);
    unknown(finding(&scene, &of("a", "before = \"b\"")));
}
