//! `goproctor run --record-stubs`: what the upstreams of a spec's stubs answered is written as tables for the spec.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use keeper::whole_file::WholeFile;
use model::StubUse;
use spec::Spec;

use super::Failure;
use crate::report::{ExitCode, RecordedStubs};

/// Has the upstreams of the spec's stubs answer in their place.
///
/// # Errors
/// There are several specs, or no stub has an upstream.
pub(super) fn ask_upstreams(specs: &mut [Spec]) -> Result<(), Failure> {
    let [spec] = specs else {
        return Err(Failure::usage(
            "--record-stubs takes exactly one spec: name it",
        ));
    };
    if spec.ask_upstreams() {
        return Ok(());
    }
    let path = spec.source.path.display();
    Err(Failure::usage(format!(
        "{path}: no stub has an upstream whose answers could be recorded: \
         write upstream = \"http://127.0.0.1:PORT\" in [stubs.NAME]"
    )))
}

/// Takes in what upstreams answer, and writes it at the end.
pub(super) struct StubRecorder {
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    /// None when it is written.
    file: Option<WholeFile>,
    recorded: RecordedStubs,
    problems: Vec<String>,
}

impl StubRecorder {
    /// Begins the file, as the user who is to own it.
    ///
    /// # Errors
    /// It can't be written.
    pub(super) fn begin(path: &Path) -> Result<Self, Failure> {
        let file = match path.is_dir() {
            true => Err(std::io::Error::from_raw_os_error(libc::EISDIR)),
            false => WholeFile::create(path, ".stubs-"),
        };
        let file = file.map_err(|error| unwritable(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            state: Mutex::new(State {
                file: Some(file),
                recorded: RecordedStubs::default(),
                problems: Vec::new(),
            }),
        })
    }

    /// A test ended, in which the stubs were used so.
    pub(super) fn test_ended(&self, test: &str, stubs: &[StubUse]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let problems = state.recorded.add(test, stubs);
        state.problems.extend(problems);
    }

    /// Writes the file, and says so; gives how the command ends whose tests ended so.
    ///
    /// # Errors
    /// There is nothing to write, or it can't be written.
    pub(super) fn write(&self, tests: ExitCode) -> Result<ExitCode, Failure> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for problem in &state.problems {
            eprintln!("goproctor: {problem}");
        }
        let Some(file) = state.file.take().filter(|_| !state.recorded.is_empty()) else {
            return Err(Failure::world(format!(
                "{} is not written: no upstream gave an answer that can be recorded",
                self.path.display()
            )));
        };
        put(file, &state.recorded.text()).map_err(|error| unwritable(&self.path, &error))?;
        eprintln!(
            "goproctor: wrote {}: paste its tables into the spec, in place of the stubs' answers there",
            self.path.display()
        );
        match tests {
            ExitCode::Passed if !state.problems.is_empty() => Ok(ExitCode::CouldNotRun),
            exit => Ok(exit),
        }
    }
}

fn put(mut file: WholeFile, text: &str) -> std::io::Result<()> {
    file.file().write_all(text.as_bytes())?;
    file.commit()
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::world(format!("cannot write {}: {error}", path.display()))
}
