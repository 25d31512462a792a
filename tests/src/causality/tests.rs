//! A comparison that cannot fail proves nothing: each kind of difference is told.

use judge::expect::Evidence;
use model::{
    Answer, Call, CallId, Content, Exchange, Function, FunctionId, Goid, Goroutine, Nanoseconds,
    Observation, Outcome, ProcessId, ScopeId, Text, Timestamp, TypeId, Value, testing,
};

use super::{Log, compare};

/// A handler on goroutine 20 calls f, which calls f again and starts goroutine 21; there f panics and g recovers.
const LOG: &str = "\
f 'main.f 'as 'x
f 'main.g 'a '
g 0 20 1 -1 -1 7 1 12 'net/http.(*conn).serve
c 0 -1 2 6 r 1 'a 10
c 0 0 3 4 r 2 'b 20
g 1 21 20 0 0 7 5 13 'main.run
c 1 -1 7 11 c 3
c 0 0 8 10 p 4 'c
";

fn value(content: Content) -> Value {
    Value {
        ty: TypeId(0),
        content,
    }
}

fn int(number: i64) -> Value {
    value(Content::Int(number))
}

fn text(text: &str) -> Value {
    value(Content::Text(Text::whole(text.as_bytes())))
}

fn function(id: u32, name: &str) -> Function {
    testing::function(FunctionId(id), name)
}

fn call(id: u64, goid: u64, function: u32, parent: Option<u64>, entered: u64, left: u64) -> Call {
    Call {
        process: ProcessId(4000),
        parent: parent.map(CallId),
        scope: Some(ScopeId(0)),
        left: Some(Timestamp(left)),
        ..testing::call(id, Goid(goid), FunctionId(function), Timestamp(entered))
    }
}

fn goroutine(goid: u64, creator: u64, creating: Option<u64>, function: &str) -> Goroutine {
    Goroutine {
        process: ProcessId(4000),
        creator: Some(Goid(creator)),
        creating_call: creating.map(CallId),
        function: Some(function.to_owned()),
        scope: creating.map(|_| ScopeId(0)),
        created: Some(Timestamp(1)),
        ended: Some(Timestamp(900)),
        ..testing::goroutine(Goid(goid))
    }
}

/// What was seen when all went well.
fn seen() -> Evidence {
    let mut calls = vec![
        call(0, 20, 0, None, 110, 500),
        call(1, 20, 0, Some(0), 120, 130),
        call(2, 21, 1, None, 200, 400),
        call(3, 21, 0, Some(2), 210, 390),
    ];
    calls[0].arguments = [int(1), text("a")].into();
    calls[0].results = [int(10)].into();
    calls[1].arguments = [int(2), text("b")].into();
    calls[1].results = [int(20)].into();
    calls[2].arguments = [int(3)].into();
    calls[2].outcome = Outcome::Recovered;
    calls[3].arguments = [int(4), text("c")].into();
    calls[3].outcome = Outcome::Panicked;
    let observation = Observation {
        functions: vec![function(0, "main.f"), function(1, "main.g")],
        process: Some(ProcessId(4000)),
        calls,
        goroutines: vec![
            goroutine(20, 1, None, "net/http.(*conn).serve"),
            goroutine(21, 20, Some(0), "main.run"),
        ],
        ..Observation::default()
    };
    let exchange = Exchange {
        entry: 0,
        number: 0,
        method: "GET".to_owned(),
        target: "/7".to_owned(),
        local_port: 4000,
        position: 0,
        stream: None,
        sent: Timestamp(1),
        took: Nanoseconds(1000),
        answer: Answer::TimedOut,
    };
    Evidence {
        observation,
        exchanges: vec![exchange],
        scopes: vec![Ok(ScopeId(0))],
        ..Evidence::default()
    }
}

fn differences(evidence: &Evidence) -> Vec<String> {
    let log = Log::read(LOG).unwrap();
    let id = |target: &str| target.strip_prefix('/')?.parse().ok();
    compare(&log, evidence, Outcome::Running, &id).differences
}

/// What is changed is told as a difference of that kind, and as no other.
fn differs(kind: &str, change: impl FnOnce(&mut Evidence)) {
    let mut evidence = seen();
    change(&mut evidence);
    let differences = differences(&evidence);
    assert!(!differences.is_empty(), "{kind}");
    for difference in differences {
        assert!(difference.starts_with(kind), "{kind}: {difference}");
    }
}

