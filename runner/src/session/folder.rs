//! Temporary folders that are gone when goproctor is, whatever ends it.

use std::io;

use tempfile::TempDir;

/// A new temporary folder. The keeper knows of it, and was started before it is made.
///
/// # Errors
/// It can't be made.
pub(crate) fn kept_folder() -> io::Result<TempDir> {
    keeper::begin();
    let folder = tempfile::Builder::new().prefix("goproctor-").tempdir()?;
    keeper::keep(folder.path());
    Ok(folder)
}
