//! What is told of a program that goes on, look by look.

use std::collections::{BTreeMap, BTreeSet};

use model::{Call, Goid, Loss, Observation, Outcome, Scope, ScopeId, Timestamp};

use super::{
    hand_off::{PROCESS_JOB, pool, submits},
    property::Model,
};
use crate::testing::{PROCESS, Program, lines, text};
use crate::{Poll, Tracer, poll::MAX_UNREPORTED};

/// A program that is looked at while it goes on.
struct Watched {
    program: Program,
    tracer: Tracer,
    /// How many of its records were fed.
    fed: usize,
    from: u64,
}

impl Watched {
    fn new(names: &[&str]) -> Self {
        Self::with(Program::new(names))
    }

    fn with(program: Program) -> Self {
        Self {
            tracer: program.tracer(),
            program,
            fed: 0,
            from: 0,
        }
    }

    fn feed(&mut self) {
        for record in &self.program.records[self.fed..] {
            self.tracer.feed(record).unwrap();
        }
        self.fed = self.program.records.len();
    }

    /// Looks at all that happened; what began up to that long ago is held back.
    fn poll(&mut self, patience: u64) -> Observation {
        self.feed();
        let to = self.program.now();
        self.look_at(to, to.saturating_sub(patience))
    }

    fn look_at(&mut self, to: u64, overdue: u64) -> Observation {
        let poll = Poll {
            begin: Timestamp(0),
            from: Timestamp(self.from),
            to: Timestamp(to),
            overdue: Timestamp(overdue),
        };
        self.from = to + 1;
        self.tracer.poll(&poll, Loss::default())
    }
}

const PATIENT: u64 = 1000;

