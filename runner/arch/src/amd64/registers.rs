//! The registers, and the roles that Go gives them (`cmd/compile/abi-internal.md`, "amd64 architecture").

use std::fmt;

use serde::{Deserialize, Serialize};

/// A general register. The number is its place in a record's registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
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

/// The stack pointer. At a function's entry and at its `ret` it points to the return address.
pub const STACK_POINTER: Register = Register::Rsp;
/// The address of the instruction.
pub const PROGRAM_COUNTER: Register = Register::Rip;
/// What a frame's places may be counted from instead of the stack pointer.
pub const FRAME_POINTER: Register = Register::Rbp;
/// Where `g` is under the register ABI.
pub const GOROUTINE: Register = Register::R14;
/// Whether it is there under the stack ABI, too. Here it is in thread-local storage.
pub const STACK_ABI_HAS_GOROUTINE: bool = false;
/// Where the kernel keeps a thread's pointer to thread-local storage: a member of its `thread_struct`. It is needed
/// where `g` is there.
pub const THREAD_POINTER: &str = "fsbase";
/// Where the kernel notes whether a thread has a shadow stack (bit 0, `ARCH_SHSTK_SHSTK`), on kernels that know them: a member of
/// its `thread_struct`.
pub const THREAD_FEATURES: &str = "features";
/// Where a closure's address is when its function is called, under both ABIs.
pub const CLOSURE: Register = Register::Rdx;
/// The registers for integers and pointers, in the order of their use.
pub const INTEGER_ARGUMENTS: &[Register] = &[
    Register::Rax,
    Register::Rbx,
    Register::Rcx,
    Register::Rdi,
    Register::Rsi,
    Register::R8,
    Register::R9,
    Register::R10,
    Register::R11,
];
/// How many vector registers carry floating-point numbers; they are used from number 0 on.
pub const VECTOR_ARGUMENTS: u8 = 15;
/// What a vector register's name has before its number.
pub const VECTOR_PREFIX: &str = "X";
/// The vector register that is zero in all of Go's code.
pub const ZERO_VECTOR: Option<u8> = Some(15);
/// Where the stack's arguments begin, in bytes from the stack pointer at a function's entry: behind the return address.
pub const STACK_ARGUMENTS: u64 = 8;

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

impl fmt::Display for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format!("{self:?}").to_uppercase())
    }
}
