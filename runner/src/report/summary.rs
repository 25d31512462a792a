//! A run in numbers.

use std::{fmt, time::Duration};

use model::Nanoseconds;

use super::{ExitCode, TestOutcome};

/// How many tests went how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Tests whose expectations all hold.
    pub passed: usize,
    /// Tests that passed in a later attempt alone.
    pub flaky: usize,
    /// Tests with an expectation that does not hold.
    pub failed: usize,
    /// Tests with an expectation that could not be decided, and none that fails.
    pub inconclusive: usize,
    /// Tests that could not be run.
    pub could_not_run: usize,
    /// Specs that are wrong.
    pub wrong_specs: usize,
    /// Tests that were not run because their spec is wrong.
    pub wrong_spec_tests: usize,
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
            TestOutcome::Flaky => self.flaky += 1,
            TestOutcome::Failed => self.failed += 1,
            TestOutcome::Inconclusive => self.inconclusive += 1,
            TestOutcome::CouldNotRun => self.could_not_run += 1,
            TestOutcome::WrongSpec => self.wrong_spec_tests += 1,
        }
    }

    /// Both together; as long as this and then that.
    #[must_use]
    pub(crate) fn with(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            flaky: self.flaky + other.flaky,
            failed: self.failed + other.failed,
            inconclusive: self.inconclusive + other.inconclusive,
            could_not_run: self.could_not_run + other.could_not_run,
            wrong_specs: self.wrong_specs + other.wrong_specs,
            wrong_spec_tests: self.wrong_spec_tests + other.wrong_spec_tests,
            late_races: self.late_races + other.late_races,
            duration: self.duration + other.duration,
        }
    }

    /// The number of tests.
    #[must_use]
    pub const fn tests(&self) -> usize {
        self.passed
            + self.flaky
            + self.failed
            + self.inconclusive
            + self.could_not_run
            + self.wrong_spec_tests
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
            flaky,
            failed,
            inconclusive,
            could_not_run,
            wrong_specs,
            wrong_spec_tests,
            late_races,
            duration,
        } = self;
        write!(f, "{tests} {noun}: {passed} passed")?;
        if *flaky > 0 {
            write!(f, ", {flaky} flaky")?;
        }
        write!(f, ", {failed} failed, {inconclusive} inconclusive")?;
        if *could_not_run > 0 {
            write!(f, ", {could_not_run} could not run")?;
        }
        match wrong_specs {
            0 => {}
            1 => f.write_str("; 1 spec is wrong")?,
            several => write!(f, "; {several} specs are wrong")?,
        }
        match wrong_spec_tests {
            0 => {}
            1 => f.write_str(", 1 test was not run")?,
            several => write!(f, ", {several} tests were not run")?,
        }
        match late_races {
            0 => {}
            1 => f.write_str("; 1 data race after the last test")?,
            several => write!(f, "; {several} data races after the last test")?,
        }
        write!(f, "  ({})", Nanoseconds::from(*duration).brief())
    }
}
