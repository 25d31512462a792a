//! What a hit costs the program that makes it.

use std::path::Path;

use plan::WatchedLabel;

use super::{
    Outcome, Setup,
    board::{Board, Unit},
    peers::{Bpftrace, delve},
    program::{self, PerCall},
    watched::{Probed, Returns, TURN_RING, Watched},
};

/// How often all take their turn.
const ROUNDS: usize = 7;
/// How many calls a turn makes.
const CALLS: u64 = 200_000;
/// How many with dlv, which takes longer.
const DELVE_CALLS: u64 = 2_000;
/// The bar: µs a hit, by the clock.
const BAR: f64 = 1.5;
/// The bars for an entry and a fast return: µs by the clock, and how many times cheaper than with the `ret` probed.
const FAST: f64 = 1.6;
const CHEAPER: f64 = 8.0;

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

/// Measures the cost of a hit beside bpftrace and dlv.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let plain = program::build(setup, "hits-plain", &[])?;
    let entry = program::copy(&plain, "hits-entry")?;
    let both = program::copy(&plain, "hits-both")?;
    let fast = program::copy(&plain, "hits-fast")?;
    let peer = program::copy(&plain, "hits-bpftrace")?;
    let debugged = program::build(setup, "hits-dlv", &["-gcflags=all=-N -l"])?;

    let watched = |path: &Path, probed, returns| {
        let label = WatchedLabel::new("main.watched", "main.watched");
        Watched::with(path, vec![label], probed, returns, TURN_RING)
    };
    let watched_entry = watched(&entry, Probed::Entries, Returns::Plain)?;
    let watched_both = watched(&both, Probed::EntriesAndReturns, Returns::Plain)?;
    let watched_fast = watched(&fast, Probed::EntriesAndReturns, Returns::Fast)?;
    let bpftrace = Bpftrace::begin(&peer, setup.scratch.path())?;
    let [
        mut ours,
        mut ours_both,
        mut ours_fast,
        mut theirs,
        mut delves,
    ] = [(); 5].map(|()| Costs::default());
    for _ in 0..ROUNDS {
        let unprobed = program::start(&plain, CALLS)?.go()?;
        ours.push(watched_entry.run(&entry, CALLS, &[])?, unprobed);
        ours_both.push(watched_both.run(&both, CALLS, &[])?, unprobed);
        ours_fast.push(watched_fast.run(&fast, CALLS, &[])?, unprobed);
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
    let name = "entry and fast return, wall clock";
    board.judge(name, Unit::Us, &ours_fast.wall, FAST)?;
    board.tell(
        "— the program's processor time of it",
        Unit::Us,
        &ours_fast.cpu,
    )?;
    let cheaper = ours_both.wall.iter().zip(&ours_fast.wall);
    let cheaper: Vec<f64> = cheaper.map(|(both, fast)| both / fast).collect();
    let name = "— cheaper than entry and return";
    board.judge_at_least(name, Unit::Times, &cheaper, CHEAPER)?;
    Ok(())
}
