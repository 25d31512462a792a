//! A program under the whole pipeline, with the cost of hits as calibrated: what a session does, without its target.

use std::{path::Path, sync::Arc, time::Duration};

use golang::{Binary, toolchain};
use goproctor::session::{Drain, Flushed};
use kernel::{Kernel, LoadOptions};
use model::{
    FileOffset, Loss, Nanoseconds, Observation, ProbeKind, Retention, Timestamp, plan::Plan,
};
use plan::{Built, FastReturns, PlanRequest, WatchedLabel};
use trace::Tracer;

use super::{
    Outcome,
    program::{self, PerCall},
};

/// The ring that `goproctor run` has.
pub(crate) const RING: u32 = 32 << 20;
/// One that holds all records of a turn, so that it does not matter how soon they are read.
pub(crate) const TURN_RING: u32 = 256 << 20;
/// How long the records may take to come in.
const DRAIN: Duration = Duration::from_secs(30);

/// Which of a function's instructions are probed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probed {
    /// The first, where arguments are read.
    Entries,
    /// The first and every `ret`, where results are read too.
    EntriesAndReturns,
    /// The first, where nothing is read.
    EntriesUnread,
    /// The first and every `ret`, where nothing is read.
    Unread,
}

impl Probed {
    const fn arguments(self) -> bool {
        matches!(self, Self::Entries | Self::EntriesAndReturns)
    }

    const fn results(self) -> bool {
        matches!(self, Self::EntriesAndReturns)
    }

    const fn returns(self) -> bool {
        matches!(self, Self::EntriesAndReturns | Self::Unread)
    }
}

/// How returns are probed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Returns {
    /// At the `ret`, as where nothing else is asked for.
    Plain,
    /// At a jump to another function's end, where there is one (`fast-returns = true`).
    Fast,
}

/// A binary whose functions are watched.
pub(crate) struct Watched {
    watch: Drain,
    plan: Arc<Plan>,
    costs: Vec<Nanoseconds>,
    _kernel: Kernel,
}

/// A window of time that has begun.
pub(crate) struct Window {
    from: Timestamp,
    lost: u64,
}

impl Watched {
    /// Sets the probes, with the ring that a session has.
    pub(crate) fn begin(
        path: &Path,
        functions: &[&str],
        probed: Probed,
        returns: Returns,
    ) -> Outcome<Self> {
        let labels = functions.iter().map(|function| {
            let name = function.rsplit('.').next().unwrap_or(function);
            WatchedLabel::new(name, *function)
        });
        Self::with(path, labels.collect(), probed, returns, RING)
    }

    /// Sets the probes of functions of which something special is to be read, with such a ring.
    pub(crate) fn with(
        path: &Path,
        mut labels: Vec<WatchedLabel>,
        probed: Probed,
        returns: Returns,
        ring_bytes: u32,
    ) -> Outcome<Self> {
        for label in &mut labels {
            label.arguments = probed.arguments();
            label.results = probed.results();
        }
        let binary = Binary::open(path)?;
        let mut request = PlanRequest::new(labels);
        if returns == Returns::Fast {
            request.fast_returns = FastReturns::On {
                verifies_code: false,
            };
        }
        let Built {
            mut plan,
            returns: planned,
            ..
        } = plan::build(&binary, &request)?;
        if planned.redirections().next().is_some() {
            toolchain::redirect_returns(path, planned.redirections())?;
        }
        if !probed.returns() {
            program::keep_sites(&mut plan, |role| role.probe() != ProbeKind::Return);
        }
        let plan = Arc::new(plan);
        let mut kernel = Kernel::load(&plan, &LoadOptions { ring_bytes })?;
        let hit = kernel.calibrate()?;
        let costs = plan.sites.iter().map(|site| {
            let stepping = planned.stepping(&binary, site.address)?;
            Ok(hit.of(stepping))
        });
        let costs = costs.collect::<Outcome<Vec<_>>>()?;
        kernel.attach(path)?;
        let tracer = tracer(&plan, &costs);
        Ok(Self {
            watch: Drain::begin(kernel.records()?, tracer, Arc::default()),
            plan,
            costs,
            _kernel: kernel,
        })
    }

    /// Where in the file the functions that are watched are probed.
    pub(crate) fn offsets(&self) -> Vec<FileOffset> {
        let sites = self.plan.sites.iter();
        sites
            .filter(|site| site.function().is_some())
            .map(|site| site.offset)
            .collect()
    }

    /// Begins a window of which so much is kept; what was before is forgotten.
    pub(crate) fn open(&self, keep: Retention) -> Outcome<Window> {
        self.watch.renew(tracer(&self.plan, &self.costs), None);
        let Flushed { loss, now } = self.watch.flush(DRAIN)?;
        self.watch.with(|tracer| tracer.keep(keep, now));
        Ok(Window {
            from: now,
            lost: loss.total(),
        })
    }

    /// What happened since, and how many records of it were lost.
    pub(crate) fn observe(&self, window: &Window) -> Outcome<(Observation, u64)> {
        let Flushed { loss, now } = self.watch.flush(DRAIN)?;
        let lost = loss.total() - window.lost;
        let seen = self
            .watch
            .with(|tracer| tracer.observe(window.from, now, loss));
        Ok((seen, lost))
    }

    /// What happened since the last turn, judged by itself, and how many records were lost since the window began: they
    /// are held against no verdict.
    pub(crate) fn turn(&self, window: &mut Window) -> Outcome<(Observation, u64)> {
        let Flushed { loss, now } = self.watch.flush(DRAIN)?;
        let from = std::mem::replace(&mut window.from, Timestamp(now.0 + 1));
        let seen = self
            .watch
            .with(|tracer| tracer.observe(from, now, Loss::default()));
        Ok((seen, loss.total() - window.lost))
    }

    /// Has the program make so many calls; each must have been seen, or the figure is none.
    pub(crate) fn run(&self, path: &Path, calls: u64, flags: &[&str]) -> Outcome<PerCall> {
        let window = self.open(Retention::Calls)?;
        let per_call = program::start_with(path, calls, flags)?.go()?;
        let (seen, lost) = self.observe(&window)?;
        let seen = seen.calls.len();
        if lost > 0 || seen as u64 != calls {
            return Err(format!("of {calls} calls {seen} were seen, {lost} records lost").into());
        }
        Ok(per_call)
    }
}

fn tracer(plan: &Arc<Plan>, costs: &[Nanoseconds]) -> Tracer {
    Tracer::new(Arc::clone(plan), Box::new(|_| None), costs.to_vec()).with_edges()
}
