//! `goproctor run`

use std::{
    io::{self, Write},
    path::PathBuf,
    time::{Duration, Instant},
};

use judge::snapshot::Store;
use model::{Races, Retention};
use spec::{Spec, SpecErrors, document::Test};

use super::{
    Failure,
    argument_groups::Selection,
    arguments::RunArguments,
    discovery,
    screen::{Screen, Waiting},
    startup,
};
use crate::{
    report::{ExitCode, Run, TestOutcome, TestReport},
    session::{self, Cancel, Live, LiveOptions, Prepared, RecordTo, SessionError, SnapshotMode},
    target::Identity,
};

/// Leaves out the specs of Go tests that were found in folders.
fn pass_over_go_tests(specs: &mut Vec<Spec>, named: &[PathBuf]) -> Result<(), Failure> {
    let is_named = |spec: &Spec| named.contains(&spec.source.path);
    if let Some(spec) = specs
        .iter()
        .find(|spec| spec.is_of_go_tests() && is_named(spec))
    {
        let path = spec.source.path.display();
        return Err(Failure::usage(format!("{path}: {}", SessionError::GoTests)));
    }
    specs.retain(|spec| !spec.is_of_go_tests());
    if specs.is_empty() {
        return Err(Failure::usage(
            "there are only specs of Go tests here: run them with `goproctor test`",
        ));
    }
    Ok(())
}

/// Runs specs and judges what is seen.
///
/// # Errors
/// What is wrong with the command line or the specs, before anything is run.
pub(super) fn run(arguments: &RunArguments) -> Result<ExitCode, Failure> {
    let screen = Screen::detect();
    let paths = discovery::specs(&arguments.paths)?;
    let mut specs = startup::read(&paths).or_else(|wrong| unread(wrong, arguments, &screen))?;
    pass_over_go_tests(&mut specs, &arguments.paths)?;
    for spec in &mut specs {
        arguments.environment.give(&mut spec.program);
        arguments.returns.tell(&mut spec.program);
        spec.program.build_with(arguments.go.as_deref());
    }
    let selected = select(&specs, &arguments.selection)?;
    if arguments.record.is_some() && selected.len() != 1 {
        return Err(Failure::usage("--record takes exactly one spec: name it"));
    }
    let identity = startup::settle_to_watch(
        &arguments.user,
        paths.first().map_or_else(|| ".".into(), PathBuf::clone),
    )?;
    let cancel = startup::cancel()?;
    let mode = if arguments.accept {
        SnapshotMode::Accept
    } else if Store::in_ci() {
        SnapshotMode::ReadOnly
    } else {
        SnapshotMode::Propose
    };
    let mut runner = Runner {
        arguments,
        identity: &identity,
        cancel: &cancel,
        mode,
        waiting: Waiting::new(&screen, arguments.display.verbose),
        run: Run::new(vec![arguments.display.display(&screen)]),
    };
    runner.all(&selected)
}

/// Reports specs that can't be read to whoever reads events. People see them as any other failure.
fn unread(wrong: Failure, arguments: &RunArguments, screen: &Screen) -> Result<Vec<Spec>, Failure> {
    if arguments.display.json {
        let mut run = Run::new(vec![arguments.display.display(screen)]);
        run.started(0)?;
        for errors in wrong.spec_errors() {
            run.spec_is_wrong(errors)?;
        }
        run.ended(Duration::ZERO)?;
    }
    Err(wrong)
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

struct Runner<'a> {
    arguments: &'a RunArguments,
    identity: &'a Identity,
    cancel: &'a Cancel,
    mode: SnapshotMode,
    waiting: Waiting,
    run: Run<'static>,
}

impl<'a> Runner<'a> {
    fn all(&mut self, selected: &[(&Spec, Vec<&Test>)]) -> Result<ExitCode, Failure> {
        let begun = Instant::now();
        let tests: usize = selected.iter().map(|(_, tests)| tests.len()).sum();
        self.run.started(tests * self.arguments.count as usize)?;
        for (spec, tests) in selected {
            let go_on = self.spec(spec, tests)?;
            if !go_on {
                break;
            }
        }
        self.waiting.clear();
        let exit = self.run.ended(begun.elapsed())?;
        io::stdout().flush()?;
        Ok(exit)
    }

    /// Runs a spec's tests; false when nothing more is to be run.
    fn spec(&mut self, spec: &Spec, tests: &[&Test]) -> Result<bool, Failure> {
        let begun = Instant::now();
        let (prepared, wrong) = match self.prepare(spec) {
            Ok((prepared, wrong)) => (Some(prepared), wrong),
            Err(SessionError::Spec(errors)) => (None, Some(*errors)),
            Err(error) => return self.could_not_begin(spec, tests, &error, begun.elapsed()),
        };
        let mut tests = tests.to_vec();
        let names = tests.iter().map(|test| test.name.value.as_str());
        let wrong = wrong.and_then(|errors| errors.of_tests(names));
        if let Some(errors) = wrong {
            self.spec_is_wrong(spec, &mut tests, &errors)?;
            if self.arguments.failfast {
                return Ok(false);
            }
        }
        let Some(prepared) = prepared.filter(|_| !tests.is_empty()) else {
            return Ok(true);
        };
        let tests = tests.as_slice();
        let mut live = match self.begin(spec, prepared) {
            Ok(live) => live,
            Err(error) => return self.could_not_begin(spec, tests, &error, begun.elapsed()),
        };
        let go_on = self.tests(spec, tests, &mut live)?;
        match live.end() {
            Ok(races) => self.print_races(spec, &races),
            Err(error) => {
                return Err(Failure::world(format!(
                    "{}: {error}",
                    spec.source.path.display()
                )));
            }
        }
        self.print_proposed(spec, tests);
        self.print_orphans(spec);
        Ok(go_on)
    }

