//! Values and names as a Go developer reads them: text near Go's own syntax, and JSON. Pure; knows of values and
//! types alone.

mod errno;
mod errors;
mod json;
mod layout;
mod literal;
mod message;
mod name;
mod number;
mod stable;
mod subject;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod value;
mod wellknown;

pub use errors::error_message;
pub use json::json;
pub use layout::Layout;
pub use message::Message;
pub use name::{package, short_function, short_name, short_type, suffix_name};
pub use stable::{Identities, stable_values};
pub use text::{elided, quoted};
pub use value::{block, elided_value, value};
pub use wellknown::{Meaning, Spelling, has_location, spelling};
