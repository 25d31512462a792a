//! `goproctor map`

use std::{
    collections::BTreeMap,
    env,
    io::{self, Write as _},
    os::{fd::AsFd as _, unix::net::UnixListener},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    thread,
};

use golang::{
    Pattern, names,
    toolchain::{
        Declarations, TestBuild, TestBuildRequest, TestCommand, TestPackage, TestPackages,
        TestRequest, WatchedPackage, prepare_test, test_packages,
    },
};
use model::suggestion::did_you_mean;

use super::{
    Failure,
    arguments::MapArguments,
    screen::{Screen, Waiting},
    startup,
    test::go,
    test_setup::{own_exec, world},
};
use crate::{
    go_test::{self, Mapper, MapperOptions},
    map::{self, DeclaredRow, Matrix},
    report::ExitCode,
    session::{self, MAX_FUNCTIONS, MappedTests, Progress, SessionError},
};

/// The import path of a package of files that the command line names.
const FILES: &str = "command-line-arguments";

/// Runs `go test`, and prints which tests reach each function.
///
/// # Errors
/// Nothing can be tested or watched, or a pattern means nothing.
pub(super) fn run(arguments: &MapArguments) -> Result<ExitCode, Failure> {
    let mut words = arguments.command.clone();
    // A result from the cache reaches nothing.
    words.insert(0, "-count=1".into());
    let command = TestCommand::parse(&words);
    refuse(&command)?;
    let folder = env::current_dir()
        .map_err(|error| Failure::world(format!("cannot find the current folder: {error}")))?;
    startup::may_watch()?;
    let cancel = startup::cancel()?;
    let waiting = Waiting::new(&Screen::detect(), false);
    let mut progress = |line: &str| waiting.show(&Progress::Go(line.to_owned()));
    let mut request = TestRequest::new(command, &folder);
    request.cancel = cancel.flag();
    let listed = test_packages(&request, &mut progress).map_err(world)?;
    let tested = tested(&listed)?;
    // Before there is an overlay to keep.
    keeper::begin();
    let patterns = match arguments.functions.is_empty() {
        true => own_functions(&tested)?,
        false => arguments.functions.clone(),
    };
    let mut prepare = |patterns: &[String]| {
        let watched = tested.iter().map(|package| WatchedPackage {
            import_path: package.import_path.clone(),
            functions: patterns.to_vec(),
            floats: Vec::new(),
        });
        let request = TestBuildRequest {
            packages: &listed,
            watched: watched.collect(),
            exec: own_exec()?,
            lasting: false,
        };
        prepare_test(&request, &mut progress).map_err(|error| Failure::usage(error.to_string()))
    };
    let build = prepare(&patterns)?;
    if let Some(problem) = &build.problem {
        return Err(Failure::world(problem));
    }
    let declared = declared(&build, &patterns)?;
    let of_pattern = |pattern: &String| {
        let meant = meant_by(&build, std::slice::from_ref(pattern));
        meant.is_ok_and(|meant| meant.is_empty())
    };
    if let Some(pattern) = arguments
        .functions
        .iter()
        .find(|pattern| of_pattern(pattern))
    {
        let all = prepare(&own_functions(&tested)?)?;
        return Err(nothing(pattern, &all));
    }
    if declared.len() > MAX_FUNCTIONS {
        eprintln!(
            "goproctor: {} functions are meant, and {MAX_FUNCTIONS} of one test binary can be watched: name fewer packages, or functions with -f",
            declared.len()
        );
    }
    waiting.clear();
    let options = MapperOptions {
        patterns,
        ring_bytes: arguments.kernel.ring_mib << 20,
        exec: build.exec.clone().unwrap_or_default(),
    };
    let folders = tested.iter();
    let folders = folders.map(|package| (package.import_path.clone(), package.folder.clone()));
    let mapper = Arc::new(Mapper::new(folders.collect(), options, cancel.clone()));
    let socket_folder = session::kept_folder().map_err(cannot_make_socket)?;
    let socket = socket_folder.path().join("helper");
    let listener = UnixListener::bind(&socket).map_err(cannot_make_socket)?;
    let serving = Arc::clone(&mapper);
    thread::spawn(move || serving.serve(&listener));
    let own_output = io::stderr().as_fd().try_clone_to_owned()?;
    let status = go(&build, &socket, Stdio::from(own_output), &cancel)?;
    let (seen, outcome) = judge(&tested, mapper.take_seen(), status.success())?;
    let matrix = Matrix::new(declared, &seen, arguments.functions.is_empty());
    print(arguments, &matrix, &folder)?;
    if matrix.lost > 0 {
        eprintln!(
            "goproctor: {} hits were lost, so functions may be reached by more tests: use a larger --ring, or watch fewer functions with -f",
            matrix.lost
        );
        return Ok(match outcome {
            ExitCode::Passed => ExitCode::Inconclusive,
            outcome => outcome,
        });
    }
    Ok(outcome)
}

