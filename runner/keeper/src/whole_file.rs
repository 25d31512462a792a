//! A file that comes to disk whole or not at all.

use std::{
    fs::{File, Permissions},
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::kept_prefix;

/// A file that is being written beside the place where it will be. If it is dropped before, or goproctor ends, nothing is
/// left of it.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    file: NamedTempFile,
}

impl WholeFile {
    /// Begins a file that will be at `path`; until then its name begins with `start`.
    ///
    /// # Errors
    /// The folder is not there, or can't be written to.
    pub fn create(path: &Path, start: &str) -> io::Result<Self> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let prefix = kept_prefix(folder, start)?;
        let file = tempfile::Builder::new()
            .prefix(&prefix)
            // As any file that a program creates: less what the umask takes.
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder)
            .map_err(without_path)?;
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    /// The file, to be written.
    pub fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Puts it in place of whatever file is there.
    ///
    /// # Errors
    /// It can't be written; then what was there still is.
    pub fn commit(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.as_file().sync_all()?;
        let renamed = self.file.persist(&self.path);
        renamed.map(drop).map_err(|error| error.error)
    }
}

/// An error without the name of the temporary file, which is nobody's business.
fn without_path(error: io::Error) -> io::Error {
    match error.to_string().split_once(" at path ") {
        Some((cause, _)) => io::Error::new(error.kind(), cause),
        None => error,
    }
}
