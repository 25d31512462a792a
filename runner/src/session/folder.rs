//! Temporary folders that are gone when goproctor is, whatever ends it.

use std::io;

use tempfile::TempDir;

/// A new temporary folder. The keeper knows of it before it is made.
///
/// # Errors
/// It can't be made.
pub(crate) fn kept_folder() -> io::Result<TempDir> {
    let prefix = keeper::kept_prefix(&std::env::temp_dir(), "goproctor-")?;
    tempfile::Builder::new().prefix(&prefix).tempdir()
}
