//! What the parts of one hit share.

use core::{ffi::c_void, mem::offset_of};

use goproctor_ebpf::{
    CHUNK_PENDING, Globals, NO_VIEW, REGISTERS, RecordHeader, SiteCount, SitePlan,
};

use crate::{goroutine::Goroutine, links::Resolution, memory::Errno, verifier};

/// What is known of a hit, and what its record is filled with next. Lives on the stack, where callbacks and
/// functions of their own find it, so each word of it counts.
#[repr(C)]
pub(crate) struct Walk {
    /// The program's `pt_regs`.
    pub(crate) context: *mut c_void,
    /// What to do at the site.
    pub(crate) plan: *const SitePlan,
    /// The site's counts.
    pub(crate) count: *mut SiteCount,
    pub(crate) globals: *const Globals,
    /// The reserved record; null while there is none.
    pub(crate) record: *mut u8,
    /// The site's index.
    pub(crate) site: u64,
    pub(crate) time: u64,
    /// The hit's number.
    pub(crate) number: u64,
    /// RIP and RSP at the site.
    pub(crate) rip: u64,
    pub(crate) rsp: u64,
    /// The goroutine.
    pub(crate) goroutine: Goroutine,
    /// The distance of where RSP was at the function's entry from the stack's upper end.
    pub(crate) depth: u64,
    /// Not 0 when both are known.
    pub(crate) known: u64,
    /// Not 0 when a saved number was asked for.
    pub(crate) recalled: u64,
    /// What the seeds need.
    pub(crate) need: Need,
}

/// What changes while a record is filled. Lives in the record, where its registers are written at last: the verifier
/// does not keep account of what a record holds, so that not every way through the program makes states of its own.
#[repr(C)]
pub(crate) struct Scratch {
    /// The link that is followed.
    pub(crate) resolution: Resolution,
    /// The result of `sources::value`.
    pub(crate) value: u64,
    /// The chunk whose links are followed.
    pub(crate) current: u64,
    /// The chunk that is read next.
    pub(crate) next: u64,
    /// How many turns of seeds are in the queue,
    pub(crate) turn: u64,
    /// and where the last one begins.
    pub(crate) first_seed: u64,
    /// Not 0 when the piece was found in the queue.
    pub(crate) found: u64,
    /// Not 0 when a saved number was asked for.
    pub(crate) recalled: u64,
}

const _: () = assert!(size_of::<Scratch>() <= size_of::<[u64; REGISTERS]>());

/// A piece of memory that is to be read.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Piece {
    pub(crate) address: u64,
    /// How many bytes it has.
    pub(crate) full: u64,
    /// How many of them are to be read.
    pub(crate) wanted: u32,
    pub(crate) view: u32,
    /// How many levels are left to follow from there.
    pub(crate) levels: u32,
    /// [`CHUNK_PENDING`], or why it can't be read.
    pub(crate) status: i32,
}

impl Piece {
    /// A piece that can't be read.
    #[inline(always)]
    pub(crate) fn failed(address: u64, status: Errno, view: u32) -> Self {
        Self {
            address,
            full: verifier::opaque(0),
            wanted: 0,
            view,
            levels: 0,
            status: status as i32,
        }
    }

    /// The first `wanted` bytes of `full`, from where nothing leads on.
    #[inline(always)]
    pub(crate) const fn leaf(address: u64, full: u64, wanted: u32) -> Self {
        Self {
            address,
            full,
            wanted,
            view: NO_VIEW,
            levels: 0,
            status: CHUNK_PENDING,
        }
    }
}

/// How large a record must be.
#[repr(C)]
pub(crate) struct Need {
    /// Bytes of chunks.
    pub(crate) bytes: u64,
    /// Chunks.
    pub(crate) chunks: u64,
    /// Not 0 when something leads on, so that the need is not known.
    pub(crate) open: u64,
}

/// A register's place in x86-64's `pt_regs`, in words (arch/x86/include/asm/ptrace.h).
pub(crate) const PT_RSP: usize = 19;
pub(crate) const PT_R14: usize = 1;
pub(crate) const PT_RIP: usize = 16;
pub(crate) const PT_FLAGS: usize = 18;

impl Walk {
    /// The word of that place in `pt_regs`.
    #[inline(always)]
    pub(crate) fn word<const PLACE: usize>(&self) -> u64 {
        // SAFETY: `context` is a `pt_regs` of 21 words. The verifier demands a constant offset.
        unsafe { verifier::load_at::<PLACE>(self.context.cast()) }
    }

    /// Where the binary was loaded: what to add to its addresses as linked.
    #[inline(always)]
    pub(crate) fn bias(&self) -> u64 {
        self.rip.wrapping_sub(self.plan().address)
    }

    /// What changes.
    ///
    /// # Safety
    /// There is a record, whose registers are not yet written.
    #[inline(always)]
    pub(crate) unsafe fn scratch(&self) -> *mut Scratch {
        self.record
            .wrapping_add(offset_of!(RecordHeader, registers))
            .cast()
    }

    /// What to do at the site.
    #[inline(always)]
    pub(crate) fn plan(&self) -> &SitePlan {
        // SAFETY: a value of a map, which lives as long as the program.
        unsafe { &*self.plan }
    }
}
