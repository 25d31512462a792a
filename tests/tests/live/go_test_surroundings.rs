//! `goproctor test` and what is around the tests: coverage, go's cache, several specs, other architectures, files of snapshots.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use goproctor_tests::{command, go::NEWEST, harness::Test};

use super::go_test_verdicts::{Module, Run, in_folder};

pub(crate) const TESTS: &[Test<'static>] = &[
    ("coverage_profiles_are_those_of_go_test", coverage),
    (
        "go_tests_run_again_for_another_goproctor",
        another_goproctor,
    ),
    ("go_tests_run_again_for_another_variable", another_variable),
    ("two_specs_judge_one_go_test", two_specs),
    (
        "test_binaries_of_another_architecture_are_refused",
        architecture,
    ),
    ("snapshots_of_go_tests_have_files_of_their_own", snapshots),
    ("what_is_wrong_with_the_source_go_test_says", wrong_source),
    (
        "go_tests_are_found_where_a_path_ends_with_a_dot_and_more",
        dot,
    ),
];

/// go keeps no result that depends on a file of the last two seconds (cmd/go/internal/test, modTimeCutoff).
const SETTLED: Duration = Duration::from_millis(2_100);

fn coverage() {
    let fixture = super::go_test::Fixture::new(true);
    let folder = fixture.folder.path();
    // What runs in the background takes one way or another, each time anew.
    let skip = "-skip=TestParallel|TestLazy|TestPool|TestProcess";
    for ways in [
        &["-covermode=set"][..],
        &["-coverpkg=./...", "-covermode=atomic"],
        &["-coverpkg=./...", "-covermode=set"],
    ] {
        let profile = |name: &str, command: &mut Command| {
            let path = folder.join(name);
            command
                .args(ways)
                .args(["-count=1", skip])
                .arg(format!("-coverprofile={}", path.display()))
                .args(["./bank", "./shop"]);
            let run = Run::of(in_folder(command, folder));
            assert_eq!(run.code, Some(0), "{name} {ways:?}: {run:?}");
            fs::read_to_string(path).unwrap()
        };
        let mut ours = command::goproctor();
        let ours = profile("ours.out", ours.arg("test"));
        let plain = profile("plain.out", Command::new("go").arg("test"));
        let blocks = |text: &str| -> BTreeSet<String> {
            // How often a block ran depends on the time that the tests took.
            let lines = text.lines().map(|line| match line.rsplit_once(' ') {
                Some((block, count)) if count != "0" => format!("{block} +"),
                _ => line.to_owned(),
            });
            lines.collect()
        };
        assert!(plain.lines().count() > 20, "{ways:?}: {plain}");
        assert!(plain.contains("bank/bank.go:"), "{ways:?}: {plain}");
        let (ours, plain) = (blocks(&ours), blocks(&plain));
        let difference: Vec<_> = ours.symmetric_difference(&plain).collect();
        assert!(difference.is_empty(), "{ways:?}: {difference:?}");
    }
}

const RIGHT: &str = r#"
[[test]]
go-test = "TestCheckout/free shipping"
count   = { publish = 1 }
"#;

fn another_goproctor() {
    let module = Module::new(RIGHT);
    thread::sleep(SETTLED);
    let other = module.folder.path().join("goproctor");
    let run = |program: &Path| {
        let mut command = Command::new(program);
        let run = Run::of(in_folder(
            command.args(["test", "."]).env_remove("CI"),
            module.folder.path(),
        ));
        assert_eq!(run.code, Some(0), "{run:?}");
        run.out.contains("(cached)")
    };
    assert!(!run(command::path()), "the first run");
    assert!(run(command::path()), "the same again");
    fs::copy(command::path(), &other).unwrap();
    assert!(!run(&other), "another file");
    assert!(run(&other), "the other one again");
    let mut bytes = fs::read(&other).unwrap();
    bytes.push(0);
    fs::write(&other, bytes).unwrap();
    assert!(!run(&other), "another content");
}

