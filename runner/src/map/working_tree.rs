//! What changed in the working tree since a revision: read from git and from the files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use golang::{declaration::Outline, toolchain::BuiltPackage};
use thiserror::Error;

use super::{
    binaries::{BuiltFiles, TestBinaries, is_test_file},
    change::{Change, compare},
    package_files::{Method, Others, OutlinedFile, PackageFiles},
};
use crate::git::{GitError, Repository, TouchedFile};

/// Why it is not known what changed.
#[derive(Debug, Error)]
pub(crate) enum ChangesError {
    /// Git does not say.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A file can't be read.
    #[error("cannot read {}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
}

/// What changed since a revision.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    /// In Go files.
    pub(crate) change: Change,
    /// In other files.
    pub(crate) others: Vec<OtherFile>,
    /// The files that no tested package is built from.
    pub(crate) unbuilt: Vec<PathBuf>,
    /// The Go files of tested packages that git ignores, so that it is not known whether they changed.
    pub(crate) ignored: Vec<PathBuf>,
}

/// A file that changed and is none of the Go files of a tested package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OtherFile {
    /// The file.
    pub(crate) file: PathBuf,
    /// Why it matters.
    pub(crate) why: &'static str,
    /// The packages whose tests it may concern.
    pub(crate) packages: BTreeSet<String>,
}

impl Changes {
    /// Compares the working tree with a commit. `of_testing` are the packages that every test binary has.
    ///
    /// # Errors
    /// Git fails, or a file can't be read.
    pub(crate) fn since(
        repository: &Repository,
        commit: &str,
        binaries: &TestBinaries,
        of_testing: &BTreeSet<String>,
    ) -> Result<Self, ChangesError> {
        let mut changes = Self::default();
        let mut folders: BTreeMap<PathBuf, Vec<TouchedFile>> = BTreeMap::new();
        for file in repository.touched(commit)? {
            let folder = file.path.parent().unwrap_or(&file.path);
            let is_go = file
                .path
                .extension()
                .is_some_and(|extension| extension == "go");
            match is_go && !file.is_submodule && !is_passed_over(repository.below(folder)) {
                true => folders.entry(folder.to_owned()).or_default().push(file),
                false => changes.add_other(file, binaries),
            }
        }
        for (folder, files) in folders {
            match binaries.built_in(&folder) {
                Some(built) => {
                    let mut reader = FolderReader::new(repository, folder, built);
                    for file in &files {
                        reader.read(file)?;
                    }
                    reader.read_others(&files)?;
                    for package in reader.packages.values() {
                        changes.change.extend(compare(package, of_testing));
                    }
                    changes.unbuilt.append(&mut reader.unbuilt);
                }
                None => changes
                    .unbuilt
                    .extend(files.into_iter().map(|file| file.path)),
            }
        }
        let files = binaries.files();
        changes.ignored = repository.ignored(files.iter().map(PathBuf::as_path))?;
        Ok(changes)
    }

    fn add_other(&mut self, file: TouchedFile, binaries: &TestBinaries) {
        let path = file.path;
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let (why, packages) = match name.as_deref() {
            _ if file.is_submodule => (
                "git does not say what changed in a repository within this one",
                binaries.within(&path),
            ),
            Some("go.mod" | "go.work") => (
                "it says what every package of the module is built from",
                binaries.within(path.parent().unwrap_or(&path)),
            ),
            // Checksums: what is built they only confirm.
            Some("go.sum" | "go.work.sum") => return,
            _ => (
                "a package may embed it, and tests may read it",
                binaries.with_other_file(&path, &embeds),
            ),
        };
        match packages.is_empty() {
            true => self.unbuilt.push(path),
            false => self.others.push(OtherFile {
                file: path,
                why,
                packages,
            }),
        }
    }
}

/// Whether go builds nothing in a folder of the repository, whatever is in it.
fn is_passed_over(folder: &Path) -> bool {
    folder.components().any(|part| {
        let part = part.as_os_str().to_string_lossy();
        part == "testdata" || part.starts_with(['_', '.'])
    })
}

/// Whether a file of a package embeds others.
fn embeds(package: &BuiltPackage) -> bool {
    package.files.iter().any(|file| {
        let text = fs::read(package.folder.join(file)).unwrap_or_default();
        memchr::memmem::find(&text, b"//go:embed").is_some()
    })
}

