//! `count-per-request`, `flow`, and sequences on one goroutine.

use model::{Address, Content, Entries, Float, Func, Pointer, Status, Text, TypeId, Value};

use super::{
    failure,
    story::{come_out, finding, letter, story, verdicts},
    unknown,
};
use crate::expect::{
    FailureKind, Finding,
    testing::{cut, lost},
};

const THREE: &str = "
    request g34
    request g44
    request g54
    g34 a 1..2
    g44 a 3..4
    g44 a 5..6
    g54 a 7..8
";

#[test]
fn every_request_must_have_that_number_of_calls() {
    come_out(
        THREE,
        &[
            ("count-per-request = { a = 1 }", 'f'),
            ("count-per-request = { a = 2 }", 'f'),
            ("count-per-request = { a = { ge = 1 } }", 'p'),
            ("count-per-request = { a = { le = 1 } }", 'f'),
            ("count-per-request = { b = 0 }", 'p'),
            (
                "from = \"anywhere\"\ncount-per-request = { a = { ge = 1 } }",
                'p',
            ),
            ("count = { a = 4 }", 'p'),
        ],
    );
    let Finding::Passed { basis } =
        finding(&story(THREE), "count-per-request = { a = { ge = 1 } }")
    else {
        panic!("not passed");
    };
    assert_eq!(basis, "3 requests, 1 to 2 calls each");
}

#[test]
fn calls_of_a_nested_request_belong_to_the_one_around_it() {
    come_out(
        "
        request g34
        request g44
        nested g36 g34
        g34 a 1..2
        g36 b 3..4
        g44 a 5..6
        g44 b 7..8
        ",
        &[
            ("count = { b = 2 }", 'p'),
            ("count-per-request = { b = 1 }", 'p'),
            ("sequence = [\"a\", \"b\"]", 'p'),
            ("[test.calls.b]\nafter = \"a\"", 'p'),
            ("[test.calls.b]\ngoroutine = \"same\"", 'p'),
        ],
    );
}

#[test]
fn the_request_with_another_number_is_named() {
    let scene = story(THREE);
    let found = verdicts(&scene, "count-per-request = { a = 1 }");
    assert_eq!(found[0].0, "1");
    let failed = failure(found[0].1.finding.clone());
    assert_eq!(failed.kind, FailureKind::Count);
    assert_eq!(failed.label, "calls of a by request 2");
    assert_eq!(
        (failed.want.as_deref(), failed.got.as_deref()),
        (Some("1"), Some("2"))
    );
    assert_eq!(failed.remark.as_deref(), Some("request 2, GET /"));
    assert_eq!(failed.exchange, Some(1));
    assert_eq!(failed.call, Some(scene.evidence.observation.calls[2].id));
}

#[test]
fn a_number_is_not_known_where_calls_or_requests_are_not() {
    let judged = |test: &str, change: fn(&mut crate::expect::testing::Scene)| {
        let mut scene = story(THREE);
        change(&mut scene);
        letter(&finding(&scene, test))
    };
    let some = "count-per-request = { a = { ge = 1 } }";
    let one = "count-per-request = { a = 1 }";
    assert_eq!(judged(some, |scene| scene.lose(Some("a"), 1)), 'p');
    assert_eq!(judged(one, |scene| scene.lose(Some("a"), 1)), 'f');
    assert_eq!(
        judged("count-per-request = { b = 0 }", |scene| scene
            .lose(Some("b"), 1)),
        '?'
    );
    assert_eq!(judged(some, |scene| scene.lose(None, 1)), '?');
    let unmatched = |scene: &mut crate::expect::testing::Scene| {
        scene.evidence.scopes[2] = Err("no such request was seen".to_owned());
    };
    assert_eq!(judged(some, unmatched), '?');
    assert_eq!(judged(one, unmatched), 'f');
}

const WAY: &str = "
    request g34
    request g44
    g34 a 1..2 ->7 s=x
    g44 a 3..4 ->8 s=y
    g34 b 5..6 n=7 s=x
    g44 b 7..8 n=8 s=y
    g34 c 9..10 n=7 s=z
    g44 c 11..12 n=8 s=y
";

#[test]
fn a_value_flows_where_an_earlier_call_had_it() {
    come_out(
        WAY,
        &[
            ("flow = [[\"a.returns.0\", \"b.n\"]]", 'p'),
            ("flow = [[\"a.s\", \"b.s\"]]", 'p'),
            ("flow = [[\"a.s\", \"c.s\"]]", 'f'),
            ("flow = [[\"b.n\", \"a.returns.0\"]]", 'f'),
            ("flow = [[\"a.s\", \"b.n\"]]", 'f'),
            ("flow = [[\"handler.n\", \"b.n\"]]", 'f'),
            ("flow = [[\"a.s\", \"handler.s\"]]", 'f'),
        ],
    );
    let crossed = "
        request g34
        request g44
        g34 a 1..2 s=x
        g44 b 3..4 s=x
    ";
    come_out(
        crossed,
        &[
            ("flow = [[\"a.s\", \"b.s\"]]", 'f'),
            ("from = \"anywhere\"\nflow = [[\"a.s\", \"b.s\"]]", 'p'),
        ],
    );
    // A result is had at the return, an argument at the entry.
    let within = "request g34\ng34 a 1..10 ->7\ng34 b 2..5 n=7 ->7";
    come_out(
        within,
        &[
            ("flow = [[\"a.returns.0\", \"b.n\"]]", 'f'),
            ("flow = [[\"b.returns.0\", \"a.returns.0\"]]", 'p'),
            ("flow = [[\"b.n\", \"b.returns.0\"]]", 'p'),
        ],
    );
}

