//! Which functions are hinted at where they are written, and which packages are compiled without inlining instead.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
};

use super::{
    error::BuildError,
    list::{self, Package},
    overlay,
    source::{Declarations, DeclaredFunction, Literal, PackageReader},
};
use crate::Pattern;

/// How the wanted functions are kept from being inlined.
#[derive(Debug, Default)]
pub(super) struct Hints {
    /// New texts of source files, by their full path.
    pub(super) files: BTreeMap<PathBuf, Vec<u8>>,
    /// Import paths of packages to be compiled with `-l`.
    pub(super) packages: BTreeSet<String>,
    /// What the packages that may hold wanted functions declare.
    pub(super) declarations: Declarations,
}

/// What an overlay can do.
#[derive(Clone, Debug)]
pub(super) struct Reach<'a> {
    /// Whether the release has overlays.
    pub(super) overlay: bool,
    /// The module cache, beneath which files can't be replaced.
    pub(super) module_cache: &'a Path,
    /// What the user's own overlay replaces files with; none for a file that it removes.
    pub(super) replaced: &'a HashMap<PathBuf, Option<PathBuf>>,
}

impl Reach<'_> {
    fn covers(&self, package: &Package) -> bool {
        let cached = !self.module_cache.as_os_str().is_empty()
            && package.folder.starts_with(self.module_cache);
        self.overlay && !package.standard && !cached
    }

    /// The text of a source file as go will compile it; `None` if it is not there.
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, BuildError> {
        let actual = match self.replaced.get(path) {
            Some(None) => return Ok(None),
            Some(Some(replacement)) => replacement,
            None => path,
        };
        fs::read(actual)
            .map(Some)
            .map_err(BuildError::file(actual, "read"))
    }
}

impl Hints {
    /// Reads the sources of the packages that may hold wanted functions, and decides.
    pub(super) fn find(
        packages: &[Package],
        wanted: &[Pattern],
        reach: &Reach<'_>,
    ) -> Result<Self, BuildError> {
        let mut hints = Self::default();
        hints.declarations.packages = list::known(packages);
        let mut generic = BTreeSet::new();
        for package in packages {
            if wanted
                .iter()
                .any(|wanted| wanted.may_be_in(package.prefix()))
            {
                let declared = hints.read_package(package, wanted, reach)?;
                if declared == WantedLiterals::InGeneric {
                    generic.insert(package.import_path.as_str());
                }
            }
        }
        let using = list::instantiating(packages, &generic);
        hints
            .packages
            .extend(using.map(|package| package.import_path.clone()));
        Ok(hints)
    }

    fn read_package(
        &mut self,
        package: &Package,
        wanted: &[Pattern],
        reach: &Reach<'_>,
    ) -> Result<WantedLiterals, BuildError> {
        let mut reader = PackageReader::new(package.prefix())?;
        let mut texts = BTreeMap::new();
        // In the compiler's order, which counts init functions: by name, whether a file imports "C" or not.
        let mut names: Vec<&String> = package.go_files.iter().chain(&package.cgo_files).collect();
        names.sort();
        for name in names {
            let path = package.folder.join(name);
            if let Some(text) = reach.read(&path)? {
                reader.read(&path, &text);
                // cgo rewrites its files before they are compiled: they are not replaced.
                if reach.covers(package) && package.go_files.contains(name) {
                    texts.insert(path, text);
                }
            }
        }

        let means = |function: &&DeclaredFunction| {
            function.has_body && wanted.iter().any(|w| function.is_meant_by(w))
        };
        let mut by_file: BTreeMap<&Path, Vec<&DeclaredFunction>> = BTreeMap::new();
        for function in reader.functions.iter().filter(means) {
            by_file.entry(&function.file).or_default().push(function);
        }
        let literals = WantedLiterals::of(&reader, wanted);
        let mut whole = literals != WantedLiterals::None;
        for (path, functions) in by_file {
            match texts
                .get(path)
                .map(|text| overlay::hint(text, path, functions.iter().copied()))
            {
                Some(Ok(Some(text))) => {
                    self.files.insert(path.to_owned(), text);
                }
                Some(Ok(None)) => {}
                Some(Err(overlay::LinesWouldMove)) | None => {
                    whole |= functions.iter().any(|function| !function.never_inlined);
                }
            }
        }
        if whole {
            self.packages.insert(package.import_path.clone());
        }
        self.declarations.functions.append(&mut reader.functions);
        self.declarations.literals.append(&mut reader.literals);
        Ok(literals)
    }
}

/// Whether function literals of a package are wanted. Its compiler may inline them whatever is hinted at the function that
/// they are in, and then names those within them otherwise in each release; without any inlining they all have the
/// names of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WantedLiterals {
    None,
    /// None of them in a generic function.
    Plain,
    /// Some in a generic function, which is compiled in the packages that use it.
    InGeneric,
}

impl WantedLiterals {
    fn of(reader: &PackageReader<'_>, wanted: &[Pattern]) -> Self {
        let is_wanted =
            |literal: &Literal| wanted.iter().any(|w| w.matches_declared(&literal.name));
        let mut found = match reader.literals.iter().any(is_wanted) {
            true => Self::Plain,
            false => Self::None,
        };
        for function in &reader.functions {
            if function.literals.iter().any(is_wanted) {
                if function.generic {
                    return Self::InGeneric;
                }
                found = Self::Plain;
            }
        }
        found
    }
}
