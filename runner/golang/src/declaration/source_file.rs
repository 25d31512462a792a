//! Go files that declarations are read out of.

use tree_sitter::Tree;

use super::{
    Declaration,
    reader::{Reader, is_function, parse},
};

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
