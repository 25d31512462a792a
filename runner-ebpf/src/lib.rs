//! The wire: what goproctor and its kernel program say to each other.
//!
//! Downwards go tables (one [`SitePlan`] a probe site, its [`Seed`]s, and the [`View`]s that tell which
//! pointers lead on from a piece of memory); upwards come records: a [`RecordHeader`], a fixed array of
//! [`ChunkHeader`]s as large as the record's [`RecordClass`] says, then the bytes of the chunks.
//!
//! The kernel program knows nothing of Go's types. It copies the seeds' pieces of memory and follows the
//! pointers that a view names, breadth first, within limits; user space walks its own types over the result.
//! All integers are little-endian, as on the only architecture there is so far.
#![no_std]

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// How many general registers a record carries, in the order of [`RecordHeader::registers`].
pub const REGISTERS: usize = 17;

/// The largest number of probe sites that one session can have.
pub const MAX_SITES: u32 = 16_384;
/// The largest number of seeds of all sites together.
pub const MAX_SEEDS: u32 = 65_536;
/// The largest number of views.
pub const MAX_VIEWS: u32 = 262_144;
/// The largest number of links of all views together.
pub const MAX_LINKS: u32 = 2_097_152;
/// The largest number of links of one view; so many are looked at in one chunk.
pub const MAX_VIEW_LINKS: u32 = 4096;
/// The largest number of dynamic types and closures.
pub const MAX_DYNAMIC: u32 = 262_144;
/// The largest number of saves of all sites together.
pub const MAX_SAVES: u32 = 16_384;
/// How many saved numbers are kept until their calls return; the oldest are dropped then.
pub const MAX_SAVED: u32 = 16_384;
/// The largest number of bytes that one chunk can hold.
pub const MAX_CHUNK: u32 = 4096;

/// What holds for the whole binary: where the goroutine is found, and in whose process numbers to speak.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Globals {
    /// Offset of `thread.fsbase` in the kernel's `task_struct`, in bytes, from the kernel's BTF.
    pub task_fsbase: u64,
    /// Offset of the `g` pointer from the thread's FS base, in bytes (negative; −8 when linked internally).
    pub tls_g: i64,
    /// Offset of `goid` in `runtime.g`, in bytes.
    pub g_goid: u64,
    /// Offset of `stack.hi` in `runtime.g`, in bytes.
    pub g_stack_hi: u64,
    /// Offset of `m` in `runtime.g`, in bytes.
    pub g_m: u64,
    /// Offset of `curg` in `runtime.m`, in bytes.
    pub m_curg: u64,
    /// Device number of our PID namespace's inode; with `pid_ns_inode` 0, the first namespace's numbers are used.
    pub pid_ns_device: u64,
    /// Inode number of our PID namespace.
    pub pid_ns_inode: u64,
    /// Offset of `thread.features` in the kernel's `task_struct`, in bytes, from the kernel's BTF: bit 0 says whether the
    /// thread has a shadow stack. 0 on a kernel without shadow stacks.
    pub task_features: u64,
}

/// Where a site finds `g`: in R14, as Go's ABIInternal has it.
pub const G_REGISTER: u32 = 0;
/// Where a site finds `g`: in thread-local storage, as the stack ABI has it.
pub const G_THREAD_LOCAL: u32 = 1;

/// A site's instruction that the program's code goes on after, as the processor executes it.
pub const INSTRUCTION_PLAIN: u32 = 0;
/// A site's instruction: the conditional jump of a stack check, `jbe`. A hit that takes it leads to `runtime.morestack` and
/// is no entry, so it is passed over as if there were no probe.
pub const INSTRUCTION_STACK_CHECK: u32 = 1;
/// A site's instruction: `ret`, which the kernel program executes itself where it may.
pub const INSTRUCTION_RETURN: u32 = 2;

/// Every hit of a site is recorded.
pub const GATE_OPEN: u32 = 0;
/// A hit is recorded where its goroutine is watched.
pub const GATE_WATCHED: u32 = 1;
/// The same; the goroutine whose `g` [`SitePlan::gate_value`] points to is watched then, too: the hit's created it.
pub const GATE_CREATED: u32 = 2;
/// Every hit is recorded. Its goroutine runs a Go test, whose function [`SitePlan::gate_value`] points to: outside of tests
/// that are watched, it is watched from here on if [`TestCode`] has the function, and if not, it is not.
pub const GATE_TEST: u32 = 3;
/// Every hit is recorded. Its goroutine runs something like a Go test that is watched.
pub const GATE_WATCH: u32 = 4;
/// Every hit is recorded. Its goroutine serves a request, and is watched at least until it has.
pub const GATE_JOINED: u32 = 5;
/// Every hit is recorded. Its goroutine has served a request.
pub const GATE_LEFT: u32 = 6;

