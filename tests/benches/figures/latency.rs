//! How near the times of watched calls are to those of calls that nobody watches: the program itself says these.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use model::{Elapsed, Retention};

use super::{
    Outcome, Setup,
    board::{Board, Unit},
    program,
    watched::{Probed, Returns, Watched},
};

const ROUNDS: usize = 5;
/// How many nested calls are watched within a call.
const NESTED: usize = 10;
/// The pieces of work.
const LENGTHS: [Length; 3] = [
    Length {
        go: "500us",
        shown: "0.5 ms",
        turns: 16,
        calls: 60,
    },
    Length {
        go: "5ms",
        shown: "5 ms",
        turns: 12,
        calls: 30,
    },
    Length {
        go: "50ms",
        shown: "50 ms",
        turns: 10,
        calls: 15,
    },
];

/// A piece of work, and how often it is done in a round: watched and unwatched runs take turns, and the calls of all
/// turns are compared together, so that a moment in which the machine is slower is in both distributions.
struct Length {
    /// How long a call takes, as Go writes it.
    go: &'static str,
    /// The same as the table writes it.
    shown: &'static str,
    turns: usize,
    /// How many calls are made in a turn.
    calls: usize,
}

/// The bars, in percent of the truth.
const MEDIAN: f64 = 5.0;
const P99: f64 = 15.0;
/// The bar of what is not corrected where returns are fast.
const RAW: f64 = 5.0;
/// The bar, in percent of the calls.
const COVERED: f64 = 95.0;

/// What the turns of a round say, in percent.
#[derive(Default)]
struct Figures {
    /// The median without correction.
    raw: Vec<f64>,
    median: Vec<f64>,
    p99: Vec<f64>,
    /// How many ranges have a time in them that an unwatched call took.
    covered: Vec<f64>,
    /// How many have the median of these.
    median_covered: Vec<f64>,
    /// How far the medians and the p99s of the unwatched turns are off among themselves, every second one against the others.
    median_noise: Vec<f64>,
    p99_noise: Vec<f64>,
}

/// Measures how far off the times are of a piece of work with ten watched calls in it.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let plain = program::build_package(setup, "./work", "work-plain", &[])?;
    measure_with(&plain, Returns::Plain, &LENGTHS, board)?;
    measure_with(&plain, Returns::Fast, &LENGTHS[..1], board)
}

fn measure_with(
    plain: &Path,
    returns: Returns,
    lengths: &[Length],
    board: &mut Board,
) -> Outcome<()> {
    let copy = program::copy(plain, "work-watched")?;
    let functions = ["main.work", "main.step"];
    let watched = Watched::begin(&copy, &functions, Probed::EntriesAndReturns, returns)?;
    for length in lengths {
        let iterations = calibrated(plain, length.go)?;
        let mut figures = Figures::default();
        for _ in 0..ROUNDS {
            let (mut truth, mut took) = ([Vec::new(), Vec::new()], Vec::new());
            for turn in 0..length.turns {
                truth[turn % 2].extend(work(plain, length.calls, &iterations)?);
                took.extend(watch(&watched, &copy, length.calls, &iterations)?);
            }
            figures.add(truth, &took)?;
        }
        figures.show(length.shown, returns, board)?;
    }
    Ok(())
}

impl Figures {
    /// Compares what unwatched calls took, those of every second turn apart, with what is said of watched ones.
    fn add(&mut self, truth: [Vec<u64>; 2], took: &[Elapsed]) -> Outcome<()> {
        let of = |part: fn(&Elapsed) -> u64| sorted(took.iter().map(part).collect());
        let (raw, corrected) = (of(|took| took.raw), of(|took| took.corrected));
        let [some, others] = truth.map(sorted);
        self.median_noise.push(off(&some, &others, 50)?);
        self.p99_noise.push(off(&some, &others, 99)?);
        let truth = sorted([some, others].concat());
        let off = |times: &[u64], percent| off(times, &truth, percent);
        self.raw.push(off(&raw, 50)?);
        self.median.push(off(&corrected, 50)?);
        self.p99.push(off(&corrected, 99)?);
        let (least, median, most) = (
            percentile(&truth, 1)?,
            percentile(&truth, 50)?,
            percentile(&truth, 99)?,
        );
        let share = |is: &dyn Fn(&Elapsed) -> bool| {
            took.iter().filter(|took| is(took)).count() as f64 / took.len() as f64 * 100.0
        };
        self.covered
            .push(share(&|took| took.low <= most && least <= took.high));
        self.median_covered
            .push(share(&|took| (took.low..=took.high).contains(&median)));
        Ok(())
    }

