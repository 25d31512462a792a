//! Corners of the language that the tour does not show.

use std::time::Duration;

use super::{sound, spec_with, understood};
use crate::{
    document::{
        Answer, AnswerAction, Origin, ReadyProbe, RequestBody, RequestSpec, SequenceElement,
        SequenceMode, Stub, TemplatePart,
    },
    matcher::{Literal, Matcher, Number},
};

/// The only request of a test that has it.
fn request(text: &str) -> RequestSpec {
    let text = spec_with(&format!("[[test]]\nname = \"a\"\nrequest = {text}\n"));
    let mut spec = sound(&text);
    assert_eq!(spec.tests[0].requests.len(), 1);
    spec.tests.remove(0).requests.remove(0)
}

/// The stub `site` that a table describes.
fn stub(text: &str) -> Stub {
    let text = spec_with("[[test]]\nname = \"a\"\nrequest = { get = \"/\" }\n")
        .replace("[stubs.site]", &format!("[stubs.site]\n{text}"));
    sound(&text).stubs.remove(0)
}

/// What one argument of one call must be.
fn argument(text: &str) -> Matcher {
    let text = spec_with(&format!(
        "[[test]]\nname = \"a\"\n[test.calls.handler]\nargs.x = {text}\n"
    ));
    let mut call = sound(&text).tests.remove(0).calls.remove(0);
    call.args.remove(0).matcher.value
}

#[test]
fn every_method_is_sent_in_upper_case() {
    for method in ["get", "post", "put", "patch", "delete", "head", "options"] {
        let request = request(&format!("{{ {method} = \"/a?b=c\" }}"));
        assert_eq!(request.method, method.to_uppercase());
        assert_eq!(request.target.value.to_string(), "/a?b=c");
    }
}

#[test]
fn a_silent_request_has_the_defaults() {
    let request = request("{ get = \"/\" }");
    assert_eq!((request.repeat, request.concurrency), (1, 1));
    assert_eq!(request.timeout, Duration::from_secs(10));
    assert!(request.status.is_none() && request.expected_body.is_none());
    assert!(request.headers.is_empty() && request.body.is_none());
}

#[test]
fn a_silent_spec_has_the_defaults() {
    let spec = sound(
        "[program]\nbinary = \"bin/server\"\nenv.PORT = \"${port}\"\n[[test]]\nname = \"a\"\nrequest = { get = \"/\" }\n",
    );
    let Origin::Binary(binary) = &spec.program.origin else {
        panic!("it has a binary");
    };
    assert_eq!(binary.value.to_string_lossy(), "bin/server");
    assert_eq!(spec.program.ready.probe, ReadyProbe::Accepts);
    assert_eq!(spec.program.ready.within, Duration::from_secs(10));
    assert!(spec.program.restart && !spec.program.build.race);
    let limits = spec.limits;
    assert_eq!((limits.depth, limits.string, limits.elements), (3, 256, 16));
    assert_eq!(spec.tests[0].settle, Duration::from_secs(1));
    assert_eq!(spec.tests[0].within, Duration::from_secs(60));
}

#[test]
fn options_of_the_race_detector_that_hide_nothing_are_taken() {
    let spec = sound(
        "[program]\npackage = \".\"\nargs = [\"${port}\"]\nbuild.race = true\nenv.GORACE = \"halt_on_error=1,log_path=stderr\"\n[[test]]\nname = \"a\"\nrequest = { get = \"/\" }\n",
    );
    let build = &spec.program.build;
    let place = build.race_at.clone().unwrap();
    assert_eq!(&spec.source.text[place], "race");
    assert!(build.race);
}

