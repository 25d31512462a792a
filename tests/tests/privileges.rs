//! The commands as root, as a user whom the executable's file capabilities let watch, and as one who may not. Run as root.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::{
    fs,
    os::unix::{
        fs::{PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::PathBuf,
    process::{Command, Output},
};

use goproctor_tests::{
    command,
    go::{self, NEWEST},
};

/// A user whom no machine knows.
const NOBODY_KNOWS: u32 = 54_321;

/// A copy of goproctor and of a built program, which every user may run.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn create() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let all = || fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.path(), all()).unwrap();
        let place = Self { folder };
        fs::copy(command::path(), place.goproctor()).unwrap();
        fs::set_permissions(place.goproctor(), all()).unwrap();
        let work = place.folder.path().join("work");
        fs::create_dir(&work).unwrap();
        let built = go::build_fixture("base", "hits", NEWEST, &work);
        fs::set_permissions(built, all()).unwrap();
        fs::write(
            place.spec(),
            r#"
[program]
binary = "./hits"
args = ["-calls=10"]

[functions]
watched = "main.watched"

[[test]]
name = "each call is seen"
count = { watched = 10 }
"#,
        )
        .unwrap();
        // Whose the files are, goproctor becomes.
        for path in [&work, &place.spec(), &work.join("hits")] {
            chown(path, Some(NOBODY_KNOWS), Some(NOBODY_KNOWS)).unwrap();
        }
        place
    }

    fn goproctor(&self) -> PathBuf {
        self.folder.path().join("goproctor")
    }

    fn spec(&self) -> PathBuf {
        self.folder.path().join("work/hits.proctor.toml")
    }

    /// Gives the copy file capabilities, as `make install` does.
    fn grant(&self, capabilities: &str) {
        let status = Command::new("setcap")
            .arg(capabilities)
            .arg(self.goproctor())
            .status()
            .unwrap();
        assert!(status.success(), "setcap {capabilities}: {status}");
    }

    /// Runs goproctor as root or as a user.
    fn run(&self, as_user: bool, arguments: &[&str]) -> Output {
        let mut command = if as_user {
            let mut command = Command::new(self.goproctor());
            command.uid(NOBODY_KNOWS).gid(NOBODY_KNOWS);
            command
        } else {
            Command::new(self.goproctor())
        };
        command
            .args(arguments)
            .current_dir(self.folder.path().join("work"))
            .env("NO_COLOR", "1")
            .env("HOME", "/tmp")
            .env_remove("CI")
            .output()
            .unwrap()
    }

    fn run_spec(&self, as_user: bool) -> Output {
        self.run(as_user, &["run", self.spec().to_str().unwrap()])
    }

    fn trace(&self, as_user: bool) -> Output {
        let binary = self.folder.path().join("work/hits");
        let binary = binary.to_str().unwrap().to_owned();
        self.run(
            as_user,
            &["trace", &binary, "-f", "main.watched", "--", "-calls=10"],
        )
    }
}

fn text(output: &Output) -> String {
    format!(
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// It runs, traces, and finds all that is needed.
fn all_commands_work(place: &Place, as_user: bool) {
    let ran = place.run_spec(as_user);
    assert!(ran.status.success(), "{}", text(&ran));
    let traced = place.trace(as_user);
    assert!(traced.status.success(), "{}", text(&traced));
    assert!(text(&traced).contains("watched("), "{}", text(&traced));
    let found = place.run(as_user, &["doctor"]);
    let lines = text(&found);
    for capability in ["kernel", "privilege", "kernel program", "a probe"] {
        let begin = format!("✓ {capability} ");
        assert!(
            lines.lines().any(|line| line.starts_with(&begin)),
            "{lines}"
        );
    }
}

#[test]
fn root_runs_all_commands() {
    all_commands_work(&Place::create(), false);
}

/// Without what the kernel takes nothing is watched, and the command that is shown mends it. On a kernel without
/// uprobe_multi two capabilities are not enough.
#[test]
fn a_user_is_refused_until_the_command_that_is_shown_was_run() {
    let place = Place::create();
    for output in [
        place.run_spec(true),
        place.trace(true),
        place.run(true, &["doctor"]),
    ] {
        assert_refused(&place, &output);
    }
    if kernel::file_capabilities() != TWO {
        place.grant(TWO);
        assert_refused(&place, &place.run_spec(true));
    }
    place.grant(kernel::file_capabilities());
    all_commands_work(&place, true);
}

const TWO: &str = "cap_bpf,cap_perfmon=p";

fn assert_refused(place: &Place, output: &Output) {
    let command = format!(
        "sudo setcap {} '{}'",
        kernel::file_capabilities(),
        place.goproctor().display()
    );
    let text = text(output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains(&command), "{text}");
}
