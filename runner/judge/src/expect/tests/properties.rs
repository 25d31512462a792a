//! What holds for any story: unknown never decides, times don't matter but for their order, and size is no trouble.

use std::fmt::Write as _;

use fastrand::Rng;
use model::{Content, Outcome, Status, Timestamp};

use super::story::{letter, story, verdicts};
use crate::expect::testing::Scene;

/// One of each kind of expectation, all in one.
const TESTS: [&str; 14] = [
    "[test.calls.a]\nunder = \"handler\"",
    "[test.calls.b]\nchild-of = \"a\"",
    "[test.calls.a]\ngoroutine = \"child\"",
    "[test.calls.a]\nbefore = \"b\"",
    "[test.calls.b]\nafter = \"a\"",
    "[test.calls.a]\nconcurrent-with = \"b\"",
    "[test.calls.a]\noutcome = \"returned\"",
    "[test.calls.b]\nfrom = \"anywhere\"\nunder = \"a\"",
    "count-per-request = { a = 1 }",
    "flow = [[\"a.n\", \"b.n\"]]",
    "flow = [[\"a.returns.0\", \"b.n\"]]",
    "sequence = { gaps = [\"a\", \"b\"], goroutine = \"same\" }",
    "sequence = { exact = [\"a\", \"b\"], goroutine = \"same\" }",
    "sequence = [\"a\", { call = \"b\", under = \"a\", goroutine = \"same\", outcome = \"returned\" }]",
];

/// A story of one or two requests with a goroutine or two each, and a few calls that nest.
fn random(chance: &mut Rng) -> String {
    let mut lines = "older g9\n".to_owned();
    let requests = 1 + chance.u64(..2);
    for request in 0..requests {
        let _ = writeln!(lines, "request g{}", 34 + request * 10);
    }
    let mut goroutines: Vec<u64> = (0..requests).map(|request| 34 + request * 10).collect();
    goroutines.push(9);
    let mut calls: Vec<(u64, u64)> = Vec::new();
    for moment in 0..3 + chance.u64(..7) {
        let begin = moment * 10 + 1;
        let on = goroutines[chance.usize(..goroutines.len())];
        if chance.u64(..4) == 0 {
            let goid = 60 + moment;
            let _ = writeln!(lines, "go g{goid} g{on} {begin}");
            goroutines.push(goid);
            continue;
        }
        let label = ["handler", "a", "b", "a", "b"][chance.usize(..5)];
        // Of two calls on one goroutine, one is in the other or after it.
        let around = calls
            .iter()
            .filter(|(goid, end)| *goid == on && *end > begin);
        let around = around.map(|(_, end)| *end).min();
        let end = begin + [1, 9, 39][chance.usize(..3)];
        let end = end.min(around.unwrap_or(u64::MAX));
        calls.push((on, end));
        let ending = ["", "panicked", "", ""][chance.usize(..4)];
        let n = chance.u64(..3);
        let result = match ending {
            "" => format!("->{}", chance.u64(..3)),
            _ => String::new(),
        };
        let _ = writeln!(
            lines,
            "g{on} {label} {begin}..{end} n={n} {result} {ending}"
        );
    }
    lines
}

fn letters(scene: &Scene) -> Vec<String> {
    let judged = |test: &&str| {
        let found = verdicts(scene, test);
        found
            .iter()
            .map(|(_, verdict)| letter(&verdict.finding))
            .collect()
    };
    TESTS.iter().map(judged).collect()
}

/// Makes one thing of a story unknown.
fn forget(scene: &mut Scene, chance: &mut Rng) -> String {
    let observation = &mut scene.evidence.observation;
    let calls = observation.calls.len();
    match chance.u64(..6) {
        0 => {
            let index = chance.usize(..observation.goroutines.len());
            let goroutine = &mut observation.goroutines[index];
            (
                goroutine.creator,
                goroutine.created,
                goroutine.creating_call,
            ) = (None, None, None);
            format!("who created {}", goroutine.goid)
        }
        1 if calls > 0 => {
            let index = chance.usize(..calls);
            observation.calls[index].arguments[0].content = Content::Unread(Status::LostChunk);
            format!("n of call {index}")
        }
        2 if calls > 0 => {
            let index = chance.usize(..calls);
            if let Some(result) = observation.calls[index].results.first_mut() {
                result.content = Content::Unread(Status::LostChunk);
            }
            format!("result of call {index}")
        }
        3 => {
            let mut panicked = observation.calls.iter_mut();
            let panicked = panicked.find(|call| call.outcome == Outcome::Panicked);
            if let Some(call) = panicked {
                (call.outcome, call.left) = (Outcome::Unwound, None);
            }
            "when a call ended".to_owned()
        }
        4 => {
            scene.lose(None, 1);
            "a hit of the runtime".to_owned()
        }
        _ => {
            let label = ["handler", "a", "b"][chance.usize(..3)];
            scene.lose(Some(label), 1);
            format!("a hit of {label}")
        }
    }
}

