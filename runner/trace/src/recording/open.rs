//! Opening a recording: its lines are looked through once, and only their places are remembered.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    sync::Arc,
};

use model::{Loss, Observation, plan::Plan};

use super::{
    Header, LineError, RecordingError, Replay, TestBegin, Writer,
    contents::{Lines, RecordedTest},
    format::{self, FORMAT_VERSION, FirstLine, Form, Line},
    writer::io_error,
};
use crate::Tracer;

/// A recording that can be replayed.
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    header: Header,
    plan: Arc<Plan>,
    tests: Vec<RecordedTest>,
}

impl Recording {
    /// Begins to write a recording. The file takes its name when the writer is finished.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn write(path: &Path, header: &Header) -> Result<Writer, RecordingError> {
        Writer::create(path, header)
    }

    /// Opens a recording that is whole.
    ///
    /// # Errors
    /// The file can't be read, is no recording, one of another version, or not whole.
    pub fn open(path: &Path) -> Result<Self, RecordingError> {
        let file = File::open(path).map_err(|source| io_error(path, source))?;
        let mut reader = Reader {
            path,
            file: BufReader::new(file),
            line: 0,
            offset: 0,
            text: Vec::new(),
        };
        let header = reader.header()?;
        let tests = reader.tests()?;
        Ok(Self {
            path: path.to_owned(),
            plan: Arc::new(header.plan.clone()),
            header,
            tests,
        })
    }

    /// What was watched.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Its tests in order.
    #[must_use]
    pub fn tests(&self) -> &[RecordedTest] {
        &self.tests
    }

    /// The records of the test of that index, as a source.
    ///
    /// # Errors
    /// There is no such test, or the file can't be read any more.
    pub fn replay(&self, index: usize) -> Result<Replay, RecordingError> {
        Replay::open(&self.path, self.test(index)?)
    }

    /// What was seen during the test of that index. If it had no process of its own, the tests before it that
    /// shared the process are replayed too.
    ///
    /// # Errors
    /// There is no such test, the file can't be read any more, or a record in it is damaged.
    pub fn observe(&self, index: usize) -> Result<Observation, RecordingError> {
        let test = self.test(index)?;
        let shared = self.tests[..=index].iter().rev();
        let shared = shared.take_while(|test| !test.begin.fresh_process).count();
        let first = index.saturating_sub(shared);
        let mut tracer = self.tracer(first, index);
        for earlier in first..index {
            self.replay(earlier)?.feed(&mut tracer)?;
            let (from, to) = self.test(earlier)?.end.window;
            // As it was observed then, so that it is not observed again.
            drop(tracer.observe(from, to, Loss::default()));
        }
        self.replay(index)?.feed(&mut tracer)?;
        let (from, to) = test.end.window;
        Ok(tracer.observe(from, to, test.end.loss.clone()))
    }

    /// A tracer that knows the functions' names of some tests.
    fn tracer(&self, first: usize, last: usize) -> Tracer {
        let tests = self.tests.get(first..=last).unwrap_or_default();
        let names = tests.iter().flat_map(|test| test.end.functions.clone());
        let names: BTreeMap<_, _> = names.collect();
        Tracer::new(
            Arc::clone(&self.plan),
            Box::new(move |start| names.get(&start).cloned()),
            self.header.hit_costs.clone(),
        )
        .with_edges()
    }

    fn test(&self, index: usize) -> Result<&RecordedTest, RecordingError> {
        self.tests
            .get(index)
            .ok_or_else(|| RecordingError::NoSuchTest {
                path: self.path.clone(),
                index,
                count: self.tests.len(),
            })
    }
}

/// Reads lines and knows where they are.
struct Reader<'a> {
    path: &'a Path,
    file: BufReader<File>,
    /// The number of the line that was read last.
    line: usize,
    /// Where the next one begins.
    offset: u64,
    text: Vec<u8>,
}

