//! `goproctor test` as a Go developer meets it: what fails where, what go keeps, and what happens to tests that end badly.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use goproctor_tests::{
    command::{self, repository},
    go::NEWEST,
    harness::Test,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value as Json;
use tempfile::TempDir;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("go_tests_fail_where_their_expectations_do_not_hold", fails),
    (
        "go_tests_that_run_in_parallel_fail_each_for_itself",
        parallel,
    ),
    ("go_test_keeps_what_passed_until_something_changes", cache),
    ("go_tests_run_plainly_with_goproctor_off", off),
    ("go_tests_that_are_not_there_are_said", missing),
    ("specs_of_go_tests_are_checked_and_not_run", checked),
    ("go_tests_find_the_stubs_of_their_spec", stubs),
    ("goroutines_that_a_go_test_leaves_behind_are_named", left),
    ("go_tests_that_end_badly_end_as_without_goproctor", ends),
    ("whatever_of_go_test_is_killed_nothing_is_left", killed),
];

const GO: &str = r#"package shop

func Publish(topic string) string { return "to " + topic }

func Checkout(qty int) int {
	Publish("order")
	return qty * 20
}
"#;

const GO_TEST: &str = r#"package shop

import (
	"testing"
	"time"
)

func TestCheckout(t *testing.T) {
	t.Run("free shipping", func(t *testing.T) { Checkout(3) })
	t.Run("paid", func(t *testing.T) { Checkout(1) })
	t.Run("later", func(t *testing.T) { t.Skip("not today") })
}

func TestParallel(t *testing.T) {
	for i, name := range []string{"one", "two", "three"} {
		i := i
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := 0; n <= i; n++ {
				Publish(name)
				time.Sleep(3 * time.Millisecond)
			}
		})
	}
}

func ExampleCheckout() {
	Checkout(2)
	// Output:
}
"#;

const FUNCTIONS: &str = r#"[functions]
checkout = "shop.Checkout"
publish  = "shop.Publish"
"#;

/// A module of one package with a spec beside its tests.
pub(crate) struct Module {
    pub(crate) folder: TempDir,
}

impl Module {
    pub(crate) fn new(tests: &str) -> Self {
        let module = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        module.write("go.mod", "module example.test/shop\n\ngo 1.22\n");
        module.write("shop.go", GO);
        module.write("shop_test.go", GO_TEST);
        module.specify(tests);
        module
    }

    pub(crate) fn specify(&self, tests: &str) {
        self.write("shop.proctor.toml", &format!("{FUNCTIONS}{tests}"));
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub(crate) fn test(&self, arguments: &[&str]) -> Run {
        self.test_with(arguments, &[])
    }

    /// Another command of goproctor.
    pub(crate) fn command(&self, name: &str, arguments: &[&str]) -> Run {
        let mut command = command::goproctor();
        command.arg(name).args(arguments);
        Run::of(in_folder(&mut command, self.folder.path()))
    }

    pub(crate) fn test_with(&self, arguments: &[&str], env: &[(&str, &str)]) -> Run {
        let mut command = command::goproctor();
        command.arg("test").args(arguments);
        Run::of(in_folder(&mut command, self.folder.path()).envs(env.iter().copied()))
    }
}

pub(crate) fn in_folder<'c>(command: &'c mut Command, folder: &Path) -> &'c mut Command {
    command
        .current_dir(folder)
        .env("GOTOOLCHAIN", NEWEST)
        .env("GOENV", "off")
        .stdin(Stdio::null())
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) errors: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().unwrap();
        Self {
            code: status.code(),
            out: String::from_utf8_lossy(&stdout).into_owned(),
            errors: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }

    /// The lines that follow a line.
    pub(crate) fn after(&self, line: &str) -> Vec<&str> {
        let lines = self.out.lines().skip_while(|one| !one.starts_with(line));
        lines.skip(1).collect()
    }

    fn events(&self) -> Vec<Json> {
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}\n{self:?}")))
            .collect()
    }

    /// The tests with that action.
    fn with(&self, action: &str) -> Vec<String> {
        let events = self.events();
        let events = events.iter().filter(|event| event["Action"] == action);
        let mut tests: Vec<String> = events
            .filter_map(|event| Some(event["Test"].as_str()?.to_owned()))
            .collect();
        tests.sort();
        tests
    }
}

const WRONG: &str = r#"
[[test]]
go-test = "TestCheckout/free shipping"
count   = { publish = 2 }

[[test]]
go-test = "TestCheckout/paid"
[test.calls.checkout]
args = { qty = 1 }

