//! The matrix as JSON lines (docs/json.md): one when it begins, one for each cell as it is done, one at the end.

use std::time::Duration;

use golang::GoRelease;
use serde_json::{Value, json};

use super::{super::TestOutcome, Cell, ReleaseMatrix};

/// The version of the format.
const VERSION: u32 = 1;

/// What is run.
pub(crate) fn start_line(matrix: &ReleaseMatrix) -> Value {
    let releases: Vec<&str> = matrix.releases.iter().map(GoRelease::as_str).collect();
    let specs: Vec<&str> = matrix.rows.iter().map(|row| row.spec.as_str()).collect();
    json!({ "event": "matrix_start", "version": VERSION, "releases": releases, "specs": specs })
}

/// How a spec did with a release.
pub(crate) fn cell_line(spec: &str, release: &GoRelease, cell: &Cell) -> Value {
    let findings = cell.findings.iter().map(|finding| {
        let mut line = json!({ "outcome": finding.outcome, "lines": finding.lines });
        if let (Some(test), Some(object)) = (&finding.test, line.as_object_mut()) {
            object.insert("test".to_owned(), json!(test));
        }
        line
    });
    json!({
        "event": "cell",
        "spec": spec,
        "release": release.as_str(),
        "outcome": cell.outcome(),
        "tests": cell.summary.tests(),
        "passed": cell.summary.passed,
        "failed": cell.summary.failed,
        "inconclusive": cell.summary.inconclusive,
        "could_not_run": cell.summary.could_not_run,
        "wrong_spec": cell.summary.wrong_spec_tests,
        "late_races": cell.summary.late_races,
        "not_run": cell.not_run,
        "findings": findings.collect::<Vec<_>>(),
        "alone": cell.was_alone,
        "seconds": cell.summary.duration.as_secs_f64(),
    })
}

/// The whole in numbers.
pub(crate) fn end_line(matrix: &ReleaseMatrix, took: Duration) -> Value {
    json!({
        "event": "matrix_end",
        "cells": matrix.cells().count(),
        "passed": matrix.count(TestOutcome::Passed),
        "failed": matrix.count(TestOutcome::Failed),
        "inconclusive": matrix.count(TestOutcome::Inconclusive),
        "could_not_run": matrix.count(TestOutcome::CouldNotRun),
        "wrong_spec": matrix.count(TestOutcome::WrongSpec),
        "seconds": took.as_secs_f64(),
        "exit_code": matrix.exit().code(),
    })
}
