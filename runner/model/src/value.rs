//! Values as they were read, and why one could not be read.

use std::{ops::Deref, sync::Arc};

use super::{Address, List, TypeId};

/// A value of a Go type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Its type.
    pub ty: TypeId,
    /// What it is, or why that is not known.
    pub content: Content,
}

/// What a value is, in no more than 16 bytes: calls with their values are kept by the million.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A bool.
    Bool(bool),
    /// A signed integer of any size.
    Int(i64),
    /// An unsigned integer of any size.
    Uint(u64),
    /// A float of either size; its type says which.
    Float(Float),
    /// A complex number of either size.
    Complex(Box<Complex>),
    /// A string.
    Text(Text),
    /// A byte slice or a byte array that is not nil.
    Bytes(Text),
    /// The nil pointer, slice, map, interface, func, channel or `unsafe.Pointer`.
    Nil,
    /// A pointer that is not nil, and what it points to.
    Pointer(Box<Pointer>),
    /// The elements of a slice that is not nil, or of an array.
    Elements(Box<Elements>),
    /// The values of a struct's fields, in the order of its type, blank ones too.
    Struct(List<Value>),
    /// A map that is not nil.
    Map(Box<Entries>),
    /// What an interface that is not nil holds, of its dynamic type.
    Interface(Box<Value>),
    /// A func value that is not nil.
    Func(Box<Func>),
    /// A channel that is not nil.
    Channel(Box<Channel>),
    /// An `unsafe.Pointer` that is not nil.
    Address(Address),
    /// A value that the spec redacts, and what is in its place. It was never read.
    Redacted(Arc<Box<str>>),
    /// Not known, and why.
    Unread(Status),
}

impl Content {
    /// A complex number.
    #[must_use]
    pub fn complex(real: Float, imaginary: Float) -> Self {
        Self::Complex(Box::new(Complex { real, imaginary }))
    }
}

/// A float by its bits as a `float64`, so that values can be compared for being the same, NaN too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Float {
    bits: u64,
}

impl Float {
    /// That number.
    #[must_use]
    pub const fn new(number: f64) -> Self {
        Self {
            bits: number.to_bits(),
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        f64::from_bits(self.bits)
    }
}

/// A complex number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Complex {
    /// Its real part.
    pub real: Float,
    /// Its imaginary part.
    pub imaginary: Float,
}

/// A string's bytes: Go strings need not be UTF-8. Equal ones can share memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(Arc<TextParts>);

/// What a [`Text`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextParts {
    /// The bytes that were read.
    pub bytes: Box<[u8]>,
    /// The string's full length, in bytes; more than were read when a limit cut it.
    pub full: u64,
}

impl Text {
    /// Those bytes of a string that has a length of `full` bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Box<[u8]>>, full: u64) -> Self {
        Self(Arc::new(TextParts {
            bytes: bytes.into(),
            full,
        }))
    }

    /// A string that was read whole.
    #[must_use]
    pub fn whole(bytes: impl Into<Box<[u8]>>) -> Self {
        let bytes = bytes.into();
        let full = bytes.len() as u64;
        Self::new(bytes, full)
    }
}

impl Deref for Text {
    type Target = TextParts;
    fn deref(&self) -> &TextParts {
        &self.0
    }
}

impl TextParts {
    /// Whether all of it was read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.bytes.len() as u64 == self.full
    }
}

/// A pointer that is not nil.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// Where it points to. Not the same on every run.
    pub address: Address,
    /// What is there; [`Status::Cycle`] if the pointer leads back to a value that it is itself a part of.
    pub target: Value,
}

/// Elements of a slice or an array, from the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elements {
    /// Those that were read.
    pub values: List<Value>,
    /// How many there are; more than were read when a limit cut them.
    pub full: u64,
}

/// Entries of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entries {
    /// Those that were read, in the order of their keys.
    pub values: Box<[(Value, Value)]>,
    /// How many there are. When fewer were read, which ones these are is not the same on every run.
    pub full: u64,
}

/// A func value that is not nil.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Func {
    /// The address of its code, in the binary as linked.
    pub code: Address,
    /// The function's name in Go's notation; none if no function begins there.
    pub name: Option<String>,
    /// The captured variables of a closure as a struct; none for a function that captures nothing.
    pub captured: Option<Value>,
}

/// A channel that is not nil.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// How many elements wait in it.
    pub length: u64,
    /// For how many it has room.
    pub capacity: u64,
}

/// Why a value is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It lies deeper than the limit of depth.
    DepthLimit,
    /// It is behind the elements or bytes that the limits allow.
    Cut,
    /// The pointer to it leads back to a value around it, which is shown there.
    Cycle,
    /// The memory could not be read; the kernel's error number.
    Unreadable {
        /// Where the memory is.
        address: Address,
        /// The error number, positive.
        errno: i32,
    },
    /// The value is in a vector register, which a uprobe does not see.
    InVectorRegister,
    /// The map was being written at that moment.
    BeingWritten,
    /// The record had no room for the chunk that holds it.
    LostChunk,
    /// The header that leads to it makes no sense (a negative length, for instance).
    Malformed,
    /// The ABI gives it no place that can be read at this moment.
    NoLocation,
    /// The binary does not describe its type.
    TypeUnknown,
    /// The release's binary does not say where a closure keeps what it captured.
    NotDescribed,
    /// It was not asked for: the label watches without arguments or results.
    NotRead,
    /// There is no such thing, so there is nothing to know: a path leads to an index beyond the length, to a key
    /// that the map does not have, or into an interface that holds another type.
    Absent,
}
