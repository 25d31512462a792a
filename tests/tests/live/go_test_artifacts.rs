//! `go test -artifacts` under `goproctor test`: each judged run leaves its calls beside what the test itself leaves.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use goproctor_tests::{go::NEWEST, harness::Test};
use serde_json::Value as Json;

use super::{
    go_test::{Fixture, account, may_be_unowned},
    go_test_verdicts::Module,
};

pub(crate) const TESTS: &[Test<'static>] = &[
    ("artifacts_of_go_tests_have_each_call", calls),
    (
        "artifacts_of_go_tests_lie_where_testing_would_put_them",
        places,
    ),
    ("artifacts_that_cannot_be_written_are_said", unwritable),
];

/// Calls by process and number, with the test that made them by its own account.
type Calls = BTreeMap<(u64, u64), String>;

/// Where a run left artifacts: the package and the test as the path has them, and the directory.
type Place = (String, String, PathBuf);

fn calls() {
    for mode in [&[][..], &["-v"], &["-json"]] {
        let fixture = Fixture::new(true);
        let out = fixture.folder.path().join("out");
        fs::create_dir(&out).unwrap();
        let run = "-run=TestParallel|TestTransfer|TestTable";
        let flags = ["-artifacts", "-outputdir=out", run, "./bank", "./shop"];
        let run = fixture.test(NEWEST, &[mode, &flags].concat());
        assert!(run.status.success(), "{mode:?}: {run:?}");
        let places = places_in(&out.join("_artifacts"));
        let mut own = BTreeSet::new();
        for (_, test, directory) in &places {
            let timeline = of_timeline(&directory.join("timeline.json"));
            let lines = of_lines(&directory.join("calls.jsonl"));
            assert_eq!(timeline, lines, "{mode:?}: {}", directory.display());
            for (key, who) in lines {
                let name = who.replace('/', "__");
                match name.strip_prefix(test.as_str()) {
                    Some("") => assert!(own.insert(key), "{mode:?}: twice: {key:?} {who}"),
                    below => assert!(
                        below.is_some_and(|rest| rest.starts_with("__")),
                        "{test}: {who}"
                    ),
                }
            }
        }
        let account = account(&fixture.folder.path().join("account.tsv"));
        let expected = account
            .iter()
            .filter(|(_, call)| !may_be_unowned(&call.who));
        let missing: Vec<_> = expected.filter(|(key, _)| !own.contains(key)).collect();
        assert!(missing.is_empty(), "{mode:?}: {missing:?}");
        println!(
            "{mode:?}: {} calls in {} directories",
            own.len(),
            places.len()
        );
        let text = String::from_utf8(run.stdout).unwrap();
        assert_eq!(printed(&text, mode), written(&places, mode), "{mode:?}");
    }
}

/// All places below the folder of artifacts.
fn places_in(folder: &Path) -> Vec<Place> {
    let mut places = Vec::new();
    let inside = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().path())
            .collect::<Vec<_>>()
    };
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    for package in inside(folder) {
        for test in inside(&package) {
            for directory in inside(&test) {
                places.push((name(&package), name(&test), directory));
            }
        }
    }
    places
}

fn of_timeline(path: &Path) -> Calls {
    let events: Vec<Json> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let slices = events.iter().filter(|event| event["cat"] == "call");
    slices
        .filter_map(|slice| call(&slice["pid"], &slice["args"]["arguments"]))
        .collect()
}

fn of_lines(path: &Path) -> Calls {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| {
        let line: Json = serde_json::from_str(line).unwrap();
        assert!(line.get("event").is_none(), "all was kept: {line}");
        line
    });
    lines
        .filter_map(|line| call(&line["process"], &line["arguments"]))
        .collect()
}

fn call(process: &Json, arguments: &Json) -> Option<((u64, u64), String)> {
    let of = |name: &str| {
        let mut arguments = arguments.as_array()?.iter();
        Some(&arguments.find(|argument| argument["name"] == name)?["value"])
    };
    let key = (process.as_u64()?, of("n")?.as_u64()?);
    Some((key, of("who")?.as_str()?.to_owned()))
}

/// What the output says of directories: the test as a path has it, and the directory. That is said before the test's end.
fn printed(output: &str, mode: &[&str]) -> BTreeSet<(String, PathBuf)> {
    let mut printed = BTreeSet::new();
    let mut ended = BTreeSet::new();
    for line in output.lines() {
        let json = (mode == ["-json"]).then(|| serde_json::from_str::<Json>(line).unwrap());
        let (test, path) = match &json {
            Some(event) => {
                let of = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
                let test = (of("Package"), of("Test"));
                match of("Action").as_str() {
                    "artifacts" => (test, of("Path")),
                    "pass" | "fail" => {
                        ended.insert(test);
                        continue;
                    }
                    _ => continue,
                }
            }
            None => {
                if let Some(report) = line.trim_start().strip_prefix("--- PASS: ") {
                    let test = report.split(' ').next().unwrap();
                    ended.insert((String::new(), test.to_owned()));
                }
                // The next package has tests of the same names.
                if line.starts_with("ok ") {
                    ended.clear();
                }
                let Some(told) = line.strip_prefix("=== ARTIFACTS ") else {
                    continue;
                };
                let (test, path) = told.split_once(' ').unwrap();
                ((String::new(), test.to_owned()), path.to_owned())
            }
        };
        assert!(!ended.contains(&test), "after its end: {line}");
        let is_new = printed.insert((test.1.replace('/', "__"), PathBuf::from(path)));
        assert!(is_new, "twice: {line}");
    }
    printed
}

