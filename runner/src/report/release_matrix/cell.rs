//! How a spec did with a Go release.

use judge::expect::{FailureKind, Finding};
use spec::document::Test;

use super::super::{ExitCode, Summary, TestOutcome, TestReport, go_test::first_wrong_lines};

/// How many lines are kept of what is wrong with a test.
const LINES_KEPT: usize = 12;

/// How a spec did with a Go release.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    /// Its tests, or the runs of its Go tests, in numbers.
    pub(crate) summary: Summary,
    /// What is wrong with those that did not pass.
    pub(super) findings: Vec<CellFinding>,
    /// The tests whose Go tests did not run: they were skipped, or are not there.
    pub(super) not_run: Vec<String>,
    /// Whether it was judged once more alone, since a bound on time did not hold beside others.
    pub(super) was_alone: bool,
}

/// What is wrong with a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CellFinding {
    /// Its name; none if no test could be run.
    pub(super) test: Option<String>,
    pub(super) outcome: TestOutcome,
    /// What does not hold, and what was seen instead.
    pub(super) lines: Vec<String>,
}

impl Cell {
    /// A spec whose tests were run.
    pub(crate) fn of(reports: &[TestReport], tests: &[&Test]) -> Self {
        let mut cell = Self::default();
        for report in reports {
            cell.summary.add(report.outcome());
            cell.findings.extend(finding(report));
        }
        let not_run = tests.iter().filter(|test| {
            let go_test = test.go_test.as_ref();
            let mut reports = reports.iter();
            go_test.is_some_and(|go_test| {
                !reports.any(|report| {
                    go_test.value.matches(&report.name) || report.name == test.name.value
                })
            })
        });
        cell.not_run = not_run.map(|test| test.name.value.clone()).collect();
        cell
    }

    /// A spec of which none of so many tests could be run.
    pub(crate) fn could_not_run(tests: usize, reason: &str) -> Self {
        Self::without_a_test(
            TestOutcome::CouldNotRun,
            reason,
            Summary {
                could_not_run: tests,
                ..Summary::default()
            },
        )
    }

    /// A spec that does not fit its program, so that none of so many tests can be run.
    pub(crate) fn wrong_spec(tests: usize, errors: &str) -> Self {
        Self::without_a_test(
            TestOutcome::WrongSpec,
            errors,
            Summary {
                wrong_specs: 1,
                wrong_spec_tests: tests,
                ..Summary::default()
            },
        )
    }

    fn without_a_test(outcome: TestOutcome, reason: &str, summary: Summary) -> Self {
        // What go says while it works is not why it failed.
        let lines = reason.lines().filter(|line| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with("go: downloading ")
        });
        Self {
            summary,
            findings: vec![CellFinding {
                test: None,
                outcome,
                lines: kept(lines.map(str::to_owned).collect()),
            }],
            ..Self::default()
        }
    }

    /// The same, of tests that were run once more alone.
    pub(crate) fn alone(self) -> Self {
        Self {
            was_alone: true,
            ..self
        }
    }

    /// The outcome of the whole, by the order of exit codes.
    pub(super) const fn outcome(&self) -> TestOutcome {
        match self.summary.exit() {
            ExitCode::Passed => TestOutcome::Passed,
            ExitCode::Failed => TestOutcome::Failed,
            ExitCode::Usage => TestOutcome::WrongSpec,
            ExitCode::CouldNotRun => TestOutcome::CouldNotRun,
            ExitCode::Inconclusive => TestOutcome::Inconclusive,
        }
    }
}

/// Whether a test fails for nothing but a bound on time: what runs beside it may have made it late.
pub(crate) fn is_late(report: &TestReport) -> bool {
    let failures = report
        .verdicts
        .iter()
        .filter_map(|verdict| match &verdict.finding {
            Finding::Failed(failure) => Some(failure.kind),
            Finding::Passed { .. } | Finding::Inconclusive(_) => None,
        });
    let mut kinds = failures.peekable();
    report.outcome() == TestOutcome::Failed
        && kinds.peek().is_some()
        && kinds.all(|kind| matches!(kind, FailureKind::Latency | FailureKind::Timeout))
}

fn finding(report: &TestReport) -> Option<CellFinding> {
    let outcome = report.outcome();
    (outcome != TestOutcome::Passed).then(|| CellFinding {
        test: Some(report.name.clone()),
        outcome,
        lines: kept(first_wrong_lines(report)),
    })
}

/// The first lines, and how many more there are.
fn kept(mut lines: Vec<String>) -> Vec<String> {
    if let Some(more @ 2..) = lines.len().checked_sub(LINES_KEPT - 1) {
        lines.truncate(LINES_KEPT - 1);
        lines.push(format!("… {more} more lines"));
    }
    lines
}
