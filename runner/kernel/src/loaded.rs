//! The kernel program and its maps, before they are told what to watch and after they have been.
//!
//! The verifier takes most of the time that loading takes, and looks at the program alone. So what was loaded once can watch one
//! binary after the other.

use std::sync::Arc;

use aya::{
    Ebpf, EbpfLoader,
    maps::{Array, HashMap, Map, MapData},
    programs::UProbe,
};
use goproctor_ebpf::{
    Dynamic, Globals, GoroutineKey, Link, RecordClass, Save, Seed, SiteCount, SitePlan, TestCode,
    View,
};
use model::plan::{Plan, TestGate};

use super::{
    KernelError, LinkKind, Tables,
    globals::globals,
    maps::{
        Counts, Wire, entries, fill, on_map, put, remove, ring_bytes, saved_entries, take,
        test_codes, watched_entries,
    },
    object::{MULTI, OBJECT, SINGLE},
    return_trial::{ReturnsExecuted, try_returns},
};

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

/// The goroutines that are watched.
const WATCHED: &str = "WATCHED";
/// How many of them are taken out one by one.
const MAX_CLEARED: usize = 16_384;

/// What the maps have room for.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// The largest class of a record.
    class: u32,
    sites: u32,
    seeds: u32,
    views: u32,
    links: u32,
    dynamic: u32,
    saves: u32,
    saved: u32,
    tests: u32,
    watched: u32,
}

impl Sizes {
    /// What most test binaries need, by far: some megabytes.
    const ROOMY: Self = Self {
        class: RecordClass::Huge as u32,
        sites: 4096,
        seeds: 16_384,
        views: 16_384,
        links: 65_536,
        dynamic: 16_384,
        saves: 4096,
        saved: goproctor_ebpf::MAX_SAVED,
        tests: 4096,
        watched: goproctor_ebpf::MAX_WATCHED,
    };

    /// What tables need.
    fn of(tables: &Tables, gate: Option<&TestGate>) -> Self {
        Self {
            class: tables.largest_class(),
            sites: entries(&tables.sites),
            seeds: entries(&tables.seeds),
            views: entries(&tables.views),
            links: entries(&tables.links),
            dynamic: entries(&tables.dynamic),
            saves: entries(&tables.saves),
            saved: saved_entries(&tables.saves),
            tests: entries(&test_codes(gate)),
            watched: watched_entries(gate),
        }
    }

    /// Whether there is room for as much as that.
    const fn hold(self, other: Self) -> bool {
        self.class >= other.class
            && self.sites >= other.sites
            && self.seeds >= other.seeds
            && self.views >= other.views
            && self.links >= other.links
            && self.dynamic >= other.dynamic
            && self.saves >= other.saves
            && self.saved >= other.saved
            && self.tests >= other.tests
            && self.watched >= other.watched
    }
}

/// What was loaded.
pub(super) struct Loaded {
    pub(super) ebpf: Ebpf,
    pub(super) kind: LinkKind,
    pub(super) counts: Arc<Counts>,
    /// The ring's map.
    pub(super) ring: MapData,
    /// How the program executes `ret`s, if it does.
    pub(super) executed: Option<ReturnsExecuted>,
    sizes: Sizes,
    options: LoadOptions,
    /// The keys that were put into maps for the plan.
    dynamic: Vec<u64>,
    tests: Vec<u64>,
}

impl Loaded {
    /// Loads the program for tables like these.
    pub(super) fn load(
        tables: &Tables,
        gate: Option<&TestGate>,
        options: &LoadOptions,
        kind: LinkKind,
    ) -> Result<Self, KernelError> {
        Self::with(Sizes::of(tables, gate), options, kind)
    }

    /// Loads the program for the tables of most plans.
    pub(super) fn roomy(options: &LoadOptions, kind: LinkKind) -> Result<Self, KernelError> {
        Self::with(Sizes::ROOMY, options, kind)
    }

