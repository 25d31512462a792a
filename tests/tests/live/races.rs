//! A data race that the race detector reports fails the test that it is reported in, whatever else holds.

use std::fs;

use goproctor_tests::{
    command::{self, goproctor},
    harness::Test,
};
use serde_json::Value as Json;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("a_race_fails_its_own_test_and_no_other", own_test),
    ("a_race_after_the_last_test_fails_the_run", after_the_last),
    ("a_command_with_a_race_fails", command_fails),
    ("a_race_that_ends_the_program_is_a_failure", halting),
];

const SERVES: &str = "args = [\"-listen=127.0.0.1:${port}\"]\n";

/// What was written and how it ended.
struct Seen {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs tests of the fixture: each a name and the path that it gets; none for a command.
fn run(program: &str, tests: &[(&str, Option<&str>)], options: &[&str]) -> Seen {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("races.proctor.toml");
    let package = command::repository().join("go-fixtures/base/races");
    let mut text = format!(
        "[program]\npackage = \"{}\"\nbuild = {{ race = true }}\n{program}\n[functions]\nwork = \"main.work\"\n",
        package.display()
    );
    for (name, path) in tests {
        text += &format!("[[test]]\nname = \"{name}\"\ncount = {{ work = {{ ge = 1 }} }}\n");
        if let Some(path) = path {
            text += &format!("request = {{ get = \"{path}\" }}\n");
        }
    }
    text += "[redact]\npatterns = [\"main.work.func[0-9]\"]\n";
    fs::write(&spec, text).unwrap();
    let output = goproctor()
        .arg("run")
        .args(options)
        .arg(&spec)
        .output()
        .unwrap();
    Seen {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// How the race verdict of a test went, and its notes.
fn verdict(lines: &str, test: &str) -> (String, String) {
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let mut verdicts =
        lines.filter(|line: &Json| line["subject"] == "race" && line["test"] == test);
    let verdict = verdicts
        .next()
        .unwrap_or_else(|| panic!("no verdict for {test}"));
    assert!(verdicts.next().is_none(), "one for each test");
    let notes = verdict["notes"].as_array().cloned().unwrap_or_default();
    let notes: Vec<&str> = notes.iter().map(|note| note.as_str().unwrap()).collect();
    (
        verdict["outcome"].as_str().unwrap().to_owned(),
        notes.join("\n"),
    )
}

fn own_test() {
    let tests = [
        ("none", Some("/none")),
        ("race", Some("/race")),
        ("end", Some("/later")),
        ("none again", Some("/none")),
    ];
    let seen = run(SERVES, &tests, &["-json"]);
    assert_eq!(seen.code, Some(1), "{}{}", seen.stdout, seen.stderr);
    for name in ["none", "none again"] {
        assert_eq!(verdict(&seen.stdout, name).0, "passed");
    }
    let (outcome, notes) = verdict(&seen.stdout, "race");
    assert_eq!(outcome, "failed");
    assert!(notes.starts_with("WARNING: DATA RACE\n"), "{notes}");
    assert!(notes.contains("Previous write at"), "{notes}");
    assert!(notes.contains("races/main.go:"), "{notes}");
    assert!(!notes.contains("main.work.func1"), "redacted: {notes}");
    let (outcome, notes) = verdict(&seen.stdout, "end");
    assert_eq!(outcome, "failed");
    assert!(
        notes.starts_with(
            "after the test, while the program was being ended:\nWARNING: DATA RACE\n"
        ),
        "{notes}"
    );
    assert!(
        seen.stdout.contains(r#""passed":2,"failed":2,"#),
        "{}",
        seen.stdout
    );

    let seen = run(SERVES, &tests[1..2], &[]);
    assert_eq!(seen.code, Some(1), "{}", seen.stdout);
    let race = seen.stdout.lines().find(|line| line.starts_with("RACE "));
    let race = race.unwrap_or_else(|| panic!("{}", seen.stdout));
    assert!(race.ends_with("build = { race = true }"), "{race}");
    assert!(
        seen.stdout.contains("^^^^ a data race was reported\n"),
        "{}",
        seen.stdout
    );
    assert!(
        seen.stdout.contains("    WARNING: DATA RACE\n"),
        "{}",
        seen.stdout
    );
}

fn after_the_last() {
    let program = format!("{SERVES}restart = false\n");
    let tests = [("arms", Some("/later")), ("last", Some("/none"))];
    let seen = run(&program, &tests, &[]);
    assert_eq!(seen.code, Some(1), "{}{}", seen.stdout, seen.stderr);
    assert!(
        seen.stdout.contains("2 passed, 0 failed"),
        "{}",
        seen.stdout
    );
    assert!(
        seen.stdout.contains("; 1 data race after the last test"),
        "{}",
        seen.stdout
    );
    assert!(
        seen.stderr.contains("WARNING: DATA RACE"),
        "{}",
        seen.stderr
    );
    assert!(!seen.stderr.contains("main.work.func1"), "{}", seen.stderr);
}

fn command_fails() {
    let seen = run("", &[("a command", None)], &["-json"]);
    assert_eq!(seen.code, Some(1), "{}{}", seen.stdout, seen.stderr);
    assert_eq!(verdict(&seen.stdout, "a command").0, "failed");
}

fn halting() {
    let program = format!("{SERVES}env = {{ GORACE = \"halt_on_error=1 exitcode=77\" }}\n");
    let seen = run(&program, &[("it halts", Some("/race"))], &["-json"]);
    assert_eq!(seen.code, Some(1), "{}{}", seen.stdout, seen.stderr);
    let (outcome, notes) = verdict(&seen.stdout, "it halts");
    assert_eq!(outcome, "failed");
    assert!(notes.starts_with("WARNING: DATA RACE\n"), "{notes}");
}
