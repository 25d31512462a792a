//! The binary as a whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::Path,
};

use super::{BinaryError, FunctionSymbol, InlinedCopies, Signature};
use crate::{
    golang::GoRelease,
    model::{Address, FileOffset, SourcePosition, TypeTable},
    plan::RuntimeLayout,
};

/// A Go program's binary for linux/amd64, read whole into memory.
#[derive(Debug)]
pub struct Binary {
    release: GoRelease,
    functions: Vec<FunctionSymbol>,
}

impl Binary {
    /// Reads the file.
    ///
    /// # Errors
    /// If it cannot be read, or for what [`Binary::parse`] refuses.
    pub fn open(path: &Path) -> Result<Self, BinaryError> {
        Self::parse(
            std::fs::read(path).map_err(|source| BinaryError::Unreadable {
                path: path.to_owned(),
                source,
            })?,
        )
    }

    /// Takes a file's bytes.
    ///
    /// # Errors
    /// If they are not a Go program for linux/amd64, of Go 1.15 or later, with symbols and DWARF.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, BinaryError> {
        let _ = bytes;
        Err(BinaryError::NotElf)
    }

    /// The Go release that built it.
    #[must_use]
    pub const fn release(&self) -> &GoRelease {
        &self.release
    }

    /// The path of its main module, e.g. `example.com/shop`; none if it was built outside of modules.
    #[must_use]
    pub fn main_module(&self) -> Option<&str> {
        None
    }

    /// The path of its main package, e.g. `example.com/shop/cmd/server` or `command-line-arguments`.
    #[must_use]
    pub fn main_package(&self) -> Option<&str> {
        None
    }

    /// The build's settings as `go version -m` shows them, e.g. `("-race", "true")`; empty before Go 1.18.
    #[must_use]
    pub fn build_settings(&self) -> &[(String, String)] {
        &[]
    }

    /// Offset of the `g` pointer from a thread's FS base, in bytes.
    ///
    /// # Errors
    /// If the thread-local segment makes no sense.
    pub fn tls_g(&self) -> Result<i64, BinaryError> {
        Err(BinaryError::NotElf)
    }

    /// All functions that have a body of their own, by address.
    #[must_use]
    pub fn functions(&self) -> &[FunctionSymbol] {
        &self.functions
    }

    /// The bodies of that name; two where an `ABI0` body stands beside an `ABIInternal` one.
    #[must_use]
    pub fn function_named(&self, name: &str) -> Vec<&FunctionSymbol> {
        self.functions.iter().filter(|f| f.name == name).collect()
    }

    /// The function that holds the address.
    #[must_use]
    pub fn function_at(&self, address: Address) -> Option<&FunctionSymbol> {
        self.functions
            .iter()
            .find(|f| f.start <= address && address < f.end)
    }

    /// The machine code of a range of addresses.
    ///
    /// # Errors
    /// If the file holds no code there.
    pub fn code(&self, range: Range<Address>) -> Result<&[u8], BinaryError> {
        Err(BinaryError::NotInFile {
            address: range.start.0,
            end: range.end.0,
        })
    }

    /// Where in the file the byte of that address is, as the kernel's uprobes take it.
    ///
    /// # Errors
    /// If it is not in the file.
    pub fn file_offset(&self, address: Address) -> Result<FileOffset, BinaryError> {
        Err(BinaryError::NotInFile {
            address: address.0,
            end: address.0,
        })
    }

    /// So many bytes of initialised memory as the file holds them; none if it does not hold all of them.
    #[must_use]
    pub fn bytes_at(&self, address: Address, length: usize) -> Option<&[u8]> {
        let _ = (address, length);
        None
    }

    /// The signatures of the functions that begin at these addresses, and the types that they speak of,
    /// with all that can be reached from those. A function that the binary does not describe (in
    /// assembly or C) is not in the answer.
    ///
    /// # Errors
    /// If the DWARF of what was asked for is malformed.
    pub fn signatures(
        &self,
        functions: &BTreeSet<Address>,
    ) -> Result<(TypeTable, BTreeMap<Address, Signature>), BinaryError> {
        let _ = functions;
        Err(BinaryError::NoDebugInfo)
    }

    /// What became of the functions of these names. One that is in the answer with neither a body nor
    /// copies is not in the program: it never was, or the linker dropped it as unreachable.
    ///
    /// # Errors
    /// If the DWARF of what was asked for is malformed.
    pub fn inlined_copies(
        &self,
        names: &BTreeSet<&str>,
    ) -> Result<BTreeMap<String, InlinedCopies>, BinaryError> {
        let _ = names;
        Err(BinaryError::NoDebugInfo)
    }

    /// Where the runtime keeps what every hit needs.
    ///
    /// # Errors
    /// If the binary does not describe it.
    pub fn runtime_layout(&self) -> Result<RuntimeLayout, BinaryError> {
        Err(BinaryError::NoDebugInfo)
    }

    /// Where a function is declared in the source, if the binary says.
    #[must_use]
    pub fn position(&self, function: &FunctionSymbol) -> Option<SourcePosition> {
        let _ = function;
        None
    }
}
