//! How calls end that reach no `ret`, and which `ret` is a recovery's.

use model::{Nanoseconds, Outcome, Timestamp, plan::RecoveryLayout};

use crate::testing::{Body, Program, Running, SIGCODE0, SIGCODE1, lines, observe};

const G: u32 = 0;
const H: u32 = 1;
const F: u32 = 2;

fn program() -> Program {
    Program::new(&["g", "h", "f"])
}

/// A panic whose `gopanic` is at that depth.
const fn panic(start: u64) -> Running {
    Running {
        start,
        goexit: false,
    }
}

/// A `Goexit` at that depth.
const fn goexit(start: u64) -> Running {
    Running {
        start,
        goexit: true,
    }
}

fn outcomes(program: &Program) -> Vec<Outcome> {
    let seen = program.observe();
    seen.calls.iter().map(|call| call.outcome).collect()
}

#[test]
fn a_panic_ends_what_it_went_past_and_the_frame_that_recovered_returns_as_recovered() {
    let mut program = program();
    program.enter(7, 100, G, "outer", 0);
    program.enter(7, 200, H, "recovers", 0);
    program.enter(7, 300, F, "passed", 0);
    program.enter(7, 400, F, "panics", 0);
    program.recover(7, 250, Some(H), &[panic(450)]);
    program.leave(7, 200, H, "result");
    program.leave(7, 100, G, "fine");
    let seen = program.observe();
    assert_eq!(
        lines(&seen),
        [
            r#"0 g7 g("outer", 0) -> "fine" returned"#,
            r#"1 g7 h("recovers", 0) -> "result" recovered in 0"#,
            r#"2 g7 f("passed", 0) panicked in 1"#,
            r#"3 g7 f("panics", 0) panicked in 2"#,
        ]
    );
    let left: Vec<_> = seen.calls.iter().map(|call| call.left).collect();
    let at = |time| Some(Timestamp(time));
    assert_eq!(left, [at(70), at(60), at(50), at(50)]);
    let costs: Vec<_> = seen.calls.iter().map(|call| call.own_cost).collect();
    assert_eq!(
        costs,
        [5, 3, 1, 0].map(Nanoseconds),
        "the recovery costs those it did not end"
    );
}

#[test]
fn the_same_holds_where_g_says_where_it_goes_on() {
    let mut program = program();
    program.plan.runtime.recovery = Some(RecoveryLayout::Goroutine {
        sp: SIGCODE0 as u64,
        pc: SIGCODE1 as u64,
    });
    program.enter(7, 100, H, "", 0);
    program.enter(7, 200, F, "", 0);
    program.recover_by_g(7, 150, Some(H));
    program.leave(7, 100, H, "");
    program.enter(7, 100, H, "", 1);
    program.enter(7, 200, F, "", 1);
    program.recover_by_g(7, 150, None);
    program.leave(7, 100, H, "");
    assert_eq!(
        outcomes(&program),
        [
            Outcome::Recovered,
            Outcome::Panicked,
            Outcome::Returned,
            Outcome::Panicked
        ]
    );
}

#[test]
fn stacks_that_were_copied_keep_depths() {
    let mut program = program();
    program.enter(7, 100, H, "", 0);
    program.enter(7, 2000, F, "", 0);
    program.copy_stack(7);
    program.recover(7, 150, Some(H), &[panic(4000)]);
    program.copy_stack(7);
    program.leave(7, 100, H, "");
    assert_eq!(outcomes(&program), [Outcome::Recovered, Outcome::Panicked]);
}

#[test]
fn of_a_recursion_the_innermost_frame_left_has_recovered() {
    let mut program = program();
    for depth in [100, 200, 300, 400] {
        program.enter(7, depth, H, "", 0);
    }
    program.recover(7, 250, Some(H), &[panic(450)]);
    program.leave(7, 200, H, "");
    program.leave(7, 100, H, "");
    assert_eq!(
        outcomes(&program),
        [
            Outcome::Returned,
            Outcome::Recovered,
            Outcome::Panicked,
            Outcome::Panicked
        ]
    );
}

#[test]
fn where_a_frame_that_is_not_watched_recovers_the_one_outside_returns() {
    let mut program = program();
    program.enter(7, 100, G, "", 0);
    program.enter(7, 300, F, "", 0);
    program.recover(7, 250, None, &[panic(350)]);
    program.leave(7, 100, G, "");
    assert_eq!(outcomes(&program), [Outcome::Returned, Outcome::Panicked]);
}

