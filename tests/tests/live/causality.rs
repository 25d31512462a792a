//! Programs write down which goroutine made each call, under which other one, for which request, when and how it ended;
//! goproctor must have seen the same, call for call.

use std::{env, fs, path::Path, time::Instant};

use goproctor_tests::{
    causality::{Log, Tally, compare},
    go::NEWEST,
    harness::Test,
    live,
};
use model::Outcome;
use spec::Spec;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("a_storm_is_seen_with_the_stack_abi", stack_abi),
    ("a_storm_is_seen_with_the_register_abi", register_abi),
    ("a_storm_is_seen_with_the_newest_release", newest),
    ("a_storm_of_200_requests_at_a_time_is_seen", whole_storm),
    ("stacks_that_grow_and_shrink_are_seen", growth),
    ("stacks_that_grow_at_nearly_every_call_are_seen", steep),
    ("goroutines_ten_generations_deep_are_seen", tree),
    ("a_pool_of_workers_is_seen", pool),
    ("panics_through_a_hundred_frames_are_seen", panics),
    ("calls_that_their_process_ends_are_seen", exit),
];

/// How many differences are told; the first ones say enough.
const TOLD: usize = 40;

/// Enough for all records of a storm at once, however busy the machine is.
const RING_BYTES: u32 = 1 << 30;

/// How much it storms.
#[derive(Clone, Copy)]
pub(crate) struct Weather {
    requests: usize,
    /// How many at a time.
    together: usize,
    /// How many calls each goroutine makes.
    each: usize,
    /// How many calls there are at least.
    calls: usize,
}

const BREEZE: Weather = Weather {
    requests: 60,
    together: 20,
    each: 400,
    calls: 60_000,
};
const STORM: Weather = Weather {
    requests: 400,
    together: 200,
    each: 400,
    calls: 500_000,
};
/// As many requests at a time as [`STORM`], each of which does less.
pub(crate) const SQUALL: Weather = Weather {
    requests: 200,
    together: 200,
    each: 58,
    calls: 50_000,
};

fn stack_abi() {
    assert_same(storm(BREEZE, "go1.16.15"));
}

fn register_abi() {
    assert_same(storm(BREEZE, "go1.22.12"));
}

fn newest() {
    assert_same(storm(BREEZE, NEWEST));
}

/// As often as `GOPROCTOR_ROUNDS` says, once without it; the first round with a difference is the last.
fn whole_storm() {
    let rounds = env::var("GOPROCTOR_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap());
    assert!(rounds > 0, "GOPROCTOR_ROUNDS");
    for round in 1..=rounds {
        print!("round {round} of {rounds}: ");
        assert_same(storm(STORM, NEWEST));
    }
}

fn growth() {
    alone("growth", 45_000, Outcome::Running);
}

fn steep() {
    alone("steep", 6_000, Outcome::Running);
}

fn tree() {
    alone("tree", 16_000, Outcome::Running);
}

fn pool() {
    alone("pool", 1_600, Outcome::Running);
}

fn panics() {
    alone("panics", 42_000, Outcome::Running);
}

fn exit() {
    alone("exit", 1_000, Outcome::ProcessEnded);
}

/// A program that ends by itself, on the oldest release whose sources an overlay can change and on the newest.
fn alone(mode: &str, calls: usize, open: Outcome) {
    for release in ["go1.16.15", NEWEST] {
        assert_same(tree_of(mode, release, calls, open));
    }
}

/// The program `tree` in one of its modes.
pub(crate) fn tree_of(mode: &str, release: &str, calls: usize, open: Outcome) -> Tally {
    watched(&tree_spec(mode), release, "tree.log", calls, open)
}

pub(crate) fn assert_same(tally: Tally) {
    let differences = &tally.differences;
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences[..differences.len().min(told())].join("\n")
    );
}

/// A soak tells all differences.
fn told() -> usize {
    env::var_os("GOPROCTOR_ROUNDS").map_or(TOLD, |_| usize::MAX)
}

pub(crate) fn storm(weather: Weather, release: &str) -> Tally {
    let spec = storm_spec(weather);
    watched(&spec, release, "storm.log", weather.calls, Outcome::Running)
}

/// Runs a program, and compares what it wrote down with what was seen.
fn watched(spec: &Spec, release: &str, file: &str, calls: usize, open: Outcome) -> Tally {
    let begin = Instant::now();
    let mut tally = Tally::default();
    live::run(spec, release, RING_BYTES, &mut |tested| {
        let evidence = tested.evidence();
        let loss = &evidence.observation.loss;
        assert_eq!(loss.total(), 0, "{loss:?}");
        let ran = begin.elapsed();
        let text = fs::read_to_string(Path::new(&tested.folder).join(file)).unwrap();
        let log = Log::read(&text).unwrap();
        assert!(log.calls() >= calls, "{} calls", log.calls());
        tally = compare(&log, evidence, open, &request_id);
        println!(
            "{release}: {} of {} calls, {} goroutines, {} requests, {} values, {} hits in order, {:?}: \
             {} differences; ran {ran:.1?}, compared in {:.1?}",
            tally.calls,
            log.calls(),
            tally.goroutines,
            tally.requests,
            tally.values,
            tally.moments,
            tally.outcomes,
            tally.differences.len(),
            begin.elapsed() - ran
        );
    })
    .unwrap_or_else(|error| panic!("{release}: {}", live::reason(&error)));
    tally
}

fn storm_spec(weather: Weather) -> Spec {
    let Weather {
        requests,
        together,
        each,
        ..
    } = weather;
    let text = format!(
        r#"
[program]
package = "."
args = ["-listen=127.0.0.1:${{port}}", "-log=${{dir}}/storm.log", "-requests={requests}", "-together={together}", "-calls={each}"]
restart = false
ready = {{ accept = true, within = "60s" }}

[functions]
work = "goproctor.test/base/storm/work.*"

[[test]]
name = "every call is seen"
request = [
  {{ get = "/storm?id=${{n}}", repeat = {requests}, concurrency = {together}, timeout = "100s" }},
  {{ get = "/log", timeout = "20s" }},
]
count = {{ work = {{ ge = 1 }} }}
within = "150s"
settle = "10s"
"#
    );
    parse("storm", text)
}

fn tree_spec(mode: &str) -> Spec {
    let text = format!(
        r#"
[program]
package = "."
args = ["-log=${{dir}}/tree.log", "-mode={mode}"]
restart = false

[functions]
work = "goproctor.test/base/storm/work.*"

[[test]]
name = "every call is seen"
count = {{ work = {{ ge = 1 }} }}
"#
    );
    parse("tree", text)
}

fn parse(program: &str, text: String) -> Spec {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../go-fixtures/base");
    let source = spec::Source::new(
        fixtures
            .join(program)
            .join(format!("{program}.proctor.toml")),
        text,
    );
    spec::parse(source).unwrap_or_else(|errors| panic!("{}", live::text(&errors)))
}

fn request_id(target: &str) -> Option<i64> {
    target.strip_prefix("/storm?id=")?.parse().ok()
}
