//! What it costs to watch all that a handler of a real router calls, when only counts and latency are asked for, and when values
//! are: many short calls as quickly as they come.

use std::path::{Path, PathBuf};

use judge::expect;
use model::Retention;
use plan::WatchedLabel;
use spec::{Source, Spec};

use super::{
    Outcome, Setup,
    board::{Board, Unit},
    peers::Counting,
    program::{self, PerCall},
    sustained,
    watched::{Probed, RING, Returns, Watched},
};

/// How often all take their turn.
const ROUNDS: usize = 5;
/// How many requests a turn sends.
const REQUESTS: u64 = 8_000;
/// The bar: as many times the time of probes at the same places that read nothing.
const BAR: f64 = 1.5;
/// The bar: what fast returns cost, in percent of what returns cost.
const FAST: f64 = 100.0 / 3.0;

/// What a request calls in go-fixtures/third-party/chi, and how often.
const FUNCTIONS: [(&str, u64); 17] = [
    ("github.com/go-chi/chi/v5.(*Mux).ServeHTTP", 2),
    ("github.com/go-chi/chi/v5.(*Mux).routeHTTP", 2),
    ("github.com/go-chi/chi/v5.(*node).FindRoute", 2),
    ("github.com/go-chi/chi/v5.(*node).findRoute", 5),
    ("net/http.serverHandler.ServeHTTP", 1),
    ("github.com/go-chi/chi/v5.(*Mux).Mount.func1", 1),
    ("github.com/go-chi/chi/v5.(*Context).URLParam", 1),
    ("main.(*shop).greet", 1),
    ("main.(*shop).find", 1),
    ("main.parameter", 1),
    ("main.greeting", 1),
    ("main.capital", 1),
    ("main.render", 1),
    ("main.allowed", 1),
    ("main.stamp", 1),
    ("main.guard.func1", 1),
    ("main.stamped.func1", 1),
];

/// What is watched of each function.
fn labels() -> Vec<WatchedLabel> {
    let labels = FUNCTIONS.iter().enumerate();
    labels
        .map(|(number, (function, _))| WatchedLabel::new(format!("f{number}"), *function))
        .collect()
}

/// A test that asks for counts and latency and nothing else.
fn spec() -> Outcome<Spec> {
    let [mut functions, mut counts, mut latencies] = [(); 3].map(|()| String::new());
    for (number, (function, times)) in FUNCTIONS.iter().enumerate() {
        functions += &format!("f{number} = \"{function}\"\n");
        counts += &format!("f{number} = {}\n", times * REQUESTS);
        latencies += &format!("f{number} = \"max < 60s\"\n");
    }
    let text = format!(
        "[program]\npackage = \"./chi\"\n[functions]\n{functions}[[test]]\nname = \"all is counted\"\n\
         [test.count]\n{counts}[test.latency]\n{latencies}"
    );
    let source = Source::new("chi.proctor.toml", text);
    let spec = spec::parse(source).map_err(|errors| errors.render(false, false, 120))?;
    let test = spec.tests.first().ok_or("no test")?;
    match expect::keep(&spec, test) {
        Retention::Totals => Ok(spec),
        keep => Err(format!("the test needs {keep:?} and not only totals").into()),
    }
}

/// A copy of the program that is watched in one way.
struct Way {
    watched: Watched,
    path: PathBuf,
}

impl Way {
    fn begin(plain: &Path, name: &str, probed: Probed, returns: Returns) -> Outcome<Self> {
        let path = program::copy(plain, name)?;
        let watched = Watched::with(&path, labels(), probed, returns, RING)?;
        Ok(Self { watched, path })
    }

    /// What a request took, and how many records were lost; what was counted is held against the spec, if nothing is lost.
    fn turn(&self, keep: Retention, spec: Option<&Spec>) -> Outcome<(PerCall, u64)> {
        let window = self.watched.open(keep)?;
        let took = program::start(&self.path, REQUESTS)?.go()?;
        let (seen, lost) = self.watched.observe(&window)?;
        if let (0, Some(spec)) = (lost, spec) {
            sustained::judge(spec, seen)?;
        }
        Ok((took, lost))
    }
}

