//! The language as a whole.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use std::path::{Path, PathBuf};

use super::{
    Source, Span, Spec, SpecErrors,
    document::{ExpectedOutcome, Origin, ReadyProbe, SequenceElement, TemplatePart},
    parse, read,
};

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata")
}

fn understood(text: &str) -> Result<Spec, SpecErrors> {
    parse(Source {
        path: "site.proctor.toml".into(),
        text: text.into(),
    })
}

fn tour() -> String {
    std::fs::read_to_string(testdata().join("tour.proctor.toml")).unwrap()
}

/// The errors of a text, one line each.
fn errors(text: &str) -> String {
    match understood(text) {
        Ok(_) => "none".to_owned(),
        Err(errors) => errors.to_string(),
    }
}

#[test]
fn the_tour_is_understood() {
    let spec = understood(&tour()).unwrap();
    let Origin::Package(package) = &spec.program.origin else {
        panic!("the tour has a package");
    };
    assert_eq!(package.value, "../go-fixtures/testprogram");
    assert_eq!(
        spec.program.args[0].value.parts,
        [
            TemplatePart::Literal("-listen=127.0.0.1:".into()),
            TemplatePart::Port(String::new())
        ]
    );
    assert_eq!(spec.program.args[1].value.to_string(), "-site=${stub.site}");
    assert_eq!(spec.program.env[0].0, "GOMAXPROCS");
    assert_eq!(spec.program.ready.probe, ReadyProbe::Get("/healthz".into()));
    assert!(spec.program.restart);
    let labels: Vec<&str> = spec
        .functions
        .iter()
        .map(|f| f.label.value.as_str())
        .collect();
    assert_eq!(
        labels,
        [
            "handler",
            "checkSite",
            "worker",
            "prepareAnswer",
            "lookup",
            "late"
        ]
    );
    assert_eq!(
        spec.function("late").unwrap().filter[0]
            .matcher
            .value
            .to_string(),
        "≥ 2021"
    );
}

#[test]
fn the_tours_tests_keep_their_expectations() {
    let spec = understood(&tour()).unwrap();
    let [first, second, third] = spec.tests.as_slice() else {
        panic!("the tour has three tests");
    };
    let request = &first.requests[0];
    assert_eq!(request.method, "GET");
    assert_eq!(request.status.as_ref().unwrap().value.describe(), "200");
    assert_eq!(
        request.expected_body.as_ref().unwrap().value.describe(),
        "contains \"status 200\""
    );
    assert_eq!(first.sequence.as_ref().unwrap().elements.len(), 4);
    assert_eq!(first.counts[1].matcher.value.to_string(), "≥ 1");
    assert_eq!(first.never[0].value, "lookup");
    let [prepared, handled] = first.calls.as_slice() else {
        panic!("two functions are judged");
    };
    let args: Vec<&str> = prepared
        .args
        .iter()
        .map(|a| a.name.value.as_str())
        .collect();
    assert_eq!(args, ["name", "year", "status"]);
    assert_eq!(prepared.returns[0].value.to_string(), "contains \"2020\"");
    assert_eq!(prepared.took.as_ref().unwrap().value.to_string(), "< 50ms");
    assert_eq!(
        handled.outcome.as_ref().unwrap().value,
        ExpectedOutcome::Returned
    );
    assert_eq!(
        (second.requests[0].repeat, second.requests[0].concurrency),
        (40, 8)
    );
    let bounds: Vec<String> = second.latency[0]
        .bounds
        .iter()
        .map(|b| b.value.to_string())
        .collect();
    assert_eq!(bounds, ["p50 < 50ms", "max < 500ms"]);
    assert_eq!(third.stubs[0].name.value, "site");
    let SequenceElement::Step(step) = &third.sequence.as_ref().unwrap().elements[1] else {
        panic!("the second element is a call");
    };
    assert_eq!(step.gap.as_ref().unwrap().value.to_string(), "< 20ms");
    assert_eq!(
        step.args[1].matcher.value.to_string(),
        "matches \"^[a-z]$\""
    );
}

#[test]
fn a_span_is_the_text_that_was_read() {
    let text = tour();
    let spec = understood(&text).unwrap();
    let test = &spec.tests[0];
    let at = |span: &Span| &text[span.clone()];
    assert_eq!(at(&test.span), "[[test]]");
    assert_eq!(at(&test.never[0].span), "\"lookup\"");
    assert_eq!(
        at(&test.calls[0].args[0].matcher.span),
        "\"GopherCon Russia 2020\""
    );
    assert_eq!(at(&test.calls[0].label.span), "prepareAnswer");
}

/// The files of a folder of `testdata` that are specs, by name.
fn specs(folder: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(testdata().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".proctor.toml"))
        .collect();
    paths.sort();
    paths
}

/// Every file of `testdata/bad-specs` beside what a user sees of it.
#[test]
fn bad_specs_are_refused_with_carets() {
    let paths = specs("bad-specs");
    assert!(paths.len() > 100, "the folder is there");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(testdata().join("bad-specs/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for path in paths {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let Err(mut errors) = read(&path) else {
                panic!("{name} was understood");
            };
            errors.source.path = PathBuf::from(&name);
            let stem = name.trim_end_matches(".proctor.toml");
            insta::assert_snapshot!(stem, errors.render(false, false, 110));
        }
    });
}
