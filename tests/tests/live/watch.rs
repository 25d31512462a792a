//! `goproctor run --watch`: what changes is run again, and nothing else; what is broken is shown and watched on.

use std::{
    fs,
    io::{self, BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::Child,
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use goproctor_tests::{command, harness::Test};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("watch_runs_what_changes_again", changes),
    ("watch_goes_on_with_what_is_broken", broken),
];

/// How long a run may take on a busy machine.
const SOON: Duration = Duration::from_secs(60);
/// How long it is waited for what must not happen.
const WHILE: Duration = Duration::from_millis(700);

const MAIN: &str = r#"package main

import (
	_ "embed"

	"watched.test/store"
)

//go:embed text.txt
var text string

func main() {
	for range 2 {
		work(text)
	}
	store.Keep()
}

func work(text string) {}
"#;
const STORE: &str = "package store\n\nfunc Keep() {}\n";

fn spec(package: &str, function: &str, count: u32) -> String {
    format!(
        "[program]\npackage = \"{package}\"\n\n[functions]\nf = \"{function}\"\n\n[[test]]\nname = \"calls\"\ncount = {{ f = {count} }}\n"
    )
}

/// A module with a program, and another program beside it.
fn module() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("go.mod", "module watched.test\n\ngo 1.22\n");
    write("main.go", MAIN);
    write("text.txt", "text\n");
    write("store/store.go", STORE);
    write(
        "other/main.go",
        "package main\n\nfunc main() { other() }\n\nfunc other() {}\n",
    );
    write("a.proctor.toml", &spec(".", "main.work", 2));
    write("b.proctor.toml", &spec("./other", "main.other", 1));
    folder
}

/// A goproctor that watches.
struct Watching {
    folder: TempDir,
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn begin() -> Self {
        let folder = module();
        // One pipe, so that lines come in the order in which they are written.
        let (reader, writer) = io::pipe().unwrap();
        let child = command::goproctor()
            .args(["run", "--watch"])
            .current_dir(folder.path())
            .stdout(writer.try_clone().unwrap())
            .stderr(writer)
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let mut lines = BufReader::new(reader).lines().map_while(Result::ok);
            lines.try_for_each(|line| sender.send(line))
        });
        Self {
            folder,
            child,
            lines,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The lines up to the one that begins so.
    fn up_to(&self, end: &str) -> Vec<String> {
        let begun = Instant::now();
        let mut lines = Vec::new();
        loop {
            let left = SOON.saturating_sub(begun.elapsed());
            match self.lines.recv_timeout(left) {
                Ok(line) => lines.push(line),
                Err(error) => panic!("no line {end}: {error}: {lines:#?}"),
            }
            if lines.last().is_some_and(|line| line.starts_with(end)) {
                return lines;
            }
        }
    }

    /// The first words of the lines of tests, once all have ended.
    fn tests(&self) -> Vec<String> {
        let lines = self.up_to("1 test").into_iter();
        let is_test = |line: &String| line.contains(" › ");
        let words = |line: String| {
            line.split_whitespace()
                .take(4)
                .collect::<Vec<_>>()
                .join(" ")
        };
        lines.filter(is_test).map(words).collect()
    }

    fn is_quiet(&self) {
        while let Ok(line) = self.lines.recv_timeout(WHILE) {
            // How many files they are is said when nothing else is to be done.
            let is_aside = line.starts_with("goproctor: watching");
            assert!(is_aside, "not asked for: {line}");
        }
    }

    /// Ends it with Ctrl-C; gives its exit code.
    fn end(mut self) -> Option<i32> {
        let id = Pid::from_raw(self.child.id().cast_signed());
        kill(id, Signal::SIGINT).unwrap();
        self.child.wait().unwrap().code()
    }
}

/// As editors that keep the old file until the new one is whole.
fn replace(path: &Path, text: &str) {
    let new = path.with_extension("new~");
    fs::write(&new, text).unwrap();
    fs::rename(new, path).unwrap();
}

