//! Where a value is at the moment of a hit: registers, stack, or pieces of both.

use arch::Register;

/// Where one piece of a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In a general register, from its lowest byte.
    Register(Register),
    /// In the vector register of that number, which a uprobe's registers do not have.
    Vector(u8),
    /// On the stack, so many bytes from the stack pointer at the function's entry and at its `ret`,
    /// where the return address is at 0.
    Stack(i64),
}

/// One piece of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Piece {
    /// Where it is.
    pub place: Place,
    /// Its offset within the value, in bytes.
    pub offset: u32,
    /// Its size, in bytes.
    pub size: u32,
}

/// Where a value is: its pieces in the order of their offsets; none for a value of size zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Location {
    /// The pieces.
    pub pieces: Vec<Piece>,
}
