//! A type as the ABI sees it: its alignment, and the scalars that it falls into.

use model::{Kind, TypeId, TypeTable};

/// What a scalar is passed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// An integer register.
    Integer,
    /// A floating-point register.
    Vector,
}

/// A part of a value that goes into one register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scalar {
    pub(super) class: Class,
    /// Its offset within the value, in bytes.
    pub(super) offset: u64,
    /// Its size, in bytes.
    pub(super) size: u64,
}

/// What the ABI needs to know of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// In bytes.
    pub(super) size: u64,
    /// In bytes; a power of two.
    pub(super) alignment: u64,
    /// Its scalars in order; none when it can never be in registers (an array of several elements is in it).
    pub(super) scalars: Option<Vec<Scalar>>,
}

/// The size of a pointer and of an integer register, in bytes, on every 64-bit architecture.
pub(super) const WORD: u64 = 8;
/// More scalars than any architecture has registers: what falls into more is never in registers.
const MAX_SCALARS: usize = 64;
/// Bounds the work on a type table that is malformed (a struct that contains itself); Go's own types stay far below.
const MAX_VISITS: u32 = 65_536;
const MAX_DEPTH: u32 = 256;

impl Shape {
    /// The shape of a type; none if the table does not say what it is made of.
    pub(super) fn of(types: &TypeTable, ty: TypeId) -> Option<Self> {
        let mut walk = Walk {
            types,
            scalars: Some(Vec::new()),
            visits: 0,
        };
        let alignment = walk.visit(ty, 0, 0)?;
        Some(Self {
            size: types.get(ty)?.size,
            alignment,
            scalars: walk.scalars,
        })
    }
}

struct Walk<'a> {
    types: &'a TypeTable,
    scalars: Option<Vec<Scalar>>,
    visits: u32,
}

impl Walk<'_> {
    /// Adds the scalars of a type at `offset`; gives its alignment.
    fn visit(&mut self, ty: TypeId, offset: u64, depth: u32) -> Option<u64> {
        self.visits += 1;
        if self.visits > MAX_VISITS || depth > MAX_DEPTH {
            return None;
        }
        let found = self.types.get(ty)?;
        let size = found.size;
        match &found.kind {
            Kind::Bool | Kind::Int | Kind::Uint => self.scalar(Class::Integer, offset, size),
            Kind::Float => self.scalar(Class::Vector, offset, size),
            Kind::Complex => {
                let half = size / 2;
                self.scalar(Class::Vector, offset, half)?;
                self.scalar(Class::Vector, offset.checked_add(half)?, half)
            }
            Kind::Pointer { .. }
            | Kind::UnsafePointer
            | Kind::Map { .. }
            | Kind::Func
            | Kind::Channel { .. } => self.words(offset, 1),
            Kind::String | Kind::Interface { .. } => self.words(offset, 2),
            Kind::Slice { .. } => self.words(offset, 3),
            Kind::Array { element, count } => self.array(*element, *count, offset, depth),
            Kind::Struct { fields } => {
                if is_simd(self.types, ty) {
                    // cmd/compile/internal/types/size.go, simdify: one vector register, aligned to 8.
                    self.push(Class::Vector, offset, size);
                    return Some(8);
                }
                let mut alignment = 1;
                for field in fields {
                    let at = offset.checked_add(field.offset)?;
                    alignment = alignment.max(self.visit(field.ty, at, depth + 1)?);
                }
                Some(alignment)
            }
            Kind::Unknown => None,
        }
    }

    fn array(&mut self, element: TypeId, count: u64, offset: u64, depth: u32) -> Option<u64> {
        if count == 1 {
            return self.visit(element, offset, depth + 1);
        }
        // The elements' alignment is wanted, their scalars are not.
        let kept = self.scalars.take();
        let alignment = self.visit(element, offset, depth + 1)?;
        self.scalars = kept.filter(|_| count == 0);
        Some(alignment)
    }

    fn words(&mut self, offset: u64, count: u64) -> Option<u64> {
        for index in 0..count {
            self.scalar(Class::Integer, offset.checked_add(index * WORD)?, WORD)?;
        }
        Some(WORD)
    }

    /// A number's alignment is its size.
    fn scalar(&mut self, class: Class, offset: u64, size: u64) -> Option<u64> {
        if !size.is_power_of_two() || size > WORD {
            return None;
        }
        self.push(class, offset, size);
        Some(size)
    }

    fn push(&mut self, class: Class, offset: u64, size: u64) {
        if let Some(scalars) = &mut self.scalars {
            scalars.push(Scalar {
                class,
                offset,
                size,
            });
            if scalars.len() > MAX_SCALARS {
                self.scalars = None;
            }
        }
    }
}

/// Whether a struct is a vector register: its first field is one of the tag types of package
/// simd/archsimd (cmd/compile/internal/types/size.go, `CalcStructSize`; Go 1.26 with GOEXPERIMENT=simd).
fn is_simd(types: &TypeTable, ty: TypeId) -> bool {
    const TAGS: [&str; 3] = [
        "simd/archsimd.v128",
        "simd/archsimd.v256",
        "simd/archsimd.v512",
    ];
    match types.kind(ty) {
        Some(Kind::Struct { fields }) => fields
            .first()
            .is_some_and(|field| TAGS.contains(&types.name(field.ty))),
        _ => false,
    }
}
