//! Runs tests that need a whole process to themselves: goproctor as a library starts its own executable again as
//! the supervisor of the program under test, which libtest's `main` would not let it do.
//!
//! ```no_run
//! fn passes() {}
//!
//! fn main() -> std::process::ExitCode {
//!     goproctor_tests::harness::main(&[("passes", passes as fn())])
//! }
//! ```

use std::{
    env,
    panic::{self, AssertUnwindSafe},
    path::Path,
    process::ExitCode,
    sync::OnceLock,
    time::Instant,
};

use goproctor::target::{self, Standing};

/// A test: its name and what it does.
pub type Test<'a> = (&'a str, fn());

static STANDING: OnceLock<Standing> = OnceLock::new();

/// Runs the tests whose names contain a word of the command line, all of them without one, and closes with
/// libtest's line that counts them.
#[must_use]
pub fn main(tests: &[Test<'_>]) -> ExitCode {
    if target::is_supervisor(env::args_os()) {
        return target::supervise();
    }
    // While there is one thread.
    match target::settle(None, Path::new(env!("CARGO_MANIFEST_DIR")), &kernel::kept()) {
        Ok(standing) => STANDING.get_or_init(|| standing),
        Err(error) => {
            eprintln!("the tests can't settle: {error}");
            return ExitCode::FAILURE;
        }
    };
    let words: Vec<String> = env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let chosen: Vec<&Test<'_>> = tests
        .iter()
        .filter(|(name, _)| words.is_empty() || words.iter().any(|word| name.contains(word)))
        .collect();
    println!("\nrunning {} tests", chosen.len());
    let mut failed = Vec::new();
    for (name, test) in &chosen {
        let begin = Instant::now();
        let passed = panic::catch_unwind(AssertUnwindSafe(test)).is_ok();
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
        "\ntest result: {verdict}. {} passed; {} failed; 0 ignored; 0 measured; {} filtered out\n",
        chosen.len() - failed.len(),
        failed.len(),
        tests.len() - chosen.len()
    );
    ExitCode::from(u8::from(!failed.is_empty()))
}

/// Who the tests and the programs that they start run as.
///
/// # Panics
/// [`main`] did not start this test.
#[must_use]
#[expect(clippy::expect_used, reason = "a test of another harness must fail")]
pub fn standing() -> &'static Standing {
    STANDING.get().expect("the test runs under harness::main")
}
