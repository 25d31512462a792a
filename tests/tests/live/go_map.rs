//! `goproctor map`: which tests reach each function, by the program's own account.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

use goproctor_tests::{command, go::NEWEST, harness::Test};
use serde_json::Value as Json;

use super::{
    go_test::{Fixture, account, may_be_unowned},
    go_test_verdicts::{Module, Run, in_folder},
};

pub(crate) const TESTS: &[Test<'static>] = &[
    ("a_map_names_the_tests_that_reach_each_function", reached),
    ("a_map_of_nothing_is_refused", refused),
];

const PREFIX: &str = "goproctor.test/gotest/";

/// Functions that no test reaches: one that the tests do not use, and one that is in no binary's code either way.
const UNUSED: &str = r#"
// Never is used by nothing.
func Never() {}

// Rarely is used where nobody comes.
func Rarely(l *Ledger) int {
	if l.balance < -1000 {
		return Seldom(l)
	}
	return 0
}

// Seldom is in the program, and not called.
func Seldom(l *Ledger) int { return func() int { return l.balance }() }
"#;

fn reached() {
    for (release, arguments) in [
        ("go1.18.10", &["./..."][..]),
        (NEWEST, &["./..."]),
        (NEWEST, &["-cover", "./..."]),
        (NEWEST, &["-race", "./bank", "./shop"]),
    ] {
        let name = format!("{release} {}", arguments.join(" "));
        let fixture = Fixture::new(true);
        let folder = fixture.folder.path();
        let bank = folder.join("bank/bank.go");
        let source = fs::read_to_string(&bank).unwrap();
        let source = source.replace(
            "\tl.balance += amount\n",
            "\tl.balance += amount + Rarely(l)\n",
        );
        fs::write(&bank, source + UNUSED).unwrap();
        let mut command = command::goproctor();
        let command = command.args(["map", "--json"]).args(arguments);
        let run = Run::of(
            in_folder(command, folder)
                .env("GOTOOLCHAIN", release)
                .env("GOPROCTOR_TEST_ACCOUNT", folder.join("account.tsv")),
        );
        assert_eq!(run.code, Some(0), "{name}: {run:?}");
        let lines: Vec<Json> = run
            .out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let of = |function: &str| {
            let full = format!("{PREFIX}{function}");
            let mut rows = lines
                .iter()
                .filter(|line| line["function"] == full.as_str());
            let row = rows.next();
            let row = row.unwrap_or_else(|| panic!("{name}: no {function}: {run:?}"));
            assert!(rows.next().is_none(), "{name}: twice: {row}");
            row
        };
        let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for call in account(&folder.join("account.tsv")).into_values() {
            // The children of a test that runs the binary again are others' processes.
            if !call.who.is_empty() && !call.who.starts_with("TestHelperProcess") {
                expected.entry(call.function).or_default().insert(call.who);
            }
        }
        assert!(expected.len() > 15, "{name}: {expected:?}");
        let mut pairs = 0;
        for (function, who) in &expected {
            let row = of(function);
            assert_eq!(row["incomplete"], Json::Null, "{name}: {row}");
            let tests = row["tests"].as_array().unwrap().iter();
            let tests: BTreeSet<String> = tests
                .map(|test| test["name"].as_str().unwrap().to_owned())
                .collect();
            let wrong: Vec<_> = tests.difference(who).collect();
            assert!(wrong.is_empty(), "{name}: {function}: {wrong:?}");
            let missing = who.difference(&tests);
            let missing: Vec<_> = missing.filter(|who| !may_be_unowned(who)).collect();
            assert!(missing.is_empty(), "{name}: {function}: {missing:?}");
            pairs += tests.len();
        }
        println!("{name}: {pairs} pairs of functions and tests");
        assert_eq!(of("shop.Tick")["reach"], "outside", "{name}");
        assert_eq!(of("bank.Rarely")["reach"], "tests", "{name}");
        for function in ["bank.Never", "bank.Seldom", "bank.Seldom.func1"] {
            assert_eq!(of(function)["reach"], "nothing", "{name}");
        }
        assert!(!run.out.contains("_test.go"), "{name}: of tests themselves");
        let last = lines.last().unwrap();
        assert_eq!((&last["event"], &last["lost"]), (&"map".into(), &0.into()));
        assert_eq!(last["not_reached"], 3, "{name}: {last}");
    }
}

fn refused() {
    let module = Module::new("");
    let says = |arguments: &[&str], code: i32, message: &str| {
        let run = module.command("map", arguments);
        assert_eq!(run.code, Some(code), "{arguments:?}: {run:?}");
        assert!(run.errors.contains(message), "{arguments:?}: {run:?}");
        assert_eq!(run.out, "", "{arguments:?}");
    };
    says(
        &["-f", "shop.Chekout", "."],
        2,
        "did you mean `shop.Checkout`?",
    );
    says(&["-json", "."], 2, "write --json for a map in JSON");
    says(&["-c", "."], 2, "a map is of tests that run");
    says(&["-list", ".", "."], 2, "leave -list out");
    says(&["./nothere"], 3, "directory not found");

    let text = module.command("map", &["-f", "shop.Publish", "-f", "strconv.Itoa", "."]);
    assert_eq!(text.code, Some(0), "{text:?}");
    let begin = "example.test/shop.Publish  shop.go:3\n    ExampleCheckout\n    TestCheckout/free_shipping\n";
    assert!(text.out.contains(begin), "{text:?}");
    // `testing` itself numbers things; no other package's function is meant.
    assert!(text.out.contains("    strconv.Itoa  "), "{text:?}");
    assert!(!text.out.contains("internal/strconv.Itoa"), "{text:?}");
    assert!(text.errors.contains("ok  \texample.test/shop"), "{text:?}");

    module.write("fails_test.go", "package shop\n\nimport \"testing\"\n\nfunc TestFails(t *testing.T) { t.Fatal(Checkout(1)) }\n");
    let failed = module.command("map", &["-run", "TestFails", "."]);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(failed.out.contains("    TestFails\n"), "{failed:?}");
    assert!(failed.errors.contains("tests failed"), "{failed:?}");

    module.write("fails_test.go", "package shop\n\nvar broken int = \"no\"\n");
    says(&["."], 3, "the tests of example.test/shop did not run");
    let plain = Run::of(in_folder(
        Command::new("go").args(["test", "."]),
        module.folder.path(),
    ));
    assert_eq!(plain.code, Some(1), "{plain:?}");
}
