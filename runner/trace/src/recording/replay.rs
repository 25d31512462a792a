//! The records of a recorded test as a source, as if the kernel gave them.

use std::{
    fs::File,
    io::{BufRead, BufReader, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use model::{Loss, ProcessId, Timestamp};

use super::{
    LineError, RecordingError,
    contents::{Lines, RecordedTest},
    format::{Form, Line},
    writer::io_error,
};
use crate::{
    RecordSource, Tracer,
    record::{Record, restored},
    source::{Accounted, Mark},
};

/// How many records one drain gives at most.
const BATCH: usize = 4096;

/// A process that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessExit {
    /// Which.
    pub process: ProcessId,
    /// When.
    pub time: Timestamp,
}

/// The records of a recorded test. A drain stops where a process ended, which [`Replay::take_exit`] then gives.
#[derive(Debug)]
pub struct Replay {
    path: PathBuf,
    file: BufReader<File>,
    lines: Lines,
    /// The number of the line behind the last one of the test.
    last: u64,
    loss: Loss,
    end: Timestamp,
    exit: Option<ProcessExit>,
    text: Vec<u8>,
}

/// What one line brings.
enum Event {
    Record(Vec<u8>),
    /// Bytes that came as a record, but are none.
    Malformed(Vec<u8>),
    Exit(ProcessExit),
}

impl Replay {
    pub(super) fn open(path: &Path, test: &RecordedTest) -> Result<Self, RecordingError> {
        let mut file = File::open(path).map_err(|source| io_error(path, source))?;
        file.seek(SeekFrom::Start(test.lines.offset))
            .map_err(|source| io_error(path, source))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufReader::new(file),
            lines: test.lines,
            last: (test.lines.first + test.lines.count) as u64,
            loss: test.end.loss.clone(),
            end: test.end.window.1,
            exit: None,
            text: Vec::new(),
        })
    }

    /// The process whose end stopped the last drain.
    pub fn take_exit(&mut self) -> Option<ProcessExit> {
        self.exit.take()
    }

    /// Feeds a tracer with all that is left.
    ///
    /// # Errors
    /// The file can't be read any more, or a record in it is damaged or of another plan.
    pub fn feed(mut self, tracer: &mut Tracer) -> Result<(), RecordingError> {
        while let Some(event) = self.next()? {
            match event {
                Event::Exit(exit) => tracer.process_ended(exit.process, exit.time),
                // Refused as it was when it was recorded.
                Event::Malformed(bytes) => drop(tracer.feed(&bytes)),
                Event::Record(bytes) => {
                    let fed = tracer.feed(&bytes);
                    fed.map_err(|error| self.wrong(error.into()))?;
                }
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Event>, RecordingError> {
        if self.lines.count == 0 {
            return Ok(None);
        }
        self.lines.count -= 1;
        self.lines.first += 1;
        self.text.clear();
        self.file
            .read_until(b'\n', &mut self.text)
            .map_err(|source| io_error(&self.path, source))?;
        let event = event(&self.text).map_err(|error| self.wrong(error))?;
        Ok(Some(event))
    }

    /// What is wrong with the line that was read last.
    fn wrong(&self, error: LineError) -> RecordingError {
        RecordingError::Line {
            path: self.path.clone(),
            line: self.lines.first - 1,
            error,
        }
    }
}

/// What a line of a test brings.
fn event(text: &[u8]) -> Result<Event, LineError> {
    Ok(match serde_json::from_slice(text)? {
        Line::Record(text) => {
            let bytes = restored(BASE64_STANDARD.decode(&*text)?);
            Record::parse(&bytes)?;
            Event::Record(bytes)
        }
        Line::Malformed(text) => Event::Malformed(BASE64_STANDARD.decode(&*text)?),
        Line::Exit { process, time } => Event::Exit(ProcessExit {
            process: process.value(),
            time: time.value(),
        }),
        Line::Test(_) | Line::End(_) | Line::Tests(_) => {
            let reason = "the file was changed while it was replayed";
            return Err(LineError::Misplaced(reason));
        }
    })
}

impl RecordSource for Replay {
    type Error = RecordingError;

    fn drain(
        &mut self,
        _wait: Duration,
        sink: &mut dyn FnMut(&[u8]),
    ) -> Result<usize, Self::Error> {
        let mut count = 0;
        while count < BATCH && self.exit.is_none() {
            match self.next()? {
                Some(Event::Record(bytes) | Event::Malformed(bytes)) => sink(&bytes),
                Some(Event::Exit(exit)) => {
                    self.exit = Some(exit);
                    break;
                }
                None => break,
            }
            count += 1;
        }
        Ok(count)
    }

    /// The test's end: what it has is no more than what was recorded.
    fn mark(&mut self) -> Mark {
        Mark {
            time: self.end,
            position: self.last,
            counts: Vec::new(),
        }
    }

    fn mark_and_count(&mut self) -> Result<Mark, Self::Error> {
        Ok(self.mark())
    }

    fn has_passed(&self, mark: &Mark) -> bool {
        self.lines.first as u64 >= mark.position
    }

    fn loss(&mut self, _mark: &Mark) -> Result<Accounted, Self::Error> {
        Ok(Accounted {
            loss: self.loss.clone(),
            complete: true,
        })
    }

    fn forget_loss(&mut self, _mark: &Mark) {
        self.loss = Loss::default();
    }
}
