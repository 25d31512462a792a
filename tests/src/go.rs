//! Builds Go programs for tests, as plainly as can be.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::command::repository;

/// The newest Go release that is tested.
pub const NEWEST: &str = "go1.27.3";

/// Builds the package in `folder` with a Go release and gives the binary's path, in the same folder.
///
/// # Panics
/// The build fails: a test that needs it must fail, too.
#[must_use]
pub fn build(folder: &Path, release: &str) -> PathBuf {
    let path = folder.join(format!("built-with-{release}"));
    build_package(folder, ".", release, path)
}

/// Builds a program of `go-fixtures/MODULE` with a Go release into a folder, and gives the binary's path.
///
/// # Panics
/// The build fails.
#[must_use]
pub fn build_fixture(module: &str, program: &str, release: &str, into: &Path) -> PathBuf {
    let module = repository().join("go-fixtures").join(module);
    build_package(
        &module,
        &format!("./{program}"),
        release,
        into.join(program),
    )
}

#[expect(
    clippy::panic,
    reason = "a test that can't build its program must fail"
)]
fn build_package(folder: &Path, package: &str, release: &str, path: PathBuf) -> PathBuf {
    let output = Command::new("go")
        .args(["build", "-o"])
        .arg(&path)
        .arg(package)
        .current_dir(folder)
        .env("GOTOOLCHAIN", release)
        // A go env's -buildvcs=false is refused before Go 1.18, and an empty value would not override it.
        .env(
            "GOFLAGS",
            if folder.join("vendor").is_dir() {
                "-mod=vendor"
            } else {
                "-mod=mod"
            },
        )
        .output();
    match output {
        Ok(output) if output.status.success() => path,
        Ok(output) => panic!(
            "go build with {release} failed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => panic!("go can't be run: {error}"),
    }
}

/// The bytes of a small program whose functions are given values of every kind.
///
/// # Panics
/// It can't be built.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "a test that can't build its program must fail"
)]
pub fn small_program() -> Vec<u8> {
    const SOURCE: &str = include_str!("small_program.go");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("a file of our own");
    };
    write("main.go", SOURCE);
    write("go.mod", "module goproctor.test/small\n\ngo 1.18\n");
    std::fs::read(build(folder.path(), NEWEST)).expect("it was built")
}
