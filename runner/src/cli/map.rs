//! `goproctor map`

use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    io::{self, Write as _},
    os::fd::AsFd as _,
    path::Path,
    process::Stdio,
    sync::Arc,
};

use golang::toolchain::{TestBuild, TestCommand};
use kernel::LoadOptions;

use super::{
    Failure,
    arguments::MapArguments,
    map_setup::{TestedPackages, declared, meant_by, nothing, warn_of_room},
    screen::{Screen, Waiting},
    since::Since,
    startup,
    test::{go, with_helper},
};
use crate::{
    go_test::{self, Mapper, MapperOptions},
    map::{self, Matrix},
    report::ExitCode,
    session::{Cancel, Kernels, MappedTests, Progress, SessionError},
};

/// Runs `go test`, and prints which tests reach each function, or what changed.
///
/// # Errors
/// Nothing can be tested or watched, a pattern means nothing, or git does not know what changed.
pub(super) fn run(arguments: &MapArguments) -> Result<ExitCode, Failure> {
    // A result from the cache reaches nothing.
    let words = TestCommand::parse(&arguments.command).with(&["-count=1".into()]);
    let command = TestCommand::parse(&words);
    refuse(arguments, &command)?;
    let folder = env::current_dir()
        .map_err(|error| Failure::world(format!("cannot find the current folder: {error}")))?;
    let since = arguments.since.as_deref();
    let since = since
        .map(|revision| Since::find(revision, &command.folder(&folder)))
        .transpose()?;
    startup::may_watch()?;
    let cancel = startup::cancel()?;
    let waiting = Waiting::new(&Screen::detect(), false);
    let mut progress = |line: &str| waiting.show(&Progress::Go(line.to_owned()));
    let tested = TestedPackages::list(command, &cancel, &mut progress)?;
    // Before there is an overlay to keep.
    keeper::begin();
    let mut runner = MapRunner {
        kernels: Kernels::new(LoadOptions {
            ring_bytes: arguments.kernel.ring_mib << 20,
        }),
        tested,
        cancel,
        waiting: &waiting,
    };
    let folder = folder.canonicalize().unwrap_or(folder);
    match since {
        Some(since) => since.run(&mut runner, arguments.json, &folder),
        None => all(&runner, arguments, &folder),
    }
}

/// The map of all functions, or of those that are named.
fn all(
    runner: &MapRunner<'_>,
    arguments: &MapArguments,
    folder: &Path,
) -> Result<ExitCode, Failure> {
    let tested = &runner.tested;
    let patterns = match arguments.functions.is_empty() {
        true => tested.own_functions()?,
        false => arguments.functions.clone(),
    };
    runner.load_ahead();
    let build = runner.prepare(&patterns)?;
    let declared = declared(&build, &patterns)?;
    let means_nothing = |pattern: &&String| {
        let meant = meant_by(&build, std::slice::from_ref(*pattern));
        meant.is_ok_and(|meant| meant.is_empty())
    };
    if let Some(pattern) = arguments.functions.iter().find(means_nothing) {
        let all = runner.prepare(&tested.own_functions()?)?;
        return Err(nothing(pattern, &all));
    }
    warn_of_room(declared.len(), "name fewer packages, or functions with -f");
    let (seen, outcome) = runner.see(&build, patterns)?;
    let matrix = Matrix::new(declared, &seen, arguments.functions.is_empty());
    print_all(arguments.json, &matrix, folder)?;
    Ok(with_losses(
        outcome,
        matrix.lost,
        "use a larger --ring, or watch fewer functions with -f",
    ))
}

fn print_all(json: bool, matrix: &Matrix, folder: &Path) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match json {
        true => {
            for line in map::json_lines(matrix) {
                writeln!(out, "{line}")?;
            }
        }
        false => out.write_all(map::text(matrix, folder).as_bytes())?,
    }
    out.flush()
}

/// Runs tests, and sees which functions they reach.
pub(super) struct MapRunner<'w> {
    /// What is tested.
    pub(super) tested: TestedPackages,
    kernels: Arc<Kernels>,
    cancel: Cancel,
    waiting: &'w Waiting,
}

impl MapRunner<'_> {
    /// Begins to load what watches, while go builds.
    pub(super) fn load_ahead(&self) {
        self.kernels.load_ahead(self.tested.packages().count());
    }

    /// Prepares a run of the tests in which some functions can be seen.
    ///
    /// # Errors
    /// A pattern is none, or go can't list what the tests are built from.
    pub(super) fn prepare(&self, patterns: &[String]) -> Result<TestBuild, Failure> {
        let mut progress = |line: &str| self.waiting.show(&Progress::Go(line.to_owned()));
        self.tested.prepare(patterns, &mut progress)
    }

    /// Runs the tests: what was seen of each package, and what the whole comes to.
    ///
    /// # Errors
    /// go can't be started, or a test binary can't be watched.
    pub(super) fn see(
        &self,
        build: &TestBuild,
        patterns: Vec<String>,
    ) -> Result<(BTreeMap<String, MappedTests>, ExitCode), Failure> {
        self.waiting.clear();
        let options = MapperOptions {
            patterns,
            exec: build.exec.clone().unwrap_or_default(),
        };
        let folders = self.tested.packages();
        let folders = folders.map(|package| (package.import_path.clone(), package.folder.clone()));
        let kernels = Arc::clone(&self.kernels);
        let mapper = Mapper::new(folders.collect(), options, kernels, self.cancel.clone());
        let mapper = Arc::new(mapper);
        let own_output = io::stderr().as_fd().try_clone_to_owned()?;
        let status = with_helper(&mapper, |socket| {
            go(build, socket, Stdio::from(own_output), &self.cancel)
        })?;
        judge(&self.tested, mapper.take_seen(), status.success())
    }
}

/// What a run comes to of which hits were lost, if any were; then says what to do.
pub(super) fn with_losses(outcome: ExitCode, lost: u64, advice: &str) -> ExitCode {
    if lost == 0 {
        return outcome;
    }
    eprintln!(
        "goproctor: {lost} hits were lost, so functions may be reached by more tests: {advice}"
    );
    match outcome {
        ExitCode::Passed => ExitCode::Inconclusive,
        outcome => outcome,
    }
}

/// Refuses what would run no tests, or not under goproctor.
fn refuse(arguments: &MapArguments, command: &TestCommand) -> Result<(), Failure> {
    if env::var_os(go_test::SWITCH).is_some_and(|value| value == "off") {
        return Err(Failure::usage(
            "GOPROCTOR=off runs tests without goproctor: unset it to map them",
        ));
    }
    if arguments.since.is_some() && !arguments.functions.is_empty() {
        return Err(Failure::usage(
            "--since looks at the functions that changed: leave -f out, or leave --since out",
        ));
    }
    let is_since = |word: &OsString| {
        let word = word.to_string_lossy();
        word == "--since" || word.starts_with("--since=")
    };
    let own = arguments.command.iter().take_while(|word| *word != "-args");
    if own.into_iter().any(is_since) {
        return Err(Failure::usage(
            "--since is goproctor's: write it before the packages and the flags of go test",
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

/// What was seen of each package, and what the whole comes to.
fn judge(
    tested: &TestedPackages,
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
        .packages()
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
