//! The example service with a real PostgreSQL: the specs of the cookbook hold, and each of their expectations, changed
//! alone, fails at its own line.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use goproctor_tests::{
    command::{self, repository},
    harness::Test,
    postgres::Postgres,
};
use serde_json::Value as Json;

use super::{go_test_verdicts::Run, mutation};

pub(crate) const TESTS: &[Test<'static>] = &[
    ("the_specs_of_the_example_service_hold", hold),
    (
        "each_changed_expectation_of_the_example_service_fails_at_its_place",
        fail,
    ),
];

fn folder() -> PathBuf {
    repository().join("go-fixtures/service")
}

/// The specs beside the service.
fn specs() -> Vec<PathBuf> {
    let files = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut specs: Vec<PathBuf> = files
        .filter(|path| path.to_string_lossy().ends_with(".proctor.toml"))
        .collect();
    specs.sort();
    assert!(!specs.is_empty(), "the service has specs");
    specs
}

/// Runs a spec, and gives the events and what else was said.
fn run(postgres: &Postgres, spec: &Path) -> (Vec<Json>, Run) {
    let mut command = command::goproctor();
    command
        .args(["run", "-json"])
        .arg(spec)
        .current_dir(folder())
        .env("DATABASE_URL", &postgres.url);
    let run = Run::of(&mut command);
    let events = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    (events.collect(), run)
}

fn hold() {
    let postgres = Postgres::start();
    for spec in specs() {
        let (events, run) = run(&postgres, &spec);
        assert_eq!(run.code, Some(0), "{}: {events:#?} {run:?}", spec.display());
        let tests = events.iter().filter(|event| event["event"] == "test_end");
        println!("{}: {} tests", spec.display(), tests.count());
    }
}

/// Where the verdicts of each test stand that did not pass, by line.
fn missed(events: &[Json]) -> BTreeMap<String, BTreeSet<u64>> {
    let mut missed: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for event in events.iter().filter(|event| event["event"] == "verdict") {
        let lines = missed
            .entry(event["test"].as_str().unwrap().to_owned())
            .or_default();
        if event["outcome"] == "failed" {
            lines.insert(event["place"]["line"].as_u64().unwrap());
        }
    }
    missed
}

fn fail() {
    let postgres = Postgres::start();
    let mut changed = 0;
    for path in specs() {
        let text = fs::read_to_string(&path).unwrap();
        let mutants = mutation::mutants(&text);
        // Beside the service, since a spec's paths begin there.
        let file = tempfile::Builder::new()
            .prefix("changed-")
            .suffix(".proctor.toml")
            .tempfile_in(folder())
            .unwrap();
        fs::write(file.path(), &mutants.text).unwrap();
        let (events, run) = run(&postgres, file.path());
        assert_eq!(run.code, Some(1), "{}: {run:?}", path.display());
        let missed = missed(&events);
        for mutant in &mutants.tests {
            // Each case of a test is a test of its own.
            let case = format!("{}/", mutant.name);
            let of = |name: &String| *name == mutant.name || name.starts_with(&case);
            let tests: Vec<_> = missed.iter().filter(|(name, _)| of(name)).collect();
            assert!(!tests.is_empty(), "{} was not judged: {run:?}", mutant.name);
            let lines: BTreeSet<u64> = tests
                .iter()
                .flat_map(|(_, lines)| (*lines).clone())
                .collect();
            assert_eq!(
                lines.iter().copied().collect::<Vec<_>>(),
                [mutant.line as u64],
                "{}: {} instead of {}",
                mutant.name,
                mutant.new,
                mutant.old
            );
        }
        println!("{}: {} changes", path.display(), mutants.tests.len());
        changed += mutants.tests.len();
    }
    println!("{changed} changes, each failed at its line");
}
