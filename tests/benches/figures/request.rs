//! What a hit with an `*http.Request` costs, and that none of many is lost on its way to the verdict.

use std::{
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use goproctor::{
    expect::{self, Evidence, Finding},
    golang::Binary,
    kernel::{Kernel, LoadOptions},
    model::{Limits, Loss, Observation},
    plan::{self, Plan, PlanRequest, Role, WatchedLabel},
    session::{Flushed, Watch},
    spec::{self, Source, Spec},
};

use super::{
    Outcome, Setup,
    board::{Board, Unit},
    program::{self, PerCall},
    sustained,
};

/// How often all take their turn.
const ROUNDS: usize = 7;
/// How many calls a turn makes.
const CALLS: u64 = 5_000;
/// Room for the records of a turn, whose calls come as quickly as they can.
const TURN_RING: u32 = 256 << 20;
/// The ring that `goproctor run` has.
const RING: u32 = 32 << 20;
/// The bar: µs a hit. At [`RATE`] hits a second a processor has 50 for each, and half of that is to be left.
const BAR: f64 = 25.0;
/// The bar: so many hits a second, without a loss.
const RATE: f64 = 20_000.0;
/// What the program is told, so that what it achieves is no less.
const PACE: u64 = 20_400;
/// How often what was seen is judged and forgotten.
const EVERY: Duration = Duration::from_millis(500);
/// How long the records may take to come in.
const DRAIN: Duration = Duration::from_secs(10);

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

/// A binary whose function is watched at its entry, through the whole pipeline.
struct Watched {
    watch: Watch,
    plan: Arc<Plan>,
    _kernel: Kernel,
}

/// What a sustained run brought.
struct Sustained {
    /// Calls a second, as the program says.
    rate: f64,
    /// Records that were lost, and calls that were made but not seen.
    lost: u64,
    /// How many calls were judged.
    judged: u64,
}

impl Watched {
    fn begin(path: &Path, label: WatchedLabel, ring_bytes: u32) -> Outcome<Self> {
        let binary = Binary::open(path)?;
        let mut plan = plan::build(&binary, &PlanRequest::new(vec![label]))?.plan;
        program::keep_sites(&mut plan, |role| !matches!(role, Role::Return { .. }));
        let plan = Arc::new(plan);
        let mut kernel = Kernel::load(&plan, &LoadOptions { ring_bytes })?;
        kernel.attach(path)?;
        Ok(Self {
            watch: Watch::begin(kernel.records()?, program::tracer(&plan), Arc::default()),
            plan,
            _kernel: kernel,
        })
    }

    /// The cost of a call of one run. Calls that found no room in the ring are an error.
    fn run(&self, path: &Path, flags: &[&str]) -> Outcome<PerCall> {
        self.watch.renew(program::tracer(&self.plan), None);
        let Flushed {
            loss: before,
            now: from,
        } = self.watch.flush(DRAIN)?;
        let per_call = program::start_with(path, CALLS, flags)?.go()?;
        let Flushed {
            loss: after,
            now: to,
        } = self.watch.flush(DRAIN)?;
        let lost = after.total() - before.total();
        let seen = self
            .watch
            .with(|tracer| tracer.observe(from, to, Loss::default()));
        if lost > 0 || seen.calls.len() as u64 != CALLS {
            let seen = seen.calls.len();
            return Err(format!("of {CALLS} calls {seen} were seen, {lost} records lost").into());
        }
        Ok(per_call)
    }

    /// Lets the program make so many calls a second and judges them while they come in.
    fn sustain(&self, path: &Path, spec: &Spec, calls: u64) -> Outcome<Sustained> {
        self.watch.renew(program::tracer(&self.plan), None);
        let Flushed {
            loss: before,
            now: mut from,
        } = self.watch.flush(DRAIN)?;
        let pace = PACE.to_string();
        let waiting = program::start_with(path, calls, &["-rate", &pace])?;
        let program = thread::spawn(move || waiting.go().map_err(|error| error.to_string()));
        let mut judged = 0;
        loop {
            // Before the flush: what comes in after its end is of the next turn.
            let over = program.is_finished();
            let begin = Instant::now();
            let Flushed { loss, now: to } = self.watch.flush(DRAIN)?;
            let seen = self
                .watch
                .with(|tracer| tracer.observe(from, to, Loss::default()));
            from = goproctor::model::Timestamp(to.0 + 1);
            judged += judge(spec, seen)?;
            if over {
                let per_call = program
                    .join()
                    .map_err(|_| "the program's thread panicked")??;
                let lost = loss.total() - before.total();
                return Ok(Sustained {
                    rate: 1e9 / per_call.wall,
                    lost: lost.max(calls.saturating_sub(judged)),
                    judged,
                });
            }
            thread::sleep(EVERY.saturating_sub(begin.elapsed()));
        }
    }
}

/// How many calls were judged; all expectations must hold.
fn judge(spec: &Spec, observation: Observation) -> Outcome<u64> {
    let calls = observation.calls.len() as u64;
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
        Some(verdict) if calls > 0 => {
            Err(format!("{}: {:?}", verdict.subject, verdict.finding).into())
        }
        _ => Ok(calls),
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
    label.results = false;
    label.limits = Limits {
        depth: 3,
        ..Limits::default()
    };
    label
}

fn hits(plain: &Path, scalar: &Path, request: &Path, board: &mut Board) -> Outcome<()> {
    let watched_scalar = Watched::begin(scalar, label("main.scalar"), TURN_RING)?;
    let watched_request = Watched::begin(request, label("main.watched"), TURN_RING)?;
    let [mut scalars, mut requests, mut cpu] = [(); 3].map(|()| Vec::new());
    for _ in 0..ROUNDS {
        let unprobed = program::start_with(plain, CALLS, &["-scalar"])?.go()?;
        let probed = watched_scalar.run(scalar, &["-scalar"])?;
        scalars.push(probed.above(unprobed).0);
        let unprobed = program::start_with(plain, CALLS, &[])?.go()?;
        let probed = watched_request.run(request, &[])?;
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
    let source = Source {
        path: "requests.proctor.toml".into(),
        text: SPEC.into(),
    };
    let spec = spec::parse(source).map_err(|errors| errors.render(false, false, 120))?;
    let mut label = label("main.watched");
    label.paths = spec.paths_of("watched");
    let seconds = sustained::seconds()?;
    let watched = Watched::begin(path, label, RING)?;
    let brought = watched.sustain(path, &spec, PACE * seconds)?;
    let name = format!("http.Request hits through trace and expect, for {seconds} s");
    board.judge_at_least(&name, Unit::PerSecond, &[brought.rate], RATE)?;
    let name = format!("— lost of {} judged", brought.judged);
    board.judge(&name, Unit::Count, &[brought.lost as f64], 0.0)?;
    Ok(())
}
