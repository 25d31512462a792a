//! `goproctor test`: each watched call belongs to the Go test that caused it, by the program's own account.
//!
//! The functions of go-fixtures/go-test say in their arguments which test called them, and write the same to a file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use goproctor_tests::{
    command::{self, repository},
    go::NEWEST,
    harness::Test,
};
use serde_json::Value as Json;
use tempfile::TempDir;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("go_tests_own_their_calls_on_each_release", releases),
    ("go_tests_own_their_calls_among_others", some),
    ("go_tests_own_their_calls_however_they_are_run", ways),
    (
        "go_tests_own_their_calls_however_an_older_release_runs_them",
        ways_of_older_releases,
    ),
];

/// Releases with different parts of `testing` and of the runtime.
const RELEASES: [&str; 6] = [
    "go1.16.15",
    "go1.18.10",
    "go1.21.13",
    "go1.24.13",
    "go1.26.8",
    NEWEST,
];

/// Tests whose last calls come after their end: those are nobody's any more.
const LATE: [&str; 4] = [
    "TestLeak",
    "TestLeakInSubtest",
    "TestSharedLeave",
    "TestOwnServer",
];

/// Tests that are skipped, or have skipped subtests: these are not judged.
const SKIPPED: [&str; 2] = ["TestSkipped", "TestSkippedSubtest"];

/// Tests whose calls are made where nobody is known to have caused them, or may be.
const UNKNOWN: [&str; 6] = [
    "TestTimer",
    "TestWorker",
    "TestLazyOne",
    "TestLazyTwo",
    "TestSharedTLS",
    "TestPool",
];

const SHOP: &str = r#"
[functions]
watched = "shop.*"

[limits]
string = 512
"#;

const BANK: &str = r#"
[functions]
watched = "bank.*"

[limits]
string = 512
"#;

/// Every run of every test is looked at, so that all calls are written down.
const ALL: &str = r#"
[[test]]
go-test = "Test*"
count = { watched = { lt = 1_000_000 } }

[[test]]
go-test = "Test*/*"
count = { watched = { lt = 1_000_000 } }

[[test]]
go-test = "Test*/*/*"
count = { watched = { lt = 1_000_000 } }

[[test]]
go-test = "Test*/*/*/*"
count = { watched = { lt = 1_000_000 } }
"#;

/// Some tests of package shop: one that starts goroutines, some that run in parallel, and some whose requests a server handles that all
/// tests share.
const SOME: [&str; 7] = [
    "TestGoroutines",
    "TestParallelTwo",
    "TestSharedTwo",
    "TestSharedTwo/*",
    "TestSharedParallelOne",
    "TestSharedOneShot",
    "TestSharedOneShot/*",
];

/// Those that one of the packages alone has.
const OTHERS: &str = r#"
[[test]]
go-test = "Fuzz*"
count = { watched = { lt = 1_000_000 } }

[[test]]
go-test = "Fuzz*/*"
count = { watched = { lt = 1_000_000 } }

[[test]]
go-test = "Example*"
count = { watched = { lt = 1_000_000 } }

[[test]]
go-test = "Benchmark*"
count = { watched = { lt = 1_000_000 } }

[[test]]
go-test = "Benchmark*/*"
count = { watched = { lt = 1_000_000 } }
"#;

fn releases() {
    for release in RELEASES {
        owned(release, &["./..."]);
    }
}

/// Of all others nothing is recorded; those that are looked at are seen as if they were alone, and nobody's calls are still nobody's.
fn some() {
    for release in RELEASES {
        let fixture = Fixture::new(false);
        let tests = SOME.map(|name| {
            format!(
                "[[test]]\ngo-test = \"{name}\"\ncount = {{ watched = {{ lt = 1_000_000 }} }}\n"
            )
        });
        let spec = format!("{SHOP}{}", tests.concat());
        fs::write(fixture.path("shop/shop.proctor.toml"), spec).unwrap();
        fs::remove_file(fixture.path("bank/bank.proctor.toml")).unwrap();
        let (found, _) = compare(&fixture, release, &["./shop"], &|own| {
            let top = own.who.split('/').next().unwrap_or_default();
            SOME.contains(&top)
        });
        assert!(found > 20, "{release}: {found}");
    }
}

fn ways() {
    for arguments in [
        &["-race", "-v", "./..."][..],
        &["-cover", "./..."],
        &["-coverpkg=./...", "-json", "./..."],
        &["-count=3", "-cpu=1,4", "./..."],
        &["-shuffle=on", "-p=4", "./..."],
        &["-bench=.", "-benchtime=20x", "./shop"],
    ] {
        owned(NEWEST, arguments);
    }
}

/// Package bank alone, which is compact: its tests run in parallel and have subtests.
fn ways_of_older_releases() {
    let older = RELEASES.iter().filter(|release| **release != NEWEST);
    for release in older {
        // Since Go 1.17.
        let shuffled = match *release {
            "go1.16.15" => &["-p=4", "./bank", "./plain"][..],
            _ => &["-shuffle=on", "-p=4", "./bank", "./plain"],
        };
        for arguments in [
            &["-race", "-v", "./bank"][..],
            &["-cover", "./bank"],
            &["-coverpkg=./...", "-json", "./bank"],
            &["-count=2", "-cpu=1,4", "./bank"],
            shuffled,
        ] {
            let fixture = Fixture::new(false);
            let (found, made) = compare(&fixture, release, arguments, &|_| true);
            assert_eq!(found, made, "{release} {arguments:?}");
        }
    }
}

