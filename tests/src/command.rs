//! The goproctor binary that tests run, built once in each process of tests.
//!
//! ```no_run
//! let output = goproctor_tests::command::goproctor()
//!     .args(["check", "testdata/tour.proctor.toml"])
//!     .output()
//!     .unwrap();
//! assert!(output.status.success());
//! ```

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use cargo_metadata::Message;

/// Variables that change what goproctor writes, and are not to come from whoever runs the tests.
const REMOVED: [&str; 9] = [
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_WORKSPACE",
    "RUST_LOG",
    "SUDO_UID",
];

/// A command that starts goproctor as a plain user of a pipe would: no colours, not in CI, nothing to read, in the
/// repository's folder.
///
/// # Panics
/// It can't be built.
#[must_use]
pub fn goproctor() -> Command {
    start(path())
}

/// The same with the binary that `make build` gives, where `scripts/test` says which that is: for tests whose programs make calls
/// faster than a build without optimization takes them in, so that hits would be lost.
///
/// # Panics
/// Likewise.
#[must_use]
pub fn optimized() -> Command {
    match env::var_os("GOPROCTOR_OPTIMIZED") {
        Some(path) => start(Path::new(&path)),
        None => goproctor(),
    }
}

fn start(path: &Path) -> Command {
    let mut command = Command::new(path);
    command
        .current_dir(repository())
        .env("NO_COLOR", "1")
        .stdin(Stdio::null());
    for name in REMOVED {
        command.env_remove(name);
    }
    command
}

/// The binary: `GOPROCTOR_BIN` if that is set; else built as the tests are, by the same cargo.
///
/// # Panics
/// It can't be built.
#[must_use]
pub fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| env::var_os("GOPROCTOR_BIN").map_or_else(build, PathBuf::from))
}

/// The folder that the workspace's Cargo.toml is in.
#[must_use]
pub fn repository() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests)
}

#[expect(clippy::panic, reason = "a test that can't build goproctor must fail")]
fn build() -> PathBuf {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    for (name, _) in env::vars_os().filter(|(name, _)| is_of_a_package(name)) {
        command.env_remove(name);
    }
    let output = command
        .args(["build", "--package=goproctor", "--bin=goproctor"])
        .args([
            "--profile",
            &profile(),
            "--message-format=json-render-diagnostics",
        ])
        .current_dir(repository())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output();
    let output = output.unwrap_or_else(|error| panic!("cargo can't be run: {error}"));
    let built = Message::parse_stream(output.stdout.as_slice())
        .filter_map(Result::ok)
        .find_map(|message| match message {
            Message::CompilerArtifact(artifact) => artifact.executable,
            _ => None,
        });
    match built {
        Some(path) if output.status.success() => path.into_std_path_buf(),
        _ => panic!("cargo build of goproctor failed: {}", output.status),
    }
}

/// Whether cargo tells a test something of its package so. In a build of another, it would have ring and all that needs
/// it compiled anew, and once more without it.
fn is_of_a_package(name: &OsStr) -> bool {
    let begins = ["CARGO_MANIFEST_", "CARGO_PKG_"];
    name.to_str()
        .is_some_and(|name| begins.iter().any(|begin| name.starts_with(begin)))
}

/// The profile that the running tests were built with: tests are in `<target>/<its folder>/deps`.
fn profile() -> String {
    let test = env::current_exe().unwrap_or_default();
    let folder = test.ancestors().nth(2).and_then(Path::file_name);
    match folder.and_then(|name| name.to_str()) {
        None | Some("debug") => "dev".to_owned(),
        Some(name) => name.to_owned(),
    }
}
