//! `goproctor matrix`: a spec holds on each release, and what does not is said of just the releases that it does not hold on.
//!
//! `GOPROCTOR_MATRIX_RELEASES` is a list of releases for the specs that are the same on all (`make matrix`).

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use goproctor_tests::{command, go::NEWEST, harness::Test};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value as Json;

use crate::{go_test::copy, go_test_verdicts::Run};

pub(crate) const TESTS: &[Test<'static>] = &[
    ("matrix_passes_alike_on_each_release", programs),
    ("matrix_of_generics_passes_alike_on_each_release", generics),
    ("matrix_of_go_tests_passes_alike_on_each_release", go_tests),
    ("matrix_says_what_differs_and_where", differs),
    (
        "matrix_of_go_tests_says_what_differs_and_where",
        go_tests_differ,
    ),
    ("matrix_that_is_interrupted_leaves_nothing", interrupted),
];

/// Those that the specs are run with; with all, `make matrix` does.
const RELEASES: &str = "1.15.15,1.16.15,1.17.13,1.21.13,1.27.3";

/// The specs of programs that any release builds.
const SPECS: [&str; 5] = [
    "testdata/matrix/ending.proctor.toml",
    "testdata/matrix/goroutine.proctor.toml",
    "testdata/matrix/values.proctor.toml",
    "testdata/names.proctor.toml",
    "testdata/tour.proctor.toml",
];

/// The specs of programs with type parameters.
const GENERICS: [&str; 2] = [
    "testdata/generics.proctor.toml",
    "testdata/wild.proctor.toml",
];

/// The packages of Go tests, each with a spec of its own.
const PACKAGES: [&str; 2] = ["bank", "shop"];

fn programs() {
    pass_alike(command::repository(), &SPECS, &releases(15));
}

fn generics() {
    pass_alike(command::repository(), &GENERICS, &releases(18));
}

fn go_tests() {
    let folder = tempfile::tempdir().unwrap();
    copy(
        &command::repository().join("go-fixtures/go-test"),
        folder.path(),
    );
    let specs = command::repository().join("testdata/matrix/go-test");
    let specs = PACKAGES.map(|package| {
        let spec = format!("{package}/{package}.proctor.toml");
        let source = specs.join(format!("{package}.proctor.toml"));
        fs::copy(source, folder.path().join(&spec)).unwrap();
        let snapshots = folder.path().join(package).join("snapshots");
        fs::create_dir(&snapshots).unwrap();
        copy(&specs.join("snapshots"), &snapshots);
        spec
    });
    let specs = specs.iter().map(String::as_str).collect::<Vec<_>>();
    pass_alike(folder.path(), &specs, &releases(16));
}

/// The releases that are asked for, from one on.
fn releases(first: u32) -> String {
    let asked = env::var("GOPROCTOR_MATRIX_RELEASES");
    let asked = asked.unwrap_or_else(|_| RELEASES.to_owned());
    let is_meant = |release: &&str| {
        let minor = release
            .split('.')
            .nth(1)
            .and_then(|minor| minor.parse().ok());
        minor.is_none_or(|minor: u32| minor >= first)
    };
    let meant: Vec<&str> = asked.split(',').filter(is_meant).collect();
    meant.join(",")
}

/// All specs pass with all releases, their snapshots among what is asked, and nothing is written.
fn pass_alike(folder: &Path, specs: &[&str], releases: &str) {
    let before = files(folder, specs);
    let run = matrix(folder, &[&["--json", "--go", releases], specs].concat());
    let lines: Vec<Json> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let cells: Vec<&Json> = lines
        .iter()
        .filter(|line| line["event"] == "cell")
        .collect();
    for cell in &cells {
        assert_eq!(cell["outcome"], "passed", "{cell}");
        assert_ne!(cell["tests"], 0, "{cell}");
        assert_eq!(cell["not_run"], Json::Array(Vec::new()), "{cell}");
    }
    let asked = lines[0]["releases"].as_array().unwrap().len();
    println!("{} cells passed with {asked} releases", cells.len());
    assert_eq!(cells.len(), asked * specs.len(), "{run:?}");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(files(folder, specs), before, "no snapshot is written");
}

