//! Trees as they are printed.

use model::{
    Answer, CallId, Exchange, Function, FunctionId, FunctionTotals, Kind, Nanoseconds, Observation,
    ScopeId, SourcePosition, Tally, Timestamp, Totals, Type,
    testing::{self, facts},
};
use trace::testing::{PROCESS, Program, Running, observe};

use super::tree::{TreeOptions, TreeScope, tree};

fn exchange(port: u16, sent: u64, target: &str, status: u16) -> Exchange {
    Exchange {
        sent: Timestamp(sent),
        answer: Answer::Response {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            truncated: false,
        },
        ..testing::exchange(target, port)
    }
}

pub(super) const HANDLER: u32 = 0;
pub(super) const CHECK_SITE: u32 = 1;
pub(super) const WORKER: u32 = 2;
const PREPARE: u32 = 3;
const AUDIT: u32 = 4;

/// The classic program, and a goroutine in the background. Time counts in µs.
pub(super) fn site() -> Program {
    let mut program = Program::new(&[
        "main.handler",
        "main.checkSite",
        "start1000",
        "main.prepareAnswer",
        "example.com/shop/audit.(*Log).Write",
    ]);
    for (function, line) in program.plan.functions.iter_mut().zip([52, 28, 30, 44, 7]) {
        without_signature(function);
        let file = "/src/main.go".to_owned();
        function.position = Some(SourcePosition { file, line });
    }
    let full = Program::new(&["f"]).plan.functions.remove(0);
    program.plan.functions[PREPARE as usize].parameters = full.parameters;
    program.plan.functions[PREPARE as usize].results = full.results.clone();
    program.plan.functions[CHECK_SITE as usize].results = full.results;
    program
}

fn without_signature(function: &mut Function) {
    function.parameters.clear();
    function.results.clear();
}

pub(super) fn play(program: &mut Program) {
    program.enter(9, 100, AUDIT, "", 0);
    program.enter_request(34, 100, "127.0.0.1:4000", "GET", "/?name=GopherCon+2020");
    program.enter(34, 164, HANDLER, "", 0);
    program.wait(100_000);
    program.enter(34, 228, CHECK_SITE, "", 0);
    program.create(34, 35, 0x1000);
    program.enter(35, 100, WORKER, "", 0);
    program.wait(2_600_000);
    program.leave(35, 100, WORKER, "");
    program.end(35);
    program.leave(34, 228, CHECK_SITE, "200 OK");
    program.enter(34, 228, PREPARE, "GopherCon 2020", 2020);
    program.wait(9_000);
    program.leave(
        34,
        228,
        PREPARE,
        "GopherCon 2020 is a conference for those who \"Go\"",
    );
    program.leave(34, 164, HANDLER, "");
    program.leave_request(34, 100);
}

pub(super) fn played() -> Observation {
    let mut program = site();
    play(&mut program);
    program.observe()
}

#[test]
fn a_request_is_drawn_with_its_goroutines_and_the_mark() {
    let exchanges = [exchange(4000, 15, "/?name=GopherCon+2020", 200)];
    let options = TreeOptions {
        exchanges: &exchanges,
        marked: &[CallId(4)],
        width: 100,
        ..TreeOptions::default()
    };
    insta::assert_snapshot!(tree(&played(), &options));
}

#[test]
fn a_narrow_terminal_cuts_what_is_too_long() {
    let options = TreeOptions {
        width: 56,
        ..TreeOptions::default()
    };
    let text = tree(&played(), &options);
    assert!(
        text.lines().all(|line| line.chars().count() <= 56),
        "{text}"
    );
    insta::assert_snapshot!(text);
}

#[test]
fn colour_changes_nothing_but_the_colour() {
    let plain = TreeOptions {
        marked: &[CallId(4)],
        ..TreeOptions::default()
    };
    let colored = TreeOptions {
        color: true,
        ..plain.clone()
    };
    let text = tree(&played(), &colored);
    assert!(text.contains("\u{1b}[1m"));
    assert_eq!(
        anstream::adapter::strip_str(&text).to_string(),
        tree(&played(), &plain)
    );
}

