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
}

/// What an overlay can do.
#[derive(Clone, Debug)]
pub(super) struct Reach<'a> {
    /// Whether the release has overlays.
    pub(super) overlay: bool,
    /// Whether a line directive, which replaced files have, changes what loops mean ([`overlay::changes_loops`]).
    pub(super) changes_loops: bool,
    /// The module cache, beneath which files can't be replaced.
    pub(super) module_cache: &'a Path,
    /// What the user's own overlay replaces files with; none for a file that it removes.
    pub(super) replaced: &'a HashMap<PathBuf, Option<PathBuf>>,
    /// Import paths of packages that go measures the coverage of: it reads their files itself, past any overlay
    /// (golang/go#73802).
    pub(super) covered: &'a BTreeSet<String>,
}

impl Reach<'_> {
    fn covers(&self, package: &Package) -> bool {
        let cached = !self.module_cache.as_os_str().is_empty()
            && package.folder.starts_with(self.module_cache);
        let keeps_loops = !self.changes_loops
            || package
                .language
                .is_some_and(|minor| minor >= overlay::LOOP_VARIABLES_SINCE);
        self.overlay && keeps_loops && !package.standard && !cached && !self.is_covered(package)
    }

    /// Whether a file has the language version of its module, and not one of its own by a build constraint (`//go:build go1.21`).
    fn keeps_version(&self, text: &[u8]) -> bool {
        let is_constraint = |line: &[u8]| {
            line.starts_with(b"//go:build") && memchr::memmem::find(line, b"go1.").is_some()
        };
        !self.changes_loops || !text.split(|byte| *byte == b'\n').any(is_constraint)
    }

    fn is_covered(&self, package: &Package) -> bool {
        self.covered.contains(&package.import_path)
    }

    /// The text of a source file as go will compile it; `None` if it is not there.
    fn read(&self, package: &Package, path: &Path) -> Result<Option<Vec<u8>>, BuildError> {
        let actual = match self.replaced.get(path) {
            _ if self.is_covered(package) && path.exists() => path,
            Some(None) => return Ok(None),
            Some(Some(replacement)) => replacement,
            None => path,
        };
        fs::read(actual)
            .map(Some)
            .map_err(BuildError::file(actual, "read"))
    }
}

/// Reads the sources of programs that are built together, and decides how their wanted functions are hinted at.
#[derive(Debug)]
pub(super) struct HintFinder<'a> {
    reach: Reach<'a>,
    files: BTreeMap<PathBuf, WantedFile>,
    packages: BTreeSet<String>,
}

/// A source file with wanted functions.
#[derive(Debug)]
struct WantedFile {
    /// Its text; none if it can't be replaced.
    text: Option<Vec<u8>>,
    functions: Vec<DeclaredFunction>,
    /// The import path of its package.
    package: String,
}

impl<'a> HintFinder<'a> {
    pub(super) const fn new(reach: Reach<'a>) -> Self {
        Self {
            reach,
            files: BTreeMap::new(),
            packages: BTreeSet::new(),
        }
    }

    /// Reads a program's packages that may hold functions wanted of it: what they declare.
    pub(super) fn read(
        &mut self,
        packages: &[Package],
        wanted: &[Pattern],
    ) -> Result<Declarations, BuildError> {
        let mut declarations = Declarations {
            packages: list::known(packages),
            ..Declarations::default()
        };
        let mut generic = BTreeSet::new();
        for package in packages {
            let is_wanted = |wanted: &Pattern| wanted.may_be_in(package.prefix());
            if wanted.iter().any(is_wanted)
                && self.read_package(package, wanted, &mut declarations)? == Uses::Inline
            {
                generic.insert(package.import_path.as_str());
            }
        }
        let using = list::instantiating(packages, &generic);
        self.packages
            .extend(using.map(|package| package.import_path.clone()));
        Ok(declarations)
    }

    fn read_package(
        &mut self,
        package: &Package,
        wanted: &[Pattern],
        declarations: &mut Declarations,
    ) -> Result<Uses, BuildError> {
        let mut reader = PackageReader::new(package.prefix())?;
        let mut texts = BTreeMap::new();
        // In the compiler's order, which counts init functions: test files come last in `go_files`, what cgo makes of its files
        // after those (cmd/go/internal/load/test.go, TestPackagesAndErrors; cmd/go/internal/work/exec.go, build).
        for name in package.go_files.iter().chain(&package.cgo_files) {
            let path = package.folder.join(name);
            if let Some(text) = self.reach.read(package, &path)? {
                let parses = reader.read(&path, &text);
                // cgo rewrites its files before they are compiled: they are not replaced. Nor are those that don't parse: go names
                // the file that it reads.
                let is_covered = self.reach.covers(package) && self.reach.keeps_version(&text);
                if parses && is_covered && package.go_files.contains(name) {
                    texts.insert(path, text);
                }
            }
        }

        let means = |function: &&DeclaredFunction| {
            function.has_body && wanted.iter().any(|w| function.is_meant_by(w))
        };
        let mut uses = Uses::AsHinted;
        for function in reader.functions.iter().filter(means) {
            let path = &function.file;
            let file = self
                .files
                .entry(path.clone())
                .or_insert_with(|| WantedFile {
                    text: texts.remove(path),
                    functions: Vec::new(),
                    package: package.import_path.clone(),
                });
            if function.generic && !function.never_inlined && file.text.is_none() {
                uses = Uses::Inline;
            }
            // Another program may want it, too.
            if file.functions.iter().all(|f| f.offset != function.offset) {
                file.functions.push(function.clone());
            }
        }
        let literals = WantedLiterals::of(&reader, wanted);
        if literals != WantedLiterals::None {
            self.packages.insert(package.import_path.clone());
        }
        if literals == WantedLiterals::InGeneric {
            uses = Uses::Inline;
        }
        declarations.functions.append(&mut reader.functions);
        declarations.literals.append(&mut reader.literals);
        Ok(uses)
    }

    /// What was decided.
    pub(super) fn finish(self) -> Hints {
        let mut hints = Hints {
            files: BTreeMap::new(),
            packages: self.packages,
        };
        for (path, file) in self.files {
            let functions = &file.functions;
            match file.text.map(|text| overlay::hint(&text, &path, functions)) {
                Some(Ok(Some(text))) => {
                    hints.files.insert(path, text);
                }
                Some(Ok(None)) => {}
                Some(Err(overlay::LinesWouldMove)) | None => {
                    if functions.iter().any(|function| !function.never_inlined) {
                        hints.packages.insert(file.package);
                    }
                }
            }
        }
        hints
    }
}

/// What becomes of a package's wanted generic functions in the packages that use them, where these are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Uses {
    /// They are kept out of line by hints at where they are written.
    AsHinted,
    /// Those packages would inline some of them: no hint can be written, or it says nothing of literals.
    Inline,
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
