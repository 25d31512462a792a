//! Whose hits are recorded, where only some Go tests are looked at.
//!
//! A test that nobody looks at may create a million goroutines, and each record would cost more than what it tells of. So a plan
//! may say of its sites which hits count: those of goroutines outside of all tests, and of those that belong to a test that is
//! looked at. A test's goroutine is told by the function that it runs, and those that it creates, and those that these create,
//! belong to it. A goroutine that serves a request is always watched meanwhile: whose the request is will be known by whoever
//! sent it.

use aya_ebpf::helpers::generated::bpf_get_current_pid_tgid;
use goproctor_ebpf::{
    FLAG_NO_G, GATE_CREATED, GATE_JOINED, GATE_LEFT, GATE_TEST, GATE_WATCH, GATE_WATCHED,
    GoroutineKey, TEST_WATCHED, WATCHED_NESTED, WATCHED_OUTSIDE, WATCHED_REQUEST, WATCHED_TEST,
};

use crate::{
    memory::word,
    sources::value,
    tables::{TESTS, WATCHED},
    walk::Walk,
};

/// The hit is recorded.
pub(crate) const RECORD: u64 = 0;
/// It is passed over.
pub(crate) const PASS: u64 = 1;
/// It should be recorded, but whose the following ones are will not be known.
pub(crate) const LOSE: u64 = 2;

/// The goroutine of `runtime.main`, from which all others come.
const MAIN: u64 = 1;

/// Whether a hit is recorded, and what it says of its goroutine and others: [`RECORD`], [`PASS`] or [`LOSE`].
///
/// A function of its own, so that the verifier forgets at its end by which of the many ways it went.
///
/// # Safety
/// `walk` is good, and its goroutine is known.
#[inline(never)]
pub(crate) unsafe extern "C" fn admit(walk: *mut Walk) -> u64 {
    // SAFETY: the caller's promise.
    let walk = unsafe { &mut *walk };
    if walk.goroutine.flags & u64::from(FLAG_NO_G) != 0 {
        return RECORD;
    }
    let own = key(walk.goroutine.goid);
    let watched = watched(&own);
    match walk.plan().gate {
        GATE_WATCHED => match watched {
            0 => PASS,
            _ => RECORD,
        },
        GATE_CREATED => match watched {
            0 => PASS,
            watched => create(walk, watched),
        },
        GATE_TEST => begin(walk, &own, watched),
        GATE_WATCH => watch(&own, WATCHED_TEST),
        GATE_JOINED => match watched & (WATCHED_NESTED - 1) {
            0 => watch(&own, WATCHED_REQUEST),
            WATCHED_REQUEST => watch(&own, watched.wrapping_add(WATCHED_NESTED)),
            _ => RECORD,
        },
        GATE_LEFT => match watched {
            WATCHED_REQUEST => {
                let _ = WATCHED.remove(&own);
                RECORD
            }
            nested if nested & (WATCHED_NESTED - 1) == WATCHED_REQUEST => {
                watch(&own, nested.wrapping_sub(WATCHED_NESTED))
            }
            _ => RECORD,
        },
        _ => RECORD,
    }
}

#[inline(always)]
fn key(goid: u64) -> GoroutineKey {
    // SAFETY: takes and changes nothing. The first namespace's numbers tell all processes apart.
    let both = unsafe { bpf_get_current_pid_tgid() };
    GoroutineKey {
        goid,
        tgid: (both >> 32) as u32,
        reserved: 0,
    }
}

/// Why a goroutine is watched; 0 if it is not. What the runtime does without a goroutine is of no test.
#[inline(always)]
fn watched(goroutine: &GoroutineKey) -> u64 {
    if goroutine.goid <= MAIN {
        return WATCHED_OUTSIDE;
    }
    match WATCHED.get_ptr(goroutine) {
        // SAFETY: a value of the map, which stays memory of the map.
        Some(place) => unsafe { place.read_volatile() },
        None => 0,
    }
}

/// A goroutine is watched from here on.
#[inline(always)]
fn watch(goroutine: &GoroutineKey, why: u64) -> u64 {
    match WATCHED.insert(goroutine, &why, 0) {
        Ok(()) => RECORD,
        Err(_) => LOSE,
    }
}

/// The hit's goroutine, which is watched, created another one.
#[inline(always)]
fn create(walk: &mut Walk, creator: u64) -> u64 {
    let why = match creator {
        WATCHED_OUTSIDE => WATCHED_OUTSIDE,
        _ => WATCHED_TEST,
    };
    let mut place = 0;
    let source = &raw const walk.plan().gate_value;
    // SAFETY: the place is our own; the source and the globals are values of maps.
    let goid = unsafe {
        let offset = (*walk.globals).g_goid;
        value(&*source, walk, &raw mut place).and_then(|g| word(g.wrapping_add(offset)))
    };
    match goid {
        Ok(goid) => watch(&key(goid), why),
        Err(_) => LOSE,
    }
}

/// The hit's goroutine begins to run a Go test.
#[inline(always)]
fn begin(walk: &mut Walk, own: &GoroutineKey, watched: u64) -> u64 {
    if watched != WATCHED_OUTSIDE {
        return RECORD;
    }
    let mut place = 0;
    let source = &raw const walk.plan().gate_value;
    // SAFETY: the place is our own, the source a value of a map. A func value points to where the address of its code is.
    let code = unsafe { value(&*source, walk, &raw mut place).and_then(|closure| word(closure)) };
    let Ok(code) = code else {
        // It stays watched: too much is recorded, which is no loss.
        return RECORD;
    };
    let linked = code.wrapping_sub(walk.bias());
    // SAFETY: a value of the map, which nobody changes.
    match unsafe { TESTS.get(&linked) } {
        Some(&TEST_WATCHED) => watch(own, WATCHED_TEST),
        Some(_) => RECORD,
        None => {
            let _ = WATCHED.remove(own);
            RECORD
        }
    }
}
