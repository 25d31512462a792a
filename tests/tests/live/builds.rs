//! A program in each way that go can build it. A build is watched, and shows the same calls as a plain one, or it is refused with words
//! that say why; both where goproctor builds the program and where it is given the binary.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use goproctor_tests::{command::goproctor, go::NEWEST, harness::Test};
use tempfile::TempDir;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("builds_of_all_kinds_show_the_same_calls", watched),
    ("builds_with_experiments_show_the_same_calls", experiments),
    ("builds_that_cannot_be_watched_are_refused", refused),
    (
        "builds_that_are_changed_afterwards_are_watched_or_refused",
        changed,
    ),
    ("builds_whose_linker_sets_a_string_differ_in_it", set_string),
];

/// A binary of this release does not describe results: only its source does.
const LEAVES_OUT_RESULTS: &str = "go1.17.13";

/// All calls are made in one order.
const MAIN: &str = r#"package main

var version = "none"

type order struct {
	id    int
	name  string
	parts []float64
}

//go:noinline
func total(o order, factor int) (sum int) {
	for _, part := range o.parts {
		sum += int(part * float64(factor))
	}
	return sum
}

//go:noinline
func describe(o *order) string { return version + ": " + o.name }

//go:noinline
func later(done chan<- int, n int) { done <- 2 * n }

//go:noinline
func fails(n int) {
	if n > 2 {
		panic("too many")
	}
}

//go:noinline
func guarded(n int) (caught bool) {
	defer func() { caught = recover() != nil }()
	fails(n)
	return false
}

// twice is C's, where there is C.
var twice func(n int) int

func main() {
	o := order{7, "tea", []float64{1.5, 2}}
	if total(o, 2) != 7 || describe(&o) == "" || !guarded(3) {
		panic("wrong")
	}
	done := make(chan int)
	for n := 1; n <= 3; n++ {
		go later(done, n)
		if <-done != 2*n {
			panic("wrong")
		}
	}
	if twice != nil && twice(21) != 42 {
		panic("wrong")
	}
}
"#;

const C: &str = r#"package main

// static int twice(int n) { return 2 * n; }
import "C"

func init() { twice = func(n int) int { return int(C.twice(C.int(n))) } }
"#;

const TESTS_OF_SPEC: &str = r#"
[functions]
total    = "main.total"
describe = "main.describe"
later    = "main.later"
fails    = "main.fails"
guarded  = "main.guarded"

[[test]]
name  = "all calls are seen"
count = { total = 1, describe = 1, later = 3, fails = 1, guarded = 1 }

[test.calls.total]
args    = { o = { id = 7, name = "tea", parts = [1.5, 2.0] }, factor = 2 }
returns = 7

[test.calls.describe]
args    = { o.name = "tea" }

[test.calls.later]
args    = { n = { ge = 1 } }

[test.calls.fails]
outcome = "panicked"

[test.calls.guarded]
outcome = "recovered"
returns = true
"#;

/// A way to build.
#[derive(Clone, Copy)]
struct Build {
    release: &'static str,
    flags: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
    /// Whether the program has C.
    cgo: bool,
    /// Whether it needs a C compiler for another reason.
    needs_cc: bool,
    /// Whether there is a profile that the compiler is led by.
    profile: bool,
}

const PLAIN: Build = Build {
    release: NEWEST,
    flags: &[],
    environment: &[],
    cgo: false,
    needs_cc: false,
    profile: false,
};

const fn with(flags: &'static [&'static str]) -> Build {
    Build { flags, ..PLAIN }
}

const fn linked_by_cc(flags: &'static [&'static str]) -> Build {
    Build {
        flags,
        needs_cc: true,
        ..PLAIN
    }
}

const fn under(environment: &'static [(&'static str, &'static str)]) -> Build {
    Build {
        environment,
        ..PLAIN
    }
}

