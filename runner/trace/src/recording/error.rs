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
    /// A line can't be used.
    #[error("{path}:{line}: {error}")]
    Line {
        /// The recording.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// Why.
        error: LineError,
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

/// Why a line of a recording can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// It is the last one, and not that of a whole recording.
    #[error("the recording ends here without its last line; it was cut off")]
    Truncated,
    /// It can't be understood.
    #[error("not a line of a recording: {0}")]
    Corrupt(#[from] serde_json::Error),
    /// It is out of place.
    #[error("{0}")]
    Misplaced(&'static str),
    /// Its record is not base64.
    #[error("the record is not base64: {0}")]
    Base64(#[from] base64::DecodeError),
    /// Its record is none.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Its record is not of the recording's plan.
    #[error(transparent)]
    Trace(#[from] TraceError),
}
