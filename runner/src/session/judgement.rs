//! From what a test brought to its report: expectations, then the snapshot.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use judge::{
    expect::{self, Failure, FailureKind, Finding, Unanswered, Verdict},
    snapshot::{self, Comparison, Store},
};
use spec::{
    Span, Spanned, Spec, SpecErrors,
    document::{GoTestName, Test},
};

use super::{SessionError, TestRun};
use crate::report::TestReport;

/// What to do with snapshots that are new or differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotMode {
    /// They are written beside the accepted ones, to be looked at.
    Propose,
    /// They are accepted.
    Accept,
    /// Nothing is written, and a missing one is a failure: in CI.
    ReadOnly,
    /// The same for a recording, whose spec may be elsewhere.
    Replay,
    /// The same where the program is not built and run as its spec says, so that nothing is to be accepted.
    OtherWorld,
}

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
    let mut verdicts = expect::judge(spec, test, &ran.evidence);
    let mut accepted = None;
    if let Some(wanted) = test.snapshot.as_ref().filter(|wanted| wanted.value) {
        let passes = |verdict: &Verdict| matches!(verdict.finding, Finding::Passed { .. });
        let all_pass = ran.died.is_none() && verdicts.iter().all(passes);
        let held = Held {
            spec,
            ran: &ran,
            mode,
            all_pass,
        };
        let finding = held.judge(&mut accepted)?;
        verdicts.push(verdict(wanted.span.clone(), finding));
    }
    Ok(TestReport {
        accepted,
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

/// The snapshots of a spec.
#[must_use]
pub fn store(spec: &Spec, mode: SnapshotMode) -> Store {
    let read_only = match mode {
        SnapshotMode::Propose | SnapshotMode::Accept => false,
        SnapshotMode::ReadOnly | SnapshotMode::Replay | SnapshotMode::OtherWorld => true,
    };
    Store::new(&spec.folder(), &spec.source.stem())
        .read_only(read_only)
        .of_go_tests(spec.is_of_go_tests())
}

fn verdict(span: Span, finding: Finding) -> Verdict {
    Verdict::new(span, "snapshot".to_owned(), finding)
}

/// A test that a snapshot holds, and what was seen of it.
struct Held<'a> {
    spec: &'a Spec,
    ran: &'a TestRun,
    mode: SnapshotMode,
    /// Whether all its expectations hold. Otherwise its snapshot is not accepted.
    all_pass: bool,
}

impl Held<'_> {
    /// Compares with the accepted snapshot. Puts the file that was accepted into `accepted`, if one was.
    fn judge(&self, accepted: &mut Option<PathBuf>) -> Result<Finding, SessionError> {
        if let Some(doubt) = expect::doubt(&self.ran.evidence) {
            return Ok(Finding::Inconclusive(doubt));
        }
        let hidden = self.hidden_labels();
        let text = snapshot::render(&self.ran.evidence, &hidden, &self.ran.substitutions);
        let store = store(self.spec, self.mode);
        let name = &self.ran.name;
        let comparison = store.compare(name, &text)?;
        let passed = |basis: String| Finding::Passed { basis };
        Ok(match (comparison, self.mode) {
            (Comparison::Same, _) => passed("same".to_owned()),
            (Comparison::Missing | Comparison::Different { .. }, SnapshotMode::Accept)
                if self.all_pass =>
            {
                store.write_new(name, &text)?;
                let path = accepted.insert(store.accept(name)?);
                passed(format!("accepted: {}", path.display()))
            }
            (Comparison::Missing, SnapshotMode::ReadOnly) => {
                missing(&store.path(name), "in CI no snapshot is written")
            }
            (Comparison::Missing, SnapshotMode::Replay) => missing(
                &store.path(name),
                "if the spec is in another folder, name it with --spec PATH",
            ),
            (Comparison::Missing, SnapshotMode::OtherWorld) => missing(
                &store.path(name),
                "accept it first, with `goproctor run --accept`, or `goproctor test --accept` for a Go test",
            ),
            (Comparison::Missing, SnapshotMode::Propose | SnapshotMode::Accept) => {
                store.write_new(name, &text)?;
                passed(format!("new: {}", self.review(&store)))
            }
            (Comparison::Different { diff }, _) => {
                let mut notes: Vec<String> = diff.lines().map(ToOwned::to_owned).collect();
                if store.write_new(name, &text)?.is_some() {
                    notes.push(format!("new snapshot: {}", self.review(&store)));
                }
                Finding::Failed(Failure {
                    notes,
                    ..Failure::new(FailureKind::Snapshot, "differs from the accepted snapshot")
                })
            }
        })
    }

    /// The labels whose functions are left out: globs, and what is watched besides the spec.
    fn hidden_labels(&self) -> Vec<&str> {
        let labels = self.ran.evidence.observation.labels.iter();
        let names = labels.map(|label| label.name.as_str());
        let is_shown = |name: &str| {
            let function = self.spec.function(name);
            function.is_some_and(|function| !function.is_glob())
        };
        names.filter(|name| !is_shown(name)).collect()
    }

    /// What to do with a new snapshot.
    fn review(&self, store: &Store) -> String {
        let path = store.new_path(&self.ran.name);
        let path = path.display();
        match self.mode {
            SnapshotMode::Accept => {
                format!("{path} is not accepted, because not all expectations of this test hold")
            }
            _ => format!("review {path}, then run again with --accept"),
        }
    }
}

fn missing(path: &Path, advice: &str) -> Finding {
    Finding::Failed(Failure {
        notes: vec![format!("{} is missing; {advice}", path.display())],
        ..Failure::new(FailureKind::Snapshot, "there is no snapshot")
    })
}