/// A copy of the fixture with specs beside its tests.
pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
}

impl Fixture {
    /// For a release that has fuzz tests, or not.
    pub(crate) fn new(fuzzes: bool) -> Self {
        let without = OTHERS.find("[[test]]\ngo-test = \"Example*\"").unwrap();
        let others = &OTHERS[if fuzzes { 0 } else { without }..];
        let fixture = Self::without_specs();
        for (package, spec, others) in [("shop", SHOP, others), ("bank", BANK, "")] {
            let name = format!("{package}/{package}.proctor.toml");
            fs::write(fixture.path(&name), format!("{spec}{ALL}{others}")).unwrap();
        }
        fixture
    }

    /// A copy of the fixture alone.
    pub(crate) fn without_specs() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&repository().join("go-fixtures/go-test"), folder.path());
        Self { folder }
    }

    /// `goproctor test --tree`.
    pub(crate) fn tree(&self, arguments: &[&str]) -> Output {
        command::goproctor()
            .args(["test", "--tree"])
            .args(arguments)
            .current_dir(self.folder.path())
            .env("GOTOOLCHAIN", NEWEST)
            .env("GOENV", "off")
            .output()
            .unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `goproctor test` of a release, with the program's own account of its calls in `account.tsv`.
    pub(crate) fn test(&self, release: &str, arguments: &[&str]) -> Output {
        command::goproctor()
            .arg("test")
            .arg("--calls")
            .arg(self.path("calls.jsonl"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("GOTOOLCHAIN", release)
            .env("GOENV", "off")
            .env("GOPROCTOR_TEST_ACCOUNT", self.path("account.tsv"))
            .output()
            .unwrap()
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&place).unwrap();
            copy(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

/// A call as the program itself has it: by its process and a number of its own.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) function: String,
    pub(crate) who: String,
}

/// Whether calls of this test may be nobody's: they come late, or through what no goroutine started for them.
pub(crate) fn may_be_unowned(who: &str) -> bool {
    let top = who.split('/').next().unwrap_or(who);
    let known = [&LATE[..], &UNKNOWN, &SKIPPED].concat();
    who.is_empty() || known.contains(&top)
}

fn owned(release: &str, arguments: &[&str]) {
    let fixture = Fixture::new(!release.starts_with("go1.16"));
    // The children of a test that runs the binary again are judged by nobody.
    let (found, made) = compare(&fixture, release, arguments, &|own| {
        !own.who.starts_with("TestHelperProcess") && !may_be_unowned(&own.who)
    });
    assert!(found * 10 > made * 7, "{release} {arguments:?}");
}

/// Runs the tests and holds the calls that were seen against the program's own account; those that `is_expected` must have been seen. Gives how many
/// were, and how many there are.
fn compare(
    fixture: &Fixture,
    release: &str,
    arguments: &[&str],
    is_expected: &dyn Fn(&Account) -> bool,
) -> (usize, usize) {
    let name = format!("{release} {}", arguments.join(" "));
    let output = fixture.test(release, arguments);
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}\n{text}\n{errors}");
    let account = account(&fixture.path("account.tsv"));
    let seen = fs::read_to_string(fixture.path("calls.jsonl")).unwrap();
    let mut found = BTreeSet::new();
    for line in seen.lines() {
        let call: Json = serde_json::from_str(line).unwrap();
        let Some((who, number)) = arguments_of(&call) else {
            continue;
        };
        let key = (call["process"].as_u64().unwrap(), number);
        let own = account.get(&key);
        let own = own.unwrap_or_else(|| panic!("{name}: not in the account: {call}"));
        let function = call["function"].as_str().unwrap();
        assert!(function.ends_with(&own.function), "{name}: {own:?} {call}");
        assert_eq!(own.who, who, "{name}: {call}");
        assert_eq!(call["test"].as_str(), Some(who), "{name}: {call}");
        assert!(found.insert(key), "{name}: twice: {call}");
    }
    let missing: Vec<_> = account
        .iter()
        .filter(|(key, own)| is_expected(own) && !found.contains(key))
        .collect();
    assert!(
        missing.is_empty(),
        "{name}: {} calls were not seen: {:?}\n{errors}",
        missing.len(),
        &missing[..missing.len().min(10)]
    );
    println!(
        "{name}: {} of {} calls, each with its test",
        found.len(),
        account.len()
    );
    (found.len(), account.len())
}

fn arguments_of(call: &Json) -> Option<(&str, u64)> {
    let arguments = call["arguments"].as_array()?;
    let of = |name: &str| {
        let argument = arguments.iter().find(|argument| argument["name"] == name)?;
        Some(&argument["value"])
    };
    Some((of("who")?.as_str()?, of("n")?.as_u64()?))
}

pub(crate) fn account(path: &Path) -> BTreeMap<(u64, u64), Account> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let &[process, function, who, _run, number] = fields.as_slice() else {
            panic!("a line of the account: {line:?}");
        };
        let key = (process.parse().unwrap(), number.parse().unwrap());
        let (function, who) = (function.to_owned(), who.to_owned());
        (key, Account { function, who })
    });
    lines.collect()
}
