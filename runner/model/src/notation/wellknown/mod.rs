//! Well-known types as people say them, by a table: [`table::ROWS`] has a row for each type, which says how it is shown.
//! A row works on field names over the releases, and gives nothing where the fields are not as expected or were not
//! read; the value is then shown like any other.

pub(super) mod address;
mod buffer;
mod context;
mod form;
mod http;
mod number;
mod spelling;
mod sync;
mod table;
mod time;

pub(super) use form::Form;
pub use spelling::{Meaning, Spelling, has_location, spelling};
pub(super) use table::form;
