//! `go test` so that what specs watch can be watched: DWARF is kept, functions are not inlined.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    path::PathBuf,
    sync::atomic::AtomicBool,
};

use tempfile::TempDir;

use super::{
    arguments,
    build::or_status,
    compiler::{Compiler, bears_unoptimised},
    error::BuildError,
    flags,
    gcflags::{self, Setting},
    hints::{HintFinder, Reach},
    list::{self, NOT_UNDERSTOOD, Package},
    optimisation::Unoptimised,
    overlay, replacement,
    source::Declarations,
    test_list::TestList,
    test_packages::TestPackages,
};
use crate::GoRelease;

/// What is asked of a `go test` run.
#[derive(Clone, Debug)]
pub struct TestBuildRequest<'a> {
    /// The command and the packages that it names.
    pub packages: &'a TestPackages,
    /// The packages whose tests are watched.
    pub watched: Vec<WatchedPackage>,
    /// The program and its arguments that go starts each test binary with.
    pub exec: Vec<OsString>,
    /// Whether the flags must hold for later runs of go, too: then none of them leads to an overlay, which does not last.
    pub lasting: bool,
}

/// A package whose tests are watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchedPackage {
    /// Its import path, as [`TestPackages`] has it.
    pub import_path: String,
    /// The functions that must not be inlined: names or globs, as specs write them.
    pub functions: Vec<String>,
    /// The functions, names or globs, whose packages are compiled without optimisation (`-N`), so that all of their floats have
    /// copies in memory.
    pub floats: Vec<String>,
}

/// A `go test` run that was prepared.
#[derive(Debug)]
pub struct TestBuild {
    /// The go command.
    pub go: PathBuf,
    /// Its arguments, `test` first. The overlay that they name lives as long as this.
    pub arguments: Vec<OsString>,
    /// Those of the arguments that are not the user's own.
    pub flags: Vec<OsString>,
    /// Variables that are added to its environment. It is started in the folder of the [`TestRequest`](super::TestRequest).
    pub environment: Vec<(OsString, OsString)>,
    /// The release.
    pub release: GoRelease,
    /// The user's own `-exec`, which ours takes the place of; none if there is none.
    pub exec: Option<Vec<String>>,
    /// By import path of each watched package: what the source of its test binary declares. Functions of a package under test
    /// have its import path in their names, even of package main; those of its `_test` package have `…_test`. Empty for a package
    /// without test files.
    pub declarations: BTreeMap<String, Declarations>,
    /// By import path of each watched package: the packages that its test binary is built from, without those of the standard library.
    pub built_from: BTreeMap<String, Vec<BuiltPackage>>,
    /// The import paths of the packages that every test binary has: `testing`, and what it needs.
    pub of_testing: BTreeSet<String>,
    /// What go says when it can't list the tests: then nothing is watched. `go test` should fail for the same reason; if it
    /// does not, nothing was checked.
    pub problem: Option<String>,
    /// What is in the overlay, for as long as go runs.
    _overlay: Option<TempDir>,
}

/// A package that a test binary is built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltPackage {
    /// What its functions' names begin with, the final dot left out: its import path, even of package main; `…_test` for that of a
    /// package's external tests.
    pub prefix: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The names of the Go files that it is compiled from for this platform and these flags, its test files among them.
    pub files: BTreeSet<String>,
}

impl BuiltPackage {
    fn new(package: &Package) -> Self {
        let files = package.go_files.iter().chain(&package.cgo_files);
        Self {
            prefix: package.prefix().to_owned(),
            folder: package.folder.clone(),
            files: files.cloned().collect(),
        }
    }
}

