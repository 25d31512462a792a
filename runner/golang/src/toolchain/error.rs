//! Why a program can't be built.

use std::{ffi::OsString, io, path::PathBuf};

use model::Address;

use crate::{GoRelease, PatternError};

/// Why a program can't be built. Messages say what, where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// There is no go command.
    #[error(
        "go not found in {searched}: install Go 1.21 or newer (https://go.dev/doc/install), or put it on the PATH"
    )]
    GoNotFound {
        /// Where it was looked for.
        searched: String,
    },
    /// The go command can't be started.
    #[error("cannot start {}: {source}", .go.display())]
    GoNotStarted {
        /// The go command.
        go: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The toolchain's name is not that of a release.
    #[error(
        "toolchain {text:?} is not a Go release: write it as go1.26.8, or local for the installed one"
    )]
    InvalidToolchain {
        /// What was given.
        text: String,
    },
    /// The toolchain is unavailable.
    #[error(
        "cannot get {toolchain}:\n{output}\nThe go command fetches toolchains through GOPROXY; from Go 1.21 on a release's name has three numbers (go1.21.0)"
    )]
    ToolchainUnavailable {
        /// The toolchain.
        toolchain: String,
        /// What go says.
        output: String,
    },
    /// The installed go is too old to run another.
    #[error(
        "the installed {installed} cannot fetch {wanted}: install Go 1.21 or newer, or {wanted} itself"
    )]
    ToolchainNotSwitched {
        /// The release that was asked for.
        wanted: GoRelease,
        /// The release that answered.
        installed: GoRelease,
    },
    /// A function's end is not what was planned for.
    #[error(
        "{}: the code at {address} changed while returns were being redirected; run it again, or without --fast-returns", .path.display()
    )]
    OtherCode {
        /// The program.
        path: PathBuf,
        /// The function's end.
        address: Address,
    },
    /// The release is not supported.
    #[error("{release} is too old: goproctor builds with Go 1.15 and newer")]
    TooOld {
        /// The release.
        release: GoRelease,
    },
    /// `go env` says something that is not understood.
    #[error("cannot understand what `go env` prints, {text:?}: is {} a go command?", .go.display())]
    GoNotUnderstood {
        /// The go command.
        go: PathBuf,
        /// What it says.
        text: String,
    },
    /// The package's folder does not exist.
    #[error("package {package:?}: {} is not a folder", .folder.display())]
    NoFolder {
        /// The package as it was given.
        package: String,
        /// The folder.
        folder: PathBuf,
    },
    /// The package matches several, or none.
    #[error("package {package:?} matches {count} packages: name the one that is the program")]
    NotOnePackage {
        /// The package as it was given.
        package: String,
        /// How many it matches.
        count: usize,
    },
    /// The package is a library.
    #[error(
        "package {package:?} is package {name}, not package main: name the package that is the program"
    )]
    NotAProgram {
        /// The package as it was given.
        package: String,
        /// The name in its package clause.
        name: String,
    },
    /// `go list` failed.
    #[error("cannot list package {package:?}:\n{output}{hint}")]
    ListFailed {
        /// The package as it was given.
        package: String,
        /// What go says.
        output: String,
        /// What to do, on a line of its own; empty if there is no advice.
        hint: String,
    },
    /// A pattern is not a glob.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A flag for `go build` that goproctor does not support.
    #[error("cannot use flag {flag:?} in {place}: {reason}")]
    FlagRefused {
        /// The flag.
        flag: String,
        /// Where it was given: `build.flags` or `GOFLAGS`.
        place: &'static str,
        /// Why, and what to do.
        reason: String,
    },
    /// A word of `-exec` that go would not read as it is.
    #[error(
        "cannot pass {word:?} on through go's -exec, because it has both kinds of quotes: rename the file"
    )]
    NotQuotable {
        /// The word.
        word: OsString,
    },
    /// A file can't be read or written.
    #[error("cannot {action} {}: {source}", .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What was attempted: `read`, `write`, ….
        action: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The user's own overlay file is not what go takes.
    #[error("{}: not an overlay file for go: {reason}", .path.display())]
    InvalidOverlay {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The grammar of Go does not fit the parser that it was built with.
    #[error("cannot set up the parser of Go sources: {0}")]
    Parser(#[from] tree_sitter::LanguageError),
    /// `go build` failed.
    #[error("go build failed:\n{output}{hint}\nas run: {command}")]
    Failed {
        /// What go says, trimmed.
        output: String,
        /// What to do, on a line of its own; empty if there is no advice.
        hint: String,
        /// The command line.
        command: String,
    },
    /// The build was cancelled.
    #[error("the build was cancelled")]
    Cancelled,
}

impl BuildError {
    /// A function that wraps an I/O error, for `map_err`.
    pub(super) fn file(
        path: impl Into<PathBuf>,
        action: &'static str,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            path,
            action,
            source,
        }
    }
}
