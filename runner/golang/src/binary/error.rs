//! Why a binary cannot be used, and what to do about it.

use std::{io, path::PathBuf};

use crate::ReleaseError;

/// Why a binary cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BinaryError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The path names something other than a file.
    #[error("{path} is not a file: give the program's binary", path = path.display())]
    NotAFile {
        /// What it names.
        path: PathBuf,
    },
    /// The bytes are no ELF file.
    #[error("not an ELF file: give a Go program built for linux/{goarch}", goarch = arch::GOARCH)]
    NotElf,
    /// It is an ELF file, but nothing that can be run.
    #[error("an ELF {0}, not a program: give the output of `go build` of a main package")]
    NotAProgram(&'static str),
    /// It ends before what it says it holds.
    #[error("truncated: {0} reach beyond the end of the file; build or copy it again")]
    Truncated(&'static str),
    /// It is for another machine.
    #[error(
        "built for {0}: goproctor watches linux/{goarch} programs; build with GOARCH={goarch}",
        goarch = arch::GOARCH
    )]
    Architecture(String),
    /// It holds no Go build information.
    #[error(
        "not built by Go (no build information inside): give the output of `go build` of a main package"
    )]
    NotGo,
    /// The Go release is not one that can be understood.
    #[error("{0}")]
    Release(#[from] ReleaseError),
    /// The Go release is older than goproctor knows.
    #[error("built with {0}: goproctor knows Go 1.15 and later; build it with a newer release")]
    ReleaseTooOld(String),
    /// There is no symbol table.
    #[error(
        "stripped of its symbol table: build it without -ldflags=-s, and do not run strip on it"
    )]
    NoSymbols,
    /// There is no debugging information.
    #[error(
        "without debugging information (DWARF): build it without -ldflags=-w or -s, and do not run strip on it"
    )]
    NoDebugInfo,
    /// Something in it contradicts its format.
    #[error("malformed: {place}: {reason}; build it again")]
    Malformed {
        /// Where.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// What every Go program has is not there.
    #[error(
        "{0} is not in the binary: this Go release keeps its runtime in a way that goproctor does not know"
    )]
    Missing(&'static str),
    /// An address that the file holds no bytes for.
    #[error("{address:#x} to {end:#x} is not in the file")]
    NotInFile {
        /// The first byte's address.
        address: u64,
        /// The address after the last byte.
        end: u64,
    },
}

impl BinaryError {
    /// Something at `place` contradicts its format.
    pub(super) fn malformed(place: impl Into<String>, reason: impl ToString) -> Self {
        Self::Malformed {
            place: place.into(),
            reason: reason.to_string(),
        }
    }
}
