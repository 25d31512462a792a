//! The maps: tables from user space, counts and records to it. User space sets their sizes to what the
//! plan needs; those here are the largest.

use aya_ebpf::{
    macros::map,
    maps::{Array, HashMap, LruHashMap, RingBuf},
};
use goproctor_ebpf::{
    Dynamic, Globals, GoroutineKey, Link, MAX_DYNAMIC, MAX_LINKS, MAX_SAVED, MAX_SAVES, MAX_SEEDS,
    MAX_SITES, MAX_TESTS, MAX_VIEWS, MAX_WATCHED, Save, SavedKey, Seed, SiteCount, SitePlan,
    TestCode, View,
};

/// `BPF_F_NO_PREALLOC` of include/uapi/linux/bpf.h: memory is taken as entries come.
const NO_PREALLOC: u32 = 1;

#[map]
pub(crate) static SITES: Array<SitePlan> = Array::with_max_entries(MAX_SITES, 0);
#[map]
pub(crate) static SEEDS: Array<Seed> = Array::with_max_entries(MAX_SEEDS, 0);
#[map]
pub(crate) static VIEWS: Array<View> = Array::with_max_entries(MAX_VIEWS, 0);
#[map]
pub(crate) static LINKS: Array<Link> = Array::with_max_entries(MAX_LINKS, 0);
/// By the address of a runtime type, or of a closure's code, in the binary as linked.
#[map]
pub(crate) static DYNAMIC: HashMap<u64, Dynamic> = HashMap::with_max_entries(MAX_DYNAMIC, 0);
#[map]
pub(crate) static SAVES: Array<Save> = Array::with_max_entries(MAX_SAVES, 0);
#[map]
pub(crate) static SAVED: LruHashMap<SavedKey, u64> = LruHashMap::with_max_entries(MAX_SAVED, 0);
/// The functions that run Go tests, by their addresses in the binary as linked.
#[map]
pub(crate) static TESTS: HashMap<u64, TestCode> = HashMap::with_max_entries(MAX_TESTS, 0);
/// The goroutines that are watched, with one of the `WATCHED_` constants.
#[map]
pub(crate) static WATCHED: HashMap<GoroutineKey, u64> =
    HashMap::with_max_entries(MAX_WATCHED, NO_PREALLOC);
#[map]
pub(crate) static COUNTS: Array<SiteCount> = Array::with_max_entries(MAX_SITES, 0);
#[map]
pub(crate) static GLOBALS: Array<Globals> = Array::with_max_entries(1, 0);
#[map]
pub(crate) static RING: RingBuf = RingBuf::with_byte_size(1 << 25, 0);
