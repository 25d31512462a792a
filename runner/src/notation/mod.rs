//! Values and names as a Go developer reads them: text near Go's own syntax, and JSON. Pure; knows of values and
//! types alone.

mod value;

pub use value::{elided, elided_value, quoted, short_function, short_name, stable_value, value};
