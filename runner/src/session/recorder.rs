//! The session written down while it runs, if that is wanted.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use model::{Address, Loss, Nanoseconds, Observation, ProcessId, Timestamp};
use spec::Source;
use trace::{
    recording::{
        Header, Recording, RecordingError, SpecText, TestBegin, TestEnd, UsedText, Writer,
        func_names,
    },
    redact::Patterns,
};

use super::{Prepared, SessionError, TestRun, drain::Copy};

/// Where a session is written down.
#[derive(Clone, Debug)]
pub struct RecordTo {
    /// The file.
    pub path: PathBuf,
    /// The spec that it is of, which a replay judges by.
    pub spec: Source,
}

/// Writes a session down. Without a file it does nothing.
pub(super) struct Recorder {
    writer: Option<Arc<Mutex<Writer>>>,
}

impl Recorder {
    /// Begins a recording, if there is a path.
    pub(super) fn begin(
        to: Option<&RecordTo>,
        patterns: &Patterns,
        prepared: &Prepared,
        costs: &[Nanoseconds],
    ) -> Result<Self, SessionError> {
        let begin = |to: &RecordTo| {
            Recording::write(&to.path, &header(&to.spec, patterns, prepared, costs))
        };
        let writer = to.map(begin).transpose()?;
        Ok(Self {
            writer: writer.map(|writer| Arc::new(Mutex::new(writer))),
        })
    }

    /// Takes each raw record, if there is a recording.
    pub(super) fn copy(&self) -> Option<Copy> {
        let writer = self.writer.clone()?;
        Some(Box::new(move |record| {
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            // A record that can't be written makes the whole recording fail at its end.
            let _ = writer.record(record);
        }))
    }

    pub(super) fn test_begins(&self, name: &str, fresh_process: bool) -> Result<(), SessionError> {
        self.write(|writer| {
            writer.begin_test(&TestBegin {
                name: name.to_owned(),
                fresh_process,
            })
        })
    }

    pub(super) fn process_ended(
        &self,
        process: ProcessId,
        time: Timestamp,
    ) -> Result<(), SessionError> {
        self.write(|writer| writer.process_ended(process, time))
    }

    pub(super) fn test_ended(
        &self,
        ran: &TestRun,
        prepared: &Prepared,
        window: (Timestamp, Timestamp),
        loss: Loss,
    ) -> Result<(), SessionError> {
        let evidence = &ran.evidence;
        self.write(|writer| {
            writer.end_test(&TestEnd {
                window,
                loss,
                exchanges: evidence.exchanges.clone(),
                stubs: evidence.stubs.clone(),
                timed_out: evidence.timed_out,
                completion: evidence.completion.clone(),
                races: evidence.races.clone(),
                carried: evidence.carried.clone(),
                output: evidence.output.clone(),
                ending: evidence.ending.clone(),
                functions: functions(prepared, &evidence.observation),
                substitutions: ran.substitutions.clone(),
            })
        })
    }

    /// Completes the file. Nothing may hold a [`Self::copy`] any more.
    pub(super) fn end(self) -> Result<(), SessionError> {
        if let Some(writer) = self.writer.and_then(Arc::into_inner) {
            writer
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner)
                .finish()?;
        }
        Ok(())
    }

    fn write(
        &self,
        write: impl FnOnce(&mut Writer) -> Result<(), RecordingError>,
    ) -> Result<(), SessionError> {
        if let Some(writer) = &self.writer {
            write(&mut writer.lock().unwrap_or_else(PoisonError::into_inner))?;
        }
        Ok(())
    }
}

/// What a recording begins with. Redacted text in the spec is overwritten too; as it stays as long as it was, places in it
/// stay true.
fn header(
    spec: &Source,
    patterns: &Patterns,
    prepared: &Prepared,
    costs: &[Nanoseconds],
) -> Header {
    let name = spec.path.file_name().unwrap_or_default();
    let text = SpecText {
        name: name.to_string_lossy().into_owned(),
        text: patterns.clean(spec.own_text()).into_owned(),
        used: spec
            .used_texts()
            .map(|(name, text)| UsedText {
                name: name.to_string_lossy().into_owned(),
                text: patterns.clean(text).into_owned(),
            })
            .collect(),
    };
    Header::new(prepared.plan.for_replay(), costs.to_vec(), Some(text))
}

/// The names of the functions that goroutines started with and that func values are, by address.
fn functions(prepared: &Prepared, observation: &Observation) -> BTreeMap<Address, String> {
    let goroutines = observation.goroutines.iter();
    let names: BTreeSet<&str> = goroutines
        .filter_map(|goroutine| goroutine.function.as_deref())
        .collect();
    let name_of = prepared.names();
    let functions = prepared.binary.functions().iter();
    functions
        .filter_map(|function| Some((function.start, name_of(function.start)?)))
        .filter(|(_, name)| names.contains(name.as_str()))
        .chain(func_names(observation))
        .collect()
}
