//! What a hit with an `*http.Request` costs, and that none of many is lost on its way to the verdict.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use model::{Limits, Retention};
use plan::WatchedLabel;
use spec::{Source, Spec};

use super::{
    Outcome, Setup,
    board::{Board, Unit},
    program, sustained,
    watched::{Probed, RING, Returns, TURN_RING, Watched},
};

/// How often all take their turn.
const ROUNDS: usize = 7;
/// How many calls a turn makes.
const CALLS: u64 = 5_000;
/// The bar: µs a hit. At [`RATE`] hits a second a processor has 50 for each, and half of that is to be left.
const BAR: f64 = 25.0;
/// The bar: so many hits a second, without a loss.
const RATE: f64 = 20_000.0;
/// What the program is told, so that what it achieves is no less.
const PACE: u64 = 20_400;
/// How often what was seen is judged and forgotten.
const EVERY: Duration = Duration::from_millis(500);

/// What is asked of every call: values at several depths.
const SPEC: &str = r#"
[program]
package = "./requests"

[functions]
watched = "main.watched"

[[test]]
name = "every request is as it was made"

[test.calls.watched.args]
r.Method = "POST"
r.URL.Path = "/orders/17"
r.TLS = { nil = true }
'r.Header["X-Request-Id"][0]' = "6f1c2a4e-8f7b-4a53-9a52-9c1d0a0a4d11"
"#;

/// What a sustained run brought.
struct Sustained {
    /// Calls a second, as the program says.
    rate: f64,
    /// Records that were lost, and calls that were made but not seen.
    lost: u64,
    /// How many calls were judged.
    judged: u64,
}

/// Lets the program make so many calls a second and judges them while they come in.
fn paced(watched: &Watched, path: &Path, spec: &Spec, calls: u64) -> Outcome<Sustained> {
    let mut window = watched.open(Retention::Calls)?;
    let pace = PACE.to_string();
    let waiting = program::start_with(path, calls, &["-rate", &pace])?;
    let program = thread::spawn(move || waiting.go().map_err(|error| error.to_string()));
    let mut judged = 0;
    loop {
        // Before the turn: what comes in after its end is of the next one.
        let over = program.is_finished();
        let begin = Instant::now();
        let (seen, lost) = watched.turn(&mut window)?;
        if !seen.calls.is_empty() {
            judged += seen.calls.len() as u64;
            sustained::judge(spec, seen)?;
        }
        if over {
            let per_call = program
                .join()
                .map_err(|_| "the program's thread panicked")??;
            return Ok(Sustained {
                rate: 1e9 / per_call.wall,
                lost: lost.max(calls.saturating_sub(judged)),
                judged,
            });
        }
        thread::sleep(EVERY.saturating_sub(begin.elapsed()));
    }
}

/// Measures a hit with a request beside one with two ints, and what is sustained.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let plain = program::build_package(setup, "./requests", "requests-plain", &[])?;
    let scalar = program::copy(&plain, "requests-scalar")?;
    let request = program::copy(&plain, "requests-request")?;
    let sustained = program::copy(&plain, "requests-sustained")?;
    hits(&plain, &scalar, &request, board)?;
    sustain(&sustained, board)
}

fn label(function: &str) -> WatchedLabel {
    let mut label = WatchedLabel::new("watched", function);
    label.limits = Limits {
        depth: 3,
        ..Limits::default()
    };
    label
}

fn hits(plain: &Path, scalar: &Path, request: &Path, board: &mut Board) -> Outcome<()> {
    let watch = |path, function| {
        Watched::with(
            path,
            vec![label(function)],
            Probed::Entries,
            Returns::Plain,
            TURN_RING,
        )
    };
    let watched_scalar = watch(scalar, "main.scalar")?;
    let watched_request = watch(request, "main.watched")?;
    let [mut scalars, mut requests, mut cpu] = [(); 3].map(|()| Vec::new());
    for _ in 0..ROUNDS {
        let unprobed = program::start_with(plain, CALLS, &["-scalar"])?.go()?;
        let probed = watched_scalar.run(scalar, CALLS, &["-scalar"])?;
        scalars.push(probed.above(unprobed).0);
        let unprobed = program::start_with(plain, CALLS, &[])?.go()?;
        let probed = watched_request.run(request, CALLS, &[])?;
        let (wall, busy) = probed.above(unprobed);
        requests.push(wall);
        cpu.push(busy);
    }
    let name = "an entry hit with two ints, wall clock";
    let scalar = board.tell(name, Unit::Us, &scalars)?;
    let name = "an entry hit with an http.Request read to depth 3, wall clock";
    let cost = board.judge(name, Unit::Us, &requests, BAR)?;
    board.tell("— the program's processor time of it", Unit::Us, &cpu)?;
    let times = [cost / scalar];
    board.tell("— as many times the hit with two ints", Unit::Times, &times)?;
    Ok(())
}

fn sustain(path: &Path, board: &mut Board) -> Outcome<()> {
    let source = Source::new("requests.proctor.toml", SPEC);
    let spec = spec::parse(source).map_err(|errors| errors.render(false, false, 120))?;
    let mut label = label("main.watched");
    label.paths = spec.paths_of("watched");
    let seconds = sustained::seconds()?;
    let watched = Watched::with(path, vec![label], Probed::Entries, Returns::Plain, RING)?;
    let brought = paced(&watched, path, &spec, PACE * seconds)?;
    let name = format!("http.Request hits through trace and expect, for {seconds} s");
    board.judge_at_least(&name, Unit::PerSecond, &[brought.rate], RATE)?;
    let name = format!("— lost of {} judged", brought.judged);
    board.judge(&name, Unit::Count, &[brought.lost as f64], 0.0)?;
    Ok(())
}