[[test]]
go-test = "TestCheckout/later"
count   = { checkout = 1 }

[[test]]
go-test = "ExampleCheckout"
[test.calls.checkout]
args = { qty = 3 }
"#;

fn fails() {
    let module = Module::new(WRONG);
    let count = "shop.proctor.toml:7: calls of publish: want 2, got 1";
    let value = "shop.proctor.toml:21: qty of checkout: want 3, got 2";

    let plain = module.test(&["."]);
    assert_eq!(plain.code, Some(1), "{plain:?}");
    let sub = plain.after("    --- FAIL: TestCheckout/free_shipping");
    assert!(sub[0].starts_with(&format!("        {count}")), "{plain:?}");
    let example = plain.after("--- FAIL: ExampleCheckout");
    assert!(example[0].starts_with(&format!("    {value}")), "{plain:?}");
    assert_eq!(plain.out.matches("--- FAIL").count(), 3, "{plain:?}");
    assert!(plain.out.contains("FAIL\texample.test/shop"), "{plain:?}");

    let verbose = module.test(&["-v", "."]);
    assert_eq!(verbose.code, Some(1), "{verbose:?}");
    let lines = verbose.after("=== NAME  TestCheckout/free_shipping");
    assert!(lines[0].starts_with(&format!("    {count}")), "{verbose:?}");
    for report in [
        "--- FAIL: TestCheckout (",
        "    --- FAIL: TestCheckout/free_shipping (",
        "    --- PASS: TestCheckout/paid (",
        "    --- SKIP: TestCheckout/later (",
        "--- PASS: TestParallel (",
        "--- FAIL: ExampleCheckout (",
    ] {
        let found = verbose.out.lines().filter(|line| line.starts_with(report));
        assert_eq!(found.count(), 1, "{report}: {verbose:?}");
    }

    let json = module.test(&["-json", "."]);
    assert_eq!(json.code, Some(1), "{json:?}");
    assert_eq!(
        json.with("fail"),
        [
            "ExampleCheckout",
            "TestCheckout",
            "TestCheckout/free_shipping"
        ]
    );
    assert_eq!(json.with("skip"), ["TestCheckout/later"]);
    let events = json.events();
    let attributes = events.iter().filter(|event| event["Action"] == "attr");
    let attributes: Vec<_> = attributes
        .map(|event| ["Test", "Key", "Value"].map(|name| event[name].as_str().unwrap()))
        .collect();
    let (sub, example) = ("TestCheckout/free_shipping", "ExampleCheckout");
    assert_eq!(
        attributes,
        [
            [sub, "goproctor.spec", "shop.proctor.toml:7"],
            [example, "goproctor.spec", "shop.proctor.toml:21"],
        ]
    );
    for (test, line) in [
        ("TestCheckout/free_shipping", count),
        ("ExampleCheckout", value),
    ] {
        let events = json.events();
        let mut said = events.iter().filter(|event| {
            let output = event["Output"].as_str().unwrap_or_default();
            output.trim_start().starts_with(line)
        });
        assert_eq!(
            said.next().map(|event| &event["Test"]),
            Some(&test.into()),
            "{json:?}"
        );
        assert!(said.next().is_none(), "{json:?}");
    }
}

fn parallel() {
    let module = Module::new("\n[[test]]\ngo-test = \"TestParallel/*\"\ncount = { publish = 9 }\n");
    for round in 0..5 {
        let json = module.test(&["-count=1", "-json", "."]);
        assert_eq!(json.code, Some(1), "{round}: {json:?}");
        for (name, calls) in [("one", 1), ("two", 2), ("three", 3)] {
            let test = format!("TestParallel/{name}");
            let own = format!("want 9, got {calls}");
            let events = json.events();
            let said: Vec<_> = events
                .iter()
                .filter(|event| {
                    event["Output"]
                        .as_str()
                        .is_some_and(|text| text.contains(&own))
                })
                .collect();
            assert_eq!(said.len(), 1, "{round}: {json:?}");
            assert_eq!(said[0]["Test"], test.as_str(), "{round}: {json:?}");
        }
        assert_eq!(
            json.with("pass"),
            [
                "ExampleCheckout",
                "TestCheckout",
                "TestCheckout/free_shipping",
                "TestCheckout/paid"
            ]
        );
    }
}

const RIGHT: &str = r#"
[[test]]
go-test  = "TestCheckout/free shipping"
count    = { publish = 1 }
snapshot = true
"#;

