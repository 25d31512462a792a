//! Who created whom, and for which request.

use model::{
    CodePlace, Goid, Outcome, ScopeId, SourcePosition, Timestamp,
    plan::{Link, LinkKind, Operand, Read, ReadAddress, Role},
};

use crate::{
    Tracer,
    testing::{COLLECTOR, COROUTINE, GO_STATEMENT, PROCESS, Program, READ_LOOP, lines, observe},
};

#[test]
fn a_goroutine_knows_its_creator_and_the_call_that_created_it() {
    let mut program = Program::new(&["f"]);
    program.enter_main(1);
    program.enter(1, 100, 0, "", 0);
    program.create(1, 20, 0x1234);
    program.enter(20, 100, 0, "", 1);
    program.leave(20, 100, 0, "");
    program.end(20);
    let mut tracer = program.tracer();
    assert_eq!(tracer.main_entered().unwrap().goid, Goid(1));
    let seen = observe(&mut tracer);
    let child = seen.goroutines.iter().find(|g| g.goid == Goid(20)).unwrap();
    assert_eq!(child.creator, Some(Goid(1)));
    assert_eq!(child.creating_call, Some(seen.calls[0].id));
    assert_eq!(
        child.function.as_deref(),
        Some("start1234"),
        "the load bias is taken off"
    );
    assert_eq!(child.created, Some(Timestamp(30)));
    assert_eq!(child.ended, Some(Timestamp(60)));
    assert_eq!(
        seen.calls[1].parent, None,
        "parents are of the same goroutine"
    );
    assert_eq!(
        seen.calls[0].own_cost.0, 1,
        "the creation was a hit on the creator"
    );
}

#[test]
fn a_goroutine_that_exits_leaves_nothing_open() {
    let mut program = Program::new(&["f"]);
    program.enter(5, 100, 0, "", 0);
    program.enter(5, 164, 0, "", 1);
    program.end(5);
    let mut tracer = program.tracer();
    let seen = observe(&mut tracer);
    assert!(
        seen.calls
            .iter()
            .all(|call| call.outcome == Outcome::Unwound && call.left.is_none())
    );
    assert_eq!(seen.calls[0].own_cost.0, 1, "the end itself is not inside");
    assert!(tracer.goroutines.alive.is_empty());
}

#[test]
fn a_request_owns_a_tree_of_goroutines_ten_deep_even_after_its_answer() {
    let mut program = Program::new(&["f"]);
    program.enter_request(50, 100, "127.0.0.1:4000", "GET", "/deep");
    let mut creator = 50;
    for child in 51..61 {
        program.create(creator, child, 0x10);
        creator = child;
    }
    program.enter(55, 100, 0, "", 5);
    program.leave_request(50, 100);
    program.enter(60, 100, 0, "", 10);
    program.create(60, 61, 0x10);
    program.enter(61, 100, 0, "", 11);
    program.enter(50, 100, 0, "after", 0);
    program.create(50, 62, 0x10);
    program.enter(62, 100, 0, "after", 0);
    let seen = program.observe();
    assert_eq!(
        lines(&seen),
        [
            r#"0 g55 f("", 5) running for r0"#,
            r#"1 g60 f("", 10) running for r0"#,
            r#"2 g61 f("", 11) running for r0"#,
            r#"3 g50 f("after", 0) running"#,
            r#"4 g62 f("after", 0) running"#,
        ]
    );
    let (scope, request) = seen.requests().next().unwrap();
    assert_eq!(request.remote.as_deref(), Some("127.0.0.1:4000"));
    assert_eq!(request.method.as_deref(), Some("GET"));
    assert_eq!(request.target.as_deref(), Some("/deep"));
    assert!(scope.left.is_some());
    let owned = seen
        .goroutines
        .iter()
        .filter(|g| g.scope == Some(ScopeId(0)));
    assert_eq!(owned.count(), 11);
}

