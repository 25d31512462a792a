//! What a program for linux/amd64 is like as a whole.

use crate::thread_local::ThreadLocal;

/// The architecture's name in `GOARCH`.
pub const GOARCH: &str = "amd64";
/// The minor number of the first Go release whose compiler passes arguments in registers.
pub const REGISTER_ABI_SINCE: u32 = 17;
/// The machine in an ELF file's header: `EM_X86_64`.
pub const ELF_MACHINE: u16 = 62;
/// The relocation that puts an address of the program itself: `R_X86_64_RELATIVE`.
pub const ELF_RELATIVE: u32 = 8;
/// The program's addresses are below this one.
pub const ADDRESS_END: u64 = 1 << 47;

/// Offset of the `g` pointer from a thread's FS base, in bytes; `symbol` is the value of `runtime.tlsg`. None if the
/// program's block makes no sense.
///
/// With the internal linker it is the word below (`cmd/link/internal/ld`, `Tlsoffset`), and the symbol
/// table does not have `runtime.tlsg`. With an external linker that symbol says where in the program's
/// thread-local block the pointer is; the block ends where FS points to (System V ABI, variant
/// II), its start rounded down so that it keeps the alignment that the file gave it.
#[must_use]
pub fn goroutine_offset(block: Option<ThreadLocal>, symbol: Option<u64>) -> Option<i64> {
    let (Some(block), Some(symbol)) = (block, symbol) else {
        return Some(-8);
    };
    let before_end = block.address.wrapping_add(block.size).wrapping_neg();
    let padding = before_end & block.align.max(1).wrapping_sub(1);
    let distance = block.size.checked_add(padding)?.checked_sub(symbol)?;
    i64::try_from(distance).ok().map(|distance| -distance)
}