fn another_variable() {
    let module = Module::new("");
    module.write(
        "rate_test.go",
        r#"package shop

import (
	"os"
	"testing"
)

func TestRate(t *testing.T) { Publish(os.Getenv("RATE")) }

func TestRegion(t *testing.T) { Publish(os.Getenv("REGION")) }
"#,
    );
    module.specify(
        r#"
[go-test]
env = { RATE = "${env.SHOP_RATE:-one}" }

[[test]]
go-test = "TestRate"
[test.calls.publish]
args = { topic = "one" }
"#,
    );
    thread::sleep(SETTLED);
    let run = |test: &str, env: &[(&str, &str)]| {
        let run = module.test_with(&["-run", test, "."], env);
        (run.code, run.out.contains("(cached)"))
    };
    assert_eq!(run("TestRate", &[]), (Some(0), false));
    assert_eq!(run("TestRate", &[]), (Some(0), true));
    let other = [("SHOP_RATE", "two")];
    assert_eq!(
        run("TestRate", &other),
        (Some(1), false),
        "the spec reads it"
    );
    assert_eq!(run("TestRate", &[]), (Some(0), true));

    assert_eq!(run("TestRegion", &[("REGION", "eu")]), (Some(0), false));
    assert_eq!(run("TestRegion", &[("REGION", "eu")]), (Some(0), true));
    let other = [("REGION", "us")];
    assert_eq!(
        run("TestRegion", &other),
        (Some(0), false),
        "the test reads it"
    );
}

fn two_specs() {
    let module = Module::new(RIGHT);
    let other = |count: u32| {
        let spec = format!(
            "[functions]\npublish = \"shop.Publish\"\n\n[[test]]\ngo-test = \"TestCheckout/free shipping\"\ncount = {{ publish = {count} }}\n"
        );
        module.write("audit.proctor.toml", &spec);
    };
    other(1);
    let both = module.test(&["-v", "-run", "TestCheckout", "."]);
    assert_eq!(both.code, Some(0), "{both:?}");

    let line = |spec: &str, line: u32, want: u32| {
        format!("{spec}.proctor.toml:{line}: calls of publish: want {want}, got 1")
    };
    let sub = "    --- FAIL: TestCheckout/free_shipping";
    let audit = line("audit", 6, 5);
    let shop = line("shop", 7, 7);
    other(5);
    let one = module.test(&["-run", "TestCheckout", "."]);
    assert_eq!(one.code, Some(1), "{one:?}");
    assert!(
        one.after(sub)[0].trim_start().starts_with(&audit),
        "{one:?}"
    );
    assert!(!one.out.contains("shop.proctor.toml:"), "{one:?}");

    module.specify(&RIGHT.replace("publish = 1", "publish = 7"));
    for arguments in [&["."][..], &["-v", "."], &["-json", "."]] {
        let run = module.test(&[&["-run", "TestCheckout"], arguments].concat());
        assert_eq!(run.code, Some(1), "{run:?}");
        for reason in [&audit, &shop] {
            assert_eq!(run.out.matches(reason.as_str()).count(), 1, "{run:?}");
        }
    }
    let plain = module.test(&["-run", "TestCheckout", "."]);
    let reasons = plain.after(sub).join("\n");
    let end = reasons.find("\nFAIL").unwrap();
    let reasons = &reasons[..end];
    assert!(
        reasons.contains(&audit) && reasons.contains(&shop),
        "{plain:?}"
    );
    assert_eq!(plain.out.matches("--- FAIL: TestCheckout/").count(), 1);
}

/// As in `gopkg.in/yaml.v3`.
fn dot() {
    let module = Module::new(RIGHT);
    module.write("go.mod", "module example.test/shop.v3\n\ngo 1.22\n");
    let run = module.test(&["-run", "TestCheckout", "."]);
    assert_eq!(run.code, Some(0), "{run:?}");
    module.specify(&RIGHT.replace("publish = 1", "publish = 7"));
    let run = module.test(&["-run", "TestCheckout", "."]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.out.contains("want 7, got 1"), "{run:?}");
}

