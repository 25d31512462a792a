//! The cases of the command line: see [`goproctor_tests::cases`].

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use goproctor_tests::{
    cases::{self, Outcome},
    command::goproctor,
    go::{self, NEWEST},
};

fn all_are_as_expected(outcome: Outcome) {
    let wrong = cases::run(outcome).unwrap();
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn passes() {
    all_are_as_expected(Outcome::Passes);
}

#[test]
fn fails() {
    all_are_as_expected(Outcome::Fails);
}

#[test]
fn wrong_spec() {
    all_are_as_expected(Outcome::WrongSpec);
}

#[test]
fn cannot_run() {
    all_are_as_expected(Outcome::CannotRun);
}

#[test]
fn inconclusive() {
    all_are_as_expected(Outcome::Inconclusive);
}

/// What a machine is able to do is its own, so this is no case of the files.
#[test]
fn doctor_finds_all_that_is_needed_here() {
    let output = goproctor().arg("doctor").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    for name in ["privilege", "uprobe_multi", "kernel program", "go ", "user"] {
        assert!(text.contains(&format!("✓ {name}")), "{text}");
    }
    assert!(text.ends_with("all that is needed is there\n"), "{text}");

    let output = goproctor().args(["doctor", "--json"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for line in text.lines() {
        let finding: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(
            finding["found"].is_boolean() && finding["name"].is_string(),
            "{line}"
        );
    }
    assert!(text.lines().count() > 5, "{text}");
}

/// What the runtime writes then has addresses in it, so this is no case of the files either.
#[test]
fn a_program_that_ends_before_main_is_reported_with_what_it_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let binary = go::build_fixture("base", "hits", NEWEST, folder.path());
    let spec = binary.with_extension("proctor.toml");
    let text = r#"
[program]
binary = "./hits"
env = { GOMEMLIMIT = "lots" }

[functions]
watched = "main.watched"

[[test]]
name = "the runtime refuses its settings"
count = { watched = 1 }
"#;
    std::fs::write(&spec, text).unwrap();
    let output = goproctor().arg("run").arg(&spec).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{text}");
    let reason = "the program exited with code 2 before its runtime.main began; it wrote:\n";
    assert!(text.contains(reason), "{text}");
    assert!(text.contains("runtime.readGOMEMLIMIT()"), "{text}");
}