#[test]
fn a_chain_is_judged_step_by_step() {
    let scene = story(WAY);
    let found = verdicts(
        &scene,
        "flow = [[\"a.returns.0\", \"b.n\", \"c.n\"], [\"a.s\", \"b.s\", \"c.s\"]]",
    );
    let letters: String = found
        .iter()
        .map(|(_, verdict)| letter(&verdict.finding))
        .collect();
    assert_eq!(letters, "pppf");
    assert_eq!(found[3].0, "\"c.s\"");
    let failed = failure(found[3].1.finding.clone());
    assert_eq!(failed.kind, FailureKind::Value);
    assert_eq!(failed.label, "c.s is not from b.s");
    assert_eq!(failed.want.as_deref(), Some("a value that b.s had before"));
    assert_eq!(failed.got.as_deref(), Some("\"z\""));
    assert_eq!(failed.remark.as_deref(), Some("1 of 2 calls"));
    assert_eq!(failed.notes, ["b.s had \"x\""]);
    assert_eq!(failed.exchange, Some(0));
}

#[test]
fn a_failure_says_where_the_value_was_had_instead() {
    let failed = |lines: &str| failure(finding(&story(lines), "flow = [[\"a.s\", \"b.s\"]]")).notes;
    let later = failed("request g34\ng34 b 1..2 s=x\ng34 a 5..6 s=x");
    assert_eq!(later, ["a.s had this value 4ms later"]);
    let other = failed("request g34\nrequest g44\ng44 a 1..2 s=x\ng34 b 5..6 s=x");
    assert!(
        other[0].starts_with("a.s had this value in request 2, g44"),
        "{other:?}"
    );
    let background = failed("older g9\nrequest g34\ng9 a 1..2 s=y\ng34 b 5..6 s=x");
    assert!(
        background[0].contains("in the background, g9"),
        "{background:?}"
    );
    let none = failed("request g34\ng34 b 5..6 s=x");
    assert_eq!(none, ["a was not called before"]);
}

/// A call of `a` and one of `b` with these first arguments.
fn handed(given: Content, taken: Content) -> char {
    let mut scene = story("request g34\ng34 a 1..2\ng34 b 3..4");
    let calls = &mut scene.evidence.observation.calls;
    calls[0].arguments[0].content = given;
    calls[1].arguments[0].content = taken;
    letter(&finding(&scene, "flow = [[\"a.n\", \"b.n\"]]"))
}

fn pointer(address: u64, target: Content) -> Content {
    Content::Pointer(Box::new(Pointer {
        address: Address(address),
        target: value(target),
    }))
}

fn value(content: Content) -> Value {
    Value {
        ty: TypeId(0),
        content,
    }
}

fn of(fields: &[Content]) -> Content {
    Content::Struct(fields.iter().cloned().map(value).collect())
}

fn float(number: f64) -> Content {
    Content::Float(Float::new(number))
}

/// A map of so many entries, one of which was read: 0 and this.
fn map(of: i64, full: u64) -> Content {
    let entry = (value(Content::Int(0)), value(Content::Int(of)));
    Content::Map(Box::new(Entries {
        values: Box::new([entry]),
        full,
    }))
}

/// A closure with what it captured.
fn func(captured: Content) -> Content {
    Content::Func(Box::new(Func {
        code: Address(8),
        name: None,
        captured: Some(value(captured)),
    }))
}

