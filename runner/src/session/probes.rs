//! Probes on a program: set, and what their hits cost. What they bring goes to a tracer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use kernel::{HitCost, Kernel, LoadOptions};
use model::Nanoseconds;
use trace::{FunctionNames, Tracer};

use super::{
    Prepared, Progress, SessionError, Timings,
    kernels::{Kernels, Lent},
};

/// A tracer of the program's records, with nothing seen yet.
pub(super) fn tracer(prepared: &Prepared, names: FunctionNames, costs: Vec<Nanoseconds>) -> Tracer {
    Tracer::new(Arc::clone(&prepared.plan), names, costs)
        .with_edges()
        .with_places(prepared.places())
}

/// Loads the kernel program, measures what a hit costs at each of the plan's sites, and sets the probes.
pub(super) fn attach(
    prepared: &Prepared,
    ring_bytes: u32,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Kernel, Vec<Nanoseconds>), SessionError> {
    let mut kernel = Kernel::load(&prepared.plan, &LoadOptions { ring_bytes })?;
    let costs = hit_costs(prepared, kernel.calibrate()?)?;
    set(prepared, &mut kernel, progress)?;
    Ok((kernel, costs))
}

/// The same with a kernel program that may be loaded already.
pub(super) fn attach_lent(
    prepared: &Prepared,
    kernels: &Arc<Kernels>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Lent, Vec<Nanoseconds>), SessionError> {
    let mut timings = Timings::default();
    attach_timed(prepared, kernels, &mut timings, progress)
}

/// The same; notes how long each part took.
pub(super) fn attach_timed(
    prepared: &Prepared,
    kernels: &Arc<Kernels>,
    timings: &mut Timings,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Lent, Vec<Nanoseconds>), SessionError> {
    let begun = Instant::now();
    let mut lent = kernels.take(&prepared.plan)?;
    let loaded = Instant::now();
    let costs = hit_costs(prepared, lent.hit_cost()?)?;
    let calibrated = Instant::now();
    set(prepared, lent.kernel(), progress)?;
    timings.verify = loaded - begun;
    timings.calibrate = calibrated - loaded;
    timings.attach = calibrated.elapsed();
    Ok((lent, costs))
}

/// Sets the probes. Where the kernel takes them off one by one, a wait that a person would wonder about is said beforehand.
fn set(
    prepared: &Prepared,
    kernel: &mut Kernel,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), SessionError> {
    const WORTH_SAYING: Duration = Duration::from_secs(1);
    progress(Progress::Attaching(prepared.plan.sites.len()));
    let report = kernel.attach(&prepared.path)?;
    if let Some(wait) = report.detach_estimate.filter(|&wait| wait >= WORTH_SAYING) {
        progress(Progress::Warning(format!(
            "this kernel takes probes off one by one: removing {} at the end takes about {}",
            report.sites,
            Nanoseconds::from(wait).brief()
        )));
    }
    Ok(())
}

/// What a hit costs at each of the plan's sites, which the instruction there decides.
fn hit_costs(prepared: &Prepared, costs: HitCost) -> Result<Vec<Nanoseconds>, SessionError> {
    let sites = prepared.plan.sites.iter();
    sites
        .map(|site| {
            let stepping = prepared.stepping(site);
            let stepping = stepping.map_err(|error| SessionError::Binary {
                path: prepared.path.clone(),
                error,
            })?;
            Ok(costs.of(stepping))
        })
        .collect()
}
