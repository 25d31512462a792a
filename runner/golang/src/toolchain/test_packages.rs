//! The packages that a `go test` command names.

use std::{
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

use super::{
    build::or_status,
    command::Toolchain,
    error::BuildError,
    flags,
    list::{NOT_UNDERSTOOD, names, records},
    request::GoOptions,
    test_command::TestCommand,
};
use crate::GoRelease;

/// A `go test` command, and which go runs it.
#[derive(Clone, Debug)]
pub struct TestRequest {
    /// The command line.
    pub command: TestCommand,
    /// The folder that go is started in; `-C` is relative to it.
    pub folder: PathBuf,
    /// The go command; none to look for it on the PATH and in the usual places.
    pub go: Option<PathBuf>,
    /// The release to test with, `go1.26.8` or `1.26.8`, or `local`; none for the go command's own choice.
    pub toolchain: Option<String>,
    /// Variables that are added to the environment of go.
    pub environment: Vec<(OsString, OsString)>,
    /// When it becomes true what runs ends at once, and go with all that it started.
    pub cancel: Arc<AtomicBool>,
}

impl TestRequest {
    /// A request with nothing but the command line and the folder that go is started in.
    #[must_use]
    pub fn new(command: TestCommand, folder: impl Into<PathBuf>) -> Self {
        Self {
            command,
            folder: folder.into(),
            go: None,
            toolchain: None,
            environment: Vec::new(),
            cancel: Arc::default(),
        }
    }
}

/// The packages that a `go test` command names.
#[derive(Clone, Debug)]
pub struct TestPackages {
    /// The command as the release understands it, with the flags of GOFLAGS.
    pub command: TestCommand,
    /// The release that answers.
    pub release: GoRelease,
    /// The packages.
    pub packages: Vec<TestPackage>,
    /// What go says when it can't list them at all. `go test` says the same then, with an exit code of its own.
    pub problem: Option<String>,
    pub(super) toolchain: Toolchain,
    pub(super) cancel: Arc<AtomicBool>,
}

/// A package that a `go test` command names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestPackage {
    /// Its import path; `command-line-arguments` for files.
    pub import_path: String,
    /// Its folder; empty for a package that was not found.
    pub folder: PathBuf,
    /// The name in its package clause; empty for a package that was not found.
    pub name: String,
    /// Whether it belongs to the main module (a module of the workspace).
    pub main_module: bool,
    /// Its test files that belong to the package itself.
    pub internal_tests: Vec<String>,
    /// Its test files of package `…_test`.
    pub external_tests: Vec<String>,
    /// Why go can't load it, in its own words. `go test` says the same.
    pub problem: Option<String>,
}

impl TestPackage {
    /// Whether there is anything to test.
    #[must_use]
    pub const fn has_tests(&self) -> bool {
        !self.internal_tests.is_empty() || !self.external_tests.is_empty()
    }
}

/// What `go list -find` prints of each package.
const TEMPLATE: &str = concat!(
    r#"{{.ImportPath}}{{"\x1f"}}{{.Dir}}{{"\x1f"}}{{.Name}}{{"\x1f"}}"#,
    r#"{{with .Module}}{{.Main}}{{else}}false{{end}}{{"\x1f"}}"#,
    r#"{{range .TestGoFiles}}{{.}}{{"\x1e"}}{{end}}{{"\x1f"}}{{range .XTestGoFiles}}{{.}}{{"\x1e"}}{{end}}{{"\x1f"}}"#,
    r#"{{with .Error}}{{.Err}}{{end}}{{"\x1d"}}"#,
);

/// Lists the packages that a `go test` command names, and hands each line that go prints to `progress`. Packages that go can't
/// find or load are no error: `go test` itself reports them.
///
/// # Errors
/// The folder does not exist, go is not found or can't be started, that release is unavailable, or it was cancelled.
pub fn test_packages(
    request: &TestRequest,
    progress: &mut dyn FnMut(&str),
) -> Result<TestPackages, BuildError> {
    let folder = request.command.folder(&request.folder);
    let folder = std::fs::canonicalize(&folder).map_err(BuildError::file(folder, "find"))?;
    let options = GoOptions {
        go: request.go.as_deref(),
        toolchain: request.toolchain.as_deref(),
        environment: &request.environment,
        user: None,
        cancel: &request.cancel,
        // The user may test for another system, with a program of their own in `-exec`.
        for_this_machine: false,
    };
    let toolchain = Toolchain::find(options, &folder, progress)?;
    let command = request
        .command
        .for_release(&toolchain.release, &toolchain.goflags);

    // GOFLAGS may have -json, meant for `go test`.
    let mut arguments: Vec<OsString> = ["list", "-json=false", "-find", "-e", "-f", TEMPLATE]
        .map(OsString::from)
        .into();
    arguments.extend(flags::for_list(command.own_flags()).map(OsString::from));
    arguments.push("--".into());
    arguments.extend_from_slice(command.packages());
    let finished = toolchain.run(&arguments, &request.cancel, progress)?;
    let listed = match finished.status.success() {
        true => parse(&finished.stdout).ok_or_else(|| NOT_UNDERSTOOD.to_owned()),
        false => Err(or_status(finished.stderr, finished.status)),
    };
    let (packages, problem) = match listed {
        Ok(packages) => (packages, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    Ok(TestPackages {
        command,
        release: toolchain.release.clone(),
        packages,
        problem,
        toolchain,
        cancel: Arc::clone(&request.cancel),
    })
}

/// Reads what [`TEMPLATE`] prints; none if it is anything else.
fn parse(output: &[u8]) -> Option<Vec<TestPackage>> {
    records(output)?.map(parse_package).collect()
}

fn parse_package(record: &str) -> Option<TestPackage> {
    let fields: Vec<&str> = record.split('\x1f').collect();
    let &[
        import_path,
        folder,
        name,
        main_module,
        internal_tests,
        external_tests,
        problem,
    ] = fields.as_slice()
    else {
        return None;
    };
    Some(TestPackage {
        import_path: import_path.to_owned(),
        folder: PathBuf::from(folder),
        name: name.to_owned(),
        main_module: main_module.parse().ok()?,
        internal_tests: names(internal_tests),
        external_tests: names(external_tests),
        problem: (!problem.is_empty()).then(|| problem.to_owned()),
    })
}
