//! The kernel program, loaded with the tables of one plan.

use std::{
    io,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use aya::programs::{
    ProgramError, UProbe,
    uprobe::{UProbeAttachLocation, UProbeAttachPoint, UProbeLinkId, UProbeScope},
};
use goproctor_ebpf::SiteCount;
use model::{
    SiteId,
    plan::{Plan, RuntimeLayout},
};

use super::{
    KernelError, LinkKind, LoadOptions, Records, Tables, Unprivileged,
    error::errno,
    loaded::{Loaded, program},
    maps::count,
    own_sites::{self, CALIBRATION},
    point::Point,
    raised::Raised,
    records::on_ring,
    ring::Ring,
};

/// How many probes may be attached one by one, where the kernel can't attach them at once.
pub(super) const MAX_SINGLE: usize = 256;

/// What attaching did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttachReport {
    /// How many probes were set.
    pub sites: usize,
    /// How they were attached.
    pub kind: LinkKind,
    /// How long it took.
    pub took: Duration,
    /// How long detaching will take, as calibration measured it on this kernel; none where all probes are taken off at
    /// once ([`LinkKind::Multi`]), or where nothing was measured.
    pub detach_estimate: Option<Duration>,
}

/// The kernel program, loaded with the tables of one plan. Probes are taken off when it is dropped, or by
/// the kernel when the process ends, however it does.
pub struct Kernel {
    loaded: Loaded,
    points: Arc<[Point]>,
    ring: Option<Ring>,
    link: Option<UProbeLinkId>,
    /// How long taking off one probe takes here, where each is taken off by itself; calibration measures it.
    pub(super) single_detach: Option<Duration>,
    /// What calibration needs of the plan.
    pub(super) runtime: RuntimeLayout,
    /// The sites of calibration.
    pub(super) calibration: [SiteId; CALIBRATION],
}

/// The kernel program, loaded without a plan: what takes long is done.
pub struct SpareKernel(Loaded);

impl SpareKernel {
    /// Loads the program with room for the tables of most plans.
    ///
    /// # Errors
    /// As for [`Kernel::load`].
    pub fn load(options: &LoadOptions) -> Result<Self, KernelError> {
        let _raised = Raised::raise()?;
        let kind = LinkKind::supported().map_err(KernelError::Refused)?;
        Loaded::roomy(options, kind).map(Self)
    }

    /// Gives it a plan. Where its tables have too little room for that, the program is loaded anew.
    ///
    /// # Errors
    /// As for [`Kernel::load`].
    pub fn with(self, plan: &Plan) -> Result<Kernel, KernelError> {
        let _raised = Raised::raise()?;
        let (tables, calibration) = tables(plan)?;
        match self.0.holds(plan, &tables) {
            true => Kernel::of(self.0, plan, &tables, calibration),
            false => Kernel::load(plan, self.0.options()),
        }
    }
}

/// The tables of a plan and of calibration, and the sites of calibration.
fn tables(plan: &Plan) -> Result<(Tables, [SiteId; CALIBRATION]), KernelError> {
    if plan.sites.is_empty() {
        return Err(KernelError::NoSites);
    }
    let mut tables = Tables::new(plan)?;
    let calibration = own_sites::calibration(plan);
    for site in &calibration {
        tables.push(site, plan)?;
    }
    Ok((tables, calibration.map(|site| site.id)))
}

impl Kernel {
    /// Loads the program with the tables of `plan`. The capabilities that this takes are raised for that
    /// time alone, in the calling thread.
    ///
    /// # Errors
    /// No privilege, a kernel that can't do it, or a plan that is too large; the error says what to do.
    pub fn load(plan: &Plan, options: &LoadOptions) -> Result<Self, KernelError> {
        let _raised = Raised::raise()?;
        Self::load_as(
            plan,
            options,
            LinkKind::supported().map_err(KernelError::Refused)?,
        )
    }