fn changes() {
    let watching = Watching::begin();
    watching.up_to("2 tests: 2 passed");
    watching.up_to("goproctor: watching");
    watching.is_quiet();

    // Written in place: the program has another call.
    fs::write(watching.path("main.go"), MAIN.replace("range 2", "range 3")).unwrap();
    assert_eq!(watching.tests(), ["FAIL a › calls"]);
    // Replaced.
    replace(&watching.path("main.go"), MAIN);
    assert_eq!(watching.tests(), ["ok a › calls"]);
    replace(
        &watching.path("main.go"),
        &MAIN.replace("range 2", "range 4"),
    );
    assert_eq!(watching.tests(), ["FAIL a › calls"]);
    // The spec itself.
    replace(&watching.path("a.proctor.toml"), &spec(".", "main.work", 4));
    assert_eq!(watching.tests(), ["ok a › calls"]);
    // A package that the program imports, a new file of it, what is embedded, the module.
    fs::write(
        watching.path("store/store.go"),
        format!("{STORE}\nvar kept int\n"),
    )
    .unwrap();
    assert_eq!(watching.tests(), ["ok a › calls"]);
    fs::write(watching.path("store/more.go"), "package store\n").unwrap();
    assert_eq!(watching.tests(), ["ok a › calls"]);
    replace(&watching.path("text.txt"), "another text\n");
    assert_eq!(watching.tests(), ["ok a › calls"]);
    // The other one.
    fs::write(
        watching.path("other/main.go"),
        "package main\n\nfunc main() {}\n\nfunc other() {}\n",
    )
    .unwrap();
    let seen = watching.up_to("1 test");
    assert!(
        seen.iter().any(|line| line.contains("b › calls")),
        "{seen:#?}"
    );
    assert!(
        !seen.iter().any(|line| line.contains("a › calls")),
        "{seen:#?}"
    );
    // What no spec depends on.
    fs::write(watching.path("main_test.go"), "package main\n").unwrap();
    fs::write(watching.path("notes.txt"), "nothing\n").unwrap();
    fs::create_dir(watching.path("third")).unwrap();
    fs::write(watching.path("third/main.go"), "package main\n").unwrap();
    watching.is_quiet();
    watching.end();
}

fn broken() {
    let watching = Watching::begin();
    watching.up_to("2 tests: 2 passed");
    watching.up_to("goproctor: watching");
    // A build that fails.
    replace(
        &watching.path("main.go"),
        "package main\n\nfunc main() { nothing() }\n",
    );
    let seen = watching.up_to("1 test");
    assert!(
        seen.iter().any(|line| line.contains("undefined: nothing")),
        "{seen:#?}"
    );
    replace(&watching.path("main.go"), MAIN);
    assert_eq!(watching.tests(), ["ok a › calls"]);
    // A module that go can't read.
    let module = fs::read_to_string(watching.path("go.mod")).unwrap();
    replace(&watching.path("go.mod"), "modul watched.test\n");
    watching.up_to("2 tests: 0 passed");
    replace(&watching.path("go.mod"), &module);
    watching.up_to("2 tests: 2 passed");
    // A spec that is wrong, and a change of the program while it is.
    let right = spec(".", "main.work", 2);
    replace(
        &watching.path("a.proctor.toml"),
        &right.replace("count", "cuont"),
    );
    watching.up_to("  × unknown key `cuont`");
    watching.up_to("  help");
    replace(
        &watching.path("main.go"),
        &MAIN.replace("range 2", "range 5"),
    );
    watching.up_to("  × unknown key `cuont`");
    watching.up_to("  help");
    replace(&watching.path("a.proctor.toml"), &right);
    assert_eq!(watching.tests(), ["FAIL a › calls"]);
    // A spec that is new.
    fs::write(
        watching.path("c.proctor.toml"),
        spec("./other", "main.other", 7),
    )
    .unwrap();
    watching.up_to("FAIL  c › calls");
    watching.up_to("1 test: 0 passed, 1 failed");
    assert_eq!(watching.end(), Some(1));
}
