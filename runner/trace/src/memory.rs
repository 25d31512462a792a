//! A record's chunks as a sparse image of the process's memory.

use model::{Address, Status};

use super::record::{Chunk, Record};

/// The status of a chunk that the record had no room for. The kernel's own reads never fail with it.
const ENOSPC: i32 = libc::ENOSPC;

/// So many chunks are looked through one by one; more are put in order first.
const FEW: usize = 8;

/// The memory that came with one record.
#[derive(Debug)]
pub struct Memory<'a> {
    record: &'a Record<'a>,
    index: Option<Index<'a>>,
}

/// Why memory is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The kernel could not read it.
    Unreadable {
        /// Where the piece begins that could not be read.
        address: Address,
        /// The error number, positive.
        errno: i32,
    },
    /// The record had no room for it.
    Lost,
    /// A limit cut the piece before it.
    Cut,
    /// Nobody asked for it.
    NotRead,
}

impl From<Missing> for Status {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Unreadable { address, errno } => Self::Unreadable { address, errno },
            Missing::Lost => Self::LostChunk,
            Missing::Cut => Self::Cut,
            Missing::NotRead => Self::NotRead,
        }
    }
}

impl Record<'_> {
    /// The chunks as one image of memory.
    #[must_use]
    pub const fn memory(&self) -> Memory<'_> {
        Memory::new(self)
    }
}

impl<'a> Memory<'a> {
    /// For a look or two.
    pub(super) const fn new(record: &'a Record<'a>) -> Self {
        Self {
            record,
            index: None,
        }
    }

    /// For many looks: puts the chunks in order when there are more than a few.
    pub(super) fn indexed(record: &'a Record<'a>) -> Self {
        let many = record.header().chunk_count as usize > FEW;
        Self {
            record,
            index: many.then(|| Index::new(record)),
        }
    }

    /// The `length` bytes at `address`.
    ///
    /// # Errors
    /// Not all of them are there: [`Missing`] says why.
    pub fn read(&self, address: Address, length: usize) -> Result<&'a [u8], Missing> {
        if length == 0 {
            return Ok(&[]);
        }
        let bytes = self.prefix(address, length as u64)?;
        if bytes.len() == length {
            return Ok(bytes);
        }
        let behind = Address(address.0.wrapping_add(bytes.len() as u64));
        Err(self.why_missing(behind))
    }

    /// As many of the `length` bytes at `address` as are there in one piece: at least one, unless `length` is 0.
    ///
    /// # Errors
    /// Not even the first is there: [`Missing`] says why.
    pub fn prefix(&self, address: Address, length: u64) -> Result<&'a [u8], Missing> {
        if length == 0 {
            return Ok(&[]);
        }
        let longest = match &self.index {
            Some(index) => index.longest(address),
            None => self
                .record
                .chunks()
                .filter_map(|chunk| from(chunk, address))
                .max_by_key(|bytes| bytes.len()),
        };
        let bytes = longest.ok_or_else(|| self.why_missing(address))?;
        let wanted = usize::try_from(length).unwrap_or(usize::MAX);
        Ok(bytes.get(..wanted).unwrap_or(bytes))
    }

    /// The integer of 8 bytes at `address`.
    ///
    /// # Errors
    /// It is not there: [`Missing`] says why.
    pub fn word(&self, address: Address) -> Result<u64, Missing> {
        let bytes = self.read(address, 8)?;
        Ok(little_endian(bytes))
    }

    /// Why the byte at `address` is not there.
    pub(super) fn why_missing(&self, address: Address) -> Missing {
        let failed = |chunk: &Chunk<'_>| chunk.status < 0 && covers(chunk, address);
        let (failed, cut) = match &self.index {
            Some(index) => (
                index.failed.iter().copied().find(failed),
                index.covers(address),
            ),
            None => (
                self.record.chunks().find(failed),
                (self.record.chunks()).any(|chunk| chunk.status >= 0 && covers(&chunk, address)),
            ),
        };
        match failed {
            Some(chunk) if chunk.status == -ENOSPC => Missing::Lost,
            Some(chunk) => Missing::Unreadable {
                address: chunk.address,
                errno: chunk.status.saturating_neg(),
            },
            None if self.record.is_full() => Missing::Lost,
            None if cut => Missing::Cut,
            None => Missing::NotRead,
        }
    }
}

/// Many chunks, by address.
#[derive(Debug)]
struct Index<'a> {
    spots: Vec<Spot<'a>>,
    /// Those that could not be read, in the record's order.
    failed: Vec<Chunk<'a>>,
}

/// What is known from a chunk's begin to the next one's.
#[derive(Debug)]
struct Spot<'a> {
    begin: Address,
    /// Of the chunks up to here, the one that was read farthest.
    farthest: Chunk<'a>,
    /// Where the last of them ends in the process; of 128 bits, for a header may say anything.
    end: u128,
}

impl<'a> Index<'a> {
    fn new(record: &Record<'a>) -> Self {
        let (mut chunks, failed): (Vec<_>, Vec<_>) =
            record.chunks().partition(|chunk| chunk.status >= 0);
        chunks.sort_by_key(|chunk| chunk.address);
        let mut spots: Vec<Spot<'a>> = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            let end = u128::from(chunk.address.0) + u128::from(chunk.full.max(1));
            let before = spots.last();
            let farther = before.filter(|before| read_end(before.farthest) >= read_end(chunk));
            let spot = Spot {
                begin: chunk.address,
                farthest: farther.map_or(chunk, |before| before.farthest),
                end: before.map_or(end, |before| before.end.max(end)),
            };
            spots.push(spot);
        }
        Self { spots, failed }
    }

    fn spot(&self, address: Address) -> Option<&Spot<'a>> {
        let after = self.spots.partition_point(|spot| spot.begin <= address);
        self.spots.get(after.checked_sub(1)?)
    }

    fn longest(&self, address: Address) -> Option<&'a [u8]> {
        from(self.spot(address)?.farthest, address)
    }

    /// Whether a chunk that was read should have that byte.
    fn covers(&self, address: Address) -> bool {
        self.spot(address)
            .is_some_and(|spot| u128::from(address.0) < spot.end)
    }
}

/// The bytes of a chunk from `address` on; none if it has none there.
fn from(chunk: Chunk<'_>, address: Address) -> Option<&[u8]> {
    let skipped = address.0.checked_sub(chunk.address.0)?;
    let bytes = chunk.bytes.get(usize::try_from(skipped).ok()?..)?;
    (!bytes.is_empty()).then_some(bytes)
}

/// Whether a byte is of what a chunk stands for, read or not.
fn covers(chunk: &Chunk<'_>, address: Address) -> bool {
    let skipped = address.0.checked_sub(chunk.address.0);
    skipped.is_some_and(|skipped| skipped < chunk.full.max(1))
}

fn read_end(chunk: Chunk<'_>) -> u128 {
    u128::from(chunk.address.0) + chunk.bytes.len() as u128
}

/// The unsigned integer that up to 8 bytes are, the lowest first.
pub(super) fn little_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .take(8)
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}