fn architecture() {
    let module = Module::new(RIGHT);
    let says = "built for arm64: goproctor watches linux/amd64 programs; build with GOARCH=amd64";
    let temporary = tempfile::tempdir().unwrap();
    let env = [
        ("GOARCH", "arm64"),
        ("TMPDIR", temporary.path().to_str().unwrap()),
    ];
    let run = module.test_with(&["."], &env);
    let plain = Run::of(
        in_folder(Command::new("go").args(["test", "."]), module.folder.path())
            .env("GOARCH", "arm64"),
    );
    assert_eq!(run.code, plain.code, "{run:?} {plain:?}");
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(run.out.matches(says).count(), 1, "{run:?}");
    assert!(run.out.contains("FAIL\texample.test/shop"), "{run:?}");
    // It is not kept by go, neither as it is nor for this machine, and nothing is left.
    let again = module.test_with(&["."], &env);
    assert_eq!(again.code, Some(1), "{again:?}");
    assert_eq!(again.out.matches(says).count(), 1, "{again:?}");
    let left: Vec<_> = fs::read_dir(temporary.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    let left = working_in(module.folder.path());
    assert!(left.is_empty(), "{left:?}");
    let native = module.test(&["."]);
    assert_eq!(native.code, Some(0), "{native:?}");
    assert!(!native.out.contains("(cached)"), "{native:?}");

    let built = in_folder(
        Command::new("go").args(["test", "-c", "-o", "shop.test", "."]),
        module.folder.path(),
    )
    .env("GOARCH", "arm64")
    .status();
    assert!(built.unwrap().success());
    let exec = module.command("exec", &["./shop.test", "-test.timeout=10s"]);
    assert_eq!(exec.code, Some(1), "{exec:?}");
    assert_eq!(exec.out.matches(says).count(), 1, "{exec:?}");

    // Without a spec it takes goproctor's place, and no shell tries to read it.
    fs::remove_file(module.folder.path().join("shop.proctor.toml")).unwrap();
    let exec = module.command("exec", &["./shop.test", "-test.timeout=10s"]);
    assert_eq!(exec.code, Some(1), "{exec:?}");
    let says = "cannot run ./shop.test: it is not built for this machine; test with GOARCH=amd64, or give `go test` an emulator with -exec";
    assert!(exec.out.contains(says), "{exec:?}");
    assert_eq!(exec.errors, "", "{exec:?}");
}

/// The processes whose folder this is.
fn working_in(folder: &Path) -> Vec<PathBuf> {
    let folder = folder.canonicalize().unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let processes = processes.map(|process| process.path());
    processes
        .filter(|process| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == folder))
        .collect()
}

fn snapshots() {
    let module = Module::new(
        "\n[[test]]\ngo-test = \"TestX/*\"\nsnapshot = true\n\n[[test]]\ngo-test = \"TestX/*/*\"\nsnapshot = true\n",
    );
    module.write(
        "x_test.go",
        r#"package shop

import "testing"

func TestX(t *testing.T) {
	for _, name := range []string{"a_b", "a-b", "a/b", "A_b", "a_b_", "€", "$"} {
		t.Run(name, func(t *testing.T) { Publish(name) })
	}
}
"#,
    );
    let accepted = module.test(&["--accept", "-run", "TestX", "."]);
    assert_eq!(accepted.code, Some(0), "{accepted:?}");
    let folder = module.folder.path().join("snapshots");
    let files: Vec<_> = fs::read_dir(folder).unwrap().flatten().collect();
    assert_eq!(files.len(), 7, "{files:?}");
    let again = module.test(&["-count=1", "-run", "TestX", "."]);
    assert_eq!(again.code, Some(0), "each against its own: {again:?}");
}

/// The files that are named are the user's own, on each release.
fn wrong_source() {
    let shop = "package shop\n\nimport \"fmt\"\n\nfunc Publish(topic string) string { return \"to \" + topic }\n\n\
                func Checkout(qty int) int {\n\tfmt.Sprint(Publish(\"order\"))\n\treturn qty * 20\n}\n";
    let test =
        "package shop\n\nimport \"testing\"\n\nfunc TestCheckout(t *testing.T) { Checkout(1) }\n";
    let wrong = [
        ("syntax", "shop.go", shop.replace("+ topic", "+")),
        ("a brace", "shop.go", shop.replace("20\n}", "20\n")),
        ("a type", "shop.go", shop.replace("qty * 20", "\"20\"")),
        (
            "vet",
            "shop.go",
            shop.replace("Sprint(", "Sprintf(\"%d\", "),
        ),
        ("syntax of a test", "shop_test.go", test.replace("1)", "1")),
        (
            "a type of a test",
            "shop_test.go",
            test.replace("1)", "true)"),
        ),
    ];
    for release in ["go1.16.15", "go1.18.10", "go1.21.13", "go1.24.13", NEWEST] {
        let module = Module::new(RIGHT);
        module.write("go.mod", "module example.test/shop\n\ngo 1.16\n");
        for (what, name, text) in &wrong {
            module.write("shop.go", shop);
            module.write("shop_test.go", test);
            module.write(name, text);
            let env = [("GOTOOLCHAIN", release)];
            let run = module.test_with(&["."], &env);
            let mut go = Command::new("go");
            let plain = in_folder(go.args(["test", "."]), module.folder.path());
            let plain = Run::of(plain.envs(env));
            assert_eq!(run.code, plain.code, "{release}: {what}: {run:?} {plain:?}");
            assert_eq!(run.out, plain.out, "{release}: {what}");
            assert_eq!(run.errors, plain.errors, "{release}: {what}");
            let place = format!("{name}:");
            let said = format!("{}{}", run.out, run.errors);
            assert!(said.contains(&place), "{release}: {what}: {said}");
        }
    }
}
