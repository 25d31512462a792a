//! How quickly probes come and go.

use std::{fs, path::Path};

use golang::Binary;
use kernel::{Kernel, LoadOptions};
use model::FunctionId;
use plan::{ImplicitProbes, PlanRequest, WatchedLabel};

use super::{
    Outcome, Setup,
    board::{Board, Unit, ms},
    program::keep_sites,
};

const ROUNDS: usize = 7;
const FUNCTIONS: u32 = 1_500;
/// A package with more functions than that, in every program that serves HTTP with the pages of others.
const PATTERN: &str = "github.com/*";
/// The bars, in ms.
const ATTACH: f64 = 250.0;
const DETACH: f64 = 500.0;

/// Measures attaching to, and detaching from, many functions.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let path = setup.scratch.path().join("caddy");
    fs::copy(&setup.caddy, &path)?;
    let binary = Binary::open(&path)?;
    let mut request = PlanRequest::new(vec![WatchedLabel::new("all", PATTERN)]);
    request.glob_limit = usize::MAX;
    request.implicit = ImplicitProbes::NONE;
    let mut plan = plan::build(&binary, &request)?.plan;
    if plan.functions.len() < FUNCTIONS as usize {
        let few = plan.functions.len();
        return Err(format!("{PATTERN} has {few} functions, not {FUNCTIONS}").into());
    }
    let is_kept = |function| function < FunctionId(FUNCTIONS);
    keep_sites(&mut plan, |role| role.function().is_some_and(is_kept));
    let (mut attached, mut detached) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (attach, detach) = round(&plan, &path)?;
        attached.push(attach);
        detached.push(detach);
    }
    let sites = plan.sites.len();
    let name =
        format!("{FUNCTIONS} functions of caddy, entry and every ret: {sites} probes attached");
    board.judge(&name, Unit::Ms, &attached, ATTACH)?;
    board.judge("— detached", Unit::Ms, &detached, DETACH)?;
    Ok(())
}

fn round(plan: &model::plan::Plan, path: &Path) -> Outcome<(f64, f64)> {
    let mut kernel = Kernel::load(plan, &LoadOptions::default())?;
    let report = kernel.attach(path)?;
    let detached = kernel.detach()?;
    Ok((ms(report.took), ms(detached)))
}
