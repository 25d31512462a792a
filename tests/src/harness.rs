//! Runs tests that need a whole process to themselves: goproctor as a library starts its own executable again as
//! the supervisor of the program under test, which libtest's `main` would not let it do. They take libtest's arguments, and
//! run one after the other.
//!
//! ```no_run
//! fn passes() {}
//!
//! fn main() -> std::process::ExitCode {
//!     goproctor_tests::harness::main(&[("passes", passes as fn())])
//! }
//! ```

use std::{env, path::Path, process::ExitCode, sync::OnceLock};

use goproctor::target::{self, Identity};
use libtest_mimic::{Arguments, Trial};

/// A test: its name and what it does.
pub type Test<'a> = (&'a str, fn());

static STANDING: OnceLock<Identity> = OnceLock::new();

/// Runs the tests that the command line asks for, all of them if it does not.
#[must_use]
pub fn main(tests: &[Test<'_>]) -> ExitCode {
    if target::is_supervisor(env::args_os()) {
        return target::supervise();
    }
    // While there is one thread.
    match target::settle(None, Path::new(env!("CARGO_MANIFEST_DIR")), &kernel::kept()) {
        Ok(identity) => STANDING.get_or_init(|| identity),
        Err(error) => {
            eprintln!("the tests can't settle: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(1);
    let trials = tests.iter().map(|&(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// Who the tests and the programs that they start run as.
///
/// # Panics
/// [`main`] did not start this test.
#[must_use]
#[expect(clippy::expect_used, reason = "a test of another harness must fail")]
pub fn identity() -> &'static Identity {
    STANDING.get().expect("the test runs under harness::main")
}