#[test]
fn pointers_are_the_same_by_address_and_all_else_by_content() {
    let text = crate::expect::testing::text;
    let unread = || Content::Unread(Status::DepthLimit);
    let channel = || {
        Content::Channel(Box::new(model::Channel {
            length: 0,
            capacity: 1,
        }))
    };
    for (given, taken, wanted) in [
        (
            pointer(8, Content::Int(1)),
            pointer(8, Content::Int(2)),
            'p',
        ),
        (pointer(8, unread()), pointer(8, unread()), 'p'),
        (
            pointer(8, Content::Int(1)),
            pointer(16, Content::Int(1)),
            'f',
        ),
        (
            Content::Interface(Box::new(value(pointer(8, unread())))),
            pointer(8, unread()),
            'p',
        ),
        (Content::Address(Address(8)), pointer(8, unread()), 'p'),
        (Content::Int(3), Content::Uint(3), 'p'),
        (Content::Int(-1), Content::Uint(u64::MAX), 'f'),
        (Content::Bool(true), Content::Int(1), 'f'),
        (
            of(&[text("a"), Content::Int(1)]),
            of(&[text("a"), Content::Int(1)]),
            'p',
        ),
        (
            of(&[text("a"), Content::Int(1)]),
            of(&[text("a"), Content::Int(2)]),
            'f',
        ),
        (of(&[text("a"), unread()]), of(&[text("a"), unread()]), '?'),
        (of(&[Content::Nil]), of(&[Content::Nil]), 'p'),
        (Content::Nil, Content::Nil, '?'),
        (Content::Int(1), Content::Nil, 'f'),
        (Content::Nil, Content::Int(1), 'f'),
        (lost(), Content::Nil, '?'),
        (lost(), Content::Int(1), '?'),
        (Content::Int(1), lost(), '?'),
        (channel(), channel(), '?'),
        (text("abc"), text("abc"), 'p'),
        (cut("abc", 9), cut("abc", 9), '?'),
        (cut("abc", 9), cut("abc", 8), 'f'),
        (cut("abc", 9), text("abcdefghi"), '?'),
        (
            cut("0123456789abcdef", 20),
            cut("0123456789abcdeX", 20),
            'f',
        ),
        (
            cut("0123456789abcdef", 20),
            text("0123456789abcdef1234"),
            '?',
        ),
        (cut("0123456789abcdef", 20), Content::Int(1), 'f'),
        (float(f64::NAN), float(-f64::NAN), 'p'),
        (float(0.0), float(-0.0), 'p'),
        (float(f64::NAN), float(1.0), 'f'),
        (text("abc"), Content::Bytes(Text::whole(&b"abc"[..])), 'f'),
        (map(1, 1), map(1, 1), 'p'),
        (map(1, 1), map(2, 1), 'f'),
        (map(1, 2), map(1, 2), '?'),
        (func(Content::Int(1)), func(Content::Int(1)), 'p'),
        (func(Content::Int(1)), func(Content::Int(2)), 'f'),
        (func(unread()), func(unread()), '?'),
    ] {
        assert_eq!(
            handed(given.clone(), taken.clone()),
            wanted,
            "{given:?} → {taken:?}"
        );
    }
}

#[test]
fn what_was_lost_may_have_had_the_value() {
    let mut scene = story("request g34\ng34 a 1..2 s=y\ng34 b 3..4 s=x");
    scene.lose(Some("a"), 1);
    unknown(finding(&scene, "flow = [[\"a.s\", \"b.s\"]]"));
    let mut scene = story("request g34\ng34 a 1..2 s=x\ng34 b 3..4 s=x");
    scene.lose(Some("a"), 1);
    assert!(matches!(
        finding(&scene, "flow = [[\"a.s\", \"b.s\"]]"),
        Finding::Passed { .. }
    ));
    scene.lose(Some("b"), 1);
    unknown(finding(&scene, "flow = [[\"a.s\", \"b.s\"]]"));
    // What has not returned has no result yet, and had none before.
    come_out(
        "request g34\ng34 a 1..\ng34 b 3..4 n=7",
        &[
            ("flow = [[\"a.returns.0\", \"b.n\"]]", 'f'),
            ("flow = [[\"b.n\", \"a.returns.0\"]]", '?'),
        ],
    );
}

#[test]
fn one_goroutine_must_make_all_calls_of_a_sequence() {
    let spread = "
        request g34
        go g35 g34 0
        go g36 g34 0
        g34 a 1..2
        g35 a 3..4
        g36 b 5..6
        g35 b 7..8
        g36 c 9..10
    ";
    let same = |list: &str| format!("sequence = {{ {list}, goroutine = \"same\" }}");
    for (list, wanted) in [
        ("gaps = [\"a\", \"b\"]", 'p'),
        ("gaps = [\"b\", \"c\"]", 'p'),
        ("gaps = [\"a\", \"b\", \"c\"]", 'f'),
        ("gaps = [\"a\", \"c\"]", 'f'),
        ("contiguous = [\"a\", \"b\"]", 'p'),
        ("exact = [\"a\", \"b\"]", 'f'),
        ("exact = [\"c\"]", 'p'),
    ] {
        come_out(spread, &[(&same(list), wanted)]);
    }
    come_out(
        spread,
        &[("sequence = { gaps = [\"a\", \"b\", \"c\"] }", 'p')],
    );
    let alone = "request g34\ngo g35 g34 0\ng34 a 1..2\ng34 b 3..4\ng35 c 5..6";
    come_out(
        alone,
        &[
            (&same("exact = [\"a\", \"b\"]"), 'p'),
            (&same("exact = [\"a\"]"), 'p'),
        ],
    );
    let scene = story(spread);
    let failed = failure(finding(&scene, &same("gaps = [\"a\", \"b\", \"c\"]")));
    assert_eq!(
        (failed.kind, failed.label.as_str()),
        (FailureKind::Missing, "not called after b")
    );
    assert_eq!(
        failed.notes.last().map(String::as_str),
        Some("other goroutines called: a on g34; b, c on g36")
    );
    let found = verdicts(&scene, &same("exact = [\"a\", \"b\"]"));
    assert_eq!(found[0].0, "goroutine");
    let failed = failure(found[0].1.finding.clone());
    assert_eq!(failed.label, "a was called on g34 too");
}
