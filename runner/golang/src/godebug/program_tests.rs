//! Searches in real programs: they need go, and fail without.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

use super::{
    BisectReports, Effect, ReportedUse, SearchLimits, SearchProblem, SearchStep, StackSearch,
    UsePattern, UseSet,
};

fn module(go_line: &str, main: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let go_mod = format!("module a.test/program\n\ngo {go_line}\n");
    fs::write(folder.path().join("go.mod"), go_mod).unwrap();
    fs::write(folder.path().join("main.go"), main).unwrap();
    folder
}

/// Builds a module, and gives the program and what go prints.
fn build(folder: &Path, release: &str, flags: &[String]) -> (PathBuf, Output) {
    let program = folder.join("program");
    let output = Command::new("go")
        .arg("build")
        .args(flags)
        .args(["-o", "program", "."])
        .env("GOTOOLCHAIN", release)
        .env("GOENV", "off")
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    (program, output)
}

/// Searches with what a pattern gives: whether the effect was there, and the output that has the reports.
fn search(
    limits: SearchLimits,
    mut run: impl FnMut(&UsePattern) -> (bool, Vec<u8>),
) -> (Result<Vec<UseSet>, SearchProblem>, usize) {
    let mut search = StackSearch::new(limits);
    loop {
        match search.next_step() {
            SearchStep::Run(pattern) => {
                let (present, output) = run(&pattern);
                let effect = if present {
                    Effect::Present
                } else {
                    Effect::Absent
                };
                search.answer(pattern, effect, BisectReports::read(&output));
            }
            SearchStep::Found(sets) => return (Ok(sets), search.runs()),
            SearchStep::Failed(problem) => return (Err(problem), search.runs()),
        }
    }
}

/// The program's own functions in a stack, innermost first.
fn own(reported: &ReportedUse) -> Vec<&str> {
    let frames = reported.frames().map(|(function, _)| function);
    frames
        .filter(|function| function.starts_with("main."))
        .collect()
}

/// Two of five uses lead to what is printed: one by itself, and two of which one is enough for nothing.
const COLONS: &str = r#"package main

import (
	"fmt"
	"net/url"
)

func host(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	return u.Host
}

func ignored() { host("http://::1/a") }

func target() string { return host("http://::2/b") }

func left() string { return host("http://::3/c") }

func right() string { return host("http://::4/d") }

func main() {
	ignored()
	fmt.Println(target())
	both := left() != "" && right() != ""
	ignored()
	fmt.Println(both)
}
"#;

fn run(program: &Path, pattern: &UsePattern, setting: &str, value: &str) -> Output {
    Command::new(program)
        .env("GODEBUG", pattern.of_setting(setting, value))
        .output()
        .unwrap()
}

#[test]
fn the_use_that_matters_is_found_by_its_stack() {
    let folder = module("1.26", COLONS);
    let (program, _) = build(folder.path(), "go1.26.8", &[]);
    let find = |line: &str| {
        let (sets, runs) = search(SearchLimits::default(), |pattern| {
            let output = run(&program, pattern, "urlstrictcolons", "0");
            let printed = String::from_utf8(output.stdout).unwrap();
            (printed.lines().any(|seen| seen == line), output.stderr)
        });
        let sets = sets.unwrap();
        assert_eq!(sets.len(), 1);
        let mut stacks: Vec<Vec<String>> = sets[0]
            .uses
            .iter()
            .map(|reported| own(reported).iter().map(ToString::to_string).collect())
            .collect();
        stacks.sort();
        (stacks, runs)
    };
    let (stacks, runs) = find("::2");
    assert_eq!(stacks, [["main.host", "main.target", "main.main"]]);
    assert!(runs <= 10, "{runs} runs");
    let (stacks, _) = find("true");
    assert_eq!(
        stacks,
        [
            ["main.host", "main.left", "main.main"],
            ["main.host", "main.right", "main.main"],
        ]
    );
}

#[test]
fn the_runtime_takes_no_patterns() {
    let folder = module(
        "1.26",
        "package main\n\nfunc main() {\n\tdefer func() { print(recover() == nil) }()\n\tpanic(nil)\n}\n",
    );
    let (program, _) = build(folder.path(), "go1.26.8", &[]);
    let old = Command::new(&program)
        .env("GODEBUG", "panicnil=1")
        .output()
        .unwrap();
    assert_eq!(old.stderr, b"true");
    let (sets, _) = search(SearchLimits::default(), |pattern| {
        let output = run(&program, pattern, "panicnil", "1");
        (output.stderr.starts_with(b"true"), output.stderr)
    });
    assert_eq!(sets, Err(SearchProblem::NoDifference { present: false }));
}

/// The compiler takes the same patterns for loops; then each run is a build.
#[test]
fn the_loop_that_matters_is_found_by_its_place() {
    const LOOPS: &str = r#"package main

func first(list []int) int {
	var fs []func() int
	for _, x := range list {
		fs = append(fs, func() int { return x })
	}
	return fs[0]()
}

func count(list []int) int {
	var fs []func() int
	for i := range list {
		fs = append(fs, func() int { return i })
	}
	return len(fs)
}

func main() {
	print(first([]int{7, 8, 9}), count([]int{7}))
}
"#;
    for (release, line) in [
        ("go1.22.12", "1.21"),
        ("go1.26.8", "1.21"),
        ("go1.26.8", "1.26"),
    ] {
        let folder = module(line, LOOPS);
        let (sets, _) = search(SearchLimits::default(), |pattern| {
            let flags = [format!("-gcflags=-d=loopvarhash={pattern}")];
            let (program, built) = build(folder.path(), release, &flags);
            let output = Command::new(program).output().unwrap();
            (output.stderr == b"71", built.stderr)
        });
        let sets = sets.unwrap();
        assert_eq!(sets.len(), 1, "{release}, go {line}");
        let stack = &sets[0].uses[0].stack;
        assert!(
            stack[0].starts_with("./main.go:5:9: loop variable x"),
            "{stack:?}"
        );
    }
}
