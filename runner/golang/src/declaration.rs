//! A function's parameter list as its source has it.
//!
//! The binaries of older Go releases leave out parameters without a name, and Go 1.17's most results. The
//! source has them all; the types it writes are looked up in the binary
//! ([`Binary::signatures_with_source`](super::Binary::signatures_with_source)).
//!
//! ```
//! use golang::Declaration;
//!
//! let source = "package main\n\nfunc area(w, h int) (float64, error)\n";
//! let declaration = Declaration::at_offset(source.as_bytes(), source.find("func").unwrap(), "main");
//! assert_eq!(declaration.unwrap().to_string(), "(w int, h int) (float64, error)");
//! ```

mod reader;
mod type_text;

use std::fmt;

use reader::{Reader, is_function, parse};
use tree_sitter::Tree;
pub(super) use type_text::{FieldText, TypeText, Word};

/// A function's parameter list as its source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The receiver, if there is one, and the parameters.
    pub(super) parameters: Vec<Declared>,
    /// The results.
    pub(super) results: Vec<Declared>,
    /// The package that it is in, as its symbols write it.
    pub(super) package: String,
    /// What its file imports.
    pub(super) imports: Vec<Import>,
}

/// A parameter or result as the source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    /// Its name; none if it has none or `_`.
    pub(super) name: Option<String>,
    /// Its type.
    pub(super) ty: TypeText,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Import {
    /// The name that the file gives it; none if it keeps its own.
    pub(super) name: Option<String>,
    /// Its path.
    pub(super) path: String,
}

impl Declaration {
    /// The declaration of the function or function literal whose word `func` is at this offset of a file,
    /// in bytes. `package` is the package as its symbols write it: `main` or `net/http`. None if there is
    /// no function there.
    #[must_use]
    pub fn at_offset(file: &[u8], offset: usize, package: &str) -> Option<Self> {
        SourceFile::parse(file.to_vec())?.declaration_at(offset, package)
    }
}

/// A Go file that is parsed once for many declarations.
#[derive(Debug)]
pub struct SourceFile {
    bytes: Vec<u8>,
    tree: Tree,
}

impl SourceFile {
    /// Parses a file's bytes. None if the parser can't be set up; a file with errors is parsed as far as it goes.
    #[must_use]
    pub fn parse(bytes: Vec<u8>) -> Option<Self> {
        let tree = parse(&bytes)?;
        Some(Self { bytes, tree })
    }

    /// The same as [`Declaration::at_offset`] of this file.
    #[must_use]
    pub fn declaration_at(&self, offset: usize, package: &str) -> Option<Declaration> {
        let root = self.tree.root_node();
        let mut node = root.descendant_for_byte_range(offset, offset)?;
        while !is_function(node) || node.start_byte() != offset {
            node = node.parent()?;
        }
        Reader::new(&self.bytes, &self.tree, node).declaration(node, package)
    }
}

impl fmt::Display for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |list: &[Declared]| {
            list.iter()
                .map(|one| match &one.name {
                    Some(name) => format!("{name} {}", one.ty),
                    None => one.ty.to_string(),
                })
                .collect::<Vec<_>>()
                .join(", ")
        };
        write!(f, "({})", list(&self.parameters))?;
        match self.results.as_slice() {
            [] => Ok(()),
            [Declared { name: None, ty }] => write!(f, " {ty}"),
            results => write!(f, " ({})", list(results)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests;
