//! Where a value's bytes come from.
//!
//! What a register holds beyond a small type's size is not defined by Go's ABI (`cmd/compile/abi-internal.md`,
//! "the upper bits are unspecified") and is not looked at.

use model::{Address, Location, Piece, Place, Register, Status};

use super::Image;
use crate::memory::{Missing, little_endian};

/// How many words an [`Origin`] can carry itself.
pub(super) const WORDS: usize = 3;

/// Where a value's bytes come from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin<'a> {
    /// From where the ABI put the pieces of a parameter or result, so many bytes into it.
    Pieces { pieces: &'a [Piece], offset: u64 },
    /// From memory: the address, and what one chunk has from there on.
    Memory { address: Address, bytes: &'a [u8] },
    /// From words that are known, so many bytes into them.
    Words { words: [u64; WORDS], offset: u64 },
}

impl<'a> Origin<'a> {
    /// A parameter or result.
    pub(super) fn of(location: &'a Location) -> Self {
        Self::Pieces {
            pieces: &location.pieces,
            offset: 0,
        }
    }

    /// A value that is one word.
    pub(super) const fn word(word: u64) -> Self {
        Self::Words {
            words: [word, 0, 0],
            offset: 0,
        }
    }

    /// What stands so many bytes further on.
    pub(super) fn at(self, further: u64) -> Self {
        match self {
            Self::Pieces { pieces, offset } => Self::Pieces {
                pieces,
                offset: offset.saturating_add(further),
            },
            Self::Words { words, offset } => Self::Words {
                words,
                offset: offset.saturating_add(further),
            },
            Self::Memory { address, bytes } => {
                let skipped = usize::try_from(further).unwrap_or(usize::MAX);
                Self::Memory {
                    address: Address(address.0.wrapping_add(further)),
                    bytes: bytes.get(skipped..).unwrap_or_default(),
                }
            }
        }
    }
}

impl<'a> Image<'a> {
    /// The place in memory of `size` bytes; what is there of them may be less, or nothing.
    pub(super) fn place(&self, address: Address, size: u64) -> Origin<'a> {
        Origin::Memory {
            address,
            bytes: self.memory.prefix(address, size).unwrap_or_default(),
        }
    }

    /// The same value, from memory if it stands there as a whole.
    pub(super) fn settled(&self, origin: Origin<'a>, size: u64) -> Origin<'a> {
        if let Origin::Pieces { pieces, offset } = origin
            && let Some((piece, inner)) = piece_of(pieces, offset, size)
            && let Place::Stack(displacement) = piece.place
        {
            self.place(self.on_stack(displacement, inner), size)
        } else {
            origin
        }
    }

    /// The unsigned integer of `size` ≤ 8 bytes with which a value begins.
    pub(super) fn integer(&self, origin: Origin<'_>, size: u64) -> Result<u64, Status> {
        match origin {
            Origin::Pieces { pieces, offset } => {
                let (piece, inner) = piece_of(pieces, offset, size).ok_or(Status::NoLocation)?;
                self.integer_of_piece(piece.place, inner, size)
            }
            Origin::Words { words, offset } => {
                let word = usize::try_from(offset / 8).ok();
                let word = word.and_then(|index| words.get(index).copied());
                shifted(word.ok_or(Status::NoLocation)?, offset % 8, size)
            }
            Origin::Memory { address, bytes } => {
                let length = usize::try_from(size).map_err(|_| Status::Malformed)?;
                match bytes.get(..length) {
                    Some(bytes) => Ok(little_endian(bytes)),
                    None => self.integer_in_memory(address, length),
                }
            }
        }
    }

    /// The word that stands so many bytes into a value.
    pub(super) fn word(&self, origin: Origin<'_>, offset: u64) -> Result<u64, Status> {
        self.integer(origin.at(offset), 8)
    }

    /// The word at an address.
    pub(super) fn word_at(&self, address: Address, offset: u64) -> Result<u64, Status> {
        self.integer_in_memory(Address(address.0.wrapping_add(offset)), 8)
    }

    /// The byte at an address.
    pub(super) fn byte_at(&self, address: Address, offset: u64) -> Result<u64, Status> {
        self.integer_in_memory(Address(address.0.wrapping_add(offset)), 1)
    }

    /// Why memory is not there, as a status of the value that stands in it.
    pub(super) fn missing(&self, missing: Missing) -> Status {
        match missing {
            Missing::NotRead => self.unasked,
            other => other.into(),
        }
    }

    fn integer_of_piece(&self, place: Place, inner: u64, size: u64) -> Result<u64, Status> {
        match place {
            Place::Register(register) => shifted(self.record.register(register), inner, size),
            Place::Vector(_) => Err(Status::InVectorRegister),
            Place::Stack(displacement) => {
                let length = usize::try_from(size).map_err(|_| Status::Malformed)?;
                self.integer_in_memory(self.on_stack(displacement, inner), length)
            }
        }
    }

    fn integer_in_memory(&self, address: Address, length: usize) -> Result<u64, Status> {
        let bytes = self.memory.read(address, length);
        Ok(little_endian(
            bytes.map_err(|missing| self.missing(missing))?,
        ))
    }

    fn on_stack(&self, displacement: i64, inner: u64) -> Address {
        let top = Address(self.record.register(Register::Rsp));
        Address(top.offset(displacement).0.wrapping_add(inner))
    }
}

/// The piece that holds the `size` bytes at `offset` whole, and how far into it they stand.
fn piece_of(pieces: &[Piece], offset: u64, size: u64) -> Option<(Piece, u64)> {
    pieces.iter().find_map(|piece| {
        let inner = offset.checked_sub(u64::from(piece.offset))?;
        (inner.checked_add(size)? <= u64::from(piece.size)).then_some((*piece, inner))
    })
}

/// The unsigned integer of `size` bytes, `inner` bytes into a word.
fn shifted(word: u64, inner: u64, size: u64) -> Result<u64, Status> {
    let end = inner.checked_add(size);
    if end.is_none_or(|end| end > 8) {
        return Err(Status::NoLocation);
    }
    Ok(match size {
        0 => 0,
        // Less than 8 bytes, so that the shifts are defined.
        _ => (word >> (inner * 8)) & (u64::MAX >> (64 - size * 8)),
    })
}
