//! Where numbers come from at a hit.

use goproctor_ebpf::{
    REGISTERS, SOURCE_CONSTANT, SOURCE_IMAGE, SOURCE_REGISTER, SOURCE_SAVED, SOURCE_STACK,
    SOURCE_STACK_ADDRESS, Source,
};

use crate::{
    memory::{EINVAL, Errno, word},
    saved,
    walk::{PT_R14, PT_RIP, PT_RSP, Walk},
};

/// Where the registers of the wire's order (RAX RBX RCX RDX RSI RDI RBP RSP R8 … R15 RIP) stand in x86-64's `pt_regs`.
const PLACES: [usize; REGISTERS] = [
    10, 5, 11, 12, 13, 14, 4, PT_RSP, 9, 8, 7, 6, 3, 2, PT_R14, 0, PT_RIP,
];

/// The value of a source; `place` is where it may be put meanwhile.
///
/// # Safety
/// `place` is good.
#[inline(always)]
pub(crate) unsafe fn value(
    source: &Source,
    walk: &mut Walk,
    place: *mut u64,
) -> Result<u64, Errno> {
    // SAFETY: all are what they say.
    unsafe {
        let status = find(source, walk, place);
        if status == 0 { Ok(*place) } else { Err(status) }
    }
}

/// Puts the value of a source to a place. Gives 0 or an errno.
///
/// A function of its own, so that the verifier forgets at its end by which of the many ways it went.
///
/// # Safety
/// The pointers are good.
#[inline(never)]
unsafe extern "C" fn find(source: *const Source, walk: *mut Walk, place: *mut u64) -> Errno {
    // SAFETY: the caller's promise.
    let (source, walk) = unsafe { (&*source, &mut *walk) };
    let displacement = source.displacement as u64;
    let value = match source.kind {
        SOURCE_REGISTER => register(source.index, walk),
        SOURCE_STACK => word(walk.rsp.wrapping_add(displacement)),
        SOURCE_STACK_ADDRESS => Ok(walk.rsp.wrapping_add(displacement)),
        SOURCE_CONSTANT => Ok(displacement),
        SOURCE_IMAGE => Ok(displacement.wrapping_add(walk.bias())),
        SOURCE_SAVED => saved::recall(walk, displacement as u32, source.index),
        _ => Err(EINVAL),
    };
    match value {
        Ok(value) => {
            // SAFETY: the caller's promise.
            unsafe { *place = value };
            0
        }
        Err(status) => status,
    }
}

/// The register of that place in the wire's order.
#[inline(always)]
fn register(index: u32, walk: &Walk) -> Result<u64, Errno> {
    Ok(match index {
        0 => walk.word::<{ PLACES[0] }>(),
        1 => walk.word::<{ PLACES[1] }>(),
        2 => walk.word::<{ PLACES[2] }>(),
        3 => walk.word::<{ PLACES[3] }>(),
        4 => walk.word::<{ PLACES[4] }>(),
        5 => walk.word::<{ PLACES[5] }>(),
        6 => walk.word::<{ PLACES[6] }>(),
        7 => walk.rsp,
        8 => walk.word::<{ PLACES[8] }>(),
        9 => walk.word::<{ PLACES[9] }>(),
        10 => walk.word::<{ PLACES[10] }>(),
        11 => walk.word::<{ PLACES[11] }>(),
        12 => walk.word::<{ PLACES[12] }>(),
        13 => walk.word::<{ PLACES[13] }>(),
        14 => walk.word::<{ PLACES[14] }>(),
        15 => walk.word::<{ PLACES[15] }>(),
        16 => walk.rip,
        _ => return Err(EINVAL),
    })
}

/// All registers in the wire's order.
#[inline(always)]
pub(crate) fn registers(walk: &Walk) -> [u64; REGISTERS] {
    [
        walk.word::<{ PLACES[0] }>(),
        walk.word::<{ PLACES[1] }>(),
        walk.word::<{ PLACES[2] }>(),
        walk.word::<{ PLACES[3] }>(),
        walk.word::<{ PLACES[4] }>(),
        walk.word::<{ PLACES[5] }>(),
        walk.word::<{ PLACES[6] }>(),
        walk.rsp,
        walk.word::<{ PLACES[8] }>(),
        walk.word::<{ PLACES[9] }>(),
        walk.word::<{ PLACES[10] }>(),
        walk.word::<{ PLACES[11] }>(),
        walk.word::<{ PLACES[12] }>(),
        walk.word::<{ PLACES[13] }>(),
        walk.word::<{ PLACES[14] }>(),
        walk.word::<{ PLACES[15] }>(),
        walk.rip,
    ]
}
