//! Which tests reach each function, and which functions no test reaches.

mod json;
mod matrix;
mod text;

pub(crate) use json::json_lines;
pub(crate) use matrix::{DeclaredRow, Matrix};
pub(crate) use text::text;
