//! Strings, slices and arrays.

use arch::ADDRESS_END;
use model::{Address, Content, Elements, Kind, Status, Text, TypeId, Value};

use super::{origin::Origin, walk::Walk};
use crate::memory::Missing;

impl<'a> Walk<'a> {
    /// A string: pointer and length. An empty one may have any pointer.
    pub(super) fn text(&mut self, origin: Origin<'a>) -> Result<Text, Status> {
        let length = self.image.word(origin, 8)?;
        if length == 0 {
            return Ok(self.image.program.text(&[], 0));
        }
        let pointer = self.image.word(origin, 0)?;
        self.bytes_at(span(pointer, length, 1)?, length)
    }

    /// A slice: pointer, length and capacity. Only nil has no pointer.
    pub(super) fn slice(
        &mut self,
        element: TypeId,
        origin: Origin<'a>,
        depth: u32,
    ) -> Result<Content, Status> {
        let Some((pointer, length)) = self.slice_header(origin)? else {
            return Ok(Content::Nil);
        };
        let size = self.size_of(element)?;
        let address = span(pointer.0, length, size)?;
        if self.is_byte(element) {
            return self.bytes_at(address, length).map(Content::Bytes);
        }
        if depth == 0 && length > 0 {
            return Ok(elements(Vec::new(), length));
        }
        let wanted = length.min(u64::from(self.limits.elements));
        let place = self.image.place(address, wanted.saturating_mul(size));
        self.elements(element, length, place, depth.saturating_sub(1))
    }

    /// A slice's pointer and length; none for nil.
    pub(super) fn slice_header(
        &self,
        origin: Origin<'a>,
    ) -> Result<Option<(Address, u64)>, Status> {
        let pointer = self.image.word(origin, 0)?;
        let length = self.image.word(origin, 8)?;
        // The capacity is not shown, so that it need not be known; but it can show that this is no slice.
        let capacity = self.image.word(origin, 16);
        if capacity.is_ok_and(|capacity| capacity < length) || (pointer == 0 && length > 0) {
            return Err(Status::Malformed);
        }
        Ok((pointer != 0).then_some((Address(pointer), length)))
    }

    pub(super) fn array(
        &mut self,
        element: TypeId,
        count: u64,
        origin: Origin<'a>,
        depth: u32,
    ) -> Result<Content, Status> {
        if !self.is_byte(element) {
            return self.elements(element, count, origin, depth);
        }
        match origin {
            Origin::Memory { address, .. } => self.bytes_at(address, count),
            Origin::Pieces { .. } | Origin::Words { .. } => self.bytes_of(origin, count),
        }
        .map(Content::Bytes)
    }

    /// Whether sequences of a type are shown as bytes.
    fn is_byte(&self, element: TypeId) -> bool {
        let program = self.image.program;
        program.redacted(element).is_none()
            && (program.types().get(element))
                .is_some_and(|ty| ty.kind == Kind::Uint && ty.size == 1)
    }

    /// Bytes in memory, as many as the limits allow.
    fn bytes_at(&mut self, address: Address, length: u64) -> Result<Text, Status> {
        let wanted = length
            .min(u64::from(self.limits.string))
            .min(self.budget.text);
        let bytes = self.image.memory.prefix(address, wanted);
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(Missing::Cut) => &[],
            Err(missing) => return Err(self.image.missing(missing)),
        };
        self.budget.text -= bytes.len() as u64;
        Ok(self.image.program.text(bytes, length))
    }

    /// Bytes that are in registers.
    fn bytes_of(&mut self, origin: Origin<'a>, length: u64) -> Result<Text, Status> {
        let wanted = length
            .min(u64::from(self.limits.string))
            .min(self.budget.text);
        let bytes: Vec<u8> = (0..wanted)
            .map(|offset| {
                let byte = self.image.integer(origin.at(offset), 1)?;
                u8::try_from(byte).map_err(|_| Status::Malformed)
            })
            .collect::<Result<_, _>>()?;
        self.budget.text -= bytes.len() as u64;
        Ok(self.image.program.text(&bytes, length))
    }

    /// Elements one after the other, as many as are there and the limits allow. One that is there in part is shown only
    /// if it is the first.
    fn elements(
        &mut self,
        element: TypeId,
        full: u64,
        origin: Origin<'a>,
        depth: u32,
    ) -> Result<Content, Status> {
        let size = self.size_of(element)?;
        let hidden = self.image.program.redacted(element).is_some();
        let mut values: Vec<Value> = Vec::new();
        for index in 0..full.min(u64::from(self.limits.elements)) {
            let offset = index.checked_mul(size).ok_or(Status::Malformed)?;
            let origin = origin.at(offset);
            if let Origin::Memory { address, bytes } = origin
                && (bytes.len() as u64) < size
                && !hidden
            {
                if index > 0 {
                    break;
                }
                if bytes.is_empty() {
                    let missing = self.image.memory.why_missing(address);
                    match self.image.missing(missing) {
                        Status::Cut | Status::DepthLimit => break,
                        status => return Err(status),
                    }
                }
            }
            if self.budget.take(1).is_err() {
                break;
            }
            values.push(self.value(element, origin, depth));
        }
        Ok(elements(values, full))
    }
}

/// The begin of `count` elements in memory, if there is room for them in a process. Elements of size zero take none.
pub(super) fn span(pointer: u64, count: u64, size: u64) -> Result<Address, Status> {
    let end = count
        .checked_mul(size)
        .and_then(|bytes| bytes.checked_add(pointer));
    let impossible = count > i64::MAX as u64
        || (count > 0 && size > 0 && (pointer == 0 || end.is_none_or(|end| end > ADDRESS_END)));
    if impossible {
        return Err(Status::Malformed);
    }
    Ok(Address(pointer))
}

pub(super) fn elements(values: Vec<Value>, full: u64) -> Content {
    Content::Elements(Box::new(Elements {
        values: values.into(),
        full,
    }))
}
