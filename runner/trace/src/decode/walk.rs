//! One walk over a value's types: what has a limit, and the kinds that are made of other values.

use model::{Address, Content, Kind, Limits, Pointer, Status, TypeId, Value};

use super::{image::Image, origin::Origin};

/// Values around a value, at most. Bounds what recursion takes of the stack; more is past the depth limit.
const NESTING: u32 = 128;

/// How much one walk may do and give, whatever the types and the memory are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// Values that can be given.
    pub(super) values: u64,
    /// Bytes of texts that can be given.
    pub(super) text: u64,
    /// Values that can be looked at, also those that are not given in the end.
    pub(super) work: u64,
}

impl Budget {
    pub(super) const FULL: Self = Self {
        values: 4096,
        text: 256 * 1024,
        work: 65_536,
    };

    /// Takes so many values; none if there are not so many left.
    pub(super) const fn take(&mut self, values: u64) -> Result<(), Status> {
        if values > self.values || values > self.work {
            return Err(Status::Cut);
        }
        self.values -= values;
        self.work -= values;
        Ok(())
    }

    /// Takes work that gives no value.
    pub(super) const fn labour(&mut self) -> Result<(), Status> {
        match self.work.checked_sub(1) {
            Some(left) => self.work = left,
            None => return Err(Status::Cut),
        }
        Ok(())
    }
}

/// A walk over values of one hit.
pub(super) struct Walk<'a> {
    pub(super) image: Image<'a>,
    pub(super) limits: Limits,
    pub(super) budget: Budget,
    nesting: u32,
    /// The pointers that lead to the value that is being decoded.
    around: Vec<(TypeId, Address)>,
}

impl<'a> Walk<'a> {
    pub(super) const fn new(image: Image<'a>, limits: Limits) -> Self {
        Self {
            image,
            limits,
            budget: Budget::FULL,
            nesting: 0,
            around: Vec::new(),
        }
    }

    /// A value that the caller has taken from the budget; `depth` levels of references are followed from it.
    pub(super) fn value(&mut self, ty: TypeId, origin: Origin<'a>, depth: u32) -> Value {
        let content = self.content(ty, origin, depth);
        Value {
            ty,
            content: content.unwrap_or_else(Content::Unread),
        }
    }

    /// The value at an address, likewise.
    pub(super) fn value_at(&mut self, ty: TypeId, address: Address, depth: u32) -> Value {
        let size = self.size_of(ty).unwrap_or(0);
        let origin = match self.image.memory.prefix(address, size) {
            Ok(bytes) => Origin::Memory { address, bytes },
            Err(_) if self.image.program.redacted(ty).is_some() => Origin::word(0),
            Err(missing) => return unread(ty, self.image.missing(missing)),
        };
        self.value(ty, origin, depth)
    }

    pub(super) fn size_of(&self, ty: TypeId) -> Result<u64, Status> {
        let ty = self.image.program.types().get(ty);
        ty.map(|ty| ty.size).ok_or(Status::TypeUnknown)
    }

    fn content(&mut self, id: TypeId, origin: Origin<'a>, depth: u32) -> Result<Content, Status> {
        let program = self.image.program;
        if let Some(label) = program.redacted(id) {
            return Ok(Content::Redacted(label.clone()));
        }
        let ty = program.types().get(id).ok_or(Status::TypeUnknown)?;
        match &ty.kind {
            Kind::Bool => return self.bool(origin),
            Kind::Int => return self.int(ty.size, origin),
            Kind::Uint => return self.uint(ty.size, origin),
            Kind::Float => return self.float(ty.size, origin).map(Content::Float),
            Kind::Complex => return self.complex(ty.size, origin),
            Kind::String => return self.text(origin).map(Content::Text),
            Kind::UnsafePointer => return self.unsafe_pointer(origin),
            Kind::Channel { .. } => return self.channel(origin),
            Kind::Unknown => return Err(Status::TypeUnknown),
            _ => {}
        }
        if self.nesting >= NESTING {
            return Err(Status::DepthLimit);
        }
        self.nesting += 1;
        let origin = self.image.settled(origin, ty.size);
        let content = self.composite(id, &ty.kind, origin, depth);
        self.nesting -= 1;
        content
    }

    /// The kinds that are made of other values.
    fn composite(
        &mut self,
        id: TypeId,
        kind: &'a Kind,
        origin: Origin<'a>,
        depth: u32,
    ) -> Result<Content, Status> {
        match kind {
            Kind::Slice { element } => self.slice(*element, origin, depth),
            Kind::Array { element, count } => self.array(*element, *count, origin, depth),
            Kind::Struct { fields } => {
                self.budget.take(fields.len() as u64)?;
                let fields = fields.iter();
                let values =
                    fields.map(|field| self.value(field.ty, origin.at(field.offset), depth));
                Ok(Content::Struct(values.collect()))
            }
            Kind::Pointer { target } => self.pointer(id, *target, origin, depth),
            Kind::Map { key, value, layout } => {
                self.map((*key, *value), layout.as_deref(), origin, depth)
            }
            Kind::Interface { empty } => self.interface(*empty, origin, depth),
            Kind::Func => self.func(origin, depth),
            Kind::Bool
            | Kind::Int
            | Kind::Uint
            | Kind::Float
            | Kind::Complex
            | Kind::String
            | Kind::UnsafePointer
            | Kind::Channel { .. }
            | Kind::Unknown => Err(Status::TypeUnknown),
        }
    }

    fn pointer(
        &mut self,
        id: TypeId,
        target: Option<TypeId>,
        origin: Origin<'a>,
        depth: u32,
    ) -> Result<Content, Status> {
        let address = match self.image.word(origin, 0)? {
            0 => return Ok(Content::Nil),
            address => Address(address),
        };
        self.budget.take(1)?;
        let target = match target {
            None => unread(TypeId::NONE, Status::TypeUnknown),
            Some(target) => self.target(id, target, address, depth),
        };
        Ok(Content::Pointer(Box::new(Pointer { address, target })))
    }

    fn target(&mut self, id: TypeId, target: TypeId, address: Address, depth: u32) -> Value {
        if self.around.contains(&(id, address)) {
            return unread(target, Status::Cycle);
        }
        let Some(deeper) = self.deeper(target, depth) else {
            return unread(target, Status::DepthLimit);
        };
        self.around.push((id, address));
        let value = self.value_at(target, address, deeper);
        self.around.pop();
        value
    }

    /// How many levels are left behind a reference to a value; none if it is past the limit. What is redacted
    /// can always show its label.
    pub(super) fn deeper(&self, ty: TypeId, depth: u32) -> Option<u32> {
        let redacted = self.image.program.redacted(ty).map(|_| 0);
        depth.checked_sub(1).or(redacted)
    }
}

pub(super) const fn unread(ty: TypeId, status: Status) -> Value {
    Value {
        ty,
        content: Content::Unread(status),
    }
}
