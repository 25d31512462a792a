//! The oracle writes down every call that it makes; goproctor must have seen the same, call for call and value for
//! value.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use goproctor_tests::{go::NEWEST, harness::Test, live};
use model::{Call, Goid, Observation, Outcome, Parameter, Value, notation};
use serde_json::Value as Json;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("the_oracle_agrees_with_the_stack_abi", stack_abi),
    (
        "the_oracle_agrees_with_the_first_register_abi",
        first_register_abi,
    ),
    ("the_oracle_agrees_with_the_newest_release", newest_release),
];

/// What stands before the functions' names.
const PACKAGE: &str = "goproctor.test/base/oracle/work.";
const CALLS: usize = 200_000;
const GOROUTINES: usize = 8;

/// What is called, among it two leaves without a frame whose first instruction is the head of a loop (`Draw` in all
/// releases, `Halve` in some).
const FUNCTIONS: [&str; 11] = [
    "(*Counter).Increase",
    "Add",
    "Climb",
    "Divide",
    "Draw",
    "Halve",
    "Order",
    "Pair.Join",
    "Pick",
    "Shout",
    "Wide",
];

/// How many differences are told; the first ones say enough.
const TOLD: usize = 10;

fn stack_abi() {
    agrees("go1.16.15", CALLS);
}

fn first_register_abi() {
    agrees("go1.17.13", CALLS);
}

fn newest_release() {
    agrees(NEWEST, CALLS);
}

/// So many of the oracle's calls, all that are in the package `work`.
fn oracle(calls: usize) -> spec::Spec {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../go-fixtures/base/oracle");
    let text = format!(
        r#"
[program]
package = "."
args = ["-calls={calls}", "-goroutines={GOROUTINES}", "-log=${{dir}}/calls.jsonl"]
restart = false

[functions]
work = "goproctor.test/base/oracle/work.*"

# A journal grows with each call: that it is there and how long it is, but not what is in it, is read with each hit.
[limits]
depth = 1

[[test]]
name = "every call is seen"
count = {{ work = {calls} }}
within = "300s"
"#
    );
    let source = spec::Source::new(folder.join("oracle.proctor.toml"), text);
    spec::parse(source).unwrap_or_else(|errors| panic!("{}", live::text(&errors)))
}

/// Has the oracle make so many calls, and compares each.
pub(crate) fn agrees(release: &str, calls: usize) {
    let mut tally = Tally::default();
    live::run(&oracle(calls), release, 256 << 20, &mut |tested| {
        let observation = &tested.evidence().observation;
        assert_eq!(observation.loss.total(), 0, "{:?}", observation.loss);
        let log = Log::read(&Path::new(&tested.folder).join("calls.jsonl"));
        compare(&log, observation, &mut tally);
        assert_eq!(tested.verdicts()[0], "every call is seen: passed");
    })
    .unwrap_or_else(|error| panic!("{release}: {}", live::reason(&error)));
    println!("{release}: {tally:?}");
    assert!(
        tally.differences.is_empty(),
        "{release}: {} differences, among them:\n{}",
        tally.differences.len(),
        tally.differences[..tally.differences.len().min(TOLD)].join("\n")
    );
    assert_eq!(tally.calls, calls);
    assert_eq!(tally.functions, FUNCTIONS.map(str::to_owned).into());
}

/// What was compared.
#[derive(Debug, Default)]
struct Tally {
    calls: usize,
    /// Values that both know.
    values: usize,
    differences: Vec<String>,
    /// The functions that were called, without their package.
    functions: BTreeSet<String>,
}

/// One call as the oracle tells it.
struct Told {
    parent: Option<usize>,
    function: String,
    arguments: Vec<Json>,
    results: Vec<Json>,
}

/// All calls by goroutine, in its order.
struct Log(BTreeMap<Goid, Vec<Told>>);