    fn with(sizes: Sizes, options: &LoadOptions, kind: LinkKind) -> Result<Self, KernelError> {
        let executed = try_returns(kind);
        let execute_returns = u32::from(executed.is_some());
        let gated = u32::from(sizes.watched > 1);
        let mut ebpf = EbpfLoader::new()
            .override_global("LARGEST_CLASS", &sizes.class, true)
            .override_global("GATED", &gated, true)
            .override_global("EXECUTE_RETURNS", &execute_returns, true)
            .map_max_entries("SITES", sizes.sites)
            .map_max_entries("COUNTS", sizes.sites)
            .map_max_entries("SEEDS", sizes.seeds)
            .map_max_entries("VIEWS", sizes.views)
            .map_max_entries("LINKS", sizes.links)
            .map_max_entries("DYNAMIC", sizes.dynamic)
            .map_max_entries("SAVES", sizes.saves)
            .map_max_entries("SAVED", sizes.saved)
            .map_max_entries("TESTS", sizes.tests)
            .map_max_entries("WATCHED", sizes.watched)
            .map_max_entries("RING", ring_bytes(options.ring_bytes))
            .load(OBJECT)
            .map_err(KernelError::setup)?;
        program(&mut ebpf, kind)?
            .load()
            .map_err(|error| KernelError::load(program_name(kind), error))?;
        let counts = Array::try_from(take(&mut ebpf, "COUNTS")?).map_err(on_map("COUNTS"))?;
        let Map::RingBuf(ring) = take(&mut ebpf, "RING")? else {
            return Err(KernelError::Object("RING"));
        };
        Ok(Self {
            ebpf,
            kind,
            counts: Arc::new(counts),
            ring,
            executed,
            sizes,
            options: options.clone(),
            dynamic: Vec::new(),
            tests: Vec::new(),
        })
    }

    /// Writes the tables of a plan.
    pub(super) fn fill(&mut self, plan: &Plan, tables: &Tables) -> Result<(), KernelError> {
        let globals = globals(plan, self.executed)?;
        let ebpf = &mut self.ebpf;
        fill::<Globals>(ebpf, "GLOBALS", &[globals])?;
        fill::<SitePlan>(ebpf, "SITES", &tables.sites)?;
        fill::<Seed>(ebpf, "SEEDS", &tables.seeds)?;
        fill::<View>(ebpf, "VIEWS", &tables.views)?;
        fill::<Link>(ebpf, "LINKS", &tables.links)?;
        fill::<Save>(ebpf, "SAVES", &tables.saves)?;
        let dynamic = tables.dynamic.iter();
        let dynamic: Vec<_> = dynamic.map(|(code, link)| (code.0, Wire(*link))).collect();
        self.dynamic = put(ebpf, "DYNAMIC", &dynamic)?;
        self.tests = put::<TestCode>(ebpf, "TESTS", &test_codes(plan.gate.as_ref()))?;
        Ok(())
    }

    /// Whether there is room for the tables of a plan.
    pub(super) fn holds(&self, plan: &Plan, tables: &Tables) -> bool {
        self.sizes.hold(Sizes::of(tables, plan.gate.as_ref()))
    }

    /// How it was loaded.
    pub(super) const fn options(&self) -> &LoadOptions {
        &self.options
    }

    /// Forgets the plan and what was seen; the probes must be off and their records read. False if that takes too long.
    pub(super) fn clear(&mut self) -> Result<bool, KernelError> {
        let Some(counts) = Arc::get_mut(&mut self.counts) else {
            return Ok(false);
        };
        for site in 0..self.sizes.sites {
            counts
                .set(site, &Wire(SiteCount::default()), 0)
                .map_err(on_map("COUNTS"))?;
        }
        remove::<Wire<Dynamic>>(
            &mut self.ebpf,
            "DYNAMIC",
            &std::mem::take(&mut self.dynamic),
        )?;
        remove::<TestCode>(&mut self.ebpf, "TESTS", &std::mem::take(&mut self.tests))?;
        let map = self.ebpf.map_mut(WATCHED);
        let map = map.ok_or(KernelError::Object(WATCHED))?;
        let mut watched: HashMap<_, Wire<GoroutineKey>, u64> =
            HashMap::try_from(map).map_err(on_map(WATCHED))?;
        let keys = watched.keys().take(MAX_CLEARED + 1);
        let keys: Vec<_> = keys.collect::<Result<_, _>>().map_err(on_map(WATCHED))?;
        if keys.len() > MAX_CLEARED {
            return Ok(false);
        }
        for key in keys {
            watched.remove(&key).map_err(on_map(WATCHED))?;
        }
        Ok(true)
    }
}

const fn program_name(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Multi => MULTI,
        LinkKind::Single => SINGLE,
    }
}

pub(super) fn program(ebpf: &mut Ebpf, kind: LinkKind) -> Result<&mut UProbe, KernelError> {
    let name = program_name(kind);
    ebpf.program_mut(name)
        .and_then(|program| program.try_into().ok())
        .ok_or(KernelError::Object(name))
}