    /// The same with links of a kind.
    pub(super) fn load_as(
        plan: &Plan,
        options: &LoadOptions,
        kind: LinkKind,
    ) -> Result<Self, KernelError> {
        let _raised = Raised::raise()?;
        let (tables, calibration) = tables(plan)?;
        let loaded = Loaded::load(&tables, plan.gate.as_ref(), options, kind)?;
        Self::of(loaded, plan, &tables, calibration)
    }

    fn of(
        mut loaded: Loaded,
        plan: &Plan,
        tables: &Tables,
        calibration: [SiteId; CALIBRATION],
    ) -> Result<Self, KernelError> {
        loaded.fill(plan, tables)?;
        let servers = plan.servers();
        let ring = Ring::of(&loaded.ring).map_err(on_ring)?;
        let points = plan.sites.iter().map(|site| Point::new(site, &servers));
        Ok(Self {
            loaded,
            points: points.collect(),
            ring: Some(ring),
            link: None,
            single_detach: None,
            runtime: plan.runtime,
            calibration,
        })
    }

    /// Takes all probes off and forgets the plan, so that another one can be watched; none if that would take longer than to load
    /// the program anew. Whoever reads its records must have ended.
    ///
    /// # Errors
    /// The kernel does not let go, or its maps can't be used.
    pub fn into_spare(mut self) -> Result<Option<SpareKernel>, KernelError> {
        let _raised = Raised::raise()?;
        self.detach()?;
        let mut ring = Ring::of(&self.loaded.ring).map_err(on_ring)?;
        while ring.take(&mut |_| {}).map_err(on_ring)? {}
        Ok(self.loaded.clear()?.then_some(SpareKernel(self.loaded)))
    }

    /// Whether the program executes `ret`s.
    pub(super) const fn executes_returns(&self) -> bool {
        self.loaded.executed.is_some()
    }

    /// Sets a probe at every site, for all processes that run the file, now and later.
    ///
    /// # Errors
    /// A probe can't be set; none is then. Or taking so many off one by one would take too long.
    pub fn attach(&mut self, binary: &Path) -> Result<AttachReport, KernelError> {
        let detach_estimate = self.detach_estimate(self.points.len())?;
        let begin = Instant::now();
        let points = Arc::clone(&self.points);
        self.attach_points(&points, binary)?;
        Ok(AttachReport {
            sites: points.len(),
            kind: self.loaded.kind,
            took: begin.elapsed(),
            detach_estimate,
        })
    }

    /// How long taking off so many probes will take, where each is taken off by itself and it was measured.
    pub(super) fn detach_estimate(&self, sites: usize) -> Result<Option<Duration>, KernelError> {
        if self.loaded.kind == LinkKind::Multi {
            return Ok(None);
        }
        let count = u32::try_from(sites).unwrap_or(u32::MAX);
        let estimate = self.single_detach.map(|one| one.saturating_mul(count));
        if sites > MAX_SINGLE {
            return Err(KernelError::TooManySites {
                sites,
                most: MAX_SINGLE,
                estimate,
            });
        }
        Ok(estimate)
    }

    /// Sets probes at these points.
    pub(super) fn attach_points(
        &mut self,
        points: &[Point],
        binary: &Path,
    ) -> Result<(), KernelError> {
        if self.link.is_some() {
            return Err(KernelError::Attached);
        }
        let kind = self.loaded.kind;
        let _raised = Raised::raise_for(kind)?;
        let program = program(&mut self.loaded.ebpf, kind)?;
        let link = attach(program, points, binary).map_err(|error| {
            if let Some(error) = lacks_privilege(kind, &error) {
                let why = Unprivileged::why_without();
                return KernelError::SingleLinks { why, error };
            }
            let point = culprit(program, points, binary);
            KernelError::Attach {
                binary: binary.to_owned(),
                site: point.site,
                offset: point.offset,
                error: Box::new(error),
            }
        })?;
        self.link = Some(link);
        Ok(())
    }

