//! Accepted snapshots and new ones, as files.

use std::{
    collections::BTreeSet,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use spec::slug;

use super::{conflict, file, go_test_name, rest::Rest};

/// The folder beside the spec.
const FOLDER: &str = "snapshots";
/// How an accepted snapshot's name ends.
pub(super) const ACCEPTED: &str = ".snap";
/// How a new snapshot's name ends.
pub(super) const NEW: &str = ".snap.new";

/// The snapshots of one spec.
///
/// ```
/// use judge::snapshot::{Comparison, Rest, Store};
///
/// let folder = tempfile::tempdir()?;
/// let store = Store::new(folder.path(), "site");
/// assert_eq!(store.compare("a test", "GET / → 200")?, Comparison::Missing);
/// store.write_new("a test", "GET / → 200", &Rest::default())?;
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
        /// The accepted one.
        accepted: String,
    },
    /// A merge left the accepted one in conflict.
    Conflict,
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
    /// It can't be removed.
    #[error("the snapshot {} can't be removed: {error}", path.display())]
    Remove {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// Somebody changed it after it was shown.
    #[error("{} changed after it was shown; look at it again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
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
        let path = self.path(test);
        let Some(file) = read_file(&path)? else {
            return Ok(Comparison::Missing);
        };
        if conflict::sides(&file).is_some() {
            return Ok(Comparison::Conflict);
        }
        let accepted = content(&path, &file)?;
        let text = text.replace("\r\n", "\n");
        let text = text.trim_end();
        if accepted == text {
            return Ok(Comparison::Same);
        }
        Ok(Comparison::Different { accepted })
    }

    /// Writes a text as the test's new snapshot, to be accepted or rejected, with how the rest of the test went; gives the file.
    /// Where nothing may be written it gives none.
    ///
    /// # Errors
    /// The file can't be written; then it is as it was before.
    pub fn write_new(
        &self,
        test: &str,
        text: &str,
        rest: &Rest,
    ) -> Result<Option<PathBuf>, StoreError> {
        if self.read_only {
            return Ok(None);
        }
        let path = self.new_path(test);
        let source = format!("{}.proctor.toml", self.stem);
        write(&path, &file::compose(&source, test, &rest.header(), text))?;
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
        accept(&new, &accepted)?;
        Ok(accepted)
    }

    /// Removes a test's new snapshot, if there is one and anything may be written: it is decided that nothing is new.
    ///
    /// # Errors
    /// It can't be removed.
    pub fn remove_new(&self, test: &str) -> Result<(), StoreError> {
        match self.read_only {
            true => Ok(()),
            false => remove(&self.new_path(test)),
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
        let mut orphans = self.files()?;
        orphans.retain(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            let slug = name.and_then(|name| self.slug_of(name));
            slug.is_some_and(|slug| !known.contains(slug))
        });
        Ok(orphans)
    }

    /// The snapshot files of this spec whose tests, as they say themselves, are none that `is_known`.
    ///
    /// # Errors
    /// The folder or a file can't be read.
    pub fn orphans_but(&self, is_known: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, StoreError> {
        let mut orphans = Vec::new();
        for path in self.files()? {
            let test = read_file(&path)?.and_then(|file| file::header(&file, "expression"));
            if test.is_some_and(|test| !is_known(&test)) {
                orphans.push(path);
            }
        }
        Ok(orphans)
    }

    /// The snapshot files of this spec, accepted and new ones, by name.
    pub(super) fn files(&self) -> Result<Vec<PathBuf>, StoreError> {
        let failed = |error| StoreError::Read {
            path: self.folder.clone(),
            error,
        };
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if name.is_some_and(|name| self.slug_of(name).is_some()) {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
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

/// Makes a new snapshot the accepted one. What goproctor wrote into its header for the review goes.
pub(super) fn accept(new: &Path, accepted: &Path) -> Result<(), StoreError> {
    let Some(file) = read_file(new)? else {
        return Err(StoreError::NothingNew {
            path: new.to_path_buf(),
        });
    };
    let text = content(new, &file)?;
    let header = |key| file::header(&file, key).unwrap_or_default();
    let whole = file::compose(&header("source"), &header("expression"), &[], &text);
    write(accepted, &whole)?;
    remove(new)
}

/// The text of a file, if the file is there.
pub(super) fn read_file(path: &Path) -> Result<Option<String>, StoreError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::Read {
            path: path.to_path_buf(),
            error,
        }),
    }
}

/// The snapshot in a file's text.
pub(super) fn content(path: &Path, file: &str) -> Result<String, StoreError> {
    file::content(file).ok_or_else(|| StoreError::NoSnapshot {
        path: path.to_path_buf(),
    })
}

/// Writes a file whole, or leaves what was there.
pub(super) fn write(path: &Path, whole: &str) -> Result<(), StoreError> {
    file::write_whole(path, |file| file.write_all(whole.as_bytes())).map_err(|error| {
        StoreError::Write {
            path: path.to_path_buf(),
            error,
        }
    })
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::Remove {
            path: path.to_path_buf(),
            error,
        }),
        _ => Ok(()),
    }
}