/// The files beside specs and their snapshots.
fn files(folder: &Path, specs: &[&str]) -> BTreeSet<PathBuf> {
    let folders = specs
        .iter()
        .filter_map(|spec| folder.join(spec).parent().map(Path::to_owned));
    let folders = folders.flat_map(|folder| [folder.join("snapshots"), folder]);
    let entries = folders
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

const PROGRAM: &str = r#"package main

import (
	"runtime"
	"strings"
	"time"
)

//go:noinline
func report(release string, isOld bool) bool { return isOld }

//go:noinline
func twice(n int) int { return 2 * n }

func main() {
	version := runtime.Version()
	isOld := strings.HasPrefix(version, "go1.16")
	report("a release", isOld)
	twice(1)
	if isOld {
		twice(2)
	}
	if strings.HasPrefix(version, "go1.21") {
		time.Sleep(time.Hour)
	}
}
"#;

/// It holds with the newest release, not with 1.16, 1.21 does not end, and no program has what 1.17 is asked for.
fn differs() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("old/go.mod", "module example.test/old\n\ngo 1.15\n");
    write("old/main.go", PROGRAM);
    write(
        "old/only117.go",
        "// +build !go1.18,go1.17\n\npackage main\n\nfunc init() { none() }\n",
    );
    write(
        "old.proctor.toml",
        r#"
[program]
package = "./old"

[functions]
report = "main.report"
twice  = "main.twice"

[[test]]
name   = "once"
within = "3s"
count  = { twice = 1 }

[[test]]
name = "not old"
within = "3s"

[test.calls.report]
args = { release = "a release", isOld = false }
"#,
    );
    let releases = format!("1.16.15,1.17.13,1.21.13,{NEWEST}");
    let run = matrix(folder.path(), &["--go", &releases]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let newest = NEWEST.trim_start_matches("go");
    let head = format!("                  1.16.15  1.17.13  1.21.13  {newest}\n");
    assert!(run.out.starts_with(&head), "{}", run.out);
    let row = "old.proctor.toml  ✗ 2/2    !        ✗ 2/2    ✓ 2\n";
    assert!(run.out.contains(row), "{}", run.out);
    for lines in [
        "\n✗ old.proctor.toml › once  go1.16.15\n    old.proctor.toml:12: calls of twice: want 1, got 2\n",
        "\n✗ old.proctor.toml › not old  go1.16.15\n    old.proctor.toml:19: ",
        "\n! old.proctor.toml  go1.17.13\n",
        "undefined: none",
        "\n✗ old.proctor.toml › once  go1.21.13\n    old.proctor.toml:9: not complete within 3s",
        "\n1 spec × 4 releases: 1 passed, 2 failed, 1 could not run  (",
    ] {
        assert!(run.out.contains(lines), "{lines}\n{}", run.out);
    }
    let markdown = matrix(
        folder.path(),
        &["--markdown", "-run", "^once$", "--go", "1.16.15,1.17.13"],
    );
    let table = "| spec | 1.16.15 | 1.17.13 |\n|---|---|---|\n| old.proctor.toml | ✗ 1/1 | ! |\n";
    assert!(markdown.out.starts_with(table), "{}", markdown.out);
}

const GO: &str = "package shop\n\nfunc Publish(topic string) string { return \"to \" + topic }\n";

const GO_TEST: &str = r#"package shop

import (
	"runtime"
	"strings"
	"testing"
)

func TestShop(t *testing.T) {
	Publish("order")
	t.Run("skipped", func(t *testing.T) {
		if strings.HasPrefix(runtime.Version(), "go1.17") {
			t.Skip("not there")
		}
		Publish("more")
	})
	if strings.HasPrefix(runtime.Version(), "go1.18") {
		Publish("again")
	}
	if strings.HasPrefix(runtime.Version(), "go1.21") {
		t.Errorf("this release fails")
	}
}

func TestOther(t *testing.T) { t.Fatal("no spec looks at it") }
"#;

/// One release skips a subtest, one makes a call more, one fails by itself; tests that no spec names are not run.
fn go_tests_differ() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("go.mod", "module example.test/shop\n\ngo 1.16\n");
    write("shop.go", GO);
    write("shop_test.go", GO_TEST);
    write(
        "shop.proctor.toml",
        r#"[functions]
publish = "shop.Publish"

[[test]]
go-test = "TestShop"
count   = { publish = { le = 2 } }

[[test]]
go-test = "TestShop/skipped"
count   = { publish = 1 }
"#,
    );
    let releases = format!("1.17.13,1.18.10,1.21.13,{NEWEST}");
    let run = matrix(folder.path(), &["--go", &releases]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let row = "shop.proctor.toml  ✓ 1/2    ✗ 1/2    ✗ 1/2    ✓ 2\n";
    assert!(run.out.contains(row), "{}", run.out);
    for lines in [
        "\n✗ shop.proctor.toml › TestShop  go1.18.10\n    shop.proctor.toml:6: calls of publish: want ≤ 2, got 3\n",
        "\n✗ shop.proctor.toml › TestShop  go1.21.13\n    shop.proctor.toml:5: the Go test fails by itself\n        shop_test.go:21: this release fails\n",
        "\nshop.proctor.toml › TestShop/skipped did not run, or was skipped: go1.17.13\n",
    ] {
        assert!(run.out.contains(lines), "{lines}\n{}", run.out);
    }
}

/// When a run is interrupted.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So many milliseconds after it began.
    After(u64),
    /// When the first cell is done.
    FirstCell,
}

/// It is interrupted while it builds and while it runs.
fn interrupted() {
    for moment in [Moment::After(500), Moment::After(2500), Moment::FirstCell] {
        let folder = tempfile::tempdir().unwrap();
        let spec = command::repository().join("testdata/tour.proctor.toml");
        let mut command = command::goproctor();
        command
            .args(["matrix", "--json", "--go", RELEASES])
            .arg(spec)
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut child = command.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        match moment {
            Moment::After(millis) => thread::sleep(Duration::from_millis(millis)),
            Moment::FirstCell => {
                let mut lines = out.by_ref().lines().map(Result::unwrap);
                assert!(lines.any(|line| line.contains("\"cell\"")), "{moment:?}");
            }
        }
        let pid = Pid::from_raw(child.id().cast_signed());
        kill(pid, Signal::SIGINT).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(3), "{moment:?}");
        let begun = Instant::now();
        loop {
            let left: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().collect();
            let processes = processes_of(folder.path());
            if left.is_empty() && processes.is_empty() {
                break;
            }
            let late = begun.elapsed() > Duration::from_secs(15);
            assert!(!late, "{moment:?}: {left:?}, {processes:?}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The processes whose environment names a folder.
fn processes_of(folder: &Path) -> Vec<String> {
    let named = folder.to_str().unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let processes = processes.map(|entry| entry.path()).filter(|process| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(named)
    });
    processes
        .map(|process| fs::read_to_string(process.join("comm")).unwrap_or_default())
        .collect()
}

fn matrix(folder: &Path, arguments: &[&str]) -> Run {
    let mut command: Command = command::goproctor();
    command
        .arg("matrix")
        .args(arguments)
        .current_dir(folder)
        .env("COLUMNS", "120")
        .env("GOENV", "off");
    Run::of(&mut command)
}
