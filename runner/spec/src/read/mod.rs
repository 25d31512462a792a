//! From TOML to a [`Spec`]: a file for each table of the language.

mod arguments;
mod bound;
mod brackets;
mod calls;
mod config;
mod document;
mod error;
mod expression;
mod fields;
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
mod syntax;
mod template;
mod test;

pub use config::{parse_config, read_config};
#[cfg(test)]
pub(crate) use document::MAX_SIZE;
pub use document::{parse, read};
pub use expression::expression;
