//! Interfaces (`runtime/runtime2.go`, `iface` and `eface`), and func values.

use model::{Address, Content, Func, Status, TypeId};

use super::{
    origin::Origin,
    program::Held,
    walk::{Walk, unread},
};

/// An itab's second word is the dynamic type (`internal/abi/iface.go`).
const ITAB_TYPE: u64 = 8;

impl<'a> Walk<'a> {
    pub(super) fn interface(
        &mut self,
        empty: bool,
        origin: Origin<'a>,
        depth: u32,
    ) -> Result<Content, Status> {
        let Some(held) = self.held(empty, origin)? else {
            return Ok(Content::Nil);
        };
        self.budget.take(1)?;
        let value = match self.data(held, origin) {
            Err(status) => unread(held.ty, status),
            Ok(Data::Itself(origin)) => self.value(held.ty, origin, depth),
            Ok(Data::At(address)) => match self.deeper(held.ty, depth) {
                Some(deeper) => self.value_at(held.ty, address, deeper),
                None => unread(held.ty, Status::DepthLimit),
            },
        };
        Ok(Content::Interface(Box::new(value)))
    }

    /// The dynamic type of an interface; none if it is nil.
    pub(super) fn held(&self, empty: bool, origin: Origin<'a>) -> Result<Option<Held>, Status> {
        let ty = match self.image.word(origin, 0)? {
            0 => return Ok(None),
            ty if empty => ty,
            itab => self.image.word_at(Address(itab), ITAB_TYPE)?,
        };
        let held = self.image.program.dynamic(self.image.linked(ty));
        held.map(Some).ok_or(Status::TypeUnknown)
    }

    /// Where an interface that is not nil has its value.
    pub(super) fn data(&self, held: Held, origin: Origin<'a>) -> Result<Data<'a>, Status> {
        let word = self.image.word(origin, 8)?;
        if held.direct {
            return Ok(Data::Itself(Origin::word(word)));
        }
        match word {
            0 => Err(Status::Malformed),
            address => Ok(Data::At(Address(address))),
        }
    }

    /// A func value points to a closure, whose first word is the address of the code.
    pub(super) fn func(&mut self, origin: Origin<'a>, depth: u32) -> Result<Content, Status> {
        let closure = match self.image.word(origin, 0)? {
            0 => return Ok(Content::Nil),
            closure => Address(closure),
        };
        let code = self.image.linked(self.image.word_at(closure, 0)?);
        let captured = match self.image.program.closure(code) {
            None => None,
            Some(captured) => {
                self.budget.take(1)?;
                Some(match captured {
                    None => unread(TypeId::NONE, Status::NotDescribed),
                    Some(ty) => self.value_at(ty, closure, depth),
                })
            }
        };
        Ok(Content::Func(Box::new(Func {
            code,
            name: self.image.program.function_name(code),
            captured,
        })))
    }
}

/// Where an interface has its value.
pub(super) enum Data<'a> {
    /// The data word is the value.
    Itself(Origin<'a>),
    /// The data word points to it.
    At(Address),
}
