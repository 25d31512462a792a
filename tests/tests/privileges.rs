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
        self.run_through(as_user, &[], arguments)
    }

    /// Runs goproctor through a tool that takes something from it.
    fn run_through(&self, as_user: bool, tool: &[&str], arguments: &[&str]) -> Output {
        let path = self.goproctor();
        let mut words = tool.iter().copied().chain(path.to_str());
        let mut command = Command::new(words.next().unwrap());
        command.args(words).args(arguments);
        if as_user {
            command.uid(NOBODY_KNOWS).gid(NOBODY_KNOWS);
        }
        command
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

/// Said once, where the program runs as root, with the flag that hides it.
#[test]
fn that_the_program_runs_as_root_is_said_once() {
    let place = Place::create();
    let spec = place.spec();
    chown(&spec, Some(0), Some(0)).unwrap();
    let spec = spec.to_str().unwrap();
    for (arguments, times) in [
        (&["run", spec][..], 1),
        (&["run", spec, "--user", "root"], 0),
        (&["check", spec], 0),
    ] {
        let output = place.run(false, arguments);
        assert!(output.status.success(), "{}", text(&output));
        let said = text(&output).matches("running as root").count();
        assert_eq!(said, times, "{arguments:?}: {}", text(&output));
    }
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
    place.grant(&kernel::file_capabilities());
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

/// The cause that keeps the capabilities away is named, and no command is shown that was run already.
#[test]
fn what_keeps_the_capabilities_away_is_named() {
    let place = Place::create();
    place.grant(&kernel::file_capabilities());
    let nobody = NOBODY_KNOWS.to_string();
    let lacking = ["setpriv", "--bounding-set", "-bpf,-perfmon,-sys_admin"];
    let as_nobody = ["--reuid", &nobody, "--regid", &nobody, "--clear-groups"];
    let user_lacking: Vec<&str> = lacking.into_iter().chain(as_nobody).collect();
    for (as_user, tool, cause) in [
        (true, &["setpriv", "--no-new-privs"][..], "no_new_privs"),
        (false, &user_lacking, "bounding set"),
        (false, &lacking, "bounding set"),
        (
            true,
            &["unshare", "--user", "--map-root-user"],
            "user namespace",
        ),
        (
            false,
            &["unshare", "--user", "--map-root-user"],
            "user namespace",
        ),
    ] {
        let spec = place.spec();
        let run = ["run", spec.to_str().unwrap()];
        for arguments in [&run[..], &["doctor"]] {
            let output = place.run_through(as_user, tool, arguments);
            let text = text(&output);
            assert_eq!(output.status.code(), Some(3), "{tool:?}: {text}");
            assert!(text.contains(cause), "{tool:?}: {text}");
            let fix = text
                .lines()
                .find_map(|line| line.trim().strip_prefix("fix: "));
            let fix = fix.unwrap_or_else(|| panic!("{tool:?}: {text}"));
            assert!(!fix.contains("setcap"), "{tool:?}: {text}");
        }
    }
}
