//! What people and machines are shown, as snapshots; of real verdicts on made-up calls.

mod ci;

use std::{path::PathBuf, time::Duration};

use judge::expect::{
    Failure, FailureKind, Finding, Verdict,
    testing::{
        MS, Scene, argument, bound, calls, compares, count, cut, is, latency, sequence, step, stub,
        text,
    },
};
use model::{Answer, CallId, Content, Goid, Request, Scope, ScopeKind, Timestamp};
use spec::{
    Source, Spanned,
    document::{SequenceElement, SequenceMode, Statistic},
    matcher::{Comparison, Matcher, TextMatcher},
};

use super::{ExitCode, JsonLines, Run, Terminal, TestReport};

const SPEC: &str = r#"[[test]]
name     = "the answer is prepared"
stubs    = { site = { status = 503 } }
request  = { get = "/?name=GopherCon+2020", status = 200 }
sequence = ["handler", "checkSite", "audit"]
sequence = ["handler", "prepareAnswer", "checkSite"]
sequence = ["handler", { call = "prepareAnswer", args = { year = 2021 } }]
sequence = ["handler", "!checkSite", "prepareAnswer"]
count    = { checkSite = 2 }
never    = ["lookup"]
latency  = { handler = ["p50 < 50ms", "max < 100ms"] }
	名    = { "値" = "before the carets" }

[test.calls.prepareAnswer]
args = { name = "GopherCon 2021", year = 2020 }
took = "< 5ms"
"#;

/// A request to the classic program: `handler` calls `checkSite`, then `prepareAnswer`.
fn visited() -> Scene {
    let mut scene = Scene::new();
    scene.text(SPEC);
    scene.watch("handler", &[], &[]);
    scene.watch("checkSite", &[], &["int"]);
    scene.watch(
        "prepareAnswer",
        &["name string", "year int", "status int"],
        &["string"],
    );
    scene.watch("audit", &["id int"], &[]);
    scene.watch("lookup", &["host string"], &[]);
    let request = scene.request("/?name=GopherCon+2020");
    scene.test.requests[0].target.span = scene.span("\"/?name=GopherCon+2020\"");
    scene.call(request, "handler", 1, vec![]).left = Some(Timestamp(120 * MS));
    scene.call(request, "checkSite", 2, vec![]);
    let arguments = vec![
        text("GopherCon 2020"),
        Content::Int(2020),
        Content::Int(200),
    ];
    scene.call(request, "prepareAnswer", 5, arguments);
    scene.call(None, "audit", 112, vec![Content::Int(7)]);
    scene.evidence.observation.scopes.push(Scope {
        kind: ScopeKind::Request(Request {
            remote: Some("127.0.0.1:40000".to_owned()),
            method: Some("GET".to_owned()),
            target: Some("/?name=GopherCon+2020".to_owned()),
            ..Request::default()
        }),
        left: Some(Timestamp(120 * MS)),
        ..model::testing::request(request, Goid(30), Timestamp(MS))
    });
    scene
}

fn at<T>(scene: &Scene, piece: &str, value: T) -> Spanned<T> {
    Spanned::new(value, scene.span(piece))
}

fn report(scene: &Scene) -> TestReport {
    let mut source = scene.spec.source.clone();
    source.path = PathBuf::from("site.proctor.toml");
    TestReport {
        verdicts: scene.judge(),
        evidence: scene.evidence.clone(),
        duration: Duration::from_millis(215),
        ..TestReport::new(source, "the answer is prepared")
    }
}

fn shown(reports: &[TestReport], color: bool, verbose: bool) -> String {
    let mut out = Vec::new();
    let terminal = Terminal::new(&mut out, color, verbose, 120);
    let mut run = Run::new(vec![Box::new(terminal)]);
    run.started(reports.len()).unwrap();
    for report in reports {
        run.test_started(&report.spec, &report.name).unwrap();
        run.test_ended(report).unwrap();
    }
    run.ended(Duration::from_millis(900)).unwrap();
    drop(run);
    String::from_utf8(out).unwrap()
}

