//! The kernel program: one for all plans, driven by the tables of the wire.
//!
//! Each hit of a probe takes its site's next number, reserves a record in the ring, and fills it: clock,
//! process, goroutine, registers, then the pieces of memory that the site's seeds and their views lead to.
//!
//! It may sleep in the middle of a hit (a page of the program may have to be read from disk), and a kernel that
//! preempts may run another hit on the same CPU meanwhile. So nothing here is kept per CPU, and the kernel must
//! not keep anything per CPU for it either ([`without_private_stack`]). docs/kernels.md goes through all that the
//! program shares.
//!
//! It may not panic: an index that could, would leave a call that never returns, and the verifier refuses such
//! a program. Hence raw pointers, with the bounds in plain sight.
#![no_std]
#![no_main]
#![feature(asm_experimental_arch)]
#![expect(unstable_features, reason = "assembly for BPF is not stable yet")]
#![allow(
    clippy::inline_always,
    reason = "a function of its own would lose what the verifier knows of its arguments"
)]

mod chunks;
mod gate;
mod goroutine;
mod hit;
mod links;
mod memory;
mod returns;
mod saved;
mod seeds;
mod sources;
mod tables;
mod verifier;
mod walk;

use aya_ebpf::{EbpfContext as _, macros::uprobe, programs::ProbeContext};

/// The program for one link to all sites (Linux 6.6 and later).
#[uprobe(multi, sleepable)]
fn watch_multi(context: ProbeContext) -> u32 {
    without_private_stack();
    hit::handle(context.as_ptr());
    0
}

/// The same for one link a site.
#[uprobe(sleepable)]
fn watch_single(context: ProbeContext) -> u32 {
    without_private_stack();
    hit::handle(context.as_ptr());
    0
}

/// Tries whether the kernel lets a program execute a `ret`: it does that and nothing else, to code of goproctor's own.
#[uprobe(multi, sleepable)]
fn try_return(context: ProbeContext) -> u32 {
    without_private_stack();
    returns::attempt(context.as_ptr());
    0
}

/// Keeps the kernel from giving the program a private stack. Every program of type kprobe, tracepoint, raw
/// tracepoint or perf event calls it; a test of the object demands that.
///
/// Since Linux 6.13 such a program gets a stack per CPU where its frames reach 64 bytes (commits a76ab5731e32
/// "bpf: Find eligible subprogs for private stack support" and 7d1cd70d4b16 "bpf, x86: Support private stack in
/// jit"). That is sound for programs which the kernel does not run twice at a time on one CPU. Of uprobes nothing
/// counts the runs: a sleepable one may be preempted, and the next hit on that CPU overwrites its frames, which
/// hold the pointers that it writes through.
///
/// The kernel turns private stacks off where any instruction of the program is a tail call, whether it can be
/// reached or not (kernel/bpf/verifier.c, `check_subprogs` and `check_max_stack_depth`). This one can't: the
/// verifier sees that R0 is 0 and removes the call.
#[inline(always)]
fn without_private_stack() {
    // For `make kernels-unmended`, which proves that the matrix sees the oops.
    #[cfg(not(feature = "private-stack"))]
    // SAFETY: the call is never executed; R0 is free.
    unsafe {
        core::arch::asm!(
            "r0 = 0",
            "if r0 == 0 goto +1",
            "call 12", // BPF_FUNC_tail_call of include/uapi/linux/bpf.h
            out("r0") _,
            options(nomem, nostack)
        );
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";
