//! Live tests of the process under test: real processes, real signals, real users.
//!
//! The test program is also each of the others that take part: goproctor's supervisor, a goproctor that is
//! killed, a program that gets ready late. Which one it is says its first argument (see [`actor`]).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod actor;
mod life;
mod privilege;
mod ready;
mod stage;

use std::{panic, process::ExitCode, time::Instant};

/// A test: its name and what it does.
type Test = (&'static str, fn());

fn main() -> ExitCode {
    if let Some(code) = actor::perform() {
        return code;
    }
    // The one flag of libtest that takes part here: `cargo test -p goproctor --test target -- WORD…`.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let all = [life::TESTS, ready::TESTS, privilege::TESTS].concat();
    let chosen: Vec<Test> = all
        .into_iter()
        .filter(|(name, _)| words.is_empty() || words.iter().any(|word| name.contains(word)))
        .collect();
    println!("\nrunning {} tests", chosen.len());
    let mut failed = Vec::new();
    for (name, test) in &chosen {
        let begin = Instant::now();
        let passed = panic::catch_unwind(test).is_ok();
        let verdict = if passed { "ok" } else { "FAILED" };
        println!("test {name} ... {verdict} ({:.2?})", begin.elapsed());
        if !passed {
            failed.push(*name);
        }
    }
    if !failed.is_empty() {
        println!("\nfailures:\n    {}", failed.join("\n    "));
    }
    let verdict = if failed.is_empty() { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {verdict}. {} passed; {} failed; 0 ignored; 0 measured\n",
        chosen.len() - failed.len(),
        failed.len()
    );
    ExitCode::from(u8::from(!failed.is_empty()))
}
