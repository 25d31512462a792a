//! `goproctor diff`

use std::{
    io::{self, Write as _},
    path::PathBuf,
    time::Instant,
};

use compare::latency;
use kernel::LoadOptions;
use model::Retention;
use serde_json::json;
use spec::{Spec, document::Test};

use super::{
    Failure, diff_abi,
    diff_arguments::DiffArguments,
    diff_cause::CauseFinder,
    discovery,
    run_round::select,
    screen::{Screen, Waiting},
    sides::Sides,
    startup,
};
use crate::{
    report::{
        ComparisonSummary, ExitCode, comparison_json, comparison_markdown, comparison_text,
        latency_json, latency_markdown, latency_roots, latency_text, unstable_text,
    },
    session::{Kernels, Progress},
    worlds::{Compared, Context, Stage, StageError, Versus, World},
};

/// Runs the tests of specs in two worlds, and shows what differs.
///
/// # Errors
/// What is wrong with the command line or the specs, or a world in which nothing can be run.
pub(super) fn run(arguments: &DiffArguments) -> Result<ExitCode, Failure> {
    if arguments.abi {
        return diff_abi::run(arguments);
    }
    let screen = Screen::detect();
    let mut sides = Sides::new(arguments)?;
    let paths = discovery::specs(&arguments.paths)?;
    let mut specs = startup::read(&paths)?;
    for spec in &mut specs {
        arguments.environment.give(&mut spec.program);
        arguments.returns.tell(&mut spec.program);
    }
    let selected = select(&specs, &arguments.selection)?;
    let identity = startup::settle_to_watch(
        &arguments.user,
        paths.first().map_or_else(|| ".".into(), PathBuf::clone),
    )?;
    let cancel = startup::cancel()?;
    let ring_bytes = arguments.kernel.ring_mib << 20;
    let context = Context {
        identity: &identity,
        cancel: &cancel,
        kernels: Kernels::new(LoadOptions { ring_bytes }),
        ring_bytes,
        // All of it is compared, whatever the tests are judged on.
        at_least: Retention::Calls,
    };
    let waiting = Waiting::new(&screen, false);
    let finder = arguments.cause;
    let finder = finder.then(|| CauseFinder::new(&sides, &context, &waiting, arguments.runs));
    let finder = finder.transpose()?;
    let mut printer = Printer {
        arguments,
        names: sides.names(),
        screen,
        summary: ComparisonSummary::default(),
    };
    let begun = Instant::now();
    let worlds = selected.iter().map(|(spec, _)| sides.worlds(spec));
    let worlds = worlds.collect::<Result<Vec<_>, _>>()?;
    printer.begin(selected.iter().map(|(_, tests)| tests.len()).sum())?;
    for ((spec, tests), worlds) in selected.into_iter().zip(worlds) {
        let compared = compare(spec, &tests, &worlds, &context, arguments, &waiting);
        match compared {
            Ok(mut compared) => {
                let compared_tests = compared.tests.iter_mut();
                let named = compared_tests.map(|test| (test.name.as_str(), &mut test.comparison));
                ::compare::join(named);
                if let Some(finder) = &finder {
                    finder.explain(spec, &tests, &worlds, &context, &mut compared)?;
                }
                for test in &mut compared.tests {
                    let places = test.comparison.places_mut();
                    places.for_each(|place| sides.name_in_repository(place));
                }
                waiting.clear();
                printer.print(spec, &compared)?;
            }
            Err((side, error)) if !error.is_cancelled() => {
                waiting.clear();
                printer.refuse(spec, side, &error)?;
            }
            Err((_, error)) => return Err(Failure::world(error.to_string())),
        }
    }
    printer.end(begun.elapsed())
}

/// Runs a spec's tests in both worlds so many times. An error says in which world it is.
fn compare<'c>(
    spec: &Spec,
    tests: &[&Test],
    worlds: &[World; 2],
    context: &Context<'c>,
    arguments: &DiffArguments,
    waiting: &Waiting,
) -> Result<Compared, (usize, StageError)> {
    let begin = |side: usize, world: &World| {
        let mut progress = |progress: Progress| waiting.show(&progress);
        Stage::begin(spec, tests, world, context, &mut progress).map_err(|error| (side, error))
    };
    let [before, after] = worlds;
    let stages = [begin(0, before)?, begin(1, after)?];
    let mut versus = Versus::new(stages);
    let mut runs = arguments.runs as usize;
    let mut run = 0;
    while run < runs {
        run += 1;
        waiting.test(&format!(
            "{}: run {run} of {runs}",
            spec.source.path.display()
        ));
        versus.round()?;
        if arguments.latency && run == 1 {
            // The first shows how many functions there are. The number is not changed by what is found.
            runs = runs.max(versus.latency_rounds());
        }
    }
    versus.end()
}

