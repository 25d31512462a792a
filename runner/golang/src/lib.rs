//! Everything known about Go: tool chain and build, the binary, the ABIs, the runtime.
#![deny(missing_docs)]

pub mod abi;
pub mod binary;
pub mod code;
pub mod declaration;
pub mod experiments;
pub mod godebug;
pub mod implicit;
pub mod modules;
pub mod names;
mod pattern;
pub mod release;
mod release_list;
pub mod toolchain;
pub mod wrapper;

pub use binary::{
    Binary, BinaryError, ClosureLayout, Description, Frames, FunctionSymbol, InlinedCopies,
    InstanceSignature, NotRedirected, PackageLiterals, Patch, Redirection, Redirector, RuntimeType,
    Scope, Signature, SignatureParameter, SymbolKind, UnknownResults,
};
pub use declaration::Declaration;
pub use pattern::{Meanings, Packages, Pattern, PatternError};
pub use release::{Abi, GoRelease, ReleaseError};
pub use release_list::{KnownReleases, ReleaseList, ReleaseListError};

#[cfg(any(test, feature = "testing"))]
#[allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "for tests, which may fail loudly"
)]
pub mod testing;
