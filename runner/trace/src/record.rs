//! One raw record as a borrowed view, total on any bytes.
//!
//! A record is a `goproctor_ebpf::RecordHeader`, the chunk headers that its class has room for, and the bytes of
//! the chunks. [`Record::parse`] checks once that all of it lies inside; what comes after need not check again.

use arch::{Register, STACK_POINTER};
use goproctor_ebpf::{
    ChunkHeader, FLAG_CHUNKS_FULL, FLAG_NO_G, FLAG_SYSTEM_STACK, NO_VIEW, REGISTERS, RecordClass,
    RecordHeader,
};
use model::{Address, Depth, Goid, ProcessId, SiteId, Timestamp, plan::ViewId};
use zerocopy::FromBytes;

const _: () = assert!(Register::ALL.len() == REGISTERS);

/// Why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Not even a header.
    #[error("a record of {have} bytes is shorter than its header of {need} bytes")]
    TooShort {
        /// Bytes that are there.
        have: usize,
        /// Bytes of a header.
        need: usize,
    },
    /// A class that this version does not know.
    #[error("a record has the unknown class {class}; was it written by another version?")]
    UnknownClass {
        /// The class as it is in the header.
        class: u32,
    },
    /// Not as long as its class says.
    #[error("a record of class {class:?} has {have} bytes, not {need}")]
    WrongSize {
        /// Its class.
        class: RecordClass,
        /// Bytes that are there.
        have: usize,
        /// Bytes of its class.
        need: usize,
    },
    /// More chunks than its class has headers.
    #[error("a record of class {class:?} claims {count} chunks, more than it has headers")]
    TooManyChunks {
        /// Its class.
        class: RecordClass,
        /// The number that it claims.
        count: u32,
    },
    /// A chunk's bytes are not inside the record.
    #[error("chunk {index} of a record of class {class:?} lies outside of it")]
    ChunkOutside {
        /// Its class.
        class: RecordClass,
        /// The chunk's number, from 0.
        index: usize,
    },
}

/// A record whose header and chunks were checked.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    header: RecordHeader,
    class: RecordClass,
    bytes: &'a [u8],
}

/// A piece of memory as it was at the hit.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    /// Its address in the process.
    pub address: Address,
    /// How many bytes the value has in the process.
    pub full: u64,
    /// The bytes that were read; none if the read failed.
    pub bytes: &'a [u8],
    /// The view that it was read with, as a number of the plan; none if it leads nowhere.
    pub view: Option<ViewId>,
    /// 0, or a negative errno of the read.
    pub status: i32,
}

impl<'a> Record<'a> {
    /// Checks the bytes of one record.
    ///
    /// # Errors
    /// The bytes are not a record: [`RecordError`] says in what way.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let (header, _) =
            RecordHeader::read_from_prefix(bytes).map_err(|_| RecordError::TooShort {
                have: bytes.len(),
                need: size_of::<RecordHeader>(),
            })?;
        let class = RecordClass::ALL
            .into_iter()
            .find(|class| *class as u32 == header.class)
            .ok_or(RecordError::UnknownClass {
                class: header.class,
            })?;
        if bytes.len() != class.size() {
            return Err(RecordError::WrongSize {
                class,
                have: bytes.len(),
                need: class.size(),
            });
        }
        if header.chunk_count as usize > class.chunks() {
            return Err(RecordError::TooManyChunks {
                class,
                count: header.chunk_count,
            });
        }
        let record = Self {
            header,
            class,
            bytes,
        };
        for index in 0..header.chunk_count as usize {
            record
                .chunk(index)
                .ok_or(RecordError::ChunkOutside { class, index })?;
        }
        Ok(record)
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &RecordHeader {
        &self.header
    }