/// What is shown, in the form that was asked for.
struct Printer<'a> {
    arguments: &'a DiffArguments,
    names: [String; 2],
    screen: Screen,
    summary: ComparisonSummary,
}

impl Printer<'_> {
    fn begin(&self, tests: usize) -> io::Result<()> {
        let [before, after] = &self.names;
        let mut out = io::stdout().lock();
        if self.arguments.json {
            let line = json!({
                "event": "diff_start",
                "before": before,
                "after": after,
                "tests": tests,
                "runs": self.arguments.runs,
            });
            writeln!(out, "{line}")
        } else if self.arguments.markdown {
            writeln!(out, "### What differs: `{before}` → `{after}`\n")
        } else {
            writeln!(out, "{before} → {after}")
        }
    }

    fn print(&mut self, spec: &Spec, compared: &Compared) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let path = &spec.source.path;
        let line = |place: usize| spec.source.position(place).0;
        if !self.arguments.json && !self.arguments.markdown {
            writeln!(out, "{}", path.display())?;
        }
        for test in &compared.tests {
            self.summary.add(test);
            if self.arguments.json {
                for object in comparison_json(test, path, &self.names, &line) {
                    writeln!(out, "{object}")?;
                }
            } else if self.arguments.markdown {
                write!(out, "{}", comparison_markdown(test, &self.names))?;
            } else {
                let place = |place: usize| format!("{}:{}", path.display(), line(place));
                let text = comparison_text(test, &self.names, &place, self.screen.color);
                write!(out, "{text}")?;
            }
        }
        if !self.arguments.json && !self.arguments.markdown {
            let unstable = unstable_text(&compared.tests, self.screen.color);
            write!(out, "{unstable}")?;
        }
        if self.arguments.latency {
            self.print_latency(spec, &compared.latency)?;
        }
        out.flush()
    }

    fn print_latency(&mut self, spec: &Spec, latency: &latency::Comparison) -> io::Result<()> {
        self.summary.slower += latency_roots(latency);
        let mut out = io::stdout().lock();
        if self.arguments.json {
            for object in latency_json(latency, &spec.source.path.to_string_lossy()) {
                writeln!(out, "{object}")?;
            }
            Ok(())
        } else if self.arguments.markdown {
            write!(out, "{}", latency_markdown(latency))
        } else {
            write!(out, "{}", latency_text(latency, self.screen.color))
        }
    }

    /// Says that a spec could not be run on a side.
    fn refuse(&mut self, spec: &Spec, side: usize, error: &StageError) -> io::Result<()> {
        self.summary.refused += 1;
        let name = self.names.get(side).map_or("", String::as_str);
        let path = spec.source.path.display();
        let mut out = io::stdout().lock();
        if self.arguments.json {
            let line = json!({
                "event": "could_not_run",
                "spec": path.to_string(),
                "side": name,
                "reason": error.to_string(),
            });
            writeln!(out, "{line}")
        } else if self.arguments.markdown {
            writeln!(
                out,
                "#### {path}\n\ncannot be run with `{name}`:\n\n```\n{error}\n```\n"
            )
        } else {
            writeln!(out, "{path}\n  it cannot be run with {name}:")?;
            let text = match error.spec_errors() {
                Some(errors) => self.screen.render(errors),
                None => error.to_string(),
            };
            text.lines()
                .try_for_each(|line| writeln!(out, "    {line}"))
        }
    }

    fn end(&self, took: std::time::Duration) -> Result<ExitCode, Failure> {
        let exit = self.summary.exit();
        let mut out = io::stdout().lock();
        if self.arguments.json {
            writeln!(out, "{}", self.summary.json(took, exit))?;
        } else if self.arguments.markdown {
            writeln!(out, "\n{}", self.summary.line(None))?;
        } else {
            writeln!(out, "{}", self.summary.line(Some(took)))?;
        }
        out.flush()?;
        Ok(exit)
    }
}
