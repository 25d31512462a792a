//! What the verifier needs: checks that the compiler must not delete, and functions that are looked at once.
//!
//! The verifier follows every way through the program, and a call's callee again for each way that leads there. A
//! *global* function it looks at once, by itself, for any arguments (Linux 5.6, commit 51c39bb1d5d1 "bpf: Introduce
//! function-by-function verification"; with pointers 5.12, commit e5069b9c23b3 "bpf: Support pointers in global func
//! args"). Of its callers it knows nothing, and they know nothing of its result, so that they do not go on along as many ways
//! either. Those that have many ways through them are global: `links::follow_link`, `seeds::choose_class`,
//! `goroutine::find_goroutine` and `hit::hide_registers`. Such a function
//!
//! - has a name that is not mangled, which is what makes it global;
//! - takes numbers and pointers to types of a known size, and checks the pointers for null;
//! - gives a number.
//!
//! What is behind its pointers is bytes to it: a pointer that is read from there can't be followed.

use core::arch::asm;

/// The same number, of which the compiler knows nothing any more: a bound checked after this stays in the
/// program, even where it follows from something that the verifier cannot see. Zeros in a row are stored one by one,
/// and not by a call of `memset`, which goes byte by byte.
#[inline(always)]
pub(crate) fn opaque(mut number: u64) -> u64 {
    // SAFETY: a move from a register to itself.
    unsafe { asm!("{0} = {0}", inout(reg) number, options(nomem, nostack)) };
    number
}

/// Adds to a counter in a map and gives its value before.
///
/// # Safety
/// `counter` points to 8 aligned bytes of a map's value.
#[inline(always)]
pub(crate) unsafe fn fetch_add(counter: *mut u64, mut amount: u64) -> u64 {
    // SAFETY: the caller's promise. Rust's own atomics are not there for this target.
    unsafe {
        asm!(
            "{amount} = atomic_fetch_add((u64 *)({counter} + 0), {amount})",
            counter = in(reg) counter,
            amount = inout(reg) amount,
            options(nostack)
        );
    }
    amount
}

/// The word at a constant place, in words. An offset that the compiler chose itself might be no constant.
///
/// # Safety
/// There is such a word.
#[inline(always)]
pub(crate) unsafe fn load_at<const PLACE: usize>(from: *const u64) -> u64 {
    let value: u64;
    // SAFETY: the caller's promise.
    unsafe {
        asm!(
            "{value} = *(u64 *)({from} + {offset})",
            value = lateout(reg) value,
            from = in(reg) from,
            offset = const PLACE * 8,
            options(nostack, readonly, preserves_flags)
        );
    }
    value
}

/// The 8 bytes there, aligned or not, by one instruction: the compiler would take eight.
///
/// # Safety
/// There are 8 bytes.
#[inline(always)]
pub(crate) unsafe fn load(from: *const u8) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { load_at::<0>(from.cast()) }
}

/// Overwrites the 8 bytes there with zeros, likewise.
///
/// # Safety
/// There are 8 bytes.
#[inline(always)]
pub(crate) unsafe fn clear(at: *mut u8) {
    // SAFETY: the caller's promise.
    unsafe {
        asm!("*(u64 *)({at} + 0) = {zero}", at = in(reg) at, zero = in(reg) 0u64, options(nostack));
    }
}
