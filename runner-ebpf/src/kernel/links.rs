//! What a pointer leads to, be it a seed's or one in memory.

use goproctor_ebpf::{
    BOUND_ELEMENTS, BOUND_STRING, LINK_COUNTED, LINK_EMPTY_INTERFACE, LINK_EMPTY_INTERFACE_OF,
    LINK_FIXED, LINK_FUNC, LINK_INTERFACE, LINK_INTERFACE_OF, LINK_MASKED, LINK_OLD_POWER,
    LINK_POWER, LINK_UNCOUNTED, Link, MAX_CHUNK, SitePlan,
};

use crate::{
    memory::{EINVAL, word},
    tables::DYNAMIC,
    walk::{Piece, Walk},
};

/// More bytes than any process has.
const ADDRESS_SPACE: u64 = 1 << 47;
/// A number of elements that nothing has.
const IMPOSSIBLE: u64 = u64::MAX;
/// `sameSizeGrow` of Go's runtime/map.go: a map grows to the size that it has.
const SAME_SIZE: u64 = 8;

/// Whether a link of this kind needs the word after the pointer.
#[inline(always)]
pub(crate) fn takes_second(kind: u32) -> bool {
    matches!(
        kind,
        LINK_COUNTED
            | LINK_UNCOUNTED
            | LINK_MASKED
            | LINK_EMPTY_INTERFACE
            | LINK_INTERFACE
            | LINK_EMPTY_INTERFACE_OF
            | LINK_INTERFACE_OF
    )
}

/// Whether a link of this kind needs two bytes of the same element instead: flags and an exponent.
#[inline(always)]
pub(crate) fn takes_exponent(kind: u32) -> bool {
    kind == LINK_POWER || kind == LINK_OLD_POWER
}

/// Whether all that a link of this kind leads to follows from its two words.
#[inline(always)]
pub(crate) fn is_plain(kind: u32) -> bool {
    kind <= LINK_MASKED
}

/// What a link is followed with, and what it leads to. A function of its own gets it by address.
#[repr(C)]
pub(crate) struct Resolution {
    /// The pointer.
    pub(crate) first: u64,
    /// The word after it or, for those that take an exponent, the flags in the lowest byte and the exponent in the next.
    pub(crate) second: u64,
    /// How many levels are left.
    pub(crate) levels: u64,
    /// Where the binary was loaded.
    pub(crate) bias: u64,
    /// The result: what is to be read,
    pub(crate) piece: Piece,
    /// and the itab that led there, or 0.
    pub(crate) itab: u64,
}

/// Follows a link. Gives 1 when there is a piece, else 0.
///
/// A global function, see [`crate::verifier`].
///
/// # Safety
/// The pointers are null or good.
#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) unsafe extern "C" fn follow_link(
    resolution: *mut Resolution,
    link: *const Link,
    plan: *const SitePlan,
) -> u64 {
    if resolution.is_null() || link.is_null() || plan.is_null() {
        return 0;
    }
    // SAFETY: the caller's promise.
    unsafe {
        (*resolution).itab = 0;
        match follow(resolution, &*link, &*plan) {
            Some(piece) => {
                (*resolution).piece = piece;
                1
            }
            None => 0,
        }
    }
}

