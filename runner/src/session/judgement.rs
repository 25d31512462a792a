//! From what a test brought to its report: expectations, then the snapshot.

use std::time::Duration;

use judge::expect::{self, Failure, FailureKind, Finding, Unanswered, Verdict};
use spec::{
    Span, Spanned, Spec, SpecErrors,
    document::{GoTestName, Test},
};

use super::{SessionError, TestRun, held::Held, snapshot_mode::SnapshotMode};
use crate::report::TestReport;

/// Judges a test that was run.
///
/// # Errors
/// A snapshot can't be read or written.
pub fn judge(
    spec: &Spec,
    test: &Test,
    ran: TestRun,
    mode: SnapshotMode,
    duration: Duration,
) -> Result<TestReport, SessionError> {
    judge_looked_at_again(spec, test, ran, None, mode, duration)
}

/// Judges a test that was run, and says which values of a new snapshot were others when it was run again.
///
/// # Errors
/// A snapshot can't be read or written.
pub(crate) fn judge_looked_at_again(
    spec: &Spec,
    test: &Test,
    ran: TestRun,
    again: Option<&TestRun>,
    mode: SnapshotMode,
    duration: Duration,
) -> Result<TestReport, SessionError> {
    let mut verdicts = expect::judge(spec, test, &ran.evidence);
    let (mut accepted, mut new_snapshot, mut snapshot_notes) = (None, None, Vec::new());
    if let Some(wanted) = test.snapshot.as_ref().filter(|wanted| wanted.value) {
        let held = Held {
            spec,
            ran: &ran,
            again,
            mode,
            wrong: wrong(&verdicts, ran.died.as_deref()),
        };
        let judged = held.judge()?;
        verdicts.push(verdict(wanted.span.clone(), judged.finding));
        (accepted, new_snapshot) = (judged.accepted, judged.new);
        snapshot_notes = judged.notes;
    }
    Ok(TestReport {
        accepted,
        new_snapshot,
        snapshot_notes,
        spec: spec.source.clone(),
        name: ran.name,
        place: Some(test.name.span.clone()),
        verdicts,
        unanswered: Unanswered::of(spec, test, &ran.evidence),
        evidence: ran.evidence,
        output: ran.output,
        setting_uses: ran.setting_uses,
        panics: ran.panics,
        substitutions: ran.substitutions,
        duration,
        could_not_run: ran.died,
        wrong_spec: None,
        attempt: 1,
        other_attempts: Vec::new(),
    })
}

/// What does not hold or could not be decided, in few words; empty where all holds.
fn wrong(verdicts: &[Verdict], died: Option<&str>) -> String {
    if let Some(died) = died {
        return died.lines().next().unwrap_or_default().to_owned();
    }
    let count = |holds: Option<bool>| {
        let findings = verdicts.iter().map(|verdict| verdict.finding.holds());
        findings.filter(|finding| *finding == holds).count()
    };
    let all = verdicts.len();
    match (count(Some(false)), count(None)) {
        (0, 0) => String::new(),
        (0, 1) => format!("1 of {all} expectations could not be decided"),
        (0, undecided) => format!("{undecided} of {all} expectations could not be decided"),
        (1, _) => format!("1 of {all} expectations does not hold"),
        (failed, _) => format!("{failed} of {all} expectations do not hold"),
    }
}

/// The report of a test that could not be run.
#[must_use]
pub fn could_not_run(
    spec: &Spec,
    test: &Test,
    error: &SessionError,
    duration: Duration,
) -> TestReport {
    let reason = match error {
        SessionError::Before { span, message } => {
            let (line, column) = spec.source.position(span.start);
            let path = spec.source.path.display();
            format!("{path}:{line}:{column}: {message}")
        }
        error => error.to_string(),
    };
    TestReport {
        place: Some(test.name.span.clone()),
        duration,
        could_not_run: Some(reason),
        ..TestReport::new(spec.source.clone(), &test.name.value)
    }
}

/// The report of a test that is not run because of these errors of its spec.
#[must_use]
pub(crate) fn wrong_spec(spec: &Spec, test: &Test, errors: SpecErrors) -> TestReport {
    TestReport {
        place: Some(test.name.span.clone()),
        wrong_spec: Some(errors),
        ..TestReport::new(spec.source.clone(), &test.name.value)
    }
}

/// The report of a test of Go tests whose Go test did not run although it should have.
#[must_use]
pub(super) fn did_not_run(
    spec: &Spec,
    test: &Test,
    wanted: &Spanned<GoTestName>,
    what: &str,
) -> TestReport {
    let failure = Failure::new(FailureKind::Missing, what);
    TestReport {
        verdicts: vec![Verdict::new(
            wanted.span.clone(),
            "go-test".to_owned(),
            Finding::Failed(failure),
        )],
        ..TestReport::new(spec.source.clone(), &test.name.value)
    }
}

fn verdict(span: Span, finding: Finding) -> Verdict {
    Verdict::new(span, "snapshot".to_owned(), finding)
}
