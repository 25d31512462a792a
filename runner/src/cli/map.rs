//! `goproctor map`

use std::{
    env,
    ffi::OsString,
    io::{self, Write as _},
    path::Path,
};

use golang::toolchain::TestCommand;

use super::{
    Failure,
    arguments::MapArguments,
    map_run::{MapRunner, with_losses},
    map_setup::{TestedPackages, declared, meant_by, nothing, warn_of_room},
    screen::{Screen, Waiting},
    since::Since,
    startup,
};
use crate::{
    go_test,
    map::{self, Matrix},
    report::ExitCode,
    session::Progress,
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
    let ring_bytes = arguments.kernel.ring_mib << 20;
    let runner = MapRunner::new(tested, ring_bytes, cancel, &waiting);
    let folder = folder.canonicalize().unwrap_or(folder);
    match since {
        Some(since) => since.run(&runner, arguments.json, &folder),
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
        let name = word.split_once('=').map_or(&*word, |(name, _)| name);
        matches!(name, "-since" | "--since")
    };
    let own = arguments.command.iter().take_while(|word| *word != "-args");
    if own.into_iter().any(is_since) {
        return Err(Failure::usage(
            "--since is goproctor's: write it with two dashes, before the packages and the flags of go test",
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
