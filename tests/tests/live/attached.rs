//! A process that somebody else started is watched, tells where its goroutines came from, and goes on.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdout, Command, Stdio},
};

use goproctor_tests::{
    command::goproctor,
    go::{self, NEWEST},
    harness::Test,
};
use serde_json::Value as Json;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("a_running_process_is_watched_and_goes_on_of_go1.18", || {
        // The runtime does not keep a goroutine's parent yet.
        watched("go1.18.10", false);
    }),
    ("a_running_process_is_watched_and_goes_on_of_go1.22", || {
        watched("go1.22.12", true);
    }),
    (
        "a_running_process_is_watched_and_goes_on_of_the_newest",
        || {
            watched(NEWEST, true);
        },
    ),
    ("a_process_that_does_not_run_is_refused", refused),
    (
        "what_a_process_does_once_it_is_said_to_be_watched_is_seen",
        seen_from_the_word_on,
    ),
    (
        "what_must_not_be_seen_of_a_running_process_is_overwritten",
        redacted,
    ),
];

/// A goroutine by the program's own account: who began it, and with which function.
type Account = BTreeMap<u64, (u64, String)>;

/// The fixture while it runs. It is killed if the test fails.
struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
    account: Account,
}

impl Running {
    fn start(binary: &std::path::Path) -> Self {
        let mut child = Command::new(binary)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut account = Account::new();
        loop {
            let mut line = String::new();
            assert_ne!(lines.read_line(&mut line).unwrap(), 0, "it ended");
            let fields: Vec<_> = line.split_ascii_whitespace().collect();
            match fields[..] {
                ["ready"] => break,
                [goid, parent, function] => {
                    let parent = parent.parse().unwrap();
                    account.insert(goid.parse().unwrap(), (parent, function.to_owned()));
                }
                _ => panic!("{line}"),
            }
        }
        assert_eq!(account.len(), 6);
        Self {
            child,
            lines,
            account,
        }
    }

    /// Whether it still does what it is asked.
    fn answers(&mut self) -> bool {
        let mut line = String::new();
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "still there").unwrap();
        self.lines.read_line(&mut line).unwrap();
        line == "still there\n"
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn watched(release: &str, keeps_parents: bool) {
    let folder = tempfile::tempdir().unwrap();
    let binary = go::build_fixture("base", "older", release, folder.path());
    let mut program = Running::start(&binary);
    // Another process of the same program hits the same probes.
    let mut other = Running::start(&binary);
    let output = goproctor()
        .args(["trace", "--pid", &program.child.id().to_string()])
        .args(["-f", "main.tick", "--for", "400ms", "--format", "json"])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");

    let lines = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Json> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |event: &str| {
        let event = event.to_owned();
        lines.iter().filter(move |line| line["event"] == event)
    };
    let mut calling = BTreeSet::new();
    let mut returned = 0;
    for call in of("call") {
        assert_eq!(call["process"], program.child.id(), "another's call");
        let goroutine = call["goroutine"].as_u64().unwrap();
        assert_eq!(call["arguments"][0]["value"], goroutine, "{call}");
        // One may be under way at the moment in which it is told what was seen so far.
        if call["outcome"] != "running" {
            assert_eq!(call["outcome"], "returned", "{call}");
            assert_eq!(call["results"][0]["value"], goroutine + 1, "{call}");
            returned += 1;
        }
        calling.insert(goroutine);
    }
    assert!(returned * 2 > of("call").count(), "most have returned");
    assert!(calling.iter().eq(program.account.keys()), "{calling:?}");
    for goroutine in of("goroutine") {
        let id = goroutine["goroutine"].as_u64().unwrap();
        let Some((parent, function)) = program.account.get(&id) else {
            // One that began others, and made no call itself.
            continue;
        };
        assert_eq!(goroutine["function"], function.as_str());
        let expected = if keeps_parents {
            Json::from(*parent)
        } else {
            Json::Null
        };
        assert_eq!(goroutine["creator"], expected, "{goroutine}");
    }
    assert!(program.answers() && other.answers(), "they go on");
}

fn seen_from_the_word_on() {
    const CALLS: usize = 50;
    let folder = tempfile::tempdir().unwrap();
    let binary = go::build_fixture("base", "older", NEWEST, folder.path());
    let mut program = Running::start(&binary);
    let mut trace = goproctor()
        .args(["trace", "--pid", &program.child.id().to_string()])
        .args(["-f", "main.answer", "--for", "3s", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut word = String::new();
    let mut errors = BufReader::new(trace.stderr.take().unwrap());
    errors.read_line(&mut word).unwrap();
    for _ in 0..CALLS {
        assert!(program.answers());
    }
    assert!(word.contains("watching process"), "{word}");
    let output = trace.wait_with_output().unwrap();
    assert!(output.status.success());
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let calls =
        lines.filter(|line: &Json| line["event"] == "call" && line["outcome"] == "returned");
    assert_eq!(calls.count(), CALLS);
}

fn refused() {
    let output = goproctor()
        .args(["trace", "--pid", "4194305", "-f", "main.*"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("there is no process 4194305;"), "{errors}");
}

/// The command line's redactions hold for a process that somebody else started, too.
fn redacted() {
    let folder = tempfile::tempdir().unwrap();
    let binary = go::build_fixture("base", "older", NEWEST, folder.path());
    let mut program = Running::start(&binary);
    let mut trace = goproctor()
        .args(["trace", "--pid", &program.child.id().to_string()])
        .args(["-f", "main.answer", "--redact-text", "there"])
        .args(["--for", "2s", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut word = String::new();
    let mut errors = BufReader::new(trace.stderr.take().unwrap());
    errors.read_line(&mut word).unwrap();
    assert!(program.answers(), "{word}");
    let output = trace.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{word}{text}");
    assert!(text.contains("still *****"), "{text}");
    assert!(!text.contains("there"), "{text}");
}
