//! Work that is handed to goroutines which no request created.

use std::collections::HashMap;

use model::{
    Address, FunctionId, Loss, Observation, Path, Pick, Register, Root, ScopeId, SiteId, SiteLoss,
    Timestamp,
    plan::{
        HandOff, HeldWriter, KeyPick, ReadAddress, RequestEntry, RequestLayout, Role, Server,
        StreamPath,
    },
};

use crate::testing::{INT, PROCESS, Program, RecordBuilder, STRING, lines, observe};

const SUBMIT: u32 = 0;
pub(super) const PROCESS_JOB: u32 = 1;
const STEP: u32 = 2;

/// `submit` hands its `n` to `process`.
pub(super) fn pool() -> Program {
    let mut program = Program::new(&["submit", "process", "step"]);
    pick(&mut program, SUBMIT, Path::argument("n"), INT);
    pick(&mut program, PROCESS_JOB, Path::argument("n"), INT);
    hand(&mut program, SUBMIT, PROCESS_JOB);
    program
}

fn pick(program: &mut Program, function: u32, path: Path, ty: model::TypeId) {
    program.plan.functions[function as usize].picks.push(Pick {
        path,
        steps: Vec::new(),
        ty,
        variable: None,
    });
}

fn hand(program: &mut Program, from: u32, to: u32) {
    let key = |function| KeyPick {
        function: FunctionId(function),
        pick: 0,
    };
    program.plan.hand_offs.push(HandOff {
        name: "job".to_owned(),
        from: vec![key(from)],
        to: vec![key(to)],
    });
}

/// A request whose handler submits these.
pub(super) fn submits(program: &mut Program, goid: u64, jobs: &[i64]) {
    program.enter_request(goid, 100, "127.0.0.1:4000", "GET", "/");
    for job in jobs {
        program.enter(goid, 164, SUBMIT, "", *job);
        program.leave(goid, 164, SUBMIT, "");
    }
    program.leave_request(goid, 100);
}

fn processes(program: &mut Program, goid: u64, job: i64) {
    program.enter(goid, 100, PROCESS_JOB, "", job);
    program.enter(goid, 164, STEP, "", job);
    program.leave(goid, 164, STEP, "");
    program.leave(goid, 100, PROCESS_JOB, "");
}

/// Whose the steps are, in order.
fn owners(seen: &Observation) -> Vec<Option<u32>> {
    let steps = seen.calls.iter().filter(|call| call.function.0 == STEP);
    steps
        .map(|call| call.scope.map(|request| request.0))
        .collect()
}

#[test]
fn work_belongs_to_the_request_that_handed_it_over_until_it_ends() {
    let mut program = pool();
    submits(&mut program, 50, &[7]);
    submits(&mut program, 51, &[8]);
    program.enter(9, 100, PROCESS_JOB, "", 8);
    program.create(9, 60, 0x10);
    program.enter(60, 100, STEP, "child", 8);
    program.leave(9, 100, PROCESS_JOB, "");
    program.enter(9, 100, STEP, "between", 0);
    program.leave(9, 100, STEP, "");
    processes(&mut program, 9, 7);
    processes(&mut program, 9, 99);
    let seen = program.observe();
    assert_eq!(
        lines(&seen)[2..],
        [
            r#"2 g9 process("", 8) -> "" returned for r1"#,
            r#"3 g60 step("child", 8) running for r1"#,
            r#"4 g9 step("between", 0) -> "" returned"#,
            r#"5 g9 process("", 7) -> "" returned for r0"#,
            r#"6 g9 step("", 7) -> "" returned in 5 for r0"#,
            r#"7 g9 process("", 99) -> "" returned"#,
            r#"8 g9 step("", 99) -> "" returned in 7"#,
        ]
    );
    let child = seen
        .goroutines
        .iter()
        .find(|known| known.goid.0 == 60)
        .unwrap();
    assert_eq!(child.scope, Some(ScopeId(1)));
    assert_eq!(seen.unknown_hand_offs, 0);
}

#[test]
fn what_nobody_owns_carries_nothing_and_takes_away_what_was_carried() {
    let mut program = pool();
    submits(&mut program, 50, &[7]);
    processes(&mut program, 9, 7);
    // The same value again, by nobody's doing.
    program.enter(3, 100, SUBMIT, "", 7);
    program.leave(3, 100, SUBMIT, "");
    processes(&mut program, 9, 7);
    let seen = program.observe();
    assert_eq!(owners(&seen), [Some(0), None]);
    assert_eq!(seen.unknown_hand_offs, 0);
}

