//! How quickly records become calls, and what room calls take.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use golang::Binary;
use kernel::{Kernel, LoadOptions};
use model::plan::Plan;
use trace::{RecordSource as _, Tracer};

use super::{
    Outcome, Setup,
    board::{Board, Unit},
    memory::memory,
    program,
};

const ROUNDS: usize = 7;
const CALLS: u64 = 200_000;
/// Room for all records of all calls: nothing takes them out while the program runs.
const RING: u32 = 256 << 20;

/// Measures the tracer on the records of a real run, entry and return of each call.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let (plan, records) = record(setup)?;
    let before = memory("VmRSS:")?;
    let first = traced(&plan, &records)?;
    let kept = (memory("VmRSS:")?.saturating_sub(before)) as f64 / CALLS as f64;
    drop(first);
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        let tracer = traced(&plan, &records)?;
        rates.push(records.len() as f64 / begin.elapsed().as_secs_f64() / 1e6);
        drop(tracer);
    }
    board.tell(
        "records traced, from memory",
        Unit::MillionsPerSecond,
        &rates,
    )?;
    board.tell(
        "memory of a call that is kept (string, two ints, a result)",
        Unit::Bytes,
        &[kept],
    )?;
    let bytes: usize = records.iter().map(Vec::len).sum();
    let each = bytes as f64 / records.len() as f64;
    board.tell("a record on its way", Unit::Bytes, &[each])?;
    Ok(())
}

fn record(setup: &Setup) -> Outcome<(Arc<Plan>, Vec<Vec<u8>>)> {
    let path = program::build(setup, "hits-records", &[])?;
    let plan = Arc::new(program::plan(&Binary::open(&path)?, true)?);
    let mut kernel = Kernel::load(&plan, &LoadOptions { ring_bytes: RING })?;
    kernel.attach(&path)?;
    let mut source = kernel.records()?;
    program::start(&path, CALLS)?.go()?;
    let mut records = Vec::new();
    while source.drain(Duration::ZERO, &mut |record| records.push(record.to_vec()))? > 0 {}
    let mark = source.mark_and_count()?;
    match source.loss(&mark)?.loss.total() {
        0 => Ok((plan, records)),
        lost => Err(format!("{lost} records were lost").into()),
    }
}

fn traced(plan: &Arc<Plan>, records: &[Vec<u8>]) -> Outcome<Tracer> {
    let mut tracer = program::tracer(plan);
    for record in records {
        tracer.feed(record)?;
    }
    Ok(tracer)
}
