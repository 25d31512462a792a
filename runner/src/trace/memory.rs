//! A record's chunks as a sparse image of the process's memory.

use super::record::Record;
use crate::model::{Address, Status};

/// The status of a chunk that the record had no room for. The kernel's own reads never fail with it.
const ENOSPC: i32 = libc::ENOSPC;

/// The memory that came with one record.
#[derive(Clone, Copy, Debug)]
pub struct Memory<'a> {
    record: &'a Record<'a>,
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
            Missing::NotRead => Self::DepthLimit,
        }
    }
}

impl<'a> Memory<'a> {
    pub(super) const fn new(record: &'a Record<'a>) -> Self {
        Self { record }
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
        let longest = self
            .record
            .chunks()
            .filter_map(|chunk| {
                let skipped = address.0.checked_sub(chunk.address.0)?;
                chunk.bytes.get(usize::try_from(skipped).ok()?..)
            })
            .max_by_key(|bytes| bytes.len())
            .filter(|bytes| !bytes.is_empty());
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

    fn why_missing(&self, address: Address) -> Missing {
        let mut cut = false;
        for chunk in self.record.chunks() {
            let inside = address
                .0
                .checked_sub(chunk.address.0)
                .is_some_and(|skipped| skipped < chunk.full.max(1));
            if inside && chunk.status == -ENOSPC {
                return Missing::Lost;
            }
            if inside && chunk.status < 0 {
                return Missing::Unreadable {
                    address: chunk.address,
                    errno: chunk.status.saturating_neg(),
                };
            }
            cut |= inside;
        }
        match (self.record.is_full(), cut) {
            (true, _) => Missing::Lost,
            (false, true) => Missing::Cut,
            (false, false) => Missing::NotRead,
        }
    }
}

/// The unsigned integer that up to 8 bytes are, the lowest first.
pub(super) fn little_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .take(8)
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}
