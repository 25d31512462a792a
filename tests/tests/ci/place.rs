//! A folder with a program's specs, and goproctor on the PATH.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use goproctor_tests::command;

/// A folder that tests run commands in.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// With the files of a case of the command line.
    pub(crate) fn of_case(case: &str) -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let repository = command::repository();
        symlink(
            repository.join("go-fixtures"),
            place.folder.path().join("go-fixtures"),
        )
        .unwrap();
        fs::create_dir(place.work()).unwrap();
        fs::create_dir(place.commands()).unwrap();
        fs::copy(command::path(), place.commands().join("goproctor")).unwrap();
        for entry in fs::read_dir(repository.join("testdata/cases").join(case)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                fs::copy(&path, place.work().join(path.file_name().unwrap())).unwrap();
            }
        }
        place
    }

    /// The folder with the specs.
    pub(crate) fn work(&self) -> PathBuf {
        self.folder.path().join("case")
    }

    /// The folder with commands.
    pub(crate) fn commands(&self) -> PathBuf {
        self.folder.path().join("commands")
    }

    /// Adds a command, as a script of a shell.
    pub(crate) fn add_command(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.commands().join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A command in the folder with the specs, as in a plain job of a CI.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut path = self.commands().into_os_string();
        path.push(":");
        path.push(env::var_os("PATH").unwrap_or_default());
        let mut command = Command::new(program);
        command
            .current_dir(self.work())
            .env("PATH", path)
            .env("NO_COLOR", "1");
        for name in [
            "CI",
            "GITHUB_ACTIONS",
            "GITHUB_STEP_SUMMARY",
            "GITHUB_WORKSPACE",
            "SUDO_UID",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// What a script of bash does.
    pub(crate) fn bash(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        let mut command = self.command("bash");
        command.args(["-euo", "pipefail", "-c", script]);
        command.envs(variables.iter().copied()).output().unwrap()
    }

    /// The text of a file beside the specs.
    pub(crate) fn read(&self, name: impl AsRef<Path>) -> String {
        let path = self.work().join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

/// All that a command said.
pub(crate) fn text(output: &Output) -> String {
    format!(
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
