//! Where a value is at the moment of a hit: registers, stack, or pieces of both.

/// A general register of amd64. The number is its place in a record's registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the architecture's own")]
#[repr(u8)]
pub enum Register {
    Rax,
    Rbx,
    Rcx,
    Rdx,
    Rsi,
    Rdi,
    Rbp,
    Rsp,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    Rip,
}

impl Register {
    /// All registers, in the order in which a record carries them.
    pub const ALL: [Self; 17] = [
        Self::Rax,
        Self::Rbx,
        Self::Rcx,
        Self::Rdx,
        Self::Rsi,
        Self::Rdi,
        Self::Rbp,
        Self::Rsp,
        Self::R8,
        Self::R9,
        Self::R10,
        Self::R11,
        Self::R12,
        Self::R13,
        Self::R14,
        Self::R15,
        Self::Rip,
    ];

    /// Its place in a record's registers.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Where one piece of a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In a general register, from its lowest byte.
    Register(Register),
    /// In the vector register X0 … X14, which a uprobe's registers do not have.
    Vector(u8),
    /// On the stack, so many bytes from the stack pointer at the function's entry and at its `ret`,
    /// where the return address stands at 0.
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
