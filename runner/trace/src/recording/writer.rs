//! Writing a recording, line by line, into a temporary file that takes its name when it is whole.

use std::{
    fs::Permissions,
    io::{self, BufWriter, Seek, SeekFrom, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use model::{ProcessId, Timestamp};
use serde::Serialize;
use tempfile::NamedTempFile;

use super::{
    Header, RecordingError, TestBegin, TestEnd,
    format::{self, FORMAT_VERSION, FirstLine, Form, Line},
};
use crate::record::Record;

/// A recording that is being written. If it is dropped unfinished, nothing is left of it.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
    tests: usize,
    /// Where the test begins, in bytes, that has begun and not ended.
    open: Option<u64>,
    /// What came since the last test ended: the process that goes on belongs to the next one, too.
    between: Vec<Line<'static>>,
}

impl Writer {
    pub(super) fn create(path: &Path, header: &Header) -> Result<Self, RecordingError> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let prefix = keeper::kept_prefix(folder, ".recording-");
        let prefix = prefix.map_err(|source| io_error(path, source))?;
        let file = tempfile::Builder::new()
            .prefix(&prefix)
            // As any file that a program creates: less what the umask takes.
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder)
            .map_err(|source| io_error(path, source))?;
        let mut writer = Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
            tests: 0,
            open: None,
            between: Vec::new(),
        };
        writer.line(&FirstLine {
            goproctor_recording: FORMAT_VERSION,
            header: format::Header::of(header),
        })?;
        Ok(writer)
    }

    /// Begins a test.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn begin_test(&mut self, test: &TestBegin) -> Result<(), RecordingError> {
        self.leave_out_open()?;
        let position = self.file.stream_position();
        self.open = Some(position.map_err(|source| io_error(&self.path, source))?);
        self.line(&Line::Test(Form::of(test)))?;
        let between = std::mem::take(&mut self.between);
        if test.fresh_process {
            return Ok(());
        }
        between.iter().try_for_each(|line| self.line(line))
    }

    /// Writes a raw record: what it has filled and nothing else, for the rest is what stood in the ring before.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn record(&mut self, bytes: &[u8]) -> Result<(), RecordingError> {
        self.happened(match Record::parse(bytes) {
            Ok(record) => Line::Record(BASE64_STANDARD.encode(record.filled()).into()),
            Err(_) => Line::Malformed(BASE64_STANDARD.encode(bytes).into()),
        })
    }

    /// Writes that a process ended, after the records that came before.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn process_ended(
        &mut self,
        process: ProcessId,
        time: Timestamp,
    ) -> Result<(), RecordingError> {
        self.happened(Line::Exit {
            process: process.0,
            time: time.0,
        })
    }

    /// Ends a test.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn end_test(&mut self, end: &TestEnd) -> Result<(), RecordingError> {
        self.tests += 1;
        self.open = None;
        self.line(&Line::End(Box::new(Form::of(end))))
    }

    /// Ends the recording and gives the file its name; an older one of that name is replaced. A test that did not end is
    /// left out.
    ///
    /// # Errors
    /// The file can't be written; then there is none.
    pub fn finish(mut self) -> Result<(), RecordingError> {
        self.leave_out_open()?;
        self.line(&Line::Tests(self.tests))?;
        let path = self.path;
        let file = self.file.into_inner();
        let file = file.map_err(|error| io_error(&path, error.into_error()))?;
        file.as_file()
            .sync_all()
            .map_err(|source| io_error(&path, source))?;
        let renamed = file.persist(&path);
        renamed.map_err(|error| io_error(&path, error.error))?;
        Ok(())
    }

    /// Takes out what was written of a test that did not end: it could not be run, or was cancelled.
    fn leave_out_open(&mut self) -> Result<(), RecordingError> {
        let Some(begin) = self.open.take() else {
            return Ok(());
        };
        let cut = self.file.seek(SeekFrom::Start(begin));
        cut.and_then(|_| self.file.get_ref().as_file().set_len(begin))
            .map_err(|source| io_error(&self.path, source))
    }

    /// Writes what happened in a test; what happened after one is kept until it is known whether the process goes on.
    fn happened(&mut self, line: Line<'static>) -> Result<(), RecordingError> {
        if self.open.is_some() {
            return self.line(&line);
        }
        self.between.push(line);
        Ok(())
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), RecordingError> {
        let written = serde_json::to_writer(&mut self.file, line).map_err(io::Error::from);
        written
            .and_then(|()| self.file.write_all(b"\n"))
            .map_err(|source| io_error(&self.path, source))
    }
}

pub(super) fn io_error(path: &Path, source: io::Error) -> RecordingError {
    RecordingError::Io {
        path: path.to_owned(),
        source,
    }
}