impl Log {
    fn read(path: &Path) -> Self {
        let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut goroutines: BTreeMap<Goid, Vec<Told>> = BTreeMap::new();
        for line in BufReader::new(file).lines() {
            let record: Json = serde_json::from_str(&line.unwrap()).unwrap();
            let values = |key: &str| record[key].as_array().cloned().unwrap_or_default();
            let calls = goroutines
                .entry(Goid(record["goroutine"].as_u64().unwrap()))
                .or_default();
            assert_eq!(record["number"].as_u64(), Some(calls.len() as u64));
            calls.push(Told {
                parent: usize::try_from(record["parent"].as_i64().unwrap()).ok(),
                function: record["function"].as_str().unwrap().to_owned(),
                arguments: values("arguments"),
                results: values("results"),
            });
        }
        Self(goroutines)
    }
}

fn compare(log: &Log, seen: &Observation, tally: &mut Tally) {
    assert_eq!(log.0.len(), GOROUTINES);
    let mut by_goroutine: BTreeMap<Goid, Vec<&Call>> = BTreeMap::new();
    // A call's number among its goroutine's.
    let mut numbers = Vec::new();
    for call in &seen.calls {
        let calls = by_goroutine.entry(call.goroutine).or_default();
        numbers.push(calls.len());
        calls.push(call);
    }
    assert_eq!(
        log.0.keys().collect::<Vec<_>>(),
        by_goroutine.keys().collect::<Vec<_>>(),
        "the goroutines that made calls"
    );
    for (goid, told) in &log.0 {
        let calls = &by_goroutine[goid];
        if told.len() != calls.len() {
            let difference = format!("{goid}: {} calls seen of {}", calls.len(), told.len());
            tally.differences.push(difference);
        }
        for (number, (told, call)) in told.iter().zip(calls).enumerate() {
            let parent = call.parent.map(|parent| numbers[parent.0 as usize]);
            let own = call
                .parent
                .is_none_or(|parent| seen.calls[parent.0 as usize].goroutine == *goid);
            if let Err(difference) = compare_call(told, call, parent, own, seen, tally) {
                tally
                    .differences
                    .push(format!("{goid}, call {number}: {difference}"));
            }
            tally.calls += 1;
        }
    }
}

fn compare_call(
    told: &Told,
    call: &Call,
    parent: Option<usize>,
    own: bool,
    seen: &Observation,
    tally: &mut Tally,
) -> Result<(), String> {
    let function = seen.function(call.function).unwrap();
    if told.function != function.name {
        return Err(format!("{} seen as {}", told.function, function.name));
    }
    if !own || told.parent != parent {
        return Err(format!("made by call {:?}, seen {parent:?}", told.parent));
    }
    if let Some(plain) = function.name.strip_prefix(PACKAGE) {
        tally.functions.insert(plain.to_owned());
    }
    if call.outcome != Outcome::Returned {
        return Err(format!("{} seen as {:?}", told.function, call.outcome));
    }
    let arguments = (
        "argument",
        &told.arguments,
        &call.arguments,
        &function.parameters,
    );
    let results = ("result", &told.results, &call.results, &function.results);
    for (what, told, values, parameters) in [arguments, results] {
        if told.len() != values.len() || told.len() != parameters.len() {
            return Err(format!("{} {what}s, seen {}", told.len(), values.len()));
        }
        for (index, ((told, value), parameter)) in
            told.iter().zip(values).zip(parameters).enumerate()
        {
            compare_value(told, value, parameter, seen, tally)
                .map_err(|difference| format!("{} {what} {index}: {difference}", function.name))?;
        }
    }
    Ok(())
}

/// The log has every value as goproctor writes it for machines.
fn compare_value(
    told: &Json,
    value: &Value,
    parameter: &Parameter,
    seen: &Observation,
    tally: &mut Tally,
) -> Result<(), String> {
    if value.ty != parameter.ty {
        return Err(format!("type {:?} of {:?}", value.ty, parameter.ty));
    }
    let value = notation::json(value, &seen.types);
    if *told != value {
        return Err(format!("{told} seen as {value}"));
    }
    tally.values += 1;
    Ok(())
}