    fn show(&self, length: &str, returns: Returns, board: &mut Board) -> Outcome<()> {
        let how = match returns {
            Returns::Plain => "",
            Returns::Fast => ", returns fast",
        };
        let name = format!("work of {length} with {NESTED} watched calls in it{how}, median off");
        let among = "— unwatched runs among themselves";
        board.judge(&name, Unit::Percent, &self.median, MEDIAN)?;
        match returns {
            Returns::Plain => board.tell("— without correction", Unit::Percent, &self.raw)?,
            Returns::Fast => board.judge("— without correction", Unit::Percent, &self.raw, RAW)?,
        };
        board.tell(among, Unit::Percent, &self.median_noise)?;
        board.judge("— p99 off", Unit::Percent, &self.p99, P99)?;
        board.tell(among, Unit::Percent, &self.p99_noise)?;
        board.judge_at_least(
            "— ranges that meet unwatched times (p1 to p99)",
            Unit::Percent,
            &self.covered,
            COVERED,
        )?;
        let name = "— ranges with their median in them";
        board.tell(name, Unit::Percent, &self.median_covered)?;
        Ok(())
    }
}

fn sorted(mut times: Vec<u64>) -> Vec<u64> {
    times.sort_unstable();
    times
}

/// How far a percentile of sorted times is off that of others, in percent.
fn off(times: &[u64], truth: &[u64], percent: usize) -> Outcome<f64> {
    let (ours, theirs) = (percentile(times, percent)?, percentile(truth, percent)?);
    Ok(ours.abs_diff(theirs) as f64 / theirs as f64 * 100.0)
}

/// The percentile of sorted times, by nearest rank.
fn percentile(sorted: &[u64], percent: usize) -> Outcome<u64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    let time = sorted.get(rank - 1).copied();
    time.ok_or_else(|| "nothing was measured".into())
}

/// What is said of the calls of a turn; each of them must have been seen, with all that is nested in it.
fn watch(watched: &Watched, path: &Path, calls: usize, iterations: &str) -> Outcome<Vec<Elapsed>> {
    let window = watched.open(Retention::Calls)?;
    work(path, calls, iterations)?;
    let (seen, lost) = watched.observe(&window)?;
    let (_, end) = seen.window.ok_or("no window")?;
    let label = seen.label("work").ok_or("no label")?;
    let is_work = |call: &&model::Call| label.functions.contains(&call.function);
    let ended = seen.calls.iter().filter(|call| call.outcome.has_results());
    let (all, whole) = (seen.calls.len(), ended.count());
    let took: Vec<Elapsed> = seen
        .calls
        .iter()
        .filter(is_work)
        .map(|call| call.took(end))
        .collect();
    if lost > 0 || took.len() != calls || all != calls * (1 + NESTED) || whole != all {
        let works = took.len();
        return Err(format!(
            "of {calls} calls {works} were seen, {all} with nested ones, {whole} to their end, {lost} records lost"
        )
        .into());
    }
    Ok(took)
}

/// How many iterations take so long.
fn calibrated(path: &Path, length: &str) -> Outcome<String> {
    let output = Command::new(path).args(["-calibrate", length]).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let iterations = said.trim().strip_prefix("iterations ");
    let iterations = iterations.ok_or_else(|| format!("work said no iterations: {said}"))?;
    Ok(iterations.to_owned())
}

/// How long the calls of a run took, in ns, as the program says.
fn work(path: &Path, calls: usize, iterations: &str) -> Outcome<Vec<u64>> {
    let mut child = Command::new(path)
        .args([
            "-wait",
            "-iterations",
            iterations,
            "-calls",
            &calls.to_string(),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut gate = child.stdin.take().ok_or("no standard input")?;
    gate.write_all(b"go\n")?;
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let took = said.lines().filter_map(|line| line.strip_prefix("took "));
    let took = took.map(str::parse).collect::<Result<Vec<u64>, _>>()?;
    if !output.status.success() || took.len() != calls {
        return Err(format!("work: {}, {} of {calls} calls", output.status, took.len()).into());
    }
    Ok(took)
}
