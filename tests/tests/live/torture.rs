//! A program calls watched functions while all happens to it that makes the runtime look at stacks and stop threads wherever they
//! are (`go-fixtures/base/torture`), with fast returns and without. It must come to its end with right results and whole
//! tracebacks, and goproctor must have seen each call, its results and how it ended.
//!
//! `GOPROCTOR_TORTURE_SECONDS` is how long, and `GOPROCTOR_TORTURE_RELEASES` with which Go releases (`make torture`). A long run is
//! cut into rounds, each with a process of its own, so that the calls that are kept stay few.

use std::{
    collections::BTreeMap,
    env, fmt,
    fmt::Write as _,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use goproctor::session::{self, Cancel, Live, LiveOptions, Prepared, SessionError, SnapshotMode};
use goproctor_tests::{
    go::NEWEST,
    harness::{self, Test},
    live::{self, Tested},
};
use model::{Call, Observation, Outcome, Retention, notation};
use serde_json::Value as Json;
use spec::Spec;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("torture_is_survived_and_seen", releases),
    ("torture_of_frames_of_all_sizes", frames),
    ("torture_of_a_program_with_the_race_detector", race_detector),
    ("torture_of_a_position_independent_program", independent),
    ("torture_of_calls_back_from_c", calls_back),
    ("a_crash_below_watched_calls_has_its_whole_traceback", crash),
];

/// Of each series one release that is tested.
const RELEASES: [&str; 10] = [
    "go1.15.15",
    "go1.16.15",
    "go1.17.13",
    "go1.18.10",
    "go1.20.14",
    "go1.21.13",
    "go1.22.12",
    "go1.24.13",
    "go1.26.8",
    NEWEST,
];

const SECONDS: u64 = 5;
/// A variant of a program is tortured for no less.
const MIN_SECONDS: u64 = 2;
/// A round is no longer.
const MAX_ROUND: u64 = 20;
/// How many calls the program makes in a second, at most: so many that two processors can do all that there is to do.
const RATE: u32 = 15_000;
/// The same where nothing but arguments and results is read.
const FRAMES_RATE: u32 = 40_000;
/// The same where the race detector takes most of the time.
const SLOW_RATE: u32 = 6_000;
/// The same on an emulated machine.
const EMULATED_RATE: u32 = 500;
/// Room for all records of a round.
const RING_BYTES: u32 = 512 << 20;

/// What stands before the functions' names.
const PACKAGE: &str = "goproctor.test/base/torture/work.";

/// How many mistakes are told; the first ones say enough.
const TOLD: usize = 20;

/// What is tortured, and how.
#[derive(Clone, Copy)]
struct Torture<'a> {
    /// The program's folder.
    program: &'a str,
    /// Further arguments that it gets.
    args: &'a str,
    release: &'a str,
    /// What `[program]` says of the build.
    build: &'a str,
    /// Further functions that are watched.
    functions: &'a str,
    /// How many levels of pointers are followed.
    depth: u32,
    rate: u32,
    seconds: u64,
    fast: bool,
}

impl Torture<'_> {
    const fn of(release: &str) -> Torture<'_> {
        Torture {
            program: "base/torture",
            args: "",
            release,
            build: "",
            functions: "",
            depth: 1,
            rate: RATE,
            seconds: SECONDS,
            fast: true,
        }
    }
}

impl fmt::Display for Torture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let build = if self.build.is_empty() { "" } else { " with " };
        let returns = if self.fast { "fast" } else { "plain" };
        let (program, release) = (self.program, self.release);
        write!(
            f,
            "{program} {release}{build}{}, {returns} returns",
            self.build
        )
    }
}

fn releases() {
    let seconds = seconds();
    let asked = env::var("GOPROCTOR_TORTURE_RELEASES");
    let asked = asked.unwrap_or_else(|_| format!("{NEWEST} 1.16"));
    let asked: Vec<String> = asked.split_whitespace().map(release).collect();
    assert!(!asked.is_empty(), "GOPROCTOR_TORTURE_RELEASES");
    for release in &asked {
        both_ways(Torture {
            seconds,
            ..Torture::of(release)
        });
    }
}

