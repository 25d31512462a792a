//! Picks: a spec's paths into values, followed through what the record holds of them.

use model::{
    Address, Content, Entries, Kind, Limits, MapLayout, Pick, PickKey, PickStep, Status, TypeId,
    Value,
};

use super::{
    interface::Data,
    origin::{Origin, WORDS},
    sequence::elements,
    walk::{Walk, unread},
};

/// How much is shown of what a path leads to.
pub(super) const LIMITS: Limits = Limits {
    depth: 3,
    string: 4096,
    elements: 1024,
    bytes: u32::MAX,
};

/// The words of a value that was saved at a call's entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its type.
    pub ty: TypeId,
    /// Its first three words, or why they are not known; all that pointers, slices and interfaces have.
    pub words: Result<[u64; WORDS], Status>,
}

/// Where a path has led to.
#[derive(Clone, Copy)]
pub(super) struct Position<'a> {
    pub(super) ty: TypeId,
    pub(super) origin: Origin<'a>,
}

/// Why a path does not lead on.
enum Stop {
    /// It ends here.
    End(Content),
    /// It is not known whether it does.
    Unknown(Status),
}

impl From<Status> for Stop {
    fn from(status: Status) -> Self {
        Self::Unknown(status)
    }
}

impl<'a> Walk<'a> {
    /// What a path leads to. Where it ends early, the value at which it does, of its own type. The types of a generic
    /// body's picks are those of its shape.
    pub(super) fn pick(&mut self, pick: &Pick, start: Position<'a>, generic: bool) -> Value {
        let mut here = start;
        for step in &pick.steps {
            if let Some(label) = self.image.program.redacted(here.ty) {
                return Value {
                    ty: here.ty,
                    content: Content::Redacted(label.clone()),
                };
            }
            here = match self.step(here, step) {
                Ok(there) => there,
                Err(Stop::Unknown(status)) => return unread(pick.ty, status),
                // Where types do not distinguish them, it could be taken for what the path leads to.
                Err(Stop::End(content))
                    if (generic || here.ty == pick.ty) && content != Content::Nil =>
                {
                    return unread(pick.ty, Status::Absent);
                }
                Err(Stop::End(content)) => {
                    return Value {
                        ty: here.ty,
                        content,
                    };
                }
            };
        }
        self.end_of_path(here)
    }

    /// The value that a path leads to. It may have been read for itself, without what is around it.
    fn end_of_path(&mut self, here: Position<'a>) -> Value {
        let size = self.size_of(here.ty).unwrap_or(0);
        let origin = match here.origin {
            Origin::Memory { address, .. } => self.image.place(address, size),
            origin => origin,
        };
        if let Origin::Memory { address, bytes: [] } = origin
            && size > 0
            && self.image.program.redacted(here.ty).is_none()
        {
            let missing = self.image.memory.why_missing(address);
            return unread(here.ty, self.image.missing(missing));
        }
        // What was not asked for below it lies deeper than the plan went.
        self.image.unasked = Status::DepthLimit;
        self.value(here.ty, origin, LIMITS.depth)
    }

