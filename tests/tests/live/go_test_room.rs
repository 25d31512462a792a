//! Go tests that make millions of watched calls: totals are judged exactly, what needs each call is said to be undecided, and the
//! memory of goproctor stays within bounds.

use std::{
    fs,
    io::Read as _,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use goproctor_tests::{command, harness::Test};

use super::go_test_verdicts::{Module, in_folder};

pub(crate) const TESTS: &[Test<'static>] = &[
    (
        "of_millions_of_calls_of_a_go_test_totals_are_judged_alone",
        millions,
    ),
    ("more_calls_than_there_is_room_for_are_counted", counted),
    ("a_benchmark_finds_no_room_for_all_calls", benchmark),
    ("go_tests_beside_one_that_fills_the_room_are_judged", beside),
];

/// How many watched calls a test makes, and one that finds no room for them either.
const MILLIONS: u64 = 3_000_000;
const MANY: u64 = 200_000;

/// What the helper may take at most, in KiB.
const MAX_MEMORY: u64 = 300 << 10;

const GO: &str = r#"package shop

//go:noinline
func id(n int) int { return n }

func Checkout(n int) int { return id(n) * 20 }

func Publish(n int) int { return id(n) + 1 }
"#;

const GO_TEST: &str = r#"package shop

import "testing"

func calls(n int) {
	for i := 0; i < n; i++ {
		Checkout(i)
	}
}

func TestHot(t *testing.T) {
	t.Run("few", func(t *testing.T) { calls(3) })
	t.Run("first", func(t *testing.T) { calls(MOST) })
	t.Run("more", func(t *testing.T) { calls(40_000); Publish(1) })
}

func TestCold(t *testing.T) {
	calls(2)
	Publish(2)
}

func BenchmarkHot(b *testing.B) {
	for i := 0; i < b.N; i++ {
		Checkout(i)
	}
}
"#;

/// What a run of goproctor gave.
struct Measured {
    code: Option<i32>,
    out: String,
}

fn module(calls: u64, tests: &str) -> Module {
    let module = Module::new(tests);
    let most = (calls - 40_003).to_string();
    module.write("shop.go", GO);
    module.write("shop_test.go", &GO_TEST.replace("MOST", &most));
    module
}

/// Runs the tests, and sees to it that the process that judges them takes no more memory than it may.
fn measure(module: &Module, arguments: &[&str]) -> Measured {
    let mut command = command::optimized();
    command.arg("test").args(arguments);
    let mut child = in_folder(&mut command, module.folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut pipe = child.stdout.take().unwrap();
    let reader = thread::spawn(move || {
        let mut out = String::new();
        pipe.read_to_string(&mut out).unwrap();
        out
    });
    let mut memory = 0;
    let code = loop {
        memory = memory_of(&child).unwrap_or(memory);
        match child.try_wait().unwrap() {
            Some(status) => break status.code(),
            None => thread::sleep(Duration::from_millis(10)),
        }
    };
    let out = reader.join().unwrap();
    println!("{arguments:?}: {} MiB at most", memory >> 10);
    assert!(memory > 0 && memory < MAX_MEMORY, "{memory} KiB");
    Measured { code, out }
}

/// The most that a process took so far, in KiB; none if it has ended.
fn memory_of(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// What a verdict says that needs each call.
const SAID: &str = " calls of this test were counted but not kept: there is no room for so many";

/// The lines that name a place in the spec.
fn places(run: &Measured) -> Vec<&str> {
    let lines = run.out.lines().map(str::trim);
    lines
        .filter(|line| line.starts_with("shop.proctor.toml:"))
        .collect()
}

fn millions() {
    let tests = format!(
        "\n[[test]]\nname = \"totals\"\ngo-test = \"TestHot\"\ncount = {{ checkout = {MILLIONS}, publish = 1 }}\n\
         latency = {{ checkout = [\"p50 < 10s\"] }}\n\
         \n[[test]]\nname = \"calls\"\ngo-test = \"TestHot\"\nsequence = [\"checkout\", \"publish\"]\n"
    );
    let run = measure(&module(MILLIONS, &tests), &["-run=^TestHot$", "."]);
    assert_eq!(run.code, Some(1), "{}", run.out);
    let places = places(&run);
    assert_eq!(places.len(), 1, "{}", run.out);
    assert!(places[0].contains(SAID), "{}", run.out);
    assert!(
        run.out.contains("or name a smaller subtest in `go-test`"),
        "{}",
        run.out
    );
}

fn counted() {
    let tests = format!(
        "\n[[test]]\ngo-test = \"TestHot\"\ncount = {{ checkout = {}, publish = 1 }}\n\
         \n[[test]]\ngo-test = \"TestHot/few\"\ncount = {{ checkout = 3 }}\n\
         \n[[test]]\ngo-test = \"TestHot/more\"\ncount = {{ checkout = 40_000 }}\nnever = [\"publish\"]\n",
        MANY + 1
    );
    let run = measure(&module(MANY, &tests), &["-run=^TestHot$", "."]);
    assert_eq!(run.code, Some(1), "{}", run.out);
    let wrong = format!("calls of checkout: want {}, got {MANY}", MANY + 1);
    let places = places(&run);
    assert_eq!(places.len(), 2, "{}", run.out);
    for said in [wrong.as_str(), "publish was called"] {
        let mut places = places.iter();
        assert!(places.any(|place| place.contains(said)), "{}", run.out);
    }
}

fn benchmark() {
    let module = module(
        MANY,
        "\n[[test]]\ngo-test = \"BenchmarkHot\"\n[test.calls.checkout]\nargs = { n = { ge = 0 } }\n",
    );
    let run = measure(
        &module,
        &["-run=^$", "-bench=Hot", "-benchtime=150000x", "."],
    );
    assert_eq!(run.code, Some(1), "{}", run.out);
    assert!(run.out.contains(SAID), "{}", run.out);
}

/// There is room again for those that come later.
fn beside() {
    let module = module(
        MANY,
        "\n[[test]]\ngo-test = \"TestHot\"\ncount = { checkout = { ge = 1 } }\n\
         \n[[test]]\ngo-test = \"TestCold\"\nsequence = [\"checkout\", \"checkout\", \"publish\"]\n",
    );
    let run = measure(&module, &["-v", "."]);
    assert_eq!(run.code, Some(0), "{}", run.out);
}
