//! A thousand mutations of a real binary: each gives a plan or an error, within bounds of time and memory. What a plan must
//! be is said by the fuzz target, which goes on for as long as one likes.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::{
    fs,
    time::{Duration, Instant},
};

use goproctor_tests::fuzz::target;

const MUTATIONS: u64 = 1000;
/// Far more than any takes; a hang would take longer.
const MAX_TIME: Duration = Duration::from_secs(20);
/// The bound of memory, in KiB.
const MAX_MEMORY: u64 = 1 << 20;

/// The most memory that this process ever had, in KiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.unwrap().split_whitespace().nth(1).unwrap();
    number.parse().unwrap()
}

#[test]
fn no_mutation_of_a_binary_does_harm() {
    let hold = target("binaries").unwrap().holds;
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        // xorshift64 (Marsaglia 2003).
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let mut slowest = Duration::ZERO;
    for _ in 0..MUTATIONS {
        let changes = 1 + random() % 8;
        let mut script = Vec::new();
        for _ in 0..changes {
            script.extend(random().to_le_bytes());
            let length = random().to_le_bytes()[0] % 16;
            script.push(length);
            script.extend(random().to_le_bytes());
            script.extend(random().to_le_bytes());
            script.truncate(script.len() + usize::from(length) - 15);
        }
        let begin = Instant::now();
        hold(&script);
        slowest = slowest.max(begin.elapsed());
    }
    println!(
        "{MUTATIONS} mutations: slowest {slowest:?}, peak {} MiB",
        peak() / 1024
    );
    assert!(slowest < MAX_TIME, "{slowest:?}");
    assert!(peak() < MAX_MEMORY, "{} KiB", peak());
}
