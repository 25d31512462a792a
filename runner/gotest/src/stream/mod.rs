//! Rewrites what a Go test binary prints, so that a test whose behaviour was not as expected fails as if it had called
//! `t.Errorf`: no extra test, so counts, `-run`, reruns and names in reports stay as they are.
//!
//! A [`Rewriter`] stands between the binary and `go test`. It asks [`Verdicts`] where the binary reports the end of a
//! test, and the [`Mode`] says what such reports look like:
//!
//! | mode | the verdict's lines | the reports |
//! |---|---|---|
//! | plain | below the test's `--- FAIL` line, four spaces a level | only failures are printed; those that only verdicts know come before the last line |
//! | `-v` | before the top-level test's report, below `=== NAME` (`=== CONT` to Go 1.19) | the top-level line first, then its subtests, indented |
//! | `-test.v=test2json` | before the test's own report, below `^V=== NAME` | one a test, subtests first, never indented |
//!
//! In the last mode, from Go 1.25 on, a failing verdict's places come first, as an attribute of the test:
//! `^V=== ATTR  TestX goproctor.spec shop.proctor.toml:9`.
//!
//! Where goproctor left artifacts of a run, `=== ARTIFACTS TestX DIRECTORY` comes before the report of the test's end, in `-v` of the
//! top-level test's; in plain mode there is no such line, as testing has none there.
//!
//! The last line, `PASS`, becomes `FAIL` once a verdict failed. All other bytes pass unchanged and at once.
//!
//! # Known limits
//! - A test may print a line that looks like the report of a real test. If that test has not ended, the source of
//!   verdicts has none to give and the line passes. If it has ended (a parallel one), the fake line gets the verdict
//!   and the real one passes unchanged. The summary is right in both cases, so the run fails as it must.
//! - Which test is above which is read from names. A failure of `TestX/a/b` also fails `TestX/a` when `a/b` is the name
//!   of one subtest, beside `a`.
//! - In plain mode, a test that prints a line `PASS` gets the failures so far before it, and `FAIL` in its place. In
//!   verbose mode it passes, as the last line comes after all reports; a line `=== RUN   TestFake` without its report
//!   makes the real one pass too, and `FAIL` follows at the end.
//! - A verdict that comes after its test was reported is printed before the last line, as one more report of the test.
//! - When the last test prints no newline at its end, `PASS` is not on a line of its own. It stays, and `FAIL` follows.

mod json;
mod line;
mod mode;
mod plain;
mod printer;
mod rewriter;
mod scanner;
mod tree;
mod verbose;
mod verdict;

#[cfg(test)]
mod tests;

pub use mode::Mode;
pub use rewriter::Rewriter;
pub use verdict::{Outcome, Summary, Verdict, Verdicts};
