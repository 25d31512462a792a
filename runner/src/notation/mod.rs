//! Values and names as a Go developer reads them: text near Go's own syntax, and JSON. Pure; knows of values and
//! types alone.

mod json;
mod layout;
mod name;
mod number;
mod stable;
#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]
mod tests;
mod text;
mod value;

pub use json::json;
pub use layout::Layout;
pub use name::{package, short_function, short_name};
pub use stable::{Identities, stable_values};
pub use text::{elided, quoted};
pub use value::{block, elided_value, value};
