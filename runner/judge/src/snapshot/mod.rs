//! Stable text of calls; compare, accept, reject. Knows nothing of the kernel.
//!
//! [`render`] turns what was seen in a test into text that is the same on every run; a [`Store`] keeps accepted texts in
//! insta's format, `<spec folder>/snapshots/<spec>__<test>.snap`, with a new one beside it as `.snap.new`:
//!
//! ```text
//! ---
//! source: site.proctor.toml
//! expression: the answer is prepared
//! ---
//! GET /?name=Go → 200
//!   main.handler(&http.response{…}, GET /) returned
//!     main.checkSite() → 200
//!       go main.checkSite.func1() returned
//!     main.prepareAnswer("Go", 2020, 200) → "Go 2020, status 200"
//! ```

mod conflict;
mod file;
mod go_test_name;
mod lines;
mod node;
mod pending;
mod rest;
mod store;
mod substitution;
mod text;

pub use pending::{Accepted, Kept, Pending, Side};
pub use rest::Rest;
pub use store::{Comparison, Store, StoreError};
pub use substitution::Substitutions;
pub use text::render;

#[cfg(test)]
mod tests;
