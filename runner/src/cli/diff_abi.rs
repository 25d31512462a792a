//! `goproctor diff --abi`

use std::{
    io::{self, Write as _},
    path::PathBuf,
    time::{Duration, Instant},
};

use compare::abi::{AbiSide, compare};
use serde_json::json;
use spec::{Spec, document::Test};

use super::{
    Failure,
    diff_arguments::DiffArguments,
    discovery,
    run_round::select,
    screen::{Screen, Waiting},
    sides::Sides,
    startup,
};
use crate::{
    report::{ABI_LEGEND, AbiSummary, ExitCode, abi_json, abi_markdown, abi_text},
    session::{Cancel, Progress},
    worlds::{StageError, World, abi_side},
};

/// Compares what the compiler makes of specs' functions in two worlds. Nothing runs.
///
/// # Errors
/// What is wrong with the command line or the specs.
pub(super) fn run(arguments: &DiffArguments) -> Result<ExitCode, Failure> {
    let screen = Screen::detect();
    let mut sides = Sides::new(arguments)?;
    let paths = discovery::specs(&arguments.paths)?;
    let mut specs = startup::read(&paths)?;
    for spec in &mut specs {
        arguments.returns.tell(&mut spec.program);
    }
    let selected = select(&specs, &arguments.selection)?;
    startup::settle(
        &arguments.user,
        paths.first().map_or_else(|| ".".into(), PathBuf::clone),
    )?;
    let cancel = startup::cancel()?;
    let waiting = Waiting::new(&screen, false);
    let mut printer = Printer {
        arguments,
        names: sides.names(),
        screen,
        summary: AbiSummary::default(),
    };
    let begun = Instant::now();
    let worlds = selected.iter().map(|(spec, _)| sides.worlds(spec));
    let worlds = worlds.collect::<Result<Vec<_>, _>>()?;
    printer.begin()?;
    for ((spec, tests), worlds) in selected.into_iter().zip(worlds) {
        let described = describe(spec, &tests, &worlds, &cancel, &waiting);
        waiting.clear();
        match described {
            Ok(mut described) => {
                let functions = described.iter_mut().flat_map(|side| &mut side.functions);
                let places = functions.filter_map(|function| function.place.as_mut());
                places.for_each(|place| sides.name_in_repository(place));
                printer.print(spec, &described)?;
            }
            Err((side, error)) if !error.is_cancelled() => printer.refuse(spec, side, &error)?,
            Err((_, error)) => return Err(Failure::world(error.to_string())),
        }
    }
    printer.end(begun.elapsed())
}

/// Both sides of a spec. An error says which one it is of.
fn describe(
    spec: &Spec,
    tests: &[&Test],
    worlds: &[World; 2],
    cancel: &Cancel,
    waiting: &Waiting,
) -> Result<[AbiSide; 2], (usize, StageError)> {
    let [before, after] = worlds;
    let side = |number: usize, world| {
        let mut progress = |progress: Progress| waiting.show(&progress);
        abi_side(spec, tests, world, cancel, &mut progress).map_err(|error| (number, error))
    };
    Ok([side(0, before)?, side(1, after)?])
}

/// What is shown, in the form that was asked for.
struct Printer<'a> {
    arguments: &'a DiffArguments,
    names: [String; 2],
    screen: Screen,
    summary: AbiSummary,
}

impl Printer<'_> {
    fn begin(&self) -> io::Result<()> {
        let [before, after] = &self.names;
        let mut out = io::stdout().lock();
        if self.arguments.json {
            let line = json!({ "event": "abi_start", "before": before, "after": after });
            writeln!(out, "{line}")
        } else if self.arguments.markdown {
            writeln!(
                out,
                "### How functions are called: `{before}` → `{after}`\n"
            )
        } else {
            writeln!(out, "{before} → {after}")
        }
    }

    fn print(&mut self, spec: &Spec, sides: &[AbiSide; 2]) -> io::Result<()> {
        let path = &spec.source.path;
        let mut out = io::stdout().lock();
        let is_text = !self.arguments.json && !self.arguments.markdown;
        if is_text {
            let [before, after] = sides.each_ref().map(|side| side.release.as_str());
            writeln!(out, "{}  {before} → {after}", path.display())?;
        }
        let [before, after] = sides;
        for function in compare(before, after) {
            self.summary.add(&function);
            if self.arguments.json {
                writeln!(out, "{}", abi_json(&function, path))?;
            } else if self.arguments.markdown {
                write!(out, "{}", abi_markdown(&function, &self.names))?;
            } else {
                write!(
                    out,
                    "{}",
                    abi_text(&function, &self.names, self.screen.color)
                )?;
            }
        }
        for (side, name) in sides.iter().zip(&self.names) {
            for why in &side.missing {
                if self.arguments.json {
                    let line = json!({
                        "event": "not_watched",
                        "spec": path.to_string_lossy(),
                        "side": name,
                        "reason": why,
                    });
                    writeln!(out, "{line}")?;
                } else if self.arguments.markdown {
                    writeln!(out, "- `{name}`: {why}\n")?;
                } else {
                    writeln!(out, "  with {name}: {why}")?;
                }
            }
        }
        out.flush()
    }

    /// Says that a spec's program could not be built or read on a side.
    fn refuse(&mut self, spec: &Spec, side: usize, error: &StageError) -> io::Result<()> {
        self.summary.refused += 1;
        let name = self.names.get(side).map_or("", String::as_str);
        let path = spec.source.path.display();
        let mut out = io::stdout().lock();
        if self.arguments.json {
            let line = json!({
                "event": "could_not_build",
                "spec": path.to_string(),
                "side": name,
                "reason": error.to_string(),
            });
            writeln!(out, "{line}")
        } else if self.arguments.markdown {
            writeln!(
                out,
                "#### {path}\n\ncannot be built with `{name}`:\n\n```\n{error}\n```\n"
            )
        } else {
            writeln!(out, "{path}\n  it cannot be built with {name}:")?;
            let text = match error.spec_errors() {
                Some(errors) => self.screen.render(errors),
                None => error.to_string(),
            };
            text.lines()
                .try_for_each(|line| writeln!(out, "    {line}"))
        }
    }

    fn end(&self, took: Duration) -> Result<ExitCode, Failure> {
        let exit = self.summary.exit();
        let mut out = io::stdout().lock();
        if self.arguments.json {
            writeln!(out, "{}", self.summary.json(took, exit))?;
        } else if self.arguments.markdown {
            writeln!(out, "{}\n\n{ABI_LEGEND}", self.summary.line(None))?;
        } else {
            writeln!(out, "{ABI_LEGEND}\n{}", self.summary.line(Some(took)))?;
        }
        out.flush()?;
        Ok(exit)
    }
}
