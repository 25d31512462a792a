//! `--junit`: valid by Jenkins' schema, and read back by two parsers of others.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use goproctor_tests::command::repository;
use junit_parser::{TestCase, TestStatus, TestSuites};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{
    place::{Place, text},
    python,
};

/// Says what the schema says of a report.
const VALIDATE: &str = "
import sys
from lxml import etree
schema = etree.XMLSchema(etree.parse(sys.argv[1]))
if not schema.validate(etree.parse(sys.argv[2])):
    sys.exit(str(schema.error_log))
";

/// A line a test: its suite, its name, what it has, the first line of its message.
const READ: &str = "
import sys
from junitparser import JUnitXml, TestSuite
for suite in JUnitXml.fromfile(sys.argv[1]):
    for case in suite:
        words = [f'{type(result).__name__}({result.type}): {result.message}' for result in case.result]
        print(suite.name, case.name, *words, sep=' | ')
";

fn schema() -> std::path::PathBuf {
    repository().join("testdata/junit/junit-10.xsd")
}

fn assert_valid(report: &Path) {
    python::run(VALIDATE, &[&schema(), report]);
}

/// What the Rust crate reads, in the form of [`READ`].
fn read(suites: &TestSuites) -> String {
    let mut text = String::new();
    for suite in &suites.suites {
        for case in &suite.cases {
            text.push_str(&format!(
                "{} | {}{}\n",
                suite.name,
                case.original_name,
                result(case)
            ));
        }
    }
    text
}

fn result(case: &TestCase) -> String {
    match &case.status {
        TestStatus::Success => String::new(),
        TestStatus::Error(it) => format!(" | Error({}): {}", it.error_type, it.message),
        TestStatus::Failure(it) => format!(" | Failure({}): {}", it.failure_type, it.message),
        TestStatus::Skipped(_) => " | Skipped".to_owned(),
    }
}

const EXPECTED: &str = "\
ends.proctor.toml | it ends with a status of its own | Error(could_not_run): the program exited with code 7 during the test; it wrote:
orders.proctor.toml | an argument that the function does not have | Error(wrong_spec): orders.proctor.toml:25:31: main.rest has no parameter `seconds`
orders.proctor.toml | one millisecond
orders.proctor.toml | two calls & <three> \"more\" | Failure(count): orders.proctor.toml:16: calls of rest: want 2, got 1
orders.proctor.toml | a percentile of three calls | Error(inconclusive): orders.proctor.toml:21: latency of rest p99 < 1s: unknown: p99 needs at least 100 calls
";

#[test]
fn a_report_is_valid_and_two_parsers_read_the_same() {
    let place = Place::of_case("fails/junit");
    let output = place.bash("goproctor run --junit junit.xml", &[]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    let report = place.work().join("junit.xml");
    assert_valid(&report);
    assert_eq!(python::run(READ, &[&report]), EXPECTED);
    let file = BufReader::new(fs::File::open(&report).unwrap());
    let suites = junit_parser::from_reader(file).unwrap();
    assert_eq!(read(&suites), EXPECTED);
    assert_eq!((suites.tests, suites.failures, suites.errors), (5, 1, 3));
    let failed = &suites.suites[1].cases[2];
    let TestStatus::Failure(failure) = &failed.status else {
        panic!("{failed:?}");
    };
    assert!(failed.time > 0.0);
    // The body is what the terminal shows.
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(
        shown.contains(&failure.text),
        "{shown}\n---\n{}",
        failure.text
    );
}

/// The schema refuses something: a report that is valid says more than that it is XML.
#[test]
fn the_schema_refuses_what_it_does_not_have() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("junit.xml");
    fs::write(&report, "<testsuites skipped=\"0\"/>").unwrap();
    let output = python::output(VALIDATE, &[&schema(), &report]);
    assert!(
        text(&output).contains("The attribute 'skipped' is not allowed"),
        "{}",
        text(&output)
    );
}

#[test]
fn a_spec_that_cannot_be_read_and_an_empty_run_are_valid() {
    let place = Place::of_case("wrong-spec/junit");
    let output = place.bash("goproctor run --junit junit.xml", &[]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    let report = place.work().join("junit.xml");
    assert_valid(&report);
    assert_eq!(
        python::run(READ, &[&report]),
        "wrong.proctor.toml | the spec | Error(wrong_spec): wrong.proctor.toml:6:1: unknown key `requset`\n"
    );
    let place = Place::of_case("fails/junit");
    let empty = "goproctor run --partition 1000/1000 --junit junit.xml";
    let output = place.bash(empty, &[]);
    assert!(output.status.success(), "{}", text(&output));
    let report = place.work().join("junit.xml");
    assert_valid(&report);
    assert_eq!(python::run(READ, &[&report]), "");
}

/// Asked to stop, goproctor reports what was run; killed, it leaves nothing. In neither case is there half a report.
#[test]
fn an_interrupted_run_leaves_a_whole_report_or_none() {
    for (signal, is_whole) in [(Signal::SIGINT, true), (Signal::SIGKILL, false)] {
        let place = Place::of_case("fails/junit");
        let report = place.work().join("junit.xml");
        fs::write(&report, "of an earlier run").unwrap();
        let mut command = place.command("goproctor");
        command.args([
            "run",
            "orders.proctor.toml",
            "-run",
            "one",
            "-count",
            "10000",
        ]);
        command.args(["--junit", "junit.xml"]);
        let mut run = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(run.stdout.take().unwrap()).lines();
        assert!(lines.next().unwrap().unwrap().starts_with("ok "));
        kill(Pid::from_raw(run.id().cast_signed()), signal).unwrap();
        lines.for_each(drop);
        run.wait().unwrap();
        if is_whole {
            assert_valid(&report);
            assert!(
                python::run(READ, &[&report]).contains("orders.proctor.toml | one millisecond\n")
            );
        }
        assert_eq!(left(&place, is_whole), Vec::<String>::new(), "{signal}");
    }
}

/// The files beside the specs that no run should leave, after a while in which the keeper may remove them.
fn left(place: &Place, has_report: bool) -> Vec<String> {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let entries = fs::read_dir(place.work()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let left: Vec<String> = names
            .filter(|name| !name.ends_with(".toml") && !(has_report && name == "junit.xml"))
            .collect();
        if left.is_empty() || Instant::now() > end {
            return left;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
