//! What an observation of a window shows, and what is forgotten.

use model::{Goid, Loss, Nanoseconds, Observation, Outcome, Timestamp, plan::Role};

use crate::Tracer;
use crate::testing::{Program, lines};

fn observe(tracer: &mut Tracer, from: u64, to: u64) -> Observation {
    tracer.observe(Timestamp(from), Timestamp(to), Loss::default())
}

#[test]
fn each_window_shows_the_calls_that_were_entered_in_it() {
    let mut program = Program::new(&["f"]);
    program.enter(1, 100, 0, "start-up", 0); // 10
    program.enter(1, 164, 0, "first", 0); // 20
    program.leave(1, 164, 0, ""); // 30
    program.enter(1, 164, 0, "second", 0); // 40
    program.enter(1, 228, 0, "third", 0); // 50
    program.leave(1, 228, 0, ""); // 60
    program.leave(1, 164, 0, ""); // 70
    let mut tracer = program.tracer();
    tracer.forget_before(Timestamp(15));
    assert_eq!(
        lines(&observe(&mut tracer, 15, 35)),
        [r#"0 g1 f("first", 0) -> "" returned"#]
    );
    let second = observe(&mut tracer, 36, 65);
    assert_eq!(
        lines(&second),
        [
            r#"0 g1 f("second", 0) running"#,
            r#"1 g1 f("third", 0) -> "" returned in 0"#,
        ]
    );
    assert_eq!(second.window, Some((Timestamp(36), Timestamp(65))));
    assert!(
        observe(&mut tracer, 0, u64::MAX).calls.is_empty(),
        "told once"
    );
}

#[test]
fn a_call_that_is_told_as_running_ends_later_without_harm() {
    let mut program = Program::new(&["f"]);
    program.enter(1, 100, 0, "", 0);
    let mut tracer = program.tracer();
    let seen = observe(&mut tracer, 0, 100);
    assert_eq!(seen.calls[0].outcome, Outcome::Running);
    program.records.clear();
    program.leave(1, 100, 0, "");
    program.enter(1, 100, 0, "next", 0);
    for record in &program.records {
        tracer.feed(record).unwrap();
    }
    assert_eq!(
        lines(&observe(&mut tracer, 0, 100)),
        [r#"0 g1 f("next", 0) running"#]
    );
}

#[test]
fn clocks_that_disagree_a_little_lose_no_call_to_the_border() {
    let mut program = Program::new(&["f"]);
    program.enter(1, 100, 0, "late clock", 0); // 10 -> 55
    program.enter(2, 100, 0, "early clock", 0); // 20 -> 45
    program.leave(2, 100, 0, ""); // 30 -> 48
    for (record, time) in program.records.iter_mut().zip([55_u64, 45, 48]) {
        record[8..16].copy_from_slice(&time.to_le_bytes());
    }
    let mut tracer = program.tracer();
    assert_eq!(
        lines(&observe(&mut tracer, 0, 50)),
        [r#"0 g2 f("early clock", 0) -> "" returned"#]
    );
    assert_eq!(
        lines(&observe(&mut tracer, 51, 99)),
        [r#"0 g1 f("late clock", 0) running"#]
    );
}

#[test]
fn a_straggler_of_an_earlier_request_is_still_owned_by_it() {
    let mut program = Program::new(&["f"]);
    program.enter_request(50, 100, "127.0.0.1:1", "GET", "/ready"); // 10
    program.create(50, 51, 0x10);
    program.leave_request(50, 100);
    program.enter_request(50, 100, "127.0.0.1:2", "GET", "/unrelated"); // 40
    program.leave_request(50, 100);
    let mut tracer = program.tracer();
    assert_eq!(observe(&mut tracer, 0, 95).scopes.len(), 2);
    program.records.clear();
    program.wait(100);
    program.enter(51, 100, 0, "", 0);
    program.create(51, 52, 0x10);
    program.end(51);
    for record in &program.records {
        tracer.feed(record).unwrap();
    }
    let seen = observe(&mut tracer, 100, 999);
    assert_eq!(lines(&seen), [r#"0 g51 f("", 0) unwound for r0"#]);
    assert_eq!(seen.scopes[0].name(), "GET /ready");
    assert_eq!(seen.scopes.len(), 1);
    let goids: Vec<Goid> = seen.goroutines.iter().map(|g| g.goid).collect();
    assert_eq!(
        goids,
        [Goid(50), Goid(51), Goid(52)],
        "ancestors are told too"
    );
    assert!(tracer.goroutines.ended.is_empty());
}

#[test]
fn each_hit_costs_what_its_site_does() {
    let mut program = Program::new(&["f", "g"]);
    for (cost, site) in program.costs.iter_mut().zip(&program.plan.sites) {
        let enters = site
            .roles
            .iter()
            .any(|role| matches!(role, Role::Entry { .. }));
        *cost = Nanoseconds(if enters { 900 } else { 16_000 });
    }
    program.enter(1, 100, 0, "", 0); // 10
    program.enter(1, 164, 1, "", 0); // 20
    program.enter(2, 100, 1, "", 0); // 30, of another goroutine
    program.leave(1, 164, 1, ""); // 40
    program.leave(1, 100, 0, ""); // 50
    let mut tracer = program.tracer();
    let seen = observe(&mut tracer, 0, 45);
    let own: Vec<u64> = seen.calls.iter().map(|call| call.own_cost.0).collect();
    assert_eq!(own, [16_900, 0, 0]);
    let hits = |seen: &Observation| -> Vec<_> {
        let hits = seen.hits.iter();
        hits.map(|hit| (hit.time.0, hit.cost.0)).collect()
    };
    assert_eq!(hits(&seen), [(10, 900), (20, 900), (30, 900), (40, 16_000)]);
    assert_eq!(hits(&observe(&mut tracer, 46, 99)), [(50, 16_000)]);
}

#[test]
fn running_calls_tell_their_cost_so_far() {
    let mut program = Program::new(&["f"]);
    program.enter(1, 100, 0, "", 0);
    program.enter(1, 164, 0, "", 0);
    program.leave(1, 164, 0, "");
    let seen = program.observe();
    assert_eq!(seen.calls[0].own_cost.0, 2);
}

#[test]
fn a_call_that_is_open_at_an_earlier_look_costs_what_it_does_without_one() {
    let mut program = Program::new(&["f"]);
    program.costs.fill(Nanoseconds(100));
    program.enter(1, 100, 0, "before", 0); // 10
    program.leave(1, 100, 0, ""); // 20
    program.enter(1, 100, 0, "open", 0); // 30
    program.enter(1, 164, 0, "within", 0); // 40
    program.leave(1, 164, 0, ""); // 50
    let mut tracer = program.tracer_with_edges();
    assert_eq!(observe(&mut tracer, 0, 25).calls.len(), 1);
    program.records.clear();
    program.leave(1, 100, 0, ""); // 60
    for record in &program.records {
        tracer.feed(record).unwrap();
    }
    let seen = observe(&mut tracer, 26, 99);
    let own: Vec<u64> = seen.calls.iter().map(|call| call.own_cost.0).collect();
    assert_eq!(
        own,
        [300, 100],
        "the two hits within, and one for both ends"
    );
}

#[test]
fn a_call_that_runs_tells_of_its_entry_too_what_that_cost() {
    let mut program = Program::new(&["f"]);
    program.costs.fill(Nanoseconds(100));
    program.enter(1, 100, 0, "", 0);
    program.enter(1, 164, 0, "", 0);
    program.leave(1, 164, 0, "");
    let mut tracer = program.tracer_with_edges();
    let seen = observe(&mut tracer, 0, 99);
    assert_eq!(seen.calls[0].outcome, Outcome::Running);
    assert_eq!(seen.calls[0].own_cost, Nanoseconds(300));
}
