//! How much memory a test with very many calls takes: that of a process of its own, which does what goproctor does.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use model::Retention;

use super::{
    Outcome, Setup,
    board::{Board, Unit},
    program,
    watched::{Probed, Returns, Watched},
};

/// The argument with which this program is started as such a process; behind it the binary, how many calls it makes, and
/// what is kept.
const OBSERVE: &str = "--observe";
const CALLS: u64 = 1_000_000;
const FEW: u64 = 100_000;
/// Calls a second: what memory is taken is not to be a question of speed.
const PACE: &str = "100000";
/// The bar, in MB.
const BAR: f64 = 300.0;
/// The bar: how many times the memory of a tenth of the calls, where they are counted. What is above one is the allocator's.
const FLAT: f64 = 1.1;

/// Measures the memory of observations of a million calls with a string and two ints.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let path = program::build(setup, "hits-memory", &[])?;
    let [begun, kept] = child(&path, CALLS, Retention::Calls)?;
    let name = format!("memory with {CALLS} calls kept (string, two ints), at most");
    board.judge(&name, Unit::Megabytes, &[kept], BAR)?;
    board.tell("— before the first call", Unit::Megabytes, &[begun])?;
    let [_, few] = child(&path, FEW, Retention::Totals)?;
    let [_, many] = child(&path, CALLS, Retention::Totals)?;
    let name = format!("memory with {CALLS} calls counted, at most");
    board.tell(&name, Unit::Megabytes, &[many])?;
    let name = format!("— as many times that with {FEW}");
    board.judge(&name, Unit::Times, &[many / few], FLAT)?;
    Ok(())
}

/// The memory of such a process in MB, before the first call and at most.
fn child(path: &Path, calls: u64, keep: Retention) -> Outcome<[f64; 2]> {
    let kept = match keep {
        Retention::Totals => "totals",
        _ => "calls",
    };
    let output = Command::new(env::current_exe()?)
        .arg(OBSERVE)
        .arg(path)
        .args([&calls.to_string(), kept])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("the observing process: {}", output.status).into());
    }
    let mut numbers = said.split_whitespace().map(str::parse::<f64>);
    let mut next = || -> Outcome<f64> {
        let number = numbers
            .next()
            .ok_or("the observing process said too little")?;
        Ok(number? / 1e6)
    };
    Ok([next()?, next()?])
}

/// The arguments if this process is to observe.
pub(crate) fn asked() -> Option<Vec<String>> {
    let mut arguments = env::args().skip(1);
    (arguments.next()? == OBSERVE).then(|| arguments.collect())
}

/// Watches a run of the program, and prints this process's memory, before and at most.
pub(crate) fn observe(arguments: &[String]) -> Outcome<()> {
    let [path, calls, kept] = arguments else {
        return Err(format!("{OBSERVE} BINARY CALLS totals|calls").into());
    };
    let calls: u64 = calls.parse()?;
    let path = Path::new(path);
    let watched = Watched::begin(path, &["main.watched"], Probed::Entries, Returns::Plain)?;
    let window = watched.open(match kept.as_str() {
        "totals" => Retention::Totals,
        _ => Retention::Calls,
    })?;
    let begun = memory("VmRSS:")?;
    program::start_with(path, calls, &["-rate", PACE])?.go()?;
    let (seen, lost) = watched.observe(&window)?;
    let count = match &seen.totals {
        Some(totals) => totals.count(),
        None => seen.calls.len() as u64,
    };
    if lost > 0 || count != calls {
        return Err(format!("of {calls} calls {count} were seen, {lost} records lost").into());
    }
    println!("{begun} {}", memory("VmHWM:")?);
    Ok(())
}

/// A figure of this process's memory, in bytes.
pub(crate) fn memory(key: &str) -> Outcome<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    let kilobytes = kilobytes.ok_or_else(|| format!("no {key} in /proc/self/status"))?;
    Ok(kilobytes.parse::<u64>()? * 1024)
}