#[test]
fn a_request_does_not_own_the_runtimes_own_goroutines() {
    let mut program = Program::new(&["f"]);
    program.enter_request(50, 100, "127.0.0.1:4000", "GET", "/");
    program.enter(50, 164, 0, "", 0);
    // The first collection of memory makes workers that stay; who makes them is chance.
    program.create(50, 60, COLLECTOR);
    program.create(50, 61, COROUTINE);
    program.leave(50, 164, 0, "");
    program.leave_request(50, 100);
    program.end(61);
    let mut tracer = program.tracer();
    assert_eq!(tracer.unsettled(PROCESS, Timestamp(0)), 0);
    let seen = observe(&mut tracer);
    let of = |goid| seen.goroutines.iter().find(|g| g.goid == Goid(goid));
    assert_eq!(of(60).unwrap().scope, None);
    assert_eq!(of(60).unwrap().creator, Some(Goid(50)));
    assert_eq!(of(61).unwrap().scope, Some(ScopeId(0)));
}

#[test]
fn a_goroutine_that_runs_is_named_with_the_statement_that_started_it() {
    let mut program = Program::new(&["f"]);
    program.enter_request(50, 100, "127.0.0.1:4000", "GET", "/");
    program.create(50, 60, 0x1234);
    let running = |tracer: &Tracer| tracer.running(PROCESS, Timestamp(0)).goroutines;
    assert_eq!(running(&program.tracer())[0].started, None, "not asked for");
    let place = |function: String| CodePlace {
        function,
        position: SourcePosition {
            file: "main.go".to_owned(),
            line: 7,
        },
    };
    let tracer =
        (program.tracer()).with_places(Box::new(move |at| Some(place(format!("{:x}", at.0)))));
    let goroutines = running(&tracer);
    let started = goroutines[0].started.as_ref().unwrap();
    assert_eq!(started.position.line, 7);
    assert_eq!(
        started.function,
        format!("{:x}", 0x1234 + GO_STATEMENT - 1),
        "the last byte of the statement, without the load bias"
    );
}

#[test]
fn a_connection_that_is_kept_open_does_not_keep_its_request_busy() {
    let mut program = Program::new(&["f"]);
    program.enter_request(50, 100, "127.0.0.1:4000", "GET", "/");
    program.create(50, 60, READ_LOOP);
    assert_eq!(program.tracer().unsettled(PROCESS, Timestamp(0)), 1);
    program.leave_request(50, 100);
    let mut tracer = program.tracer();
    assert_eq!(tracer.unsettled(PROCESS, Timestamp(0)), 0);
    assert!(tracer.running(PROCESS, Timestamp(0)).goroutines.is_empty());
    // It is the request's all the same.
    let seen = observe(&mut tracer);
    let of_connection = seen.goroutines.iter().find(|g| g.goid == Goid(60));
    assert_eq!(of_connection.unwrap().scope, Some(ScopeId(0)));
}

#[test]
fn keep_alive_requests_own_what_happens_in_their_turn() {
    let mut program = Program::new(&["f"]);
    for (turn, child) in [(0, 70), (1, 71), (2, 72)] {
        program.enter_request(50, 100, "127.0.0.1:4000", "GET", &format!("/{turn}"));
        program.enter(50, 164, 0, "", turn);
        program.create(50, child, 0x10);
        program.leave(50, 164, 0, "");
        program.leave_request(50, 100);
    }
    for child in [72, 70, 71] {
        program.enter(child, 100, 0, "child", 0);
    }
    let seen = program.observe();
    let owners: Vec<_> = seen
        .calls
        .iter()
        .map(|call| call.scope.unwrap().0)
        .collect();
    assert_eq!(owners, [0, 1, 2, 2, 0, 1]);
}

#[test]
fn a_request_nests_in_the_one_that_its_goroutine_works_for() {
    let mut program = Program::new(&["f"]);
    program.enter_request(50, 100, "127.0.0.1:4000", "GET", "/outer");
    program.create(50, 51, 0x10);
    program.leave_request(50, 100);
    program.enter_request(51, 100, "127.0.0.1:4001", "GET", "/by-its-goroutine");
    program.enter_request(51, 164, "127.0.0.1:4002", "GET", "/on-its-stack");
    program.enter(51, 228, 0, "", 0);
    program.enter_request(60, 100, "127.0.0.1:4003", "GET", "/other");
    let mut tracer = program.tracer();
    let seen = observe(&mut tracer);
    let parents = seen.scopes.iter().map(|scope| scope.parent.map(|id| id.0));
    assert_eq!(parents.collect::<Vec<_>>(), [None, Some(0), Some(1), None]);
    let call = seen.calls[0].scope;
    let around: Vec<u32> = seen.scopes_around(call).map(|id| id.0).collect();
    assert_eq!(around, [2, 1, 0]);
}