#[test]
fn a_request_is_told_whole_when_nothing_of_it_goes_on() {
    let mut watched = Watched::new(&["handle", "work"]);
    let program = &mut watched.program;
    program.enter_request(50, 100, "127.0.0.1:1", "GET", "/slow"); // 10
    program.enter(50, 164, 0, "", 1);
    program.create(50, 51, 0x10);
    program.create(51, 52, 0x20);
    program.enter_request(60, 100, "127.0.0.1:2", "GET", "/quick");
    program.enter(60, 164, 0, "", 2);
    program.leave(60, 164, 0, "");
    program.leave_request(60, 100);
    let quick = watched.poll(PATIENT);
    assert_eq!(
        lines(&quick),
        [r#"0 g60 handle("", 2) -> "" returned for r0"#]
    );
    let told: Vec<_> = quick.scopes.iter().map(Scope::name).collect();
    assert_eq!(told, ["GET /quick"]);
    assert!(quick.goroutines.iter().all(|g| g.goid == Goid(60)));

    let program = &mut watched.program;
    program.leave(50, 164, 0, "late");
    program.leave_request(50, 100);
    program.end(51);
    assert!(lines(&watched.poll(PATIENT)).is_empty(), "g52 goes on");

    let program = &mut watched.program;
    program.enter(52, 100, 1, "", 3);
    program.leave(52, 100, 1, "");
    program.end(52);
    let slow = watched.poll(PATIENT);
    assert_eq!(
        lines(&slow),
        [
            r#"0 g50 handle("", 1) -> "late" returned for r0"#,
            r#"1 g52 work("", 3) -> "" returned for r0"#,
        ]
    );
    assert_eq!(slow.scopes[0].name(), "GET /slow");
    assert!(slow.scopes[0].left.is_some());
    let creators = slow.goroutines.iter().map(|g| (g.goid.0, g.creator));
    assert_eq!(
        creators.collect::<Vec<_>>(),
        [(50, None), (51, Some(Goid(50))), (52, Some(Goid(51)))],
        "one that ended earlier, too"
    );
    assert!(slow.goroutines[1].creating_call.is_some());
    assert!(watched.poll(PATIENT).scopes.is_empty(), "told once");
    assert!(watched.tracer.goroutines.ended.is_empty());
    assert_eq!(watched.tracer.ledger.scopes.iter().count(), 0);
}

#[test]
fn what_goes_on_for_long_is_told_as_running_and_once_more_at_its_end() {
    let mut watched = Watched::new(&["handle", "step"]);
    let program = &mut watched.program;
    program.enter_request(50, 100, "127.0.0.1:1", "GET", "/slow"); // 10
    program.enter(50, 164, 0, "", 1);
    program.enter(50, 228, 1, "", 2);
    program.leave(50, 228, 1, "");
    program.wait(PATIENT);
    assert_eq!(
        lines(&watched.poll(PATIENT)),
        [
            r#"0 g50 handle("", 1) running for r0"#,
            r#"1 g50 step("", 2) -> "" returned in 0 for r0"#,
        ]
    );
    assert!(watched.poll(PATIENT).calls.is_empty(), "it goes on");

    watched.program.enter(50, 228, 1, "", 3);
    watched.program.leave(50, 228, 1, "");
    let since = watched.poll(PATIENT);
    assert_eq!(
        lines(&since),
        [r#"0 g50 step("", 3) -> "" returned for r0"#],
        "at once, since its request is told already"
    );
    assert_eq!(since.scopes[0].name(), "GET /slow");

    watched.program.leave(50, 164, 0, "done");
    watched.program.leave_request(50, 100);
    let end = watched.poll(PATIENT);
    assert_eq!(
        lines(&end),
        [r#"0 g50 handle("", 1) -> "done" returned for r0"#]
    );
    assert_eq!(end.calls[0].own_cost.0, 4, "the hits of its whole life");
    assert!(end.scopes[0].left.is_some());
    assert!(watched.poll(0).calls.is_empty(), "told once");
}

#[test]
fn a_call_of_no_request_is_told_with_what_it_led_to() {
    let mut watched = Watched::new(&["begin", "work"]);
    let program = &mut watched.program;
    program.enter(1, 100, 0, "", 1);
    program.create(1, 5, 0x10);
    program.enter(5, 100, 1, "", 2);
    program.leave(1, 100, 0, "");
    program.enter(7, 100, 1, "alone", 3);
    program.leave(7, 100, 1, "");
    assert_eq!(
        lines(&watched.poll(PATIENT)),
        [r#"0 g7 work("alone", 3) -> "" returned"#]
    );
    watched.program.leave(5, 100, 1, "");
    let both = watched.poll(PATIENT);
    assert_eq!(
        lines(&both),
        [
            r#"0 g1 begin("", 1) -> "" returned"#,
            r#"1 g5 work("", 2) -> "" returned"#,
        ]
    );
    let creating = both.goroutines.iter().find(|g| g.goid == Goid(5)).unwrap();
    assert_eq!(creating.creating_call, Some(both.calls[0].id));
}

#[test]
fn the_end_of_a_goroutine_is_told_when_it_comes() {
    let mut watched = Watched::new(&["f"]);
    watched.program.create(1, 5, 0x10);
    let goroutine = |seen: &Observation| {
        let mut goroutines = seen.goroutines.iter();
        goroutines.find(|one| one.goid == Goid(5)).cloned()
    };
    let begun = goroutine(&watched.poll(PATIENT)).unwrap();
    assert!(begun.created.is_some() && begun.ended.is_none());
    assert_eq!(goroutine(&watched.poll(PATIENT)), None);
    watched.program.end(5);
    let ended = goroutine(&watched.poll(PATIENT)).unwrap();
    assert!(ended.created.is_some() && ended.ended.is_some());
}

#[test]
fn the_last_look_tells_all_that_was_not_told() {
    let mut watched = Watched::new(&["f"]);
    watched.program.enter(1, 100, 0, "long", 1);
    watched.program.wait(PATIENT);
    assert_eq!(
        lines(&watched.poll(PATIENT)),
        [r#"0 g1 f("long", 1) running"#]
    );
    watched.program.enter(2, 100, 0, "short", 2);
    assert_eq!(
        lines(&watched.poll(0)),
        [r#"0 g2 f("short", 2) running"#],
        "and nothing twice as running"
    );
}

#[test]
fn with_its_process_each_call_ends() {
    let mut watched = Watched::new(&["f"]);
    watched.program.enter(1, 100, 0, "long", 1);
    watched.program.wait(PATIENT);
    watched.poll(PATIENT);
    watched.feed();
    let now = watched.program.now();
    watched.tracer.process_ended(PROCESS, Timestamp(now));
    assert_eq!(
        lines(&watched.poll(0)),
        [r#"0 g1 f("long", 1) processended"#]
    );
}

#[test]
fn what_ends_after_the_moment_of_a_look_waits_for_the_next() {
    let mut watched = Watched::new(&["f"]);
    let program = &mut watched.program;
    program.enter_request(50, 100, "127.0.0.1:1", "GET", "/"); // 10
    program.enter(50, 164, 0, "", 1); // 20
    program.leave(50, 164, 0, ""); // 30
    program.leave_request(50, 100); // 40
    program.enter(1, 100, 0, "", 2); // 50
    program.leave(1, 100, 0, ""); // 60
    watched.feed();
    assert!(watched.look_at(25, 0).calls.is_empty());
    assert!(
        watched.look_at(35, 0).calls.is_empty(),
        "its request goes on"
    );
    assert_eq!(lines(&watched.look_at(45, 0)).len(), 1);
    assert!(watched.look_at(55, 0).calls.is_empty());
    assert_eq!(
        lines(&watched.look_at(65, 0)),
        [r#"0 g1 f("", 2) -> "" returned"#]
    );
}

#[test]
fn what_began_before_is_not_told() {
    let mut watched = Watched::new(&["f"]);
    watched
        .program
        .enter_request(50, 100, "127.0.0.1:1", "GET", "/ready"); // 10
    watched.program.enter(50, 164, 0, "before", 1); // 20
    watched.program.leave(50, 164, 0, ""); // 30
    watched.program.enter(50, 164, 0, "after", 2); // 40
    watched.program.leave(50, 164, 0, "");
    watched.feed();
    let poll = Poll {
        begin: Timestamp(35),
        from: Timestamp(35),
        to: Timestamp(60),
        overdue: Timestamp(0),
    };
    let seen = watched.tracer.poll(&poll, Loss::default());
    assert_eq!(
        lines(&seen),
        [r#"0 g50 f("after", 2) -> "" returned for r0"#],
        "nobody waits for a request that is older"
    );
}

#[test]
fn work_that_was_handed_over_is_its_requests_as_long_as_that_waits() {
    let mut watched = Watched::with(pool());
    let program = &mut watched.program;
    submits(program, 50, &[7]);
    program.enter_request(50, 100, "127.0.0.1:2", "GET", "/next");
    program.leave_request(50, 100);
    let next = watched.poll(PATIENT);
    assert_eq!(next.scopes.len(), 1, "the job of the first one waits");
    assert!(next.calls.is_empty());
    watched.program.enter(9, 100, PROCESS_JOB, "", 7);
    assert!(watched.poll(PATIENT).calls.is_empty(), "it is being done");
    watched.program.leave(9, 100, PROCESS_JOB, "");
    watched.program.enter(9, 100, PROCESS_JOB, "again", 7);
    assert!(watched.poll(PATIENT).calls.is_empty(), "more is done of it");
    watched.program.leave(9, 100, PROCESS_JOB, "");
    let first = watched.poll(PATIENT);
    let owners: Vec<_> = first.calls.iter().map(|call| call.scope).collect();
    assert_eq!(owners, [Some(ScopeId(0)); 3]);
}

#[test]
fn no_more_calls_wait_than_there_is_room_for() {
    let mut watched = Watched::new(&["f"]);
    watched
        .program
        .enter_request(50, 100, "127.0.0.1:1", "GET", "/");
    for depth in 0..MAX_UNREPORTED as u64 {
        watched.program.enter(50, 164 + depth * 64, 0, "", 1);
        watched.feed();
        watched.program.records.clear();
        watched.fed = 0;
    }
    assert!(watched.poll(u64::MAX).calls.is_empty());
    watched
        .program
        .enter(50, 164 + MAX_UNREPORTED as u64 * 64, 0, "", 1);
    assert_eq!(watched.poll(u64::MAX).calls.len(), MAX_UNREPORTED + 1);
}

/// What looks told of a call: how often as running, and as ended.
#[derive(Default)]
struct Told {
    running: usize,
    ended: Vec<Call>,
}

/// The number that each call has as its argument.
fn number(call: &Call) -> String {
    text(&call.arguments[1])
}

#[test]
fn looks_tell_each_call_of_a_random_program_once_with_its_end() {
    let (mut ends, mut resumed) = (0, 0);
    for seed in 1..=100 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut model = Model::new(seed);
        for _ in 0..400 {
            model.step();
        }
        let whole = model.program.observe();
        let is_patient = seed % 2 == 0;
        let mut watched = Watched::new(&[]);
        let records = std::mem::take(&mut model.program.records);
        watched.tracer = model.program.tracer();
        let mut told: BTreeMap<String, Told> = BTreeMap::new();
        let mut requests: BTreeMap<u64, BTreeSet<usize>> = BTreeMap::new();
        let mut at = 0;
        for look in 0.. {
            let count = usize::try_from(random.u64(..60)).unwrap();
            for record in &records[at..records.len().min(at + count)] {
                watched.tracer.feed(record).unwrap();
            }
            at += count;
            let is_last = at >= records.len();
            let to = match is_last {
                true => model.program.now(),
                false => u64::from_le_bytes(records[at][8..16].try_into().unwrap()) - 1,
            };
            let patience = if is_patient { to } else { random.u64(..2000) };
            let overdue = if is_last {
                to
            } else {
                to.saturating_sub(patience)
            };
            let seen = watched.look_at(to, overdue);
            for call in &seen.calls {
                let told = told.entry(number(call)).or_default();
                if call.outcome == Outcome::Running {
                    assert!(told.ended.is_empty(), "seed {seed}");
                    told.running += 1;
                } else {
                    told.ended.push(call.clone());
                }
                if let Some(scope) = call.scope {
                    let entered = seen.scopes[scope.0 as usize].entered;
                    requests.entry(entered.0).or_default().insert(look);
                }
            }
            if is_last {
                break;
            }
        }
        for call in &whole.calls {
            let told = &told[&number(call)];
            assert!(told.running <= 1 && told.ended.len() <= 1, "seed {seed}");
            match &told.ended[..] {
                [] => assert_eq!(call.outcome, Outcome::Running, "seed {seed}"),
                [ended] => {
                    let facts = |call: &Call| {
                        (
                            call.outcome,
                            call.entered,
                            call.left,
                            call.results.clone(),
                            call.own_cost,
                            call.scope.is_some(),
                        )
                    };
                    assert_eq!(facts(ended), facts(call), "seed {seed}");
                    ends += 1;
                    resumed += told.running;
                }
                _ => unreachable!(),
            }
            assert!(!is_patient || told.running + told.ended.len() == 1);
        }
        assert_eq!(told.len(), whole.calls.len(), "seed {seed}");
        let whole_at_once = requests.values().all(|looks| looks.len() == 1);
        assert!(whole_at_once || !is_patient, "seed {seed}");
    }
    assert!(ends > 5_000 && resumed > 500, "{ends} {resumed}");
}
