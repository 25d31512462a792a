//! `goproctor replay`

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use spec::Source;
use trace::recording::Recording;

use super::{Failure, arguments::ReplayArguments, discovery, run_round, screen::Screen};
use crate::{
    report::{ExitCode, Run},
    session,
};

/// Judges a recorded session again.
///
/// # Errors
/// The recording or the spec can't be read or are wrong.
pub(super) fn run(arguments: &ReplayArguments) -> Result<ExitCode, Failure> {
    replay(arguments).inspect_err(|failure| arguments.display.tell(failure))
}

fn replay(arguments: &ReplayArguments) -> Result<ExitCode, Failure> {
    let screen = Screen::detect();
    let wrong = |error: trace::recording::RecordingError| Failure::usage(error.to_string());
    let recording = Recording::open(&arguments.recording).map_err(wrong)?;
    let spec = match (&arguments.spec, &recording.header().spec) {
        (Some(path), _) => spec::read(path)?,
        (None, Some(recorded)) => {
            let used = recorded.used.iter();
            let used = used.map(|used| (PathBuf::from(&used.name), used.text.as_str()));
            let path = place(&arguments.recording, &recorded.name);
            spec::parse(Source::with_used(path, &recorded.text, used))?
        }
        (None, None) => {
            return Err(Failure::usage(
                "the recording has no spec: name one with --spec",
            ));
        }
    };
    let specs = [spec];
    let selected = run_round::select(&specs, &arguments.selection)?;
    let mut reported = Run::new(arguments.display.displays(&screen)?);
    reported.started(selected.iter().map(|(_, tests)| tests.len()).sum())?;
    let mut took = Duration::ZERO;
    for (spec, tests) in &selected {
        for test in tests {
            reported.test_started(&spec.source, &test.name.value)?;
            let report = session::replay(spec, test, &recording)?;
            took += report.duration;
            reported.test_ended(&report)?;
        }
    }
    Ok(reported.ended(took)?)
}

/// Where the recorded spec is, which has the snapshots beside it: beside the recording, in the current folder, or the one
/// place below it that has a spec of that name.
fn place(recording: &Path, name: &str) -> PathBuf {
    let beside = recording.with_file_name(name);
    let here = PathBuf::from(name);
    if let Some(found) = [&beside, &here].into_iter().find(|path| path.is_file()) {
        return found.clone();
    }
    let mut below = discovery::specs(&[".".into()]).unwrap_or_default();
    below.retain(|path| path.file_name() == here.file_name());
    match <[PathBuf; 1]>::try_from(below) {
        Ok([found]) => found,
        Err(_) => beside,
    }
}