impl Reader<'_> {
    /// Reads the next line; whether there was one.
    fn next(&mut self) -> Result<bool, RecordingError> {
        self.text.clear();
        let read = self.file.read_until(b'\n', &mut self.text);
        let read = read.map_err(|source| io_error(self.path, source))?;
        if read == 0 {
            return Ok(false);
        }
        self.line += 1;
        self.offset += read as u64;
        if self.text.last() == Some(&b'\n') {
            return Ok(true);
        }
        Err(self.wrong(LineError::Truncated))
    }

    fn header(&mut self) -> Result<Header, RecordingError> {
        let not_a_recording = || RecordingError::NotARecording {
            path: self.path.to_owned(),
        };
        match self.next() {
            Ok(true) => {}
            Ok(false) => return Err(not_a_recording()),
            // Whether a first line without its end is a recording's is not known.
            Err(RecordingError::Line { .. }) if !self.begins_as_recording() => {
                return Err(not_a_recording());
            }
            Err(error) => return Err(error),
        }
        let first: FirstLine<serde_json::Value> =
            serde_json::from_slice(&self.text).map_err(|_| not_a_recording())?;
        if first.goproctor_recording != FORMAT_VERSION {
            let by = first.header.get("goproctor");
            return Err(RecordingError::Version {
                path: self.path.to_owned(),
                found: first.goproctor_recording,
                by: by.and_then(|by| by.as_str()).unwrap_or("?").to_owned(),
            });
        }
        let header: format::Header =
            serde_json::from_value(first.header).map_err(|error| self.wrong(error))?;
        let header = header.value();
        if header.hit_costs.len() == header.plan.sites.len() {
            Ok(header)
        } else {
            Err(self.misplaced("its numbers of sites and of hit costs differ"))
        }
    }

    fn begins_as_recording(&self) -> bool {
        self.text.starts_with(br#"{"goproctor_recording":"#)
    }

    fn tests(&mut self) -> Result<Vec<RecordedTest>, RecordingError> {
        let mut tests = Vec::new();
        let mut open: Option<(TestBegin, Lines)> = None;
        while self.next()? {
            let line = serde_json::from_slice(&self.text).map_err(|error| self.wrong(error))?;
            open = match (line, open) {
                (Line::Test(begin), None) => {
                    let lines = Lines {
                        offset: self.offset,
                        first: self.line + 1,
                        count: 0,
                    };
                    Some((begin.value(), lines))
                }
                (
                    Line::Record(_) | Line::Malformed(_) | Line::Exit { .. },
                    Some((begin, lines)),
                ) => {
                    let count = lines.count + 1;
                    Some((begin, Lines { count, ..lines }))
                }
                (Line::End(end), Some((begin, lines))) => {
                    let end = (*end).value();
                    tests.push(RecordedTest { begin, end, lines });
                    None
                }
                (Line::Tests(count), None) => {
                    self.expect_end(count, tests.len())?;
                    return Ok(tests);
                }
                (Line::Test(_) | Line::Tests(_), Some(_)) => {
                    return Err(self.misplaced("the test before has no end"));
                }
                (_, None) => return Err(self.misplaced("it belongs to no test")),
            };
        }
        Err(self.wrong(LineError::Truncated))
    }

    fn expect_end(&mut self, count: usize, found: usize) -> Result<(), RecordingError> {
        if count != found {
            return Err(self.misplaced("the recording says that it has another number of tests"));
        }
        if self.next()? {
            return Err(self.misplaced("something follows the recording's last line"));
        }
        Ok(())
    }

    /// What is wrong with the line that was read last.
    fn wrong(&self, error: impl Into<LineError>) -> RecordingError {
        RecordingError::Line {
            path: self.path.to_owned(),
            line: self.line,
            error: error.into(),
        }
    }

    fn misplaced(&self, reason: &'static str) -> RecordingError {
        self.wrong(LineError::Misplaced(reason))
    }
}