    /// A copy of what is filled: the rest of a record is whatever stood in the ring before. Bytes between what is
    /// filled are zero, and it ends with the last byte that means something. [`restored`] makes a record of it again.
    #[must_use]
    pub(crate) fn filled(&self) -> Vec<u8> {
        let places = (0..self.header.chunk_count as usize).filter_map(|index| self.place(index));
        let data = places
            .map(|(_, range)| range)
            .filter(|range| !range.is_empty());
        let heads =
            size_of::<RecordHeader>() + self.header.chunk_count as usize * size_of::<ChunkHeader>();
        let mut filled = self.bytes.get(..heads).unwrap_or(self.bytes).to_vec();
        for range in data {
            if filled.len() < range.end {
                filled.resize(range.end, 0);
            }
            if let (Some(to), Some(from)) = (filled.get_mut(range.clone()), self.bytes.get(range)) {
                to.copy_from_slice(from);
            }
        }
        filled
    }

    /// The site that was hit.
    #[must_use]
    pub const fn site(&self) -> SiteId {
        SiteId(self.header.site)
    }

    /// When it was hit.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        Timestamp(self.header.time)
    }

    /// The process.
    #[must_use]
    pub const fn process(&self) -> ProcessId {
        ProcessId(self.header.tgid)
    }

    /// The goroutine, 0 for none; nothing if it could not be read.
    #[must_use]
    pub const fn goid(&self) -> Option<Goid> {
        if self.header.flags & FLAG_NO_G == 0 {
            Some(Goid(self.header.goid))
        } else {
            None
        }
    }

    /// Whether the thread was on its system stack or on another stack that is not the goroutine's.
    #[must_use]
    pub(crate) const fn on_system_stack(&self) -> bool {
        self.header.flags & FLAG_SYSTEM_STACK != 0
    }

    /// Whether there was more to read than there was room for.
    #[must_use]
    pub(crate) const fn is_full(&self) -> bool {
        self.header.flags & FLAG_CHUNKS_FULL != 0
    }

    /// A register's value.
    #[must_use]
    pub const fn register(&self, register: Register) -> u64 {
        self.header.registers[register.index()]
    }

    /// The stack pointer's distance below the stack's upper end.
    #[must_use]
    pub const fn depth(&self) -> Depth {
        Depth(
            self.header
                .stack_hi
                .wrapping_sub(self.register(STACK_POINTER)),
        )
    }

    /// The chunks, in the order in which they were queued: the site's own reads first.
    pub fn chunks(&self) -> impl Iterator<Item = Chunk<'a>> {
        (0..self.header.chunk_count as usize).filter_map(|index| self.chunk(index))
    }

    fn chunk(&self, index: usize) -> Option<Chunk<'a>> {
        let (header, range) = self.place(index)?;
        let bytes = self.bytes.get(range)?;
        Some(Chunk {
            address: Address(header.address),
            full: header.full,
            bytes: if header.status < 0 { &[] } else { bytes },
            view: (header.view != NO_VIEW).then_some(ViewId(header.view)),
            status: header.status,
        })
    }

    /// A chunk's header, and where its bytes are in the record.
    fn place(&self, index: usize) -> Option<(ChunkHeader, std::ops::Range<usize>)> {
        let at = size_of::<RecordHeader>() + index * size_of::<ChunkHeader>();
        let (header, _) = ChunkHeader::read_from_prefix(self.bytes.get(at..)?).ok()?;
        let begin = self
            .class
            .data_offset()
            .checked_add(header.offset as usize)?;
        let end = begin.checked_add(header.read as usize)?;
        Some((header, begin..end))
    }
}

/// A record as long as its class says, of bytes that `Record::filled` gave. Bytes that are no such thing stay as
/// they are.
#[must_use]
pub fn restored(mut bytes: Vec<u8>) -> Vec<u8> {
    let header = RecordHeader::read_from_prefix(&bytes);
    let class = header.ok().and_then(|(header, _)| {
        let mut classes = RecordClass::ALL.into_iter();
        classes.find(|class| *class as u32 == header.class)
    });
    if let Some(class) = class
        && bytes.len() < class.size()
    {
        bytes.resize(class.size(), 0);
    }
    bytes
}