/// A goroutine.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(C)]
pub struct GoroutineKey {
    /// Its id.
    pub goid: u64,
    /// The process, in the first namespace's numbers.
    pub tgid: u32,
    /// Not used; zero.
    pub reserved: u32,
}

/// A goroutine is watched although it does not belong to a Go test. The main goroutine is, without being in the table.
pub const WATCHED_OUTSIDE: u64 = 1;
/// A goroutine is watched because it belongs to a Go test that is.
pub const WATCHED_TEST: u64 = 2;
/// A goroutine is watched as long as it serves a request; [`WATCHED_NESTED`] is added for each that it serves within that.
pub const WATCHED_REQUEST: u64 = 3;
/// What is added.
pub const WATCHED_NESTED: u64 = 256;

/// What a function means that runs in `testing.tRunner`, by its address in the binary as linked: [`TEST_ROOT`] or [`TEST_WATCHED`].
pub type TestCode = u32;
/// It runs all tests.
pub const TEST_ROOT: TestCode = 1;
/// It is a Go test that is watched.
pub const TEST_WATCHED: TestCode = 2;
/// The largest number of such functions.
pub const MAX_TESTS: u32 = 65_536;
/// How many goroutines can be watched at the same time, those included that have ended.
pub const MAX_WATCHED: u32 = 1_048_576;

/// What to do at one probe site. The attach cookie is its index in the table.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SitePlan {
    /// [`G_REGISTER`] or [`G_THREAD_LOCAL`].
    pub g_source: u32,
    /// The [`RecordClass`] as a number: the largest that a record of this site can have. The kernel program takes the
    /// smallest that was enough for the site's hits so far.
    pub class: u32,
    /// Index of the first of this site's seeds.
    pub first_seed: u32,
    /// Number of this site's seeds.
    pub seed_count: u32,
    /// How many of them are followed to their ends before the others are begun.
    pub first_turn: u32,
    /// One of the `INSTRUCTION_` constants.
    pub instruction: u32,
    /// Index of the first of this site's saves.
    pub first_save: u32,
    /// Number of this site's saves.
    pub save_count: u32,
    /// The site's address in the binary as linked: its distance from RIP is where the binary was loaded.
    pub address: u64,
    /// How many levels are followed.
    pub depth: u32,
    /// At most so many bytes of a [`BOUND_STRING`].
    pub string: u32,
    /// At most so many elements of a [`BOUND_ELEMENTS`].
    pub elements: u32,
    /// Bit n set: the n-th register is zero in the record.
    pub hidden: u32,
    /// How far RSP is below where it was at the function's entry, in bytes.
    pub below: u32,
    /// One of the `GATE_` constants.
    pub gate: u32,
    /// The pointer that the gate asks for.
    pub gate_value: Source,
}

/// A source: the value of a register; `index` is its place in [`RecordHeader::registers`].
pub const SOURCE_REGISTER: u32 = 0;
/// A source: the 8 bytes at RSP + `displacement`.
pub const SOURCE_STACK: u32 = 1;
/// A source: the address RSP + `displacement` itself.
pub const SOURCE_STACK_ADDRESS: u32 = 2;
/// A source: the constant `displacement`.
pub const SOURCE_CONSTANT: u32 = 3;
/// A source: the address `displacement` of the binary as linked, in the process.
pub const SOURCE_IMAGE: u32 = 4;
/// A source: what was saved in slot `index` of function `displacement` at the entry of this call; 0 if it was not.
pub const SOURCE_SAVED: u32 = 5;

/// Where a number comes from at the moment of a hit.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Source {
    /// One of the `SOURCE_` constants.
    pub kind: u32,
    /// The register's place, or the slot.
    pub index: u32,
    /// Bytes from RSP, the constant, the address or the function.
    pub displacement: i64,
}

/// A number that is remembered until its call returns.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Save {
    /// The number.
    pub value: Source,
    /// The function.
    pub function: u32,
    /// The slot.
    pub slot: u32,
}

/// Whose a saved number is. The distance of where RSP was at a function's entry from its stack's upper end is the same at
/// all sites of a call.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(C)]
pub struct SavedKey {
    /// The process.
    pub tgid: u32,
    /// The function.
    pub function: u32,
    /// The goroutine.
    pub goid: u64,
    /// `stack_hi` − RSP at the function's entry.
    pub depth: u64,
    /// The slot.
    pub slot: u32,
    /// Not used; zero.
    pub reserved: u32,
}

