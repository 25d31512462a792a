//! A program makes calls that end in every way there is, and writes down how each of them did; goproctor must have seen the
//! same, call for call.

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use golang::names;
use goproctor_tests::{command, go::NEWEST, harness::Test, live};
use model::{Call, Content, Goid, Observation, Outcome, notation};
use serde_json::Value as Json;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("outcomes_agree_of_go1.16", || agree("go1.16.15")),
    ("outcomes_agree_of_go1.17", || agree("go1.17.13")),
    ("outcomes_agree_of_go1.18", || agree("go1.18.10")),
    ("outcomes_agree_of_go1.20", || agree("go1.20.14")),
    ("outcomes_agree_of_go1.22", || agree("go1.22.12")),
    ("outcomes_agree_of_go1.24", || agree("go1.24.13")),
    ("outcomes_agree_of_go1.26", || agree("go1.26.8")),
    ("outcomes_agree_of_the_newest", || agree(NEWEST)),
    ("generic_outcomes_agree_of_go1.18", || {
        agree_alone("generics/outcomes", "go1.18.10", 126)
    }),
    ("generic_outcomes_agree_of_go1.22", || {
        agree_alone("generics/outcomes", "go1.22.12", 126)
    }),
    ("generic_outcomes_agree_of_the_newest", || {
        agree_alone("generics/outcomes", NEWEST, 126)
    }),
    ("modern_outcomes_agree_of_go1.26", || {
        agree_alone("modern/outcomes", "go1.26.8", 116)
    }),
    ("modern_outcomes_agree_of_the_newest", || {
        agree_alone("modern/outcomes", NEWEST, 116)
    }),
];

/// The program whose calls end in every way.
const BASE: &str = "base/outcomes";

/// The ways in which the process ends while calls are open: the program's `-end`.
const ENDS: [&str; 21] = [
    "abort",
    "exit",
    "exit-in-defer",
    "exit-in-goexit",
    "exit-in-panic",
    "exit-in-recovery",
    "exit-of-goroutine",
    "fatal",
    "fatal-error",
    "goexit-of-main",
    "kill",
    "nil-pointer",
    "panic",
    "panic-after",
    "panic-again",
    "panic-elsewhere",
    "panic-in-goexit",
    "panic-in-panic",
    "return",
    "stack-overflow",
    "terminate",
];

/// What the server is asked for; the last request writes the account.
const REQUESTS: [&str; 7] = [
    "/returned",
    "/recovered",
    "/panicked",
    "/aborted",
    "/goexit",
    "/blocked",
    "/account",
];

/// How many differences are told; the first ones say enough.
const TOLD: usize = 20;
/// So many cases are at least in the account of the program that ends by itself.
const CASES: usize = 60;

fn agree(release: &str) {
    let mut tally = Tally::default();
    watch_itself(BASE, release, &mut tally);
    let cases = tally.cases.len();
    watch_ends(release, &mut tally);
    watch_server(release, &mut tally);
    println!("{release}: {cases} cases, {} ends, {tally}", ENDS.len());
    tally.assert_equal(release);
    assert!(cases >= CASES, "{release}: {cases} cases");
    let kinds: Vec<&str> = tally.outcomes.keys().map(String::as_str).collect();
    let all = [
        "goexit",
        "panicked",
        "process_ended",
        "recovered",
        "returned",
        "running",
    ];
    assert_eq!(kinds, all);
}

/// The cases alone, without the ends of the process and the server.
pub(crate) fn cases_agree(release: &str) {
    let mut tally = Tally::default();
    watch_itself(BASE, release, &mut tally);
    println!("{release}: {} cases, {tally}", tally.cases.len());
    tally.assert_equal(release);
    assert!(tally.cases.len() >= CASES);
}

/// A program that does nothing but play its cases, each as often as it does.
fn agree_alone(folder: &str, release: &str, scenes: usize) {
    let mut tally = Tally::default();
    watch_itself(folder, release, &mut tally);
    println!("{folder}, {release}: {scenes} scenes, {tally}");
    tally.assert_equal(release);
    assert_eq!(tally.goroutines.len(), scenes);
}

