//! The chunks of a record. Their headers are the queue: what is pushed waits there until it is read, and
//! reading it pushes what it leads to.

use aya_ebpf::helpers::generated::bpf_loop;
use goproctor_ebpf::{
    CHUNK_PENDING, ChunkHeader, FLAG_CHUNKS_FULL, LINK_BLANK, MAX_VIEW_LINKS, NO_VIEW, RecordClass,
    RecordHeader,
};

use crate::{
    links,
    memory::{self, ENOSPC, Errno},
    seeds,
    tables::{LINKS, VIEWS},
    verifier::{clear, load, opaque},
    walk::{Piece, Walk},
};

/// The bytes that are read of an itab: its interface type and its type.
const ITAB: u64 = 16;

/// Puts what was resolved into the queue: the piece, if there is one, and the itab that led there.
///
/// # Safety
/// The walk has a record of class `CLASS`.
#[inline(always)]
pub(crate) unsafe fn push_resolved<const CLASS: usize>(walk: &mut Walk, is_piece: bool) {
    // SAFETY: the caller's promise.
    unsafe {
        let scratch = walk.scratch();
        if is_piece {
            push::<CLASS>(walk);
        }
        if (*scratch).resolution.itab != 0 {
            (*scratch).resolution.piece =
                Piece::leaf((*scratch).resolution.itab, ITAB, ITAB as u32);
            push::<CLASS>(walk);
        }
    }
}

/// Puts the walk's piece at the end of the queue, unless it is there: a ring of pointers is gone round once. Strings
/// may be there twice.
///
/// # Safety
/// The walk has a record of class `CLASS`.
#[inline(never)]
unsafe extern "C" fn push<const CLASS: usize>(walk: *mut Walk) {
    // SAFETY: within the record, as the check of the count says.
    unsafe {
        let walk = &mut *walk;
        let header = walk.record.cast::<RecordHeader>();
        let scratch = walk.scratch();
        let piece = &raw const (*scratch).resolution.piece;
        if ((*piece).view != NO_VIEW || (*scratch).resolution.itab != 0) && queued::<CLASS>(walk) {
            return;
        }
        let count = opaque(u64::from((*header).chunk_count));
        if count >= RecordClass::ALL[CLASS].chunks() as u64 {
            (*header).flags |= FLAG_CHUNKS_FULL;
            return;
        }
        let chunk = at(walk.record, count);
        (*chunk).address = (*piece).address;
        (*chunk).full = (*piece).full;
        (*chunk).read = (*piece).wanted;
        (*chunk).offset = 0;
        (*chunk).levels = (*piece).levels as u16;
        (*chunk).view = (*piece).view;
        (*chunk).status = (*piece).status;
        (*header).chunk_count = count.wrapping_add(1) as u32;
    }
}

/// Whether the record of this class was too small for all that there is, while the site may have a larger one.
///
/// # Safety
/// `header` is the walk's record.
#[inline(always)]
pub(crate) unsafe fn is_too_small<const CLASS: usize>(
    walk: &Walk,
    header: *const RecordHeader,
) -> bool {
    // SAFETY: the caller's promise.
    let flags = unsafe { (*header).flags };
    CLASS + 1 < RecordClass::ALL.len()
        && flags & FLAG_CHUNKS_FULL != 0
        && (CLASS as u32) < walk.plan().class
}

/// Where a record has its chunk header of that index.
#[inline(always)]
fn at(record: *mut u8, index: u64) -> *mut ChunkHeader {
    record
        .wrapping_add(size_of::<RecordHeader>())
        .wrapping_add(index as usize * size_of::<ChunkHeader>())
        .cast()
}

/// Puts the seeds into the queue, turn by turn, and reads its chunks until there are no more.
#[inline(always)]
pub(crate) fn read_all<const CLASS: usize>(walk: &mut Walk) {
    // A call for each chunk, and one for each turn and the end.
    let calls = RecordClass::ALL[CLASS].chunks() as u32 + 3;
    // SAFETY: the callback takes an index and a `Walk`.
    unsafe {
        bpf_loop(
            calls,
            read_one::<CLASS> as *mut _,
            (&raw mut *walk).cast(),
            0,
        )
    };
}

