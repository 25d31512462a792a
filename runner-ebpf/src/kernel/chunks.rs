//! The chunks of a record. Their headers are the queue: what is pushed waits there until it is read, and
//! reading it pushes what it leads to.

use aya_ebpf::helpers::generated::bpf_loop;
use goproctor_ebpf::{
    CHUNK_PENDING, ChunkHeader, FLAG_CHUNKS_FULL, LINK_COUNTED, Link, MAX_CHUNK, NO_VIEW,
    RecordClass, RecordHeader,
};

use crate::{
    hit::Walk,
    memory::{self, EINVAL, ENOSPC, Errno},
    tables::{LINKS, VIEWS},
    verifier::opaque,
};

/// Pointers that are followed from one chunk at most: as many as a chunk has words.
const MAX_FOLLOWED: u64 = MAX_CHUNK as u64 / 8;
/// More bytes than any process has.
const ADDRESS_SPACE: u64 = 1 << 47;

/// A piece of memory that is to be read.
pub(crate) struct Piece {
    address: u64,
    full: u64,
    limit: u32,
    view: u32,
    status: i32,
}

impl Piece {
    /// A piece of `length` elements; none when it is empty. `shape` is element, limit and view.
    /// A length that is negative or larger than memory makes a piece that says `EINVAL`.
    #[inline(always)]
    pub(crate) fn new(address: u64, length: u64, shape: (u32, u32, u32)) -> Option<Self> {
        let (element, limit, view) = shape;
        if address == 0 || length == 0 {
            return None;
        }
        let most = ADDRESS_SPACE.checked_div(u64::from(element))?;
        if length > most {
            return Some(Self::failed(address, EINVAL, view));
        }
        let full = length.wrapping_mul(u64::from(element));
        Some(Self {
            address,
            full,
            limit,
            view,
            status: CHUNK_PENDING,
        })
    }

    /// A piece that can't be read.
    #[inline(always)]
    pub(crate) fn failed(address: u64, status: Errno, view: u32) -> Self {
        Self {
            address,
            full: 0,
            limit: 0,
            view,
            status: status as i32,
        }
    }

    /// How many bytes are to be read.
    #[inline(always)]
    pub(crate) fn wanted(&self) -> u64 {
        self.full
            .min(u64::from(self.limit))
            .min(u64::from(MAX_CHUNK))
    }
}

/// Puts a piece at the end of the queue. Gives 1 when there is no place for it, else 0.
///
/// # Safety
/// `record` points to a reserved record of class `CLASS`.
#[inline(always)]
pub(crate) unsafe fn push<const CLASS: usize>(record: *mut u8, piece: &Piece) -> i64 {
    let header = record.cast::<RecordHeader>();
    // SAFETY: within the record, as the check of the count says.
    unsafe {
        let count = opaque(u64::from((*header).chunk_count));
        if count >= RecordClass::ALL[CLASS].chunks() as u64 {
            (*header).flags |= FLAG_CHUNKS_FULL;
            return 1;
        }
        let chunk = at(record, count);
        (*chunk).address = piece.address;
        (*chunk).full = piece.full;
        (*chunk).read = piece.wanted() as u32;
        (*chunk).offset = 0;
        (*chunk).levels = 0;
        (*chunk).view = piece.view;
        (*chunk).status = piece.status;
        (*header).chunk_count = count.wrapping_add(1) as u32;
    }
    0
}

/// Where a record has its chunk header of that index.
#[inline(always)]
fn at(record: *mut u8, index: u64) -> *mut ChunkHeader {
    record
        .wrapping_add(size_of::<RecordHeader>())
        .wrapping_add(index as usize * size_of::<ChunkHeader>())
        .cast()
}

/// Reads the chunks of the queue until there are no more.
#[inline(always)]
pub(crate) fn read_all<const CLASS: usize>(walk: &mut Walk) {
    let chunks = RecordClass::ALL[CLASS].chunks() as u32;
    // SAFETY: the callback takes an index and a `Walk`.
    unsafe {
        bpf_loop(
            chunks,
            read_one::<CLASS> as *mut _,
            (&raw mut *walk).cast(),
            0,
        )
    };
}

