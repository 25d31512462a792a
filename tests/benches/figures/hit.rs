//! What a hit costs the program that makes it.

use std::{path::Path, sync::Arc, time::Duration};

use goproctor::{
    golang::Binary,
    kernel::{Kernel, LoadOptions},
    model::Loss,
    plan::Plan,
    session::{Flushed, Watch},
};

use super::{
    Outcome, Setup,
    board::{Board, Unit},
    peers::{Bpftrace, delve},
    program::{self, PerCall},
};

/// How often all take their turn.
const ROUNDS: usize = 7;
/// How many calls a turn makes.
const CALLS: u64 = 200_000;
/// How many with dlv, which takes longer.
const DELVE_CALLS: u64 = 2_000;
/// The bar: µs a hit, by the clock.
const BAR: f64 = 1.5;

/// What hits cost, turn by turn, in µs: by the clock, and of the program's processor time.
#[derive(Default)]
struct Costs {
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

impl Costs {
    fn push(&mut self, probed: PerCall, unprobed: PerCall) {
        let (wall, cpu) = probed.above(unprobed);
        self.wall.push(wall);
        self.cpu.push(cpu);
    }
}

/// A binary under the whole pipeline: kernel program, drain, tracer.
struct Watched {
    watch: Watch,
    plan: Arc<Plan>,
    _kernel: Kernel,
}

impl Watched {
    fn begin(path: &Path, returns: bool) -> Outcome<Self> {
        let binary = Binary::open(path)?;
        let plan = Arc::new(program::plan(&binary, returns)?);
        let mut kernel = Kernel::load(&plan, &LoadOptions::default())?;
        kernel.attach(path)?;
        Ok(Self {
            watch: Watch::begin(kernel.records()?, program::tracer(&plan), Arc::default()),
            plan,
            _kernel: kernel,
        })
    }

    /// Watches one run of the program; every call must have been seen, or the figure is none.
    fn run(&self, path: &Path) -> Outcome<PerCall> {
        self.watch.renew(program::tracer(&self.plan), None);
        let Flushed {
            loss: before,
            now: from,
        } = self.watch.flush(Duration::from_secs(10))?;
        let per_call = program::start(path, CALLS)?.go()?;
        let Flushed {
            loss: after,
            now: to,
        } = self.watch.flush(Duration::from_secs(10))?;
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
}

/// Measures the cost of a hit beside bpftrace and dlv.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let plain = program::build(setup, "hits-plain", &[])?;
    let entry = program::copy(&plain, "hits-entry")?;
    let both = program::copy(&plain, "hits-both")?;
    let peer = program::copy(&plain, "hits-bpftrace")?;
    let debugged = program::build(setup, "hits-dlv", &["-gcflags=all=-N -l"])?;

    let watched_entry = Watched::begin(&entry, false)?;
    let watched_both = Watched::begin(&both, true)?;
    let bpftrace = Bpftrace::begin(&peer, setup.scratch.path())?;
    let [mut ours, mut ours_both, mut theirs, mut delves] = [(); 4].map(|()| Costs::default());
    for _ in 0..ROUNDS {
        let unprobed = program::start(&plain, CALLS)?.go()?;
        ours.push(watched_entry.run(&entry)?, unprobed);
        ours_both.push(watched_both.run(&both)?, unprobed);
        theirs.push(program::start(&peer, CALLS)?.go()?, unprobed);
        let unprobed = program::start(&debugged, CALLS)?.go()?;
        delves.push(delve(setup, &debugged, DELVE_CALLS)?, unprobed);
    }
    let seen = bpftrace.end()?;
    if seen == 0 {
        return Err("bpftrace has seen no call: its probe was not set".into());
    }

    let cost = board.judge("an entry hit, wall clock", Unit::Us, &ours.wall, BAR)?;
    board.tell("— the program's processor time of it", Unit::Us, &ours.cpu)?;
    let name = format!(
        "bpftrace, entry, wall clock ({seen} lines of {} calls)",
        CALLS * ROUNDS as u64
    );
    board.compare(&name, Unit::Us, &theirs.wall, cost)?;
    board.tell(
        "— the program's processor time of it",
        Unit::Us,
        &theirs.cpu,
    )?;
    let both = board.tell("entry and return, wall clock", Unit::Us, &ours_both.wall)?;
    board.tell(
        "— the program's processor time of it",
        Unit::Us,
        &ours_both.cpu,
    )?;
    board.compare(
        "dlv trace --ebpf, entry and return, wall clock",
        Unit::Us,
        &delves.wall,
        both,
    )?;
    Ok(())
}
