//! A site's seeds: the pieces of memory that are read first.

use aya_ebpf::helpers::generated::bpf_loop;
use goproctor_ebpf::{
    LINK_COUNTED, NO_VIEW, REGISTERS, RecordClass, SOURCE_CONSTANT, SOURCE_REGISTER, SOURCE_STACK,
    SOURCE_STACK_ADDRESS, Seed, SitePlan, Source,
};

use crate::{
    chunks::{self, Piece},
    hit::Walk,
    memory::{EINVAL, Errno, word},
    tables::SEEDS,
    verifier::opaque,
};

/// RSP's place in the wire's order of registers.
const RSP: usize = 7;

/// The smallest class that holds what the seeds need at this hit, at most the site's own. Where a seed
/// leads on, the need is not known beforehand, and the class is the site's.
#[inline(always)]
pub(crate) fn class(plan: &SitePlan, walk: &mut Walk) -> u32 {
    if plan.class == RecordClass::Scalar as u32 {
        return plan.class;
    }
    each(plan, measure as *mut _, walk);
    if walk.open != 0 {
        return plan.class;
    }
    let (bytes, chunks) = (walk.bytes, walk.chunks);
    let fits =
        |class: RecordClass| chunks <= class.chunks() as u64 && bytes <= class.data_size() as u64;
    let need = if chunks == 0 {
        RecordClass::Scalar
    } else if fits(RecordClass::Tiny) {
        RecordClass::Tiny
    } else if fits(RecordClass::Small) {
        RecordClass::Small
    } else if fits(RecordClass::Medium) {
        RecordClass::Medium
    } else {
        RecordClass::Large
    } as u32;
    if need < plan.class { need } else { plan.class }
}

/// Puts the seeds into the queue of chunks.
#[inline(always)]
pub(crate) fn push_all<const CLASS: usize>(plan: &SitePlan, walk: &mut Walk) {
    each(plan, push::<CLASS> as *mut _, walk);
}

/// Calls back for each seed.
#[inline(always)]
fn each(plan: &SitePlan, callback: *mut core::ffi::c_void, walk: &mut Walk) {
    // SAFETY: the callback takes an index and a `Walk`.
    unsafe { bpf_loop(plan.seed_count, callback, (&raw mut *walk).cast(), 0) };
}

/// Adds up what one seed needs.
extern "C" fn measure(index: u64, walk: *mut Walk) -> i64 {
    // SAFETY: `walk` is what `each` was given.
    let walk = unsafe { &mut *walk };
    let Some(seed) = SEEDS.get(walk.first_seed.wrapping_add(index) as u32) else {
        return 1;
    };
    if let Some(piece) = piece(seed, walk) {
        walk.chunks = walk.chunks.wrapping_add(1);
        walk.bytes = walk.bytes.wrapping_add(piece.wanted().wrapping_add(7) & !7);
        if seed.link.view != NO_VIEW {
            walk.open = 1;
            return 1;
        }
    }
    0
}

/// Puts one seed into the queue.
extern "C" fn push<const CLASS: usize>(index: u64, walk: *mut Walk) -> i64 {
    // SAFETY: as above, with a record of this class.
    unsafe {
        let walk = &mut *walk;
        let Some(seed) = SEEDS.get(walk.first_seed.wrapping_add(index) as u32) else {
            return 1;
        };
        match piece(seed, walk) {
            Some(piece) => chunks::push::<CLASS>(walk.record, &piece),
            None => 0,
        }
    }
}

/// The piece of memory that a seed means at this hit; none for an empty one.
#[inline(always)]
fn piece(seed: &Seed, walk: &Walk) -> Option<Piece> {
    let link = &seed.link;
    let shape = (link.element, link.limit, link.view);
    match (value(&seed.first, walk), value(&seed.second, walk)) {
        (Ok(address), Ok(second)) => {
            let length = if link.kind == LINK_COUNTED {
                second
            } else {
                u64::from(link.length)
            };
            Piece::new(address, length, shape)
        }
        (Err(status), _) | (_, Err(status)) => Some(Piece::failed(0, status, link.view)),
    }
}

/// The value of a source.
#[inline(always)]
fn value(source: &Source, walk: &Walk) -> Result<u64, Errno> {
    let stack = walk.registers[RSP].wrapping_add(source.displacement as u64);
    match source.kind {
        SOURCE_REGISTER => {
            let index = opaque(u64::from(source.index));
            if index >= REGISTERS as u64 {
                return Err(EINVAL);
            }
            // SAFETY: the index was checked.
            Ok(unsafe { *walk.registers.as_ptr().add(index as usize) })
        }
        SOURCE_STACK => word(stack),
        SOURCE_STACK_ADDRESS => Ok(stack),
        SOURCE_CONSTANT => Ok(source.displacement as u64),
        _ => Err(EINVAL),
    }
}