/// Whatever other functions they leave through, their results must not be lost. Only what is done very often shows it.
fn frames() {
    survives(Torture {
        args: r#", "-frames""#,
        depth: 0,
        rate: FRAMES_RATE,
        seconds: part_of(seconds()),
        ..Torture::of(NEWEST)
    });
}

fn race_detector() {
    if lacks_c_compiler("a program with the race detector is") {
        return;
    }
    both_ways(Torture {
        build: "build = { race = true }",
        rate: SLOW_RATE,
        seconds: part_of(seconds()),
        ..Torture::of(NEWEST)
    });
}

fn independent() {
    both_ways(Torture {
        build: "build = { flags = [\"-buildmode=pie\"] }",
        seconds: part_of(seconds()),
        ..Torture::of(NEWEST)
    });
}

/// Functions of Go that C calls, on threads of Go and of its own.
fn calls_back() {
    if lacks_c_compiler("calls back from C are") {
        return;
    }
    both_ways(Torture {
        program: "cgo/torture",
        // Go crashes by itself (go-fixtures/cgo/torture/main.go).
        args: r#", "-traces=false""#,
        functions: r#"back = "main.calledBack"
falling = "main.calledFalling"
apart = "main.calledApart""#,
        seconds: part_of(seconds()),
        ..Torture::of(NEWEST)
    });
}

/// Whatever the kernel is, and however slow the machine.
pub(crate) fn on_this_kernel(release: &str) {
    let asked = env::var("GOPROCTOR_TORTURE_SECONDS").is_ok();
    both_ways(Torture {
        rate: EMULATED_RATE,
        seconds: if asked { seconds() } else { MIN_SECONDS },
        ..Torture::of(release)
    });
}

/// Says so if there is no C compiler.
fn lacks_c_compiler(what: &str) -> bool {
    let lacks = Command::new("cc").arg("--version").output().is_err();
    if lacks {
        println!("LEFT OUT: there is no C compiler (cc), so {what} not tortured");
    }
    lacks
}

fn seconds() -> u64 {
    env::var("GOPROCTOR_TORTURE_SECONDS").map_or(SECONDS, |seconds| {
        let seconds = seconds.parse().expect("GOPROCTOR_TORTURE_SECONDS");
        assert!(seconds > 0, "GOPROCTOR_TORTURE_SECONDS");
        seconds
    })
}

/// The release that a word such as `1.16`, `1.16.15` or `go1.16.15` means.
fn release(word: &str) -> String {
    let name = format!("go{}", word.trim_start_matches("go"));
    let series = format!("{name}.");
    let known = RELEASES.iter().find(|known| known.starts_with(&series));
    known.map_or(name, |known| (*known).to_owned())
}

/// What was freed too early is recognized.
///
/// Where a stack that moves keeps the old frame pointers in frames that a fault has ended (`adjustframe` of runtime/stack.go up to
/// Go 1.25.0), a program that recovers from faults crashes by itself as soon as the execution tracer follows them. There it unwinds
/// without frame pointers.
fn godebug(release: &str) -> &'static str {
    let series = ["go1.21.", "go1.22.", "go1.23.", "go1.24.", "go1.25."];
    if series.iter().any(|series| release.starts_with(series)) {
        "clobberfree=1,tracefpunwindoff=1"
    } else {
        "clobberfree=1"
    }
}

/// What a variant gets of a program's time.
fn part_of(seconds: u64) -> u64 {
    (seconds / 4).max(MIN_SECONDS)
}

/// With fast returns for the whole time, and for a part of it without.
fn both_ways(torture: Torture<'_>) {
    survives(torture);
    survives(Torture {
        fast: false,
        seconds: part_of(torture.seconds),
        ..torture
    });
}