fn seen(scene: &Scene) -> String {
    shown(&[report(scene)], false, false)
}

fn ordered(scene: &mut Scene, elements: &[&str], places: &[&str], whole: &str) {
    let mut wanted = sequence(SequenceMode::Gaps, elements);
    let line = scene.span(whole);
    wanted.span = line.clone();
    for (element, place) in wanted.elements.iter_mut().zip(places) {
        let start = SPEC[line.clone()].find(place).unwrap() + line.start;
        let span = start..start + place.len();
        match element {
            SequenceElement::Step(step) => step.label.span = span,
            SequenceElement::Forbidden(name) => name.span = span,
            SequenceElement::AnyOrder(_, list) => *list = span,
        }
    }
    scene.test.sequence = Some(wanted);
}

#[test]
fn a_test_that_passes_is_a_line() {
    insta::assert_snapshot!(seen(&visited()));
}

#[test]
fn verbose_shows_each_verdict() {
    let mut scene = visited();
    scene.test.counts = vec![
        count("checkSite", is(1)),
        count("handler", compares(Comparison::Ge, 1)),
        count("audit", is(1)),
    ];
    scene.lose(Some("checkSite"), 2);
    insta::assert_snapshot!(shown(&[report(&scene)], false, true));
}

#[test]
fn a_value_that_differs() {
    let mut scene = visited();
    let mut expectation = calls("prepareAnswer");
    expectation.args = vec![
        argument("name", is("GopherCon 2021")),
        argument("year", is(2020)),
        argument("status", is(200)),
    ];
    expectation.args[0].matcher.span = scene.span("\"GopherCon 2021\"");
    scene.test.calls = vec![expectation];
    insta::assert_snapshot!(seen(&scene));
}

#[test]
fn long_values_take_two_lines() {
    let mut scene = visited();
    let long = "a sentence that is rather long, with\ntwo lines";
    scene.evidence.observation.calls[2].arguments[0].content = text(&long.repeat(2));
    let mut expectation = calls("prepareAnswer");
    expectation.args = vec![argument("name", is(long))];
    expectation.args[0].matcher.span = scene.span("\"GopherCon 2021\"");
    scene.test.calls = vec![expectation];
    insta::assert_snapshot!(seen(&scene));
}

#[test]
fn verbose_tells_the_long_values_of_a_failed_call_in_full() {
    let mut scene = visited();
    let long = "a sentence that is rather long ".repeat(6);
    scene.evidence.observation.calls[2].arguments[0].content = text(&long);
    let mut expectation = calls("prepareAnswer");
    expectation.args = vec![argument("year", is(2021))];
    expectation.args[0].matcher.span = scene.span("2021");
    scene.test.calls = vec![expectation];
    let in_full = format!("    name = {long:?}\n");
    let reports = [report(&scene)];
    assert!(!shown(&reports, false, false).contains(&long));
    let verbose = shown(&reports, false, true);
    assert!(verbose.contains(&in_full), "{verbose}");
}

#[test]
fn a_call_that_is_missing() {
    let mut scene = visited();
    let line = "sequence = [\"handler\", \"checkSite\", \"audit\"]";
    let places = ["\"handler\"", "\"checkSite\"", "\"audit\""];
    ordered(
        &mut scene,
        &["handler", "checkSite", "audit"],
        &places,
        line,
    );
    insta::assert_snapshot!(seen(&scene));
}

#[test]
fn another_order() {
    let mut scene = visited();
    let line = "sequence = [\"handler\", \"prepareAnswer\", \"checkSite\"]";
    let places = ["\"handler\"", "\"prepareAnswer\"", "\"checkSite\""];
    ordered(
        &mut scene,
        &["handler", "prepareAnswer", "checkSite"],
        &places,
        line,
    );
    insta::assert_snapshot!(seen(&scene));
}

