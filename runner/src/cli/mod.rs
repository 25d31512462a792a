//! The command line: one file a subcommand; parses, calls the session, gives the exit code.

mod argument_groups;
pub mod arguments;
mod check;
mod completions;
mod diff;
mod diff_abi;
mod diff_arguments;
mod diff_cause;
pub mod discovery;
mod displays;
mod doctor;
mod exec;
mod failure;
mod listing;
mod man;
mod map;
mod map_run;
mod map_setup;
mod matrix;
mod matrix_releases;
mod matrix_run;
mod partition;
mod replay;
mod review;
mod run;
mod run_config;
mod run_groups;
mod run_jobs;
mod run_round;
mod run_spec;
mod run_steps;
mod run_stubs;
mod run_watch;
mod screen;
mod sides;
mod since;
mod snapshot;
mod snapshot_arguments;
mod startup;
mod tags;
mod test;
mod test_flags;
mod test_setup;
mod test_tree;
mod trace;
mod trace_printer;
mod trace_question;
mod upgrade;
mod upgrade_arguments;
mod waiting_snapshots;
mod watched_files;

use std::process;

use clap::{CommandFactory as _, FromArgMatches as _};

use self::arguments::{Arguments, Command};
pub(crate) use self::failure::Failure;
use crate::report::ExitCode;

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> process::ExitCode {
    let words = arguments::two_dashes(std::env::args_os());
    let parsed = Arguments::command().try_get_matches_from(words);
    let parsed = parsed.and_then(|matches| Ok((Arguments::from_arg_matches(&matches)?, matches)));
    let (arguments, given) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version are no errors; clap knows which stream is meant.
            let exit = if error.use_stderr() {
                ExitCode::Usage
            } else {
                ExitCode::Passed
            };
            let _ = error.print();
            return exit.into();
        }
    };
    let outcome = match &arguments.command {
        Command::Run(arguments) => run::run(arguments, &given),
        Command::Trace(arguments) => trace::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Doctor(arguments) => doctor::run(arguments),
        Command::Replay(arguments) => replay::run(arguments),
        Command::Review(arguments) => review::run(arguments),
        Command::Snapshot(arguments) => snapshot::run(arguments),
        Command::Schema => schema(),
        Command::Map(arguments) => map::run(arguments),
        Command::Matrix(arguments) => matrix::run(arguments),
        Command::Upgrade(arguments) => upgrade::run(arguments),
        Command::Test(arguments) => return status(test::run(arguments)),
        Command::Completions(arguments) => completions::run(arguments, Arguments::command()),
        Command::Man(arguments) => man::run(arguments, Arguments::command()),
        Command::Exec(arguments) => return status(exec::run(arguments)),
    };
    outcome.unwrap_or_else(|failure| failure.print()).into()
}

/// The status that go or a test binary ended with.
fn status(outcome: Result<u8, Failure>) -> process::ExitCode {
    match outcome {
        Ok(status) => status.into(),
        Err(failure) => failure.print().into(),
    }
}

fn schema() -> Result<ExitCode, Failure> {
    let text = serde_json::to_string_pretty(&spec::schema()).map_err(std::io::Error::from)?;
    println!("{text}");
    Ok(ExitCode::Passed)
}