/// A pointer that is known at a site, and what to read first there.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Seed {
    /// The pointer; for an interface, its first word.
    pub first: Source,
    /// The word after it.
    pub second: Source,
    /// Unless this equals `guard_value`, the seed is passed over.
    pub guard: Source,
    /// What `guard` must equal: an address of the binary as linked when `guarded` is 1.
    pub guard_value: u64,
    /// 1 when there is a guard, else 0.
    pub guarded: u32,
    /// Not used; zero.
    pub reserved: u32,
    /// How the pointer is followed; its offset says nothing.
    pub link: Link,
}

/// The view of memory that leads nowhere.
pub const NO_VIEW: u32 = u32::MAX;

/// Which pointers to follow from a piece of memory: the links of each of its elements.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct View {
    /// Index of the first link.
    pub first_link: u32,
    /// Number of links.
    pub link_count: u32,
    /// Bytes from one element to the next; 0 when the view holds for the chunk once.
    pub stride: u32,
    /// Not used; zero.
    pub reserved: u32,
}

/// A link to `length` elements.
pub const LINK_FIXED: u32 = 0;
/// A link to as many elements as the word after the pointer says (strings, slices).
pub const LINK_COUNTED: u32 = 1;
/// A link to one element, if the word after the pointer is 0.
pub const LINK_UNCOUNTED: u32 = 2;
/// A link to one more element than the word after the pointer says.
pub const LINK_MASKED: u32 = 3;
/// A link to as many elements as the power of 2 whose exponent is the byte at `length` of the same element.
pub const LINK_POWER: u32 = 4;
/// The same with half as many, unless the byte before that has the bit of value 8.
pub const LINK_OLD_POWER: u32 = 5;
/// A link to what an interface without methods holds: the word is its type, whose [`Dynamic`] link is followed from
/// the word after it.
pub const LINK_EMPTY_INTERFACE: u32 = 6;
/// The same with methods: the word is an itab, whose first 16 bytes are read too; its second word is the type.
pub const LINK_INTERFACE: u32 = 7;
/// A [`LINK_EMPTY_INTERFACE`] that holds the type `guard` and leads to one element.
pub const LINK_EMPTY_INTERFACE_OF: u32 = 8;
/// A [`LINK_INTERFACE`] that holds the type `guard` and leads to one element.
pub const LINK_INTERFACE_OF: u32 = 9;
/// A link to a closure: the [`Dynamic`] link of its first word, an address of code, says how to read it; without one,
/// its first 8 bytes are read.
pub const LINK_FUNC: u32 = 10;
/// No link: the `length` bytes there, at most 8, are overwritten with zeros.
pub const LINK_BLANK: u32 = 11;

/// A link is bounded by its own limit alone.
pub const BOUND_NONE: u32 = 0;
/// A link is bounded by the site's bytes of a string too.
pub const BOUND_STRING: u32 = 1;
/// A link is bounded by the site's number of elements too.
pub const BOUND_ELEMENTS: u32 = 2;

/// A pointer within a piece of memory, and how to read what it points to.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Link {
    /// Offset of the pointer in the element, in bytes.
    pub offset: u32,
    /// One of the `LINK_` constants.
    pub kind: u32,
    /// Number of elements, or the place of what tells it, as `kind` says.
    pub length: u32,
    /// Bytes of one element of what is pointed to.
    pub element: u32,
    /// At most so many bytes are read (≤ [`MAX_CHUNK`]).
    pub limit: u32,
    /// One of the `BOUND_` constants.
    pub bound: u32,
    /// How many of the site's levels it takes; it is not followed where fewer are left.
    pub levels: u32,
    /// The view of what is pointed to, or [`NO_VIEW`].
    pub view: u32,
    /// Bytes to add to the pointer.
    pub displacement: u32,
    /// Not used; zero.
    pub reserved: u32,
    /// The type that an interface must hold, an address of the binary as linked.
    pub guard: u64,
}

/// How a value of a type that is known only at the hit is read: by the address of its runtime type, or by a closure's
/// address of code, in the binary as linked. The link starts at an interface's data word, or at the closure's pointer.
pub type Dynamic = Link;

