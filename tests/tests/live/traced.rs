//! `goproctor trace` with conditions, and of calls as they begin and end, against the program's own account.

use std::{collections::BTreeMap, fs, path::Path, process::Output};

use goproctor_tests::{command::goproctor, harness::Test};
use serde_json::Value as Json;
use tempfile::TempDir;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("trace_shows_the_calls_that_are_meant", meant),
    ("trace_shows_calls_as_they_begin_and_end", flow),
    ("trace_works_calls_out", worked_out),
];

/// Workers that call themselves, and write down what they do.
const PROGRAM: &str = r#"package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

type account struct {
	sync.Mutex
	lines []string
}

func (a *account) add(format string, values ...interface{}) {
	a.Lock()
	defer a.Unlock()
	a.lines = append(a.lines, fmt.Sprintf(format, values...))
}

var own account

func work(worker, n int, name string) int {
	own.add("-> %d %d %s", worker, n, name)
	if n > 0 {
		work(worker, n-1, name)
		other(worker)
		work(worker, n-2, "v"+name)
	}
	own.add("<- %d", worker*1000+n)
	return worker*1000 + n
}

func other(worker int) { own.add("other %d", worker) }

func main() {
	var all sync.WaitGroup
	for worker := 1; worker <= 4; worker++ {
		all.Add(1)
		go func(worker int) {
			defer all.Done()
			work(worker, 9, "w")
		}(worker)
	}
	all.Wait()
	os.WriteFile(os.Args[1], []byte(strings.Join(own.lines, "\n")), 0o644)
}
"#;

/// What a trace wrote, and what the program says that it did.
fn trace(release: &str, arguments: &[&str]) -> (Output, Vec<String>) {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    fs::write(path.join("go.mod"), "module traced.test\n\ngo 1.16\n").unwrap();
    fs::write(path.join("main.go"), PROGRAM).unwrap();
    let account = path.join("account");
    let output = goproctor()
        .args(["trace", ".", "--user", "root", "--go", release])
        .args(arguments)
        .args([Path::new("--"), &account])
        .current_dir(path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let account = fs::read_to_string(account).unwrap();
    (output, account.lines().map(str::to_owned).collect())
}

const RELEASES: [&str; 2] = ["go1.16.15", goproctor_tests::go::NEWEST];

/// Worker, n and name of each call of `work`, as the program wrote them down.
fn entries(account: &[String]) -> Vec<(i64, i64, String)> {
    let entries = account.iter().filter_map(|line| line.strip_prefix("-> "));
    let entries = entries.map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |index: usize| words[index].parse().unwrap();
        (number(0), number(1), words[2].to_owned())
    });
    entries.collect()
}

fn json(output: &Output) -> Vec<Json> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn meant() {
    for release in RELEASES {
        let condition = "n >= 4 && name ~ \"^v\" || worker == 2 && !(n != 0)";
        let arguments = [
            "--json",
            "-f",
            "main.work",
            "-f",
            "main.other",
            "--where",
            condition,
        ];
        let (output, account) = trace(release, &arguments);
        let mut wanted: Vec<(i64, i64, String)> = entries(&account)
            .into_iter()
            .filter(|(worker, n, name)| *n >= 4 && name.starts_with('v') || *worker == 2 && *n == 0)
            .collect();
        let lines = json(&output).into_iter();
        let calls = lines.filter(|line| line["event"] == "call");
        let mut seen: Vec<(i64, i64, String)> = calls
            .map(|call| {
                assert_eq!(call["function"], "main.work", "`other` has no n");
                let argument = |index: usize| &call["arguments"][index]["value"];
                let number = |index: usize| argument(index).as_i64().unwrap();
                (
                    number(0),
                    number(1),
                    argument(2).as_str().unwrap().to_owned(),
                )
            })
            .collect();
        assert!(wanted.len() > 100, "{}", wanted.len());
        wanted.sort();
        seen.sort();
        assert_eq!(seen, wanted, "{release}");
    }
}

