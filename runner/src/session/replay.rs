//! A recorded test judged again: the same records through the same tracer and the same judge.

use std::collections::BTreeMap;

use judge::expect::{Evidence, Finding, Reason, Verdict};
use spec::{Spec, document::Test};
use trace::{Dropped, recording::Recording};

use super::{SessionError, SnapshotMode, judgement, outcome::evidence};
use crate::report::TestReport;

/// Judges a test by what was recorded of it. Snapshots are compared, never written.
///
/// # Errors
/// The recording can't be read.
pub fn replay(spec: &Spec, test: &Test, recording: &Recording) -> Result<TestReport, SessionError> {
    let name = &test.name.value;
    let mut tests = recording.tests().iter();
    let Some(index) = tests.position(|recorded| recorded.begin.name == *name) else {
        return Ok(not_recorded(spec, test));
    };
    let end = &recording.tests()[index].end;
    let observation = recording.observe(index)?;
    let took = end.window.1.since(end.window.0);
    let (exchanges, stubs) = (end.exchanges.clone(), end.stubs.clone());
    let ran = super::TestRun {
        name: name.clone(),
        evidence: Evidence {
            completion: end.completion.clone(),
            races: end.races.clone(),
            carried: end.carried.clone(),
            output: end.output.clone(),
            ending: end.ending.clone(),
            ..evidence(observation, exchanges, stubs, end.timed_out)
        },
        died: None,
        setting_uses: Vec::new(),
        output: Vec::new(),
        panics: BTreeMap::new(),
        substitutions: end.substitutions.clone(),
        dropped: Dropped::default(),
    };
    judgement::judge(spec, test, ran, SnapshotMode::Replay, took.into())
}

fn not_recorded(spec: &Spec, test: &Test) -> TestReport {
    TestReport {
        verdicts: vec![Verdict::new(
            test.name.span.clone(),
            "recorded".to_owned(),
            Finding::Inconclusive(Reason::NotRecorded),
        )],
        ..TestReport::new(spec.source.clone(), &test.name.value)
    }
}
