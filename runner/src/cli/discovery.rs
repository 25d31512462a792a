//! Finds the specs that a command line means.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// How a spec's file name ends.
const ENDING: &str = ".proctor.toml";

/// Folders that hold no specs of the user's own.
const PASSED_OVER: [&str; 3] = ["node_modules", "target", "vendor"];

/// No project has more levels of folders; a loop of mounts might.
const MAX_DEPTH: usize = 64;

/// Why specs can't be found.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// A path can't be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is none.
    #[error("no *{ENDING} file in or below {0}: name one, or write one (docs/spec.md)")]
    NoSpec(PathBuf),
}

/// The specs that `paths` mean: files as they are, and all `*.proctor.toml` below folders, sorted.
///
/// # Errors
/// A path that can't be read, and a folder without any spec.
pub fn specs(paths: &[PathBuf]) -> Result<Vec<PathBuf>, DiscoveryError> {
    let mut found = Vec::new();
    for path in paths {
        let about = fs::metadata(path).map_err(|source| DiscoveryError::Unreadable {
            path: path.clone(),
            source,
        })?;
        if about.is_dir() {
            let before = found.len();
            search(path, 0, &mut found)?;
            if found.len() == before {
                return Err(DiscoveryError::NoSpec(path.clone()));
            }
        } else {
            found.push(path.clone());
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    Ok(found)
}

/// Adds the specs in and below a folder, those of the folder itself first, each folder sorted by name.
fn search(folder: &Path, level: usize, found: &mut Vec<PathBuf>) -> Result<(), DiscoveryError> {
    let unreadable = |source| DiscoveryError::Unreadable {
        path: folder.to_path_buf(),
        source,
    };
    let mut entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<io::Result<Vec<_>>>)
        .map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let mut folders = Vec::new();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() {
            if !name.starts_with('.') && !PASSED_OVER.contains(&name.as_str()) {
                folders.push(entry.path());
            }
        } else if name.ends_with(ENDING) {
            let path = entry.path();
            found.push(
                path.strip_prefix("./")
                    .map(Path::to_path_buf)
                    .unwrap_or(path),
            );
        }
    }
    if level < MAX_DEPTH {
        for folder in folders {
            search(&folder, level + 1, found)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{DiscoveryError, specs};

    #[test]
    fn specs_are_found_below_a_folder_in_a_stable_order() {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            "b.proctor.toml",
            "a/z.proctor.toml",
            "vendor/v.proctor.toml",
            ".git/g.proctor.toml",
            "a/other.toml",
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let found = specs(&[folder.path().to_path_buf()]).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|path| path.strip_prefix(folder.path()).unwrap().to_str().unwrap())
            .collect();
        assert_eq!(names, ["b.proctor.toml", "a/z.proctor.toml"]);
    }

    #[test]
    fn a_folder_without_a_spec_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(
            specs(&[folder.path().to_path_buf()]),
            Err(DiscoveryError::NoSpec(_))
        ));
    }
}
