//! `goproctor run --jobs`: ten specs at a time in pairs, with the verdicts of one after the other.
//!
//! `GOPROCTOR_ROUNDS` says how often (`20` for the promise of the project).

use std::{env, fmt::Write as _, fs, path::Path};

use goproctor_tests::{command, harness::Test};
use serde_json::Value as Json;

use super::go_test_verdicts::Run;

pub(crate) const TESTS: &[Test<'static>] =
    &[("jobs_have_the_verdicts_of_one_after_the_other", verdicts)];

const ROUNDS: usize = 2;

/// Ten specs of servers, which pass, fail, can't be decided, can't be run, and are wrong for their program.
fn specs(folder: &Path) {
    let fixtures = command::repository().join("go-fixtures");
    for number in 0..10 {
        let package = fixtures.join(["base/orders", "testprogram"][number % 2]);
        let mut text = format!(
            "[program]\npackage = \"{}\"\nargs = [\"-listen=127.0.0.1:${{port}}\"]\n\n[functions]\n",
            package.display()
        );
        text.push_str(match number % 2 {
            0 => "f = \"main.rest\"\n",
            _ => "f = \"main.prepareAnswer\"\n",
        });
        let path = match number % 2 {
            0 => "/slow?ms=1",
            _ => "/?name=a&year=2020",
        };
        let wanted = if number == 4 { 3 } else { 2 };
        writeln!(
            text,
            "\n[[test]]\nname = \"two\"\nrequest = {{ get = \"{path}\", repeat = 2 }}\ncount = {{ f = {wanted} }}"
        )
        .unwrap();
        if number == 3 {
            text.push_str("latency = { f = [\"p99 < 10s\"] }\n");
        }
        if number == 6 {
            text = text.replace("main.rest", "main.rset");
        }
        if number == 8 {
            text.push_str("\n[[test]]\nname = \"held\"\nrequest = { get = \"/slow?ms=1\" }\nsnapshot = true\n");
        }
        fs::write(folder.join(format!("s{number}.proctor.toml")), text).unwrap();
    }
}

/// What is the same in each run, a line each.
fn seen(folder: &Path, jobs: &str) -> (Option<i32>, Vec<String>) {
    let mut command = command::goproctor();
    command
        .args(["run", "-json", "--jobs", jobs])
        .current_dir(folder);
    let run = Run::of(&mut command);
    let lines = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let lines = lines.filter(|line: &Json| line["event"] != "spec_end");
    let lines = lines.map(|line| {
        let about = [
            "event",
            "spec",
            "test",
            "subject",
            "outcome",
            "kind",
            "reason_kind",
            "passed",
            "exit_code",
        ];
        let about: Vec<_> = about.iter().map(|name| line[name].to_string()).collect();
        about.join(" ")
    });
    (run.code, lines.collect())
}

fn verdicts() {
    let rounds = env::var("GOPROCTOR_ROUNDS").ok();
    let rounds = rounds
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(ROUNDS);
    let folder = tempfile::tempdir().unwrap();
    specs(folder.path());
    // The first run proposes a snapshot.
    seen(folder.path(), "1");
    let wanted = seen(folder.path(), "1");
    assert_eq!(wanted.0, Some(2), "{wanted:#?}");
    for outcome in ["passed", "failed", "inconclusive", "wrong_spec"] {
        let is_there = |line: &String| line.starts_with("\"test_end\"") && line.contains(outcome);
        assert!(wanted.1.iter().any(is_there), "{outcome}: {wanted:#?}");
    }
    for round in 0..rounds {
        assert_eq!(seen(folder.path(), "2"), wanted, "round {round}");
    }
    println!("{rounds} rounds with the same verdicts");
}
