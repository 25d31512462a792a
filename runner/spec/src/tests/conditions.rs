//! Conditions: what their text means.

use crate::{
    Source,
    document::Expression,
    tests::{sound, spec_with},
};

fn read(text: &str) -> Expression {
    let path = "--where".into();
    let text = text.into();
    crate::expression(&Source { path, text }).unwrap_or_else(|errors| panic!("{errors}"))
}

/// A condition with all of its parentheses.
fn shown(condition: &Expression) -> String {
    let joined = |parts: &[Expression], between: &str| {
        let parts: Vec<String> = parts.iter().map(shown).collect();
        format!("({})", parts.join(between))
    };
    match condition {
        Expression::Value(value) => format!("{} {}", value.path.value, value.matcher.value),
        Expression::All(parts) => joined(parts, " && "),
        Expression::Any(parts) => joined(parts, " || "),
        Expression::Not(inner) => format!("!({})", shown(inner)),
    }
}

#[test]
fn and_binds_closer_than_or_and_not_closest() {
    for (text, wanted) in [
        ("a || b && c", "(a = true || (b = true && c = true))"),
        ("a && b || c", "((a = true && b = true) || c = true)"),
        ("(a || b) && c", "((a = true || b = true) && c = true)"),
        ("!a && b", "(!(a = true) && b = true)"),
        ("!(a && b)", "!((a = true && b = true))"),
        ("!!a", "!(!(a = true))"),
        ("!a == false", "!(a = false)"),
        ("a && b && c", "(a = true && b = true && c = true)"),
        ("a == 1 || b != 2 || c", "(a = 1 || !(b = 2) || c = true)"),
        ("((a))", "a = true"),
    ] {
        assert_eq!(shown(&read(text)), wanted, "{text}");
    }
}

#[test]
fn every_operator_and_every_literal_is_a_matcher() {
    for (text, wanted) in [
        ("n == 3", "n = 3"),
        ("n==-3", "n = -3"),
        ("n < 0x10", "n < 16"),
        ("n<=1_000", "n ≤ 1000"),
        ("n > 1.5", "n > 1.5"),
        ("n>=1e3", "n ≥ 1000.0"),
        ("x == inf", "x = inf"),
        (r#"s == "a \"b\" && c""#, r#"s = "a \"b\" && c""#),
        ("s == 'a\\b'", r#"s = "a\\b""#),
        (r#"s == """#, r#"s = """#),
        (r#"s ~ "^a.b$""#, r#"s matches "^a.b$""#),
        (r#"d < "1.5s""#, r#"d < "1.5s""#),
        (
            r#"t >= "2026-01-02T03:04:05Z""#,
            r#"t ≥ "2026-01-02T03:04:05Z""#,
        ),
        ("p == nil", "p = nil"),
        ("p != nil", "!(p = nil)"),
        ("ok == false", "ok = false"),
    ] {
        assert_eq!(shown(&read(text)), wanted, "{text}");
    }
}

#[test]
fn conditions_take_all_paths_of_a_spec() {
    for (text, wanted) in [
        ("r.URL.Path == 1", "r.URL.Path = 1"),
        ("items[2].Price>1", "items[2].Price > 1"),
        (r#"h["a == b"][0] == 1"#, r#"h["a == b"][0] = 1"#),
        ("h[`]`]", r#"h["]"] = true"#),
        ("err.(*net.OpError).Op == 1", "err.(*net.OpError).Op = 1"),
        ("(v.(map[string]int))", "v.(map[string]int) = true"),
        ("returns[1].Name == 1", "returns[1].Name = 1"),
        ("returns.0 == 1", "returns[0] = 1"),
        ("größe > 1", "größe > 1"),
    ] {
        assert_eq!(shown(&read(text)), wanted, "{text}");
    }
}

#[test]
fn args_and_where_are_one_condition() {
    let filter = |function: &str| {
        let spec = sound(&spec_with(&format!(
            "late = {{ func = \"main.late\", {function} }}\n[[test]]\nname = \"a\"\ncount = {{ late = 1 }}\n"
        )));
        let filter = spec.function("late").unwrap().filter.clone();
        (shown(&filter.unwrap()), spec.paths_of("late").len())
    };
    let args = "args = { order.Item = \"book\", qty = { ge = 3 } }";
    let both = "(order.Item = \"book\" && qty ≥ 3)".to_owned();
    assert_eq!(filter(args), (both.clone(), 2));
    assert_eq!(
        filter(r#"where = 'order.Item == "book" && qty >= 3'"#),
        (both, 2)
    );
    assert_eq!(
        filter("args = { qty = 3 }, where = \"gift || id != 7\""),
        ("(qty = 3 && (gift = true || !(id = 7)))".to_owned(), 3)
    );
}

#[test]
fn places_are_those_in_the_file() {
    let text = spec_with(
        "late = { func = \"main.late\", where = \"order.Item == \\\"book\\\" && qty >= 3\" }\n[[test]]\nname = \"a\"\ncount = { late = 1 }\n",
    );
    let spec = sound(&text);
    let filter = spec.function("late").unwrap().filter.clone().unwrap();
    let places: Vec<(&str, &str)> = filter
        .values()
        .into_iter()
        .map(|value| {
            (
                &text[value.path.span.clone()],
                &text[value.matcher.span.clone()],
            )
        })
        .collect();
    assert_eq!(places, [("order.Item", "\\\"book\\\""), ("qty", "3")]);
    let path = &filter.values()[0].path;
    assert_eq!(&text[spec.source.step(path, Some(0))], "Item");
}

/// What conditions are made of, and what they are not.
const MORSELS: [&str; 30] = [
    "a",
    "_",
    "b.c",
    "items[2]",
    "h[\"k\"]",
    "v.(*main.T).F",
    "returns[0]",
    "returns",
    "==",
    "!=",
    "<",
    "<=",
    "=",
    "~",
    "&&",
    "||",
    "&",
    "!",
    "(",
    ")",
    "\"x\"",
    "\"(",
    "'y'",
    "'",
    "3",
    "-1.5",
    "1s",
    "nil",
    "true",
    "é",
];

#[test]
fn any_text_is_a_condition_or_one_error_within_it() {
    let mut state = 7_usize;
    let mut below = |limit: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    let (mut sound, mut wrong) = (0, 0);
    for _ in 0..20_000 {
        let words: Vec<&str> = (0..1 + below(7))
            .map(|_| MORSELS[below(MORSELS.len())])
            .collect();
        let text = words.join([" ", ""][below(2)]);
        let source = Source::new("--where", text.as_str());
        match crate::expression(&source) {
            Ok(condition) => {
                sound += 1;
                for value in condition.values() {
                    assert!(text.get(value.path.span.clone()).is_some(), "{text}");
                    assert!(text.get(value.matcher.span.clone()).is_some(), "{text}");
                }
            }
            Err(errors) => {
                wrong += 1;
                let [error] = errors.errors.as_slice() else {
                    panic!("{text}: {errors}");
                };
                assert!(text.get(error.span.clone().unwrap()).is_some(), "{text}");
                assert!(!errors.render(false, false, 80).is_empty());
            }
        }
    }
    assert!(sound > 500 && wrong > 500, "{sound} sound, {wrong} wrong");
}

#[test]
fn a_long_condition_is_read_in_time_that_grows_with_its_length() {
    let text = ["name == 'x'"; 60_000].join(" && ");
    assert_eq!(read(&text).values().len(), 60_000);
}
