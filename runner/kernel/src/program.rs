//! The kernel program, loaded with the tables of one plan.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use aya::{
    Ebpf, EbpfLoader,
    maps::{Array, Map},
    programs::{
        ProgramError, UProbe,
        uprobe::{UProbeAttachLocation, UProbeAttachPoint, UProbeLinkId, UProbeScope},
    },
};
use goproctor_ebpf::{Globals, Link, Save, Seed, SiteCount, SitePlan, View};
use model::{
    SiteId,
    plan::{GoroutineSource, Plan, RuntimeLayout},
};

use super::{
    KernelError, LinkKind, Records, Tables, Unprivileged, btf,
    error::errno,
    maps::{
        Counts, count, entries, fill, fill_dynamic, fill_tests, on_map, ring_bytes, saved_entries,
        take, test_entries, watched_entries,
    },
    object::{MULTI, OBJECT, SINGLE},
    own_sites::{self, CALIBRATION},
    point::Point,
    raised::Raised,
    records::on_ring,
    return_trial::{ReturnsExecuted, try_returns},
    ring::Ring,
};

/// How many probes may be attached one by one, where the kernel can't attach them at once.
pub(super) const MAX_SINGLE: usize = 256;
/// `PROC_PID_INIT_INO` of include/linux/proc_ns.h: the first PID namespace.
const FIRST_PID_NAMESPACE: u64 = 0xEFFF_FFFC;

/// How to load the program.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// Bytes of the ring that records travel through. Rounded up to a power of two.
    pub ring_bytes: u32,
}

impl Default for LoadOptions {
    /// A ring of 32 MiB: 160,000 records of registers, 64,000 with a string or two.
    fn default() -> Self {
        Self {
            ring_bytes: 32 << 20,
        }
    }
}

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
    ebpf: Ebpf,
    kind: LinkKind,
    points: Arc<[Point]>,
    counts: Arc<Counts>,
    ring: Option<Ring>,
    link: Option<UProbeLinkId>,
    /// How long taking off one probe takes here, where each is taken off by itself; calibration measures it.
    pub(super) single_detach: Option<Duration>,
    /// Whether the program executes `ret`s.
    pub(super) executes_returns: bool,
    /// What calibration needs of the plan.
    pub(super) runtime: RuntimeLayout,
    /// The sites of calibration.
    pub(super) calibration: [SiteId; CALIBRATION],
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
        if plan.sites.is_empty() {
            return Err(KernelError::NoSites);
        }
        let mut tables = Tables::new(plan)?;
        let calibration = own_sites::calibration(plan);
        for site in &calibration {
            tables.push(site, plan)?;
        }
        let largest_class = tables.largest_class();
        let executed = try_returns(kind);
        let execute_returns = u32::from(executed.is_some());
        let mut ebpf = EbpfLoader::new()
            .override_global("LARGEST_CLASS", &largest_class, true)
            .override_global("EXECUTE_RETURNS", &execute_returns, true)
            .map_max_entries("SITES", entries(&tables.sites))
            .map_max_entries("COUNTS", entries(&tables.sites))
            .map_max_entries("SEEDS", entries(&tables.seeds))
            .map_max_entries("VIEWS", entries(&tables.views))
            .map_max_entries("LINKS", entries(&tables.links))
            .map_max_entries("DYNAMIC", entries(&tables.dynamic))
            .map_max_entries("SAVES", entries(&tables.saves))
            .map_max_entries("SAVED", saved_entries(&tables.saves))
            .map_max_entries("TESTS", test_entries(plan.gate.as_ref()))
            .map_max_entries("WATCHED", watched_entries(plan.gate.as_ref()))
            .map_max_entries("RING", ring_bytes(options.ring_bytes))
            .load(OBJECT)
            .map_err(KernelError::setup)?;
        let globals = globals(plan, executed)?;
        fill::<Globals>(&mut ebpf, "GLOBALS", &[globals])?;
        fill::<SitePlan>(&mut ebpf, "SITES", &tables.sites)?;
        fill::<Seed>(&mut ebpf, "SEEDS", &tables.seeds)?;
        fill::<View>(&mut ebpf, "VIEWS", &tables.views)?;
        fill::<Link>(&mut ebpf, "LINKS", &tables.links)?;
        fill::<Save>(&mut ebpf, "SAVES", &tables.saves)?;
        fill_dynamic(&mut ebpf, &tables.dynamic)?;
        fill_tests(&mut ebpf, plan.gate.as_ref())?;
        let name = program_name(kind);
        program(&mut ebpf, kind)?
            .load()
            .map_err(|error| KernelError::load(name, error))?;
        let counts = Array::try_from(take(&mut ebpf, "COUNTS")?).map_err(on_map("COUNTS"))?;
        let servers = plan.servers();
        let Map::RingBuf(ring) = take(&mut ebpf, "RING")? else {
            return Err(KernelError::Object("RING"));
        };
        let ring = Ring::of(&ring).map_err(on_ring)?;
        Ok(Self {
            ebpf,
            kind,
            points: plan
                .sites
                .iter()
                .map(|site| Point::new(site, &servers))
                .collect(),
            counts: Arc::new(counts),
            ring: Some(ring),
            link: None,
            single_detach: None,
            executes_returns: executed.is_some(),
            runtime: plan.runtime,
            calibration: calibration.map(|site| site.id),
        })
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
            kind: self.kind,
            took: begin.elapsed(),
            detach_estimate,
        })
    }

    /// How long taking off so many probes will take, where each is taken off by itself and it was measured.
    pub(super) fn detach_estimate(&self, sites: usize) -> Result<Option<Duration>, KernelError> {
        if self.kind == LinkKind::Multi {
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
        let kind = self.kind;
        let _raised = Raised::raise_for(kind)?;
        let program = program(&mut self.ebpf, kind)?;
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
            let link = program(&mut self.ebpf, self.kind)?
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
            program(&mut self.ebpf, self.kind)?
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
        let (counts, points) = (Arc::clone(&self.counts), Arc::clone(&self.points));
        Ok(Records::new(ring, counts, points, self.calibration))
    }

    /// By site, how often it was hit and how many of its records found no room.
    ///
    /// # Errors
    /// The counts can't be read.
    pub fn hits(&self) -> Result<Vec<SiteCount>, KernelError> {
        self.points
            .iter()
            .map(|point| count(&self.counts, point.site))
            .collect()
    }

    /// How many instructions the verifier went through, where the kernel says it.
    #[cfg(test)]
    pub(super) fn verified_instructions(&mut self) -> Option<u32> {
        let program = program(&mut self.ebpf, self.kind).ok()?;
        program.info().ok()?.verified_instruction_count()
    }

    /// How probes are attached.
    #[must_use]
    pub const fn kind(&self) -> LinkKind {
        self.kind
    }
}