/// # Safety
/// The resolution is good.
#[inline(always)]
unsafe fn follow(resolution: *mut Resolution, link: &Link, plan: &SitePlan) -> Option<Piece> {
    // SAFETY: the caller's promise.
    let (first, second, levels, bias) = unsafe {
        let resolution = &*resolution;
        (
            resolution.first,
            resolution.second,
            resolution.levels,
            resolution.bias,
        )
    };
    let left = levels.checked_sub(u64::from(link.levels))?;
    if first == 0 {
        return None;
    }
    let (link, pointer, left) = match link.kind {
        LINK_EMPTY_INTERFACE | LINK_INTERFACE | LINK_EMPTY_INTERFACE_OF | LINK_INTERFACE_OF => {
            let ty = if link.kind == LINK_INTERFACE || link.kind == LINK_INTERFACE_OF {
                // `itab.Type` of Go's internal/abi/iface.go is the second word.
                match word(first.wrapping_add(8)) {
                    Ok(ty) => {
                        // SAFETY: the caller's promise.
                        unsafe { (*resolution).itab = first };
                        ty
                    }
                    Err(status) => return Some(Piece::failed(first, status, link.view)),
                }
            } else {
                first
            }
            .wrapping_sub(bias);
            if link.kind == LINK_EMPTY_INTERFACE || link.kind == LINK_INTERFACE {
                let dynamic = dynamic(ty)?;
                let left = left.checked_sub(u64::from(dynamic.levels))?;
                (dynamic, second, left)
            } else if ty == link.guard {
                (link, second, left)
            } else {
                return None;
            }
        }
        _ => (link, first, left),
    };
    if link.kind != LINK_FUNC {
        return piece(plan, link, pointer, second, left);
    }
    if pointer == 0 {
        return None;
    }
    let code = match word(pointer) {
        Ok(code) => code.wrapping_sub(bias),
        Err(status) => return Some(Piece::failed(pointer, status, link.view)),
    };
    let Some(closure) = dynamic(code) else {
        return Some(Piece::leaf(pointer, 8, 8));
    };
    let left = left.checked_sub(u64::from(closure.levels))?;
    piece(plan, closure, pointer, 0, left)
}

/// Follows a link from its two words; whether there is a piece then.
///
/// # Safety
/// The link is good; the walk has a record.
#[inline(always)]
pub(crate) unsafe fn lead(
    walk: &Walk,
    link: *const Link,
    first: u64,
    second: u64,
    levels: u64,
) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        let resolution = &raw mut (*walk.scratch()).resolution;
        (*resolution).first = first;
        (*resolution).second = second;
        (*resolution).levels = levels;
        (*resolution).bias = walk.bias();
        follow_link(resolution, link, walk.plan) != 0
    }
}

/// How to read what is known only now: by the address of a runtime type or of a closure's code, as linked.
#[inline(always)]
fn dynamic<'a>(address: u64) -> Option<&'a Link> {
    // SAFETY: the table does not change while the program is loaded.
    unsafe { DYNAMIC.get(&address) }
}

/// The elements that a pointer leads to; none when there are none. A number of them that is negative or larger than
/// memory makes a piece that says `EINVAL`.
#[inline(always)]
pub(crate) fn piece(
    plan: &SitePlan,
    link: &Link,
    pointer: u64,
    second: u64,
    levels: u64,
) -> Option<Piece> {
    let address = pointer.wrapping_add(u64::from(link.displacement));
    let length = match link.kind {
        LINK_FIXED => u64::from(link.length),
        LINK_EMPTY_INTERFACE_OF | LINK_INTERFACE_OF => 1,
        LINK_COUNTED => second,
        LINK_UNCOUNTED => u64::from(second == 0),
        LINK_MASKED => second.checked_add(1).unwrap_or(IMPOSSIBLE),
        LINK_POWER => power(second >> 8),
        LINK_OLD_POWER if second & SAME_SIZE != 0 => power(second >> 8),
        LINK_OLD_POWER => power(second >> 8) >> 1,
        _ => 0,
    };
    let element = u64::from(link.element);
    if pointer == 0 || length == 0 {
        return None;
    }
    if length > ADDRESS_SPACE.checked_div(element)? {
        return Some(Piece::failed(address, EINVAL, link.view));
    }
    let full = length.wrapping_mul(element);
    let bound = match link.bound {
        BOUND_STRING => u64::from(plan.string),
        BOUND_ELEMENTS => u64::from(plan.elements).wrapping_mul(element),
        _ => full,
    };
    let wanted = full
        .min(bound)
        .min(u64::from(link.limit))
        .min(u64::from(MAX_CHUNK));
    Some(Piece {
        view: link.view,
        levels: levels as u32,
        ..Piece::leaf(address, full, wanted as u32)
    })
}

/// The power of 2.
#[inline(always)]
fn power(exponent: u64) -> u64 {
    if exponent < 48 {
        1 << (exponent & 63)
    } else {
        IMPOSSIBLE
    }
}
