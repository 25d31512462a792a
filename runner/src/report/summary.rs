//! A run in numbers.

use std::{fmt, time::Duration};

use super::{ExitCode, TestOutcome};

/// How many tests went how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Tests whose expectations all hold.
    pub passed: usize,
    /// Tests with an expectation that does not hold.
    pub failed: usize,
    /// Tests with an expectation that could not be decided, and none that fails.
    pub inconclusive: usize,
    /// Tests that could not be run.
    pub could_not_run: usize,
    /// Specs that do not fit their program, none of whose tests was run.
    pub wrong_specs: usize,
    /// Data races that were reported after the last test of a process that several tests shared.
    pub late_races: u64,
    /// How long the run took.
    pub duration: Duration,
}

impl Summary {
    /// Counts a test.
    pub const fn add(&mut self, outcome: TestOutcome) {
        match outcome {
            TestOutcome::Passed => self.passed += 1,
            TestOutcome::Failed => self.failed += 1,
            TestOutcome::Inconclusive => self.inconclusive += 1,
            TestOutcome::CouldNotRun => self.could_not_run += 1,
        }
    }

    /// The number of tests.
    #[must_use]
    pub const fn tests(&self) -> usize {
        self.passed + self.failed + self.inconclusive + self.could_not_run
    }

    /// What to say to the shell.
    #[must_use]
    pub const fn exit(&self) -> ExitCode {
        if self.wrong_specs > 0 {
            ExitCode::Usage
        } else if self.failed > 0 || self.late_races > 0 {
            ExitCode::Failed
        } else if self.could_not_run > 0 {
            ExitCode::CouldNotRun
        } else if self.inconclusive > 0 {
            ExitCode::Inconclusive
        } else {
            ExitCode::Passed
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tests = self.tests();
        let noun = if tests == 1 { "test" } else { "tests" };
        let Self {
            passed,
            failed,
            inconclusive,
            could_not_run,
            wrong_specs,
            late_races,
            duration,
        } = self;
        write!(
            f,
            "{tests} {noun}: {passed} passed, {failed} failed, {inconclusive} inconclusive"
        )?;
        if *could_not_run > 0 {
            write!(f, ", {could_not_run} could not run")?;
        }
        match wrong_specs {
            0 => {}
            1 => f.write_str("; 1 spec is wrong, its tests were not run")?,
            several => write!(f, "; {several} specs are wrong, their tests were not run")?,
        }
        match late_races {
            0 => {}
            1 => f.write_str("; 1 data race after the last test")?,
            several => write!(f, "; {several} data races after the last test")?,
        }
        write!(f, "  ({:.1} s)", duration.as_secs_f64())
    }
}
