//! Tests against the running kernel: they need its privileges and fail without them.

mod attach;
mod fixture;
mod hits;
mod limits;
mod maps;
mod privilege;
mod record;
mod shapes;
mod values;