/// What the output is to say; nothing in plain mode.
fn written(places: &[Place], mode: &[&str]) -> BTreeSet<(String, PathBuf)> {
    let places = places.iter().filter(|_| !mode.is_empty());
    places
        .map(|(_, test, directory)| (test.clone(), directory.clone()))
        .collect()
}

const GO_TEST: &str = r#"package shop

import (
	"strings"
	"testing"
	"time"
)

func TestNames(t *testing.T) {
	for _, name := range []string{
		"plain", "with space", "a/b", "st*rs:and<more>", "..", "é½中☕", "हिन्दी", "", strings.Repeat("long ", 20), strings.Repeat("ä", 40), "deep/" + strings.Repeat("b", 90),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Publish(t.ArtifactDir())
			time.Sleep(5 * time.Millisecond)
			t.Log("by " + t.Name())
		})
	}
}

func TestWrong(t *testing.T) {
	Publish(t.ArtifactDir())
	t.Error("by itself")
}

func TestSkipped(t *testing.T) {
	Publish("")
	t.Skip()
}
"#;

const SPEC: &str = r#"
[limits]
string = 512

[[test]]
go-test = "TestNames/*"
count = { publish = 1 }

[[test]]
go-test = "TestNames/*/*"
count = { publish = 1 }

[[test]]
go-test = "TestNames/plain"
name = "it fails"
count = { publish = 2 }

[[test]]
go-test = "Test*"
count = { publish = { gt = 0 } }
"#;

/// The oracle is testing: each test has a directory of its own, and hands it to the watched function.
fn places() {
    for folder in ["", "cart"] {
        let module = Module::new(SPEC);
        let root = module.folder.path();
        module.write("shop_test.go", GO_TEST);
        // go vet looks at what the language version has.
        module.write("go.mod", "module example.test/shop\n\ngo 1.26\n");
        if !folder.is_empty() {
            fs::create_dir(root.join(folder)).unwrap();
            for name in ["shop.go", "shop_test.go", "shop.proctor.toml"] {
                fs::rename(root.join(name), root.join(folder).join(name)).unwrap();
            }
            let spec = root.join(folder).join("shop.proctor.toml");
            let text = fs::read_to_string(&spec).unwrap();
            fs::write(&spec, text.replace("\"shop.", "\"example.test/shop/cart.")).unwrap();
        }
        let run = module.test(&["-json", "-artifacts", "./..."]);
        assert_eq!(run.code, Some(1), "{run:?}");
        let mut of_tests: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for line in run.out.lines() {
            let event: Json = serde_json::from_str(line).unwrap();
            let test = event["Test"].as_str().unwrap_or_default().to_owned();
            if event["Action"] == "artifacts" {
                let path = event["Path"].as_str().unwrap();
                of_tests.entry(test).or_default().push(PathBuf::from(path));
            } else if let Some((_, by)) = event["Output"]
                .as_str()
                .and_then(|text| text.split_once(": by "))
            {
                let by = by.trim();
                assert!(by == test || by == "itself", "in another test: {line}");
            }
        }
        let mut compared = 0;
        for (test, paths) in &of_tests {
            // The test that has none of its own is above the others.
            let [own, ours] = paths.as_slice() else {
                assert_eq!((test.as_str(), paths.len()), ("TestNames", 1), "{paths:?}");
                continue;
            };
            assert!(
                own.starts_with(root.join("_artifacts")),
                "{}",
                own.display()
            );
            assert_eq!(own.parent(), ours.parent(), "{test}");
            let text = fs::read_to_string(ours.join("calls.jsonl")).unwrap();
            assert_eq!(text.lines().count(), 1, "{test}: {text}");
            assert!(text.contains(own.to_str().unwrap()), "{test}: {text}");
            compared += 1;
        }
        assert_eq!(compared, 12, "{of_tests:?}");
        println!("{folder:?}: {compared} tests");
    }
}

fn unwritable() {
    let module = Module::new("\n[[test]]\ngo-test = \"TestCheckout\"\ncount = { publish = 2 }\n");
    fs::create_dir(module.folder.path().join("_artifacts")).unwrap();
    module.write("_artifacts/TestCheckout", "in the way");
    let run = module.test(&["-v", "-artifacts", "."]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(!run.out.contains("=== ARTIFACTS"), "{run:?}");
    let note = "goproctor: cannot write artifacts of TestCheckout below ";
    assert_eq!(run.errors.matches(note).count(), 1, "{run:?}");
}