fn watched() {
    let mut builds = vec![
        with(&["-buildmode=exe"]),
        with(&["-buildmode=pie"]),
        with(&["-trimpath"]),
        with(&["-cover"]),
        with(&["-gcflags=all=-N -l"]),
        with(&["-ldflags=-compressdwarf=0"]),
        with(&["-ldflags=-buildid= -randlayout=7"]),
        under(&[("CGO_ENABLED", "0")]),
        linked_by_cc(&["-race"]),
        linked_by_cc(&["-asan"]),
        linked_by_cc(&["-ldflags=-linkmode=external"]),
        linked_by_cc(&["-ldflags=-linkmode=external -extldflags=-static"]),
        linked_by_cc(&["-buildmode=pie", "-ldflags=-linkmode=external"]),
        linked_by_cc(&[
            "-buildmode=pie",
            "-ldflags=-linkmode=external -extldflags=-static-pie",
        ]),
        Build { cgo: true, ..PLAIN },
        Build {
            cgo: true,
            flags: &["-buildmode=pie"],
            ..PLAIN
        },
        Build {
            profile: true,
            ..PLAIN
        },
    ];
    if has_v3() {
        builds.push(under(&[("GOAMD64", "v3")]));
    } else {
        println!("LEFT OUT: this processor has no AVX2, so no build for GOAMD64=v3 is run");
    }
    all_show_the_same_calls(&builds);
}

/// Those that a release has: all that are off switched on, all that are on switched off, and what has its own compiler.
fn experiments() {
    all_show_the_same_calls(&[
        under(&[(
            "GOEXPERIMENT",
            "nodwarf5,nojsonv2,nogreenteagc,norandomizedheapbase64,nosizespecializedmalloc",
        )]),
        under(&[(
            "GOEXPERIMENT",
            "arenas,simd,heapminimum512kib,mapsplitgroup,runtimefreegc,runtimesecret,newinliner",
        )]),
        under(&[("GOEXPERIMENT", "preemptibleloops,staticlockranking")]),
        Build {
            release: LEAVES_OUT_RESULTS,
            environment: &[("GOEXPERIMENT", "noregabi")],
            ..PLAIN
        },
    ]);
}