    /// Takes all probes off without waiting for it: the kernel takes tens of milliseconds, in which nothing
    /// that is attached next is disturbed. What was held while they were set is let go of after them.
    pub(super) fn detach_later(&mut self, held: impl Send + 'static) -> Result<(), KernelError> {
        if let Some(link) = self.link.take() {
            let link = program(&mut self.loaded.ebpf, self.loaded.kind)?
                .take_link(link)
                .map_err(|error| KernelError::Load(Box::new(error)))?;
            // Where no thread can be had, the link is let go of here and now.
            let _ = thread::Builder::new()
                .name("detach".to_owned())
                .spawn(move || {
                    drop(link);
                    drop(held);
                });
        }
        Ok(())
    }

    /// Drops the records that are there, which nobody has asked for yet.
    pub(super) fn discard(&mut self) -> Result<(), KernelError> {
        let ring = self.ring.as_mut().ok_or(KernelError::RecordsTaken)?;
        while ring.take(&mut |_| {}).map_err(on_ring)? {}
        Ok(())
    }

    /// Takes all probes off and gives how long that took. Records that are in the ring stay there.
    ///
    /// # Errors
    /// The kernel does not let go.
    pub fn detach(&mut self) -> Result<Duration, KernelError> {
        let begin = Instant::now();
        if let Some(link) = self.link.take() {
            program(&mut self.loaded.ebpf, self.loaded.kind)?
                .detach(link)
                .map_err(|error| KernelError::Load(Box::new(error)))?;
        }
        Ok(begin.elapsed())
    }

    /// The records, which can be read from another thread. There is one reader.
    ///
    /// # Errors
    /// They were already handed out.
    pub fn records(&mut self) -> Result<Records, KernelError> {
        let ring = self.ring.take().ok_or(KernelError::RecordsTaken)?;
        let (counts, points) = (Arc::clone(&self.loaded.counts), Arc::clone(&self.points));
        Ok(Records::new(ring, counts, points, self.calibration))
    }

    /// By site, how often it was hit and how many of its records found no room.
    ///
    /// # Errors
    /// The counts can't be read.
    pub fn hits(&self) -> Result<Vec<SiteCount>, KernelError> {
        self.points
            .iter()
            .map(|point| count(&self.loaded.counts, point.site))
            .collect()
    }

    /// How many instructions the verifier went through, where the kernel says it.
    #[cfg(test)]
    pub(super) fn verified_instructions(&mut self) -> Option<u32> {
        let program = program(&mut self.loaded.ebpf, self.loaded.kind).ok()?;
        program.info().ok()?.verified_instruction_count()
    }

    /// How probes are attached.
    #[must_use]
    pub const fn kind(&self) -> LinkKind {
        self.loaded.kind
    }
}

/// Whether a single link was refused for want of CAP_SYS_ADMIN: the file can be read, or it could not have been planned for.
fn lacks_privilege(kind: LinkKind, error: &ProgramError) -> Option<io::Error> {
    let error = errno(error)?;
    let refused = error.kind() == io::ErrorKind::PermissionDenied && kind == LinkKind::Single;
    // An `io::Error` can't be cloned; its number says all.
    refused.then(|| error.raw_os_error().map(io::Error::from_raw_os_error))?
}

fn attach(
    program: &mut UProbe,
    points: &[Point],
    binary: &Path,
) -> Result<UProbeLinkId, ProgramError> {
    let points = points.iter().map(|point| UProbeAttachPoint {
        location: UProbeAttachLocation::AbsoluteOffset(point.offset.0),
        cookie: Some(u64::from(point.site.0)),
    });
    // A bare name would be looked up among the libraries.
    let binary = if binary.is_relative() {
        Path::new(".").join(binary)
    } else {
        binary.to_owned()
    };
    program.attach(points, binary, UProbeScope::AllProcesses)
}

/// The first of `points`, which can't all be attached, that can't be attached.
fn culprit<'a>(program: &mut UProbe, mut points: &'a [Point], binary: &Path) -> &'a Point {
    while points.len() > 1 {
        let (first, second) = points.split_at(points.len() / 2);
        points = match attach(program, first, binary) {
            Ok(link) => {
                // A link that is not let go of here is let go of with the program.
                let _ = program.detach(link);
                second
            }
            Err(_) => first,
        };
    }
    &points[0]
}