/// Reads the chunk of that index and pushes what it leads to.
extern "C" fn read_one<const CLASS: usize>(index: u64, walk: *mut Walk) -> i64 {
    // SAFETY: `walk` is what `read_all` was given; the index is checked before its use.
    unsafe {
        let walk = &mut *walk;
        let header = walk.record.cast::<RecordHeader>();
        let index = opaque(index);
        if index >= RecordClass::ALL[CLASS].chunks() as u64
            || index >= u64::from((*header).chunk_count)
        {
            return 1;
        }
        walk.current = index;
        if fetch::<CLASS>(walk.record, index) == 0 {
            follow_all::<CLASS>(walk, (*at(walk.record, index)).view);
        }
    }
    0
}

/// Reads the chunk of that index to where the one before it ends. Gives its status.
///
/// A function of its own, so that the verifier forgets at its end by which of the many ways it went.
///
/// # Safety
/// `record` points to a reserved record of class `CLASS`.
#[inline(never)]
unsafe extern "C" fn fetch<const CLASS: usize>(record: *mut u8, index: u64) -> Errno {
    let class = RecordClass::ALL[CLASS];
    // SAFETY: the indexes are checked.
    unsafe {
        let before = opaque(index.wrapping_sub(1));
        let used = if before < class.chunks() as u64 {
            let before = at(record, before);
            u64::from((*before).offset)
                .wrapping_add(u64::from((*before).read))
                .wrapping_add(7)
                & !7
        } else {
            0
        };
        let index = opaque(index);
        if index >= class.chunks() as u64 {
            return ENOSPC;
        }
        let chunk = at(record, index);
        (*chunk).offset = used as u16;
        if (*chunk).status != CHUNK_PENDING {
            return Errno::from((*chunk).status);
        }
        let wanted = u64::from((*chunk).read);
        let length = wanted.min((class.data_size() as u64).saturating_sub(used));
        if length < wanted {
            (*record.cast::<RecordHeader>()).flags |= FLAG_CHUNKS_FULL;
        }
        let status = if length == 0 && wanted != 0 {
            ENOSPC
        } else {
            memory::copy::<CLASS>(record, used, length, (*chunk).address)
        };
        (*chunk).read = if status == 0 { length as u32 } else { 0 };
        (*chunk).status = status as i32;
        status
    }
}

/// Pushes what the links of the current chunk point to.
#[inline(always)]
unsafe fn follow_all<const CLASS: usize>(walk: &mut Walk, view: u32) {
    let Some(view) = VIEWS.get(view) else {
        return;
    };
    // SAFETY: the current chunk's index is checked; the callback takes an index and a `Walk`.
    unsafe {
        let Some(chunk) = current::<CLASS>(walk) else {
            return;
        };
        // A last element that was cut counts too: `stored` sees what of it is there.
        let (read, stride) = (u64::from((*chunk).read), u64::from(view.stride));
        let elements = read
            .wrapping_add(stride)
            .wrapping_sub(1)
            .checked_div(stride)
            .unwrap_or(1);
        let links = elements
            .wrapping_mul(u64::from(view.link_count))
            .min(MAX_FOLLOWED);
        bpf_loop(
            links as u32,
            follow::<CLASS> as *mut _,
            (&raw mut *walk).cast(),
            0,
        );
    }
}

