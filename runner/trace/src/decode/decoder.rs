//! The values of a hit: arguments or results, picks, and which instance of a generic function was called.

use model::{
    Address, Function, InstanceId, Limits, List, Location, Parameter, Pick, Root, Status, Text,
    TypeId, Value,
};

use super::{
    Program, Saved,
    image::Image,
    origin::{Origin, WORDS},
    pick::{self, Position},
    sequence::span,
    walk::{Walk, unread},
};
use crate::{memory::Memory, record::Record};

/// Decodes the values of one record.
#[derive(Debug)]
pub struct Decoder<'a> {
    program: &'a Program,
    record: &'a Record<'a>,
    memory: Memory<'a>,
    bias: u64,
    /// How far the stack pointer is below what places on the stack are counted from, in bytes.
    below: u32,
}

impl<'a> Decoder<'a> {
    /// A decoder of one record. `bias` is how far the process's code lies from where the binary was linked, in bytes.
    #[must_use]
    pub fn new(program: &'a Program, record: &'a Record<'a>, bias: u64) -> Self {
        Self {
            program,
            record,
            memory: Memory::indexed(record),
            bias,
            below: 0,
        }
    }

    /// The same for places on the stack that are counted from where the stack pointer was at the function's entry, which is
    /// so many bytes above where it is.
    #[must_use]
    pub(crate) const fn counted_from_entry(mut self, below: u32) -> Self {
        self.below = below;
        self
    }

    /// The values of parameters at their function's entry, or of results at its `ret`.
    #[must_use]
    pub fn parameters(&self, parameters: &[Parameter], limits: Limits) -> List<Value> {
        let mut walk = Walk::new(self.image(), limits);
        parameters
            .iter()
            .map(|parameter| match walk.budget.take(1) {
                Ok(()) => {
                    let origin = Origin::of(&parameter.location);
                    walk.value(parameter.ty, origin, limits.depth)
                }
                Err(status) => unread(parameter.ty, status),
            })
            .collect()
    }

    /// Which instance of a generic function is entered; none if it is not generic, or if that is not known.
    #[must_use]
    pub fn instance(&self, function: &Function) -> Option<InstanceId> {
        let dictionary = Origin::of(function.dictionary.as_ref()?);
        let image = self.image();
        let dictionary = image.linked(image.word(dictionary, 0).ok()?);
        let mut instances = function.instances.iter();
        let index = instances.position(|instance| instance.dictionary == dictionary)?;
        InstanceId::try_from(u32::try_from(index).ok()?).ok()
    }

    /// The words of a parameter at its function's entry, to be looked at when the call returns.
    #[must_use]
    pub fn saved(&self, parameter: &Parameter) -> Saved {
        let image = self.image();
        let size = self.program.types().get(parameter.ty);
        let words = size.map_or(0, |ty| ty.size.div_ceil(8));
        let origin = Origin::of(&parameter.location);
        let mut saved = [0; WORDS];
        let read = (saved.iter_mut().zip(0..words))
            .try_for_each(|(saved, index)| image.word(origin, index * 8).map(|word| *saved = word));
        Saved {
            ty: parameter.ty,
            words: read.map(|()| saved),
        }
    }

    /// What a path leads to from a function's argument at its entry, or from a result, a variable or what was `saved`
    /// of an argument at its `ret`. Where it ends early, [`Call::picked`](model::Call::picked) says what is given.
    #[must_use]
    pub(crate) fn pick(&self, function: &Function, pick: &Pick, saved: Option<&Saved>) -> Value {
        let mut walk = Walk::new(self.image(), pick::LIMITS);
        match self.start(function, pick, saved) {
            Ok(start) => walk.pick(pick, start, !function.instances.is_empty()),
            Err(status) => unread(pick.ty, status),
        }
    }

    /// What a path leads to from a value that is of that type and at that place, whatever the path's root says.
    #[must_use]
    pub(crate) fn pick_from(&self, pick: &Pick, ty: TypeId, location: &Location) -> Value {
        let start = Position {
            ty,
            origin: Origin::of(location),
        };
        Walk::new(self.image(), pick::LIMITS).pick(pick, start, false)
    }

    fn start<'s>(
        &'s self,
        function: &'s Function,
        pick: &Pick,
        saved: Option<&Saved>,
    ) -> Result<Position<'s>, Status> {
        let of = |parameter: &'s Parameter| Position {
            ty: parameter.ty,
            origin: Origin::of(&parameter.location),
        };
        match &pick.path.root {
            Root::Argument(name) => {
                let mut parameters = function.parameters.iter();
                let parameter = parameters.find(|parameter| parameter.name == *name);
                Ok(of(parameter.ok_or(Status::NoLocation)?))
            }
            Root::Result(index) => {
                let result = function.results.get(*index as usize);
                Ok(of(result.ok_or(Status::NoLocation)?))
            }
            Root::Out(_) => {
                let saved = saved.ok_or(Status::NoLocation)?;
                Ok(Position {
                    ty: saved.ty,
                    origin: Origin::Words {
                        words: saved.words?,
                        offset: 0,
                    },
                })
            }
            Root::Variable(_) => {
                let variable = pick.variable.ok_or(Status::NoLocation)?;
                let image = self.image();
                let size = self.program.types().get(variable.ty);
                let size = size.ok_or(Status::TypeUnknown)?.size;
                let address = Address(variable.address.0.wrapping_add(self.bias));
                Ok(Position {
                    ty: variable.ty,
                    origin: image.place(address, size),
                })
            }
        }
    }

    const fn image(&self) -> Image<'_> {
        Image {
            program: self.program,
            record: self.record,
            memory: &self.memory,
            bias: self.bias,
            below: self.below,
            unasked: Status::NotRead,
        }
    }
}

/// The string whose header (pointer and length) is in memory at `address`.
///
/// # Errors
/// Why it can't be known.
pub(crate) fn text_at(memory: &Memory<'_>, address: Address) -> Result<Text, Status> {
    let length = memory.word(Address(address.0.wrapping_add(8)))?;
    let pointer = memory.word(address)?;
    let bytes = memory.prefix(span(pointer, length, 1)?, length)?;
    Ok(Text::new(bytes, length))
}
