//! Thread-local storage as an ELF file describes it.

/// The thread-local block that a program asks for (`PT_TLS`).
#[derive(Clone, Copy, Debug)]
pub struct ThreadLocal {
    /// Its address in the file's image.
    pub address: u64,
    /// Its size in memory, in bytes.
    pub size: u64,
    /// Its alignment, in bytes.
    pub align: u64,
}
