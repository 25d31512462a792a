//! Paths, matchers of Go values, errors, redactions: what the reader makes of them.

use model::{Path, Root, Segment};

use super::{sound, spec_with, understood};
use crate::{
    Spec,
    document::{CallExpectation, ErrorExpectation, SequenceElement},
    matcher::Matcher,
};

/// A spec with one test that holds these lines.
fn with_test(lines: &str) -> String {
    spec_with(&format!("[[test]]\nname = \"a\"\n{lines}\n"))
}

/// What is asked of the calls of `handler`.
fn calls(lines: &str) -> CallExpectation {
    let text = with_test(&format!("[test.calls.handler]\n{lines}"));
    sound(&text).tests.remove(0).calls.remove(0)
}

/// Each value that is asked for with what it must be: `request.URL.Path = "/"`.
fn asked(lines: &str) -> Vec<String> {
    let calls = calls(lines);
    let all = calls.args.iter().chain(&calls.out);
    all.map(|asked| format!("{} {}", asked.path.value, asked.matcher.value))
        .collect()
}

/// The matcher of the argument `x`.
fn matcher(text: &str) -> Matcher {
    calls(&format!("args.x = {text}"))
        .args
        .remove(0)
        .matcher
        .value
}

fn path(root: Root, segments: &[Segment]) -> Path {
    Path {
        root,
        segments: segments.to_vec(),
    }
}

fn name(name: &str) -> Segment {
    Segment::Name(name.into())
}

#[test]
fn a_path_means_the_same_in_every_way_of_writing() {
    for lines in [
        r#"args = { request.URL.Path = "/" }"#,
        r#"args = { request = { URL = { Path = "/" } } }"#,
        r#"args = { "request.URL.Path" = "/" }"#,
        r#"args = { request = { "URL.Path" = "/" } }"#,
        r#"args = { request = { ".URL.Path" = "/" } }"#,
        r#"args = { "request.URL" = { Path = "/" } }"#,
        r#"args.request.URL.Path = "/""#,
        "args.request = { URL.Path = { equal = \"/\" } }",
        "[test.calls.handler.args.request.URL]\nPath = \"/\"",
    ] {
        let asked = calls(lines).args.remove(0);
        let wanted = path(
            Root::Argument("request".into()),
            &[name("URL"), name("Path")],
        );
        assert_eq!(asked.path.value, wanted, "{lines}");
        assert_eq!(asked.matcher.value.to_string(), "= \"/\"", "{lines}");
    }
}

#[test]
fn each_leaf_of_a_table_of_fields_is_a_path_of_its_own() {
    let lines = r#"args = { order = { Item = "book", Price = { ge = 1, lt = 9 }, Lines = [{ Qty = 1 }], Buyer = { Name = "a", Age = { any = true } } }, n = 1 }"#;
    assert_eq!(
        asked(lines),
        [
            "order.Item = \"book\"",
            "order.Price ≥ 1 and < 9",
            "order.Lines = [{ Qty = 1 }]",
            "order.Buyer.Name = \"a\"",
            "order.Buyer.Age anything",
            "n = 1",
        ]
    );
}

#[test]
fn a_key_of_a_table_of_fields_is_a_name_an_index_a_key_or_a_path() {
    let lines = r#"args = { x = { Name = 1, 2 = 2, "3" = 3, Content-Type = 4, "a b" = 5, "[6].A" = 6, "A[7]" = 7, '["a.b"]' = 8, ".(main.T).B" = 9, -1 = 10 } }"#;
    let steps: Vec<Vec<Segment>> = calls(lines)
        .args
        .into_iter()
        .map(|asked| asked.path.value.segments)
        .collect();
    let key = |key: &str| Segment::Key(key.into());
    assert_eq!(
        steps,
        [
            vec![name("Name")],
            vec![Segment::Index(2)],
            vec![key("3")],
            vec![key("Content-Type")],
            vec![key("a b")],
            vec![Segment::Index(6), name("A")],
            vec![name("A"), Segment::Index(7)],
            vec![key("a.b")],
            vec![Segment::Assert("main.T".into()), name("B")],
            vec![Segment::Index(-1)],
        ]
    );
}

