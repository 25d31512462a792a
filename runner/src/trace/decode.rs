//! Values out of registers and memory: a pure function of where a value is, its type, and the record.
//!
//! What a register holds beyond a small type's size is not defined by Go's ABI (`cmd/compile/abi-internal.md`,
//! "the upper bits are unspecified") and is not looked at.

use super::{
    memory::{Memory, little_endian},
    record::Record,
};
use crate::model::{
    Address, Content, Kind, Location, Parameter, Piece, Place, Register, Status, Text, Type,
    TypeTable, Value,
};

/// User addresses on amd64 end here; a pointer and a length that lead beyond make no sense.
const ADDRESS_END: u64 = 1 << 47;

/// The value of a parameter at its function's entry, or of a result at its `ret`.
///
/// Integers, bools and strings, named types of these too, are read; every other kind says that it is not.
#[must_use]
pub fn parameter(parameter: &Parameter, types: &TypeTable, record: &Record<'_>) -> Value {
    let origin = Origin::Pieces {
        location: &parameter.location,
        record,
    };
    let content = types
        .get(parameter.ty)
        .ok_or(Status::NoLocation)
        .and_then(|ty| content(ty, &origin))
        .unwrap_or_else(Content::Unread);
    Value {
        ty: parameter.ty,
        content,
    }
}

/// The string whose header (pointer and length) stands in memory at `address`.
///
/// # Errors
/// Why it can't be known.
pub fn text_at(memory: Memory<'_>, address: Address) -> Result<Text, Status> {
    text(&Origin::Memory { address, memory })
}

/// Where a value's bytes come from.
enum Origin<'a> {
    /// From where the ABI put the pieces of a parameter or result.
    Pieces {
        location: &'a Location,
        record: &'a Record<'a>,
    },
    /// From memory.
    Memory {
        address: Address,
        memory: Memory<'a>,
    },
}

impl Origin<'_> {
    /// The unsigned integer of `size` ≤ 8 bytes, `offset` bytes into the value.
    fn integer(&self, offset: u64, size: u64) -> Result<u64, Status> {
        match self {
            Self::Pieces { location, record } => {
                let (piece, inner) = piece_of(location, offset, size).ok_or(Status::NoLocation)?;
                integer_of_piece(piece.place, inner, size, record)
            }
            Self::Memory { address, memory } => {
                let at = Address(address.0.wrapping_add(offset));
                integer_in_memory(*memory, at, size)
            }
        }
    }

    fn memory(&self) -> Memory<'_> {
        match self {
            Self::Pieces { record, .. } => record.memory(),
            Self::Memory { memory, .. } => *memory,
        }
    }

    fn is_in_vector_register(&self) -> bool {
        match self {
            Self::Pieces { location, .. } => location
                .pieces
                .iter()
                .any(|piece| matches!(piece.place, Place::Vector(_))),
            Self::Memory { .. } => false,
        }
    }
}

/// The piece that holds the `size` bytes at `offset` whole, and how far into it they stand.
fn piece_of(location: &Location, offset: u64, size: u64) -> Option<(Piece, u64)> {
    location.pieces.iter().find_map(|piece| {
        let inner = offset.checked_sub(u64::from(piece.offset))?;
        (inner.checked_add(size)? <= u64::from(piece.size)).then_some((*piece, inner))
    })
}

fn integer_of_piece(
    place: Place,
    inner: u64,
    size: u64,
    record: &Record<'_>,
) -> Result<u64, Status> {
    match place {
        Place::Register(register) => {
            let shift = u32::try_from(inner * 8).unwrap_or(u32::MAX);
            let bits = record
                .register(register)
                .checked_shr(shift)
                .ok_or(Status::NoLocation)?;
            Ok(low_bytes(bits, size))
        }
        Place::Vector(_) => Err(Status::InVectorRegister),
        Place::Stack(displacement) => {
            let at = Address(record.register(Register::Rsp))
                .offset(displacement)
                .0
                .wrapping_add(inner);
            integer_in_memory(record.memory(), Address(at), size)
        }
    }
}

fn integer_in_memory(memory: Memory<'_>, address: Address, size: u64) -> Result<u64, Status> {
    let length = usize::try_from(size).map_err(|_| Status::Malformed)?;
    Ok(little_endian(memory.read(address, length)?))
}

fn content(ty: &Type, origin: &Origin<'_>) -> Result<Content, Status> {
    match &ty.kind {
        Kind::Bool => match origin.integer(0, 1)? {
            0 => Ok(Content::Bool(false)),
            1 => Ok(Content::Bool(true)),
            _ => Err(Status::Malformed),
        },
        Kind::Int => {
            let size = integer_size(ty)?;
            Ok(Content::Int(sign_extended(origin.integer(0, size)?, size)))
        }
        Kind::Uint => Ok(Content::Uint(origin.integer(0, integer_size(ty)?)?)),
        Kind::String => text(origin).map(Content::Text),
        Kind::Float | Kind::Complex if origin.is_in_vector_register() => {
            Err(Status::InVectorRegister)
        }
        Kind::Float
        | Kind::Complex
        | Kind::Slice { .. }
        | Kind::Array { .. }
        | Kind::Struct { .. }
        | Kind::Pointer { .. }
        | Kind::UnsafePointer
        | Kind::Map { .. }
        | Kind::Interface { .. }
        | Kind::Func
        | Kind::Channel { .. }
        | Kind::Unknown => Err(Status::TypeUnknown),
    }
}

/// A string: pointer and length. An empty one may have any pointer.
fn text(origin: &Origin<'_>) -> Result<Text, Status> {
    let length = origin.integer(8, 8)?;
    if length == 0 {
        return Ok(Text {
            bytes: Box::default(),
            full: 0,
        });
    }
    let pointer = origin.integer(0, 8)?;
    let end = pointer.checked_add(length);
    if pointer == 0 || end.is_none_or(|end| end > ADDRESS_END) {
        return Err(Status::Malformed);
    }
    let bytes = origin.memory().prefix(Address(pointer), length)?;
    Ok(Text {
        bytes: bytes.into(),
        full: length,
    })
}

/// The size of an integer type; one that Go does not have comes from a broken table.
const fn integer_size(ty: &Type) -> Result<u64, Status> {
    match ty.size {
        1 | 2 | 4 | 8 => Ok(ty.size),
        _ => Err(Status::Malformed),
    }
}

const fn low_bytes(bits: u64, size: u64) -> u64 {
    if size >= 8 {
        bits
    } else {
        bits & ((1 << (size * 8)) - 1)
    }
}

const fn sign_extended(bits: u64, size: u64) -> i64 {
    let unused = 64 - size * 8;
    (bits << unused).cast_signed() >> unused
}