#[test]
fn a_call_between() {
    let mut scene = visited();
    let line = "sequence = [\"handler\", \"!checkSite\", \"prepareAnswer\"]";
    let places = ["\"handler\"", "\"!checkSite\"", "\"prepareAnswer\""];
    ordered(
        &mut scene,
        &["handler", "!checkSite", "prepareAnswer"],
        &places,
        line,
    );
    insta::assert_snapshot!(seen(&scene));
}

#[test]
fn a_step_with_other_arguments() {
    let mut scene = visited();
    let mut last = step("prepareAnswer");
    last.args = vec![argument("year", is(2021))];
    last.args[0].matcher.span = scene.span("2021 } }]").start..scene.span("2021 } }]").start + 4;
    let mut wanted = sequence(SequenceMode::Gaps, &["handler"]);
    wanted.elements.push(SequenceElement::Step(last));
    scene.test.sequence = Some(wanted);
    insta::assert_snapshot!(seen(&scene));
}

#[test]
fn another_count_and_a_call_that_must_not_be() {
    let mut scene = visited();
    scene.test.counts = vec![count("checkSite", is(2))];
    let two = scene.span("checkSite = 2");
    scene.test.counts[0].matcher.span = two.end - 1..two.end;
    scene.test.never = vec![at(&scene, "\"lookup\"", "lookup".to_owned())];
    scene.call(None, "lookup", 60, vec![text("127.0.0.1")]);
    insta::assert_snapshot!(seen(&scene));
}

#[test]
fn too_slow() {
    let mut scene = visited();
    let bounds = [
        (Statistic::Percentile(50.0), Comparison::Lt, 50),
        (Statistic::Max, Comparison::Lt, 100),
    ];
    let mut expectation = latency("handler", &bounds);
    expectation.bounds[0].span = scene.span("\"p50 < 50ms\"");
    expectation.bounds[1].span = scene.span("\"max < 100ms\"");
    scene.test.latency = vec![expectation];
    let mut expectation = calls("prepareAnswer");
    let place = scene.span("\"< 5ms\"");
    expectation.took = Some(Spanned::new(bound(Comparison::Lt, 5).value, place));
    scene.test.calls = vec![expectation];
    let observation = &mut scene.evidence.observation;
    observation.calls[0].own_cost.0 = 4 * MS / 10;
    observation.calls[1].parent = Some(CallId(0));
    observation.calls[2].left = Some(Timestamp(15 * MS));
    insta::assert_snapshot!(seen(&scene));
}

#[test]
fn another_answer_and_a_stub_that_was_not_called() {
    let mut scene = visited();
    scene.evidence.exchanges[0].answer = Answer::TimedOut;
    let place = scene.span("status = 200");
    scene.test.requests[0].status = Some(Spanned::new(is(200), place.end - 3..place.end));
    scene.test.stubs = vec![stub("site")];
    scene.test.stubs[0].name.span = scene.span("site");
    scene.evidence.timed_out = true;
    scene.test.span = scene.span("[[test]]");
    insta::assert_snapshot!(seen(&scene));
}

#[test]
fn what_could_not_be_decided() {
    let mut scene = visited();
    scene.evidence.observation.calls[2].arguments[0].content = cut("Gopher", 300);
    let mut expectation = calls("prepareAnswer");
    expectation.args = vec![argument(
        "name",
        Matcher::Text(TextMatcher::Contains("2020".to_owned())),
    )];
    expectation.args[0].matcher.span = scene.span("\"GopherCon 2021\"");
    scene.test.calls = vec![expectation];
    insta::assert_snapshot!(seen(&scene));
}

#[test]
fn a_snapshot_and_several_lines() {
    let scene = visited();
    let mut report = report(&scene);
    report.name = "it's \"here\"".to_owned();
    let line = scene.span("name     = \"the answer is prepared\"\nstubs");
    let wide = scene.span("\"before the carets\"");
    let failed = |failure| Finding::Failed(failure);
    report.verdicts = vec![
        Verdict::new(
            line,
            "snapshot".to_owned(),
            failed(Failure::new(
                FailureKind::Snapshot,
                "differs from what was accepted",
            )),
        ),
        Verdict::new(
            wide,
            "值".to_owned(),
            failed(Failure::new(
                FailureKind::Value,
                "after tabs and wide characters",
            )),
        ),
    ];
    insta::assert_snapshot!(shown(&[report], false, false));
}