#[test]
fn deferred_functions_run_deeper_than_what_panics() {
    let mut program = program();
    program.enter(7, 100, H, "", 0);
    program.enter(7, 200, F, "panics", 0);
    program.enter(7, 500, G, "deferred", 0);
    program.leave(7, 500, G, "");
    program.recover(7, 150, Some(H), &[panic(250)]);
    program.enter(7, 200, G, "deferred, too", 0);
    program.leave(7, 200, G, "");
    program.leave(7, 100, H, "");
    assert_eq!(
        outcomes(&program),
        [
            Outcome::Recovered,
            Outcome::Panicked,
            Outcome::Returned,
            Outcome::Returned
        ]
    );
}

#[test]
fn a_panic_within_a_panic_may_end_before_it() {
    let mut program = program();
    program.enter(7, 100, H, "", 0);
    program.enter(7, 200, F, "panics", 0);
    program.enter(7, 500, H, "deferred, recovers its own", 0);
    program.enter(7, 600, F, "panics", 0);
    program.recover(7, 550, Some(H), &[panic(650), panic(250)]);
    program.leave(7, 500, H, "");
    program.recover(7, 150, Some(H), &[panic(250)]);
    program.leave(7, 100, H, "");
    assert_eq!(
        outcomes(&program),
        [
            Outcome::Recovered,
            Outcome::Panicked,
            Outcome::Recovered,
            Outcome::Panicked
        ]
    );
}

#[test]
fn what_has_recovered_and_panics_again_has_panicked() {
    let mut program = program();
    program.enter(7, 100, G, "", 0);
    program.enter(7, 200, H, "", 0);
    program.enter(7, 300, F, "", 0);
    program.recover(7, 250, Some(H), &[panic(350)]);
    // A deferred function of h that is left panics.
    program.recover(7, 150, Some(G), &[panic(350)]);
    program.leave(7, 100, G, "");
    assert_eq!(
        outcomes(&program),
        [Outcome::Recovered, Outcome::Panicked, Outcome::Panicked]
    );
}

#[test]
fn no_recovery_leads_past_goexit() {
    let mut program = program();
    program.enter(7, 100, H, "", 0);
    program.enter(7, 200, F, "exits", 0);
    program.enter(7, 400, F, "deferred, panics", 0);
    program.recover(7, 150, Some(H), &[panic(450), goexit(250)]);
    program.enter(7, 400, G, "deferred, too", 0);
    program.leave(7, 400, G, "");
    program.exit(7, 300);
    let seen = program.observe();
    let outcomes: Vec<_> = seen.calls.iter().map(|call| call.outcome).collect();
    assert_eq!(
        outcomes,
        [
            Outcome::Goexit,
            Outcome::Goexit,
            Outcome::Panicked,
            Outcome::Returned
        ]
    );
    assert_eq!(seen.calls[0].left, Some(Timestamp(70)));
}

#[test]
fn a_recovery_within_goexit_is_one() {
    let mut program = program();
    program.enter(7, 100, F, "exits", 0);
    program.enter(7, 400, H, "deferred, recovers", 0);
    program.enter(7, 500, F, "panics", 0);
    program.recover(7, 450, Some(H), &[panic(550), goexit(250)]);
    program.leave(7, 400, H, "");
    program.exit(7, 300);
    assert_eq!(
        outcomes(&program),
        [Outcome::Goexit, Outcome::Recovered, Outcome::Panicked]
    );
}

#[test]
fn a_panic_that_nobody_recovers_goes_past_all_frames_of_its_goroutine() {
    let mut program = program();
    program.enter(7, 100, G, "", 0);
    program.enter(8, 100, G, "", 0);
    program.enter(7, 200, H, "", 0);
    program.crash(7, 400);
    let mut tracer = program.tracer();
    tracer.process_ended(crate::testing::PROCESS, Timestamp(99));
    let seen = observe(&mut tracer);
    let ends: Vec<_> = seen.calls.iter().map(|c| (c.outcome, c.left)).collect();
    assert_eq!(
        ends,
        [
            (Outcome::Panicked, Some(Timestamp(40))),
            (Outcome::ProcessEnded, Some(Timestamp(99))),
            (Outcome::Panicked, Some(Timestamp(40))),
        ]
    );
}

