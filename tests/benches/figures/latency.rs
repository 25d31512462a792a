//! How near the times of watched calls are to those of calls that nobody watches: the program itself says these.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use goproctor::model::{Keep, Took};

use super::{
    Outcome, Setup,
    board::{Board, Unit},
    program,
    watched::{Probed, Watched},
};

const ROUNDS: usize = 5;
/// How many nested calls are watched within a call.
const NESTED: usize = 10;
/// How long a call takes, as Go and the table write it, and how often it is made in a turn: a p99 needs a hundred.
const LENGTHS: [(&str, &str, usize); 3] = [
    ("500us", "0.5 ms", 300),
    ("5ms", "5 ms", 150),
    ("50ms", "50 ms", 100),
];
/// The bars, in percent of the truth.
const MEDIAN: f64 = 5.0;
const P99: f64 = 15.0;
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
}

/// Measures how far off the times are of a piece of work with ten watched calls in it.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let plain = program::build_package(setup, "./work", "work-plain", &[])?;
    let copy = program::copy(&plain, "work-watched")?;
    let functions = ["main.work", "main.step"];
    let watched = Watched::begin(&copy, &functions, Probed::EntriesAndReturns)?;
    for (length, shown, calls) in LENGTHS {
        let iterations = calibrated(&plain, length)?;
        let mut figures = Figures::default();
        for _ in 0..ROUNDS {
            let truth = work(&plain, calls, &iterations)?;
            let took = watch(&watched, &copy, calls, &iterations)?;
            figures.add(truth, &took)?;
        }
        figures.show(shown, board)?;
    }
    Ok(())
}

impl Figures {
    /// Compares what unwatched calls took with what is said of watched ones.
    fn add(&mut self, mut truth: Vec<u64>, took: &[Took]) -> Outcome<()> {
        let sorted = |of: fn(&Took) -> u64| {
            let mut times: Vec<u64> = took.iter().map(of).collect();
            times.sort_unstable();
            times
        };
        truth.sort_unstable();
        let (raw, corrected) = (sorted(|took| took.raw), sorted(|took| took.corrected));
        let off = |times: &[u64], percent| -> Outcome<f64> {
            let (ours, theirs) = (percentile(times, percent)?, percentile(&truth, percent)?);
            Ok(ours.abs_diff(theirs) as f64 / theirs as f64 * 100.0)
        };
        self.raw.push(off(&raw, 50)?);
        self.median.push(off(&corrected, 50)?);
        self.p99.push(off(&corrected, 99)?);
        let (least, median, most) = (
            percentile(&truth, 1)?,
            percentile(&truth, 50)?,
            percentile(&truth, 99)?,
        );
        let share = |is: &dyn Fn(&Took) -> bool| {
            took.iter().filter(|took| is(took)).count() as f64 / took.len() as f64 * 100.0
        };
        self.covered
            .push(share(&|took| took.low <= most && least <= took.high));
        self.median_covered
            .push(share(&|took| (took.low..=took.high).contains(&median)));
        Ok(())
    }

    fn show(&self, length: &str, board: &mut Board) -> Outcome<()> {
        let name = format!("work of {length} with {NESTED} watched calls in it, median off");
        board.judge(&name, Unit::Percent, &self.median, MEDIAN)?;
        board.tell("— without correction", Unit::Percent, &self.raw)?;
        board.judge("— p99 off", Unit::Percent, &self.p99, P99)?;
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

/// The percentile of sorted times, by nearest rank.
fn percentile(sorted: &[u64], percent: usize) -> Outcome<u64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    let time = sorted.get(rank - 1).copied();
    time.ok_or_else(|| "nothing was measured".into())
}

/// What is said of the calls of a turn; each of them must have been seen, with all that is nested in it.
fn watch(watched: &Watched, path: &Path, calls: usize, iterations: &str) -> Outcome<Vec<Took>> {
    let window = watched.open(Keep::Calls)?;
    work(path, calls, iterations)?;
    let (seen, lost) = watched.observe(&window)?;
    let (_, end) = seen.window.ok_or("no window")?;
    let label = seen.label("work").ok_or("no label")?;
    let is_work = |call: &&goproctor::model::Call| label.functions.contains(&call.function);
    let ended = seen.calls.iter().filter(|call| call.outcome.has_results());
    let (all, whole) = (seen.calls.len(), ended.count());
    let took: Vec<Took> = seen
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