#[test]
fn a_request_whose_handler_panicked_ends_with_its_frame() {
    let mut program = Program::new(&["f"]);
    program.enter_request(50, 100, "127.0.0.1:4000", "GET", "/panics");
    program.enter(50, 164, 0, "", 0);
    // The next request of the connection is entered at the same depth.
    program.enter_request(50, 100, "127.0.0.1:4000", "GET", "/next");
    program.enter(50, 164, 0, "", 1);
    program.end(50);
    let seen = program.observe();
    assert_eq!(
        lines(&seen),
        [
            r#"0 g50 f("", 0) unwound for r0"#,
            r#"1 g50 f("", 1) unwound for r1"#
        ]
    );
    assert!(seen.scopes.iter().all(|request| request.left.is_some()));
}

#[test]
fn a_watched_serve_http_belongs_to_its_own_request() {
    let mut program = Program::new(&["serveHTTP"]);
    let entry = program.plan.sites[0].roles[0];
    let back = program.plan.sites[1].roles[0];
    program.plan.sites[4].roles.push(entry);
    program.plan.sites[5].roles.push(back);
    for target in ["/a", "/b"] {
        program.enter_request(50, 100, "127.0.0.1:4000", "GET", target);
        program.leave_request(50, 100);
    }
    let seen = program.observe();
    let calls: Vec<_> = seen
        .calls
        .iter()
        .map(|call| (call.outcome, call.scope))
        .collect();
    assert_eq!(
        calls,
        [
            (Outcome::Returned, Some(ScopeId(0))),
            (Outcome::Returned, Some(ScopeId(1)))
        ]
    );
}

#[test]
fn work_on_the_system_stack_belongs_to_the_request_of_its_goroutine() {
    let mut program = Program::new(&["handler", "runtime.f"]);
    program.enter_request(50, 100, "127.0.0.1:4000", "GET", "/");
    program.enter(50, 164, 0, "", 0);
    program.enter_system(50, 64, 1);
    program.leave_system(50, 64, 1);
    let seen = program.observe();
    assert_eq!(
        lines(&seen)[1],
        r#"1 g50 runtime.f("", 0) -> "" returned in 0 for r0"#
    );
}

#[test]
fn a_child_that_could_not_be_read_is_a_loss_of_causality() {
    let mut program = Program::new(&["f"]);
    let record = program.on_goroutine(2, 1, 100).build();
    program.records.push(record);
    let mut tracer = program.tracer();
    assert_eq!(observe(&mut tracer).loss.of_causality(), 1);
    assert_eq!(tracer.counts().unknown_children, 1);
}

#[test]
fn with_the_stack_abi_the_child_is_found_by_the_chunk_that_was_read_through_it() {
    let mut program = Program::new(&["f"]);
    let place = ReadAddress::Stack(40);
    let read = |address: ReadAddress, element| {
        Read::new(
            address.into(),
            Operand::Constant(0),
            Link::new(0, LinkKind::Constant(1), element, element),
        )
    };
    let site = &mut program.plan.sites[2];
    site.roles = vec![Role::GoroutineCreated { result: place }];
    site.reads = vec![read(ReadAddress::StackAddress(8), 8), read(place, 280)];
    let mut g = vec![0; 280];
    g[152..160].copy_from_slice(&20_u64.to_le_bytes());
    program.enter(1, 100, 0, "", 0);
    let record = program.on_goroutine(2, 1, 200);
    let stack = record.header.stack_hi - 200 + 8;
    let record = record.chunk(stack, &[0; 8]).chunk(0xc100_0000, &g);
    program.records.push(record.build());
    // Two chunks that both fit: which is the child is not known.
    program.plan.sites[2]
        .reads
        .insert(0, read(ReadAddress::Stack(8), 280));
    let record = program.on_goroutine(2, 1, 200);
    let record = record
        .chunk(0xc200_0000, &g)
        .chunk(stack, &[0; 8])
        .chunk(0xc100_0000, &g);
    let ambiguous = record.build();

    let mut tracer = program.tracer();
    let seen = observe(&mut tracer);
    let child = seen.goroutines.iter().find(|g| g.goid == Goid(20)).unwrap();
    assert_eq!(child.creator, Some(Goid(1)));
    tracer.feed(&ambiguous).unwrap();
    assert_eq!(tracer.counts().unknown_children, 1);
}