fn all_show_the_same_calls(builds: &[Build]) {
    let mut wrong = String::new();
    for build in builds {
        if build.lacks_c_compiler() {
            println!("LEFT OUT: there is no C compiler (cc) for {}", build.name());
            continue;
        }
        let program = Program::new(build);
        let spec = program.spec("built", &build.origin());
        wrong += &build.ends(
            "run",
            &program.run(&[&spec], build),
            0,
            "1 passed, 0 failed",
        );
        if build.release == LEAVES_OUT_RESULTS {
            continue;
        }
        let binary = match program.build(build) {
            Ok(binary) => binary,
            Err(said) => {
                wrong += &format!("{} cannot be built: {said}\n", build.name());
                continue;
            }
        };
        // What is compared with it is the program as its spec says, without any flags.
        let spec = program.spec("plain", "package = \".\"");
        let binary = binary.display().to_string();
        let line = ["diff", "--runs", "2", "--binary", &binary, &spec];
        let said = program.goproctor(&line, &[("GOTOOLCHAIN", build.release)]);
        wrong += &build.ends("diff", &said, 0, "1 test: no difference");
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn refused() {
    const ONLY_PROGRAMS: &str = "only a program can be run: exe, pie or default";
    const LIBRARY: &str = "an ELF shared library, not a program";
    const STRIPPED: &str = "stripped of its symbol table: build it without -ldflags=-s";
    let cases: &[(Build, &str, &str)] = &[
        (
            Build {
                cgo: true,
                flags: &["-buildmode=c-shared"],
                ..PLAIN
            },
            ONLY_PROGRAMS,
            LIBRARY,
        ),
        (
            Build {
                cgo: true,
                flags: &["-buildmode=plugin"],
                ..PLAIN
            },
            ONLY_PROGRAMS,
            LIBRARY,
        ),
        (
            Build {
                cgo: true,
                flags: &["-buildmode=c-archive"],
                ..PLAIN
            },
            ONLY_PROGRAMS,
            "not an ELF file: give a Go program built for linux/amd64",
        ),
        (with(&["-ldflags=-s"]), "remove -s from -ldflags", STRIPPED),
        (
            with(&["-ldflags=-w"]),
            "remove -w from -ldflags",
            "without debugging information (DWARF): build it without -ldflags=-w or -s",
        ),
        // The DWARF stays.
        (
            with(&["-ldflags=-s -w=0"]),
            "remove -s from -ldflags",
            STRIPPED,
        ),
    ];
    let mut wrong = String::new();
    for (build, of_flags, of_binary) in cases {
        if build.lacks_c_compiler() {
            println!("LEFT OUT: there is no C compiler (cc) for {}", build.name());
            continue;
        }
        let program = Program::new(build);
        let spec = program.spec("built", &build.origin());
        let said = program.run(&[&spec], build);
        wrong += &build.ends("run", &said, 3, of_flags);
        let binary = match program.build(build) {
            Ok(binary) => binary,
            Err(said) => {
                wrong += &format!("{} cannot be built: {said}\n", build.name());
                continue;
            }
        };
        wrong += &program.refuses(&build.name(), &binary, of_binary);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What other tools make of a binary.
fn changed() {
    const COMPRESSED: &str = "--compress-debug-sections";
    let cases: &[(&[&str], Option<&str>)] = &[
        (&["objcopy", "--decompress-debug-sections"], None),
        (&["objcopy", "--compress-debug-sections=zlib"], None),
        (&["objcopy", "--compress-debug-sections=zlib-gnu"], None),
        (&["objcopy", "--compress-debug-sections=zstd"], None),
        (&["strip"], Some("stripped of its symbol table")),
        (
            &["objcopy", "--strip-debug"],
            Some("without debugging information (DWARF)"),
        ),
        (
            &["objcopy", "--only-keep-debug"],
            Some("no build information inside): give the output of `go build` of a main package"),
        ),
    ];
    let program = Program::new(&PLAIN);
    let original = program
        .build(&PLAIN)
        .unwrap_or_else(|said| panic!("{said}"));
    let spec = program.spec("plain", "package = \".\"");
    let mut wrong = String::new();
    for (command, refusal) in cases {
        let name = command.join(" ");
        let binary = program.folder.path().join("changed");
        fs::copy(&original, &binary).unwrap();
        let tool = Command::new(command[0])
            .args(&command[1..])
            .arg(&binary)
            .output();
        match tool {
            Ok(tool) if tool.status.success() => {}
            Ok(tool) if command[1..].iter().any(|word| word.starts_with(COMPRESSED)) => {
                let said = String::from_utf8_lossy(&tool.stderr);
                println!("LEFT OUT: {name} is not possible here: {said}");
                continue;
            }
            Ok(tool) => panic!("{name}: {}", String::from_utf8_lossy(&tool.stderr)),
            Err(error) => {
                println!("LEFT OUT: there is no {}: {error}", command[0]);
                continue;
            }
        }
        let path = binary.display().to_string();
        wrong += &match refusal {
            Some(refusal) => program.refuses(&name, &binary, refusal),
            None => {
                let line = ["diff", "--runs", "2", "--binary", &path, &spec];
                let said = program.goproctor(&line, &[]);
                ends(&name, &said, 0, "1 test: no difference")
            }
        };
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn set_string() {
    let build = with(&["-ldflags=-X main.version=v2"]);
    let program = Program::new(&build);
    let binary = program
        .build(&build)
        .unwrap_or_else(|said| panic!("{said}"));
    let spec = program.spec("plain", "package = \".\"");
    let binary = binary.display().to_string();
    let line = ["diff", "--runs", "2", "--binary", &binary, &spec];
    let said = program.goproctor(&line, &[]);
    let result = r#""none: tea" → "v2: tea""#;
    let wrong =
        ends("-X", &said, 1, result) + &ends("-X", &said, 1, "1 of 1 tests differs: 1 difference");
    assert!(wrong.is_empty(), "{wrong}");
}

impl Build {
    fn name(&self) -> String {
        let variables = self.environment.iter();
        let mut words: Vec<String> = variables.map(|(n, value)| format!("{n}={value}")).collect();
        words.extend(self.flags.iter().map(|flag| (*flag).to_owned()));
        words.extend(self.cgo.then(|| "with C".to_owned()));
        words.extend(self.profile.then(|| "with a profile".to_owned()));
        format!("{} {}", self.release, words.join(" "))
    }

    fn lacks_c_compiler(&self) -> bool {
        (self.cgo || self.needs_cc) && Command::new("cc").arg("--version").output().is_err()
    }

    /// What a spec says of the program, for goproctor to build it so.
    fn origin(&self) -> String {
        let flags: Vec<_> = self.flags.iter().map(|flag| format!("{flag:?}")).collect();
        format!(
            "package = \".\"\nbuild = {{ flags = [{}] }}",
            flags.join(", ")
        )
    }

    fn ends(&self, what: &str, output: &Output, exit: i32, text: &str) -> String {
        ends(&format!("{} {what}", self.name()), output, exit, text)
    }
}

/// What is wrong with how a command ended; nothing if it said so and ended so.
fn ends(what: &str, output: &Output, exit: i32, text: &str) -> String {
    let streams = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let said = String::from_utf8_lossy(&streams);
    let flowing = said.split_whitespace().collect::<Vec<_>>().join(" ");
    match output.status.code() == Some(exit) && flowing.contains(text) {
        true => String::new(),
        false => format!(
            "{what}: want exit {exit} and {text:?}, got exit {:?} and\n{said}\n",
            output.status.code()
        ),
    }
}

/// The program in a folder of its own.
struct Program {
    folder: TempDir,
}

impl Program {
    fn new(build: &Build) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &[u8]| fs::write(folder.path().join(name), text).unwrap();
        write("go.mod", b"module goproctor.test/builds\n\ngo 1.15\n");
        write("main.go", MAIN.as_bytes());
        if build.cgo {
            write("c.go", C.as_bytes());
        }
        if build.profile {
            write("default.pgo", &profile());
        }
        Self { folder }
    }

    /// Writes a spec, and gives its path.
    fn spec(&self, name: &str, origin: &str) -> String {
        let path = self.folder.path().join(format!("{name}.proctor.toml"));
        fs::write(&path, format!("[program]\n{origin}\n{TESTS_OF_SPEC}")).unwrap();
        path.display().to_string()
    }

    /// Builds it without goproctor.
    fn build(&self, build: &Build) -> Result<PathBuf, String> {
        let path = self.folder.path().join("program");
        let output = Command::new("go")
            .arg("build")
            .args(build.flags)
            .arg("-o")
            .arg(&path)
            .arg(".")
            .current_dir(self.folder.path())
            .env("GOTOOLCHAIN", build.release)
            .env("GOFLAGS", "-mod=mod")
            .envs(build.environment.iter().copied())
            .output()
            .unwrap();
        match output.status.success() {
            true => Ok(path),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    fn run(&self, arguments: &[&str], build: &Build) -> Output {
        let run = ["run", "--go", build.release];
        self.goproctor(&[&run[..], arguments].concat(), build.environment)
    }

    fn goproctor(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        goproctor()
            .args(arguments)
            .current_dir(self.folder.path())
            .envs(environment.iter().copied())
            .output()
            .unwrap()
    }

    /// What is wrong with how a binary is refused.
    fn refuses(&self, what: &str, binary: &Path, text: &str) -> String {
        let name = binary.file_name().unwrap().to_str().unwrap();
        let spec = self.spec("given", &format!("binary = {name:?}"));
        let run = self.goproctor(&["run", &spec], &[]);
        let plain = self.spec("plain", "package = \".\"");
        let path = binary.display().to_string();
        let diff = self.goproctor(&["diff", "--binary", &path, &plain], &[]);
        ends(&format!("{what} binary, run"), &run, 3, text)
            + &ends(&format!("{what} binary, diff"), &diff, 3, text)
    }
}

fn has_v3() -> bool {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    text.split_whitespace().any(|word| word == "avx2")
}

/// A profile in which main calls total most of the time (`github.com/google/pprof/proto/profile.proto`).
fn profile() -> Vec<u8> {
    let strings = ["", "samples", "count", "main.main", "main.total", "main.go"];
    let numbers = |fields: &[(u8, u8)]| -> Vec<u8> {
        let fields = fields.iter();
        fields
            .flat_map(|(number, value)| [number << 3, *value])
            .collect()
    };
    let function = |id, name, line| numbers(&[(1, id), (2, name), (3, name), (4, 5), (5, line)]);
    let location = |id, line| {
        let line = numbers(&[(1, id), (2, line)]);
        [numbers(&[(1, id)]), message(4, &line)].concat()
    };
    // 100 samples of total, called by main.
    let sample = numbers(&[(1, 2), (1, 1), (2, 100)]);
    let mut profile = message(1, &numbers(&[(1, 1), (2, 2)]));
    profile.extend(message(2, &sample));
    for (id, name, declared, called) in [(1, 3, 44, 46), (2, 4, 12, 14)] {
        profile.extend(message(4, &location(id, called)));
        profile.extend(message(5, &function(id, name, declared)));
    }
    for text in strings {
        profile.extend(message(6, text.as_bytes()));
    }
    profile
}

/// A field of a message that has a length.
fn message(number: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap();
    [&[(number << 3) | 2, length][..], content].concat()
}