/// Reads the Go files of a folder at both times.
struct FolderReader<'r> {
    repository: &'r Repository,
    folder: PathBuf,
    built: BuiltFiles,
    /// By prefix, and whether it is of the package's test files.
    packages: BTreeMap<(String, bool), PackageFiles>,
    unbuilt: Vec<PathBuf>,
}

impl<'r> FolderReader<'r> {
    fn new(repository: &'r Repository, folder: PathBuf, built: BuiltFiles) -> Self {
        Self {
            repository,
            folder,
            built,
            packages: BTreeMap::new(),
            unbuilt: Vec::new(),
        }
    }

    fn package(&mut self, path: &Path, outline: &Outline) -> &mut PackageFiles {
        let is_test = is_test_file(path);
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let known = name.and_then(|name| self.built.files.get(&name));
        let prefix = match (known, &self.built.prefix) {
            (Some(known), _) => known.clone(),
            (None, prefix) if is_test && outline.package.ends_with("_test") => {
                format!("{prefix}_test")
            }
            (None, prefix) => prefix.clone(),
        };
        let package = self.packages.entry((prefix.clone(), is_test)).or_default();
        package.prefix = prefix;
        package
    }

    /// Reads a file that changed.
    fn read(&mut self, file: &TouchedFile) -> Result<(), ChangesError> {
        let path = &file.path;
        let old = match &file.old {
            Some(blob) => Some(outline(&self.repository.content(blob)?)),
            None => None,
        };
        let new = match fs::read(path) {
            Ok(text) => Some(outline(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                return Err(ChangesError::File {
                    path: path.clone(),
                    error,
                });
            }
        };
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let is_built = name.is_some_and(|name| self.built.files.contains_key(&name));
        let new = match (new, &old) {
            (Some(new), _) if is_built => Some(new),
            // It was built if its constraints were others.
            (Some(new), Some(old)) if new.directives != old.directives => None,
            (Some(_), _) => {
                self.unbuilt.push(path.clone());
                return Ok(());
            }
            (None, _) => None,
        };
        let place = |outline: Outline| OutlinedFile {
            path: path.clone(),
            outline,
        };
        if let Some(old) = old {
            self.package(path, &old).old.push(place(old));
        }
        if let Some(new) = new {
            self.package(path, &new).new.push(place(new));
        }
        Ok(())
    }

    /// Reads what the files declare and import that did not change.
    fn read_others(&mut self, changed: &[TouchedFile]) -> Result<(), ChangesError> {
        let mut functions: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut imports: BTreeMap<bool, BTreeSet<String>> = BTreeMap::new();
        let packages = self.packages.values();
        let changed_files = packages.flat_map(|package| package.old.iter().chain(&package.new));
        let mut methods: BTreeSet<Method> = changed_files.flat_map(OutlinedFile::methods).collect();
        for (name, prefix) in &self.built.files {
            let path = self.folder.join(name);
            if changed.iter().any(|file| file.path == path) {
                continue;
            }
            let text = fs::read(&path).map_err(|error| ChangesError::File {
                path: path.clone(),
                error,
            })?;
            let file = OutlinedFile {
                outline: outline(&text),
                path,
            };
            methods.extend(file.methods());
            let of_tests = imports.entry(is_test_file(&file.path)).or_default();
            of_tests.extend(file.outline.imports.into_iter().map(|import| import.path));
            let declared = file.outline.functions.into_iter();
            let of_package = functions.entry(prefix).or_default();
            of_package.extend(declared.map(|function| function.name));
        }
        for ((prefix, is_test), package) in &mut self.packages {
            // A test binary has what the package itself imports, too.
            let known = imports
                .iter()
                .filter(|(of_tests, _)| *is_test || !**of_tests);
            package.others = Others {
                functions: functions.get(prefix.as_str()).cloned().unwrap_or_default(),
                imports: known.flat_map(|(_, paths)| paths.clone()).collect(),
                methods: methods.clone(),
            };
        }
        Ok(())
    }
}

fn outline(text: &[u8]) -> Outline {
    Outline::read(text).unwrap_or_default()
}
