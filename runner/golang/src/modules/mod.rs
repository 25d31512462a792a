//! What go.mod files say, and in which versions of modules two of them differ.

mod difference;
mod mod_file;
mod version;

pub use difference::{ModuleDifference, module_differences};
pub(crate) use mod_file::WorkFile;
pub use mod_file::{InvalidModFile, ModFile, Required, Selected};
pub use version::ModuleVersion;
