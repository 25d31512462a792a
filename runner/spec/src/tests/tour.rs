//! The tour: every part of it arrives.

use super::{sound, tour};
use crate::{
    Span,
    document::{
        ExpectedOutcome, GoroutineRelation, Origin, ReadyProbe, SequenceElement, TemplatePart,
    },
};

#[test]
fn the_tour_is_understood() {
    let spec = sound(&tour());
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
    let filter = spec.function("late").unwrap().filter.as_ref().unwrap();
    assert_eq!(filter.values()[0].matcher.value.to_string(), "≥ 2021");
}

#[test]
fn the_tours_tests_keep_their_expectations() {
    let spec = sound(&tour());
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
    let [prepared, handled, working] = first.calls.as_slice() else {
        panic!("three functions are judged");
    };
    let args: Vec<&str> = prepared
        .args
        .iter()
        .map(|a| a.path.value.parameter())
        .collect();
    assert_eq!(args, ["name", "year", "status"]);
    assert_eq!(prepared.returns[0].value.to_string(), "contains \"2020\"");
    assert_eq!(prepared.took.as_ref().unwrap().value.to_string(), "< 50ms");
    assert_eq!(
        handled.outcome.as_ref().unwrap().value,
        ExpectedOutcome::Returned
    );
    let goroutine = working.standpoint.goroutine.as_ref().unwrap();
    assert_eq!(goroutine.value, GoroutineRelation::Child);
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
    let spec = sound(&text);
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

/// What the tour has in comments, but for what replaces something else.
#[test]
fn the_tour_may_say_more() {
    let text = tour()
        .replace("# toolchain =", "toolchain =")
        .replace("# build   =", "build   =")
        .replace("# helpers     =", "helpers     =")
        .replace("# routes  =", "routes  =")
        .replace(
            "snapshot = true\n",
            "snapshot = true\nflow = [[\"checkSite.returns.0\", \"prepareAnswer.status\"]]\n",
        );
    let spec = sound(&text);
    assert_eq!(spec.functions.len(), 7);
    assert_eq!(spec.tests[0].flows.len(), 1);
    for outcome in ExpectedOutcome::ALL {
        let text = tour().replace(
            "outcome = \"returned\"",
            &format!("outcome = \"{outcome}\""),
        );
        let read = sound(&text).tests[0].calls[1].outcome.clone().unwrap();
        assert_eq!(read.value, outcome);
    }
}