/// Whether a single link was refused for want of CAP_SYS_ADMIN: the file can be read, or it could not have been planned for.
fn lacks_privilege(kind: LinkKind, error: &ProgramError) -> Option<io::Error> {
    let error = errno(error)?;
    let refused = error.kind() == io::ErrorKind::PermissionDenied && kind == LinkKind::Single;
    // An `io::Error` can't be cloned; its number says all.
    refused.then(|| error.raw_os_error().map(io::Error::from_raw_os_error))?
}

const fn program_name(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Multi => MULTI,
        LinkKind::Single => SINGLE,
    }
}

fn program(ebpf: &mut Ebpf, kind: LinkKind) -> Result<&mut UProbe, KernelError> {
    let name = program_name(kind);
    ebpf.program_mut(name)
        .and_then(|program| program.try_into().ok())
        .ok_or(KernelError::Object(name))
}

/// What holds for all sites.
fn globals(plan: &Plan, executed: Option<ReturnsExecuted>) -> Result<Globals, KernelError> {
    let thread_local = plan
        .sites
        .iter()
        .any(|site| site.goroutine == GoroutineSource::ThreadLocal);
    let (pid_ns_device, pid_ns_inode) = pid_namespace().map_err(KernelError::Namespace)?;
    Ok(Globals {
        task_fsbase: if thread_local {
            btf::task_thread_pointer()?
        } else {
            0
        },
        tls_g: plan.runtime.tls_g,
        g_goid: plan.runtime.g_goid,
        g_stack_hi: plan.runtime.g_stack_hi,
        g_m: plan.runtime.g_m,
        m_curg: plan.runtime.m_curg,
        pid_ns_device,
        pid_ns_inode,
        task_features: executed.map_or(0, |executed| executed.task_features),
    })
}

/// Device and inode of our PID namespace, as the kernel numbers devices; zeros for the first namespace,
/// whose numbers need no translation.
fn pid_namespace() -> io::Result<(u64, u64)> {
    let namespace = fs::metadata("/proc/self/ns/pid")?;
    if namespace.ino() == FIRST_PID_NAMESPACE {
        return Ok((0, 0));
    }
    let (major, minor) = (libc::major(namespace.dev()), libc::minor(namespace.dev()));
    Ok((u64::from(major) << 20 | u64::from(minor), namespace.ino()))
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
