//! A comparison in numbers.

use std::{fmt::Write as _, time::Duration};

use model::Nanoseconds;
use serde_json::{Value as Json, json};

use super::ExitCode;
use crate::worlds::ComparedTest;

/// How many tests differ.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ComparisonSummary {
    tests: usize,
    differing: usize,
    differences: usize,
    /// Tests that could not be run on both sides.
    could_not_run: usize,
    /// Tests of which not all was seen, and in which nothing differs.
    undecided: usize,
    /// Functions that became slower or faster by themselves.
    pub(crate) slower: usize,
    /// Specs that could not be run on a side.
    pub(crate) refused: usize,
}

impl ComparisonSummary {
    /// Counts a test.
    pub(crate) fn add(&mut self, test: &ComparedTest) {
        self.tests += 1;
        self.differences += test.comparison.differences.len();
        if test.differs() {
            self.differing += 1;
        } else if !test.has_run() {
            self.could_not_run += 1;
        } else if test.comparison.doubt.is_some() {
            self.undecided += 1;
        }
    }

    /// What to say to the shell: 1 where something differs.
    pub(crate) const fn exit(&self) -> ExitCode {
        if self.differing > 0 || self.slower > 0 {
            ExitCode::Failed
        } else if self.could_not_run > 0 || self.refused > 0 {
            ExitCode::CouldNotRun
        } else if self.undecided > 0 {
            ExitCode::Inconclusive
        } else {
            ExitCode::Passed
        }
    }

    /// `2 of 5 tests differ: 3 differences (4.2s)`
    pub(crate) fn line(&self, took: Option<Duration>) -> String {
        let mut line = match (self.differing, self.tests) {
            (0, 1) => "1 test: no difference".to_owned(),
            (0, tests) => format!("{tests} tests: no difference"),
            (1, tests) => format!("1 of {tests} tests differs"),
            (differing, tests) => format!("{differing} of {tests} tests differ"),
        };
        match self.differences {
            0 => {}
            1 => line.push_str(": 1 difference"),
            count => {
                let _ = write!(line, ": {count} differences");
            }
        }
        for (count, what) in [
            (
                self.slower,
                if self.slower == 1 {
                    "function slower or faster"
                } else {
                    "functions slower or faster"
                },
            ),
            (self.undecided, "not seen whole"),
            (self.could_not_run, "not run on both sides"),
        ] {
            if count > 0 {
                let _ = write!(line, ", {count} {what}");
            }
        }
        match self.refused {
            0 => {}
            1 => line.push_str(", 1 spec not run on both sides"),
            count => {
                let _ = write!(line, ", {count} specs not run on both sides");
            }
        }
        if let Some(took) = took {
            let took = Nanoseconds(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
            let _ = write!(line, "  ({})", took.precise());
        }
        line
    }

    /// The last object of a comparison.
    pub(crate) fn json(&self, took: Duration, exit: ExitCode) -> Json {
        json!({
            "event": "diff_end",
            "tests": self.tests,
            "differing": self.differing,
            "differences": self.differences,
            "slower_or_faster": self.slower,
            "could_not_run": self.could_not_run,
            "undecided": self.undecided,
            "specs_not_run": self.refused,
            "seconds": took.as_secs_f64(),
            "exit_code": exit.code(),
        })
    }
}