#[test]
fn json_is_written_in_the_order_of_the_file() {
    let request = request(
        r#"{ post = "/", send = { json = { z = 1, a = [true, 1.5, "x\"y", {}], n = { "k e" = -7 } } } }"#,
    );
    let Some(RequestBody::Json(json)) = request.body else {
        panic!("the body is JSON");
    };
    assert_eq!(json, r#"{"z":1,"a":[true,1.5,"x\"y",{}],"n":{"k e":-7}}"#);
}

#[test]
fn json_with_placeholders_is_text_of_its_content_type() {
    let request = request(r#"{ post = "/", send = { json = { id = "v${n}", raw = "$${n}" } } }"#);
    let Some(RequestBody::JsonTemplate(body)) = request.body else {
        panic!("the body is a template");
    };
    assert_eq!(
        body.parts,
        [
            TemplatePart::Literal("{\"id\":\"v".into()),
            TemplatePart::Number,
            TemplatePart::Literal("\",\"raw\":\"${n}\"}".into()),
        ]
    );
    assert_eq!(request.headers[0].0, "Content-Type");
    assert_eq!(request.headers[0].1.to_string(), "application/json");
}

#[test]
fn json_without_placeholders_keeps_literal_dollars() {
    let request = request(r#"{ post = "/", send = { json = { price = "$5 {a} $${b}" } } }"#);
    let Some(RequestBody::Json(json)) = request.body else {
        panic!("the body is JSON");
    };
    assert_eq!(json, r#"{"price":"$5 {a} ${b}"}"#);
}

#[test]
fn forms_and_headers_take_placeholders() {
    let request = request(
        r#"{ post = "/", headers = { A = "1" }, send = { form = { id = "v${n}", qty = 2, ok = true }, headers = { B = "${port.admin}" } } }"#,
    );
    let Some(RequestBody::Form(form)) = request.body else {
        panic!("the body is a form");
    };
    let pairs = |pairs: &[(String, crate::document::Template)]| -> Vec<String> {
        pairs
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    };
    assert_eq!(pairs(&form), ["id=v${n}", "qty=2", "ok=true"]);
    assert_eq!(pairs(&request.headers), ["A=1", "B=${port.admin}"]);
}

#[test]
fn response_headers_go_by_their_lower_case_names() {
    let request =
        request(r#"{ get = "/", response-headers = { Content-Type = { contains = "json" } } }"#);
    let (name, matcher) = &request.expected_headers[0];
    assert_eq!(name, "content-type");
    assert_eq!(matcher.value.to_string(), "contains \"json\"");
}

#[test]
fn a_dollar_is_a_dollar_and_a_doubled_one_escapes() {
    let target = |text: &str| request(&format!("{{ get = \"{text}\" }}")).target.value;
    let literal = |text: &str| [TemplatePart::Literal(text.into())];
    assert_eq!(target("/$5$").parts, literal("/$5$"));
    assert_eq!(target("/$${n}").parts, literal("/${n}"));
    assert_eq!(target("/$$${n}").parts, literal("/$${n}"));
    assert_eq!(target("/$${n}").to_string(), "/$${n}");
    assert_eq!(
        target("/${n}${port.a}").parts,
        [
            TemplatePart::Literal("/".into()),
            TemplatePart::Number,
            TemplatePart::Port("a".into())
        ]
    );
}

#[test]
fn a_stub_answers_ok_by_default() {
    let ok = AnswerAction::Respond {
        status: 200,
        body: String::new(),
        headers: Vec::new(),
    };
    assert_eq!(
        stub("").answers,
        [Answer {
            action: ok,
            delay: Duration::ZERO
        }]
    );
    let dropped = stub("drop = true\ndelay = \"5ms\"");
    assert_eq!(dropped.answers[0].action, AnswerAction::Drop);
    assert_eq!(dropped.answers[0].delay, Duration::from_millis(5));
    assert_eq!(
        stub("answers = [{ status = 503 }, { drop = true }]")
            .answers
            .len(),
        2
    );
}

#[test]
fn what_no_route_takes_has_no_answer() {
    let stub =
        stub("routes = { \"GET /a\" = { body = \"a\" }, \"POST /a\" = [{}, { status = 500 }] }");
    let first = &stub.routes[0];
    assert_eq!((first.method.as_str(), first.path.as_str()), ("GET", "/a"));
    assert_eq!(stub.routes[1].answers.len(), 2);
    assert!(stub.answers.is_empty());
}

#[test]
fn sequences_come_in_three_modes() {
    let sequence = |text: &str| {
        let text = spec_with(&format!("[[test]]\nname = \"a\"\nsequence = {text}\n"));
        sound(&text).tests.remove(0).sequence.unwrap()
    };
    let gaps =
        sequence(r#"["!lookup", "handler", "!audit", ["insert", { call = "audit" }], "!publish"]"#);
    assert_eq!(gaps.mode, SequenceMode::Gaps);
    let shapes: String = gaps
        .elements
        .iter()
        .map(|element| match element {
            SequenceElement::Step(_) => 's',
            SequenceElement::Forbidden(_) => '!',
            SequenceElement::AnyOrder(..) => 'o',
        })
        .collect();
    assert_eq!(shapes, "!s!o!");
    assert_eq!(
        sequence(r#"{ exact = ["handler"] }"#).mode,
        SequenceMode::Exact
    );
    let contiguous = sequence(r#"{ contiguous = ["handler"] }"#);
    assert_eq!(contiguous.mode, SequenceMode::Contiguous);
}

#[test]
fn a_forbidden_name_is_pointed_at_without_its_mark() {
    let text = spec_with("[[test]]\nname = \"a\"\nsequence = [\"handler\", \"!audit\"]\n");
    let spec = sound(&text);
    let elements = &spec.tests[0].sequence.as_ref().unwrap().elements;
    let SequenceElement::Forbidden(label) = &elements[1] else {
        panic!("it is forbidden");
    };
    assert_eq!(&text[label.span.clone()], "audit");
}

#[test]
fn matchers_say_what_they_want() {
    for (text, shown, described) in [
        ("2020", "= 2020", "2020"),
        ("\"x\"", "= \"x\"", "\"x\""),
        ("true", "= true", "true"),
        ("{ equal = -1 }", "= -1", "-1"),
        ("{ any = true }", "anything", "anything"),
        (
            "{ contains = 'a\"b' }",
            "contains \"a\\\"b\"",
            "contains \"a\\\"b\"",
        ),
        (
            "{ matches = '^\\d$' }",
            "matches \"^\\\\d$\"",
            "matches \"^\\\\d$\"",
        ),
        ("{ lt = 5, ge = 1 }", "≥ 1 and < 5", "≥ 1 and < 5"),
        ("{ gt = 1.5 }", "> 1.5", "> 1.5"),
        (
            "{ le = 18446744073709551615 }",
            "≤ 18446744073709551615",
            "≤ 18446744073709551615",
        ),
    ] {
        let matcher = argument(text);
        assert_eq!(matcher.to_string(), shown, "{text}");
        assert_eq!(matcher.describe(), described, "{text}");
    }
}

#[test]
fn numbers_are_read_in_every_base() {
    for (text, number) in [
        ("0x7f", 127),
        ("0b101", 5),
        ("0o17", 15),
        ("1_000", 1000),
        ("+7", 7),
    ] {
        let Matcher::Equal(Literal::Number(Number::Integer(integer))) = argument(text) else {
            panic!("{text} is an integer");
        };
        assert_eq!(integer, number, "{text}");
    }
}

#[test]
fn a_dotted_matcher_is_a_matcher() {
    let text = spec_with("[[test]]\nname = \"a\"\n[test.calls.handler]\nargs.year.ge = 2020\n");
    let spec = sound(&text);
    assert_eq!(
        spec.tests[0].calls[0].args[0].matcher.value.to_string(),
        "≥ 2020"
    );
}

#[test]
fn a_function_may_have_limits_of_its_own() {
    let spec = sound(&spec_with(
        "late = { func = \"main.late\", limits = { string = 9 } }\n[limits]\ndepth = 1\n[[test]]\nname = \"a\"\nsequence = [\"late\"]\n",
    ));
    let limits = spec.function("late").unwrap().limits.unwrap();
    assert_eq!((limits.depth, limits.string, limits.elements), (1, 9, 16));
    assert!(spec.function("handler").unwrap().limits.is_none());
}

#[test]
fn one_function_may_have_several_names() {
    let text = spec_with(
        "again = \"main.handler\"\n[[test]]\nname = \"a\"\nsequence = [\"handler\", \"again\"]\n",
    );
    assert_eq!(sound(&text).functions.len(), 6);
}

#[test]
fn the_order_within_a_test_is_that_of_the_file() {
    let spec = sound(&spec_with(
        "[[test]]\nname = \"a\"\ncount = { publish = 1, audit = 2, insert = 3 }\n",
    ));
    let counts = &spec.tests[0].counts;
    let names: Vec<&str> = counts
        .iter()
        .map(|count| count.label.value.as_str())
        .collect();
    assert_eq!(names, ["publish", "audit", "insert"]);
}

#[test]
fn line_ends_and_a_byte_order_mark_change_nothing() {
    let text = spec_with("[[test]]\nname = \"a\"\nsequence = [\"handler\"]\n");
    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let spec = sound(&windows);
    assert_eq!(&windows[spec.tests[0].name.span.clone()], "\"a\"");
}

#[test]
fn all_errors_of_a_file_are_reported_at_once() {
    let text = spec_with(
        "[[test]]\nname = 5\nrequest = { get = \"\", foo = 1 }\nnever = [\"adit\"]\nsettle = 5\n",
    );
    let errors = understood(&text).unwrap_err();
    assert_eq!(errors.errors.len(), 5, "{errors}");
}

#[test]
fn relative_paths_start_from_the_specs_folder() {
    let text = spec_with("[[test]]\nname = \"a\"\nsequence = [\"handler\"]\n");
    let mut spec = sound(&text);
    spec.source.path = "site.proctor.toml".into();
    assert_eq!(spec.folder().to_string_lossy(), ".");
    spec.source.path = "shop/site.proctor.toml".into();
    assert_eq!(spec.folder().to_string_lossy(), "shop");
}
