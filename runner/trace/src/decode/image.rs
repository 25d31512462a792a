//! A record as values are read from it: the registers and the memory of a hit.
//!
//! What a register holds beyond a small type's size is not defined by Go's ABI (`cmd/compile/abi-internal.md`,
//! "the upper bits are unspecified") and is not looked at.

use arch::STACK_POINTER;
use model::{Address, Piece, Place, Status};

use super::{Program, origin::Origin};
use crate::{
    memory::{Memory, Missing, little_endian},
    record::Record,
};

/// A record as values are read from it.
#[derive(Clone, Copy)]
pub(super) struct Image<'a> {
    pub(super) program: &'a Program,
    pub(super) record: &'a Record<'a>,
    pub(super) memory: &'a Memory<'a>,
    /// How far the process's code lies from where the binary was linked.
    pub(super) bias: u64,
    /// How far the stack pointer is below what places on the stack are counted from.
    pub(super) below: u32,
    /// The status of what nobody asked for.
    pub(super) unasked: Status,
}

impl<'a> Image<'a> {
    /// An address of the process in the binary as linked.
    pub(super) const fn linked(&self, address: u64) -> Address {
        Address(address.wrapping_sub(self.bias))
    }

    /// The place in memory of `size` bytes; what is there of them may be less, or nothing.
    pub(super) fn place(&self, address: Address, size: u64) -> Origin<'a> {
        Origin::Memory {
            address,
            bytes: self.memory.prefix(address, size).unwrap_or_default(),
        }
    }

    /// The same value, from memory if it is there as a whole.
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

    /// The word that is so many bytes into a value.
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

    /// Why memory is not there, as a status of the value that is in it.
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
        let top = Address(self.record.register(STACK_POINTER));
        let top = top.offset(i64::from(self.below));
        Address(top.offset(displacement).0.wrapping_add(inner))
    }
}

/// The piece that holds the `size` bytes at `offset` whole, and how far into it they are.
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
