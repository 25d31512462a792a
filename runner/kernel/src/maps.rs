//! The maps of the kernel program: their sizes, and what is written to them and read.

use aya::{
    Ebpf, Pod,
    maps::{Array, HashMap, Map, MapData, MapError},
};
use goproctor_ebpf::{
    Dynamic, MAX_SAVED, MAX_TESTS, MAX_WATCHED, Save, SiteCount, TEST_ROOT, TEST_WATCHED, TestCode,
};
use model::{Address, SiteId, plan::TestGate};

use super::KernelError;

/// A wire type as aya wants it.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Wire<T>(T);

// SAFETY: the wire types are `FromBytes + IntoBytes`: they have no padding, and every pattern of bits is valid.
unsafe impl<T: zerocopy::FromBytes + zerocopy::IntoBytes + Copy + 'static> Pod for Wire<T> {}

/// The counts of all sites.
pub(super) type Counts = Array<MapData, Wire<SiteCount>>;

/// The counts of one site.
pub(super) fn count(counts: &Counts, site: SiteId) -> Result<SiteCount, KernelError> {
    counts
        .get(&site.0, 0)
        .map(|Wire(count)| count)
        .map_err(on_map("COUNTS"))
}

/// Takes a map out of the program.
pub(super) fn take(ebpf: &mut Ebpf, name: &'static str) -> Result<Map, KernelError> {
    ebpf.take_map(name).ok_or(KernelError::Object(name))
}

/// A failure to use a map.
pub(super) fn on_map(map: &'static str) -> impl Fn(MapError) -> KernelError {
    move |error| KernelError::Map {
        map,
        error: Box::new(error),
    }
}

/// Writes a table.
pub(super) fn fill<T: zerocopy::FromBytes + zerocopy::IntoBytes + Copy + 'static>(
    ebpf: &mut Ebpf,
    name: &'static str,
    values: &[T],
) -> Result<(), KernelError> {
    let map = ebpf.map_mut(name).ok_or(KernelError::Object(name))?;
    let mut table: Array<_, Wire<T>> = Array::try_from(map).map_err(on_map(name))?;
    for (index, value) in (0..).zip(values) {
        table.set(index, &Wire(*value), 0).map_err(on_map(name))?;
    }
    Ok(())
}

/// Writes the table of what is known only at a hit.
pub(super) fn fill_dynamic(
    ebpf: &mut Ebpf,
    values: &[(Address, Dynamic)],
) -> Result<(), KernelError> {
    const NAME: &str = "DYNAMIC";
    let map = ebpf.map_mut(NAME).ok_or(KernelError::Object(NAME))?;
    let mut table: HashMap<_, u64, Wire<Dynamic>> = HashMap::try_from(map).map_err(on_map(NAME))?;
    for (address, link) in values {
        table
            .insert(&address.0, &Wire(*link), 0)
            .map_err(on_map(NAME))?;
    }
    Ok(())
}

/// Writes down which functions are Go tests that are watched.
pub(super) fn fill_tests(ebpf: &mut Ebpf, gate: Option<&TestGate>) -> Result<(), KernelError> {
    const NAME: &str = "TESTS";
    let Some(gate) = gate else {
        return Ok(());
    };
    let map = ebpf.map_mut(NAME).ok_or(KernelError::Object(NAME))?;
    let mut table: HashMap<_, u64, TestCode> = HashMap::try_from(map).map_err(on_map(NAME))?;
    let roots = gate.roots.iter().map(|root| (root, TEST_ROOT));
    let tests = gate.tests.iter().map(|test| (test, TEST_WATCHED));
    for (address, code) in roots.chain(tests) {
        table.insert(&address.0, &code, 0).map_err(on_map(NAME))?;
    }
    Ok(())
}

/// How many functions run Go tests that are told apart.
pub(super) fn test_entries(gate: Option<&TestGate>) -> u32 {
    let count = gate.map_or(0, |gate| gate.roots.len() + gate.tests.len());
    u32::try_from(count).map_or(MAX_TESTS, |count| count.clamp(1, MAX_TESTS))
}

/// How many goroutines may be watched at a time; hardly any where all are.
pub(super) const fn watched_entries(gate: Option<&TestGate>) -> u32 {
    if gate.is_some() { MAX_WATCHED } else { 1 }
}

/// How many saved numbers are kept; hardly any where nothing is saved.
pub(super) const fn saved_entries(saves: &[Save]) -> u32 {
    if saves.is_empty() { 1 } else { MAX_SAVED }
}

/// A map has at least one entry.
pub(super) fn entries<T>(table: &[T]) -> u32 {
    u32::try_from(table.len()).unwrap_or(u32::MAX).max(1)
}

/// The nearest size that a ring can have.
pub(super) fn ring_bytes(wanted: u32) -> u32 {
    wanted.clamp(64 << 10, 1 << 30).next_power_of_two()
}
