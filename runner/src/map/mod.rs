//! Which tests reach each function, which functions no test reaches, and which tests reach what changed since a revision.

mod binaries;
mod change;
mod json;
mod matrix;
mod package_files;
mod predeclared;
mod selection;
mod since_json;
mod since_text;
mod test_run;
mod text;
mod working_tree;

pub(crate) use binaries::{TestBinaries, TestBinary};
pub(crate) use change::ChangedFunction;
pub(crate) use json::json_lines;
pub(crate) use matrix::{DeclaredRow, Matrix};
pub(crate) use selection::Selection;
pub(crate) use since_json::since_json_lines;
pub(crate) use since_text::since_text;
pub(crate) use test_run::{GoTest, PackageFolder};
pub(crate) use text::text;
pub(crate) use working_tree::{Changes, ChangesError};
