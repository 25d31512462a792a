//! What changed, of pairs of texts.

use std::path::Path;

use golang::declaration::Outline;

use super::*;
use crate::map::package_files::Others;

/// What changed between two packages of files, a line each.
fn told(old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<String> {
    told_beside(old, new, &Others::default())
}

fn told_beside(old: &[(&str, &str)], new: &[(&str, &str)], others: &Others) -> Vec<String> {
    let read = |files: &[(&str, &str)]| -> Vec<OutlinedFile> {
        let files = files.iter();
        files
            .map(|(name, text)| OutlinedFile {
                path: Path::new("/shop").join(name),
                outline: Outline::read(format!("package shop\n{text}\n").as_bytes()).unwrap(),
            })
            .collect()
    };
    let (old, new) = (read(old), read(new));
    let mut others = others.clone();
    let files = old.iter().chain(&new);
    others.methods.extend(files.flat_map(OutlinedFile::methods));
    let package = PackageFiles {
        prefix: "a.test/shop".to_owned(),
        old,
        new,
        others,
    };
    let of_testing = ["fmt", "math/rand", "strings", "testing"].map(str::to_owned);
    let change = compare(&package, &BTreeSet::from(of_testing));
    let short = |name: &str| name.strip_prefix("a.test/").unwrap().to_owned();
    let mut lines = Vec::new();
    for function in &change.functions {
        let how = if function.is_new { "new" } else { "changed" };
        let mut line = format!("{how} {}:{}", short(&function.name), function.line);
        for literal in &function.literals {
            line.push_str(&format!(" {}", short(literal)));
        }
        lines.push(line);
    }
    lines.extend(
        change
            .deleted
            .iter()
            .map(|one| format!("deleted {}", short(&one.name))),
    );
    for one in &change.outside {
        let file = one.file.file_name().unwrap().to_string_lossy();
        lines.push(format!(
            "outside {file}:{} {}",
            one.line.unwrap_or_default(),
            one.what
        ));
    }
    lines
}

/// The same of one file.
fn of_one(old: &str, new: &str) -> Vec<String> {
    told(&[("a.go", old)], &[("a.go", new)])
}

const NOTHING: [&str; 0] = [];

#[test]
fn layout_comments_and_places_change_nothing() {
    let old = "import \"fmt\"\nvar x = 1\nfunc f(a, b int) { fmt.Println(a, b) }\nfunc g() {}\n";
    let new = "// Here it begins.\nimport (\n\t\"fmt\"\n)\n\n// x is x.\nvar x = 1\n\nfunc g() {\n}\n\n// f prints.\nfunc f(\n\ta, b int,\n) {\n\tfmt.Println(a, b) // so\n}\n";
    assert_eq!(of_one(old, new), NOTHING);
    assert_eq!(
        told(&[("a.go", old)], &[("b.go", old)]).len(),
        1,
        "variables are set in the order of files"
    );
    let old = "import \"fmt\"\nfunc f() { fmt.Println() }\n";
    assert_eq!(
        told(&[("a.go", old)], &[("b.go", old)]),
        NOTHING,
        "a file of another name"
    );
}

#[test]
fn a_function_changes_with_its_own_text() {
    let old = "func f() {\n\tg()\n\th()\n}\nfunc g() {}\nfunc h() {}\n";
    assert_eq!(
        of_one(old, &old.replace("\tg()\n", "")),
        ["changed shop.f:2"],
        "a line that is gone"
    );
    assert_eq!(
        of_one(old, &old.replace("func g() {}", "func g() { h() }")),
        ["changed shop.g:6"]
    );
    assert_eq!(
        of_one(old, &format!("{old}func (c *Cart) add() {{}}\n")),
        ["new shop.(*Cart).add:8"]
    );
    assert_eq!(
        of_one(
            old,
            &old.replace("func g() {}", "//go:noinline\nfunc g() {}")
        ),
        ["changed shop.g:7"]
    );
}

#[test]
fn a_literal_changes_with_its_function() {
    let old = "func f() {\n\tgo func() { g(1) }()\n\tgo func() { g(2) }()\n}\n";
    assert_eq!(
        of_one(old, &old.replace("g(2)", "g(3)")),
        ["changed shop.f:2 shop.f.func2"]
    );
    let before = old.replace("{\n\tgo", "{\n\tgo func() { g(0) }()\n\tgo");
    assert_eq!(
        of_one(old, &before),
        ["changed shop.f:2 shop.f.func1"],
        "the others only have new numbers"
    );
}

#[test]
fn a_function_that_is_gone_is_deleted() {
    let old = "func f() { g() }\nfunc g() {}\n";
    assert_eq!(
        of_one(old, "func f() {}\n"),
        ["changed shop.f:2", "deleted shop.g"]
    );
    let others = Others {
        functions: BTreeSet::from(["g".to_owned()]),
        ..Others::default()
    };
    assert_eq!(
        told_beside(&[("g_windows.go", "func g() {}")], &[], &others),
        NOTHING,
        "it was one for another platform"
    );
}

#[test]
fn what_leads_elsewhere_without_a_change_is_told() {
    assert_eq!(
        of_one(
            "type T int\nfunc (t T) String() string { return \"\" }\n",
            "type T int\n"
        ),
        [
            "deleted shop.T.String",
            "outside a.go:0 a.test/shop.T.String is gone: an interface or an embedded type may lead elsewhere"
        ]
    );
    assert_eq!(
        of_one(
            "type T int\nfunc (t T) String() string { return \"\" }\n",
            ""
        ),
        ["deleted shop.T.String"]
    );
    assert_eq!(
        of_one(
            "func min(a, b int) int { return a }\nfunc f() { min(1, 2) }\n",
            "func f() { min(1, 2) }\n"
        ),
        [
            "deleted shop.min",
            "outside a.go:0 a.test/shop.min is gone: the name means Go's own now"
        ]
    );
}

#[test]
fn a_type_may_be_asked_for_its_methods_without_a_call() {
    let t = "type T int\n";
    assert_eq!(
        of_one(t, &format!("{t}func (t T) Is() {{}}\n")),
        [
            "new shop.T.Is:3",
            "outside a.go:3 a.test/shop.T.Is is new: interfaces may ask whether it is there"
        ]
    );
    let own = "func (t T) is() {}\n";
    assert_eq!(of_one(t, &format!("{t}{own}")), ["new shop.T.is:3"]);
    assert_eq!(
        of_one("", &format!("{t}func (t T) Is() {{}}\n")),
        ["new shop.T.Is:3"]
    );
    for asks in [
        "func f(x any) { _ = x.(interface{ is() }) }\n",
        "type U struct{ T }\nfunc (u U) is() {}\n",
    ] {
        let told = of_one(&format!("{asks}{t}{own}"), &format!("{asks}{t}"));
        assert_eq!(told.len(), 2, "{told:?}");
        let told = of_one(&format!("{asks}{t}"), &format!("{asks}{t}{own}"));
        assert_eq!(told.len(), 2, "{told:?}");
    }
}

#[test]
fn what_runs_the_tests_is_missed() {
    let test_main = "func TestMain(m *testing.M) {}";
    assert_eq!(
        told(&[("a_test.go", test_main)], &[("a_test.go", "")]),
        [
            "deleted shop.TestMain",
            "outside a_test.go:0 a.test/shop.TestMain is gone: it ran all tests"
        ]
    );
}

#[test]
fn a_function_in_another_file_is_the_same_if_its_words_are() {
    let f = "func f() { rand.Int() }\n";
    let math = "import \"math/rand\"\n";
    let more = "import \"math/rand\"\nimport \"strings\"\n";
    let moved = |from: &str, to: &str| {
        let (with_f, into) = (format!("{from}{f}"), format!("{to}{f}"));
        told(
            &[("a.go", &with_f), ("b.go", to)],
            &[("a.go", from), ("b.go", &into)],
        )
    };
    assert_eq!(moved(math, math), NOTHING);
    assert_eq!(moved(math, more), ["changed shop.f:4"]);
}

#[test]
fn what_is_outside_of_functions_is_told() {
    for (old, new, expected) in [
        ("var x = 1", "var x = 2", "outside a.go:2 var x"),
        ("", "var x, y = 1, 2", "outside a.go:2 var x, …"),
        ("var x = 1", "", "outside a.go:0 var x is gone"),
        ("const x = 1", "const x = 2", "outside a.go:2 const x"),
        (
            "type T struct{ a int }",
            "type T struct{ a, b int }",
            "outside a.go:2 type T",
        ),
        ("type T int", "type T = int", "outside a.go:2 type T"),
        ("", "type string int", "outside a.go:2 type string"),
        ("type error int", "", "outside a.go:0 type error is gone"),
        (
            "var x = f()\nvar y = g()",
            "var y = g()\nvar x = f()",
            "outside a.go:2 the order of variables",
        ),
        (
            "func init() { a() }",
            "func init() { b() }",
            "outside a.go:2 func init",
        ),
        (
            "func init() { a() }\nfunc init() { b() }",
            "func init() { a() }",
            "outside a.go:0 func init is gone",
        ),
        (
            "//go:embed a\nvar x string",
            "//go:embed b\nvar x string",
            "outside a.go:3 var x",
        ),
        ("", "import _ \"x/y\"", "outside a.go:0 import x/y"),
        ("import \"x/y\"", "", "outside a.go:0 import x/y is gone"),
        (
            "import \"math/rand\"",
            "import rand \"fmt\"",
            "outside a.go:0 imports",
        ),
        (
            "import \"fmt\"",
            "import . \"fmt\"",
            "outside a.go:0 imports",
        ),
        ("", "func f( {", "outside a.go:0 what cannot be parsed"),
    ] {
        assert_eq!(of_one(old, new), [expected], "{old} → {new}");
    }
}

#[test]
fn what_only_changed_code_can_use_changes_nothing_else() {
    for (old, new) in [
        ("", "type T struct{}"),
        ("type T struct{}", ""),
        ("", "const x = 1"),
        ("", "import \"strings\""),
        ("import \"strings\"", ""),
        ("func _() {}", "func _() { f() }"),
    ] {
        assert_eq!(of_one(old, new), NOTHING, "{old} → {new}");
    }
    let others = Others {
        imports: BTreeSet::from(["net/http".to_owned()]),
        ..Others::default()
    };
    let told = told_beside(&[("a.go", "")], &[("a.go", "import \"net/http\"")], &others);
    assert_eq!(told, NOTHING, "the package has it anyhow");
}