#[test]
fn who_is_gone_without_a_sign_is_unwound() {
    let mut program = program();
    program.enter(7, 100, G, "", 0);
    program.enter(7, 200, F, "", 0);
    program.leave(7, 100, G, "");
    program.enter(7, 100, G, "", 0);
    program.enter(7, 200, F, "", 0);
    program.end(7);
    let seen = program.observe();
    let ends: Vec<_> = seen.calls.iter().map(|c| (c.outcome, c.left)).collect();
    assert_eq!(
        ends,
        [
            (Outcome::Returned, Some(Timestamp(30))),
            (Outcome::Unwound, None),
            (Outcome::Unwound, None),
            (Outcome::Unwound, None),
        ],
        "a goroutine whose function returned has left no call by Goexit"
    );
}

#[test]
fn a_function_that_may_leave_by_a_jump_may_have_been_gone() {
    let jumps = Body::Assembly;
    let mut program = Program::with_bodies(&[("g", Body::Plain), ("jumps", jumps)]);
    program.enter(7, 100, G, "", 0);
    program.enter(7, 200, 1, "", 0);
    program.recover(7, 150, Some(G), &[panic(350)]);
    program.enter(7, 200, 1, "", 0);
    program.exit(7, 300);
    assert_eq!(
        outcomes(&program),
        [Outcome::Goexit, Outcome::Unwound, Outcome::Unwound]
    );
}

#[test]
fn a_recovery_that_could_not_be_read_counts_as_lost() {
    let mut program = program();
    program.enter(7, 100, H, "", 0);
    program.enter(7, 200, F, "", 0);
    program.recover_nowhere(7);
    program.leave(7, 100, H, "");
    let mut tracer = program.tracer();
    let seen = observe(&mut tracer);
    let outcomes: Vec<_> = seen.calls.iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes, [Outcome::Returned, Outcome::Unwound]);
    assert_eq!(seen.loss.of_causality(), 1);
    assert_eq!(tracer.counts().unknown_recoveries, 1);
}

#[test]
fn a_list_of_panics_that_ends_nowhere_is_not_believed() {
    let mut program = program();
    program.enter(7, 100, H, "", 0);
    program.enter(7, 200, F, "", 0);
    // The second of two panics that were skipped is cut off.
    program.recover(7, 150, Some(H), &[panic(450), panic(350), panic(250)]);
    let record = program.records.pop().unwrap();
    let chunks = 2;
    let mut cut = record;
    let at = std::mem::offset_of!(goproctor_ebpf::RecordHeader, chunk_count);
    cut[at..at + 4].copy_from_slice(&u32::to_le_bytes(chunks));
    program.records.push(cut);
    let mut tracer = program.tracer();
    observe(&mut tracer);
    assert_eq!(tracer.counts().unknown_recoveries, 1);
}

#[test]
fn a_request_whose_handler_panics_is_left_when_that_is_recovered() {
    let mut program = program();
    program.enter_request(7, 100, "127.0.0.1:1", "GET", "/");
    program.enter(7, 200, F, "", 0);
    program.create(7, 8, 0x10);
    program.recover(7, 80, None, &[panic(250)]);
    let mut tracer = program.tracer();
    assert_eq!(
        tracer.unsettled(crate::testing::PROCESS, Timestamp(0)),
        1,
        "the goroutine that it created still runs"
    );
    let seen = observe(&mut tracer);
    assert_eq!(seen.scopes[0].left, Some(Timestamp(40)));
    assert_eq!(seen.calls[0].outcome, Outcome::Panicked);
}

#[test]
fn the_next_request_of_a_goroutine_that_recovered_is_another() {
    let mut program = program();
    for path in ["/1", "/2"] {
        program.enter_request(7, 100, "127.0.0.1:1", "GET", path);
        program.enter(7, 200, F, path, 0);
        program.recover(7, 80, None, &[panic(250)]);
    }
    assert_eq!(
        lines(&program.observe()),
        [
            r#"0 g7 f("/1", 0) panicked for r0"#,
            r#"1 g7 f("/2", 0) panicked for r1"#,
        ]
    );
}

#[test]
fn what_is_decided_after_the_window_is_running_in_it() {
    let mut program = program();
    program.enter(7, 100, H, "", 0);
    program.enter(7, 200, F, "", 0);
    program.recover(7, 150, Some(H), &[panic(250)]);
    program.leave(7, 100, H, "");
    let mut tracer = program.tracer();
    let seen = tracer.observe(Timestamp(0), Timestamp(25), model::Loss::default());
    let ends: Vec<_> = seen.calls.iter().map(|c| (c.outcome, c.left)).collect();
    assert_eq!(ends, [(Outcome::Running, None), (Outcome::Running, None)]);
}
