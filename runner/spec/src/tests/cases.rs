//! Tests that stand for several.

use super::{sound, spec_with, understood};
use crate::{
    Spec,
    document::RequestBody,
    matcher::{Comparison, Literal, Matcher, Number},
};

fn of(test: &str) -> Spec {
    sound(&spec_with(&format!("[[test]]\n{test}\n")))
}

fn names(spec: &Spec) -> Vec<&str> {
    let tests = spec.tests.iter();
    tests.map(|test| test.name.value.as_str()).collect()
}

#[test]
fn a_test_is_there_for_each_case_in_their_order() {
    let spec = sound(&spec_with(
        "[[test]]\nname = \"a\"\nrequest = { get = \"/\" }\n\
         [[test]]\nname = \"b\"\ncases = [{ name = \"two\", n = 2 }, { name = \"one\", n = 1 }]\ncount = { insert = \"${case.n}\" }\n\
         [[test]]\nname = \"c\"\nrequest = { get = \"/\" }\n",
    ));
    assert_eq!(names(&spec), ["a", "b/two", "b/one", "c"]);
    let counts: Vec<_> = spec.tests[1..3]
        .iter()
        .map(|test| test.counts[0].matcher.value.to_string())
        .collect();
    assert_eq!(counts, ["= 2", "= 1"]);
    // Their places are in the file: the case's name, and the expectation.
    let text = |span: &crate::Span| spec.source.text[span.clone()].to_owned();
    assert_eq!(text(&spec.tests[2].name.span), "\"one\"");
    assert_eq!(text(&spec.tests[2].counts[0].matcher.span), "\"${case.n}\"");
}

#[test]
fn a_value_that_stands_alone_keeps_its_type() {
    let spec = of(r#"name = "a"
cases = [{ name = "one", number = 0x10, text = "t", flag = true, list = [1, 2], table = { ge = 2 }, float = 1.5, when = "2s" }]
request = { post = "/", send = { json = { n = "${case.number}", f = "${case.flag}", l = "${case.list}", x = "${case.float}" } } }
count = { insert = "${case.table}" }
snapshot = "${case.flag}"
within = "${case.when}"
[test.calls.insert]
args = { item = "${case.text}", tags = "${case.list}", qty = "${case.number}" }"#);
    let test = &spec.tests[0];
    let Some(RequestBody::Json(json)) = &test.requests[0].body else {
        panic!("the body is JSON");
    };
    assert_eq!(json, r#"{"n":16,"f":true,"l":[1,2],"x":1.5}"#);
    assert!(test.is_held() && test.within.as_secs() == 2);
    let count = &test.counts[0].matcher.value;
    assert!(matches!(
        count,
        Matcher::Compare(Comparison::Ge, Number::Integer(2))
    ));
    let args: Vec<_> = test.calls[0]
        .args
        .iter()
        .map(|arg| &arg.matcher.value)
        .collect();
    assert!(
        args.iter()
            .any(|arg| matches!(arg, Matcher::List(two) if two.len() == 2))
    );
    let is = |literal: &Literal| {
        args.iter()
            .any(|arg| matches!(arg, Matcher::Equal(one) if one == literal))
    };
    assert!(is(&Literal::Number(Number::Integer(16))) && is(&Literal::Text("t".to_owned())));
}

#[test]
fn in_a_longer_string_stands_the_text_of_a_value() {
    let spec = of(r#"name = "a ${case.n}"
cases = [{ name = "one", n = 0x10, flag = false, float = 1.50, port = "${port}", key = "handler" }]
request = { get = "/?n=${case.n}&f=${case.flag}&x=${case.float}&p=${case.port}&name=${case.name}&$${case.n}" }
count = { "${case.key}" = 1 }"#);
    assert_eq!(names(&spec), ["a 16/one"]);
    let target = spec.tests[0].requests[0].target.value.to_string();
    assert_eq!(
        target,
        "/?n=16&f=false&x=1.50&p=${port}&name=one&$${case.n}"
    );
    assert_eq!(spec.tests[0].counts[0].label.value, "handler");
}

#[test]
fn go_tests_go_by_their_own_names_where_these_differ() {
    let spec = |go_test: &str, more: &str| {
        sound(&format!(
            "[functions]\nf = \"shop.f\"\n[[test]]\n{more}go-test = \"{go_test}\"\n\
             cases = [{{ name = \"free shipping\", n = 1 }}, {{ name = \"b\", n = 2 }}]\ncount = {{ f = \"${{case.n}}\" }}\n"
        ))
    };
    let shop = spec("TestShop/${case.name}", "");
    assert_eq!(names(&shop), ["TestShop/free_shipping", "TestShop/b"]);
    assert_eq!(
        names(&spec("TestShop", "")),
        ["TestShop/free shipping", "TestShop/b"]
    );
    let named = spec("TestShop/${case.name}", "name = \"x\"\n");
    assert_eq!(names(&named), ["x/free shipping", "x/b"]);
}

#[test]
fn what_is_wrong_with_a_value_is_said_once_with_its_case() {
    let errors = understood(&spec_with(
        "[[test]]\nname = \"a\"\ncases = [{ name = \"one\", n = 1 }, { name = \"two\", n = \"x\" }, { name = \"three\", n = \"x\" }]\ncount = { insert = \"${case.n}\" }\n",
    ))
    .unwrap_err();
    assert_eq!(errors.errors.len(), 1, "{errors}");
    let error = &errors.errors[0];
    let (value, words) = error.related.as_ref().unwrap();
    assert_eq!(&errors.source.text[value.clone()], "\"x\"");
    assert_eq!(words, "in case `two`");
}

#[test]
fn too_many_values_are_refused() {
    let cases: String = (0..1_000)
        .map(|n| format!("{{ name = \"{n}\", n = 1 }}, "))
        .collect();
    let list = "1, ".repeat(1_000);
    let errors = understood(&spec_with(&format!(
        "[[test]]\nname = \"a\"\ncases = [{cases}]\nrequest = {{ post = \"/\", send = {{ json = {{ n = \"${{case.n}}\", l = [{list}] }} }} }}\n"
    )))
    .unwrap_err();
    assert!(
        errors
            .to_string()
            .contains("1000 cases of so large a test are too many"),
        "{errors}"
    );
}