#[test]
fn a_field_named_like_a_matcher_needs_quotes() {
    assert_eq!(asked("args.x = { len = 3 }"), ["x len = 3"]);
    assert_eq!(asked("args = { \"x.len\" = 3 }"), ["x.len = 3"]);
    assert_eq!(asked("args.x = { \".len\" = 3 }"), ["x.len = 3"]);
    // Parameters go by their names, whatever these are.
    assert_eq!(
        asked("args = { len = 3, any = { nil = false }, has = [1] }"),
        ["len = 3", "any not nil", "has = [1]"]
    );
}

#[test]
fn a_path_points_to_the_last_key() {
    let text = with_test(
        "[test.calls.handler]\nargs = { request.URL.Path = \"/\", a = { \"b.c\" = 1 }, \"d.e\" = 2 }\nreturns = [{ Name = 1 }, 2]",
    );
    let calls = sound(&text).tests.remove(0).calls.remove(0);
    let places: Vec<&str> = calls
        .args
        .iter()
        .map(|asked| &text[asked.path.span.clone()])
        .collect();
    assert_eq!(places, ["Path", "\"b.c\"", "\"d.e\"", "Name"]);
    assert_eq!(&text[calls.returns[0].span.clone()], "{ Name = 1 }");
}

#[test]
fn results_are_judged_whole_or_in_parts() {
    let calls = calls(
        r#"returns = [{ ID = { gt = 0 }, Tags = ["a"] }, { nil = true }, [1, 2], { "[0].A" = 1 }]"#,
    );
    let whole: Vec<String> = calls.returns.iter().map(|m| m.value.to_string()).collect();
    assert_eq!(whole, ["anything", "= nil", "= [1, 2]", "anything"]);
    let parts: Vec<Path> = calls.args.into_iter().map(|part| part.path.value).collect();
    assert_eq!(
        parts,
        [
            path(Root::Result(0), &[name("ID")]),
            path(Root::Result(0), &[name("Tags")]),
            path(Root::Result(3), &[Segment::Index(0), name("A")]),
        ]
    );
    assert_eq!(
        asked("returns = { Name = \"a\" }"),
        ["returns[0].Name = \"a\""]
    );
}

#[test]
fn steps_and_filters_take_paths_and_errors_too() {
    let spec = sound(&spec_with(
        r#"
late = { func = "main.late", args = { order.Item = "book" } }
[[test]]
name = "a"
sequence = [{ call = "late", args = { "order.Price" = 1 }, returns = { Name = "a" }, error = { is = "io.EOF" } }]
"#,
    ));
    let filter = spec.function("late").unwrap().filter.as_ref().unwrap();
    assert_eq!(filter.values()[0].path.value.to_string(), "order.Item");
    let SequenceElement::Step(step) = &spec.tests[0].sequence.as_ref().unwrap().elements[0] else {
        panic!("it is a step");
    };
    let paths: Vec<String> = step.args.iter().map(|a| a.path.value.to_string()).collect();
    assert_eq!(paths, ["order.Price", "returns[0].Name"]);
    assert_eq!(step.error.as_ref().unwrap().value.to_string(), "is io.EOF");
}

