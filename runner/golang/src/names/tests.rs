//! Names of every kind that the tool chain writes.

use super::*;

#[test]
fn escapes_in_paths_are_decoded_and_tags_left_alone() {
    for (name, expected) in [
        ("main.main", "main.main"),
        ("gopkg.in/yaml%2ev3.Marshal", "gopkg.in/yaml.v3.Marshal"),
        ("x/%e4%b8%96.F", "x/世.F"),
        ("100%", "100%"),
        ("%zz", "%zz"),
        ("%f", "%f"),
        ("a%zzb", "a%zzb"),
        (
            r#"main.F[struct { A string "json:\"%2e\"" }] y%2ez"#,
            r#"main.F[struct { A string "json:\"%2e\"" }] y.z"#,
        ),
    ] {
        assert_eq!(unescape(name), expected);
    }
}

#[test]
fn fields_have_no_packages() {
    for (name, plain) in [
        ("struct { main.p *int }", "struct { p *int }"),
        (
            "[]struct { a/b.v2.x c.T; Y c.T; c.T; *c.T; a/b.z chan<- a/b.T }",
            "[]struct { x c.T; Y c.T; c.T; *c.T; z chan<- a/b.T }",
        ),
        (
            r#"struct { a.T "x; y.z int"; a.n int "b.c d" }"#,
            r#"struct { a.T "x; y.z int"; n int "b.c d" }"#,
        ),
        ("struct {}", "struct {}"),
        ("*a/b.T", "*a/b.T"),
    ] {
        assert_eq!(unqualified_fields(name), plain);
    }
}

#[test]
fn one_name_means_every_instance() {
    for symbol in [
        "main.Map[go.shape.int]",
        "main.Map[go.shape.int_0]",
        "main.Map[go.shape.int,go.shape.[]string]",
    ] {
        assert!(matches_exactly("main.Map", symbol));
        assert!(matches_exactly("main.Map[...]", symbol));
    }
    assert!(matches_exactly(
        "main.(*List).Push.func1",
        "main.(*List[go.shape.int]).Push.func1"
    ));
    assert!(!matches_exactly("main.Map", "main.Mapper[go.shape.int]"));
    assert!(!matches_exactly("main.Map", "main.Map.func1"));
}

#[test]
fn type_arguments_choose_an_instance() {
    let symbol = "main.Map[go.shape.int_0,go.shape.string_1]";
    assert!(matches_exactly("main.Map[int, string]", symbol));
    assert!(matches_exactly(
        "main.Map[go.shape.int,go.shape.string]",
        symbol
    ));
    assert!(!matches_exactly("main.Map[string,int]", symbol));
}

#[test]
fn types_are_shown_without_the_numbers_of_shapes() {
    for (name, plain) in [
        ("[]go.shape.int_0", "[]go.shape.int"),
        (
            "func(go.shape.int_0) go.shape.string_1",
            "func(go.shape.int) go.shape.string",
        ),
        (
            "*main.List[go.shape.*uint8_0]",
            "*main.List[go.shape.*uint8]",
        ),
        ("go.shape.[]uint8_12", "go.shape.[]uint8"),
        (
            "func(go.shape.int_0) main.my_2",
            "func(go.shape.int) main.my_2",
        ),
        ("main.my_2", "main.my_2"),
        ("go.shape.", "go.shape."),
    ] {
        assert_eq!(unnumbered_shape_types(name), plain);
    }
}

#[test]
fn shapes_are_shown_without_numbers() {
    assert_eq!(
        canonical("main.my_2[go.shape.int_0,go.shape.map[string]a_1.b_1]"),
        "main.my_2[go.shape.int,go.shape.map[string]a_1.b]"
    );
    assert_eq!(canonical("main.glob..func3.1"), "main.init.func3.1");
    assert_eq!(canonical("main.do_1"), "main.do_1");
}

#[test]
fn literals_know_their_function() {
    assert_eq!(enclosing("main.serve.func1"), Some("main.serve"));
    assert_eq!(enclosing("main.(*T).M.func2.1.3"), Some("main.(*T).M"));
    assert_eq!(enclosing("main.init.0.func1"), Some("main.init.0"));
    for other in [
        "main.serve",
        "main.init.0",
        "main.init.func1",
        "main.glob..func1",
        "main.funcs",
    ] {
        assert_eq!(enclosing(other), None, "{other}");
    }
}

#[test]
fn wrappers_of_statements_are_known() {
    for name in [
        "main.serve.gowrap1",
        "main.serve.func2.deferwrap12",
        "main.serve.dwrap.2",
        "main.serve\u{b7}dwrap\u{b7}2",
    ] {
        assert!(around_statement(name).is_some(), "{name}");
    }
    for name in [
        "main.serve.gowrapper",
        "main.serve.deferwrap1.func1",
        "main.gowrap",
        "go.dwrap.org/x.f",
    ] {
        assert_eq!(around_statement(name), None, "{name}");
    }
}

#[test]
fn literals_of_variables_have_two_notations() {
    let expected = Some(PackageLiteral {
        package: "example.com/a",
        number: 12,
        rest: ".1",
    });
    assert_eq!(
        PackageLiteral::parse("example.com/a.glob..func12.1"),
        expected
    );
    assert_eq!(
        PackageLiteral::parse("example.com/a.init.func12.1"),
        expected
    );
    assert_eq!(PackageLiteral::parse("main.init.0.func1"), None);
    assert_eq!(PackageLiteral::parse("main.init.functional"), None);
}

#[test]
fn shared_bodies_are_known() {
    for shared in [
        "main.Map[go.shape.int,go.shape.[]string]",
        "main.(*List[go.shape.int_0]).Push",
        "main.Pair[go.shape.int].Sum",
    ] {
        assert!(is_shared_instance(shared), "{shared}");
    }
    for other in ["main.Map", "main.Map[int]", "main.Map[go.shape.int].func1"] {
        assert!(!is_shared_instance(other), "{other}");
    }
}