#[test]
fn goroutines_without_calls_are_drawn_where_they_lead_to_one() {
    let mut program = site();
    program.enter_request(34, 100, "127.0.0.1:4000", "GET", "/");
    program.create(34, 35, 0x2000);
    program.create(35, 36, 0x3000);
    program.create(35, 37, 0x3000);
    program.enter(36, 100, AUDIT, "", 0);
    program.leave(36, 100, AUDIT, "");
    program.enter(36, 100, WORKER, "", 0);
    program.end(36);
    program.enter(34, 164, HANDLER, "", 0);
    insta::assert_snapshot!(tree(&program.observe(), &TreeOptions::default()));
}

#[test]
fn every_way_to_end_is_told() {
    let mut program = site();
    program.enter(1, 100, HANDLER, "", 0);
    program.enter(1, 164, CHECK_SITE, "", 0);
    program.enter(1, 228, AUDIT, "", 0);
    program.enter(1, 164, AUDIT, "", 0);
    program.enter(2, 100, HANDLER, "", 0);
    let mut tracer = program.tracer();
    insta::assert_snapshot!(
        "running",
        tree(&observe(&mut tracer), &TreeOptions::default())
    );
    let mut tracer = program.tracer();
    tracer.process_ended(PROCESS, Timestamp(4_000_000));
    insta::assert_snapshot!(
        "process_ended",
        tree(&observe(&mut tracer), &TreeOptions::default())
    );
}

#[test]
fn how_a_call_ended_stands_behind_it() {
    let panic = Running {
        start: 400,
        goexit: false,
    };
    let mut program = site();
    program.enter(50, 64, HANDLER, "recovers", 1);
    program.enter(50, 164, CHECK_SITE, "panics", 0);
    program.recover(50, 100, Some(HANDLER), &[panic]);
    program.leave(50, 64, HANDLER, "as it was");
    program.enter(50, 64, HANDLER, "exits", 0);
    program.exit(50, 300);
    program.enter(51, 64, HANDLER, "crashes", 0);
    program.crash(51, 300);
    insta::assert_snapshot!(tree(&program.observe(), &TreeOptions::default()));
}

#[test]
fn what_was_not_seen_and_what_was_not_sent_is_told() {
    let mut program = site();
    program.enter_request(50, 100, "127.0.0.1:9", "GET", "/healthz");
    program.enter(50, 164, HANDLER, "", 0);
    let mut seen = program.observe();
    facts(&mut seen.scopes[0]).method = None;
    let mut failed = exchange(0, 5, "/b", 0);
    failed.answer = Answer::Failed("connection refused".to_owned());
    let mut slow = exchange(8, 5, "/c", 0);
    slow.answer = Answer::TimedOut;
    let options = TreeOptions {
        exchanges: &[exchange(7, 5, "/a", 404), failed, slow],
        ..TreeOptions::default()
    };
    insta::assert_snapshot!(tree(&seen, &options));
}

#[test]
fn a_kept_connection_s_requests_stay_apart() {
    let mut program = site();
    program.enter(50, 36, AUDIT, "", 0);
    for target in ["/a", "/b"] {
        program.enter_request(50, 100, "127.0.0.1:9", "GET", target);
        program.enter(50, 164, HANDLER, "", 0);
        program.leave(50, 164, HANDLER, "");
        program.leave_request(50, 100);
    }
    insta::assert_snapshot!(tree(&program.observe(), &TreeOptions::default()));
}

/// Of a call that our own hits may have taken up whole, no more is known than how long it took at most.
#[test]
fn a_time_that_may_be_nothing_is_told_by_its_bound() {
    let mut program = site();
    program.enter(50, 164, HANDLER, "", 0);
    program.wait(20_000);
    program.leave(50, 164, HANDLER, "");
    let mut seen = program.observe();
    let times = [2_000, 17_000, 18_000, 30_000].map(|cost| {
        seen.calls[0].own_cost = Nanoseconds(cost);
        let drawn = tree(&seen, &TreeOptions::default());
        let line = drawn.lines().find(|line| line.contains("handler"));
        let mut words = line.unwrap().split_whitespace().rev();
        words.nth(1).unwrap().to_owned()
    });
    assert_eq!(times, ["18µs", "<6.4µs", "<5.6µs", "<6µs"]);
}

#[test]
fn deep_recursion_is_counted_not_drawn() {
    let mut program = site();
    for depth in 1..=20_000 {
        program.enter(1, depth * 64, HANDLER, "", 0);
    }
    let text = tree(&program.observe(), &TreeOptions::default());
    assert_eq!(text.lines().count(), 35);
    assert!(
        text.trim_end().ends_with("… and 19967 deeper calls"),
        "{text}"
    );
}

