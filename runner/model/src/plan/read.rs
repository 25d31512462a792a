//! What is read of memory at a hit, and where that begins.

use super::Link;
use crate::{Address, FunctionId, Register};

/// Memory to read at a hit: what a pointer leads to that is in registers, on the stack or known beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// The pointer; for an interface, its first word.
    pub first: Operand,
    /// The word after it: a string's or a slice's length, an interface's data.
    pub second: Operand,
    /// How it is followed; its offset says nothing.
    pub link: Link,
    /// When it is made.
    pub turn: Turn,
    /// Only hits for which this holds make the read.
    pub guard: Option<Guard>,
}

impl Read {
    /// What a pointer leads to; one that is counted takes the number in `second`.
    #[must_use]
    pub const fn new(first: Operand, second: Operand, link: Link) -> Self {
        Self {
            first,
            second,
            link,
            turn: Turn::First,
            guard: None,
        }
    }
}

/// When a read is made. What a read leads to takes room in the record, so what is asked for by name comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// At once, with all that it leads to.
    #[default]
    First,
    /// When all that the first ones led to is read: values as far as the limits let them be shown.
    Second,
}

/// A condition on a hit: that an operand is an address of the binary (of a dictionary).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Guard {
    /// The operand.
    pub operand: Operand,
    /// The address, in the binary as linked.
    pub address: Address,
}

/// A number at the moment of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A register's value.
    Register(Register),
    /// The 8 bytes at the stack pointer + so many bytes.
    Stack(i64),
    /// The stack pointer + so many bytes, itself.
    StackAddress(i64),
    /// An address of the binary as linked, in the process.
    Image(Address),
    /// What was [saved](super::Save) at the entry of the same call of that function in that slot; 0 if it was not.
    Saved(FunctionId, u32),
    /// A number.
    Constant(i64),
}

impl From<ReadAddress> for Operand {
    fn from(address: ReadAddress) -> Self {
        match address {
            ReadAddress::Register(register) => Self::Register(register),
            ReadAddress::Stack(offset) => Self::Stack(offset),
            ReadAddress::StackAddress(offset) => Self::StackAddress(offset),
        }
    }
}

/// Where an address comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadAddress {
    /// A register's value.
    Register(Register),
    /// The 8 bytes at the stack pointer + so many bytes.
    Stack(i64),
    /// The stack pointer + so many bytes, itself.
    StackAddress(i64),
}