/// The program plays all cases and ends by itself.
fn watch_itself(folder: &str, release: &str, tally: &mut Tally) {
    let spec = spec(
        folder,
        r#"["-log=${dir}/account.jsonl"]"#,
        "restart = false",
        r#"
[[test]]
name = "all cases"
count = { work = { ge = 1 } }
within = "120s"
"#,
    );
    run(&spec, release, &mut |tested| {
        assert_eq!(tested.verdicts()[0], "all cases: passed");
        tally.compare(&Path::new(&tested.folder).join("account.jsonl"), tested);
    });
}

/// The program ends in the midst of calls, in a process for each way to do so.
fn watch_ends(release: &str, tally: &mut Tally) {
    let folder = tempfile::tempdir().unwrap();
    // The program runs as somebody else.
    let all = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(folder.path(), all).unwrap();
    let account = folder.path().join("account.jsonl");
    let next = folder.path().join("next");
    let tests: String = ENDS
        .iter()
        .map(|end| format!("[[test]]\nname = \"{end}\"\ncount = {{ work = {{ ge = 1 }} }}\n"))
        .collect();
    let (log, end) = (account.display(), next.display());
    let arguments = format!(r#"["-log={log}", "-end=@{end}"]"#);
    let spec = spec(BASE, &arguments, "", &tests);
    let mut ends = ENDS.iter().skip(1);
    std::fs::write(&next, ENDS[0]).unwrap();
    run(&spec, release, &mut |tested| {
        tally.compare(&account, tested);
        std::fs::remove_file(&account).unwrap();
        std::fs::write(&next, ends.next().unwrap_or(&"")).unwrap();
    });
}

/// The program serves, and calls of its handlers run when the test ends.
fn watch_server(release: &str, tally: &mut Tally) {
    let requests: String = REQUESTS
        .iter()
        .map(|path| {
            format!(
                "[[test.request]]\nget = \"{path}\"\ntimeout = \"3s\"\nstatus = {{ any = true }}\n"
            )
        })
        .collect();
    let test = format!("[[test]]\nname = \"handlers\"\nsettle = \"100ms\"\n{requests}");
    let spec = spec(
        BASE,
        r#"["-log=${dir}/account.jsonl", "-listen=127.0.0.1:${port}"]"#,
        "restart = false\nready = { get = \"/healthz\" }",
        &test,
    );
    run(&spec, release, &mut |tested| {
        tally.compare(&Path::new(&tested.folder).join("account.jsonl"), tested);
        let observation = &tested.evidence().observation;
        let open = observation.scopes.iter();
        let open: Vec<_> = open.filter(|scope| scope.left.is_none()).collect();
        if !open.is_empty() {
            let difference = format!("requests that were not left: {open:?}");
            tally.differences.push(difference);
        }
        let goroutines = observation.goroutines.iter();
        let running = goroutines.filter(|it| it.scope.is_some() && it.ended.is_none());
        assert_eq!(running.count(), 1, "the one that is blocked");
    });
}

/// A spec that watches all of package `work`. The journal is not looked into.
fn spec(folder: &str, arguments: &str, program: &str, tests: &str) -> spec::Spec {
    let text = format!(
        r#"
[program]
package = "."
args = {arguments}
{program}

[functions]
work = "goproctor.test/{folder}/work.*"

[limits]
depth = 0

{tests}
"#
    );
    let folder = command::repository().join("go-fixtures").join(folder);
    let source = spec::Source::new(folder.join("outcomes.proctor.toml"), text);
    spec::parse(source).unwrap_or_else(|errors| panic!("{}", live::text(&errors)))
}

fn run(spec: &spec::Spec, release: &str, look: &mut dyn FnMut(&live::Tested)) {
    live::run(spec, release, 64 << 20, look)
        .unwrap_or_else(|error| panic!("{release}: {}", live::reason(&error)));
}

/// One call as the program tells it.
#[derive(Debug)]
struct Told {
    case: String,
    goroutine: u64,
    function: String,
    id: i64,
    outcome: String,
    result: Option<i64>,
}

impl Told {
    fn parse(line: &str) -> Self {
        let record: Json = serde_json::from_str(line).unwrap();
        let text = |key: &str| record[key].as_str().unwrap().to_owned();
        Self {
            case: text("case"),
            goroutine: record["goroutine"].as_u64().unwrap(),
            function: text("function"),
            id: record["id"].as_i64().unwrap(),
            outcome: text("outcome"),
            result: record["result"].as_i64(),
        }
    }
}

/// What was compared.
#[derive(Debug, Default)]
struct Tally {
    calls: usize,
    /// Calls of functions without an id and of literals, which the account does not tell.
    others: usize,
    cases: BTreeSet<String>,
    /// The goroutines that made the calls.
    goroutines: BTreeSet<Goid>,
    outcomes: BTreeMap<String, usize>,
    differences: Vec<String>,
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            calls,
            others,
            outcomes,
            ..
        } = self;
        write!(f, "{calls} calls {outcomes:?}, {others} others")
    }
}