/// Hits of one site: its next hit number, and how many of its records found no room.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SiteCount {
    /// How many hits there were; the n-th has hit number n, from 1.
    pub hits: u64,
    /// How many of them could not be recorded because the ring was full.
    pub lost: u64,
    /// The [`RecordClass`] that was enough for all of them so far.
    pub class: u64,
}

/// The sizes that a record can have. A record of a class is always reserved whole; what is not filled holds
/// whatever stood in the ring before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum RecordClass {
    /// Registers alone.
    Scalar = 0,
    /// A short string or two.
    Tiny = 1,
    /// A few strings.
    Small = 2,
    /// Some structs and strings.
    Medium = 3,
    /// Deep values.
    Large = 4,
    /// Many deep values.
    Huge = 5,
}

impl RecordClass {
    /// All classes, smallest first.
    pub const ALL: [Self; 6] = [
        Self::Scalar,
        Self::Tiny,
        Self::Small,
        Self::Medium,
        Self::Large,
        Self::Huge,
    ];

    /// The record's size in the ring, in bytes, header included.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::Scalar => size_of::<RecordHeader>(),
            Self::Tiny => 512,
            Self::Small => 1024,
            Self::Medium => 4096,
            Self::Large => 16_384,
            Self::Huge => 32_768,
        }
    }

    /// How many chunk headers stand after the record's header.
    #[must_use]
    pub const fn chunks(self) -> usize {
        match self {
            Self::Scalar => 0,
            Self::Tiny => 4,
            Self::Small => 8,
            Self::Medium => 32,
            Self::Large => 96,
            Self::Huge => 256,
        }
    }

    /// Where the chunks' bytes begin, in bytes from the record's start.
    #[must_use]
    pub const fn data_offset(self) -> usize {
        size_of::<RecordHeader>() + self.chunks() * size_of::<ChunkHeader>()
    }

    /// How many bytes of chunks there is room for.
    #[must_use]
    pub const fn data_size(self) -> usize {
        self.size() - self.data_offset()
    }
}

/// Flag of a record: `g` could not be read, so `goid`, `g` and `stack_hi` say nothing.
pub const FLAG_NO_G: u32 = 1;
/// Flag of a record: the hit was on the system stack (or another stack of the thread); `goid` is `m.curg`'s, 0 without one.
pub const FLAG_SYSTEM_STACK: u32 = 2;
/// Flag of a record: there were more chunks to read than the class has headers or room for.
pub const FLAG_CHUNKS_FULL: u32 = 4;

/// The head of a record, one a hit.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct RecordHeader {
    /// Index of the site.
    pub site: u32,
    /// This record's class as a number.
    pub class: u32,
    /// The kernel's monotonic clock at the hit (`CLOCK_MONOTONIC`), in ns.
    pub time: u64,
    /// The site's hit number, from 1.
    pub hit: u64,
    /// The process, in our PID namespace's numbers; 0 for one that our namespace does not have.
    pub tgid: u32,
    /// The thread, likewise.
    pub tid: u32,
    /// The address of the running `runtime.g`; 0 if unknown.
    pub g: u64,
    /// The goroutine's id: `g.goid`, or on the system stack `g.m.curg.goid`; 0 for none.
    pub goid: u64,
    /// `stack.hi` of the stack that `g` runs on; its distance from RSP identifies a frame.
    pub stack_hi: u64,
    /// `FLAG_` bits.
    pub flags: u32,
    /// How many chunk headers are filled.
    pub chunk_count: u32,
    /// RAX RBX RCX RDX RSI RDI RBP RSP R8 … R15 RIP.
    pub registers: [u64; REGISTERS],
}

/// A chunk is not yet read. Never seen by user space.
pub const CHUNK_PENDING: i32 = 1;

/// The head of one chunk: a piece of memory as it was at the hit.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct ChunkHeader {
    /// Its address in the process.
    pub address: u64,
    /// How many bytes the value has in the process; more than `read` when a limit cut it.
    pub full: u64,
    /// How many bytes were read.
    pub read: u32,
    /// Where they stand, in bytes from [`RecordClass::data_offset`]; a multiple of 8.
    pub offset: u16,
    /// How many levels were left to follow from here.
    pub levels: u16,
    /// The view that it was read with, or [`NO_VIEW`].
    pub view: u32,
    /// 0, or a negative errno of the read: `EFAULT` for memory that can't be read, `EINVAL` for a length that is
    /// negative or larger than memory, `ENOSPC` for a chunk that found no room in the record.
    pub status: i32,
}

const _: () = assert!(size_of::<RecordHeader>() == 200 && size_of::<ChunkHeader>() == 32);