#[test]
fn calls_that_were_counted_and_not_kept_are_told_at_the_foot() {
    let mut observation = played();
    let mut totals = FunctionTotals {
        function: FunctionId(HANDLER),
        owned: Tally::default(),
        background: Tally::default(),
    };
    for call in &observation.calls {
        let tally = match call.scope {
            Some(_) => &mut totals.owned,
            None => &mut totals.background,
        };
        tally.add(call.took(Timestamp(0)));
    }
    let foot = |observation: &Observation, scope| {
        let options = TreeOptions {
            scope,
            ..TreeOptions::default()
        };
        let text = tree(observation, &options);
        text.lines().last().unwrap_or_default().to_owned()
    };
    let functions = vec![totals.clone()];
    observation.totals = Some(Box::new(Totals { functions }));
    assert!(!foot(&observation, TreeScope::All).contains("more"));

    totals.owned.count += 41;
    totals.background.count += 1;
    observation.totals = Some(Box::new(Totals {
        functions: vec![totals],
    }));
    assert_eq!(
        foot(&observation, TreeScope::All),
        "  … and 42 more calls, counted but not kept"
    );
    assert_eq!(
        foot(&observation, TreeScope::Request(ScopeId(0))),
        "  … and 41 more calls of requests, counted but not kept"
    );
    assert_eq!(
        foot(&observation, TreeScope::Background),
        "  … and 1 more call of no request, counted but not kept"
    );
}

#[test]
fn nothing_seen_is_nothing_drawn() {
    assert_eq!(tree(&Observation::default(), &TreeOptions::default()), "");
}

#[test]
fn long_values_share_the_room_that_a_line_has() {
    let mut program = site();
    let long = "name ".repeat(30);
    program.enter(36, 100, PREPARE, &long, 2020);
    program.leave(36, 100, PREPARE, &long);
    for width in [80, 120] {
        let options = TreeOptions {
            width,
            ..TreeOptions::default()
        };
        let text = tree(&program.observe(), &options);
        let line = text.lines().last().unwrap();
        let used = line.chars().count();
        assert!((width - 15..=width).contains(&used), "{used}: {line}");
        assert!(line.contains("2020) → \"name "), "{line}");
    }
}

/// What tells least goes first.
#[test]
fn receivers_and_contexts_are_the_first_to_be_shortened() {
    let mut program = site();
    let parameters = &mut program.plan.functions[PREPARE as usize].parameters;
    parameters[0].name = "ctx".to_owned();
    parameters[0].ty = program.plan.types.push(Type {
        name: "context.Context".to_owned(),
        size: 16,
        kind: Kind::String,
    });
    program.enter(36, 100, PREPARE, "a context that says much", 7);
    program.leave(36, 100, PREPARE, "the sum");
    let line = |seen: &Observation| {
        let options = TreeOptions {
            width: 70,
            ..TreeOptions::default()
        };
        let text = tree(seen, &options);
        text.lines().last().unwrap().to_owned()
    };
    let mut seen = program.observe();
    let short = "prepareAnswer(ctx: …, 7) → \"the sum\"";
    assert!(line(&seen).contains(short), "{}", line(&seen));

    let function = &mut seen.functions[PREPARE as usize];
    function.name = "main.(*shop).Prepare".to_owned();
    function.parameters[0].name = "s".to_owned();
    function.parameters[0].ty = seen.types.push(Type {
        name: "*main.shop".to_owned(),
        size: 16,
        kind: Kind::String,
    });
    let short = "(*shop).Prepare(s: …, 7) → \"the sum\"";
    assert!(line(&seen).contains(short), "{}", line(&seen));
}

/// Beyond some levels the indentation takes less of the room.
#[test]
fn deep_calls_still_have_room() {
    let mut program = site();
    for depth in 1..=30 {
        program.enter(1, (40 - depth) * 64, PREPARE, "GopherCon 2020", 2020);
    }
    let text = tree(&program.observe(), &TreeOptions::default());
    let last = text.lines().last().unwrap();
    assert!(
        last.contains("prepareAnswer(") && last.contains("running"),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 120),
        "{text}"
    );
}