#[test]
fn a_value_may_be_taken_several_times_and_by_several_goroutines() {
    let mut program = pool();
    submits(&mut program, 50, &[7]);
    for goid in [9, 10, 9] {
        processes(&mut program, goid, 7);
    }
    assert_eq!(owners(&program.observe()), [Some(0), Some(0), Some(0)]);
}

#[test]
fn equal_values_of_several_requests_are_nobodys_until_all_are_taken() {
    let mut program = pool();
    submits(&mut program, 50, &[7]);
    submits(&mut program, 51, &[7]);
    processes(&mut program, 9, 7);
    processes(&mut program, 9, 7);
    submits(&mut program, 52, &[7]);
    processes(&mut program, 9, 7);
    submits(&mut program, 53, &[7, 7]);
    processes(&mut program, 9, 7);
    processes(&mut program, 9, 7);
    let seen = program.observe();
    assert_eq!(owners(&seen), [None, None, Some(2), Some(3), Some(3)]);
    assert_eq!(seen.unknown_hand_offs, 2);
}

#[test]
fn a_value_that_was_not_read_is_counted() {
    let mut program = pool();
    program.enter_request(50, 100, "127.0.0.1:4000", "GET", "/");
    // The string's memory is missing.
    for function in [SUBMIT, PROCESS_JOB] {
        program.plan.functions[function as usize].picks[0] = Pick {
            path: Path::argument("s"),
            steps: Vec::new(),
            ty: STRING,
            variable: None,
        };
        let record = program.on_goroutine(2 * function, 50, 164 + 64 * u64::from(function));
        let record = record
            .register(Register::Rax, 0x50_0000)
            .register(Register::Rbx, 5);
        program.records.push(record.build());
    }
    assert_eq!(program.observe().unknown_hand_offs, 2);
}

#[test]
fn text_is_a_value_too() {
    let mut program = pool();
    for function in [SUBMIT, PROCESS_JOB] {
        program.plan.functions[function as usize].picks[0] = Pick {
            path: Path::argument("s"),
            steps: Vec::new(),
            ty: STRING,
            variable: None,
        };
    }
    program.enter_request(50, 100, "127.0.0.1:4000", "GET", "/");
    program.enter(50, 164, SUBMIT, "order 1", 0);
    program.enter_request(51, 100, "127.0.0.1:4001", "GET", "/");
    program.enter(51, 164, SUBMIT, "order 2", 0);
    program.enter(9, 100, PROCESS_JOB, "order 2", 0);
    program.enter(10, 100, PROCESS_JOB, "order 1", 0);
    program.enter(11, 100, PROCESS_JOB, "order", 0);
    let seen = program.observe();
    let of_workers: Vec<_> = seen.calls[2..]
        .iter()
        .map(|call| call.scope.map(|id| id.0))
        .collect();
    assert_eq!(of_workers, [Some(1), Some(0), None]);
}

/// `submit` gives a text that is handed to `process`.
fn ticket() -> Program {
    let mut program = Program::new(&["submit", "process", "step"]);
    let result = Path {
        root: Root::Result(0),
        segments: Vec::new(),
    };
    pick(&mut program, SUBMIT, result, STRING);
    pick(&mut program, PROCESS_JOB, Path::argument("s"), STRING);
    hand(&mut program, SUBMIT, PROCESS_JOB);
    program
}

#[test]
fn a_result_is_handed_over_when_the_call_returns() {
    let mut program = ticket();
    program.enter_request(50, 100, "127.0.0.1:4000", "GET", "/");
    program.enter(50, 164, SUBMIT, "", 0);
    program.leave(50, 164, SUBMIT, "t1");
    program.enter(9, 100, PROCESS_JOB, "t1", 0);
    let seen = program.observe();
    assert_eq!(seen.calls[1].scope, Some(ScopeId(0)));
    assert_eq!(seen.unknown_hand_offs, 0);
}

#[test]
fn a_result_that_is_taken_before_it_is_there_is_counted() {
    let mut program = ticket();
    program.enter_request(50, 100, "127.0.0.1:4000", "GET", "/");
    // Before the call: another one of that name.
    program.enter(8, 100, PROCESS_JOB, "t1", 0);
    program.enter(50, 164, SUBMIT, "", 0);
    program.enter(9, 100, PROCESS_JOB, "t1", 0);
    program.leave(50, 164, SUBMIT, "t1");
    let seen = program.observe();
    assert!(
        seen.calls
            .iter()
            .all(|call| call.goroutine.0 == 50 || call.scope.is_none())
    );
    assert_eq!(seen.unknown_hand_offs, 1);
}