    fn step(&mut self, here: Position<'a>, step: &PickStep) -> Result<Position<'a>, Stop> {
        let program = self.image.program;
        let ty = program.types().get(here.ty).ok_or(Status::TypeUnknown)?;
        let origin = self.image.settled(here.origin, ty.size);
        match (step, &ty.kind) {
            (
                PickStep::Target,
                Kind::Pointer {
                    target: Some(target),
                },
            ) => match self.image.word(origin, 0)? {
                0 => Err(Stop::End(Content::Nil)),
                address => self.in_memory(*target, Address(address)),
            },
            (PickStep::Field(index), Kind::Struct { fields }) => {
                let field = fields.get(*index as usize).ok_or(Status::Malformed)?;
                Ok(Position {
                    ty: field.ty,
                    origin: origin.at(field.offset),
                })
            }
            (PickStep::Element(index), Kind::Array { element, count }) => {
                if index >= count {
                    return Err(Stop::End(elements(Vec::new(), *count)));
                }
                let offset = index.checked_mul(self.size_of(*element)?);
                Ok(Position {
                    ty: *element,
                    origin: origin.at(offset.ok_or(Status::Malformed)?),
                })
            }
            (PickStep::Element(index), Kind::Slice { element }) => {
                let Some((first, length)) = self.slice_header(origin)? else {
                    return Err(Stop::End(Content::Nil));
                };
                if *index >= length {
                    return Err(Stop::End(elements(Vec::new(), length)));
                }
                let offset = index.checked_mul(self.size_of(*element)?);
                let address = offset.and_then(|offset| first.0.checked_add(offset));
                self.in_memory(*element, Address(address.ok_or(Status::Malformed)?))
            }
            (PickStep::Entry(wanted), Kind::Map { key, value, layout }) => {
                let layout = layout.as_deref().ok_or(Status::TypeUnknown)?;
                match self.image.word(origin, 0)? {
                    0 => Err(Stop::End(Content::Nil)),
                    map => self.entry((*key, *value), layout, Address(map), wanted),
                }
            }
            (PickStep::Dynamic(wanted), Kind::Interface { empty }) => {
                let Some(held) = self.held(*empty, origin)? else {
                    return Err(Stop::End(Content::Nil));
                };
                if held.ty != *wanted {
                    let other = unread(held.ty, Status::NotRead);
                    return Err(Stop::End(Content::Interface(Box::new(other))));
                }
                match self.data(held, origin)? {
                    Data::Itself(origin) => Ok(Position {
                        ty: held.ty,
                        origin,
                    }),
                    Data::At(address) => self.in_memory(held.ty, address),
                }
            }
            _ => Err(Stop::Unknown(Status::TypeUnknown)),
        }
    }

    fn in_memory(&self, ty: TypeId, address: Address) -> Result<Position<'a>, Stop> {
        let size = self.size_of(ty)?;
        Ok(Position {
            ty,
            origin: self.image.place(address, size),
        })
    }

    /// The value under a key. That there is none is known only if all entries are.
    fn entry(
        &mut self,
        (key, value): (TypeId, TypeId),
        layout: &MapLayout,
        map: Address,
        wanted: &PickKey,
    ) -> Result<Position<'a>, Stop> {
        let header = self.map_header(layout, map)?;
        let found = self.filled_slots(layout, header)?;
        let mut missing = found.missing;
        for slot in &found.slots {
            let is_wanted = slot.key.and_then(|key_at| {
                self.budget.labour()?;
                self.is_key(key, key_at, wanted)
            });
            match is_wanted {
                Ok(true) => return self.in_memory(value, slot.value?),
                Ok(false) => {}
                Err(status) => missing = missing.or(Some(status)),
            }
        }
        if let Some(status) = missing {
            return Err(Stop::Unknown(status));
        }
        let none = Entries {
            values: Box::default(),
            full: header.count,
        };
        Err(Stop::End(Content::Map(Box::new(none))))
    }

    /// Whether the key at an address is the one that is wanted.
    fn is_key(&self, ty: TypeId, address: Address, wanted: &PickKey) -> Result<bool, Status> {
        let ty = self.image.program.types().get(ty);
        let ty = ty.ok_or(Status::TypeUnknown)?;
        let origin = self.image.place(address, ty.size);
        match (wanted, &ty.kind) {
            (PickKey::Text(wanted), Kind::String) => {
                let length = self.image.word(origin, 8)?;
                if length != wanted.len() as u64 {
                    return Ok(false);
                }
                let pointer = Address(self.image.word(origin, 0)?);
                let bytes = self.image.memory.read(pointer, wanted.len());
                let bytes = bytes.map_err(|missing| self.image.missing(missing))?;
                Ok(bytes == wanted.as_bytes())
            }
            (PickKey::Integer(wanted), Kind::Int) => match self.int(ty.size, origin)? {
                Content::Int(key) => Ok(i128::from(key) == *wanted),
                _ => Err(Status::Malformed),
            },
            (PickKey::Integer(wanted), Kind::Uint) => match self.uint(ty.size, origin)? {
                Content::Uint(key) => Ok(i128::from(key) == *wanted),
                _ => Err(Status::Malformed),
            },
            (PickKey::Bool(wanted), Kind::Bool) => Ok(self.bool(origin)? == Content::Bool(*wanted)),
            _ => Err(Status::TypeUnknown),
        }
    }
}
