//! Builds Go programs for tests, as plainly as can be.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The newest Go release that is tested.
pub const NEWEST: &str = "go1.27.3";

/// Builds the package in `folder` with a Go release and gives the binary's path, in the same folder.
///
/// # Panics
/// The build fails: a test that needs it must fail, too.
#[must_use]
#[expect(
    clippy::panic,
    reason = "a test that can't build its program must fail"
)]
pub fn build(folder: &Path, release: &str) -> PathBuf {
    let path = folder.join(format!("built-with-{release}"));
    let output = Command::new("go")
        .args(["build", "-o"])
        .arg(&path)
        .arg(".")
        .current_dir(folder)
        .env("GOTOOLCHAIN", release)
        // A go env's -buildvcs=false is refused before Go 1.18, and an empty value would not override it.
        .env("GOFLAGS", "-mod=mod")
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
