//! What keeps the compiler from deleting the checks that the verifier wants to see.

use core::arch::asm;

/// The same number, of which the compiler knows nothing any more: a bound checked after this stays in the
/// program, even where it follows from something that the verifier cannot see.
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
