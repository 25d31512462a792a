//! The assignment itself.

use arch::{INTEGER_ARGUMENTS, Register, STACK_ARGUMENTS, VECTOR_ARGUMENTS};
use model::{Location, Piece, Place, TypeId, TypeTable};

use super::shape::{Class, Scalar, Shape, WORD};
use crate::Abi;

/// Where a function's values are.
///
/// A value of size zero has no pieces. So has one whose place is unknown: its type, or the type of one before
/// it on which its place depends, is [unknown](model::Kind::Unknown).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// Where each parameter is at the function's entry.
    pub parameters: Vec<Location>,
    /// Where each result is at a `ret`.
    pub results: Vec<Location>,
}

/// Assigns a function's parameters (receiver first, hidden dictionary in its place) and results to places.
///
/// The rules are those of `cmd/compile/abi-internal.md`: a value goes into registers whole or not at all; results
/// start again with the first register; on the stack, parameters are followed by results, each group
/// starting at a multiple of the word. To Go 1.16 the compiler laid functions' arguments out by the same rule
/// with no registers (`cmd/compile/internal/gc/align.go`, `widstruct`).
#[must_use]
pub fn assign(
    abi: Abi,
    types: &TypeTable,
    parameters: &[TypeId],
    results: &[TypeId],
) -> Assignment {
    let mut state = State {
        types,
        all: match abi {
            Abi::Stack => Free::default(),
            Abi::Register => Free {
                integers: INTEGER_ARGUMENTS,
                vectors: 0..VECTOR_ARGUMENTS,
            },
        },
        free: Some(Free::default()),
        stack: Some(0),
    };
    state.start();
    let parameters = parameters.iter().map(|ty| state.place(*ty)).collect();
    state.start();
    let results = results.iter().map(|ty| state.place(*ty)).collect();
    Assignment {
        parameters,
        results,
    }
}

/// Registers not yet taken.
#[derive(Clone, Default)]
struct Free {
    integers: &'static [Register],
    vectors: std::ops::Range<u8>,
}

impl Free {
    fn take(&mut self, class: Class) -> Option<Place> {
        match class {
            Class::Integer => {
                let (first, rest) = self.integers.split_first()?;
                self.integers = rest;
                Some(Place::Register(*first))
            }
            Class::Vector => self.vectors.next().map(Place::Vector),
        }
    }
}

struct State<'a> {
    types: &'a TypeTable,
    all: Free,
    /// The registers left; none once a value of unknown shape has been met.
    free: Option<Free>,
    /// The end of the stack sequence so far, in bytes; none likewise.
    stack: Option<u64>,
}

impl State<'_> {
    /// Begins with parameters, or with results.
    fn start(&mut self) {
        self.free = Some(self.all.clone());
        self.stack = self.stack.and_then(|end| align(end, WORD));
    }

    fn place(&mut self, ty: TypeId) -> Location {
        let pieces = match Shape::of(self.types, ty) {
            Some(shape) => self.place_shape(&shape),
            None => {
                self.free = None;
                self.stack = None;
                None
            }
        };
        Location {
            pieces: pieces.unwrap_or_default(),
        }
    }

    fn place_shape(&mut self, shape: &Shape) -> Option<Vec<Piece>> {
        if shape.size > 0 {
            if self.free.is_none() {
                // It may or may not be on the stack, so nothing after it has a known place there.
                self.stack = None;
                return None;
            }
            if let Some(pieces) = self.in_registers(shape.scalars.as_deref()) {
                return Some(pieces);
            }
        }
        self.on_stack(shape)
    }

    fn in_registers(&mut self, scalars: Option<&[Scalar]>) -> Option<Vec<Piece>> {
        let mut free = self.free.clone()?;
        let pieces = scalars
            .filter(|scalars| !scalars.is_empty())?
            .iter()
            .map(|scalar| {
                Some(Piece {
                    place: free.take(scalar.class)?,
                    offset: u32::try_from(scalar.offset).ok()?,
                    size: u32::try_from(scalar.size).ok()?,
                })
            })
            .collect::<Option<_>>()?;
        self.free = Some(free);
        Some(pieces)
    }

    fn on_stack(&mut self, shape: &Shape) -> Option<Vec<Piece>> {
        let start = self.stack.and_then(|end| align(end, shape.alignment));
        self.stack = start.and_then(|start| start.checked_add(shape.size));
        if shape.size == 0 {
            return None;
        }
        let offset = start?.checked_add(STACK_ARGUMENTS)?;
        Some(vec![Piece {
            place: Place::Stack(i64::try_from(offset).ok()?),
            offset: 0,
            size: u32::try_from(shape.size).ok()?,
        }])
    }
}

/// `offset` rounded up to a multiple of `alignment`, a power of two.
fn align(offset: u64, alignment: u64) -> Option<u64> {
    offset.checked_next_multiple_of(alignment)
}
