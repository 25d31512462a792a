//! One round of `goproctor run`: specs are read, tests selected, run and reported.

use std::{
    io::{self, Write},
    path::PathBuf,
    time::Instant,
};

use spec::{Spec, document::Test};

use super::{
    Failure,
    argument_groups::Selection,
    arguments::RunArguments,
    discovery, run_jobs,
    run_spec::{Selected, SpecRunner},
    run_steps::Reporter,
    run_stubs,
    screen::Screen,
    startup,
};
use crate::{report::ExitCode, session::SessionError};

/// Reads the specs that the command line means, as it wants them.
///
/// # Errors
/// What is wrong with them; who reads events has been told.
pub(super) fn read(arguments: &RunArguments, screen: &Screen) -> Result<Vec<Spec>, Failure> {
    let paths = discovery::specs(&arguments.paths)?;
    let mut specs = startup::read(&paths).or_else(|wrong| unread(wrong, arguments, screen))?;
    pass_over_go_tests(&mut specs, &arguments.paths, arguments.list)?;
    if arguments.record_stubs.is_some() {
        run_stubs::ask_upstreams(&mut specs)?;
    }
    for spec in &mut specs {
        arguments.environment.give(&mut spec.program);
        arguments.returns.tell(&mut spec.program);
        spec.program.build_with(arguments.go.as_deref());
    }
    Ok(specs)
}

/// Leaves out the specs of Go tests that were found in folders. Those that are named can be listed, not run.
fn pass_over_go_tests(
    specs: &mut Vec<Spec>,
    named: &[PathBuf],
    lists: bool,
) -> Result<(), Failure> {
    let is_named = |spec: &Spec| named.contains(&spec.source.path);
    if lists {
        specs.retain(|spec| !spec.is_of_go_tests() || is_named(spec));
    } else if let Some(spec) = specs
        .iter()
        .find(|spec| spec.is_of_go_tests() && is_named(spec))
    {
        let path = spec.source.path.display();
        return Err(Failure::usage(format!("{path}: {}", SessionError::GoTests)));
    }
    specs.retain(|spec| lists || !spec.is_of_go_tests());
    if specs.is_empty() {
        return Err(Failure::usage(
            "there are only specs of Go tests here: run them with `goproctor test`",
        ));
    }
    Ok(())
}

/// Reports specs that can't be read. People see them as any other failure.
fn unread(wrong: Failure, arguments: &RunArguments, screen: &Screen) -> Result<Vec<Spec>, Failure> {
    if arguments.list {
        return Err(wrong);
    }
    if arguments.display.junit.is_some() {
        // The report belongs to the user.
        let first = arguments.paths.first();
        startup::settle(
            &arguments.user,
            first.map_or_else(|| ".".into(), PathBuf::clone),
        )?;
    }
    arguments
        .display
        .report_wrong_specs(screen, wrong.spec_errors())?;
    Err(wrong.reported())
}

/// The tests that are meant, by spec, and what the command line asks of their number.
///
/// # Errors
/// There are none, or more than can be recorded.
pub(super) fn selected<'s>(
    specs: &'s [Spec],
    arguments: &RunArguments,
) -> Result<Vec<Selected<'s>>, Failure> {
    let mut selected = select(specs, &arguments.selection)?;
    if let Some(partition) = arguments.partition {
        partition.keep(&mut selected);
        if selected.is_empty() {
            eprintln!("goproctor: none of these tests is in part {partition}");
        }
    }
    if arguments.record.is_some() && selected.len() != 1 {
        return Err(Failure::usage("--record takes exactly one spec: name it"));
    }
    Ok(selected)
}

/// The tests that are meant, by spec; specs without any are left out.
pub(super) fn select<'s>(
    specs: &'s [Spec],
    selection: &Selection,
) -> Result<Vec<(&'s Spec, Vec<&'s Test>)>, Failure> {
    selection.tags.check(specs)?;
    let selected: Vec<_> = specs
        .iter()
        .map(|spec| {
            let tests = spec.tests.iter().filter(|test| selection.takes(test));
            (spec, tests.collect::<Vec<_>>())
        })
        .filter(|(_, tests)| !tests.is_empty())
        .collect();
    if selected.is_empty() {
        let names: Vec<_> = specs
            .iter()
            .flat_map(|spec| &spec.tests)
            .map(|test| format!("  {}", test.name.value))
            .collect();
        return Err(Failure::usage(format!(
            "no test matches; the tests are:\n{}",
            names.join("\n")
        )));
    }
    Ok(selected)
}

/// How many specs are run at the same time.
pub(super) fn jobs(selected: &[Selected<'_>], arguments: &RunArguments) -> usize {
    selected.len().min(arguments.many.jobs as usize)
}

/// Runs tests once, from the first line of the report to its last.
///
/// # Errors
/// A session can't be ended as it should, or nothing can be shown.
pub(super) fn round(
    selected: &[Selected<'_>],
    runner: &SpecRunner<'_>,
    screen: Screen,
) -> Result<ExitCode, Failure> {
    let arguments = runner.arguments;
    let mut reporter = Reporter::new(arguments, screen)?;
    let outcome = reported(selected, runner, &mut reporter);
    outcome.map_err(|failure| reporter.broke(failure))
}

fn reported(
    selected: &[Selected<'_>],
    runner: &SpecRunner<'_>,
    reporter: &mut Reporter,
) -> Result<ExitCode, Failure> {
    let arguments = runner.arguments;
    let begun = Instant::now();
    let tests: usize = selected.iter().map(|(_, tests)| tests.len()).sum();
    let tests = tests * arguments.count as usize;
    reporter.run.started(tests)?;
    run_jobs::run(selected, jobs(selected, arguments), runner, reporter)?;
    reporter.clear();
    let left = tests.saturating_sub(reporter.run.tests());
    if left > 0 && runner.cancel.is_set() && !arguments.many.watch {
        // What was run may all have passed.
        return Err(Failure::world(format!(
            "interrupted: {left} of {tests} tests were not run"
        )));
    }
    let exit = reporter.run.ended(begun.elapsed())?;
    io::stdout().flush()?;
    Ok(exit)
}
