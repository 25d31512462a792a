//! The symbol table: which functions have a body of their own, and where.

use crate::model::Address;

/// A function's body of its own in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSymbol {
    /// The name in Go's notation, with the full package path, e.g. `net/http.(*conn).serve`; the
    /// linker's escapes (`%2e`) are decoded and its `.abi0` mark is taken off.
    pub name: String,
    /// Address of the first byte.
    pub start: Address,
    /// Address after the last byte.
    pub end: Address,
    /// Whether the body follows `ABI0` (all on the stack) though the release has the register ABI: the
    /// `.abi0` one of two bodies, or a function in assembly.
    pub abi0: bool,
    /// Whether the compiler made it to call another function: method values (`-fm`), promoted methods
    /// and interface wrappers, `go` and `defer` statements' closures, ABI wrappers.
    pub wrapper: bool,
}
