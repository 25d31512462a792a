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

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// A test: its name and what it does.
type Test = (&'static str, fn());

fn main() -> ExitCode {
    if let Some(code) = actor::perform() {
        return code;
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(1);
    let all = [life::TESTS, ready::TESTS, privilege::TESTS].concat();
    let trials = all.into_iter().map(|(name, test): Test| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}
