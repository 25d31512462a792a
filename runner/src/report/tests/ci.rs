//! What a CI gets of a run that has everything.

use std::{fs, time::Duration};

use model::{Race, RaceTime, Races};
use spec::{Source, SpecError, SpecErrors};

use super::{
    super::{Display, GitHub, GitHubJob, JUnit, ReportFile},
    CallId, Content, ExitCode, Finding, JsonLines, Run, TestReport, argument, calls, count, is,
    report, visited,
};

/// A test that fails twice, of a program that wrote what XML can't hold.
fn failed() -> TestReport {
    let mut scene = visited();
    let mut expectation = calls("prepareAnswer");
    expectation.args = vec![argument("name", is("GopherCon <2021> & \"more\""))];
    expectation.args[0].matcher.span = scene.span("\"GopherCon 2021\"");
    scene.test.calls = vec![expectation];
    scene.test.counts = vec![count("checkSite", is(2))];
    let two = scene.span("checkSite = 2");
    scene.test.counts[0].matcher.span = two.end - 1..two.end;
    scene.evidence.observation.calls[CallId(2).0 as usize].arguments[1].content = Content::Int(7);
    let mut report = report(&scene);
    report.output = vec!["\u{1b}[31mred\u{1b}[0m \u{0}\tend ]]>".to_owned()];
    report
}

fn undecided() -> TestReport {
    let mut scene = visited();
    scene.test.counts = vec![count("checkSite", is(1))];
    scene.lose(Some("checkSite"), 2);
    TestReport {
        name: "undecided".to_owned(),
        ..report(&scene)
    }
}

fn crashed() -> TestReport {
    let scene = visited();
    let mut report = report(&scene);
    report.name = "crashed".to_owned();
    report.place = Some(scene.span("\"the answer is prepared\""));
    report.verdicts.clear();
    report.could_not_run = Some("the program ended during the test\npanic: nil map".to_owned());
    report
}

fn source(name: &str) -> Source {
    Source::new(name, "a = 1\nb = 2\n")
}

/// An error of one test, and one that no test has.
fn wrong_specs() -> [SpecErrors; 2] {
    let of = |name: &str, test: &str| SpecErrors {
        source: source(name),
        errors: vec![
            SpecError::at(6..7, "there is no b")
                .help("remove it")
                .of_tests(vec![test.to_owned()]),
        ],
    };
    [
        of("wrong.proctor.toml", "of b"),
        of("unread.proctor.toml", ""),
    ]
}

fn run(displays: Vec<Box<dyn Display + '_>>) {
    let mut run = Run::new(displays);
    run.started(5).unwrap();
    let [wrong, unread] = wrong_specs();
    run.spec_is_wrong(&wrong).unwrap();
    let not_run = TestReport {
        wrong_spec: Some(wrong.clone()),
        ..TestReport::new(source("wrong.proctor.toml"), "of b")
    };
    run.test_ended(&not_run).unwrap();
    run.spec_is_wrong(&unread).unwrap();
    let mut passed = report(&visited());
    passed
        .verdicts
        .retain(|verdict| matches!(verdict.finding, Finding::Passed { .. }));
    passed.name = "passes".to_owned();
    for report in [passed, failed(), undecided(), crashed()] {
        run.test_ended(&report).unwrap();
    }
    let races = Races {
        reports: vec![Race {
            when: RaceTime::After,
            text: "WARNING: DATA RACE\n  main.f()".to_owned(),
        }],
        ..Races::default()
    };
    run.raced(&source("races.proctor.toml"), &races).unwrap();
    run.ended(Duration::from_millis(1234)).unwrap();
}

/// What a run leaves in a JUnit report.
fn junit(run: impl FnOnce(Vec<Box<dyn Display>>)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("junit.xml");
    let file = ReportFile::open(&path).unwrap();
    run(vec![Box::new(JUnit::new(file))]);
    let text = fs::read_to_string(path).unwrap();
    let time = regex::Regex::new("timestamp=\"[^\"]*\"").unwrap();
    time.replace_all(&text, "timestamp=\"[timestamp]\"")
        .into_owned()
}

#[test]
fn junit_has_all_that_happened() {
    insta::assert_snapshot!(junit(run));
}

#[test]
fn github_has_all_that_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("summary.md");
    let mut out = Vec::new();
    let job = GitHubJob {
        workspace: None,
        summary: Some(summary.clone()),
    };
    run(vec![Box::new(GitHub::new(&mut out, job))]);
    let out = String::from_utf8(out).unwrap();
    let summary = fs::read_to_string(summary).unwrap();
    insta::assert_snapshot!(format!("{out}--- summary\n{summary}"));
}

#[test]
fn a_run_that_breaks_is_reported_as_far_as_it_came() {
    let breaks = |displays: Vec<Box<dyn Display>>| {
        let mut run = Run::new(displays);
        run.started(2).unwrap();
        run.test_ended(&crashed()).unwrap();
        run.broke("the ring can't be read", ExitCode::CouldNotRun)
            .unwrap();
    };
    let text = junit(breaks);
    for piece in [
        "tests=\"2\"",
        "errors=\"2\"",
        "name=\"crashed\"",
        "the ring can&apos;t be read",
    ] {
        assert!(text.contains(piece), "{piece}: {text}");
    }
    let mut out = Vec::new();
    let mut run = Run::new(vec![Box::new(JsonLines::new(&mut out)) as Box<dyn Display>]);
    run.broke("the ring can't be read", ExitCode::CouldNotRun)
        .unwrap();
    drop(run);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "{\"event\":\"error\",\"message\":\"the ring can't be read\",\"exit_code\":3}\n"
    );
}
