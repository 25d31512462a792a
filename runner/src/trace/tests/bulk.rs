//! How much memory a call takes, and how fast records are taken in.

use std::time::Instant;

use super::program::{Program, observe};
use crate::model::{Call, Value};

/// Bytes that the allocator gives for a request of so many (glibc: 8 of its own, multiples of 16, at least 32).
fn allocated(bytes: usize) -> usize {
    (bytes + 8).next_multiple_of(16).max(32)
}

#[test]
fn a_million_calls_with_a_string_and_two_integers_fit_in_300_megabytes() {
    let arguments = allocated(3 * size_of::<Value>());
    let text = allocated("GopherCon 2021".len());
    let call = size_of::<Call>() + arguments + text;
    assert!(
        call * 1_000_000 <= 300_000_000,
        "{call} bytes a call: {} itself, {arguments} for its arguments, {text} for the text",
        size_of::<Call>()
    );
}

/// Ten goroutines that call `outer` and in it `inner` ten times, over and over.
#[test]
fn records_are_taken_in_fast() {
    let mut program = Program::new(&["outer", "inner"]);
    for goid in 1..=10 {
        program.enter(goid, 100, 0, "GopherCon 2021", 2021);
        for _ in 0..10 {
            program.enter(goid, 164, 1, "GopherCon 2021", 2021);
            program.leave(goid, 164, 1, "");
        }
        program.leave(goid, 100, 0, "");
    }
    let mut tracer = program.tracer();
    observe(&mut tracer);
    let rounds = if cfg!(debug_assertions) { 50 } else { 5_000 };
    let begin = Instant::now();
    for _ in 0..rounds {
        for record in &program.records {
            tracer.feed(record).unwrap();
        }
    }
    let took = begin.elapsed();
    let fed = rounds * program.records.len();
    let seen = observe(&mut tracer);
    assert_eq!(seen.calls.len() * 2, fed);
    let rate = fed as f64 / took.as_secs_f64();
    println!(
        "{fed} records in {took:?}: {rate:.0} a second, {} calls held",
        seen.calls.len()
    );
    if !cfg!(debug_assertions) {
        assert!(rate > 1_000_000.0, "{rate:.0} records a second");
    }
}
