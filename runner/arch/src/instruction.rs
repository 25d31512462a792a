//! What an instruction is asked on every architecture.

use crate::Register;

/// The size of the widest register that is moved whole, in bytes.
pub const VECTOR_SIZE: u32 = 16;

/// What comes after an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The next one.
    Next,
    /// The next one, or that address.
    Branch(u64),
    /// That address; none if it is known only when it runs.
    Jump(Option<u64>),
    /// What is called, at that address if it is known, and then the next one.
    Call(Option<u64>),
    /// The caller.
    Return,
    /// Nothing: it traps.
    Stop,
    /// Something else, of the system's.
    Other,
}

/// A register that code uses, by any of its widths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnyRegister {
    /// A general register.
    General(Register),
    /// A vector register, by its number.
    Vector(u8),
}

/// An operand in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// The register that its address is counted from.
    pub base: AnyRegister,
    /// How far it is from there, in bytes; none if that is known only when it runs.
    pub displacement: Option<i64>,
    /// Its size, in bytes; 0 if nothing is read or written there, but its address is taken.
    pub size: u32,
}

/// Where a move takes a value from or puts it to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A register.
    Register(AnyRegister),
    /// Memory.
    Memory(Memory),
    /// The number zero.
    Zero,
}

/// A plain move of so many low bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Where to.
    pub to: Operand,
    /// Where from.
    pub from: Operand,
    /// The number of bytes.
    pub size: u32,
}

/// What an instruction reads and writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// The registers that it reads.
    pub read: Vec<AnyRegister>,
    /// The registers that it writes, or may write.
    pub written: Vec<AnyRegister>,
    /// Where it writes to memory, or may; none for a place that is not known.
    pub stores: Vec<Option<Memory>>,
}
