//! One hit, from its number to its record.

use core::ffi::c_void;

use aya_ebpf::bindings::bpf_pidns_info;
use aya_ebpf::helpers::generated::{
    bpf_get_attach_cookie, bpf_get_current_pid_tgid, bpf_get_ns_current_pid_tgid, bpf_ktime_get_ns,
    bpf_ringbuf_reserve, bpf_ringbuf_submit,
};
use goproctor_ebpf::{Globals, REGISTERS, RecordClass, RecordHeader, SiteCount, SitePlan};

use crate::{
    chunks, goroutine, seeds,
    tables::{COUNTS, GLOBALS, RING, SITES},
    verifier::fetch_add,
};

/// User space polls the ring; waking it up would cost the program more than the hit itself.
const NO_WAKEUP: u64 = 1;

/// What the record's parts share while it is filled. Lives on the stack, where callbacks find it.
#[repr(C)]
pub(crate) struct Walk {
    /// The reserved record.
    pub(crate) record: *mut u8,
    /// The registers, in the wire's order.
    pub(crate) registers: [u64; REGISTERS],
    /// The site's first seed.
    pub(crate) first_seed: u64,
    /// How many bytes of chunks the seeds need.
    pub(crate) bytes: u64,
    /// How many chunks they need.
    pub(crate) chunks: u64,
    /// Not 0 when one of them leads on, so that the need is not known.
    pub(crate) open: u64,
    /// The chunk whose links are followed.
    pub(crate) current: u64,
    /// Address, full length and view of a piece that may be in the queue.
    pub(crate) sought: (u64, u64, u64),
    /// Not 0 when it is.
    pub(crate) found: u64,
}

/// Handles one hit; `context` is the program's `pt_regs`.
#[inline(always)]
pub(crate) fn handle(context: *mut c_void) {
    // SAFETY: `context` is what the kernel gave to the program.
    let (cookie, time) = unsafe { (bpf_get_attach_cookie(context), bpf_ktime_get_ns()) };
    let site = cookie as u32;
    let (Some(plan), Some(count), Some(globals)) =
        (SITES.get(site), COUNTS.get_ptr_mut(site), GLOBALS.get(0))
    else {
        return;
    };
    // SAFETY: `count` is a map's value.
    let number = unsafe { fetch_add(&raw mut (*count).hits, 1) }.wrapping_add(1);
    let hit = Hit {
        site,
        time,
        number,
        plan,
        count,
        globals,
    };
    let mut walk = Walk {
        record: core::ptr::null_mut(),
        // SAFETY: as above.
        registers: unsafe { registers(context.cast()) },
        first_seed: u64::from(plan.first_seed),
        bytes: 0,
        chunks: 0,
        open: 0,
        current: 0,
        sought: (0, 0, 0),
        found: 0,
    };
    match seeds::class(plan, &mut walk) {
        0 => record::<0>(&hit, &mut walk),
        1 => record::<1>(&hit, &mut walk),
        2 => record::<2>(&hit, &mut walk),
        3 => record::<3>(&hit, &mut walk),
        _ => record::<4>(&hit, &mut walk),
    }
}

/// What is known of a hit before it has a record.
struct Hit<'a> {
    site: u32,
    time: u64,
    number: u64,
    plan: &'a SitePlan,
    count: *mut SiteCount,
    globals: &'a Globals,
}

/// Reserves a record of the class, fills it and hands it over.
#[inline(always)]
fn record<const CLASS: usize>(hit: &Hit<'_>, walk: &mut Walk) {
    // SAFETY: the ring is one; a record that was reserved is written within its size and handed over on
    // the only way out.
    unsafe {
        let size = RecordClass::ALL[CLASS].size() as u64;
        let record = bpf_ringbuf_reserve((&raw const RING).cast_mut().cast(), size, 0);
        if record.is_null() {
            fetch_add(&raw mut (*hit.count).lost, 1);
            return;
        }
        header(record.cast(), CLASS as u32, hit, walk);
        if CLASS != RecordClass::Scalar as usize {
            walk.record = record.cast();
            seeds::push_all::<CLASS>(hit.plan, walk);
            chunks::read_all::<CLASS>(walk);
        }
        bpf_ringbuf_submit(record, NO_WAKEUP);
    }
}

/// Fills the header of a record.
#[inline(always)]
unsafe fn header(header: *mut RecordHeader, class: u32, hit: &Hit<'_>, walk: &Walk) {
    let (tgid, tid) = process(hit.globals);
    // R14's place in the wire's order is 14.
    // SAFETY: `header` is the begin of a reserved record.
    let goroutine = unsafe {
        goroutine::find(
            hit.globals,
            hit.plan.g_source,
            walk.registers[14],
            header.cast(),
        )
    };
    // SAFETY: a record is never smaller than its header; the ring aligns to 8 bytes.
    unsafe {
        (*header).site = hit.site;
        (*header).class = class;
        (*header).time = hit.time;
        (*header).hit = hit.number;
        (*header).tgid = tgid;
        (*header).tid = tid;
        (*header).g = goroutine.g;
        (*header).goid = goroutine.goid;
        (*header).stack_hi = goroutine.stack_hi;
        (*header).flags = goroutine.flags;
        (*header).chunk_count = 0;
        (*header).registers = walk.registers;
    }
}

/// The process and the thread, in our PID namespace's numbers; 0 for a process that our namespace
/// does not have.
#[inline(always)]
fn process(globals: &Globals) -> (u32, u32) {
    if globals.pid_ns_inode == 0 {
        // SAFETY: takes and changes nothing.
        let both = unsafe { bpf_get_current_pid_tgid() };
        return ((both >> 32) as u32, both as u32);
    }
    let mut info = bpf_pidns_info { pid: 0, tgid: 0 };
    // SAFETY: the helper fills `info`, with zeros when the namespace is another.
    unsafe {
        bpf_get_ns_current_pid_tgid(
            globals.pid_ns_device,
            globals.pid_ns_inode,
            &raw mut info,
            8,
        );
    }
    (info.tgid, info.pid)
}

/// The registers in the wire's order, from x86-64's `pt_regs` (arch/x86/include/asm/ptrace.h).
#[inline(always)]
unsafe fn registers(context: *const u64) -> [u64; REGISTERS] {
    // SAFETY: `context` is a `pt_regs` of 21 words. Volatile, so that each is read at a constant offset,
    // as the verifier demands of the context.
    let at = |index: usize| unsafe { context.add(index).read_volatile() };
    [
        at(10), // RAX
        at(5),  // RBX
        at(11), // RCX
        at(12), // RDX
        at(13), // RSI
        at(14), // RDI
        at(4),  // RBP
        at(19), // RSP
        at(9),  // R8
        at(8),
        at(7),
        at(6),
        at(3),
        at(2),
        at(1),
        at(0),  // R15
        at(16), // RIP
    ]
}
