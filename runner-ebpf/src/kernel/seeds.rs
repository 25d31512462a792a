//! A site's seeds: the pieces of memory that are read first.

use core::ffi::c_void;

use aya_ebpf::helpers::generated::bpf_loop;
use goproctor_ebpf::{LINK_BLANK, NO_VIEW, RecordClass};

use crate::{
    chunks, links,
    sources::value,
    tables::SEEDS,
    walk::{Need, Piece, Walk},
};

/// The class to begin with: the smallest that holds what the seeds need at this hit. Where one leads on, the need is
/// not known beforehand, and the class is the one that was enough for the site's hits so far.
#[inline(always)]
pub(crate) fn class(walk: &mut Walk) -> u32 {
    let most = walk.plan().class;
    if most == RecordClass::Scalar as u32 {
        return most;
    }
    each(walk.plan().seed_count, measure as *mut _, walk);
    let need = &raw const walk.need;
    // SAFETY: the counts are a value of a map.
    unsafe { choose_class(need, (*walk.count).class as u32, most) }
}

/// The class for a need, where one was enough `so_far` and there may be none larger than `most`.
///
/// A global function, see [`crate::verifier`].
///
/// # Safety
/// `need` is good.
#[unsafe(no_mangle)]
#[inline(never)]
unsafe extern "C" fn choose_class(need: *const Need, so_far: u32, most: u32) -> u32 {
    if need.is_null() {
        return most;
    }
    // SAFETY: the caller's promise.
    let Need {
        bytes,
        chunks,
        open,
    } = unsafe { need.read() };
    let fits =
        |class: RecordClass| chunks <= class.chunks() as u64 && bytes <= class.data_size() as u64;
    let mut class = if chunks == 0 {
        RecordClass::Scalar
    } else if fits(RecordClass::Tiny) {
        RecordClass::Tiny
    } else if fits(RecordClass::Small) {
        RecordClass::Small
    } else if fits(RecordClass::Medium) {
        RecordClass::Medium
    } else if fits(RecordClass::Large) {
        RecordClass::Large
    } else {
        RecordClass::Huge
    } as u32;
    if open != 0 {
        class = class.max(so_far).max(RecordClass::Tiny as u32);
    }
    class.min(most)
}

/// Puts the seeds of the next turn into the queue of chunks, now that all is read that those before led to. Gives 1 when
/// there are no more.
///
/// # Safety
/// The walk has a record of class `CLASS`.
#[inline(always)]
pub(crate) unsafe fn push_turn<const CLASS: usize>(walk: &mut Walk) -> i64 {
    let (first, all) = (walk.plan().first_turn, walk.plan().seed_count);
    // SAFETY: the caller's promise.
    unsafe {
        let scratch = walk.scratch();
        let count = match (*scratch).turn {
            0 => first,
            1 => {
                (*scratch).first_seed = u64::from(first);
                all.wrapping_sub(first)
            }
            _ => return 1,
        };
        (*scratch).turn = (*scratch).turn.wrapping_add(1);
        each(count, push::<CLASS> as *mut _, walk);
    }
    0
}

/// Calls back for so many seeds.
#[inline(always)]
fn each(count: u32, callback: *mut c_void, walk: &mut Walk) {
    // SAFETY: the callback takes an index and a `Walk`.
    unsafe { bpf_loop(count, callback, (&raw mut *walk).cast(), 0) };
}

/// Adds up what one seed needs.
extern "C" fn measure(index: u64, walk: *mut Walk) -> i64 {
    // SAFETY: `walk` is what `each` was given.
    let walk = unsafe { &mut *walk };
    let Some(seed) = SEEDS.get(walk.plan().first_seed.wrapping_add(index as u32)) else {
        return 1;
    };
    if seed.guarded != 0 || seed.link.view != NO_VIEW || !links::is_plain(seed.link.kind) {
        walk.need.open = 1;
        return 1;
    }
    let mut place = 0;
    // SAFETY: the place is our own.
    let (first, second) = unsafe {
        (
            value(&seed.first, walk, &raw mut place),
            value(&seed.second, walk, &raw mut place),
        )
    };
    let wanted = match (first, second) {
        (Ok(first), Ok(second)) => match links::piece(walk.plan(), &seed.link, first, second, 0) {
            Some(piece) => piece.wanted,
            None => return 0,
        },
        _ => 0,
    };
    walk.need.chunks = walk.need.chunks.wrapping_add(1);
    let bytes = u64::from(wanted).wrapping_add(7) & !7;
    walk.need.bytes = walk.need.bytes.wrapping_add(bytes);
    i64::from(walk.need.open != 0)
}

/// Puts one seed into the queue.
extern "C" fn push<const CLASS: usize>(index: u64, walk: *mut Walk) -> i64 {
    // SAFETY: as above, with a record of this class.
    unsafe {
        let walk = &mut *walk;
        let index = index.wrapping_add((*walk.scratch()).first_seed);
        let is_piece = resolve(index, walk) != 0;
        chunks::push_resolved::<CLASS>(walk, is_piece);
    }
    0
}

/// Puts what the seed of that index leads to into the walk. Gives 1 when there is a piece.
///
/// # Safety
/// The walk has a record.
#[inline(never)]
unsafe extern "C" fn resolve(index: u64, walk: *mut Walk) -> i64 {
    // SAFETY: the caller's promise.
    unsafe {
        let walk = &mut *walk;
        let scratch = walk.scratch();
        let place = &raw mut (*scratch).value;
        (*scratch).resolution.itab = 0;
        let Some(seed) = SEEDS.get(walk.plan().first_seed.wrapping_add(index as u32)) else {
            return 0;
        };
        if seed.guarded != 0 {
            let wanted = seed.guard_value.wrapping_add(walk.bias());
            if value(&seed.guard, walk, place) != Ok(wanted) {
                return 0;
            }
        }
        let kind = seed.link.kind;
        // There is no element around a seed.
        if links::takes_exponent(kind) || kind == LINK_BLANK {
            return 0;
        }
        let first = value(&seed.first, walk, place);
        let second = if links::takes_second(kind) {
            value(&seed.second, walk, place)
        } else {
            Ok(0)
        };
        match (first, second) {
            (Ok(first), Ok(second)) => {
                let levels = u64::from(walk.plan().depth);
                i64::from(links::lead(
                    walk,
                    &raw const seed.link,
                    first,
                    second,
                    levels,
                ))
            }
            (Err(status), _) | (_, Err(status)) => {
                (*scratch).resolution.piece = Piece::failed(0, status, seed.link.view);
                1
            }
        }
    }
}
