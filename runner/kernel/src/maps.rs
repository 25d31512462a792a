//! The maps of the kernel program: their sizes, and what is written to them and read.

use std::collections::BTreeSet;

use aya::{
    Ebpf, Pod,
    maps::{Array, HashMap, Map, MapData, MapError},
};
use goproctor_ebpf::{MAX_SAVED, MAX_WATCHED, Save, SiteCount, TEST_ROOT, TEST_WATCHED, TestCode};
use model::{SiteId, plan::TestGate};

use super::KernelError;

/// A wire type as aya wants it.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Wire<T>(pub(super) T);

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

/// Puts values under numbers, and gives the numbers.
pub(super) fn put<T: Pod>(
    ebpf: &mut Ebpf,
    name: &'static str,
    values: &[(u64, T)],
) -> Result<Vec<u64>, KernelError> {
    let map = ebpf.map_mut(name).ok_or(KernelError::Object(name))?;
    let mut table: HashMap<_, u64, T> = HashMap::try_from(map).map_err(on_map(name))?;
    let put = values.iter().map(|(key, value)| {
        table.insert(key, value, 0).map_err(on_map(name))?;
        Ok(*key)
    });
    put.collect()
}

/// Removes what is under these numbers.
pub(super) fn remove<T: Pod>(
    ebpf: &mut Ebpf,
    name: &'static str,
    keys: &[u64],
) -> Result<(), KernelError> {
    let map = ebpf.map_mut(name).ok_or(KernelError::Object(name))?;
    let mut table: HashMap<_, u64, T> = HashMap::try_from(map).map_err(on_map(name))?;
    for key in BTreeSet::from_iter(keys) {
        table.remove(key).map_err(on_map(name))?;
    }
    Ok(())
}

/// The functions that run Go tests, as the kernel program tells them apart.
pub(super) fn test_codes(gate: Option<&TestGate>) -> Vec<(u64, TestCode)> {
    let Some(gate) = gate else {
        return Vec::new();
    };
    let roots = gate.roots.iter().map(|root| (root.0, TEST_ROOT));
    let tests = gate.tests.iter().map(|test| (test.0, TEST_WATCHED));
    roots.chain(tests).collect()
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
