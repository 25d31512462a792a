//! Programs for tests, built with the Go that is installed.

use std::{path::PathBuf, process::Command};

use tempfile::TempDir;

use crate::toolchain::{Declarations, source};

/// A program that was built; its folder goes with it.
pub struct Program {
    pub binary: PathBuf,
    _folder: TempDir,
}

impl Program {
    /// Builds one source file as package `example.com/watched`.
    pub fn build(source: &str) -> Self {
        Self::build_with(source, "1.18", "local", &[])
    }

    /// The same in a language version, by a Go release and with flags of its own.
    pub fn build_with(source: &str, language: &str, release: &str, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("program");
        std::fs::write(
            folder.path().join("go.mod"),
            format!("module example.com/watched\n\ngo {language}\n"),
        )
        .unwrap();
        std::fs::write(folder.path().join("main.go"), source).unwrap();
        let output = Command::new("go")
            .args(["build", "-o", "program"])
            .args(flags)
            .arg(".")
            .current_dir(folder.path())
            .envs([
                ("GOENV", "off"),
                ("GOTOOLCHAIN", release),
                ("GOFLAGS", "-p=2"),
            ])
            .output()
            .expect("go is installed");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Self {
            binary,
            _folder: folder,
        }
    }
}

/// What one file of a package declares.
pub fn declarations_of(package: &str, text: &str) -> Declarations {
    source::declarations_of(package, text).expect("the grammar fits the parser")
}