    fn prepare(&self, spec: &Spec) -> Result<(Prepared, Option<SpecErrors>), SessionError> {
        session::check_environment(spec)?;
        let mut progress = |progress| self.waiting.show(&progress);
        let at_least = kept(self.arguments);
        session::prepare_spec(spec, at_least, self.cancel, &mut progress)
    }

    fn begin(&self, spec: &Spec, prepared: Prepared) -> Result<Live<'a>, SessionError> {
        let mut progress = |progress| self.waiting.show(&progress);
        let record = self.arguments.record.as_ref();
        let options = LiveOptions {
            ring_bytes: self.arguments.kernel.ring_mib << 20,
            record: record.map(|path| RecordTo {
                path: path.clone(),
                spec: spec.source.clone(),
            }),
        };
        Live::begin(
            prepared,
            self.identity,
            self.cancel,
            &options,
            &mut progress,
        )
    }

    /// Reports what is wrong with a spec, and the tests that can't be run for it; the others are left.
    fn spec_is_wrong(
        &mut self,
        spec: &Spec,
        tests: &mut Vec<&Test>,
        errors: &SpecErrors,
    ) -> io::Result<()> {
        let text = Screen::detect().render(errors);
        self.waiting.aside(|| eprint!("{text}"));
        self.run.spec_is_wrong(errors)?;
        for test in std::mem::take(tests) {
            match errors.of_test(&test.name.value) {
                Some(errors) => self.report(&session::wrong_spec(spec, test, errors))?,
                None => tests.push(test),
            }
        }
        Ok(())
    }

    /// Reports that no test of a spec could be run; false when nothing more is to be run.
    fn could_not_begin(
        &mut self,
        spec: &Spec,
        tests: &[&Test],
        error: &SessionError,
        took: Duration,
    ) -> Result<bool, Failure> {
        for (index, test) in tests.iter().enumerate() {
            let mut report = session::could_not_run(spec, test, error, took);
            if index > 0 {
                report.could_not_run = Some("for the same reason".to_owned());
            }
            self.report(&report)?;
        }
        Ok(!self.arguments.failfast && !self.cancel.is_set())
    }

    fn tests(
        &mut self,
        spec: &Spec,
        tests: &[&Test],
        live: &mut Live<'_>,
    ) -> Result<bool, Failure> {
        for test in tests {
            for _ in 0..self.arguments.count {
                self.run.test_started(&spec.source, &test.name.value)?;
                self.waiting.test(&test.name.value);
                let report = run_test(spec, test, live, kept(self.arguments), self.mode);
                self.report(&report)?;
                let stop = self.arguments.failfast && report.outcome() != TestOutcome::Passed;
                if stop || self.cancel.is_set() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn report(&mut self, report: &TestReport) -> io::Result<()> {
        let run = &mut self.run;
        self.waiting.aside(|| run.test_ended(report))?;
        if let Some(accepted) = &report.accepted {
            self.waiting
                .aside(|| eprintln!("goproctor: accepted {}", accepted.display()));
        }
        Ok(())
    }

    /// Prints the data races that were reported after the last test.
    fn print_races(&mut self, spec: &Spec, races: &Races) {
        self.run.raced(races.total());
        for race in &races.reports {
            self.waiting.aside(|| {
                eprintln!(
                    "goproctor: {}: a data race was reported after the last test, while the program was being ended:\n  {}",
                    spec.source.path.display(),
                    race.text.replace('\n', "\n  ")
                );
            });
        }
    }

    /// Names the snapshots that wait for a review.
    fn print_proposed(&self, spec: &Spec, tests: &[&Test]) {
        let store = session::store(spec, self.mode);
        let held = tests.iter().filter(|test| test.is_held());
        let paths = held.map(|test| store.new_path(&test.name.value));
        for path in paths.filter(|path| path.exists()) {
            self.waiting.aside(|| {
                let path = path.display();
                match self.mode {
                    SnapshotMode::Accept => eprintln!(
                        "goproctor: {path} is not accepted: not all expectations of its test hold"
                    ),
                    _ => eprintln!(
                        "goproctor: new snapshot {path}: review it, then run again with --accept"
                    ),
                }
            });
        }
    }

    fn print_orphans(&self, spec: &Spec) {
        let names = spec.tests.iter().map(|test| test.name.value.as_str());
        // A folder that can't be read was reported when a snapshot was looked for in it.
        let orphans = session::store(spec, self.mode)
            .orphans(names)
            .unwrap_or_default();
        for orphan in orphans {
            self.waiting.aside(|| {
                eprintln!(
                    "goproctor: {} belongs to no test: remove it",
                    orphan.display()
                )
            });
        }
    }
}

fn run_test(
    spec: &Spec,
    test: &Test,
    live: &mut Live<'_>,
    at_least: Retention,
    mode: SnapshotMode,
) -> TestReport {
    let begun = Instant::now();
    let work = session::work_of(spec, test, &live.prepared().watch, at_least);
    live.run(&work)
        .and_then(|ran| session::judge(spec, test, ran, mode, begun.elapsed()))
        .unwrap_or_else(|error| session::could_not_run(spec, test, &error, begun.elapsed()))
}

/// What is kept of calls at least: the trees of tests that passed are shown, too.
const fn kept(arguments: &RunArguments) -> Retention {
    match arguments.display.verbose {
        true => Retention::Calls,
        false => Retention::Totals,
    }
}