#[test]
fn a_test_that_could_not_run() {
    let mut report = report(&visited());
    report.verdicts.clear();
    report.could_not_run = Some("the program ended before it was ready\nexit status 2".to_owned());
    insta::assert_snapshot!(shown(&[report], false, false));
}

#[test]
fn colours_are_codes_and_nothing_else() {
    let mut scene = visited();
    scene.test.counts = vec![count("checkSite", is(2))];
    let plain = shown(&[report(&scene)], false, true);
    let colored = shown(&[report(&scene)], true, true);
    assert!(!plain.contains('\u{1b}'));
    assert!(
        colored.contains("\u{1b}[1m\u{1b}[31mFAIL\u{1b}[0m"),
        "{colored:?}"
    );
    let stripped = regex::Regex::new("\u{1b}\\[[0-9;]*m")
        .unwrap()
        .replace_all(&colored, "");
    assert_eq!(stripped, plain);
}

#[test]
fn machines_get_a_line_an_event() {
    let mut scene = visited();
    scene.test.counts = vec![count("checkSite", is(2)), count("handler", is(1))];
    let two = scene.span("checkSite = 2");
    scene.test.counts[0].matcher.span = two.end - 1..two.end;
    let bounds = [
        (Statistic::Max, Comparison::Lt, 500),
        (Statistic::Percentile(99.0), Comparison::Lt, 500),
    ];
    scene.test.latency = vec![latency("handler", &bounds)];
    scene.test.never = vec![at(&scene, "\"lookup\"", "audit".to_owned())];
    let mut failed = report(&scene);
    failed.evidence.observation.loss.sites.clear();
    let mut broken = report(&visited());
    broken.could_not_run = Some("port 80 is in use".to_owned());
    broken.verdicts.clear();
    let mut out = Vec::new();
    let mut run = Run::new(vec![Box::new(JsonLines::new(&mut out))]);
    run.started(2).unwrap();
    for report in [&failed, &broken] {
        run.test_started(&report.spec, &report.name).unwrap();
        run.test_ended(report).unwrap();
    }
    assert_eq!(
        run.ended(Duration::from_millis(900)).unwrap(),
        ExitCode::Failed
    );
    drop(run);
    let out = String::from_utf8(out).unwrap();
    for line in out.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(value["event"].is_string());
    }
    insta::assert_snapshot!(out);
}

/// A report with that outcome.
fn outcome(finding: Option<Finding>) -> TestReport {
    let mut report = report(&visited());
    report.verdicts.clear();
    match finding {
        Some(finding) => report
            .verdicts
            .push(Verdict::new(0..0, String::new(), finding)),
        None => report.could_not_run = Some("no privilege".to_owned()),
    }
    report
}

#[test]
fn one_exit_code_stands_for_all_tests() {
    let passed = || {
        Some(Finding::Passed {
            basis: String::new(),
        })
    };
    let failed = || Some(Finding::Failed(Failure::new(FailureKind::Value, "")));
    let unknown = || Some(Finding::Inconclusive(judge::expect::Reason::NoRequest));
    let exit = |findings: Vec<Option<Finding>>| {
        let mut run = Run::new(Vec::new());
        for finding in findings {
            run.test_ended(&outcome(finding)).unwrap();
        }
        run.ended(Duration::ZERO).unwrap().code()
    };
    assert_eq!(exit(vec![]), 0);
    assert_eq!(exit(vec![passed(), passed()]), 0);
    assert_eq!(exit(vec![passed(), unknown()]), 4);
    assert_eq!(exit(vec![unknown(), None]), 3);
    assert_eq!(exit(vec![unknown(), None, failed(), passed()]), 1);
    assert_eq!(ExitCode::Usage.code(), 2);
}