#[test]
fn what_becomes_unknown_turns_no_verdict_into_its_opposite() {
    let mut chance = Rng::with_seed(0x9E37_79B9_7F4A_7C15);
    let mut seen = [0; 3];
    for _ in 0..60 {
        let lines = random(&mut chance);
        let mut scene = story(&lines);
        let before = letters(&scene);
        let mut forgotten = Vec::new();
        for _ in 0..3 {
            forgotten.push(forget(&mut scene, &mut chance));
            let after = letters(&scene);
            for ((test, before), after) in TESTS.iter().zip(&before).zip(&after) {
                for (before, after) in before.chars().zip(after.chars()) {
                    assert!(
                        !matches!((before, after), ('p', 'f') | ('f', 'p') | ('?', 'f' | 'p')),
                        "{test}: {before} became {after} without {forgotten:?}\n{lines}"
                    );
                    seen["pf?".find(after).unwrap()] += 1;
                }
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 50), "{seen:?}");
}

#[test]
fn only_the_order_of_times_matters() {
    let mut chance = Rng::with_seed(7);
    for _ in 0..30 {
        let lines = random(&mut chance);
        let mut scene = story(&lines);
        let before = letters(&scene);
        let later = |moment: &mut Timestamp| moment.0 = moment.0 * 3 + 1_000;
        let observation = &mut scene.evidence.observation;
        for call in &mut observation.calls {
            later(&mut call.entered);
            call.left.iter_mut().for_each(later);
        }
        for goroutine in &mut observation.goroutines {
            goroutine.created.iter_mut().for_each(later);
        }
        for scope in &mut observation.scopes {
            later(&mut scope.entered);
        }
        if let Some((begin, end)) = &mut observation.window {
            later(begin);
            later(end);
        }
        assert_eq!(letters(&scene), before, "{lines}");
    }
}

#[test]
fn two_hundred_thousand_calls_are_judged() {
    const REQUESTS: u64 = 1_000;
    let mut scene = story("older g9");
    for request in 0..REQUESTS {
        super::story::add_line(&mut scene, &format!("request g{}", 1_000 + request));
    }
    for index in 0..100_000_u64 {
        let request = index % REQUESTS;
        for (label, begin) in [("a", 4 * index), ("b", 4 * index + 2)] {
            let id = model::ScopeId(request as u32);
            let arguments = vec![Content::Int(index as i64), crate::expect::testing::text("")];
            let call = scene.call(id, label, 0, arguments);
            call.goroutine = model::Goid(1_000 + request);
            // Each is called from the one before: a recursion 200 calls deep in each request.
            let id = call.id.0;
            let depth = if label == "b" { 1 } else { 2 * REQUESTS - 1 };
            call.parent = id.checked_sub(depth).map(model::CallId);
            call.entered = Timestamp(begin + 1);
            call.left = Some(Timestamp(begin + 2));
        }
    }
    scene.evidence.observation.window = Some((Timestamp(0), Timestamp(1_000_000)));
    let test = "
        count-per-request = { a = 100, b = { gt = 100 } }
        flow = [[\"a.n\", \"b.n\"], [\"b.n\", \"a.n\"]]
        sequence = { contiguous = [\"a\", \"b\"], goroutine = \"same\" }
        [test.calls.a]
        before = \"b\"
        goroutine = \"same\"
        under = \"handler\"
        [test.calls.b]
        concurrent-with = \"a\"
        child-of = \"a\"
    ";
    let found = verdicts(&scene, test);
    let found: Vec<(char, &str)> = found
        .iter()
        .map(|(_, verdict)| (letter(&verdict.finding), verdict.subject.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ('p', "count-per-request a = 100"),
            ('f', "count-per-request b > 100"),
            ('p', "flow a.n → b.n"),
            ('f', "flow b.n → a.n"),
            ('p', "sequence contiguously a → b on one goroutine"),
            ('f', "a before b"),
            ('p', "goroutine of a = same"),
            ('f', "a under handler"),
            ('f', "b concurrent with a"),
            ('p', "b child of a"),
        ]
    );
}