fn survives(torture: Torture<'_>) {
    let begin = Instant::now();
    let folder = open_folder();
    let log = folder.path().join("account");
    let rounds = torture.seconds.div_ceil(MAX_ROUND);
    let spec = spec_of(torture, rounds, &log);
    let what = torture.to_string();
    rounds_of(torture, &spec, &mut |round, tested| {
        let text = fs::read_to_string(&log).unwrap_or_default();
        // What the next round says must be its own.
        let _ = fs::remove_file(&log);
        let verdicts = tested.verdicts();
        assert!(
            verdicts.iter().all(|verdict| verdict.ends_with(": passed")),
            "{what}: {}\n{text}",
            verdicts.join("\n").replace("\\n", "\n")
        );
        let account = Account::read(&text).unwrap_or_else(|why| panic!("{what}: {why}"));
        let observation = &tested.evidence().observation;
        assert_eq!(observation.loss.total(), 0, "{:?}", observation.loss);
        let mut comparison = Comparison::default();
        comparison.compare(&account, observation);
        println!(
            "{what}, round {round} of {rounds}: {comparison}; {}; {:.0?}",
            account.figures(),
            begin.elapsed()
        );
        let mistakes = comparison.mistakes;
        assert!(
            mistakes.is_empty(),
            "{what}: {} mistakes, among them:\n{}",
            mistakes.len(),
            mistakes[..mistakes.len().min(TOLD)].join("\n")
        );
    })
    .unwrap_or_else(|error| panic!("{what}: {}", live::reason(&error)));
}

/// As [`live::run`], and says how many returns are fast.
fn rounds_of(
    torture: Torture<'_>,
    spec: &Spec,
    look: &mut dyn FnMut(usize, &Tested),
) -> Result<(), SessionError> {
    let options = LiveOptions {
        ring_bytes: RING_BYTES,
        record: None,
    };
    let mut spec = spec.clone();
    spec.program.build_with(Some(torture.release));
    let (spec, cancel) = (&spec, Cancel::default());
    let mut progress = |_| {};
    let keep = Retention::Calls;
    let (prepared, wrong) = session::prepare_spec(spec, keep, &cancel, &mut progress)?;
    if let Some(errors) = wrong {
        return Err(SessionError::Spec(Box::new(errors)));
    }
    if torture.fast {
        println!("{torture}: {}", fast_returns(&prepared));
    }
    let identity = harness::identity();
    let mut live = Live::begin(prepared, identity, &cancel, &options, &mut progress)?;
    for (round, test) in (1..).zip(&spec.tests) {
        let work = session::work_of(spec, test, &live.prepared().watch, keep);
        let ran = live.run(&work)?;
        let report = session::judge(spec, test, ran, SnapshotMode::ReadOnly, Duration::ZERO)?;
        let tested = Tested {
            report,
            folder: String::new(),
            warnings: Vec::new(),
        };
        look(round, &tested);
    }
    let races = live.end()?;
    assert!(races.reports.is_empty(), "{races:?}");
    Ok(())
}

/// How many returns of the watched functions are fast, and why not the others. No probe may be in the middle of what is replaced.
fn fast_returns(prepared: &Prepared) -> String {
    for redirection in prepared.returns.redirections() {
        let patch = &redirection.patch;
        let end = patch.address.0 + patch.after.len() as u64;
        let mut sites = prepared.plan.sites.iter();
        let within = sites.find(|site| site.address > patch.address && site.address.0 < end);
        assert!(within.is_none(), "{within:?} is within {redirection:?}");
    }
    let mut kept: BTreeMap<String, usize> = BTreeMap::new();
    let mut fast = 0;
    for planned in prepared.returns.iter() {
        match &planned.way {
            Ok(_) => fast += 1,
            Err(why) => *kept.entry(why.to_string()).or_default() += 1,
        }
    }
    let all = fast + kept.values().sum::<usize>();
    // With few it would prove little.
    assert!(2 * fast > all, "{fast} of {all} returns are fast: {kept:?}");
    format!("{fast} of {all} returns are fast; not the others: {kept:?}")
}

/// A folder that the program may write to, whoever it runs as; its own is gone with it.
fn open_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    folder
}

fn spec_of(torture: Torture<'_>, rounds: u64, log: &Path) -> Spec {
    let Torture {
        args,
        build,
        functions,
        depth,
        rate,
        fast,
        ..
    } = torture;
    let seconds = torture.seconds.div_ceil(rounds);
    let log = log.display();
    let godebug = godebug(torture.release);
    let mut text = format!(
        r#"
[program]
package = "."
args = ["-for={seconds}s", "-rate={rate}", "-log={log}"{args}]
env = {{ GODEBUG = "{godebug}" }}
fast-returns = {fast}
{build}

[functions]
work = "{PACKAGE}*"
{functions}

[limits]
depth = {depth}
"#
    );
    for round in 1..=rounds {
        let within = 10 * seconds + 300;
        write!(
            text,
            "\n[[test]]\nname = \"round {round}\"\ncount = {{ work = {{ ge = 1 }} }}\nwithin = \"{within}s\"\n"
        )
        .unwrap();
    }
    parse(torture.program, text)
}