/// Three attempts at a test, of which the last passes.
fn attempted() -> TestReport {
    let mut scene = visited();
    scene.test.counts = vec![count("checkSite", is(2))];
    let failing = report(&scene);
    scene.test.counts = vec![count("checkSite", is(1))];
    let passing = report(&scene);
    TestReport {
        attempt: 3,
        other_attempts: vec![
            failing.clone(),
            TestReport {
                attempt: 2,
                ..failing
            },
        ],
        ..passing
    }
}

#[test]
fn a_test_that_passes_in_a_later_attempt_is_flaky() {
    let mut reports = vec![attempted()];
    insta::assert_snapshot!(shown(&reports, false, false));
    // Without the attempt that passed.
    let mut others = std::mem::take(&mut reports[0].other_attempts);
    let last = others.pop().unwrap();
    let failed = TestReport {
        other_attempts: others,
        ..last
    };
    insta::assert_snapshot!(
        "each_attempt_is_shown",
        shown(&[failed, attempted()], false, true)
    );
}

#[test]
fn each_attempt_is_an_event() {
    let mut out = Vec::new();
    let mut run = Run::new(vec![Box::new(JsonLines::new(&mut out))]);
    run.test_ended(&attempted()).unwrap();
    assert_eq!(run.ended(Duration::ZERO).unwrap().code(), 0);
    drop(run);
    let text = String::from_utf8(out).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let of = |line: serde_json::Value| {
        let name = |name: &str| line[name].to_string();
        format!("{} {} {}", name("event"), name("attempt"), name("outcome"))
    };
    let lines: Vec<String> = lines.map(of).collect();
    assert_eq!(
        lines,
        [
            r#""verdict" 1 "failed""#,
            r#""verdict" 1 "passed""#,
            r#""attempt_end" 1 "failed""#,
            r#""verdict" 2 "failed""#,
            r#""verdict" 2 "passed""#,
            r#""attempt_end" 2 "failed""#,
            r#""verdict" 3 "passed""#,
            r#""verdict" 3 "passed""#,
            r#""attempt_end" 3 "passed""#,
            r#""test_end" 3 "flaky""#,
            r#""summary" null null"#,
        ]
    );
}

/// A spec as it is written, judged on [`visited`]: every place comes from the reader.
const WRITTEN: &str = r#"
[program]
package = "./server"
args = ["-listen=:${port}"]

[functions]
handler = "main.handler"
checkSite = "main.checkSite"
prepareAnswer = "main.prepareAnswer"
audit = "main.audit"
lookup = "main.lookup"

[[test]]
name = "the answer is prepared"
request = { get = "/", status = { lt = 200 }, body = { contains = "no" }, response-headers = { Content-Type = "a" } }
sequence = { exact = ["handler", "!audit", { call = "prepareAnswer", took = "> 1s" }, "checkSite"] }
count = { audit = { ge = 5 } }
never = ["lookup"]
latency = { handler = ["max < 1ms"] }

[test.calls.prepareAnswer]
args = { name = { matches = "^x" }, year = { gt = 2020, lt = 2022 } }
returns = ["nothing"]
took = "> 10ms"

[test.calls.handler]
outcome = "running"
"#;

#[test]
fn every_failure_points_at_its_place_in_a_written_spec() {
    let mut scene = visited();
    let prepared = &mut scene.evidence.observation.calls[2];
    prepared.results = prepared.arguments[..1].into();
    scene.call(None, "lookup", 60, vec![text("127.0.0.1")]);
    let spec = spec::parse(Source::new("site.proctor.toml", WRITTEN)).unwrap();
    let observation = &scene.evidence.observation;
    let plan = model::plan::Plan {
        types: observation.types.clone(),
        functions: observation.functions.clone(),
        labels: observation.labels.clone(),
        ..model::plan::Plan::default()
    };
    judge::expect::validate(&spec, &plan).unwrap();
    let mut report = report(&scene);
    report.spec = spec.source.clone();
    report.verdicts = judge::expect::judge(&spec, &spec.tests[0], &scene.evidence);
    assert_eq!(report.failed(), report.verdicts.len());
    insta::assert_snapshot!(shown(&[report], false, false));
}
