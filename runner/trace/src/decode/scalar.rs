//! Kinds whose values are in place as a whole, and channels.

use model::{Address, Channel, Content, Float, Status};

use super::{origin::Origin, walk::Walk};

/// `runtime.hchan` begins with the number of its elements and that of its places (`runtime/chan.go`).
const CHANNEL_CAPACITY: u64 = 8;

impl<'a> Walk<'a> {
    /// Anything but 0 and 1 is no bool that Go makes.
    pub(super) fn bool(&self, origin: Origin<'a>) -> Result<Content, Status> {
        match self.image.integer(origin, 1)? {
            0 => Ok(Content::Bool(false)),
            1 => Ok(Content::Bool(true)),
            _ => Err(Status::Malformed),
        }
    }

    pub(super) fn int(&self, size: u64, origin: Origin<'a>) -> Result<Content, Status> {
        let size = integer_size(size)?;
        let bits = self.image.integer(origin, size)?;
        let unused = 64 - size * 8;
        Ok(Content::Int((bits << unused).cast_signed() >> unused))
    }

    pub(super) fn uint(&self, size: u64, origin: Origin<'a>) -> Result<Content, Status> {
        let bits = self.image.integer(origin, integer_size(size)?)?;
        Ok(Content::Uint(bits))
    }

    /// A `float32` has an equal `float64`.
    pub(super) fn float(&self, size: u64, origin: Origin<'a>) -> Result<Float, Status> {
        let bits = self.image.integer(origin, size.min(8))?;
        match size {
            4 => {
                let bits = u32::try_from(bits).map_err(|_| Status::Malformed)?;
                Ok(Float::new(f64::from(f32::from_bits(bits))))
            }
            8 => Ok(Float::new(f64::from_bits(bits))),
            _ => Err(Status::Malformed),
        }
    }

    pub(super) fn complex(&self, size: u64, origin: Origin<'a>) -> Result<Content, Status> {
        let half = match size {
            8 | 16 => size / 2,
            _ => return Err(Status::Malformed),
        };
        let real = self.float(half, origin)?;
        let imaginary = self.float(half, origin.at(half))?;
        Ok(Content::complex(real, imaginary))
    }

    pub(super) fn unsafe_pointer(&self, origin: Origin<'a>) -> Result<Content, Status> {
        Ok(match self.image.word(origin, 0)? {
            0 => Content::Nil,
            address => Content::Address(Address(address)),
        })
    }

    pub(super) fn channel(&self, origin: Origin<'a>) -> Result<Content, Status> {
        let address = match self.image.word(origin, 0)? {
            0 => return Ok(Content::Nil),
            address => Address(address),
        };
        let length = self.image.word_at(address, 0)?;
        let capacity = self.image.word_at(address, CHANNEL_CAPACITY)?;
        if length > capacity || capacity > i64::MAX as u64 {
            return Err(Status::Malformed);
        }
        Ok(Content::Channel(Box::new(Channel { length, capacity })))
    }
}

/// The size of an integer type; one that Go does not have comes from a broken table.
const fn integer_size(size: u64) -> Result<u64, Status> {
    match size {
        1 | 2 | 4 | 8 => Ok(size),
        _ => Err(Status::Malformed),
    }
}