fn parse(program: &str, text: String) -> Spec {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../go-fixtures");
    let source = spec::Source::new(fixtures.join(program).join("torture.proctor.toml"), text);
    spec::parse(source).unwrap_or_else(|errors| panic!("{}", live::text(&errors)))
}

/// What the program says of itself.
struct Account {
    /// How many calls were entered and have returned, by function.
    calls: BTreeMap<String, (u64, u64)>,
    figures: BTreeMap<String, u64>,
}

impl Account {
    fn read(text: &str) -> Result<Self, String> {
        let mut account = Self {
            calls: BTreeMap::new(),
            figures: BTreeMap::new(),
        };
        for line in text.lines() {
            match line.split(' ').collect::<Vec<_>>()[..] {
                [name, "entered", entered, "returned", returned] => {
                    let count =
                        |text: &str| text.parse().map_err(|error| format!("{error}: {line}"));
                    let name = match name.strip_prefix("main.") {
                        Some(_) => name.to_owned(),
                        None => format!("{PACKAGE}{name}"),
                    };
                    account
                        .calls
                        .insert(name, (count(entered)?, count(returned)?));
                }
                [figure, count] => {
                    let count = count
                        .parse()
                        .map_err(|_| format!("what is this?\n{text}"))?;
                    account.figures.insert(figure.to_owned(), count);
                    if figure == "wrong" {
                        break;
                    }
                }
                _ => return Err(format!("what is this?\n{text}")),
            }
        }
        if account.figure("wrong") != Some(0) {
            return Err(format!("the program has found mistakes:\n{text}"));
        }
        for figure in ["tracebacks", "signals", "collections", "stops"] {
            if account.figure(figure) < Some(1) {
                return Err(format!("no {figure}:\n{text}"));
            }
        }
        // A short one may have met none.
        if account.figure("profiles") >= Some(5) && account.figure("samples") < Some(1) {
            return Err(format!("all profiles are empty:\n{text}"));
        }
        Ok(account)
    }

    fn figure(&self, name: &str) -> Option<u64> {
        self.figures.get(name).copied()
    }

    fn figures(&self) -> String {
        let figures = self.figures.iter();
        let figures: Vec<_> = figures
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        figures.join(", ")
    }
}

/// What was seen, beside what the program says.
#[derive(Default)]
struct Comparison {
    calls: u64,
    outcomes: BTreeMap<&'static str, u64>,
    /// Calls whose results were compared with their arguments.
    results: u64,
    mistakes: Vec<String>,
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcomes = self.outcomes.iter();
        let outcomes: Vec<_> = outcomes
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        let (calls, results) = (self.calls, self.results);
        write!(
            f,
            "{calls} calls ({}), {results} with their results",
            outcomes.join(", ")
        )
    }
}

impl Comparison {
    fn compare(&mut self, account: &Account, seen: &Observation) {
        let mut by_function: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
        for call in &seen.calls {
            let name = seen.function(call.function).unwrap().name.as_str();
            let (entered, returned, left) = by_function.entry(name).or_default();
            *entered += 1;
            self.calls += 1;
            let outcome = match call.outcome {
                Outcome::Returned => "returned",
                Outcome::Recovered => "recovered",
                Outcome::Panicked => "panicked",
                Outcome::Goexit => "goexit",
                Outcome::Running | Outcome::Unwound | Outcome::ProcessEnded => {
                    let mistake = format!("{name} seen as {:?}: {call:?}", call.outcome);
                    self.mistakes.push(mistake);
                    continue;
                }
            };
            *self.outcomes.entry(outcome).or_default() += 1;
            if call.outcome.has_results() {
                *returned += 1;
                self.compare_results(name, call, seen);
            } else {
                *left += 1;
                let quits = name.strip_prefix(PACKAGE) == Some("Quit");
                if quits != (call.outcome == Outcome::Goexit) {
                    self.mistakes
                        .push(format!("{name} seen as {outcome}: {call:?}"));
                }
            }
        }
        for (name, (entered, returned)) in &account.calls {
            let seen = by_function.remove(name.as_str()).unwrap_or_default();
            let left = entered - returned;
            if seen != (*entered, *returned, left) {
                self.mistakes.push(format!(
                    "{name}: entered {entered}, returned {returned}, left otherwise {left}; seen {seen:?}"
                ));
            }
        }
        for (name, seen) in by_function {
            self.mistakes
                .push(format!("{name} is nowhere in the account; seen {seen:?}"));
        }
    }