fn cache() {
    let module = Module::new(RIGHT);
    let passes = |what: &str, is_cached: bool| {
        // go keeps no result that depends on a file of the last two seconds (cmd/go/internal/test, modTimeCutoff).
        thread::sleep(Duration::from_millis(2_100));
        let run = module.test(&["."]);
        assert_eq!(run.code, Some(0), "{what}: {run:?}");
        assert_eq!(run.out.contains("(cached)"), is_cached, "{what}: {run:?}");
    };
    let accepted = module.test(&["--accept", "."]);
    assert_eq!(accepted.code, Some(0), "{accepted:?}");
    passes("first", false);
    passes("again", true);
    module.specify(&RIGHT.replace("publish = 1", "publish = { lt = 2 }"));
    passes("another spec", false);
    passes("again", true);
    let snapshot = module
        .folder
        .path()
        .join("snapshots/shop__TestCheckout-free-shipping.snap");
    let text = fs::read_to_string(&snapshot).unwrap();
    fs::write(
        &snapshot,
        text.replace("Publish(\"order\")", "Publish(\"other\")"),
    )
    .unwrap();
    let changed = module.test(&["."]);
    assert_eq!(changed.code, Some(1), "another snapshot: {changed:?}");
    assert!(
        changed.out.contains("differs from the accepted snapshot"),
        "{changed:?}"
    );
    let again = module.test(&["."]);
    assert!(
        again.code == Some(1) && !again.out.contains("(cached)"),
        "what fails is not kept: {again:?}"
    );
    fs::write(&snapshot, text).unwrap();
    passes("the snapshot as it was", false);
    module.write(
        "shop.go",
        &format!("{GO}\nvar More int\n\nfunc init() {{ More++ }}\n"),
    );
    passes("another program", false);
    let limits = |bytes: u32| module.write("limits.toml", &format!("[limits]\nstring = {bytes}\n"));
    limits(64);
    let used = format!("use = [\"limits.toml\"]\n{FUNCTIONS}{RIGHT}");
    module.write("shop.proctor.toml", &used);
    passes("another file beside the spec", false);
    passes("again", true);
    limits(65);
    passes("another text of the file that the spec uses", false);
    let ci = module.test_with(&["."], &[("CI", "true")]);
    assert!(
        ci.code == Some(0) && !ci.out.contains("(cached)"),
        "in CI: {ci:?}"
    );
}

fn off() {
    let module = Module::new(WRONG);
    let off = module.test_with(&["."], &[("GOPROCTOR", "off")]);
    assert_eq!(off.code, Some(0), "{off:?}");
    assert_eq!(off.errors.matches("GOPROCTOR=off").count(), 1, "{off:?}");
    let on = module.test(&["."]);
    assert_eq!(on.code, Some(1), "{on:?}");
}

fn missing() {
    let unknown = Module::new("\n[[test]]\ngo-test = \"TestChekout\"\ncount = { publish = 2 }\n");
    let run = unknown.test(&["."]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(
        run.out.contains("there is no Go test `TestChekout`"),
        "{run:?}"
    );
    assert!(run.out.contains("did you mean `TestCheckout`?"), "{run:?}");

    let checked = unknown.command("check", &["."]);
    assert_eq!(checked.code, Some(2), "{checked:?}");
    assert!(
        checked.errors.contains("did you mean `TestCheckout`?"),
        "{checked:?}"
    );

    let subtest = Module::new(
        "\n[[test]]\ngo-test = \"TestCheckout/free shiping\"\ncount = { publish = 1 }\n",
    );
    for arguments in [&["."][..], &["-v", "."], &["-json", "."]] {
        let run = subtest.test(arguments);
        assert_eq!(run.code, Some(1), "{run:?}");
        let line = "shop.proctor.toml:6: TestCheckout/free_shiping did not run; did you mean `TestCheckout/free_shipping`?";
        assert!(run.out.contains(line), "{run:?}");
    }
    let left_out = subtest.test(&["-run", "TestParallel", "."]);
    assert_eq!(left_out.code, Some(0), "{left_out:?}");

    let wrong = Module::new("\n[[test]]\ngo-test = \"TestCheckout\"\ncount = { publsh = 1 }\n");
    let run = wrong.test(&["."]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.out.contains("did you mean `publish`?"), "{run:?}");

    let broken = Module::new(RIGHT);
    broken.write("shop.go", "package shop\n\nfunc Publish( {\n");
    let run = broken.test(&["."]);
    let plain = Run::of(in_folder(
        Command::new("go").args(["test", "."]),
        broken.folder.path(),
    ));
    assert_eq!((run.code, &run.out), (plain.code, &plain.out));
    assert!(run.errors.contains("shop.go:3"), "{run:?}");
}

fn checked() {
    let module = Module::new(RIGHT);
    let check = module.command("check", &["."]);
    assert_eq!(check.code, Some(0), "{check:?}");
    assert!(
        check.out.contains("example.test/shop.Checkout"),
        "{check:?}"
    );
    for (arguments, says) in [
        (&["shop.proctor.toml"][..], "its tests are Go tests"),
        (&["."], "only specs of Go tests"),
    ] {
        let run = module.command("run", arguments);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.errors.contains(says), "{run:?}");
        assert!(run.errors.contains("`goproctor test`"), "{run:?}");
    }
}

