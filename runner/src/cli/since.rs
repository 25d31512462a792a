//! `goproctor map --since`

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use golang::toolchain::TestBuild;

use super::{
    Failure,
    map_run::{MapRunner, with_losses},
    map_setup::{FILES, TestedPackages, declared, warn_of_room},
};
use crate::{
    git::Repository,
    map::{
        self, ChangedFunction, Changes, ChangesError, GoTest, Matrix, PackageFolder, Selection,
        TestBinaries, TestBinary,
    },
    report::ExitCode,
};

/// The flags of `go test` that say which tests are run and how their results are shown, and not what is built.
const NOT_OF_THE_BUILD: [&str; 7] = ["run", "bench", "count", "v", "json", "list", "fuzz"];

/// The revision that the working tree is compared with.
pub(super) struct Since {
    revision: String,
    repository: Repository,
    commit: String,
    /// The folder that go works in.
    folder: PathBuf,
}

impl Since {
    /// Looks for a revision in the repository of a folder.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn find(revision: &str, folder: &Path) -> Result<Self, Failure> {
        let repository = Repository::find(folder)?;
        let commit = repository.commit(revision)?;
        Ok(Self {
            revision: revision.to_owned(),
            repository,
            commit,
            folder: full(folder),
        })
    }

    /// Runs the tests if a function changed, and prints those that reach what changed. Files are shown as from `folder`.
    ///
    /// # Errors
    /// Git fails, or the tests can't be run or watched.
    pub(super) fn run(
        &self,
        runner: &MapRunner<'_>,
        json: bool,
        folder: &Path,
    ) -> Result<ExitCode, Failure> {
        let build = runner.prepare(&[])?;
        let binaries = binaries(&runner.tested, &build);
        let changes = Changes::since(&self.repository, &self.commit, &binaries, &build.of_testing);
        let changes = changes.map_err(|error| match error {
            ChangesError::Git(error) => error.into(),
            error @ ChangesError::File { .. } => Failure::world(error.to_string()),
        })?;
        drop(build);
        let (matrix, outcome) = see(runner, &changes.change.functions)?;
        let selection = Selection::new(changes, &matrix, &binaries);
        runner.clear();
        self.print(&selection, &runner.tested, json, folder)?;
        Ok(with_losses(outcome, selection.lost, "use a larger --ring"))
    }

    fn print(
        &self,
        selection: &Selection,
        tested: &TestedPackages,
        json: bool,
        folder: &Path,
    ) -> io::Result<()> {
        let go = GoTest {
            flags: tested.command().flags_without(&NOT_OF_THE_BUILD),
            folder: self.folder.clone(),
        };
        let packages = folders(tested);
        let mut out = io::BufWriter::new(io::stdout().lock());
        if json {
            let (revision, commit) = (&self.revision, &self.commit);
            for line in map::since_json_lines(selection, revision, commit, &go, &packages) {
                writeln!(out, "{line}")?;
            }
        } else {
            let text = map::since_text(selection, &self.revision, &go, &packages, folder);
            out.write_all(text.as_bytes())?;
        }
        out.flush()
    }
}

/// Who reaches the functions that changed. Where none did, no test needs to run.
fn see(
    runner: &MapRunner<'_>,
    functions: &[ChangedFunction],
) -> Result<(Matrix, ExitCode), Failure> {
    let names = functions.iter();
    let names =
        names.flat_map(|function| std::iter::once(&function.name).chain(&function.literals));
    let patterns: Vec<String> = names.cloned().collect();
    if patterns.is_empty() {
        return Ok((Matrix::default(), ExitCode::Passed));
    }
    warn_of_room(patterns.len(), "name fewer packages");
    runner.load_ahead();
    let build = runner.prepare(&patterns)?;
    let declared = declared(&build, &patterns)?;
    let (seen, outcome) = runner.see(&build, patterns)?;
    Ok((Matrix::new(declared, &seen, false), outcome))
}

/// What the test binaries are built from.
fn binaries(tested: &TestedPackages, build: &TestBuild) -> TestBinaries {
    let mut known: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    let mut full = |folder: &Path| match known.get(folder) {
        Some(full) => full.clone(),
        None => {
            let found = full(folder);
            known.insert(folder.to_owned(), found.clone());
            found
        }
    };
    let binaries = tested.packages().map(|package| {
        let built = build
            .built_from
            .get(&package.import_path)
            .into_iter()
            .flatten();
        let mut packages: Vec<_> = built.cloned().collect();
        for package in &mut packages {
            package.folder = full(&package.folder);
        }
        let binary = TestBinary {
            folder: full(&package.folder),
            packages,
        };
        (package.import_path.clone(), binary)
    });
    TestBinaries(binaries.collect())
}

/// How `go test` takes each package.
fn folders(tested: &TestedPackages) -> BTreeMap<String, PackageFolder> {
    let packages = tested.packages().map(|package| {
        let given = || tested.command().packages().iter();
        let named = match package.import_path.as_str() {
            FILES => PackageFolder::Words(
                given()
                    .map(|word| word.to_string_lossy().into_owned())
                    .collect(),
            ),
            path if !package.main_module => PackageFolder::Words(vec![path.to_owned()]),
            _ => PackageFolder::Folder(full(&package.folder)),
        };
        (package.import_path.clone(), named)
    });
    packages.collect()
}

/// The full path of a folder without links, as git has it.
fn full(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}
