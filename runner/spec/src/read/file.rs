//! The bytes of a spec, or of a file that it uses.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

/// How large a spec may be, in bytes, with all files that it uses.
pub(crate) const MAX_SIZE: usize = 1 << 20;

/// The bytes of a file, which a message calls `what`.
pub(super) fn bytes(path: &Path, what: &str) -> Result<Vec<u8>, String> {
    let unreadable = |error: io::Error| format!("{what} can't be read: {error}");
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(format!("{what} is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_SIZE as u64 + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() > MAX_SIZE {
        return Err(too_large(what));
    }
    Ok(bytes)
}

/// What is said of a file that is too large.
pub(super) fn too_large(what: &str) -> String {
    format!("{what} is larger than {} MiB", MAX_SIZE >> 20)
}