fn cannot_make_socket(error: io::Error) -> Failure {
    Failure::world(format!("cannot make a socket: {error}"))
}

/// Refuses what would run no tests, or not under goproctor.
fn refuse(command: &TestCommand) -> Result<(), Failure> {
    if env::var_os(go_test::SWITCH).is_some_and(|value| value == "off") {
        return Err(Failure::usage(
            "GOPROCTOR=off runs tests without goproctor: unset it to map them",
        ));
    }
    if command.is_set("json") {
        return Err(Failure::usage(
            "-json is of go test: write --json for a map in JSON",
        ));
    }
    let lists = ["list", "fuzz"].into_iter();
    let mut lists = lists.filter(|flag| command.value(flag).is_some_and(|value| !value.is_empty()));
    match lists.next() {
        Some(flag) => Err(Failure::usage(format!(
            "a map is of tests that run: leave -{flag} out"
        ))),
        None if !command.runs_tests() => Err(Failure::usage(
            "a map is of tests that run: give packages and flags as `go test` runs them",
        )),
        None => Ok(()),
    }
}

/// The packages that have tests.
fn tested(listed: &TestPackages) -> Result<Vec<&TestPackage>, Failure> {
    if let Some(problem) = &listed.problem {
        return Err(Failure::world(problem));
    }
    let problems = listed.packages.iter();
    let problems = problems.filter_map(|package| package.problem.as_deref());
    let problems: Vec<&str> = problems.collect();
    if !problems.is_empty() {
        return Err(Failure::world(problems.join("\ngoproctor: ")));
    }
    let tested = listed.packages.iter().filter(|package| package.has_tests());
    let tested: Vec<_> = tested.collect();
    match tested.is_empty() {
        true => Err(Failure::world(
            "there are no _test.go files in these packages: name packages with tests, such as ./...",
        )),
        false => Ok(tested),
    }
}

/// Globs of all functions of the packages under test that belong to the module.
fn own_functions(tested: &[&TestPackage]) -> Result<Vec<String>, Failure> {
    let own = tested.iter().filter(|package| {
        let path = &package.import_path;
        package.main_module || path == FILES
    });
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

/// What the source declares that some patterns mean, each once.
fn declared(build: &TestBuild, patterns: &[String]) -> Result<Vec<DeclaredRow>, Failure> {
    meant_by(build, patterns)
        .map(|rows| rows.into_values().collect())
        .map_err(Failure::usage)
}

fn meant_by(
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
fn nothing(pattern: &str, all: &TestBuild) -> Failure {
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

/// What was seen of each package, and what the whole comes to.
fn judge(
    tested: &[&TestPackage],
    seen: BTreeMap<String, Result<MappedTests, SessionError>>,
    is_passed: bool,
) -> Result<(BTreeMap<String, MappedTests>, ExitCode), Failure> {
    let mut mapped = BTreeMap::new();
    for (package, seen) in seen {
        match seen {
            Ok(seen) => {
                mapped.insert(package, seen);
            }
            Err(error @ SessionError::Functions(_)) => {
                return Err(Failure::usage(error.to_string()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let missing = tested
        .iter()
        .filter(|package| !mapped.contains_key(&package.import_path));
    let missing: Vec<&str> = missing
        .map(|package| package.import_path.as_str())
        .collect();
    if !missing.is_empty() {
        return Err(Failure::world(format!(
            "the tests of {} did not run, so there is no map; go says why",
            missing.join(", ")
        )));
    }
    if !is_passed {
        eprintln!("goproctor: tests failed, and may not have come to all that they reach");
        return Ok((mapped, ExitCode::Failed));
    }
    Ok((mapped, ExitCode::Passed))
}

fn print(arguments: &MapArguments, matrix: &Matrix, folder: &Path) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    if arguments.json {
        for line in map::json_lines(matrix) {
            writeln!(out, "{line}")?;
        }
    } else {
        let folder: PathBuf = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        out.write_all(map::text(matrix, &folder).as_bytes())?;
    }
    out.flush()
}
