//! Specs × Go releases: how each spec did with each release, as a table for people, for a pull request, and as JSON lines.

mod cell;
mod grid;
mod json;
mod markdown;
mod table;

pub(crate) use cell::{Cell, is_late};
pub(crate) use grid::ReleaseMatrix;
pub(crate) use json::{cell_line, end_line, start_line};
pub(crate) use markdown::markdown;
pub(crate) use table::TableText;