#[test]
fn out_begins_at_the_pointer() {
    let calls = calls(r#"out = { p.Field = 1, "q" = { nil = false }, "r[0]" = "x" }"#);
    let roots: Vec<&Root> = calls
        .out
        .iter()
        .map(|asked| &asked.path.value.root)
        .collect();
    assert_eq!(
        roots,
        [
            &Root::Out("p".into()),
            &Root::Out("q".into()),
            &Root::Out("r".into())
        ]
    );
    assert!(calls.args.is_empty());
}

#[test]
fn matchers_of_every_kind_say_what_they_want() {
    for (text, shown, described) in [
        ("1.5", "= 1.5", "1.5"),
        ("inf", "= inf", "inf"),
        ("-0.0", "= -0.0", "-0.0"),
        ("{ nil = true }", "= nil", "nil"),
        ("{ nil = false }", "not nil", "not nil"),
        ("{ len = 3 }", "len = 3", "len = 3"),
        (
            "{ len = { ge = 1, lt = 9 } }",
            "len ≥ 1 and < 9",
            "len ≥ 1 and < 9",
        ),
        (
            "{ type = \"*net.OpError\" }",
            "type *net.OpError",
            "type *net.OpError",
        ),
        ("[]", "= []", "[]"),
        (
            "[1, { ge = 2 }, \"x\", [true]]",
            "= [1, ≥ 2, \"x\", [true]]",
            "[1, ≥ 2, \"x\", [true]]",
        ),
        ("{ has = 3 }", "has 3", "has 3"),
        (
            "{ has = { A = 1, b-c = { any = true } } }",
            "has { A = 1, \"b-c\" anything }",
            "has { A = 1, \"b-c\" anything }",
        ),
        (
            "{ each = { contains = \"a\" } }",
            "each contains \"a\"",
            "each contains \"a\"",
        ),
        (
            "[{ A.B = 1, '[\"x.y\"]' = 2 }]",
            "= [{ A { B = 1 }, \"x.y\" = 2 }]",
            "[{ A { B = 1 }, \"x.y\" = 2 }]",
        ),
        (
            "{ nil = false, type = \"[]string\", len = 2, has = \"a\", each = { matches = \"a\" } }",
            "not nil and type []string and len = 2 and has \"a\" and each matches \"a\"",
            "not nil and type []string and len = 2 and has \"a\" and each matches \"a\"",
        ),
        (
            "{ type = \"time.Duration\", gt = 5 }",
            "type time.Duration and > 5",
            "type time.Duration and > 5",
        ),
        (
            "{ len = 3, contains = \"a\" }",
            "len = 3 and contains \"a\"",
            "len = 3 and contains \"a\"",
        ),
    ] {
        let matcher = matcher(text);
        assert_eq!(matcher.to_string(), shown, "{text}");
        assert_eq!(matcher.describe(), described, "{text}");
    }
}

#[test]
fn errors_are_judged_in_every_way() {
    let error =
        |text: &str| -> ErrorExpectation { calls(&format!("error = {text}")).error.unwrap().value };
    for (text, nil, shown) in [
        ("false", true, "= nil"),
        ("true", false, "not nil"),
        (
            "{ is = \"database/sql.ErrNoRows\" }",
            false,
            "is database/sql.ErrNoRows",
        ),
        ("{ as = \"*net.OpError\" }", false, "as *net.OpError"),
        ("{ equal = \"x\" }", false, "message = \"x\""),
        (
            "{ is = \"io.EOF\", as = \"syscall.Errno\", contains = \"a\", matches = \"b\" }",
            false,
            "is io.EOF and as syscall.Errno and message contains \"a\" and matches \"b\"",
        ),
    ] {
        let error = error(text);
        assert_eq!(
            (error.nil, error.to_string().as_str()),
            (nil, shown),
            "{text}"
        );
    }
}

#[test]
fn redactions_are_read() {
    let spec = sound(&spec_with(
        r#"
[redact]
values = { "*.Password" = "[password]", "login.token" = "[token]", secret = "[s]", "*.*Key*" = "[k]" }
types = { "main.Secret" = "[secret]", "*.Token" = "[t]", "example.com/shop.Box[int]" = "[box]" }
patterns = ["Bearer [A-Za-z0-9._-]+", '(?-u:\xff)x']
[[test]]
name = "a"
sequence = ["handler"]
"#,
    ));
    let redactions = spec.redactions;
    let values: Vec<(&str, &str)> = redactions
        .paths
        .iter()
        .chain(&redactions.types)
        .map(|r| (r.pattern.value.as_str(), r.label.as_str()))
        .collect();
    assert_eq!(
        values,
        [
            ("*.Password", "[password]"),
            ("login.token", "[token]"),
            ("secret", "[s]"),
            ("*.*Key*", "[k]"),
            ("main.Secret", "[secret]"),
            ("*.Token", "[t]"),
            ("example.com/shop.Box[int]", "[box]"),
        ]
    );
    assert!(redactions.patterns[0].value.is_match(b"a Bearer x.y"));
    assert!(redactions.patterns[1].value.is_match(b"\xffx"));
}

#[test]
fn floats_hold_for_one_function_or_for_all() {
    let floats = |program: &str, function: &str| {
        let text = spec_with(&format!(
            "area = {{ func = \"main.area\"{function} }}\n[[test]]\nname = \"a\"\nsequence = [\"area\"]\n"
        ));
        let text = text.replace("[stubs.site]", &format!("{program}\n[stubs.site]"));
        let spec = sound(&text);
        let of = |label: &str| spec.function(label).unwrap().floats;
        (of("area"), of("handler"))
    };
    assert_eq!(floats("", ""), (false, false));
    assert_eq!(floats("", ", floats = true"), (true, false));
    assert_eq!(floats("floats = true", ""), (true, true));
    assert_eq!(floats("floats = true", ", floats = false"), (false, true));
}

#[test]
fn the_limit_of_bytes_is_one_of_the_limits() {
    let spec = sound(&spec_with(
        "late = { func = \"main.late\", limits = { bytes = 512 } }\n[limits]\nbytes = 32768\n[[test]]\nname = \"a\"\nsequence = [\"late\"]\n",
    ));
    assert_eq!(spec.limits.bytes, 32_768);
    let late = spec.function("late").unwrap().limits.unwrap();
    assert_eq!((late.bytes, late.depth), (512, 3));
}

/// A spec that asks for values in all places where that can be done.
fn asking() -> Spec {
    sound(&spec_with(
        r#"
late = { func = "main.late", args = { a.B = 1 } }
[[test]]
name = "one"
sequence = ["handler", { call = "late", args = { a.C = 1 } }, [{ call = "late", returns = [7, { any = true }] }, "audit"]]
[test.calls.handler]
args = { request = { Method = "GET", URL.Path = "/" }, n = 1 }
[test.calls.late]
returns = [{ Name = "x" }, 1]
out = { p.Q = 1 }
error = { is = "io.EOF", contains = "x" }
[[test]]
name = "two"
[test.calls.handler]
args = { request.Method = "PUT" }
error = false
"#,
    ))
}

#[test]
fn the_plan_knows_every_value_that_is_asked_for() {
    let spec = asking();
    let argument = |name: &str, segments: &[Segment]| path(Root::Argument(name.into()), segments);
    assert_eq!(
        spec.paths_of("handler"),
        [
            argument("n", &[]),
            argument("request", &[name("Method")]),
            argument("request", &[name("URL"), name("Path")]),
        ]
    );
    assert_eq!(
        spec.paths_of("late"),
        [
            argument("a", &[name("B")]),
            argument("a", &[name("C")]),
            path(Root::Result(0), &[]),
            path(Root::Result(0), &[name("Name")]),
            path(Root::Result(1), &[]),
            path(Root::Out("p".into()), &[name("Q")]),
            path(Root::Variable("io.EOF".into()), &[]),
        ]
    );
    assert!(spec.paths_of("audit").is_empty());
    assert!(spec.paths_of("unknown").is_empty());
}

#[test]
fn a_table_of_fields_may_be_deep_but_has_an_end() {
    let deep = |steps: usize| {
        let keys = vec!["a"; steps].join(".");
        with_test(&format!("[test.calls.handler]\nargs = {{ {keys} = 1 }}"))
    };
    assert_eq!(
        sound(&deep(40)).tests[0].calls[0].args[0]
            .path
            .value
            .segments
            .len(),
        39
    );
    for steps in [70, 500, 20_000] {
        assert!(
            !understood(&deep(steps)).unwrap_err().errors.is_empty(),
            "{steps}"
        );
    }
    let nested = format!("{}1{}", "[".repeat(30_000), "]".repeat(30_000));
    let text = with_test(&format!("[test.calls.handler]\nargs.x = {nested}"));
    assert!(!understood(&text).unwrap_err().errors.is_empty());
}