/// Prepares a `go test` run, and hands each line that go prints to `progress`.
///
/// Before Go 1.20 packages that only use generic functions stay optimised, whose floats may then have no copies: its compiler
/// fails on some without (see [`BuildRequest::floats`](super::BuildRequest::floats)).
///
/// # Errors
/// A pattern is not a glob, a file can't be read or written, the user's overlay is none, a word of `exec` can't be quoted, go can't be
/// started, or it was cancelled. What go itself reports when it tests is no error here.
pub fn prepare_test(
    request: &TestBuildRequest<'_>,
    progress: &mut dyn FnMut(&str),
) -> Result<TestBuild, BuildError> {
    let TestPackages {
        command, toolchain, ..
    } = request.packages;
    let folder = toolchain.folder();
    let (list, problem) = match list_tests(request, progress)? {
        Ok(list) => (list, None),
        Err(problem) => (TestList::default(), Some(problem)),
    };
    let named = &request.packages.packages;
    let named: BTreeSet<&str> = named.iter().map(|p| p.import_path.as_str()).collect();

    let mut replaced = replacement::read(command.flags(), folder)?;
    let tests: Vec<(&WatchedPackage, Vec<Package>)> = request
        .watched
        .iter()
        .map(|watched| (watched, list.of_test(&watched.import_path, &named)))
        .collect();
    let all: BTreeMap<&str, &Package> = tests
        .iter()
        .flat_map(|(_, packages)| packages)
        .map(|package| (package.import_path.as_str(), package))
        .collect();
    let covered = covered(request.packages, all.values().copied());

    let mut finder = HintFinder::new(Reach {
        overlay: !request.lasting && flags::is_known("-overlay", &toolchain.release),
        changes_loops: overlay::changes_loops(&toolchain.release),
        module_cache: &toolchain.module_cache,
        replaced: &replaced,
        covered: &covered,
    });
    let mut declarations = BTreeMap::new();
    let mut unoptimised = Unoptimised::default();
    for (watched, packages) in &tests {
        let wanted = list::patterns(packages, watched.functions.iter().map(String::as_str))?;
        let floats = list::patterns(packages, watched.floats.iter().map(String::as_str))?;
        let declared = finder.read(packages, &wanted)?;
        unoptimised.extend(Unoptimised::find(packages, &floats, &declared));
        declarations.insert(watched.import_path.clone(), declared);
    }
    if !bears_unoptimised(&toolchain.release) {
        unoptimised = unoptimised.declaring_only().unwrap_or(unoptimised);
    }
    let mut hints = finder.finish();
    for (path, text) in &mut hints.files {
        *text = overlay::named(std::mem::take(text), path);
    }
    let overlay = replacement::write(&hints.files, &mut replaced, None)?;

    let exec = arguments::join(&request.exec).map_err(|word| BuildError::NotQuotable { word })?;
    let mut ours = vec![flag("-exec=", &exec)];
    ours.extend(overlay.as_ref().map(replacement::argument));
    let settings = |name| gcflags::settings(command.flags(), name, folder);
    let compiler = Compiler {
        without_inlining: &hints.packages,
        unoptimised: &unoptimised,
        settings: &settings("gcflags"),
    };
    ours.extend(compiler.flags(all.values().copied()));
    let linker = settings("ldflags");
    match request.lasting && linker.is_empty() {
        // For packages that get a spec later, too.
        true => ours.push(format!("-ldflags={KEEPING_DWARF}").into()),
        false => ours.extend(tests.iter().filter_map(|(watched, _)| {
            let package = all.get(watched.import_path.as_str())?;
            Some(keeping_dwarf(package, &linker))
        })),
    }
    let mut arguments = vec!["test".into()];
    arguments.extend(command.with(&ours));
    let built_from = tests.iter().map(|(watched, packages)| {
        let own = packages.iter().filter(|package| !package.standard);
        (
            watched.import_path.clone(),
            own.map(BuiltPackage::new).collect(),
        )
    });
    Ok(TestBuild {
        go: toolchain.go().to_owned(),
        arguments,
        flags: ours,
        environment: toolchain.environment().to_owned(),
        release: toolchain.release.clone(),
        exec: command.exec(),
        built_from: built_from.collect(),
        of_testing: of_testing(&all),
        declarations,
        problem,
        _overlay: overlay,
    })
}

fn of_testing(all: &BTreeMap<&str, &Package>) -> BTreeSet<String> {
    const TESTING: &str = "testing";
    let needs = all.get(TESTING).map(|testing| testing.dependencies.iter());
    let own = all.get(TESTING).map(|_| TESTING.to_owned());
    needs.into_iter().flatten().cloned().chain(own).collect()
}

fn flag(start: &str, value: &OsStr) -> OsString {
    let mut flag = OsString::from(start);
    flag.push(value);
    flag
}

/// Lists what the tests of the watched packages consist of, or what go says if it can't.
fn list_tests(
    request: &TestBuildRequest<'_>,
    progress: &mut dyn FnMut(&str),
) -> Result<Result<TestList, String>, BuildError> {
    let TestPackages {
        command,
        toolchain,
        cancel,
        ..
    } = request.packages;
    if request.watched.is_empty() {
        return Ok(Ok(TestList::default()));
    }
    let mut arguments: Vec<OsString> = [
        "list",
        "-json=false",
        "-test",
        "-deps",
        "-e",
        "-f",
        list::TEMPLATE,
    ]
    .map(OsString::from)
    .into();
    if flags::is_known("-buildvcs", &toolchain.release) {
        arguments.push("-buildvcs=false".into());
    }
    arguments.extend(flags::for_list(command.own_flags()).map(OsString::from));
    arguments.push("--".into());
    let watched = request.watched.iter();
    match watched.clone().any(|w| w.import_path == FILES) {
        // It is no path that go takes.
        true => arguments.extend_from_slice(command.packages()),
        false => arguments.extend(watched.map(|watched| OsString::from(&watched.import_path))),
    }
    let cancel: &AtomicBool = cancel;
    let finished = toolchain.run(&arguments, cancel, progress)?;
    Ok(match finished.status.success() {
        true => list::parse(&finished.stdout)
            .map(TestList::new)
            .ok_or_else(|| NOT_UNDERSTOOD.to_owned()),
        false => Err(or_status(finished.stderr, finished.status)),
    })
}

/// The import path of a package of files that the command line names.
const FILES: &str = "command-line-arguments";

/// The import paths of the packages that go measures the coverage of (cmd/go/internal/test/test.go).
fn covered<'p>(
    listed: &TestPackages,
    packages: impl Iterator<Item = &'p Package>,
) -> BTreeSet<String> {
    let command = &listed.command;
    if !command.is_covering() {
        return BTreeSet::new();
    }
    let folder = listed.toolchain.folder();
    let patterns: Vec<gcflags::Pattern> = command
        .covered_packages()
        .map(|pattern| gcflags::Pattern::parse(pattern, folder))
        .collect();
    packages
        .filter(|package| match patterns.is_empty() {
            true => package.root,
            false => patterns.iter().any(|pattern| pattern.matches(package)),
        })
        .map(|package| package.import_path.clone())
        .collect()
}

/// What the linker is told so that it keeps DWARF.
const KEEPING_DWARF: &str = "-w=false -s=false -compressdwarf=false";

/// The `-ldflags` that keep DWARF in a package's test binary and say what the user's own say for it. go tests with `-s -w` put
/// before these (cmd/go/internal/work/gc.go, OmitDebug).
fn keeping_dwarf(package: &Package, settings: &[Setting]) -> OsString {
    let given = gcflags::given(settings, package);
    let space = if given.is_empty() { "" } else { " " };
    format!(
        "-ldflags={}={given}{space}{KEEPING_DWARF}",
        package.import_path
    )
    .into()
}

#[cfg(test)]
mod tests;
