//! Accepted snapshots and new ones, as files.

use std::{
    collections::BTreeSet,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use similar::TextDiff;
use spec::slug;

use super::{file, go_test_name};

/// The folder beside the spec.
const FOLDER: &str = "snapshots";
/// How an accepted snapshot's name ends.
const ACCEPTED: &str = ".snap";
/// How a new snapshot's name ends.
const NEW: &str = ".snap.new";
/// Lines around a difference.
const CONTEXT: usize = 3;

/// The snapshots of one spec.
///
/// ```
/// use judge::snapshot::{Comparison, Store};
///
/// let folder = tempfile::tempdir()?;
/// let store = Store::new(folder.path(), "site");
/// assert_eq!(store.compare("a test", "GET / → 200")?, Comparison::Missing);
/// store.write_new("a test", "GET / → 200")?;
/// store.accept("a test")?;
/// assert_eq!(store.compare("a test", "GET / → 200")?, Comparison::Same);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    stem: String,
    read_only: bool,
    of_go_tests: bool,
}

/// A text against the accepted one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It is the same.
    Same,
    /// It is another.
    Different {
        /// The difference as a unified diff, from the accepted text to the new one.
        diff: String,
    },
    /// None was accepted so far.
    Missing,
}

/// What went wrong with a snapshot file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It can't be read.
    #[error("the snapshot {} can't be read: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// It can't be written.
    #[error("the snapshot {} can't be written: {error}; it is as it was before", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// It is no snapshot.
    #[error("{} is not a snapshot: it does not begin with a header between two lines ---; remove it and accept a new one", path.display())]
    NoSnapshot {
        /// The file.
        path: PathBuf,
    },
    /// There is no new snapshot to accept.
    #[error("there is no new snapshot {}; run the test first", path.display())]
    NothingNew {
        /// The file that would have been accepted.
        path: PathBuf,
    },
    /// Nothing is written.
    #[error("the snapshot {} is not written: CI is set; accept it on your own machine", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
}

impl Store {
    /// The snapshots of the spec `<folder>/<spec_stem>.proctor.toml`.
    #[must_use]
    pub fn new(folder: &Path, spec_stem: &str) -> Self {
        Self {
            folder: folder.join(FOLDER),
            stem: spec_stem.to_owned(),
            read_only: false,
            of_go_tests: false,
        }
    }

    /// Whether the environment says that this is CI: `CI` is set, and not to nothing, `0` or `false`.
    #[must_use]
    pub fn in_ci() -> bool {
        std::env::var_os("CI").is_some_and(|ci| !["", "0", "false"].iter().any(|no| ci == *no))
    }

    /// The same, but nothing is written if `read_only`; for CI.
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// The same for a spec of Go tests, whose full names differ where the names of other tests may not.
    #[must_use]
    pub fn of_go_tests(mut self, of_go_tests: bool) -> Self {
        self.of_go_tests = of_go_tests;
        self
    }

    /// Where a test's accepted snapshot is.
    #[must_use]
    pub fn path(&self, test: &str) -> PathBuf {
        self.file(test, ACCEPTED)
    }

    /// Where a test's new snapshot is.
    #[must_use]
    pub fn new_path(&self, test: &str) -> PathBuf {
        self.file(test, NEW)
    }

    /// Compares a text with the accepted one. Blanks at the end and the kind of line ends do not count.
    ///
    /// # Errors
    /// The accepted one can't be read or is no snapshot.
    pub fn compare(&self, test: &str, text: &str) -> Result<Comparison, StoreError> {
        let Some(accepted) = read(&self.path(test))? else {
            return Ok(Comparison::Missing);
        };
        let text = text.replace("\r\n", "\n");
        let text = text.trim_end();
        if accepted == text {
            return Ok(Comparison::Same);
        }
        Ok(Comparison::Different {
            diff: diff(&accepted, text),
        })
    }

    /// Writes a text as the test's new snapshot, to be accepted or rejected; gives the file. Where nothing may be
    /// written it gives none.
    ///
    /// # Errors
    /// The file can't be written; then it is as it was before.
    pub fn write_new(&self, test: &str, text: &str) -> Result<Option<PathBuf>, StoreError> {
        if self.read_only {
            return Ok(None);
        }
        let path = self.new_path(test);
        let whole = file::compose(&format!("{}.proctor.toml", self.stem), test, text);
        file::write_whole(&path, |file| file.write_all(whole.as_bytes())).map_err(|error| {
            StoreError::Write {
                path: path.clone(),
                error,
            }
        })?;
        Ok(Some(path))
    }

    /// Makes a test's new snapshot the accepted one; gives its file.
    ///
    /// # Errors
    /// There is no new one, it is no snapshot, it can't be moved, or nothing may be written.
    pub fn accept(&self, test: &str) -> Result<PathBuf, StoreError> {
        let (new, accepted) = (self.new_path(test), self.path(test));
        if self.read_only {
            return Err(StoreError::ReadOnly { path: accepted });
        }
        if read(&new)?.is_none() {
            return Err(StoreError::NothingNew { path: new });
        }
        match std::fs::rename(&new, &accepted) {
            Ok(()) => Ok(accepted),
            Err(error) => Err(StoreError::Write {
                path: accepted,
                error,
            }),
        }
    }

    /// The snapshot files of this spec, accepted or new, that belong to none of `tests`, by name.
    ///
    /// # Errors
    /// The folder can't be read.
    pub fn orphans<'a>(
        &self,
        tests: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<PathBuf>, StoreError> {
        let known: BTreeSet<String> = tests.into_iter().map(|test| self.part(test)).collect();
        let failed = |error| StoreError::Read {
            path: self.folder.clone(),
            error,
        };
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut orphans = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            let is_orphan = path
                .file_name()
                .and_then(|name| name.to_str())
                .and_then(|name| self.slug_of(name))
                .is_some_and(|slug| !known.contains(slug));
            if is_orphan {
                orphans.push(path);
            }
        }
        orphans.sort();
        Ok(orphans)
    }

    /// The test's part of a file name, if the file is one of this spec's.
    fn slug_of<'a>(&self, name: &'a str) -> Option<&'a str> {
        let rest = name.strip_prefix(&self.stem)?.strip_prefix("__")?;
        let slug = rest
            .strip_suffix(NEW)
            .or_else(|| rest.strip_suffix(ACCEPTED))?;
        // A slug has no underscores: `a__b__c.snap` belongs to the spec `a__b`.
        (!slug.contains('_')).then_some(slug)
    }

    fn file(&self, test: &str, ending: &str) -> PathBuf {
        self.folder
            .join(format!("{}__{}{ending}", self.stem, self.part(test)))
    }

    /// A test's name as part of a file name.
    fn part(&self, test: &str) -> String {
        match self.of_go_tests {
            true => go_test_name::file_part(test),
            false => slug(test),
        }
    }
}

/// The snapshot in a file, if the file is there.
fn read(path: &Path) -> Result<Option<String>, StoreError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(StoreError::Read {
                path: path.to_path_buf(),
                error,
            });
        }
    };
    match file::content(&text) {
        Some(content) => Ok(Some(content)),
        None => Err(StoreError::NoSnapshot {
            path: path.to_path_buf(),
        }),
    }
}

fn diff(accepted: &str, text: &str) -> String {
    let (accepted, text) = (format!("{accepted}\n"), format!("{text}\n"));
    TextDiff::from_lines(&accepted, &text)
        .unified_diff()
        .context_radius(CONTEXT)
        .header("accepted", "seen")
        .to_string()
}