    fn compare_results(&mut self, name: &str, call: &Call, seen: &Observation) {
        if call.results.is_empty() {
            return;
        }
        let json = |values: &[model::Value]| -> Vec<Json> {
            values
                .iter()
                .map(|value| notation::json(value, &seen.types))
                .collect()
        };
        let (arguments, results) = (json(&call.arguments), json(&call.results));
        let recovered = call.outcome == Outcome::Recovered;
        let plain = name.strip_prefix(PACKAGE).unwrap_or(name);
        match are_right(plain, &arguments, &results, recovered) {
            None => {}
            Some(true) => self.results += 1,
            Some(false) => {
                let (arguments, results) = (Json::from(arguments), Json::from(results));
                self.mistakes.push(format!("{name}{arguments} = {results}"));
            }
        }
    }
}

/// Whether a call's results follow from its arguments; none where nothing follows.
fn are_right(
    function: &str,
    arguments: &[Json],
    results: &[Json],
    recovered: bool,
) -> Option<bool> {
    let int = |index: usize| {
        arguments
            .get(index)
            .and_then(Json::as_i64)
            .unwrap_or(i64::MIN / 100)
    };
    let is =
        |index: usize, expected: i64| results.get(index).and_then(Json::as_i64) == Some(expected);
    let text = |index: usize, expected: String| {
        results.get(index).and_then(Json::as_str) == Some(&expected)
    };
    let cell = |index: usize, n: i64| is_cell(results.get(index), n);
    let mix = |n: i64| n * 31 + 7;
    let sum = |length: i64, n: i64| length * n + length * (length - 1) / 2;
    let n = int(0);
    Some(match function {
        "Scalar" => is(0, mix(n) ^ mix(int(1))),
        "Leaf" => is(0, n ^ int(1) << 3),
        "Spin" => is(0, n / 4 * 6 + [0, 1, 3, 6][(n % 4) as usize]),
        "Nosplit" => is(0, 2 * n) && cell(1, n),
        "Text" => text(0, format!("text-{n}")),
        "Many" => {
            let list = results.get(7).and_then(|list| list.get(0));
            cell(0, n)
                && results.get(1) == Some(&Json::from(vec![n, n + 1, n + 2]))
                && text(5, n.to_string())
                && cell(6, n + 4)
                && list.is_some_and(|cell| !cell.is_null())
        }
        "Wide" => (0..12).all(|index| cell(index as usize, n + index)),
        "Struct" => cell(1, int(1)),
        "Large" => is(0, sum(50, n)) && cell(1, n),
        "Huge" => is(0, sum(700, n)) && cell(1, n),
        "Several" => match n % 7 {
            0 => is(0, n) && text(1, "zero".to_owned()) && results[2].is_null(),
            1 => is(0, -n) && !results[2].is_null() || is(0, mix(n)) && text(1, n.to_string()),
            2 => is(0, 2 * n) && text(1, "two".to_owned()) && !results[2].is_null(),
            4 | 5 => is(0, mix(n)) && text(1, n.to_string()),
            6 => is(0, 0) && text(1, "late".to_owned()),
            _ => return None,
        },
        "(*Box).Add" => is(0, int(1)) && cell(1, int(1)),
        "Box.Get" => is(1, 2 * int(1)) && cell(0, int(1)),
        "Deferred" if n % 5 == 0 => is(0, mix(n) + 1) && cell(1, n + 1),
        "Deferred" => is(0, n + 1) && cell(1, n + 1),
        "Looping" => is(0, sum(n % 5, 0)) && cell(1, n),
        "Guard" if recovered => is(0, -int(1)) && cell(1, int(1) + 1),
        "Guard" => is(0, int(1) + 1) && cell(1, int(1)),
        "Nested" => recovered && is(0, int(1)) && cell(1, int(1)),
        "Descend" | "Plunge" => is(0, n) && cell(1, int(2)),
        "Traced" => cell(0, n),
        "Finalized" => is(0, mix(n)) && cell(1, n),
        frame if frame.starts_with("Frame") => {
            let block = &results[0];
            let numbers: Json = (n..n + 6).collect();
            block["Text"].as_str() == Some(n.to_string().as_str()) && block["Numbers"] == numbers
        }
        "Ticked" => text(0, n.to_string()) && cell(1, n),
        _ => return None,
    })
}

