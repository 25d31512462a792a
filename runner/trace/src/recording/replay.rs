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
    RecordingError,
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
                    fed.map_err(|source| RecordingError::Trace {
                        path: self.path.clone(),
                        line: self.lines.first - 1,
                        source,
                    })?;
                }
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Event>, RecordingError> {
        if self.lines.count == 0 {
            return Ok(None);
        }
        let line = self.lines.first;
        self.lines.count -= 1;
        self.lines.first += 1;
        self.text.clear();
        let path = &self.path;
        self.file
            .read_until(b'\n', &mut self.text)
            .map_err(|source| io_error(path, source))?;
        let read: Line<'_> =
            serde_json::from_slice(&self.text).map_err(|source| RecordingError::Corrupt {
                path: path.clone(),
                line,
                source,
            })?;
        let decode = |text: &str| {
            let bytes = BASE64_STANDARD.decode(text);
            bytes.map_err(|source| RecordingError::Base64 {
                path: path.clone(),
                line,
                source,
            })
        };
        let event = match read {
            Line::Record(text) => {
                let bytes = restored(decode(&text)?);
                Record::parse(&bytes).map_err(|source| RecordingError::Record {
                    path: path.clone(),
                    line,
                    source,
                })?;
                Event::Record(bytes)
            }
            Line::Malformed(text) => Event::Malformed(decode(&text)?),
            Line::Exit { process, time } => Event::Exit(ProcessExit {
                process: process.value(),
                time: time.value(),
            }),
            Line::Test(_) | Line::End(_) | Line::Tests(_) => {
                return Err(RecordingError::Misplaced {
                    path: path.clone(),
                    line,
                    reason: "the file was changed while it was replayed",
                });
            }
        };
        Ok(Some(event))
    }
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