fn flow() {
    for release in RELEASES {
        let (output, account) = trace(release, &["--flow", "-f", "main.work"]);
        let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in account.iter().filter(|line| !line.starts_with("other")) {
            let (arrow, rest) = line.split_at(3);
            let (worker, step) = match arrow {
                "-> " => {
                    let words: Vec<&str> = rest.split(' ').collect();
                    let step = format!("-> work({}, {}, {:?})", words[0], words[1], words[2]);
                    (words[0].to_owned(), step)
                }
                _ => {
                    // The smallest n is -1.
                    let result: i64 = rest.parse().unwrap();
                    let worker = (result + 1) / 1000;
                    (worker.to_string(), format!("<- work → {rest}"))
                }
            };
            wanted.entry(worker).or_default().push(step);
        }
        let text = String::from_utf8(output.stdout).unwrap();
        let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut depths: BTreeMap<String, usize> = BTreeMap::new();
        for line in text.lines() {
            let goroutine = line.split_whitespace().nth(1).unwrap().to_owned();
            let arrow = line.find("->").or_else(|| line.find("<-")).unwrap();
            let step = line[arrow..].split("  ").next().unwrap().to_owned();
            let depth = depths.entry(goroutine.clone()).or_default();
            *depth -= usize::from(step.starts_with("<-"));
            assert_eq!(arrow, 20 + 2 * *depth, "{line}");
            *depth += usize::from(step.starts_with("->"));
            seen.entry(goroutine).or_default().push(step);
        }
        let mut wanted: Vec<Vec<String>> = wanted.into_values().collect();
        let mut seen: Vec<Vec<String>> = seen.into_values().collect();
        wanted.sort();
        seen.sort();
        assert_eq!(seen.len(), 4, "{release}");
        assert!(seen == wanted, "{release}: {seen:#?}\nwanted: {wanted:#?}");
    }
}

/// The groups of an aggregate, each by what it is of, and its last line.
fn groups(output: &Output, key: &str) -> (BTreeMap<String, Json>, Json) {
    let mut lines = json(output);
    let end = lines.pop().unwrap();
    let groups = lines.into_iter().map(|line| {
        let key = line["by"][key].as_str().unwrap_or_default().to_owned();
        (key, line)
    });
    (groups.collect(), end)
}

fn worked_out() {
    for release in RELEASES {
        let of = |question: &[&str]| {
            let functions = ["--json", "-f", "main.work", "-f", "main.other"];
            trace(release, &[&functions, question].concat())
        };
        let (output, account) = of(&["--sum", "n by name"]);
        let (seen, end) = groups(&output, "name");
        let mut wanted: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for (_, n, name) in entries(&account) {
            let group = wanted.entry(format!("{name:?}")).or_default();
            *group = (group.0 + 1, group.1 + n);
        }
        let seen: BTreeMap<String, (i64, i64)> = seen
            .into_iter()
            .map(|(name, line)| {
                let number = |what: &str| line[what].as_i64().unwrap();
                (name, (number("calls"), number("sum")))
            })
            .collect();
        assert_eq!(seen, wanted, "{release}");
        let others = account.iter().filter(|line| line.starts_with("other"));
        assert_eq!(end["without"], others.count(), "`other` has no n");

        let (output, account) = of(&["--hist", "returns.0 step 500", "--where", "n >= 2"]);
        let (seen, _) = groups(&output, "");
        let mut wanted: BTreeMap<i64, i64> = BTreeMap::new();
        for (worker, n, _) in entries(&account) {
            if n >= 2 {
                *wanted.entry((worker * 1000 + n) / 500 * 500).or_default() += 1;
            }
        }
        let buckets = seen[""]["buckets"].as_array().unwrap().iter();
        let number = |bucket: &Json, what: &str| bucket[what].as_i64().unwrap();
        let seen: BTreeMap<i64, i64> = buckets
            .map(|bucket| (number(bucket, "from"), number(bucket, "calls")))
            .collect();
        assert_eq!(seen, wanted, "{release}");

        let (output, account) = of(&["--count", "by function, outcome"]);
        let (seen, _) = groups(&output, "function");
        assert_eq!(seen["work"]["calls"], entries(&account).len(), "{release}");
        assert_eq!(seen["work"]["by"]["outcome"], "returned");
    }
}
