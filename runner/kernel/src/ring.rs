//! The ring through which records come, and how far its producer and its consumer have got.
//!
//! The layout is that of `kernel/bpf/ringbuf.c`: a page with the consumer's position, a page with the producer's, the
//! data, and the data once more, so that a record that goes past the end can be read in one piece. Positions count
//! bytes since the ring was made. Each record has a header of eight bytes before it, and the next header is at the
//! next multiple of eight. A record that is being filled is behind the producer's position already, and holds the
//! consumer up until it is handed over.
//!
//! aya's `RingBuf` maps the data twice as a whole, and the kernel counts a page as often as it is mapped, so that a ring
//! would weigh twice as much as it does. Here the second copy goes only as far as a record can reach.

use std::{
    io,
    os::fd::{AsFd as _, AsRawFd as _},
    slice,
    sync::atomic::{AtomicU32, AtomicUsize, Ordering},
};

use aya::maps::MapData;
use goproctor_ebpf::RecordClass;
use memmap2::{MmapOptions, MmapRaw};
use nix::unistd::{SysconfVar, sysconf};

/// The size of what is before each record (`BPF_RINGBUF_HDR_SZ`), and what it is aligned to.
const HEADER: usize = 8;
/// The longest record.
const MAX_RECORD: usize = RecordClass::Huge.size();
/// A bit of a header's first word, whose others are the record's length: it is being filled (`BPF_RINGBUF_BUSY_BIT`).
const BUSY: u32 = 1 << 31;
/// It was given back (`BPF_RINGBUF_DISCARD_BIT`).
const DISCARDED: u32 = 1 << 30;

/// The only reader of a ring.
#[derive(Debug)]
pub(super) struct Ring {
    /// The consumer's page, which we write.
    consumer: MmapRaw,
    /// The producer's page, and the data behind it.
    producer: MmapRaw,
    /// The size of a page.
    page: usize,
    /// How many bytes of data there are; a power of two.
    size: usize,
    /// Where the next header is.
    consumed: usize,
    /// Where the producer was when last looked at.
    produced: usize,
}

impl Ring {
    /// Maps the pages of a ring. The mappings keep it alive.
    pub(super) fn of(map: &MapData) -> io::Result<Self> {
        let page = sysconf(SysconfVar::PAGE_SIZE)?
            .and_then(|size| usize::try_from(size).ok())
            .ok_or_else(|| io::Error::other("the size of a page is not known"))?;
        let size = map.info().map_err(io::Error::other)?.max_entries() as usize;
        let again = (HEADER + MAX_RECORD).next_multiple_of(page).min(size);
        let fd = map.fd().as_fd().as_raw_fd();
        let consumer = MmapOptions::new().len(page).map_raw(fd)?;
        let producer = MmapOptions::new()
            .offset(page as u64)
            .len(page + size + again)
            .map_raw_read_only(fd)?;
        let consumed = position(&consumer).load(Ordering::Acquire);
        Ok(Self {
            consumer,
            producer,
            page,
            size,
            consumed,
            produced: consumed,
        })
    }

    /// Hands out the next record and frees its room; false if there is none, or if it is being filled.
    pub(super) fn take(&mut self, sink: &mut dyn FnMut(&[u8])) -> io::Result<bool> {
        while self.has_more() {
            // SAFETY: the place is within the data.
            let data = unsafe { self.producer.as_ptr().add(self.page + self.offset()) };
            // SAFETY: a header is there, as all are at a multiple of its size; its first word is changed atomically
            // by the kernel alone.
            let header = unsafe { &*data.cast::<AtomicU32>() };
            // The kernel hands a record over by an exchange of this word after it has filled it.
            let header = header.load(Ordering::Acquire);
            if header & BUSY != 0 {
                return Ok(false);
            }
            let length = (header & !(BUSY | DISCARDED)) as usize;
            if length > MAX_RECORD {
                return Err(io::Error::other(
                    "a record is longer than the longest possible",
                ));
            }
            let is_record = header & DISCARDED == 0;
            if is_record {
                // SAFETY: the data and as much again as the longest record takes are mapped, and nothing writes to a
                // record that was handed over until its room is freed below.
                sink(unsafe { slice::from_raw_parts(data.add(HEADER), length) });
            }
            self.free(length);
            if is_record {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Up to where records were reserved.
    pub(super) fn produced(&self) -> u64 {
        position(&self.producer).load(Ordering::Acquire) as u64
    }

    /// Up to where they were consumed.
    pub(super) const fn consumed(&self) -> u64 {
        self.consumed as u64
    }

    /// How many bytes were reserved that were not consumed.
    pub(super) fn waiting(&self) -> u64 {
        self.produced().wrapping_sub(self.consumed())
    }

    /// How many bytes there is room for.
    pub(super) const fn size(&self) -> u64 {
        self.size as u64
    }

    /// Whether something was reserved that was not consumed.
    fn has_more(&mut self) -> bool {
        if self.consumed == self.produced {
            self.produced = position(&self.producer).load(Ordering::Acquire);
        }
        self.consumed != self.produced
    }

    /// The place of the next header in the data.
    const fn offset(&self) -> usize {
        self.consumed & (self.size - 1)
    }

    /// Gives the room of the next record back, which was read.
    fn free(&mut self, length: usize) {
        self.consumed = self
            .consumed
            .wrapping_add((HEADER + length).next_multiple_of(HEADER));
        position(&self.consumer).store(self.consumed, Ordering::Release);
    }
}

/// The position that a page begins with.
fn position(page: &MmapRaw) -> &AtomicUsize {
    // SAFETY: a page begins with an aligned word, which the kernel and the consumer read and write atomically; the
    // producer's is never written here.
    unsafe { &*page.as_ptr().cast::<AtomicUsize>() }
}
