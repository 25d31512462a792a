//! One hit, from its number to its record.

use core::ffi::c_void;

use aya_ebpf::bindings::bpf_pidns_info;
use aya_ebpf::helpers::generated::{
    bpf_get_attach_cookie, bpf_get_current_pid_tgid, bpf_get_ns_current_pid_tgid, bpf_ktime_get_ns,
    bpf_ringbuf_discard, bpf_ringbuf_reserve, bpf_ringbuf_submit,
};
use goproctor_ebpf::{
    GATE_OPEN, Globals, INSTRUCTION_RETURN, INSTRUCTION_STACK_CHECK, REGISTERS, RecordClass,
    RecordHeader, SiteCount,
};

use crate::{
    chunks, gate,
    goroutine::{Goroutine, find_goroutine},
    returns, saved, seeds, sources,
    tables::{COUNTS, GLOBALS, RING, SITES},
    verifier::{fetch_add, load_at, opaque},
    walk::{Need, PT_FLAGS, PT_R14, PT_RIP, PT_RSP, Walk},
};

/// User space polls the ring; waking it up would cost the program more than the hit itself.
const NO_WAKEUP: u64 = 1;

/// The largest class that a site of the plan may have. User space sets it before it loads the program: the verifier knows
/// the number then, and spends no time on the code for larger classes.
#[unsafe(no_mangle)]
static LARGEST_CLASS: u32 = RecordClass::Huge as u32;

/// Not 0 where a site of the plan may have a gate. Where it is 0, the verifier does not look at the code.
#[unsafe(no_mangle)]
static GATED: u32 = 0;

/// The flags of which one is set when a `jbe` jumps: CF and ZF (Intel SDM, volume 2, "Jcc").
const BELOW_OR_EQUAL: u64 = 1 << 0 | 1 << 6;

/// Ways that a record can end.
const DONE: u64 = 0;
/// It found no room in the ring.
const LOST: u64 = 1;
/// It was too small, and a larger one may be made.
const TOO_SMALL: u64 = 2;

/// Handles one hit; `context` is the program's `pt_regs`.
#[inline(always)]
pub(crate) fn handle(context: *mut c_void) {
    // SAFETY: `context` is what the kernel gave to the program.
    let site = unsafe { bpf_get_attach_cookie(context) } as u32;
    let (Some(plan), Some(count), Some(globals)) =
        (SITES.get(site), COUNTS.get_ptr_mut(site), GLOBALS.get(0))
    else {
        return;
    };
    // SAFETY: `context` is a `pt_regs`.
    let flags = unsafe { load_at::<PT_FLAGS>(context.cast()) };
    if plan.instruction == INSTRUCTION_STACK_CHECK && flags & BELOW_OR_EQUAL != 0 {
        return;
    }
    let zero = opaque(0);
    let mut walk = Walk {
        context,
        plan,
        count,
        globals,
        record: core::ptr::null_mut(),
        site: u64::from(site),
        time: zero,
        number: zero,
        rip: zero,
        rsp: zero,
        goroutine: Goroutine {
            g: zero,
            goid: zero,
            stack_hi: zero,
            flags: zero,
        },
        depth: zero,
        known: zero,
        recalled: zero,
        need: Need {
            bytes: zero,
            chunks: zero,
            open: zero,
        },
    };
    walk.rip = walk.word::<PT_RIP>();
    walk.rsp = walk.word::<PT_RSP>();
    if plan.instruction == INSTRUCTION_RETURN {
        returns::locate(&mut walk);
    }
    if admits(&mut walk) {
        take(&mut walk);
    }
    // Asked once more: what is remembered of it would be one more way through all of the above for the verifier.
    if walk.plan().instruction == INSTRUCTION_RETURN {
        returns::perform(&walk);
    }
}

/// Whether the hit is recorded. One that should be but can't is counted as lost.
#[inline(always)]
fn admits(walk: &mut Walk) -> bool {
    // SAFETY: a constant of the program's own, which the compiler must not take for what it says here.
    let gated = unsafe { (&raw const GATED).read_volatile() };
    if gated == 0 || walk.plan().gate == GATE_OPEN {
        return true;
    }
    // SAFETY: there is no record; `walk` is good.
    let end = unsafe {
        identify(walk, core::ptr::null_mut());
        gate::admit(walk)
    };
    if end == gate::LOSE {
        // SAFETY: a value of a map.
        unsafe {
            fetch_add(&raw mut (*walk.count).hits, 1);
            fetch_add(&raw mut (*walk.count).lost, 1);
        }
    }
    end == gate::RECORD
}

/// Numbers a hit, and makes its record.
#[inline(always)]
fn take(walk: &mut Walk) {
    // SAFETY: `count` is a map's value. The number is taken before the clock is read: whoever reads the clock and then
    // the count has counted all hits that say an earlier time.
    walk.number = unsafe { fetch_add(&raw mut (*walk.count).hits, 1) }.wrapping_add(1);
    // SAFETY: takes and changes nothing.
    walk.time = unsafe { bpf_ktime_get_ns() };
    let lost = record_of_any_class(walk) == LOST;
    if walk.plan().save_count != 0 {
        if lost && walk.known == 0 {
            // SAFETY: there is no record.
            unsafe { identify(walk, core::ptr::null_mut()) };
        }
        saved::store_all(walk);
    }
    if walk.recalled != 0 {
        saved::forget_all(walk);
    }
}

