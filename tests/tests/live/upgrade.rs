//! `goproctor upgrade` of programs that each lean on one behaviour that moved (go-fixtures/moved): it names what differs, the setting, the
//! call that uses it, and the line to write.

use goproctor_tests::{command, harness::Test};
use serde_json::Value as Json;

use super::go_test_verdicts::Run;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("upgrade_of_urlstrictcolons", gateway),
    ("upgrade_of_httpmuxgo121", catalog),
    ("upgrade_of_asynctimerchan", lease),
    ("upgrade_of_loop_variables", mailing),
];

const FROM: &str = "go1.26.8";
const TO: &str = "go1.27.3";

/// What `upgrade` says of a program.
struct Said {
    differences: Vec<Json>,
    old_behaviours: Vec<Json>,
}

/// Upgrades a program whose `go` line is 1.21.
fn upgrade(program: &str) -> Said {
    let mut command = command::goproctor();
    command
        .args([
            "upgrade", "--from", FROM, "--to", TO, "--json", "--user", "root",
        ])
        .arg(format!("go-fixtures/moved/{program}"));
    let run = Run::of(&mut command);
    assert_eq!(run.code, Some(1), "{run:?}");
    let lines = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let lines: Vec<Json> = lines.collect();
    let of = |event: &str| {
        let lines = lines.iter().filter(|line| line["event"] == event);
        lines.cloned().collect::<Vec<Json>>()
    };
    assert_eq!(of("audit_incomplete"), Vec::<Json>::new());
    Said {
        differences: of("difference"),
        old_behaviours: of("old_behaviour"),
    }
}

impl Said {
    /// The one difference.
    fn only(&self) -> &Json {
        match self.differences.as_slice() {
            [one] => one,
            all => panic!("{all:#?}"),
        }
    }
}

/// The settings that are the cause.
fn settings(difference: &Json) -> Vec<&str> {
    let settings = difference["cause"]["settings"].as_array();
    let settings = settings.unwrap_or_else(|| panic!("{difference:#}"));
    settings
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect()
}

fn write(difference: &Json) -> Vec<&str> {
    let lines = difference["write"].as_array().into_iter().flatten();
    lines.filter_map(Json::as_str).collect()
}

fn gateway() {
    let said = upgrade("gateway");
    let one = said.only();
    assert_eq!(one["function"], "main.target", "{one:#}");
    assert_eq!(one["part"], "GET /host?url=http://::1/a", "{one:#}");
    assert_eq!(settings(one), ["urlstrictcolons"], "{one:#}");
    let stacks = one["cause"]["settings"][0]["stacks"].to_string();
    for call in ["net/url.parseHost url.go:", "main.target main.go:"] {
        assert!(stacks.contains(call), "{one:#}");
    }
    let line = "//go:debug urlstrictcolons=0    in package main, above `package`";
    assert_eq!(write(one), [line]);
    let [used] = said.old_behaviours.as_slice() else {
        panic!("{:#?}", said.old_behaviours)
    };
    assert_eq!(used["setting"], "urlstrictcolons", "{used:#}");
    assert!(used.to_string().contains("main.target"), "{used:#}");
}

/// The setting is read when the program starts, so no request has a stack of it.
fn catalog() {
    let said = upgrade("catalog");
    let one = said.only();
    assert_eq!(one["function"], "main.show", "{one:#}");
    assert_eq!(one["part"], "GET /items/7", "{one:#}");
    assert_eq!(settings(one), ["httpmuxgo121"], "{one:#}");
    let line = "//go:debug httpmuxgo121=1    in package main, above `package`";
    assert_eq!(write(one), [line]);
}

/// Go 1.27 no longer has the setting.
fn lease() {
    let said = upgrade("lease");
    let one = said.only();
    assert_eq!(
        one["function"], "goproctor.test/moved/lease.Sweep",
        "{one:#}"
    );
    assert_eq!(one["part"], "TestSweep", "{one:#}");
    assert_eq!(settings(one), ["asynctimerchan"], "{one:#}");
    let line = "toolchain go1.26.8    in go.mod, until nothing needs asynctimerchan: Go 1.27 no longer has it";
    assert_eq!(write(one), [line]);
}

fn mailing() {
    let said = upgrade("mailing");
    let one = said.only();
    assert_eq!(
        one["function"], "goproctor.test/moved/mailing.send",
        "{one:#}"
    );
    assert_eq!(one["part"], "TestReminders", "{one:#}");
    assert_eq!(one["cause"]["kind"], "loop_variables", "{one:#}");
    let line = "//go:build go1.21    at the top of the files with the loops, or declare the variable outside of the loop";
    assert_eq!(write(one), [line]);
}
