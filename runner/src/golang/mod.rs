//! Everything known about Go: tool chain and build, the binary, the ABIs, the runtime.

pub mod abi;
pub mod binary;
pub mod code;
pub mod declaration;
pub mod implicit;
pub mod names;
pub mod release;
mod statement;
pub mod toolchain;

pub use binary::{
    Binary, BinaryError, ClosureLayout, Description, FunctionSymbol, InlinedCopies, InlinedCopy,
    InstanceSignature, PackageLiterals, RuntimeType, Scope, Signature, SignatureParameter,
    SymbolKind, UnknownResults,
};
pub use declaration::Declaration;
pub use release::{Abi, GoRelease, ReleaseError};
pub use statement::started;

#[cfg(test)]
pub(crate) mod testing;
