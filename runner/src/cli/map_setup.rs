//! What `goproctor map` knows before it starts go: the packages, what they are built from, and the functions that some patterns mean.

use std::collections::BTreeMap;

use golang::{
    Pattern, names,
    toolchain::{
        Declarations, TestBuild, TestBuildRequest, TestCommand, TestPackage, TestPackages,
        WatchedPackage, prepare_test,
    },
};
use model::suggestion::did_you_mean;

use super::{
    Failure,
    test_setup::{list, own_exec},
};
use crate::{
    map::DeclaredRow,
    session::{Cancel, MAX_FUNCTIONS},
};

/// The import path of a package of files that the command line names.
pub(super) const FILES: &str = "command-line-arguments";

/// The packages that a command names, of which some have tests.
pub(super) struct TestedPackages {
    listed: TestPackages,
}

impl TestedPackages {
    /// The packages that a command names.
    ///
    /// # Errors
    /// go can't list them all, or none has tests.
    pub(super) fn list(
        command: TestCommand,
        cancel: &Cancel,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, Failure> {
        let listed = list(command, cancel, progress)?;
        if let Some(problem) = &listed.problem {
            return Err(Failure::world(problem));
        }
        let problems = listed.packages.iter();
        let problems = problems.filter_map(|package| package.problem.as_deref());
        let problems: Vec<&str> = problems.collect();
        if !problems.is_empty() {
            return Err(Failure::world(problems.join("\ngoproctor: ")));
        }
        if !listed.packages.iter().any(TestPackage::has_tests) {
            return Err(Failure::world(
                "there are no _test.go files in these packages: name packages with tests, such as ./...",
            ));
        }
        Ok(Self { listed })
    }

    /// Those that have tests.
    pub(super) fn packages(&self) -> impl Iterator<Item = &TestPackage> {
        self.listed
            .packages
            .iter()
            .filter(|package| package.has_tests())
    }

    /// The command as the release understands it.
    pub(super) const fn command(&self) -> &TestCommand {
        &self.listed.command
    }

    /// Globs of all functions of the packages under test that belong to the module.
    ///
    /// # Errors
    /// There are none.
    pub(super) fn own_functions(&self) -> Result<Vec<String>, Failure> {
        let own = self
            .packages()
            .filter(|package| package.main_module || package.import_path == FILES);
        let own: Vec<String> = own
            .map(|package| format!("{}.*", package.import_path))
            .collect();
        match own.is_empty() {
            true => Err(Failure::usage(
                "these packages are of other modules: name the functions with -f",
            )),
            false => Ok(own),
        }
    }

    /// Prepares a run of the tests in which some functions can be seen.
    ///
    /// # Errors
    /// A pattern is none, or go can't list what the tests are built from.
    pub(super) fn prepare(
        &self,
        patterns: &[String],
        progress: &mut dyn FnMut(&str),
    ) -> Result<TestBuild, Failure> {
        let watched = self.packages().map(|package| WatchedPackage {
            import_path: package.import_path.clone(),
            functions: patterns.to_vec(),
            floats: Vec::new(),
        });
        let request = TestBuildRequest {
            packages: &self.listed,
            watched: watched.collect(),
            exec: own_exec()?,
            lasting: false,
        };
        let build = prepare_test(&request, progress);
        let build = build.map_err(|error| Failure::usage(error.to_string()))?;
        match &build.problem {
            Some(problem) => Err(Failure::world(problem)),
            None => Ok(build),
        }
    }
}

/// Says that more functions are meant than can be watched, if they are, and what to do.
pub(super) fn warn_of_room(functions: usize, advice: &str) {
    if functions > MAX_FUNCTIONS {
        eprintln!(
            "goproctor: {functions} functions are meant, and {MAX_FUNCTIONS} of one test binary can be watched: {advice}"
        );
    }
}

/// What the source declares that some patterns mean, each once.
pub(super) fn declared(
    build: &TestBuild,
    patterns: &[String],
) -> Result<Vec<DeclaredRow>, Failure> {
    meant_by(build, patterns)
        .map(|rows| rows.into_values().collect())
        .map_err(Failure::usage)
}

/// What the source declares that some patterns mean, by name.
pub(super) fn meant_by(
    build: &TestBuild,
    patterns: &[String],
) -> Result<BTreeMap<String, DeclaredRow>, String> {
    let mut rows = BTreeMap::new();
    for declarations in build.declarations.values() {
        let all = rows_of(declarations);
        for pattern in patterns {
            let meanings = declarations.packages.meanings(pattern);
            let meanings = meanings.map_err(|error| format!("-f {error}"))?;
            let of = |wanted: &[Pattern]| -> Vec<DeclaredRow> {
                let is_meant = |row: &&DeclaredRow| {
                    let mut wanted = wanted.iter();
                    wanted.any(|pattern| pattern.matches_declared(&row.name))
                };
                all.iter().filter(is_meant).cloned().collect()
            };
            let mut meant = of(std::slice::from_ref(&meanings.full));
            if meant.is_empty() {
                meant = of(&meanings.short_for);
            }
            rows.extend(meant.into_iter().map(|row| (row.name.clone(), row)));
        }
    }
    Ok(rows)
}

fn rows_of(declarations: &Declarations) -> Vec<DeclaredRow> {
    let canonical = |name: &str| names::canonical(name).into_owned();
    let functions = declarations.functions.iter().map(|function| DeclaredRow {
        name: canonical(&function.name),
        package: function.package.clone(),
        file: function.file.to_string_lossy().into_owned(),
        line: function.line,
        has_body: function.has_body,
        within: None,
    });
    let literals = declarations.literals().map(|literal| DeclaredRow {
        name: canonical(&literal.name),
        package: literal.package.clone(),
        file: literal.file.to_string_lossy().into_owned(),
        line: literal.line,
        has_body: true,
        within: Some(canonical(&literal.enclosing())),
    });
    functions.chain(literals).collect()
}

/// A pattern means nothing in any of the programs.
pub(super) fn nothing(pattern: &str, all: &TestBuild) -> Failure {
    let rows: Vec<DeclaredRow> = all.declarations.values().flat_map(rows_of).collect();
    let short = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    let known = rows.iter().filter(|row| row.within.is_none());
    let known: Vec<String> = known.map(|row| short(&row.name)).collect();
    let help = did_you_mean(pattern, known.iter().map(String::as_str));
    let help = help.map_or_else(String::new, |help| format!("; {help}"));
    Failure::usage(format!(
        "-f {pattern} means no function of these packages{help}"
    ))
}
