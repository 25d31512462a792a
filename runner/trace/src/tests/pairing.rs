//! Which return belongs to which entry.

use goproctor_ebpf::RecordClass;
use model::{FunctionId, Goid, Outcome, Register, SiteId, Timestamp};

use crate::TraceError;
use crate::testing::{Body, PROCESS, Program, RecordBuilder, lines, observe};

#[test]
fn a_call_has_its_arguments_its_result_and_its_times() {
    let mut program = Program::new(&["f"]);
    program.enter(1, 100, 0, "Gopher", -3);
    program.wait(500);
    program.leave(1, 100, 0, "seen");
    let seen = program.observe();
    assert_eq!(lines(&seen), [r#"0 g1 f("Gopher", -3) -> "seen" returned"#]);
    assert_eq!(seen.calls[0].entered, Timestamp(10));
    assert_eq!(seen.calls[0].left, Some(Timestamp(520)));
    assert_eq!(seen.calls[0].own_cost.0, 0);
}

#[test]
fn recursion_pairs_by_depth() {
    let mut program = Program::new(&["f"]);
    for n in 0..4 {
        program.enter(1, 100 + n * 64, 0, "", n.cast_signed());
    }
    for n in (0..4).rev() {
        program.leave(1, 100 + n * 64, 0, &n.to_string());
    }
    assert_eq!(
        lines(&program.observe()),
        [
            r#"0 g1 f("", 0) -> "0" returned"#,
            r#"1 g1 f("", 1) -> "1" returned in 0"#,
            r#"2 g1 f("", 2) -> "2" returned in 1"#,
            r#"3 g1 f("", 3) -> "3" returned in 2"#,
        ]
    );
}

#[test]
fn mutual_recursion_keeps_both_functions_apart() {
    let mut program = Program::new(&["even", "odd"]);
    program.enter(1, 100, 0, "", 2);
    program.enter(1, 164, 1, "", 1);
    program.enter(1, 228, 0, "", 0);
    program.leave(1, 228, 0, "a");
    program.leave(1, 164, 1, "b");
    program.leave(1, 100, 0, "c");
    let seen = program.observe();
    assert_eq!(
        lines(&seen),
        [
            r#"0 g1 even("", 2) -> "c" returned"#,
            r#"1 g1 odd("", 1) -> "b" returned in 0"#,
            r#"2 g1 even("", 0) -> "a" returned in 1"#,
        ]
    );
    let nested: Vec<u64> = seen.calls.iter().map(|call| call.own_cost.0).collect();
    assert_eq!(nested, [4, 2, 0]);
}

#[test]
fn a_stack_that_moves_keeps_its_frames() {
    let mut program = Program::new(&["f", "g"]);
    program.enter(1, 100, 0, "", 0);
    program.enter(1, 0x4000, 1, "", 0);
    program.copy_stack(1);
    program.enter(1, 0x8000, 0, "", 1);
    program.copy_stack(1);
    program.leave(1, 0x8000, 0, "a");
    program.leave(1, 0x4000, 1, "b");
    program.copy_stack(1);
    program.leave(1, 100, 0, "c");
    let seen = program.observe();
    assert!(
        seen.calls
            .iter()
            .all(|call| call.outcome == Outcome::Returned)
    );
    assert_eq!(seen.calls[2].parent, Some(seen.calls[1].id));
}

#[test]
fn interleaved_goroutines_do_not_mix() {
    let mut program = Program::new(&["f"]);
    program.enter(1, 100, 0, "one", 0);
    program.enter(2, 100, 0, "two", 0);
    program.tid += 1;
    program.leave(1, 100, 0, "1");
    program.leave(2, 100, 0, "2");
    let seen = program.observe();
    assert_eq!(
        lines(&seen),
        [
            r#"0 g1 f("one", 0) -> "1" returned"#,
            r#"1 g2 f("two", 0) -> "2" returned"#,
        ]
    );
    assert_eq!(
        seen.calls[0].own_cost.0, 0,
        "hits of others cost this one nothing"
    );
}

#[test]
fn a_panic_ends_the_deeper_frames_and_poisons_nothing() {
    let mut program = Program::new(&["outer", "inner", "after"]);
    program.enter(1, 100, 0, "", 0);
    program.enter(1, 164, 1, "", 0);
    program.enter(1, 228, 1, "", 1);
    // inner panics, outer recovers and returns; then the same depths are used again.
    program.leave(1, 100, 0, "recovered");
    program.enter(1, 164, 1, "", 2);
    program.leave(1, 164, 1, "fine");
    let tracer = &mut program.tracer();
    let seen = observe(tracer);
    assert_eq!(
        lines(&seen),
        [
            r#"0 g1 outer("", 0) -> "recovered" returned"#,
            r#"1 g1 inner("", 0) unwound in 0"#,
            r#"2 g1 inner("", 1) unwound in 1"#,
            r#"3 g1 inner("", 2) -> "fine" returned"#,
        ]
    );
    assert_eq!(seen.calls[1].left, None, "when it was left is not known");
    assert_eq!(tracer.counts().unwound, 2);
}

#[test]
fn a_frame_entered_again_at_its_depth_was_left_before() {
    let mut program = Program::new(&["outer", "inner", "other"]);
    program.enter(1, 100, 0, "", 0);
    program.enter(1, 164, 1, "", 0);
    program.enter(1, 164, 1, "", 1);
    program.enter(1, 164, 2, "", 2);
    program.leave(1, 164, 2, "x");
    assert_eq!(
        lines(&program.observe()),
        [
            r#"0 g1 outer("", 0) running"#,
            r#"1 g1 inner("", 0) unwound in 0"#,
            r#"2 g1 inner("", 1) unwound in 0"#,
            r#"3 g1 other("", 2) -> "x" returned in 0"#,
        ]
    );
}

#[test]
fn a_ret_ends_every_call_that_jumped_on() {
    let bodies = [("jumps", Body::Assembly), ("target", Body::Plain)];
    let mut program = Program::with_bodies(&bodies);
    program.enter(1, 100, 0, "a", 0);
    program.enter(1, 100, 1, "b", 0);
    program.leave(1, 100, 1, "both");
    program.enter(1, 100, 0, "c", 0);
    program.leave(1, 100, 0, "itself");
    assert_eq!(
        lines(&program.observe()),
        [
            r#"0 g1 jumps("a", 0) -> "both" returned"#,
            r#"1 g1 target("b", 0) -> "both" returned in 0"#,
            r#"2 g1 jumps("c", 0) -> "itself" returned"#,
        ]
    );
}

#[test]
fn a_branch_back_to_the_first_instruction_is_no_call() {
    let mut program = Program::with_bodies(&[("leaf", Body::LoopHead), ("f", Body::Plain)]);
    program.enter(1, 100, 1, "", 0);
    program.enter(1, 164, 0, "x", 5);
    for n in (0..5).rev() {
        program.enter(1, 164, 0, "y", n);
    }
    program.leave(1, 164, 0, "done");
    program.enter(1, 164, 0, "z", 0);
    program.leave(1, 164, 0, "again");
    program.leave(1, 100, 1, "");
    let tracer = &mut program.tracer();
    assert_eq!(
        lines(&observe(tracer)),
        [
            r#"0 g1 f("", 0) -> "" returned"#,
            r#"1 g1 leaf("x", 5) -> "done" returned in 0"#,
            r#"2 g1 leaf("z", 0) -> "again" returned in 0"#,
        ]
    );
    assert_eq!(tracer.counts().back_edges, 5);
}

#[test]
fn a_function_that_is_a_single_ret_is_a_call_without_length() {
    let mut program = Program::new(&["nothing"]);
    let back = program.plan.sites[1].roles.clone();
    program.plan.sites[0].roles.extend(back);
    program.enter(1, 100, 0, "a", 0);
    program.enter(1, 100, 0, "b", 0);
    let seen = program.observe();
    assert!(
        seen.calls
            .iter()
            .all(|call| call.outcome == Outcome::Returned)
    );
    assert_eq!(seen.calls.len(), 2);
    assert_eq!(seen.calls[0].left, Some(seen.calls[0].entered));
}

#[test]
fn a_return_without_entry_is_counted_and_ends_nothing_else() {
    let mut program = Program::new(&["f", "g"]);
    program.leave(1, 228, 1, "began before the probes");
    program.enter(1, 100, 0, "", 0);
    program.leave(1, 164, 1, "entry lost");
    program.leave(1, 100, 0, "x");
    let tracer = &mut program.tracer();
    assert_eq!(
        lines(&observe(tracer)),
        [r#"0 g1 f("", 0) -> "x" returned"#]
    );
    assert_eq!(tracer.counts().unmatched, 2);
}

#[test]
fn a_lost_return_does_not_lend_its_frame_to_the_next_call() {
    let mut program = Program::new(&["f", "g"]);
    program.enter(1, 100, 0, "", 0);
    program.enter(1, 164, 1, "lost return", 0);
    program.enter(1, 164, 1, "", 1);
    program.leave(1, 164, 1, "x");
    program.leave(1, 164, 1, "entry lost");
    program.leave(1, 100, 0, "y");
    assert_eq!(
        lines(&program.observe()),
        [
            r#"0 g1 f("", 0) -> "y" returned"#,
            r#"1 g1 g("lost return", 0) unwound in 0"#,
            r#"2 g1 g("", 1) -> "x" returned in 0"#,
        ]
    );
}

#[test]
fn what_still_runs_is_running_and_what_its_process_left_is_not() {
    let mut program = Program::new(&["f"]);
    program.enter(1, 100, 0, "", 0);
    program.enter_system(0, 64, 0);
    let seen = program.observe();
    assert!(
        seen.calls
            .iter()
            .all(|call| call.outcome == Outcome::Running && call.left.is_none())
    );

    let mut tracer = program.tracer();
    tracer.process_ended(PROCESS, Timestamp(999));
    let seen = observe(&mut tracer);
    assert_eq!(seen.calls.len(), 2);
    for call in &seen.calls {
        assert_eq!(call.outcome, Outcome::ProcessEnded);
        assert_eq!(call.left, Some(Timestamp(999)));
    }
}

#[test]
fn a_process_number_used_again_begins_afresh() {
    let mut program = Program::new(&["f", "g"]);
    program.enter(1, 100, 0, "", 0);
    let mut tracer = program.tracer();
    tracer.process_ended(PROCESS, Timestamp(20));
    let mut next = Program::new(&["f", "g"]);
    next.wait(100);
    next.enter(1, 164, 1, "", 0);
    next.leave(1, 100, 0, "not ours");
    for record in &next.records {
        tracer.feed(record).unwrap();
    }
    assert_eq!(
        lines(&observe(&mut tracer)),
        [r#"0 g1 f("", 0) processended"#, r#"1 g1 g("", 0) unwound"#]
    );
    assert_eq!(tracer.counts().unmatched, 1);
}

#[test]
fn the_system_stack_has_depths_of_its_own() {
    let mut program = Program::new(&["f", "runtime.alloc"]);
    program.enter(7, 0x900, 0, "", 0);
    program.enter_system(7, 0x80, 1);
    program.leave_system(7, 0x80, 1);
    program.leave(7, 0x900, 0, "");
    assert_eq!(
        lines(&program.observe())[1],
        r#"1 g7 runtime.alloc("", 0) -> "" returned in 0"#
    );
}

#[test]
fn a_system_stack_belongs_to_its_thread_whatever_goroutine_it_serves() {
    let mut program = Program::new(&["runtime.dropg"]);
    program.enter_system(7, 0x80, 0);
    program.tid += 1;
    program.enter_system(0, 0x80, 0);
    program.tid -= 1;
    // The goroutine was let go of in between.
    program.leave_system(0, 0x80, 0);
    let seen = program.observe();
    let outcomes: Vec<_> = seen
        .calls
        .iter()
        .map(|call| (call.goroutine, call.outcome))
        .collect();
    assert_eq!(
        outcomes,
        [(Goid(7), Outcome::Returned), (Goid(0), Outcome::Running)]
    );
}

#[test]
fn back_on_its_own_stack_a_goroutine_has_left_the_system_stack() {
    let mut program = Program::new(&["f", "runtime.park_m"]);
    program.enter(7, 100, 0, "", 0);
    program.enter_system(7, 0x80, 1);
    program.tid += 1;
    program.enter(7, 164, 0, "", 1);
    program.enter_system(7, 0x100, 1);
    assert_eq!(
        lines(&program.observe()),
        [
            r#"0 g7 f("", 0) running"#,
            r#"1 g7 runtime.park_m("", 0) unwound in 0"#,
            r#"2 g7 f("", 1) running in 0"#,
            r#"3 g7 runtime.park_m("", 0) running in 2"#,
        ]
    );
}

#[test]
fn a_hit_whose_goroutine_is_unknown_counts_as_lost() {
    let mut program = Program::new(&["f"]);
    program.enter_nowhere(0);
    program.enter_nowhere(0);
    let mut tracer = program.tracer();
    let seen = observe(&mut tracer);
    assert_eq!(seen.calls.len(), 0);
    assert_eq!(seen.loss.of(FunctionId(0)), 2);
    assert_eq!(observe(&mut tracer).loss.total(), 0, "told once");
}

#[test]
fn a_record_of_another_plan_is_refused_and_counts_as_lost() {
    let mut tracer = Program::new(&["f"]).tracer();
    let mut record = RecordBuilder::new(RecordClass::Scalar).register(Register::Rsp, 1);
    record.header.site = 99;
    let error = tracer.feed(&record.build()).unwrap_err();
    assert_eq!(
        error,
        TraceError::UnknownSite {
            site: SiteId(99),
            sites: 9
        }
    );
    assert!(tracer.feed(&[]).is_err());
    let loss = observe(&mut tracer).loss;
    assert_eq!((loss.total(), loss.of_causality()), (2, 2));
}