#[test]
fn work_that_waits_or_goes_on_is_unsettled() {
    let mut program = pool();
    submits(&mut program, 50, &[7]);
    program.end(50);
    assert_eq!(program.tracer().unsettled(PROCESS, Timestamp(0)), 1);
    program.enter(9, 100, PROCESS_JOB, "", 7);
    assert_eq!(program.tracer().unsettled(PROCESS, Timestamp(0)), 1);
    program.leave(9, 100, PROCESS_JOB, "");
    assert_eq!(program.tracer().unsettled(PROCESS, Timestamp(0)), 0);
    let mut gone = pool();
    submits(&mut gone, 50, &[7]);
    let mut tracer = gone.tracer();
    tracer.process_ended(PROCESS, Timestamp(1000));
    assert_eq!(tracer.unsettled(PROCESS, Timestamp(0)), 0);
}

#[test]
fn work_of_an_earlier_window_is_still_its_requests() {
    let mut program = pool();
    submits(&mut program, 50, &[7, 8]);
    processes(&mut program, 9, 8);
    program.end(50);
    let mut tracer = program.tracer();
    let before = program.records.len();
    observe(&mut tracer);
    processes(&mut program, 9, 7);
    // What was taken is known as long as the window.
    processes(&mut program, 9, 8);
    for record in &program.records[before..] {
        tracer.feed(record).unwrap();
    }
    let seen = observe(&mut tracer);
    assert_eq!(owners(&seen), [Some(0), None]);
    assert_eq!(seen.scopes.len(), 1);
}

#[test]
fn a_lost_hit_of_a_hand_off_is_counted() {
    let program = pool();
    let lost = |function: u32| {
        let loss = Loss {
            sites: vec![SiteLoss::new(
                SiteId(2 * function),
                Some(FunctionId(function)),
                3,
            )],
        };
        let mut tracer = program.tracer();
        tracer
            .observe(Timestamp(0), Timestamp(u64::MAX), loss)
            .unknown_hand_offs
    };
    assert_eq!([lost(SUBMIT), lost(PROCESS_JOB), lost(STEP)], [3, 3, 0]);
}

#[test]
fn more_values_than_are_remembered_are_not_mistaken() {
    const MANY: i64 = (1 << 16) + 10;
    let mut program = pool();
    program.enter_request(50, 100, "127.0.0.1:4000", "GET", "/");
    let mut tracer = program.tracer();
    for job in 0..MANY {
        program.records.clear();
        program.enter(50, 164, SUBMIT, "", job);
        program.leave(50, 164, SUBMIT, "");
        program
            .records
            .iter()
            .for_each(|record| tracer.feed(record).unwrap());
    }
    program.records.clear();
    processes(&mut program, 9, 0);
    processes(&mut program, 9, MANY - 1);
    program
        .records
        .iter()
        .for_each(|record| tracer.feed(record).unwrap());
    let seen = observe(&mut tracer);
    assert_eq!(owners(&seen), [None, Some(0)]);
    assert_eq!(
        seen.unknown_hand_offs,
        10 + 1,
        "ten were forgotten, and one of them was asked for"
    );
}

/// `submit` is a server's entry, and its `n` the client's port if there is a key.
fn server(keyed: bool) -> Program {
    let mut program = Program::new(&["serve", "process", "step"]);
    pick(&mut program, SUBMIT, Path::argument("n"), INT);
    let function = FunctionId(SUBMIT);
    program.plan.servers.push(Server {
        function,
        key: keyed.then_some(0),
    });
    program.plan.sites[0]
        .roles
        .push(Role::ServerEntered { function });
    program.plan.sites[1].roles.push(Role::RequestLeft);
    program
}

#[test]
fn the_calls_of_a_servers_entry_are_requests() {
    for keyed in [true, false] {
        let mut program = server(keyed);
        for (goid, port) in [(50, 4000), (51, 4001)] {
            program.enter(goid, 100, SUBMIT, "", port);
            program.enter(goid, 164, STEP, "", port);
        }
        program.leave(50, 100, SUBMIT, "");
        let seen = program.observe();
        let requests: Vec<_> = seen
            .requests()
            .map(|(scope, request)| {
                (
                    request.remote.as_deref(),
                    request.anonymous,
                    scope.left.is_some(),
                )
            })
            .collect();
        let remote = |text| keyed.then_some(text);
        assert_eq!(
            requests,
            [
                (remote("127.0.0.1:4000"), !keyed, true),
                (remote("127.0.0.1:4001"), !keyed, false)
            ]
        );
        let owners: Vec<_> = seen
            .calls
            .iter()
            .map(|call| call.scope.unwrap().0)
            .collect();
        assert_eq!(
            owners,
            [0, 0, 1, 1],
            "the entry's own call belongs to its request"
        );
    }
}

