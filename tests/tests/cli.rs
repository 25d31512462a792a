//! The cases of the command line, each a test: see [`goproctor_tests::cases`]; and what can't be a case.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::process::ExitCode;

use goproctor_tests::{
    cases,
    command::goproctor,
    go::{self, NEWEST},
};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials: Vec<_> = cases::all().unwrap().into_iter().map(case).collect();
    trials.push(test(
        "doctor_finds_all_that_is_needed_here",
        doctor_finds_all_that_is_needed_here,
    ));
    trials.push(test(
        "a_program_that_ends_before_main_is_reported_with_what_it_wrote",
        a_program_that_ends_before_main_is_reported_with_what_it_wrote,
    ));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn case(case: cases::Case) -> Trial {
    Trial::test(case.name.clone(), move || match case.run() {
        Ok(wrong) if wrong.is_empty() => Ok(()),
        Ok(wrong) => Err(Failed::from(wrong)),
        Err(error) => Err(Failed::from(error)),
    })
}

fn test(name: &str, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

/// What a machine is able to do is its own, so this is no case of the files.
fn doctor_finds_all_that_is_needed_here() {
    let output = goproctor().arg("doctor").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    for name in ["privilege", "uprobe_multi", "kernel program", "go ", "user"] {
        assert!(text.contains(&format!("✓ {name}")), "{text}");
    }
    assert!(text.ends_with("ready\n"), "{text}");

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
