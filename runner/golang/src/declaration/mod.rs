//! A function's parameter list as its source has it.
//!
//! The binaries of older Go releases leave out parameters without a name, and Go 1.17's most results. The
//! source has them all; the types it writes are looked up in the binary
//! ([`Scope`](crate::Scope)).
//!
//! ```
//! use golang::Declaration;
//!
//! let source = "package main\n\nfunc area(w, h int) (float64, error)\n";
//! let declaration = Declaration::at_offset(source.as_bytes(), source.find("func").unwrap(), "main");
//! assert_eq!(declaration.unwrap().to_string(), "(w int, h int) (float64, error)");
//! ```

mod list;
mod outline;
mod reader;
mod source_file;
mod type_text;

pub use list::Declaration;
pub(crate) use list::Declared;
pub use outline::{
    DeclarationKind, Outline, OutlinedDeclaration, OutlinedFunction, OutlinedImport,
    OutlinedLiteral,
};
pub(crate) use reader::parse;
pub use source_file::SourceFile;
pub(crate) use type_text::{FieldText, TypeText, Word};

#[cfg(test)]
mod tests;