/// Whether a pointer leads to the cell of a number.
fn is_cell(value: Option<&Json>, n: i64) -> bool {
    let Some(cell) = value.and_then(|value| value.get("pointer")) else {
        return false;
    };
    let text = n.to_string();
    cell["N"] == n && cell["Text"] == text.as_str() && cell["Tail"] == !n.cast_unsigned()
}

/// How many calls of each function are open when the program crashes, and how many goroutines wait in so many.
const CRASHES: usize = 30;
const PARKED: usize = 12;
const WAITING: usize = 4;

fn crash() {
    for (release, fast) in [("go1.16.15", true), (NEWEST, true), (NEWEST, false)] {
        let traceback = crashes(release, fast);
        whole(&traceback, &format!("{release}, fast returns {fast}"));
    }
}

fn crashes(release: &str, fast: bool) -> String {
    let folder = open_folder();
    let log = folder.path().join("traceback");
    let text = format!(
        r#"
[program]
package = "."
args = ["-mode=crash", "-log={}"]
fast-returns = {fast}

[functions]
work = "{PACKAGE}*"
crash = "{PACKAGE}Crash"
parked = "{PACKAGE}Parked"

[[test]]
name = "it crashes"
count = {{ crash = {CRASHES}, parked = {} }}

[test.calls.crash]
outcome = "panicked"

[test.calls.parked]
outcome = "process-ended"
"#,
        log.display(),
        PARKED * WAITING
    );
    let spec = parse("base/torture", text);
    live::run(&spec, release, live::RING_BYTES, &mut |tested| {
        let verdicts = tested.verdicts();
        let all_passed = verdicts.iter().all(|verdict| verdict.ends_with(": passed"));
        assert!(all_passed, "{release}, {fast}: {verdicts:?}");
    })
    .unwrap_or_else(|error| panic!("{release}, {fast}: {}", live::reason(&error)));
    fs::read_to_string(log).unwrap()
}

/// A traceback has all frames, one below the other, and nothing that the runtime complains about.
fn whole(traceback: &str, what: &str) {
    assert!(
        traceback.starts_with("panic: fallen\n"),
        "{what}: {traceback}"
    );
    for sign in [
        "runtime: ",
        "unexpected",
        "unknown",
        "invalid",
        "fatal",
        "did not unwind",
    ] {
        assert!(!traceback.contains(sign), "{what}: {sign} in {traceback}");
    }
    // The depth is the first argument.
    let frames = |stack: &str, function: &str| -> Vec<usize> {
        let begin = format!("{PACKAGE}{function}(0x");
        let frames = stack.lines().filter_map(|line| line.strip_prefix(&begin));
        frames
            .map(|rest| {
                let digits = rest.split(|c: char| !c.is_ascii_hexdigit()).next();
                usize::from_str_radix(digits.unwrap(), 16).unwrap()
            })
            .collect()
    };
    let (mut crashed, mut waiting) = (0, 0);
    for stack in traceback
        .split("\n\n")
        .filter(|text| text.starts_with("goroutine "))
    {
        let ends = stack
            .lines()
            .any(|line| line.starts_with("runtime.goexit("));
        assert!(ends, "{what}: {stack}");
        let crash = frames(stack, "Crash");
        if !crash.is_empty() {
            crashed += 1;
            assert_eq!(crash, (1..=CRASHES).collect::<Vec<_>>(), "{what}: {stack}");
            assert!(stack.contains("\nmain.crash("), "{what}: {stack}");
        }
        let parked = frames(stack, "Parked");
        if !parked.is_empty() {
            waiting += 1;
            assert_eq!(parked, (1..=PARKED).collect::<Vec<_>>(), "{what}: {stack}");
        }
    }
    assert_eq!((crashed, waiting), (1, WAITING), "{what}: {traceback}");
}