fn stubs() {
    let module = Module::new("");
    module.write(
        "pay_test.go",
        r#"package shop

import (
	"net/http"
	"os"
	"testing"
)

func TestPay(t *testing.T) {
	for _, name := range []string{"PAYMENT_URL", "GOPROCTOR_STUB_PAYMENT"} {
		answer, err := http.Get(os.Getenv(name))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode == 503 {
			Publish("refused")
		}
	}
}
"#,
    );
    module.specify(
        r#"
[stubs.payment]
status = 503

[go-test]
env = { PAYMENT_URL = "${stub.payment}" }

[[test]]
go-test = "TestPay"
count   = { publish = 2 }
[test.calls.publish]
args = { topic = "refused" }
"#,
    );
    let run = module.test(&["-run", "TestPay", "."]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

fn left() {
    let module = Module::new("");
    module.write(
        "left_test.go",
        r#"package shop

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func watch(done chan int) { <-done }

func start() { go watch(make(chan int)) }

func TestLeaves(t *testing.T) { start() }

func TestLeavesItself(t *testing.T) {
	go watch(make(chan int))
	go func() { select {} }()
}

func TestWaits(t *testing.T) {
	done := make(chan int)
	go watch(done)
	go func() {
		time.Sleep(20 * time.Millisecond)
		close(done)
	}()
}

func TestKeepsAlive(t *testing.T) {
	// The last one of the process gives the others time.
	defer time.Sleep(time.Second)
	server := httptest.NewServer(http.NotFoundHandler())
	answer, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	server.Close()
}
"#,
    );
    let mut spec = "start = \"shop.start\"\n".to_owned();
    for test in [
        "TestLeaves",
        "TestWaits",
        "TestKeepsAlive",
        "TestLeavesItself",
    ] {
        spec.push_str(&format!(
            "\n[[test]]\ngo-test = \"{test}\"\ngoroutines = {{ left = 0 }}\nsettle = \"500ms\"\n"
        ));
    }
    module.specify(&spec);
    let run = module.test(&["-run", "Leaves|Waits|KeepsAlive", "."]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let lines = run.after("--- FAIL: TestLeaves");
    let line = "    shop.proctor.toml:8: goroutines left: want 0, got 1";
    assert!(lines[0].starts_with(line), "{run:?}");
    let place = "shop.watch, started at left_test.go:12 in shop.start";
    assert!(lines[1].ends_with(place), "{run:?}");
    let lines = run.after("--- FAIL: TestLeavesItself");
    for place in [
        " shop.watch, started at left_test.go:17 in shop.TestLeavesItself",
        " shop.TestLeavesItself.func1, started at left_test.go:18 in shop.TestLeavesItself",
    ] {
        assert!(
            lines[1..3].iter().any(|line| line.ends_with(place)),
            "{run:?}"
        );
    }
    assert_eq!(run.out.matches("--- FAIL").count(), 2, "{run:?}");
    let alone = module.test(&["-run", "Leaves$", "."]);
    assert_eq!(alone.code, Some(1), "{alone:?}");
    assert!(
        alone
            .out
            .contains("after the test, while these goroutines still ran"),
        "{alone:?}"
    );
}

/// The fixture's tests that end badly, with a spec that they keep to as far as they come.
struct Bad {
    folder: TempDir,
}

impl Bad {
    fn new(tests: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let from = repository().join("go-fixtures/go-test");
        for package in ["account", "fails"] {
            fs::create_dir(folder.path().join(package)).unwrap();
            for entry in fs::read_dir(from.join(package)).unwrap() {
                let entry = entry.unwrap();
                let to = folder.path().join(package).join(entry.file_name());
                fs::copy(entry.path(), to).unwrap();
            }
        }
        fs::copy(from.join("go.mod"), folder.path().join("go.mod")).unwrap();
        let mut spec = "[functions]\nstep = \"fails.Step\"\n".to_owned();
        for test in tests {
            spec.push_str(&format!(
                "\n[[test]]\ngo-test = \"{test}\"\ncount = {{ step = {{ ge = 1 }} }}\n"
            ));
        }
        fs::write(folder.path().join("fails/fails.proctor.toml"), spec).unwrap();
        Self { folder }
    }

    fn arguments(test: &str) -> [String; 6] {
        let run = format!("-run=^{test}$");
        [
            "-tags=failing",
            "-timeout=3s",
            "-count=1",
            "-v",
            &run,
            "./fails",
        ]
        .map(str::to_owned)
    }
}

fn ends() {
    let tests = [
        "TestError",
        "TestFatal",
        "TestPasses",
        "TestPanics",
        "TestPanicsInGoroutine",
        "TestExits",
        "TestExitsWell",
        "TestBlocks",
        "TestPrintsVerdicts",
        "TestPrintsPart",
    ];
    let bad = Bad::new(&tests);
    for test in tests {
        let arguments = Bad::arguments(test);
        let mut ours = command::goproctor();
        let ours = Run::of(in_folder(
            ours.arg("test").args(&arguments),
            bad.folder.path(),
        ));
        let mut plain = Command::new("go");
        let plain = Run::of(in_folder(
            plain.arg("test").args(&arguments),
            bad.folder.path(),
        ));
        assert_eq!(ours.code, plain.code, "{test}: {ours:?} {plain:?}");
        for line in plain.out.lines().filter(|line| line.starts_with("--- ")) {
            let report = line.split(" (").next().unwrap();
            assert!(ours.out.contains(report), "{test}: {report}: {ours:?}");
        }
        let failed = |run: &Run| run.out.contains("\nFAIL\n");
        assert_eq!(failed(&ours), failed(&plain), "{test}: {ours:?} {plain:?}");
    }
}

fn killed() {
    let bad = Bad::new(&["TestBlocks"]);
    for victim in ["goproctor", "go", "exec", "test"] {
        let mut command = command::goproctor();
        command.args(["test", "-tags=failing", "-run=^TestBlocks$", "./fails"]);
        in_folder(&mut command, bad.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let own = Pid::from_raw(child.id().cast_signed());
        let begin = Instant::now();
        let (exec, test) = loop {
            assert!(
                begin.elapsed() < Duration::from_secs(60),
                "{victim}: nothing runs"
            );
            let below = descendants(own);
            let named = |name: &str| {
                let mut found = below.iter().filter(|(_, line)| line.contains(name));
                found.next().map(|(pid, _)| *pid)
            };
            // The binary runs below `goproctor exec`, under the same name.
            let exec = named("goproctor\0exec\0");
            let test = below.iter().find(|(_, line)| {
                line.contains("fails.test") && !line.contains("goproctor\0exec\0")
            });
            if let (Some(exec), Some((test, _))) = (exec, test) {
                break (exec, *test);
            }
            thread::sleep(Duration::from_millis(20));
        };
        let go = descendants(own)
            .iter()
            .find(|(_, line)| line.split('\0').nth(1) == Some("test"))
            .map(|(pid, _)| *pid)
            .unwrap();
        let all = descendants(own);
        let pid = match victim {
            "goproctor" => own,
            "go" => go,
            "exec" => exec,
            _ => test,
        };
        kill(pid, Signal::SIGKILL).unwrap();
        child.wait().unwrap();
        let begin = Instant::now();
        while let Some(left) = all.iter().find(|(pid, _)| runs(*pid)) {
            assert!(
                begin.elapsed() < Duration::from_secs(20),
                "{victim} was killed, {left:?} is left"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Whether a process has not ended.
fn runs(pid: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = status
        .rsplit_once(") ")
        .map(|(_, rest)| rest.chars().next());
    !matches!(state, None | Some(Some('Z' | 'X')))
}

/// The processes below one, with their command lines.
fn descendants(of: Pid) -> Vec<(Pid, String)> {
    let mut all = Vec::new();
    let mut waiting = vec![of];
    while let Some(pid) = waiting.pop() {
        let tasks = fs::read_dir(format!("/proc/{pid}/task"));
        let children = tasks.into_iter().flatten().flatten().map(|task| {
            let path: PathBuf = task.path().join("children");
            fs::read_to_string(path).unwrap_or_default()
        });
        for child in children.collect::<String>().split_whitespace() {
            let child = Pid::from_raw(child.parse().unwrap());
            let line = fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
            all.push((child, String::from_utf8_lossy(&line).into_owned()));
            waiting.push(child);
        }
    }
    all
}
