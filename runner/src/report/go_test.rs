//! What does not hold in a Go test, as lines for its own output: as `t.Errorf` would print it.

use judge::expect::{Finding, Verdict};
use model::CallId;

use super::{
    TestOutcome, TestReport,
    finding::finding_lines,
    tree::{TreeOptions, TreeScope, tree},
};

/// The lines of a report that does not pass, without indentation of their own; none of one that passes. `width` is about how wide
/// they may be, in columns.
///
/// ```text
/// shop.proctor.toml:9: calls of publish: want 2, got 1
///     g7  Checkout(…) → 60       12µs  shop.go:20
///         ├ …
/// ```
#[must_use]
pub(crate) fn go_test_lines(report: &TestReport, width: usize) -> Vec<String> {
    if report.outcome() == TestOutcome::Passed {
        return Vec::new();
    }
    let mut lines = Vec::new();
    if let Some(errors) = &report.wrong_spec {
        let text = errors.render(false, true, width);
        lines.extend(text.lines().map(str::to_owned));
        return lines;
    }
    if let Some(reason) = &report.could_not_run {
        lines.extend(reason.lines().map(|line| format!("goproctor: {line}")));
        return lines;
    }
    let mut marked = Vec::new();
    for verdict in &report.verdicts {
        if let Finding::Failed(failure) = &verdict.finding {
            marked.extend(failure.call);
        }
        lines.extend(verdict_lines(report, verdict));
    }
    lines.extend(drawn(report, &marked, width));
    lines
}

/// The lines of the first expectation that does not hold, or else that could not be decided, or why the test was not run.
pub(super) fn first_wrong_lines(report: &TestReport) -> Vec<String> {
    if let Some(errors) = &report.wrong_spec {
        return errors.to_string().lines().map(str::to_owned).collect();
    }
    if let Some(reason) = &report.could_not_run {
        return reason.lines().map(str::to_owned).collect();
    }
    let verdicts = report.verdicts.iter();
    let failed = |verdict: &&Verdict| matches!(verdict.finding, Finding::Failed(_));
    let undecided = |verdict: &&Verdict| matches!(verdict.finding, Finding::Inconclusive(_));
    let first = verdicts.clone().find(failed);
    let first = first.or_else(|| verdicts.clone().find(undecided));
    first.map_or_else(Vec::new, |verdict| verdict_lines(report, verdict))
}

/// The lines of an expectation; none if it holds.
fn verdict_lines(report: &TestReport, verdict: &Verdict) -> Vec<String> {
    let mut lines = finding_lines(verdict);
    if let Some(first) = lines.first_mut() {
        *first = format!("{}: {first}", place(report, verdict));
    }
    lines
}

/// The places in the spec of what did not hold or could not be decided, each once.
pub(crate) fn go_test_places(report: &TestReport) -> Vec<String> {
    let verdicts = report.verdicts.iter();
    let wrong = verdicts.filter(|verdict| !matches!(verdict.finding, Finding::Passed { .. }));
    let mut places: Vec<String> = wrong.map(|verdict| place(report, verdict)).collect();
    places.dedup();
    places
}

/// `shop.proctor.toml:9`, as `testing` names files: without their folder.
fn place(report: &TestReport, verdict: &Verdict) -> String {
    let (line, _) = report.spec.position(verdict.span.start);
    format!("{}.proctor.toml:{line}", report.spec.stem())
}

/// All calls of the test, as a tree.
pub(crate) fn go_test_tree(report: &TestReport, width: usize) -> String {
    drawn(report, &[], width).join("\n")
}

/// The calls of the test.
fn drawn(report: &TestReport, marked: &[CallId], width: usize) -> Vec<String> {
    let Some(Ok(run)) = report.evidence.scopes.first() else {
        return Vec::new();
    };
    let options = TreeOptions {
        scope: TreeScope::Request(*run),
        marked,
        panics: Some(&report.panics),
        width,
        ..TreeOptions::default()
    };
    let text = tree(&report.evidence.observation, &options);
    text.lines().map(str::to_owned).collect()
}
