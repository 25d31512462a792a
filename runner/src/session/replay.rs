//! A recorded test judged again: the same records through the same tracer and the same judge.

use std::{collections::BTreeMap, time::Duration};

use judge::expect::{Finding, Reason, Verdict};
use model::Nanoseconds;
use spec::{Spec, document::Test};
use trace::{Dropped, recording::Recording};

use super::{SessionError, judgement, outcome::evidence};
use crate::report::TestReport;

/// Judges a test by what was recorded of it. Snapshots are compared, never written.
///
/// # Errors
/// The recording can't be read.
pub fn replay(spec: &Spec, test: &Test, recording: &Recording) -> Result<TestReport, SessionError> {
    let name = &test.name.value;
    let Some(index) = recording
        .tests()
        .iter()
        .position(|recorded| recorded.begin.name == *name)
    else {
        return Ok(not_recorded(spec, test));
    };
    let end = &recording.tests()[index].end;
    let observation = recording.observe(index)?;
    let took = end.window.1.since(end.window.0);
    let mut evidence = evidence(
        observation,
        end.exchanges.clone(),
        end.stubs.clone(),
        end.timed_out,
    );
    evidence.completion.clone_from(&end.completion);
    evidence.races.clone_from(&end.races);
    let ran = super::TestRun {
        evidence,
        died: None,
        output: Vec::new(),
        panics: BTreeMap::new(),
        substitutions: end.substitutions.clone(),
        dropped: Dropped::default(),
    };
    judgement::judge(
        spec,
        test,
        ran,
        judgement::SnapshotMode::Replay,
        duration(took),
    )
}

fn duration(time: Nanoseconds) -> Duration {
    time.into()
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
