//! What is asked of a build.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

/// What to build, and how.
#[derive(Clone, Debug)]
pub struct BuildRequest {
    /// The package: an import path, or a path that is absolute or begins with `.`.
    pub package: String,
    /// The folder that a relative package starts from, and where an import path is resolved.
    pub folder: PathBuf,
    /// Where the binary goes; it must exist and be writable for `user`.
    pub output: PathBuf,
    /// The functions that must not be inlined: names or globs.
    pub functions: Vec<String>,
    /// Names of functions whose packages are compiled without inlining. For a second build, when a function was inlined
    /// in spite of a hint.
    pub without_inlining: Vec<String>,
    /// The functions, names or globs, whose packages are compiled without optimisation (`-N`), so that all of their
    /// floats have copies in memory; for generic ones also the packages that may use them.
    pub floats: Vec<String>,
    /// The go command; none to look for it on the PATH and in the usual places.
    pub go: Option<PathBuf>,
    /// The release to build with, `go1.26.8` or `1.26.8`, or `local`; none for the go command's own choice.
    pub toolchain: Option<String>,
    /// Build tags.
    pub tags: Vec<String>,
    /// Further flags for `go build`, an argument each. Paths in them are relative to the folder that go runs in: the
    /// package's, or [`Self::folder`] for an import path.
    pub flags: Vec<String>,
    /// Whether to build with the race detector.
    pub race: bool,
    /// Variables that are added to the environment of go.
    pub environment: Vec<(OsString, OsString)>,
    /// Whom go runs as; none for ourselves.
    pub user: Option<BuildUser>,
    /// When it becomes true the build ends at once, and go with all that it started.
    pub cancel: Arc<AtomicBool>,
}

impl BuildRequest {
    /// A request with nothing but the package, the folder that it is relative to, and the output folder.
    #[must_use]
    pub fn new(
        package: impl Into<String>,
        folder: impl Into<PathBuf>,
        output: impl Into<PathBuf>,
    ) -> Self {
        Self {
            package: package.into(),
            folder: folder.into(),
            output: output.into(),
            functions: Vec::new(),
            without_inlining: Vec::new(),
            floats: Vec::new(),
            go: None,
            toolchain: None,
            tags: Vec::new(),
            flags: Vec::new(),
            race: false,
            environment: Vec::new(),
            user: None,
            cancel: Arc::default(),
        }
    }

    /// The request with functions that must not be inlined.
    #[must_use]
    pub fn watching<T: Into<String>>(mut self, functions: impl IntoIterator<Item = T>) -> Self {
        self.functions.extend(functions.into_iter().map(Into::into));
        self
    }
}

impl BuildRequest {
    /// Which go command runs, and how.
    pub(super) fn go_options(&self) -> GoOptions<'_> {
        GoOptions {
            go: self.go.as_deref(),
            toolchain: self.toolchain.as_deref(),
            environment: &self.environment,
            user: self.user.as_ref(),
            cancel: &self.cancel,
            for_this_machine: true,
        }
    }
}

/// Which go command runs, and how; the fields are those of [`BuildRequest`].
#[derive(Clone, Copy, Debug)]
pub(super) struct GoOptions<'a> {
    pub(super) go: Option<&'a Path>,
    pub(super) toolchain: Option<&'a str>,
    pub(super) environment: &'a [(OsString, OsString)],
    pub(super) user: Option<&'a BuildUser>,
    pub(super) cancel: &'a AtomicBool,
    /// Whether what it builds runs here, whatever the environment says; else the environment decides.
    pub(super) for_this_machine: bool,
}

/// An account that go runs as, with its own caches and settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildUser {
    /// User id.
    pub uid: u32,
    /// Group id; supplementary groups are dropped.
    pub gid: u32,
    /// Login name.
    pub name: String,
    /// Home folder.
    pub home: PathBuf,
}
