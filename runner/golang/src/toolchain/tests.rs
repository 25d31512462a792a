//! Builds of the fixtures with real toolchains: they need go, and fail without.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{BuildError, BuildRequest, Built, build, copy_binary};

/// Releases with and without overlays, register ABI, generics; they are fetched if they are not there.
const RELEASES: &[&str] = &["go1.15.15", "go1.16.15", "go1.17.13", "1.27.3"];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../go-fixtures")
}

/// A request for a fixture, and the folder that its binary goes to.
fn fixture(package: &str) -> (BuildRequest, TempDir) {
    let output = TempDir::new().unwrap();
    (
        BuildRequest::new(format!("./{package}"), fixtures(), output.path()),
        output,
    )
}

fn build_quietly(request: &BuildRequest) -> Result<Built, BuildError> {
    build(request, &mut |_| {})
}

/// Writes a module of one file that is no fixture.
pub(super) fn module(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(
        folder.path().join("go.mod"),
        "module a.test/program\n\ngo 1.15\n",
    )
    .unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The names of the functions that stand in a binary of their own.
pub(super) fn symbols(binary: &Path) -> BTreeSet<String> {
    let output = Command::new("go")
        .args(["tool", "nm"])
        .arg(binary)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let function = |line: &str| {
        let mut words = line.split_whitespace();
        let kind = words.nth(1)?;
        matches!(kind, "T" | "t").then(|| words.collect::<Vec<_>>().join(" "))
    };
    text.lines().filter_map(function).collect()
}

/// What a program prints, sorted, because goroutines print in any order.
fn printed(binary: &Path) -> Vec<String> {
    let output = Command::new(binary).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut lines: Vec<String> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

const WANTED: &[&str] = &[
    "main.leaf",
    "main.b*",
    "main.c*",
    "main.variadic",
    "main.account.*",
    "main.(*account).*",
    "goproctor.test/base/names/shape.*",
];

/// Some of those functions, which the compiler would inline or has no call to.
const SMALL: &[&str] = &[
    "main.leaf",
    "main.bounded",
    "main.block",
    "main.variadic",
    "main.account.Balance",
    "main.(*account).Deposit",
    "goproctor.test/base/names/shape.twice",
    "goproctor.test/base/names/shape.Double",
];

#[test]
fn wanted_functions_stand_out_of_line_and_lines_keep_their_numbers() {
    for release in RELEASES {
        let (mut request, _output) = fixture("base/names");
        request.toolchain = Some((*release).to_owned());
        let plain = build_quietly(&request).unwrap();
        let number = release.trim_start_matches("go");
        assert_eq!(plain.release.to_string(), format!("go{number}"));
        let has_overlay = plain.release.minor() >= 16;
        let without = symbols(&plain.binary);
        for name in ["main.leaf", "goproctor.test/base/names/shape.twice"] {
            assert!(
                !without.contains(name),
                "{release} does not inline {name}: the test shows nothing"
            );
        }
        let lines = printed(&plain.binary);

        let request = request.watching(WANTED.iter().copied());
        let hinted = build_quietly(&request).unwrap();
        let with = symbols(&hinted.binary);
        for name in SMALL {
            assert!(
                with.contains(*name),
                "{release} inlines {name}: {}",
                hinted.command
            );
        }
        assert_eq!(
            printed(&hinted.binary),
            lines,
            "{release}: {}",
            hinted.command
        );
        assert_eq!(hinted.command.contains("-overlay="), has_overlay);
        let command = &hinted.command;
        let main = "-gcflags=goproctor.test/base/names=-l";
        assert!(command.contains(main), "its literals are wanted: {command}");
        let shape = command.contains("-gcflags=goproctor.test/base/names/shape=-l");
        assert_eq!(shape, !has_overlay, "{command}");

        let unused = hinted.declarations.function("main.unused").unwrap();
        assert!(
            !with.contains("main.unused"),
            "{release} keeps what nothing calls"
        );
        assert!(unused.file.ends_with("go-fixtures/base/names/main.go") && unused.line > 1);
    }
}

#[test]
fn a_closure_keeps_its_function_from_being_inlined() {
    let folder = module(&[(
        "main.go",
        "package main\n\nfunc outer(c chan int) chan int { f := func() { c <- 1 }; keep = f; return c }\n\n\
         var keep func()\n\nfunc main() { outer(make(chan int, 1)); keep() }\n",
    )]);
    let output = TempDir::new().unwrap();
    let request = BuildRequest::new(".", folder.path(), output.path());
    assert!(!symbols(&build_quietly(&request).unwrap().binary).contains("main.outer"));
    let built = build_quietly(&request.watching(["main.outer.func1"])).unwrap();
    let with = symbols(&built.binary);
    assert!(with.contains("main.outer") && with.contains("main.outer.func1"));
    assert_eq!(
        built.declarations.literal("main.outer.func1").unwrap().text,
        "func() { c <- 1 }"
    );
}

#[test]
fn literals_stand_out_of_line_under_the_names_of_the_source() {
    let name = "main.(*account).Each.func1.1";
    let (request, _output) = fixture("base/names");
    assert!(!symbols(&build_quietly(&request).unwrap().binary).contains(name));
    for wanted in [name, "main.(*account).*"] {
        let (request, _output) = fixture("base/names");
        let mut request = request.watching([wanted]);
        for release in ["go1.16.15", "go1.22.12", "go1.24.13", "go1.27.3"] {
            request.toolchain = Some(release.to_owned());
            let built = build_quietly(&request).unwrap();
            assert!(symbols(&built.binary).contains(name), "{}", built.command);
        }
    }
}

#[test]
fn what_a_hint_does_not_keep_out_of_line_takes_its_package_and_those_that_use_it() {
    let folder = generic_program(
        "package main\n\nimport \"a.test/program/list\"\n\nfunc main() { println(list.First([]int{1})) }\n",
    );
    let output = TempDir::new().unwrap();
    let mut request = BuildRequest::new(".", folder.path(), output.path());
    for (function, packages) in [
        ("a.test/program/list.Last", &["a.test/program/list"][..]),
        (
            "a.test/program/list.First[go.shape.int]",
            &["a.test/program/list", "a.test/program"],
        ),
        ("main.main", &["a.test/program"]),
    ] {
        request.without_inlining = vec![function.to_owned()];
        let command = build_quietly(&request).unwrap().command;
        for package in packages {
            assert!(
                command.contains(&format!("-gcflags={package}=-l")),
                "{command}"
            );
        }
        assert_eq!(command.matches("=-l").count(), packages.len(), "{command}");
    }
}

#[test]
fn floats_take_their_package() {
    let (mut request, _output) = fixture("testprogram");
    request.floats = vec!["main.prepareAnswer".to_owned(), "net/url.*".to_owned()];
    let command = build_quietly(&request).unwrap().command;
    assert!(command.contains("-gcflags=net/url=-N"), "{command}");
    assert!(command.contains("/testprogram=-N"), "{command}");
    assert_eq!(command.matches("=-N").count(), 2, "{command}");
}

/// A program that uses a package's generic function, and the text of its own.
fn generic_program(main: &str) -> TempDir {
    module(&[
        ("go.mod", "module a.test/program\n\ngo 1.18\n"),
        (
            "list/list.go",
            "package list\n\nfunc First[T any](all []T) T { return all[0] }\n",
        ),
        ("main.go", main),
    ])
}

#[test]
fn floats_of_generic_functions_take_what_uses_them() {
    let folder = generic_program(
        "package main\n\nimport \"a.test/program/list\"\n\nfunc main() { println(list.First([]float64{1})) }\n",
    );
    let output = TempDir::new().unwrap();
    let mut request = BuildRequest::new(".", folder.path(), output.path());
    request = request.watching(["a.test/program/list.First"]);
    request.floats = vec!["a.test/program/list.First".to_owned()];
    for release in ["go1.18.10", "go1.27.3"] {
        request.toolchain = Some(release.to_owned());
        let built = build_quietly(&request).unwrap();
        let command = &built.command;
        assert!(
            command.contains("-gcflags=a.test/program/list=-N"),
            "{command}"
        );
        assert!(command.contains("-gcflags=a.test/program=-N"), "{command}");
    }
}

#[test]
fn where_a_compiler_may_not_bear_it_what_uses_generic_functions_is_tried_with_optimisation() {
    let folder = generic_program(
        "package main\n\nimport \"a.test/program/list\"\n\nfunc main() { println(list.First([]float64{1}) + true) }\n",
    );
    let output = TempDir::new().unwrap();
    let mut request = BuildRequest::new(".", folder.path(), output.path());
    request = request.watching(["a.test/program/list.First"]);
    request.floats = vec!["a.test/program/list.First".to_owned()];
    for (release, twice) in [("go1.18.10", true), ("go1.27.3", false)] {
        request.toolchain = Some(release.to_owned());
        let mut said = Vec::new();
        let error = build(&request, &mut |line| said.push(line.to_owned())).unwrap_err();
        let BuildError::Failed { command, .. } = error else {
            panic!("{release}: {error}");
        };
        let using = command.contains("-gcflags=a.test/program=-N");
        assert_eq!(using, !twice, "{command}");
        assert!(command.contains("/list=-N"), "{command}");
        let again = said
            .iter()
            .any(|line| line.contains("optimisation: building again"));
        assert_eq!(again, twice, "{said:?}");
    }
}

#[test]
fn a_literal_outside_of_functions_takes_its_package() {
    let (request, _output) = fixture("base/names");
    let built = build_quietly(&request.watching(["main.glob..func2"])).unwrap();
    assert!(
        built
            .command
            .contains("-gcflags=goproctor.test/base/names=-l"),
        "{}",
        built.command
    );
    assert_eq!(
        built.declarations.literal("main.glob..func2").unwrap().line,
        24
    );
}

#[test]
fn functions_of_the_standard_library_stand_out_of_line() {
    let (request, _output) = fixture("testprogram");
    let name = "flag.Parse";
    assert!(!symbols(&build_quietly(&request).unwrap().binary).contains(name));
    let mut request = request.watching([name]);
    request.flags = vec!["-gcflags=all=-dwarflocationlists=true".to_owned()];
    let built = build_quietly(&request).unwrap();
    assert!(
        built
            .command
            .contains("'-gcflags=flag=-dwarflocationlists=true -l'"),
        "{}",
        built.command
    );
    assert!(symbols(&built.binary).contains(name));
}

#[test]
fn generic_functions_stand_out_of_line() {
    let (request, _output) = fixture("generics/list");
    let names = |binary: &Path| {
        symbols(binary)
            .into_iter()
            .filter(|n| n.starts_with("main.First["))
            .count()
    };
    assert_eq!(names(&build_quietly(&request).unwrap().binary), 0);
    assert_eq!(
        names(
            &build_quietly(&request.watching(["main.First"]))
                .unwrap()
                .binary
        ),
        2
    );
}

/// Behind a line directive, Go 1.22 to 1.25 take a loop for one of Go 1.22.
#[test]
fn loops_mean_what_they_do_without_us() {
    const MAIN: &str = "package main\n\nfunc f(n int) int {\n\tvar fs []func() int\n\tfor i := 0; i < n; i++ {\n\
        \t\tfs = append(fs, func() int { return i })\n\t}\n\treturn fs[0]()\n}\n\nfunc main() { println(f(3)) }\n";
    let printed = |line: &str, main: &str, release: &str| {
        let folder = module(&[("main.go", main)]);
        let go_mod = format!("module a.test/program\n\ngo {line}\n");
        fs::write(folder.path().join("go.mod"), go_mod).unwrap();
        let output = TempDir::new().unwrap();
        let mut request = BuildRequest::new(".", folder.path(), output.path()).watching(["main.f"]);
        request.toolchain = Some(release.to_owned());
        let built = build_quietly(&request).unwrap();
        assert!(symbols(&built.binary).contains("main.f"), "{release}");
        let run = Command::new(built.binary).output().unwrap();
        String::from_utf8(run.stderr).unwrap()
    };
    for release in ["go1.21.13", "go1.22.12", "go1.25.8", "go1.26.8"] {
        assert_eq!(printed("1.21", MAIN, release), "3\n", "{release}");
    }
    for release in ["go1.22.12", "go1.26.8"] {
        assert_eq!(printed("1.22", MAIN, release), "0\n", "{release}");
        let old = format!("//go:build go1.21\n\n{MAIN}");
        assert_eq!(printed("1.22", &old, release), "3\n", "{release}");
    }
}

#[test]
fn a_file_with_line_directives_keeps_them() {
    let folder = module(&[(
        "main.go",
        "package main\n\nimport \"runtime\"\n\n//line grammar.y:70\nfunc line() int { _, _, n, _ := runtime.Caller(0); return n }\nfunc f() int { return 1 }\n\
         func main() { println(line(), f()) }\n",
    )]);
    let output = TempDir::new().unwrap();
    let request = BuildRequest::new(".", folder.path(), output.path()).watching(["main.f"]);
    let built = build_quietly(&request).unwrap();
    assert!(
        built.command.contains("-gcflags=a.test/program=-l"),
        "{}",
        built.command
    );
    assert!(symbols(&built.binary).contains("main.f"));
    let said = Command::new(&built.binary).output().unwrap();
    assert_eq!(String::from_utf8(said.stderr).unwrap(), "70 1\n");
}

#[test]
fn files_that_import_c_are_compiled_without_inlining() {
    let folder = module(&[
        (
            "c.go",
            "package main\n\n// int one(void) { return 1; }\nimport \"C\"\n\n// one\nfunc one() int { return int(C.one()) }\n",
        ),
        (
            "main.go",
            "package main\n\n// two\nfunc two() int { return one() + 1 }\n\nfunc main() { println(two()) }\n",
        ),
    ]);
    let output = TempDir::new().unwrap();
    for release in ["go1.16.15", "local"] {
        let mut request =
            BuildRequest::new(".", folder.path(), output.path()).watching(["main.one", "main.two"]);
        request.toolchain = Some(release.to_owned());
        let built = build_quietly(&request).unwrap();
        let symbols = symbols(&built.binary);
        assert!(
            symbols.contains("main.one") && symbols.contains("main.two"),
            "{release}"
        );
    }
}

#[test]
fn the_users_own_overlay_stays_and_is_hinted() {
    let folder = module(&[
        (
            "main.go",
            "package main\n\nfunc f() int { return 1 }\n\nfunc main() { println(f()) }\n",
        ),
        ("removed.go", "package main\n\nthis does not compile\n"),
        (
            "other.txt",
            "package main\n\nfunc f() int { return 2 }\n\nfunc main() { println(f()) }\n",
        ),
        (
            "overlay.json",
            "{\"Replace\": {\"main.go\": \"other.txt\", \"removed.go\": \"\"}}",
        ),
    ]);
    let output = TempDir::new().unwrap();
    let mut request = BuildRequest::new(".", folder.path(), output.path()).watching(["main.f"]);
    request.flags = vec!["-overlay".to_owned(), "overlay.json".to_owned()];
    let built = build_quietly(&request).unwrap();
    assert!(symbols(&built.binary).contains("main.f"));
    let said = Command::new(&built.binary).output().unwrap();
    assert_eq!(String::from_utf8(said.stderr).unwrap(), "2\n");
}

#[test]
fn files_are_those_of_the_build_tags() {
    let folder = module(&[
        ("main.go", "package main\n\nfunc main() { println(f()) }\n"),
        (
            "plain.go",
            "// +build !integration\n\npackage main\n\nfunc f() int { return 1 }\n",
        ),
        (
            "tagged.go",
            "// +build integration\n\npackage main\n\nfunc f() int { return 2 }\n",
        ),
    ]);
    let output = TempDir::new().unwrap();
    let mut request = BuildRequest::new(".", folder.path(), output.path()).watching(["main.f"]);
    request.tags = vec!["integration".to_owned(), "slow".to_owned()];
    let built = build_quietly(&request).unwrap();
    assert!(
        built.command.contains("-tags=integration,slow"),
        "{}",
        built.command
    );
    assert!(
        built
            .declarations
            .function("main.f")
            .unwrap()
            .file
            .ends_with("tagged.go")
    );
    assert!(symbols(&built.binary).contains("main.f"));
}

#[test]
fn goflags_of_the_user_that_a_release_does_not_know_are_left_out() {
    let (mut request, _output) = fixture("base/names");
    request.toolchain = Some("1.16.15".to_owned());
    request.environment = vec![("GOFLAGS".into(), "-buildvcs=false -tags=x".into())];
    let built = build_quietly(&request).unwrap();
    assert!(
        built
            .command
            .contains("GOTOOLCHAIN=go1.16.15 GOFLAGS=-tags=x "),
        "{}",
        built.command
    );
}

#[test]
fn what_can_not_be_built_says_why() {
    let output = TempDir::new().unwrap();
    let broken = module(&[
        ("main.go", "package main\n\nfunc main() { missing() }\n"),
        ("lib/lib.go", "package lib\n"),
        ("parse/main.go", "package main\n\nfunc main( {\n"),
        ("empty/readme", ""),
    ]);
    let request = |package: &str| BuildRequest::new(package, broken.path(), output.path());
    let error = |request: BuildRequest| build_quietly(&request).unwrap_err().to_string();

    let said = error(request("."));
    assert!(
        said.contains("undefined: missing") && said.contains("as run: cd "),
        "{said}"
    );
    assert!(error(request("./parse")).contains("syntax error"));
    assert!(error(request("./lib")).contains("package lib, not package main"));
    assert!(error(request("./empty")).contains("no Go files"));
    assert!(error(request("./nowhere")).contains("nowhere is not a folder"));
    assert!(error(request("a.test/...")).contains("matches 3 packages"));
    assert!(error(request("lib")).contains("write it as ./lib"));
    assert!(error(request("-x")).contains("-x"));

    let with = |change: &dyn Fn(&mut BuildRequest)| {
        let mut request = request(".");
        change(&mut request);
        error(request)
    };
    assert!(with(&|r| r.flags = vec!["-ldflags=-s".to_owned()]).contains("remove -s"));
    assert!(
        with(&|r| r.environment = vec![("GOFLAGS".into(), "-ldflags=-w".into())])
            .contains("in GOFLAGS")
    );
    assert!(with(&|r| r.flags = vec!["-overlay=none.json".to_owned()]).contains("none.json"));
    assert!(with(&|r| r.toolchain = Some("newest".to_owned())).contains("write it as go1.26.8"));
    assert!(with(&|r| r.go = Some("/no/go".into())).contains("cannot start /no/go"));
    assert!(with(&|r| r.go = Some("/bin/true".into())).contains("is /bin/true a go command"));
    assert!(with(&|r| r.go = Some("/bin/false".into())).contains("cannot get "));
}

#[test]
fn a_toolchain_that_can_not_be_fetched_says_so() {
    let (mut request, _output) = fixture("base/names");
    request.toolchain = Some("go1.26.99".to_owned());
    request.environment = vec![("GOPROXY".into(), "off".into())];
    let error = build_quietly(&request).unwrap_err();
    assert!(
        matches!(error, BuildError::ToolchainUnavailable { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("go1.26.99"), "{error}");
}

#[test]
fn cancelling_ends_the_build_at_once() {
    let (mut request, _output) = fixture("testprogram");
    // Nothing is cached under a cache of its own: the build would take long.
    let cache = TempDir::new().unwrap();
    request.environment = vec![("GOCACHE".into(), cache.path().into())];
    let cancel = Arc::new(AtomicBool::new(false));
    request.cancel = Arc::clone(&cancel);
    let cancelled = thread::spawn(move || {
        thread::sleep(Duration::from_secs(1));
        cancel.store(true, Ordering::Relaxed);
        Instant::now()
    });
    let error = build_quietly(&request).unwrap_err();
    assert!(matches!(error, BuildError::Cancelled), "{error}");
    assert!(cancelled.join().unwrap().elapsed() < Duration::from_millis(500));
}

#[test]
fn a_binary_is_copied_to_an_inode_of_its_own() {
    let folder = TempDir::new().unwrap();
    let binary = folder.path().join("server");
    fs::write(&binary, "x").unwrap();
    let output = TempDir::new().unwrap();
    let copy = copy_binary(&binary, output.path()).unwrap();
    assert_eq!(fs::read(&copy).unwrap(), b"x");
    assert_eq!(copy.metadata().unwrap().mode() & 0o777, 0o755);
    assert_ne!(
        copy.metadata().unwrap().ino(),
        binary.metadata().unwrap().ino()
    );
    assert!(copy_binary(&folder.path().join("none"), output.path()).is_err());
    assert!(
        copy_binary(folder.path(), output.path())
            .unwrap_err()
            .to_string()
            .contains("not a file")
    );
}
