//! A Go program's binary: everything that goproctor reads out of it before it runs.
//!
//! The file is not trusted: whatever its bytes are, the answer is a value or a [`BinaryError`].
//! Nothing here runs the program or knows of the kernel.
//!
//! ```no_run
//! use std::path::Path;
//! use golang::Binary;
//!
//! let binary = Binary::open(Path::new("./server"))?;
//! println!("built with {}", binary.release());
//! for function in binary.function_named("main.handler") {
//!     println!("{} at {:?}", function.start, binary.position(function));
//! }
//! # Ok::<(), golang::BinaryError>(())
//! ```

mod attributes;
mod author;
mod buildinfo;
mod closures;
mod constants;
mod debug;
mod declared;
mod description;
mod elf;
mod error;
mod file;
mod frames;
mod functions;
mod go_kind;
mod index;
mod inlining;
mod instances;
mod layout;
mod lines;
mod literals;
mod maps;
mod methods;
mod package_literals;
mod pclntab;
mod predeclared;
mod redirection;
mod runtime_layout;
mod runtime_types;
mod signature;
mod symbols;
mod twins;
mod type_data;
mod type_entry;
mod type_names;
mod types;
mod undescribed;
mod variables;
mod wholeness;

pub use author::SymbolKind;
pub use closures::ClosureLayout;
pub use description::{Description, Scope};
pub use error::BinaryError;
pub use file::Binary;
pub use frames::Frames;
pub use inlining::InlinedCopies;
pub use instances::InstanceSignature;
pub use package_literals::PackageLiterals;
pub use redirection::{NotRedirected, Patch, Redirection, Redirector};
pub use runtime_types::RuntimeType;
pub use signature::{Signature, SignatureParameter, UnknownResults};
pub use symbols::FunctionSymbol;

#[cfg(test)]
mod tests;