/// Makes the hit's record, of the first class that is large enough.
#[inline(always)]
fn record_of_any_class(walk: &mut Walk) -> u64 {
    let class = seeds::class(walk);
    // SAFETY: a constant of the program's own, which the compiler must not take for what it says here.
    let largest = unsafe { (&raw const LARGEST_CLASS).read_volatile() };
    let mut end = TOO_SMALL;
    // SAFETY: `walk` is good.
    unsafe {
        if class == 0 {
            end = record::<0>(walk);
        }
        if largest >= 1 && class <= 1 && end == TOO_SMALL {
            end = record::<1>(walk);
        }
        if largest >= 2 && class <= 2 && end == TOO_SMALL {
            end = record::<2>(walk);
        }
        if largest >= 3 && class <= 3 && end == TOO_SMALL {
            end = record::<3>(walk);
        }
        if largest >= 4 && class <= 4 && end == TOO_SMALL {
            end = record::<4>(walk);
        }
        if largest >= 5 && end == TOO_SMALL {
            end = record::<5>(walk);
        }
    }
    end
}

/// Reserves a record of the class, fills it and hands it over. One that is too small is given back, if the site may
/// have a larger one.
///
/// A function of its own, so that the verifier forgets at its end by which of the many ways it went.
///
/// # Safety
/// `walk` is good.
#[inline(never)]
unsafe extern "C" fn record<const CLASS: usize>(walk: *mut Walk) -> u64 {
    // SAFETY: the ring is one; a record that was reserved is written within its size, and handed over or given back
    // on the only way out.
    unsafe {
        let walk = &mut *walk;
        let size = RecordClass::ALL[CLASS].size() as u64;
        let record = bpf_ringbuf_reserve((&raw const RING).cast_mut().cast(), size, 0);
        if record.is_null() {
            fetch_add(&raw mut (*walk.count).lost, 1);
            return LOST;
        }
        let head = record.cast::<RecordHeader>();
        header(head, CLASS as u32, walk);
        if CLASS != RecordClass::Scalar as usize {
            walk.record = record.cast();
            let scratch = walk.scratch();
            let zero = opaque(0);
            (*scratch).recalled = zero;
            (*scratch).next = zero;
            (*scratch).turn = zero;
            (*scratch).first_seed = zero;
            chunks::read_all::<CLASS>(walk);
            if chunks::is_too_small::<CLASS>(walk, head) {
                raise(walk.count, CLASS as u64 + 1);
                walk.record = core::ptr::null_mut();
                bpf_ringbuf_discard(record, NO_WAKEUP);
                return TOO_SMALL;
            }
            walk.recalled = (*walk.scratch()).recalled;
            walk.record = core::ptr::null_mut();
        }
        (*head).registers = sources::registers(walk);
        let hidden = walk.plan().hidden;
        if hidden != 0 {
            hide_registers(head, hidden);
        }
        bpf_ringbuf_submit(record, NO_WAKEUP);
    }
    DONE
}

/// Notes that a class was needed. Two at a time may leave the smaller one; the next hit that needs the larger
/// notes it again.
#[inline(always)]
unsafe fn raise(count: *mut SiteCount, class: u64) {
    // SAFETY: a value of a map.
    unsafe {
        if (*count).class < class {
            (*count).class = class;
        }
    }
}

/// Fills the header of a record, but for the registers.
#[inline(always)]
unsafe fn header(header: *mut RecordHeader, class: u32, walk: &mut Walk) {
    // SAFETY: a record is never smaller than its header; the ring aligns to 8 bytes.
    unsafe {
        identify(walk, header);
        let goroutine = &raw const walk.goroutine;
        let (tgid, tid) = process(&*walk.globals);
        (*header).site = walk.site as u32;
        (*header).class = class;
        (*header).time = walk.time;
        (*header).hit = walk.number;
        (*header).tgid = tgid;
        (*header).tid = tid;
        (*header).g = (*goroutine).g;
        (*header).goid = (*goroutine).goid;
        (*header).stack_hi = (*goroutine).stack_hi;
        (*header).flags = (*goroutine).flags as u32;
        (*header).chunk_count = 0;
    }
}

/// Finds out whose hit this is.
///
/// # Safety
/// `record` is null or points to a reserved record.
#[inline(always)]
unsafe fn identify(walk: &mut Walk, record: *mut RecordHeader) {
    let r14 = walk.word::<PT_R14>();
    // SAFETY: the globals are a value of a map; the caller's promise.
    unsafe {
        find_goroutine(
            walk.globals,
            walk.plan().g_source,
            r14,
            record,
            &raw mut walk.goroutine,
        )
    };
    let entry = walk.rsp.wrapping_add(u64::from(walk.plan().below));
    walk.depth = walk.goroutine.stack_hi.wrapping_sub(entry);
    walk.known = 1;
}

/// Overwrites the registers whose bits are set with zeros. Gives 0.
///
/// A global function, see [`crate::verifier`].
///
/// # Safety
/// `header` is good.
#[unsafe(no_mangle)]
#[inline(never)]
unsafe extern "C" fn hide_registers(header: *mut RecordHeader, hidden: u32) -> u32 {
    if header.is_null() {
        return 0;
    }
    for index in 0..REGISTERS {
        if hidden & (1 << index) != 0 {
            // SAFETY: there are so many.
            unsafe {
                (&raw mut (*header).registers)
                    .cast::<u64>()
                    .add(index)
                    .write(0)
            };
        }
    }
    0
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
