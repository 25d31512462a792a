//! Numbers that are remembered from a call's entry to its return.
//!
//! A key is taken again only by a later call of the same goroutine at the same depth, whose entry overwrites what
//! stands there, so a number is never another call's. What no return asks for is dropped as the oldest.

use aya_ebpf::helpers::generated::{bpf_get_current_pid_tgid, bpf_loop};
use goproctor_ebpf::{SOURCE_SAVED, SavedKey, Source};

use crate::{
    memory::{EINVAL, Errno},
    sources::value,
    tables::{SAVED, SAVES, SEEDS},
    walk::Walk,
};

/// Stands for a goroutine where none runs, with the thread's number: no goid has this bit.
const THREAD: u64 = 1 << 63;

/// Whose a number is at this hit.
#[inline(always)]
fn key(walk: &Walk, function: u32, slot: u32) -> SavedKey {
    // SAFETY: takes and changes nothing. The first namespace's numbers tell all processes apart.
    let both = unsafe { bpf_get_current_pid_tgid() };
    SavedKey {
        tgid: (both >> 32) as u32,
        function,
        goid: if walk.goroutine.goid == 0 {
            THREAD | (both & 0xffff_ffff)
        } else {
            walk.goroutine.goid
        },
        depth: walk.depth,
        slot,
        reserved: 0,
    }
}

/// Remembers what the site says.
#[inline(always)]
pub(crate) fn store_all(walk: &mut Walk) {
    let count = walk.plan().save_count;
    // SAFETY: the callback takes an index and a `Walk`.
    unsafe { bpf_loop(count, store as *mut _, (&raw mut *walk).cast(), 0) };
}

/// Remembers one number. Where that fails, an older one must not stand in its place.
extern "C" fn store(index: u64, walk: *mut Walk) -> i64 {
    // SAFETY: `walk` is what `store_all` was given.
    let walk = unsafe { &mut *walk };
    let Some(save) = SAVES.get(walk.plan().first_save.wrapping_add(index as u32)) else {
        return 1;
    };
    let mut place = 0;
    // SAFETY: the place is our own.
    let stored = match unsafe { value(&save.value, walk, &raw mut place) } {
        Ok(number) => SAVED.insert(&key(walk, save.function, save.slot), &number, 0),
        Err(_) => Err(0),
    };
    if stored.is_err() {
        let _ = SAVED.remove(&key(walk, save.function, save.slot));
    }
    0
}

/// What was remembered; 0 if nothing was. Before there is a record, the goroutine is not known, and so the need is not.
#[inline(always)]
pub(crate) fn recall(walk: &mut Walk, function: u32, slot: u32) -> Result<u64, Errno> {
    if walk.record.is_null() {
        walk.need.open = 1;
        return Err(EINVAL);
    }
    // SAFETY: there is a record.
    unsafe { (*walk.scratch()).recalled = 1 };
    let key = key(walk, function, slot);
    let Some(place) = SAVED.get_ptr(&key) else {
        return Ok(0);
    };
    // SAFETY: a value of the map, which stays memory of the map, whosever it is by now.
    let number = unsafe { place.read_volatile() };
    // It was ours if it still is: nobody else puts anything under this key.
    if SAVED.get_ptr(&key) == Some(place) {
        Ok(number)
    } else {
        Ok(0)
    }
}

/// Forgets what the site's seeds asked for: the call ends.
#[inline(always)]
pub(crate) fn forget_all(walk: &mut Walk) {
    let count = walk.plan().seed_count;
    // SAFETY: the callback takes an index and a `Walk`.
    unsafe { bpf_loop(count, forget as *mut _, (&raw mut *walk).cast(), 0) };
}

/// Forgets what one seed asked for.
extern "C" fn forget(index: u64, walk: *mut Walk) -> i64 {
    // SAFETY: `walk` is what `forget_all` was given.
    let walk = unsafe { &*walk };
    let Some(seed) = SEEDS.get(walk.plan().first_seed.wrapping_add(index as u32)) else {
        return 1;
    };
    forget_one(&seed.first, walk);
    forget_one(&seed.second, walk);
    if seed.guarded != 0 {
        forget_one(&seed.guard, walk);
    }
    0
}

#[inline(always)]
fn forget_one(source: &Source, walk: &Walk) {
    if source.kind == SOURCE_SAVED {
        let _ = SAVED.remove(&key(walk, source.displacement as u32, source.index));
    }
}
