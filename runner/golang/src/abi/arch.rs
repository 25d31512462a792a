//! What differs between architectures: which registers carry arguments, and where the stack's arguments begin.

use model::Register;

/// A processor architecture that Go programs are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arch {
    /// x86-64.
    Amd64,
}

impl Arch {
    /// The registers for integers and pointers, in the order of their use (abi-internal.md, "amd64 architecture").
    pub(super) const fn integers(self) -> &'static [Register] {
        match self {
            Self::Amd64 => &[
                Register::Rax,
                Register::Rbx,
                Register::Rcx,
                Register::Rdi,
                Register::Rsi,
                Register::R8,
                Register::R9,
                Register::R10,
                Register::R11,
            ],
        }
    }

    /// How many registers there are for floating-point numbers; they are used from the first.
    pub(super) const fn vectors(self) -> u8 {
        match self {
            Self::Amd64 => 15,
        }
    }

    /// Where the stack's arguments begin, in bytes from the stack pointer at a function's entry: on amd64 the
    /// return address lies before them.
    pub(super) const fn arguments(self) -> u64 {
        match self {
            Self::Amd64 => 8,
        }
    }

    /// The size of a pointer and of an integer register, in bytes.
    pub(super) const fn word(self) -> u64 {
        match self {
            Self::Amd64 => 8,
        }
    }
}
