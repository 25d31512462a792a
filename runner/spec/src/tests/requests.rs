//! What requests carry on, what their JSON must be, what stubs must receive.

use super::{sound, spec_with, understood};
use crate::{
    document::{CaptureSource, JsonExpectation, ReceivedBody, Spec, TemplatePart},
    error::SpecErrors,
};

fn read(text: &str) -> Spec {
    sound(&spec_with(text))
}

fn refused(text: &str) -> SpecErrors {
    understood(&spec_with(text)).unwrap_err()
}

#[test]
fn sources_are_understood() {
    let spec = read(
        r#"
[[test]]
name    = "a"
request = { get = "/", save = { a = "json.items[0].id", b = "json[1]", c = "json..id", d = "cookie.sid", e = "header.X-Id", f = { body = '<(.*?)>' }, g-1 = "json.a['b c']" } }
"#,
    );
    let save = &spec.tests[0].requests[0].save;
    let sources: Vec<String> = save
        .iter()
        .map(|capture| format!("{}: {}", capture.name.value, capture.source.value))
        .collect();
    assert_eq!(
        sources,
        [
            "a: json.items[0].id",
            "b: json[1]",
            "c: json..id",
            "d: cookie.sid",
            "e: header.X-Id",
            "f: body \"<(.*?)>\"",
            "g-1: json.a['b c']",
        ]
    );
    let CaptureSource::Json(path) = &save[0].source.value else {
        panic!("{save:?}");
    };
    assert_eq!(path.to_string(), "items[0].id");
}

#[test]
fn saved_values_are_known_to_the_requests_behind() {
    let spec = read(
        r#"
[[before]]
get  = "/token"
save = { token = "json.token" }

[[test]]
name = "a"
cookies = true

[[test.before]]
post    = "/orders"
headers = { X-Token = "${token}" }
save    = { id = "json.id", order = "header.Location" }

[[test.request]]
get  = "${order}?a=b"
send = { json = { id = "${id}" } }

[[test]]
name    = "b"
request = { get = "/", send = { form = { token = "${token}" } }, save = { id = "json.id" } }
"#,
    );
    assert_eq!(spec.before.len(), 1);
    let (a, b) = (&spec.tests[0], &spec.tests[1]);
    assert!(a.cookies && !b.cookies);
    assert_eq!((a.before.len(), b.before.len()), (1, 0));
    assert_eq!(
        a.requests[0].target.value.parts,
        [
            TemplatePart::Saved("order".into()),
            TemplatePart::Literal("?a=b".into())
        ]
    );
    assert_eq!(a.requests[0].target.value.to_string(), "${order}?a=b");
}

#[test]
fn a_value_of_one_test_is_not_known_to_another() {
    let errors = refused(
        r#"
[[test]]
name    = "a"
request = { get = "/", save = { id = "json.id" } }

[[test]]
name    = "b"
request = { get = "/${id}" }
"#,
    );
    assert_eq!(errors.errors.len(), 1);
    assert_eq!(errors.errors[0].message, "unknown placeholder `${id}`");
}

#[test]
fn fields_of_json_become_paths() {
    let spec = read(
        r#"
[[test]]
name = "a"

[test.request]
get = "/"

[test.request.json]
id              = { gt = 0, lt = 9 }
user            = { name = "ada", "roles[0]" = "buyer", address.city = "Paris" }
"items[*].name" = ["a"]
"[0]"           = { any = true }
"#,
    );
    let shown =
        |wanted: &JsonExpectation| format!("{} {}", wanted.path.value, wanted.matcher.value);
    let wanted = &spec.tests[0].requests[0].expected_json;
    assert_eq!(
        wanted.iter().map(shown).collect::<Vec<_>>(),
        [
            "id > 0 and < 9",
            "user.name = \"ada\"",
            "user.roles[0] = \"buyer\"",
            "user.address.city = \"Paris\"",
            "items[*].name = [\"a\"]",
            "[0] anything",
        ]
    );
}

#[test]
fn a_stub_that_is_only_looked_at_has_no_answers_of_its_own() {
    let spec = read(
        r#"
[[test]]
name    = "a"
request = { get = "/" }

[[test.stubs.site.received]]
post    = "/a?b=c"
headers = { X-Key = "k" }
form    = { qty = "2" }
count   = { ge = 2 }

[[test]]
name    = "b"
request = { get = "/" }
stubs   = { site = { status = 503, received = [{ get = "/" }] } }

[[test]]
name    = "c"
request = { get = "/" }
stubs   = { site = {} }
"#,
    );
    let stubs: Vec<_> = spec.tests.iter().map(|test| &test.stubs[0]).collect();
    let own = |index: usize| (stubs[index].has_answers, stubs[index].answers.len());
    assert_eq!([own(0), own(1), own(2)], [(false, 0), (true, 1), (true, 1)]);
    let received = &stubs[0].received[0];
    assert_eq!(
        (received.method.as_str(), received.target.value.as_str()),
        ("POST", "/a?b=c")
    );
    assert_eq!(received.headers[0].0, "x-key");
    assert!(matches!(&received.body, Some(ReceivedBody::Form(fields)) if fields.len() == 1));
}