#[test]
fn what_is_the_same_has_no_difference() {
    let log = Log::read(LOG).unwrap();
    let id = |target: &str| target.strip_prefix('/')?.parse().ok();
    let tally = compare(&log, &seen(), Outcome::Running, &id);
    assert_eq!(tally.differences, Vec::<String>::new());
    assert_eq!((tally.calls, tally.goroutines, tally.requests), (4, 2, 1));
    assert_eq!((tally.values, tally.moments), (9, 8));
}

#[test]
fn each_difference_is_told() {
    differs("parent", |seen| {
        seen.observation.calls[1].parent = None;
    });
    differs("parent", |seen| {
        seen.observation.calls[3].parent = Some(CallId(1));
    });
    differs("request", |seen| {
        seen.observation.calls[1].scope = None;
    });
    differs("outcome", |seen| {
        seen.observation.calls[3].outcome = Outcome::Unwound;
    });
    differs("outcome", |seen| {
        seen.observation.calls[2].outcome = Outcome::Returned;
    });
    differs("results", |seen| {
        seen.observation.calls[1].results = [int(21)].into();
    });
    differs("results", |seen| {
        seen.observation.calls[1].results = Default::default();
    });
    differs("left", |seen| {
        seen.observation.calls[0].left = None;
    });
    differs("goroutine", |seen| {
        seen.observation.goroutines[1].creating_call = Some(CallId(1));
    });
    differs("goroutine", |seen| {
        seen.observation.goroutines[1].creator = Some(Goid(1));
    });
    differs("goroutine", |seen| {
        seen.observation.goroutines[0].scope = Some(ScopeId(0));
    });
    differs("goroutine", |seen| {
        seen.observation.goroutines[1].ended = None;
    });
    differs("missing: goroutine", |seen| {
        seen.observation.goroutines.pop();
    });
}

#[test]
fn a_call_that_only_one_of_them_has_is_told_once() {
    differs("missing", |seen| {
        seen.observation.calls[3].goroutine = Goid(20);
        seen.observation.calls.pop();
    });
    differs("extra", |seen| {
        let mut again = seen.observation.calls[3].clone();
        again.id = CallId(4);
        seen.observation.calls.push(again);
    });
    let mut other = seen();
    other.observation.calls[1].arguments = [int(2), text("x")].into();
    let told = differences(&other);
    assert!(told.iter().any(|told| told.starts_with("missing")));
    assert!(told.iter().any(|told| told.starts_with("extra")));
    assert_eq!(told.len(), 2);
}

#[test]
fn order_is_held_within_and_across_goroutines() {
    // f's inner call began before goroutine 21 was created, so before all that is there.
    differs("order", |seen| {
        seen.observation.calls[1].entered = Timestamp(201);
        seen.observation.calls[1].left = Some(Timestamp(202));
    });
    // It returned before f took its last number (6), so before g called f (after 7).
    differs("order", |seen| {
        seen.observation.calls[1].left = Some(Timestamp(215));
    });
    // g's entry (6 or 7) and f's return (after 6, nothing follows) are in no order.
    let mut evidence = seen();
    evidence.observation.calls[0].left = Some(Timestamp(150));
    assert_eq!(differences(&evidence), Vec::<String>::new());
}

#[test]
fn a_log_is_read_as_a_journal_writes_it_or_not_at_all() {
    for (line, wrong) in [
        (3, "g 0 20 1 -1 -1 7 1 12"),
        (4, "c 2 -1 2 6 r 1 'a 10"),
        (4, "c 0 -1 2 6 x 1 'a 10"),
        (4, "c 0 -1 2 6 r 1 'a"),
        (4, "c 0 0 2 6 r 1 'a 10"),
        (5, "what"),
    ] {
        let lines = LOG.lines().enumerate();
        let lines: Vec<&str> = lines
            .map(|(index, told)| if index + 1 == line { wrong } else { told })
            .collect();
        let error = Log::read(&lines.join("\n")).unwrap_err();
        assert_eq!((error.line, &*error.text), (line, wrong));
    }
}