/// Pushes what one link of one element points to; the index counts the links of all elements.
extern "C" fn follow<const CLASS: usize>(index: u64, walk: *mut Walk) -> i64 {
    // SAFETY: as above.
    unsafe {
        let walk = &mut *walk;
        let Some(chunk) = current::<CLASS>(walk) else {
            return 1;
        };
        let Some(view) = VIEWS.get((*chunk).view) else {
            return 1;
        };
        let count = u64::from(view.link_count);
        let (Some(element), Some(link)) = (index.checked_div(count), index.checked_rem(count))
        else {
            return 1;
        };
        let Some(link) = LINKS.get(view.first_link.wrapping_add(link as u32)) else {
            return 1;
        };
        let place = element
            .wrapping_mul(u64::from(view.stride))
            .wrapping_add(u64::from(link.offset));
        match target::<CLASS>(walk.record, chunk, link, place) {
            Some(piece) if piece.view != NO_VIEW && queued::<CLASS>(walk, &piece) => 0,
            Some(piece) => push::<CLASS>(walk.record, &piece),
            None => 0,
        }
    }
}

/// Whether the same piece is in the queue, so that a ring of pointers is gone round once. Memory that leads
/// nowhere may be there twice.
#[inline(always)]
unsafe fn queued<const CLASS: usize>(walk: &mut Walk, piece: &Piece) -> bool {
    walk.sought = (piece.address, piece.full, u64::from(piece.view));
    walk.found = 0;
    // SAFETY: the record has a header; the callback takes an index and a `Walk`.
    unsafe {
        let count = (*walk.record.cast::<RecordHeader>()).chunk_count;
        bpf_loop(
            count,
            compare::<CLASS> as *mut _,
            (&raw mut *walk).cast(),
            0,
        );
    }
    walk.found != 0
}

/// Whether the chunk of that index is the one that is sought.
extern "C" fn compare<const CLASS: usize>(index: u64, walk: *mut Walk) -> i64 {
    // SAFETY: `walk` is what `queued` was given; the index is checked before its use.
    unsafe {
        let walk = &mut *walk;
        let index = opaque(index);
        if index >= RecordClass::ALL[CLASS].chunks() as u64 {
            return 1;
        }
        let chunk = at(walk.record, index);
        if ((*chunk).address, (*chunk).full, u64::from((*chunk).view)) == walk.sought {
            walk.found = 1;
            return 1;
        }
    }
    0
}

/// The chunk whose links are followed.
#[inline(always)]
fn current<const CLASS: usize>(walk: &Walk) -> Option<*mut ChunkHeader> {
    let index = opaque(walk.current);
    (index < RecordClass::ALL[CLASS].chunks() as u64).then(|| at(walk.record, index))
}

/// What the link at `place` bytes from the chunk's begin points to; none for nothing, or where the chunk
/// was cut before it.
///
/// # Safety
/// The record is of class `CLASS`, the chunk is in it.
#[inline(always)]
unsafe fn target<const CLASS: usize>(
    record: *mut u8,
    chunk: *const ChunkHeader,
    link: &Link,
    place: u64,
) -> Option<Piece> {
    // SAFETY: the caller's promise.
    unsafe {
        let address = stored::<CLASS>(record, chunk, place)?;
        let length = if link.kind == LINK_COUNTED {
            stored::<CLASS>(record, chunk, place.wrapping_add(8))?
        } else {
            u64::from(link.length)
        };
        Piece::new(address, length, (link.element, link.limit, link.view))
    }
}

/// The 8 bytes at `place` of the chunk, if they were read.
///
/// # Safety
/// The record is of class `CLASS`, the chunk is in it.
#[inline(always)]
unsafe fn stored<const CLASS: usize>(
    record: *mut u8,
    chunk: *const ChunkHeader,
    place: u64,
) -> Option<u64> {
    let class = RecordClass::ALL[CLASS];
    // SAFETY: offset + 8 is within the data. A chunk's pointers need not be aligned.
    unsafe {
        if place.wrapping_add(8) > u64::from((*chunk).read) {
            return None;
        }
        let offset = opaque(u64::from((*chunk).offset).wrapping_add(place));
        if offset > class.data_size() as u64 - 8 {
            return None;
        }
        let data = record
            .wrapping_add(class.data_offset())
            .wrapping_add(offset as usize);
        Some(data.cast::<u64>().read_unaligned())
    }
}
