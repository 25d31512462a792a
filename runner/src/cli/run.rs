//! `goproctor run`

use std::{
    io,
    path::{Path, PathBuf},
};

use clap::ArgMatches;
use judge::snapshot::Store;
use kernel::LoadOptions;

use super::{
    Failure,
    arguments::RunArguments,
    discovery, listing,
    run_config::{self, Taken},
    run_round::{jobs, read, round, selected},
    run_spec::SpecRunner,
    run_stubs::StubRecorder,
    run_watch,
    screen::Screen,
    startup,
};
use crate::{
    report::ExitCode,
    session::{Kernels, SnapshotMode},
};

/// Runs specs and judges what is seen. `given` knows what was written on the command line.
///
/// # Errors
/// What is wrong with the command line, the config file or the specs, before anything is run.
pub(super) fn run(arguments: &RunArguments, given: &ArgMatches) -> Result<ExitCode, Failure> {
    let given = given.subcommand().map_or(given, |(_, given)| given);
    let (arguments, config) = run_config::complete(arguments.clone(), given)?;
    complete(&arguments, config).inspect_err(|failure| arguments.display.tell(failure))
}

/// The same, with all that the config file says.
fn complete(arguments: &RunArguments, config: Option<Taken>) -> Result<ExitCode, Failure> {
    if let Some(config) = config.filter(|_| arguments.display.verbose) {
        eprintln!("goproctor: {}", config.text());
    }
    match arguments.many.watch {
        true => watch(arguments),
        false => once(arguments),
    }
}

/// Runs them once.
fn once(arguments: &RunArguments) -> Result<ExitCode, Failure> {
    let screen = Screen::detect();
    let specs = read(arguments, &screen)?;
    let selected = selected(&specs, arguments)?;
    if arguments.list {
        listing::print(&mut io::stdout(), &selected, arguments.display.json)?;
        return Ok(ExitCode::Passed);
    }
    let first = specs.first().map(|spec| spec.source.path.as_path());
    with_runner(arguments, first, &|runner| {
        runner.kernels.load_ahead(jobs(&selected, arguments));
        let exit = round(&selected, runner, screen)?;
        match &runner.stubs {
            Some(recorder) => recorder.write(exit),
            None => Ok(exit),
        }
    })
}

/// Runs them, and again whenever something changes that they depend on.
fn watch(arguments: &RunArguments) -> Result<ExitCode, Failure> {
    let found = discovery::specs(&arguments.paths)?;
    with_runner(arguments, found.first().map(PathBuf::as_path), &|runner| {
        runner.kernels.load_ahead(arguments.many.jobs as usize);
        run_watch::run(arguments, runner)
    })
}

/// Becomes the right user, and gives `run` what runs specs.
fn with_runner(
    arguments: &RunArguments,
    first: Option<&Path>,
    run: &dyn Fn(&SpecRunner<'_>) -> Result<ExitCode, Failure>,
) -> Result<ExitCode, Failure> {
    let files = first.unwrap_or_else(|| Path::new(".")).to_owned();
    let identity = startup::settle_to_watch(&arguments.user, files)?;
    let cancel = startup::cancel()?;
    let ring_bytes = arguments.kernel.ring_mib << 20;
    run(&SpecRunner {
        arguments,
        identity: &identity,
        cancel: &cancel,
        mode: if arguments.accept {
            SnapshotMode::Accept
        } else if Store::in_ci() {
            SnapshotMode::ReadOnly
        } else {
            SnapshotMode::Propose
        },
        kernels: Kernels::new(LoadOptions { ring_bytes }),
        stubs: match &arguments.record_stubs {
            Some(path) => Some(StubRecorder::begin(path)?),
            None => None,
        },
    })
}
