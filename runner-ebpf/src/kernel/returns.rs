//! Executing a `ret` in place of the processor.
//!
//! The kernel emulates a probed `push` or `jmp`, and must let the processor step over a copy of a `ret`, with a trap after it.
//! Since Linux 6.18 it lets a uprobe's program write the registers ("bpf: Allow uprobe program to change
//! context registers"), and does not execute the instruction when RIP is another afterwards ("uprobe: Do not emulate/sstep original
//! instruction when ip is changed"). So the program returns by itself: RIP becomes the word at
//! RSP, and RSP 8 more. Not all kernels that have the one commit have the other, and some refuse again; user space tries it
//! ([`attempt`]) and sets [`EXECUTE_RETURNS`] before it loads the program. Where that is 0, the verifier does not look at the code.

use core::{arch::asm, ffi::c_void};

use aya_ebpf::helpers::generated::bpf_get_func_ip;

use crate::{
    memory::{task_word, word},
    tables::GLOBALS,
    verifier::load_at,
    walk::{PT_RIP, PT_RSP, Walk},
};

/// Not 0 where the program executes `ret`s.
#[unsafe(no_mangle)]
static EXECUTE_RETURNS: u32 = 0;

/// Bit of `thread.features`: the thread has a shadow stack, from which the processor takes the return address too
/// (`ARCH_SHSTK_SHSTK` of arch/x86/include/uapi/asm/prctl.h).
const SHADOW_STACK: u64 = 1;

#[inline(always)]
fn execute_returns() -> bool {
    // SAFETY: a constant of the program's own, which the compiler must not take for what it says here.
    unsafe { (&raw const EXECUTE_RETURNS).read_volatile() != 0 }
}

/// Puts RIP and RSP as they were at the site, where another program on the same instruction (of a second goproctor) has executed
/// the `ret` already.
#[inline(always)]
pub(crate) fn locate(walk: &mut Walk) {
    if !execute_returns() {
        return;
    }
    // SAFETY: for a uprobe it gives the probed address ("bpf: Add support for bpf_get_func_ip helper for uprobe program").
    let site = unsafe { bpf_get_func_ip(walk.context) };
    let before = walk.rsp.wrapping_sub(8);
    if walk.rip != site && word(before) == Ok(walk.rip) {
        walk.rip = site;
        walk.rsp = before;
    }
}

/// Executes the `ret`, if nobody has done it yet.
#[inline(always)]
pub(crate) fn perform(walk: &Walk) {
    if execute_returns() {
        // SAFETY: the globals are a value of a map; `context` is a `pt_regs` of a program at a `ret`.
        unsafe { leave(walk.context, (*walk.globals).task_features) };
    }
}

/// The trial.
#[inline(always)]
pub(crate) fn attempt(context: *mut c_void) {
    let Some(globals) = GLOBALS.get(0) else {
        return;
    };
    // SAFETY: `context` is a `pt_regs` of a program at a `ret`.
    unsafe { leave(context, globals.task_features) };
}

/// Returns, if RIP is still the site's. Where the return address can't be read or the thread has a shadow stack, the kernel
/// steps over the `ret`.
///
/// # Safety
/// `context` is the `pt_regs` of a program that is at a `ret`.
#[inline(always)]
unsafe fn leave(context: *mut c_void, features: u64) {
    // SAFETY: the caller's promise.
    if unsafe { load_at::<PT_RIP>(context.cast()) != bpf_get_func_ip(context) } {
        return;
    }
    if features != 0 {
        match task_word(features) {
            Ok(features) if features & SHADOW_STACK == 0 => {}
            _ => return,
        }
    }
    // SAFETY: the caller's promise.
    let top = unsafe { load_at::<PT_RSP>(context.cast()) };
    let Ok(target) = word(top) else {
        return;
    };
    // SAFETY: the caller's promise; the verifier allows these two stores or refuses the program.
    unsafe {
        asm!(
            "*(u64 *)({context} + {rsp}) = {top}",
            "*(u64 *)({context} + {rip}) = {target}",
            context = in(reg) context,
            rsp = const PT_RSP * 8,
            rip = const PT_RIP * 8,
            top = in(reg) top.wrapping_add(8),
            target = in(reg) target,
            options(nostack)
        );
    }
}