/// Reads the next chunk and pushes what it leads to; where there is none, pushes the next turn's seeds.
extern "C" fn read_one<const CLASS: usize>(_: u64, walk: *mut Walk) -> i64 {
    // SAFETY: `walk` is what `read_all` was given; the index is checked before its use.
    unsafe {
        let walk = &mut *walk;
        let header = walk.record.cast::<RecordHeader>();
        let scratch = walk.scratch();
        // It will be given back: what is in it now is all blanked already.
        if is_too_small::<CLASS>(walk, header) {
            return 1;
        }
        let index = opaque((*scratch).next);
        if index >= u64::from((*header).chunk_count) {
            return seeds::push_turn::<CLASS>(walk);
        }
        if index >= RecordClass::ALL[CLASS].chunks() as u64 {
            return 1;
        }
        (*scratch).next = index.wrapping_add(1);
        (*scratch).current = index;
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

/// Pushes what the links of the current chunk point to, and blanks what is to be blanked.
#[inline(always)]
unsafe fn follow_all<const CLASS: usize>(walk: &mut Walk, view: u32) {
    let Some(view) = VIEWS.get(view) else {
        return;
    };
    let (count, stride) = (u64::from(view.link_count), u64::from(view.stride));
    // SAFETY: the current chunk's index is checked; the callback takes an index and a `Walk`.
    unsafe {
        let Some(chunk) = current::<CLASS>(walk) else {
            return;
        };
        // A last element that was cut counts too: `stored` sees what of it is there.
        let mut elements = u64::from((*chunk).read)
            .wrapping_add(stride)
            .wrapping_sub(1)
            .checked_div(stride)
            .unwrap_or(1);
        let most = u64::from(MAX_VIEW_LINKS)
            .checked_div(count)
            .unwrap_or(elements);
        if elements > most {
            // Elements that are not looked at must not be shown either: something may be to blank there.
            elements = most;
            (*chunk).read = most.wrapping_mul(stride).min(u64::from((*chunk).read)) as u32;
        }
        bpf_loop(
            elements.wrapping_mul(count) as u32,
            follow::<CLASS> as *mut _,
            (&raw mut *walk).cast(),
            0,
        );
    }
}

/// Pushes what one link of one element points to, or blanks; the index counts the links of all elements.
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
        let begin = element.wrapping_mul(u64::from(view.stride));
        let place = begin.wrapping_add(u64::from(link.offset));
        if link.kind == LINK_BLANK {
            if place < u64::from((*chunk).read) {
                let offset = u64::from((*chunk).offset).wrapping_add(place);
                blank::<CLASS>(walk.record, offset, u64::from(link.length));
            }
            return 0;
        }
        let Some(first) = stored::<CLASS>(walk.record, chunk, place) else {
            return 0;
        };
        let second = if links::takes_second(link.kind) {
            stored::<CLASS>(walk.record, chunk, place.wrapping_add(8))
        } else if links::takes_exponent(link.kind) {
            exponent::<CLASS>(
                walk.record,
                chunk,
                begin.wrapping_add(u64::from(link.length)),
            )
        } else {
            Some(0)
        };
        let Some(second) = second else {
            return 0;
        };
        let levels = u64::from((*chunk).levels);
        let is_piece = links::lead(walk, link, first, second, levels);
        push_resolved::<CLASS>(walk, is_piece);
    }
    0
}

/// Overwrites up to 8 bytes of the record's data with zeros. What follows the chunk they begin in is not yet read,
/// so that it does not matter if they go beyond it.
#[inline(never)]
unsafe extern "C" fn blank<const CLASS: usize>(record: *mut u8, offset: u64, length: u64) {
    let class = RecordClass::ALL[CLASS];
    let data = record.wrapping_add(class.data_offset());
    // SAFETY: each offset is checked.
    unsafe {
        let begin = opaque(offset);
        if length >= 8 && begin <= class.data_size() as u64 - 8 {
            clear(data.wrapping_add(begin as usize));
            return;
        }
        for index in 0..8 {
            let at = opaque(offset.wrapping_add(index));
            if index >= length || at >= class.data_size() as u64 {
                return;
            }
            data.wrapping_add(at as usize).write_volatile(0);
        }
    }
}

/// Whether the walk's piece is in the queue, with all that is wanted of it. What of it is not yet read is wanted
/// there from now on.
#[inline(always)]
unsafe fn queued<const CLASS: usize>(walk: &mut Walk) -> bool {
    // SAFETY: the record has a header; the callback takes an index and a `Walk`.
    unsafe {
        (*walk.scratch()).found = 0;
        let count = (*walk.record.cast::<RecordHeader>()).chunk_count;
        bpf_loop(
            count,
            compare::<CLASS> as *mut _,
            (&raw mut *walk).cast(),
            0,
        );
        (*walk.scratch()).found != 0
    }
}

/// Whether the chunk of that index is the walk's piece.
extern "C" fn compare<const CLASS: usize>(index: u64, walk: *mut Walk) -> i64 {
    // SAFETY: `walk` is what `queued` was given; the index is checked before its use.
    unsafe {
        let walk = &mut *walk;
        let index = opaque(index);
        if index >= RecordClass::ALL[CLASS].chunks() as u64 {
            return 1;
        }
        let chunk = at(walk.record, index);
        let piece = &raw const (*walk.scratch()).resolution.piece;
        if (*chunk).address != (*piece).address
            || (*chunk).view != (*piece).view
            || (*chunk).full != (*piece).full
        {
            return 0;
        }
        let levels = (*piece).levels as u16;
        if (*chunk).status == CHUNK_PENDING {
            (*chunk).read = (*chunk).read.max((*piece).wanted);
            (*chunk).levels = (*chunk).levels.max(levels);
        } else if (*chunk).status == 0
            && ((*chunk).read < (*piece).wanted || (*chunk).levels < levels)
        {
            return 0;
        }
        (*walk.scratch()).found = 1;
    }
    1
}

/// The chunk whose links are followed.
#[inline(always)]
fn current<const CLASS: usize>(walk: &Walk) -> Option<*mut ChunkHeader> {
    // SAFETY: links are followed while the record is filled.
    let index = opaque(unsafe { (*walk.scratch()).current });
    (index < RecordClass::ALL[CLASS].chunks() as u64).then(|| at(walk.record, index))
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
        Some(load(data))
    }
}

/// The byte at `place` of the chunk, after the one before it, if they were read.
///
/// # Safety
/// The record is of class `CLASS`, the chunk is in it.
#[inline(always)]
unsafe fn exponent<const CLASS: usize>(
    record: *mut u8,
    chunk: *const ChunkHeader,
    place: u64,
) -> Option<u64> {
    let class = RecordClass::ALL[CLASS];
    // SAFETY: offset + 2 is within the data.
    unsafe {
        let before = place.checked_sub(1)?;
        if place >= u64::from((*chunk).read) {
            return None;
        }
        let offset = opaque(u64::from((*chunk).offset).wrapping_add(before));
        if offset > class.data_size() as u64 - 2 {
            return None;
        }
        let data = record
            .wrapping_add(class.data_offset())
            .wrapping_add(offset as usize);
        let (flags, exponent) = (data.read(), data.wrapping_add(1).read());
        Some(u64::from(flags) | u64::from(exponent) << 8)
    }
}
