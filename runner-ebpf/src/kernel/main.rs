//! The kernel program: one for all plans, driven by the tables of the wire.
//!
//! Each hit of a probe takes its site's next number, reserves a record in the ring, and fills it: clock,
//! process, goroutine, registers, then the pieces of memory that the site's seeds and their views lead to.
//!
//! It may sleep in the middle of a hit (a page of the program may have to be read from disk), so nothing
//! here is kept per CPU. It may not panic either: an index that could, would leave a call that never
//! returns, and the verifier refuses such a program. Hence raw pointers, with the bounds in plain sight.
#![no_std]
#![no_main]
#![feature(asm_experimental_arch)]
#![expect(unstable_features, reason = "assembly for BPF is not stable yet")]
#![allow(
    clippy::inline_always,
    reason = "a function of its own would lose what the verifier knows of its arguments"
)]

mod chunks;
mod goroutine;
mod hit;
mod links;
mod memory;
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
    hit::handle(context.as_ptr());
    0
}

/// The same for one link a site.
#[uprobe(sleepable)]
fn watch_single(context: ProbeContext) -> u32 {
    hit::handle(context.as_ptr());
    0
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";