/// Measures the handler unwatched and watched in several ways, each against the others.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let plain = program::build_of(setup, "third-party", "./chi", "chi", &[])?;
    let spec = spec()?;
    let entries = Way::begin(&plain, "chi-entries", Probed::EntriesUnread, Returns::Plain)?;
    let counted = Way::begin(&plain, "chi-counted", Probed::Unread, Returns::Plain)?;
    let fast = Way::begin(&plain, "chi-fast", Probed::Unread, Returns::Fast)?;
    let read = Way::begin(
        &plain,
        "chi-read",
        Probed::EntriesAndReturns,
        Returns::Plain,
    )?;
    let peer = program::stripped(&plain, "chi-bpftrace")?;
    let sites = counted.watched.offsets();

    let [
        mut alone,
        mut at_entries,
        mut ours,
        mut ours_fast,
        mut theirs,
        mut values,
    ] = [(); 6].map(|()| Vec::new());
    let [mut lost, mut fast_lost, mut values_lost] = [(); 3].map(|()| Vec::new());
    for _ in 0..ROUNDS {
        alone.push(program::start(&plain, REQUESTS)?.go()?.wall / 1e3);
        at_entries.push(entries.turn(Retention::Totals, None)?.0.wall / 1e3);
        let (took, missing) = counted.turn(Retention::Totals, Some(&spec))?;
        ours.push(took.wall / 1e3);
        lost.push(missing as f64);
        let (took, missing) = fast.turn(Retention::Totals, Some(&spec))?;
        ours_fast.push(took.wall / 1e3);
        fast_lost.push(missing as f64);
        let counting = Counting::begin(&peer, &sites, setup.scratch.path())?;
        let took = program::start(&peer, REQUESTS)?.go()?;
        let hits = counting.end()?;
        let made: u64 = FUNCTIONS
            .iter()
            .map(|(_, times)| 2 * times * REQUESTS)
            .sum();
        if hits < made {
            return Err(format!("bpftrace counted {hits} of {made} hits").into());
        }
        theirs.push(took.wall / 1e3);
        let (took, missing) = read.turn(Retention::Totals, None)?;
        values.push(took.wall / 1e3);
        values_lost.push(missing as f64);
    }
    let name = format!("{REQUESTS} requests to chi, unwatched, a request");
    board.tell(&name, Unit::Us, &alone)?;
    board.tell("— 17 functions counted at entry", Unit::Us, &at_entries)?;
    board.tell("— counts and latency: entry and return", Unit::Us, &ours)?;
    let name = "— bpftrace at the same places, counting hits";
    board.tell(name, Unit::Us, &theirs)?;
    let times: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| a / b).collect();
    let name = "— counts and latency, as many times bpftrace's";
    board.judge(name, Unit::Times, &times, BAR)?;
    board.judge("— lost of counts and latency", Unit::Count, &lost, 0.0)?;
    let name = "— counts and latency, returns fast";
    board.tell(name, Unit::Us, &ours_fast)?;
    board.judge("— lost of these", Unit::Count, &fast_lost, 0.0)?;
    let slower = |with: &[f64]| -> Vec<f64> {
        with.iter()
            .zip(&alone)
            .map(|(with, alone)| with / alone)
            .collect()
    };
    let (slower_plain, slower_fast) = (slower(&ours), slower(&ours_fast));
    let name = "— counts and latency, as many times unwatched";
    board.tell(name, Unit::Times, &slower_plain)?;
    let name = "— with fast returns, as many times unwatched";
    board.tell(name, Unit::Times, &slower_fast)?;
    let returns = |with: &[f64]| -> Vec<f64> {
        with.iter()
            .zip(&at_entries)
            .map(|(with, entries)| with - entries)
            .collect()
    };
    let share = returns(&ours_fast).into_iter().zip(returns(&ours));
    let share: Vec<f64> = share.map(|(fast, plain)| fast / plain * 100.0).collect();
    let name = "— what fast returns cost, of what returns cost";
    board.judge(name, Unit::Percent, &share, FAST)?;
    let name = "— with arguments and results at the default depth";
    board.tell(name, Unit::Us, &values)?;
    board.tell("— lost of these", Unit::Count, &values_lost)?;
    Ok(())
}
