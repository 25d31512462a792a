//! Why a recording can't be written or read.

use std::{io, path::PathBuf};

use super::format::FORMAT_VERSION;
use crate::{TraceError, record::RecordError};

/// Why a recording can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file can't be written or read.
    #[error("{path}: {source}")]
    Io {
        /// The recording.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The first line is no recording's.
    #[error("{path}: not a recording of goproctor")]
    NotARecording {
        /// The file.
        path: PathBuf,
    },
    /// It was written by a version with another format.
    #[error(
        "{path}: written in format {found} by goproctor {by}, but this is format {FORMAT_VERSION}; record the session again"
    )]
    Version {
        /// The recording.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The version that wrote it.
        by: String,
    },
    /// It ends before its end.
    #[error("{path}:{line}: the recording ends here without its last line; it was cut off")]
    Truncated {
        /// The recording.
        path: PathBuf,
        /// The number of its last line.
        line: usize,
    },
    /// A line can't be understood.
    #[error("{path}:{line}: not a line of a recording: {source}")]
    Corrupt {
        /// The recording.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// A line is out of place.
    #[error("{path}:{line}: {reason}")]
    Misplaced {
        /// The recording.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// Why it can't be there.
        reason: &'static str,
    },
    /// A line's record is not base64.
    #[error("{path}:{line}: the record is not base64: {source}")]
    Base64 {
        /// The recording.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// Why.
        source: base64::DecodeError,
    },
    /// A line's record is none.
    #[error("{path}:{line}: {source}")]
    Record {
        /// The recording.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// Why.
        source: RecordError,
    },
    /// A record does not belong to the recording's plan.
    #[error("{path}:{line}: {source}")]
    Trace {
        /// The recording.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// Why.
        source: TraceError,
    },
    /// There is no such test.
    #[error("{path}: there is no test {index}; it has {count}")]
    NoSuchTest {
        /// The recording.
        path: PathBuf,
        /// The index that was asked for.
        index: usize,
        /// How many tests there are.
        count: usize,
    },
}
