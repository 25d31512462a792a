//! From TOML to a [`Spec`]: a file for each table of the language.

mod arguments;
mod bound;
mod brackets;
mod calls;
mod config;
mod document;
mod error;
mod execution;
mod expression;
mod fields;
mod file;
mod functions;
mod go_test;
mod json;
mod literal;
mod matcher;
mod part;
mod program;
mod received;
mod redact;
mod request;
mod save;
mod sequence;
mod stubs;
mod surroundings;
mod syntax;
mod template;
mod test;
mod used;

pub use config::{parse_config, read_config};
pub use document::{parse, read};
pub use expression::expression;
#[cfg(test)]
pub(crate) use file::MAX_SIZE;