impl Tally {
    fn assert_equal(&self, release: &str) {
        let first = &self.differences[..self.differences.len().min(TOLD)];
        assert!(
            self.differences.is_empty(),
            "{release}: {} differences, among them:\n{}",
            self.differences.len(),
            first.join("\n")
        );
    }

    /// Compares all calls of a test with the account that the program wrote.
    fn compare(&mut self, path: &Path, tested: &live::Tested) {
        let test = &tested.report.name;
        let observation = &tested.evidence().observation;
        assert_eq!(observation.loss.total(), 0, "{:?}", observation.loss);
        let text = std::fs::read_to_string(path)
            .unwrap_or_else(|error| panic!("{test}: {}: {error}", path.display()));
        let mut told: BTreeMap<i64, Told> = text
            .lines()
            .map(Told::parse)
            .map(|told| (told.id, told))
            .collect();
        for call in &observation.calls {
            let function = observation.function(call.function).unwrap();
            let id = function.parameters.iter().position(|it| it.name == "id");
            let Some(id) = id.filter(|_| !names::is_literal(&function.name)) else {
                self.others += 1;
                if call.outcome == Outcome::Unwound {
                    let difference = format!("{test}: {}: {:?}", function.name, call.outcome);
                    self.differences.push(difference);
                }
                continue;
            };
            let id = call.arguments.get(id).map(|id| &id.content);
            let told = match id {
                Some(Content::Int(id)) => told.remove(id),
                _ => None,
            };
            let Some(told) = told else {
                let difference = format!("{test}: a call of {} in excess", function.name);
                self.differences.push(difference);
                continue;
            };
            if let Err(difference) = compare(&told, call, &function.name, observation) {
                let Told { case, id, .. } = &told;
                let difference = format!("{test}: {case}: {} {id}: {difference}", told.function);
                self.differences.push(difference);
            }
            self.calls += 1;
            self.goroutines.insert(call.goroutine);
            *self.outcomes.entry(told.outcome).or_default() += 1;
            self.cases.insert(told.case);
        }
        let missing = told.into_values();
        let missing = missing.map(|told| format!("{test}: not seen: {told:?}"));
        self.differences.extend(missing);
    }
}

fn compare(
    told: &Told,
    call: &Call,
    function: &str,
    observation: &Observation,
) -> Result<(), String> {
    let function = names::without_type_arguments(function);
    let own = function.split_once("/work.").map(|(_, own)| own);
    if own != Some(&*told.function) {
        return Err(format!("seen as {function}"));
    }
    if told.goroutine != call.goroutine.0 {
        return Err(format!(
            "by g{}, seen by {}",
            told.goroutine, call.goroutine
        ));
    }
    // The program writes `process_ended` for `ProcessEnded`.
    let outcome = format!("{:?}", call.outcome).to_lowercase();
    if outcome != told.outcome.replace('_', "") {
        return Err(format!("{}, seen as {outcome}", told.outcome));
    }
    let results = call.results.iter();
    let results: Vec<Json> = results
        .map(|result| notation::json(result, &observation.types))
        .collect();
    let want: Vec<Json> = told.result.into_iter().map(Into::into).collect();
    if results != want {
        return Err(format!("{want:?} as results, seen {results:?}"));
    }
    let left = call.left.is_some();
    if left == (call.outcome == Outcome::Running)
        || call.left.is_some_and(|left| left < call.entered)
    {
        return Err(format!("entered {:?}, left {:?}", call.entered, call.left));
    }
    Ok(())
}
