//! How many hits with scalar arguments are sustained through trace and expect, without a loss.

use std::env;

use judge::expect::{self, Evidence, Finding};
use model::{Observation, Retention};
use spec::{Source, Spec};

use super::{
    Outcome, Setup,
    board::{Board, Unit},
    program,
    watched::{Probed, Returns, Watched},
};

/// For so long, unless `BENCH_SECONDS` says another time.
const SECONDS: u64 = 60;

/// For how many seconds a rate is to be sustained.
pub(crate) fn seconds() -> Outcome<u64> {
    match env::var("BENCH_SECONDS") {
        Ok(seconds) => Ok(seconds.parse()?),
        Err(_) => Ok(SECONDS),
    }
}

/// What is sustained, and how.
struct Load {
    name: &'static str,
    /// The bar: so many calls a second, without a loss.
    rate: f64,
    /// What the program is told, so that what it achieves is no less.
    pace: u64,
    probed: Probed,
    returns: Returns,
    /// What else the test asks for.
    latency: &'static str,
}

const LOADS: [Load; 2] = [
    Load {
        name: "entry hits with two ints through trace and expect",
        rate: 300_000.0,
        pace: 306_000,
        probed: Probed::Entries,
        returns: Returns::Plain,
        latency: "",
    },
    Load {
        name: "calls with entry and fast return through trace and expect",
        rate: 200_000.0,
        pace: 204_000,
        probed: Probed::EntriesAndReturns,
        returns: Returns::Fast,
        latency: "latency = { scalar = \"p50 < 60s\" }",
    },
];

/// Measures what is sustained of calls of a function with two ints, which a test counts.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    LOADS
        .iter()
        .try_for_each(|load| measure_load(load, setup, board))
}

fn measure_load(load: &Load, setup: &Setup, board: &mut Board) -> Outcome<()> {
    let seconds = seconds()?;
    let calls = load.pace * seconds;
    let spec = spec_for(calls, load.latency)?;
    let plain = program::build_package(setup, "./requests", "requests-sustained-scalar", &[])?;
    let path = program::copy(&plain, "requests-sustained-watched")?;
    let functions = ["main.scalar", "main.watched"];
    let watched = Watched::begin(&path, &functions, load.probed, load.returns)?;
    let window = watched.open(Retention::Totals)?;
    let pace = load.pace.to_string();
    let flags = ["-scalar", "-rate", &pace];
    let per_call = program::start_with(&path, calls, &flags)?.go()?;
    let (seen, lost) = watched.observe(&window)?;

    let counted = seen.totals.as_ref().map_or(0, |totals| totals.count());
    let lost = lost.max(calls.saturating_sub(counted));
    // A loss leaves the count open, and is the figure then.
    if lost == 0 {
        judge(&spec, seen)?;
    }
    let name = format!("{}, for {seconds} s", load.name);
    board.judge_at_least(&name, Unit::PerSecond, &[1e9 / per_call.wall], load.rate)?;
    let name = format!("— lost of {calls}");
    board.judge(&name, Unit::Count, &[lost as f64], 0.0)?;
    Ok(())
}

/// A test that needs no call kept, as `goproctor run` finds by itself.
fn spec_for(calls: u64, latency: &str) -> Outcome<Spec> {
    let source = Source::new(
        "sustained.proctor.toml",
        format!(
            r#"
[program]
package = "./requests"

[functions]
scalar = "main.scalar"
watched = "main.watched"

[[test]]
name = "every call is counted"
count = {{ scalar = {calls} }}
{latency}
never = ["watched"]
"#
        ),
    );
    let spec = spec::parse(source).map_err(|errors| errors.render(false, false, 120))?;
    let test = spec.tests.first().ok_or("no test")?;
    match expect::keep(&spec, test) {
        Retention::Totals => Ok(spec),
        keep => Err(format!("the test needs {keep:?} and not only totals").into()),
    }
}

/// There are expectations, and all hold.
pub(crate) fn judge(spec: &Spec, observation: Observation) -> Outcome<()> {
    let evidence = Evidence {
        observation,
        ..Evidence::default()
    };
    let test = spec.tests.first().ok_or("no test")?;
    let verdicts = expect::judge(spec, test, &evidence);
    let missed = verdicts
        .iter()
        .find(|verdict| !matches!(verdict.finding, Finding::Passed { .. }));
    match missed {
        _ if verdicts.is_empty() => Err("nothing was judged".into()),
        Some(verdict) => Err(format!("{}: {:?}", verdict.subject, verdict.finding).into()),
        None => Ok(()),
    }
}