#[test]
fn a_servers_entry_within_a_request_of_the_same_client_is_that_request() {
    for (remote, requests) in [("127.0.0.1:4000", 1), ("127.0.0.1:4001", 2)] {
        let mut program = server(true);
        program.enter_request(50, 100, remote, "GET", "/");
        program.enter(50, 164, SUBMIT, "", 4000);
        program.leave(50, 164, SUBMIT, "");
        program.enter(50, 164, STEP, "", 0);
        let seen = program.observe();
        assert_eq!(seen.scopes.len(), requests);
        assert_eq!(owners(&seen), [Some(0)]);
        assert!(seen.scopes[0].left.is_none());
    }
}

/// A record of a request whose writer leads to that stream.
fn on_stream(program: &mut Program, goid: u64, depth: u64, ty: u64, stream: u32) -> RecordBuilder {
    const REQUEST_ENTERED: u32 = 8;
    let record = program.on_goroutine(REQUEST_ENTERED, goid, depth);
    record
        .register(Register::Rbx, 0xa000)
        .register(Register::Rcx, 0xb000)
        .chunk(0xa000, &[[0; 8], ty.to_le_bytes()].concat())
        .chunk(0xb000, &0xb100_u64.to_le_bytes())
        .chunk(0xb100, &0xb200_u64.to_le_bytes())
        .chunk(0xb208, &stream.to_le_bytes())
}

#[test]
fn the_stream_is_found_from_the_writer_if_it_is_of_http_2() {
    const TY: u64 = 0x7_0000;
    const BIAS: u64 = 0x1000;
    let mut program = Program::new(&["f", "g", "h"]);
    program.plan.requests.push(RequestEntry {
        address: program.plan.sites[8].address,
        layout: RequestLayout::default(),
        streams: vec![StreamPath {
            pointer: ReadAddress::Register(Register::Rcx),
            held: Some(HeldWriter {
                itab: ReadAddress::Register(Register::Rbx),
                ty: Address(TY),
            }),
            hops: vec![0, 0, 8],
        }],
    });
    for (goid, ty, cut) in [
        (50, TY + BIAS, false),
        (51, TY, false),
        (52, TY + BIAS, true),
    ] {
        let mut record = on_stream(&mut program, goid, 100, ty, 17);
        if cut {
            record = record.register(Register::Rcx, 0xdead_0000);
        }
        program.records.push(record.build());
    }
    let seen = program.observe();
    let streams: Vec<_> = seen.requests().map(|(_, request)| request.stream).collect();
    assert_eq!(streams, [Some(17), None, None]);
}

/// Handlers submit jobs whose numbers are used again, several workers process them in any order: a job's steps are those
/// of the request that submitted it, or it is counted that this is not known; never another's.
#[test]
fn random_pools_give_no_work_to_another_request() {
    for seed in 1..=60 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut program = pool();
        // By number: the requests (none for a job of nobody's) that wait, in the order of the queue.
        let mut queue: Vec<(i64, Option<u32>)> = Vec::new();
        let mut open: HashMap<u64, u32> = HashMap::new();
        let mut expected = Vec::new();
        let (mut requests, mut contested, mut unknown) = (0, HashMap::<i64, usize>::new(), 0);
        let numbers = 2 + random.u64(..40);
        for _ in 0..300 {
            match random.u64(..4) {
                0 => {
                    let goid = 50 + random.u64(..4);
                    if open.remove(&goid).is_some() {
                        program.leave_request(goid, 100);
                    } else {
                        program.enter_request(goid, 100, "127.0.0.1:4000", "GET", "/");
                        open.insert(goid, requests);
                        requests += 1;
                    }
                }
                1 | 2 => {
                    let goid = 50 + random.u64(..5);
                    let job = i64::try_from(random.u64(..numbers)).unwrap();
                    let owner = open.get(&goid).copied();
                    program.enter(goid, 164, SUBMIT, "", job);
                    program.leave(goid, 164, SUBMIT, "");
                    let mut waiting = queue.iter().filter(|(number, _)| *number == job);
                    if waiting.any(|(_, other)| *other != owner) {
                        contested.insert(job, 0);
                    }
                    queue.push((job, owner));
                }
                _ if !queue.is_empty() => {
                    let at = usize::try_from(random.u64(..queue.len() as u64)).unwrap();
                    let (job, owner) = queue.remove(at);
                    processes(&mut program, 90 + random.u64(..3), job);
                    if contested.contains_key(&job) {
                        unknown += 1;
                        expected.push(None);
                    } else {
                        expected.push(owner);
                    }
                    if !queue.iter().any(|(number, _)| *number == job) {
                        contested.remove(&job);
                    }
                }
                _ => {}
            }
        }
        let seen = program.observe();
        assert_eq!(owners(&seen), expected, "seed {seed}");
        assert_eq!(seen.unknown_hand_offs, unknown, "seed {seed}");
    }
}
