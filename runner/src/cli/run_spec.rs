//! One spec's run: built, watched, each test attempted as often as it takes, ended.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use model::Retention;
use spec::{Spec, SpecErrors, document::Test};

use super::{Failure, arguments::RunArguments, run_steps::Step, run_stubs::StubRecorder};
use crate::{
    report::{TestOutcome, TestReport},
    session::{self, Cancel, Kernels, Live, Prepared, RecordTo, SessionError, SnapshotMode},
    target::Identity,
};

/// A spec with those of its tests that are to be run.
pub(super) type Selected<'s> = (&'s Spec, Vec<&'s Test>);

/// What is run after a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The specs after it.
    GoOn,
    /// Nothing: a test did not pass, and that is to be the end (`--failfast`).
    Stop,
    /// Nothing: a signal came.
    Interrupted,
}

/// Runs specs, each in a session of its own. Several may be run at the same time.
pub(super) struct SpecRunner<'a> {
    pub(super) arguments: &'a RunArguments,
    pub(super) identity: &'a Identity,
    pub(super) cancel: &'a Cancel,
    pub(super) mode: SnapshotMode,
    pub(super) kernels: Arc<Kernels>,
    /// Who records what the upstreams of stubs answer, if it is recorded.
    pub(super) stubs: Option<StubRecorder>,
}

/// One run of a spec.
pub(super) struct SpecRun<'r, 's> {
    pub(super) runner: &'r SpecRunner<'r>,
    pub(super) spec: &'s Spec,
    /// Whether it is still to be run.
    pub(super) is_wanted: &'r dyn Fn() -> bool,
    /// Who is told what happens.
    pub(super) tell: &'r mut dyn FnMut(Step),
}

impl<'r> SpecRun<'r, '_> {
    /// Runs these tests of the spec.
    ///
    /// # Errors
    /// The session can't be ended as it should.
    pub(super) fn run(&mut self, tests: &[&Test]) -> Result<Next, Failure> {
        let begun = Instant::now();
        let (prepared, wrong) = match self.prepare() {
            Ok((prepared, wrong)) => (Some(prepared), wrong),
            Err(SessionError::Spec(errors)) => (None, Some(*errors)),
            Err(error) => return Ok(self.could_not_begin(tests, &error, begun.elapsed())),
        };
        let mut tests = tests.to_vec();
        let names = tests.iter().map(|test| test.name.value.as_str());
        if let Some(errors) = wrong.and_then(|errors| errors.of_tests(names)) {
            self.spec_is_wrong(&mut tests, &errors);
            if self.runner.arguments.failfast {
                return Ok(Next::Stop);
            }
        }
        let Some(prepared) = prepared.filter(|_| !tests.is_empty()) else {
            return Ok(self.next());
        };
        let mut live = match self.begin(prepared) {
            Ok(live) => live,
            Err(error) => return Ok(self.could_not_begin(&tests, &error, begun.elapsed())),
        };
        let next = self.tests(&tests, &mut live);
        let (ended, timings) = live.end_timed();
        match ended {
            Ok(races) => self.tell(Step::Raced(races)),
            Err(error) => {
                let path = self.spec.source.path.display();
                return Err(Failure::world(format!("{path}: {error}")));
            }
        }
        self.tell(Step::SpecEnded(Box::new(timings)));
        self.name_proposed(&tests);
        let arguments = self.runner.arguments;
        let is_whole = arguments.selection.is_of_all() && arguments.partition.is_none();
        if is_whole && next == Next::GoOn {
            self.name_orphans();
        }
        Ok(next)
    }

    fn tell(&mut self, step: Step) {
        (self.tell)(step);
    }

    /// What is run after what was run so far went well.
    fn next(&self) -> Next {
        if self.runner.cancel.is_set() {
            Next::Interrupted
        } else if (self.is_wanted)() {
            Next::GoOn
        } else {
            Next::Stop
        }
    }

    fn prepare(&mut self) -> Result<(Prepared, Option<SpecErrors>), SessionError> {
        session::check_environment(self.spec)?;
        let SpecRunner {
            arguments, cancel, ..
        } = *self.runner;
        let tell = &mut *self.tell;
        let mut progress = |progress| tell(Step::Progress(progress));
        session::prepare_spec(self.spec, kept(arguments), cancel, &mut progress)
    }

    fn begin(&mut self, prepared: Prepared) -> Result<Live<'r>, SessionError> {
        let runner = self.runner;
        let record = runner.arguments.record.as_ref().map(|path| RecordTo {
            path: path.clone(),
            spec: self.spec.source.clone(),
        });
        let tell = &mut *self.tell;
        let mut progress = |progress| tell(Step::Progress(progress));
        Live::begin_lent(
            prepared,
            runner.identity,
            runner.cancel,
            &runner.kernels,
            record.as_ref(),
            &mut progress,
        )
    }

    /// Reports what is wrong with the spec, and the tests that can't be run for it; the others are left.
    fn spec_is_wrong(&mut self, tests: &mut Vec<&Test>, errors: &SpecErrors) {
        self.tell(Step::SpecIsWrong(errors.clone()));
        for test in std::mem::take(tests) {
            match errors.of_test(&test.name.value) {
                Some(errors) => {
                    let report = session::wrong_spec(self.spec, test, errors);
                    self.tell(Step::TestEnded(Box::new(report)));
                }
                None => tests.push(test),
            }
        }
    }

    /// Reports that no test of the spec could be run.
    fn could_not_begin(&mut self, tests: &[&Test], error: &SessionError, took: Duration) -> Next {
        for (index, test) in tests.iter().enumerate() {
            let mut report = session::could_not_run(self.spec, test, error, took);
            if index > 0 {
                report.could_not_run = Some("for the same reason".to_owned());
            }
            self.tell(Step::TestEnded(Box::new(report)));
        }
        match self.next() {
            Next::GoOn if self.runner.arguments.failfast => Next::Stop,
            next => next,
        }
    }

    fn tests(&mut self, tests: &[&Test], live: &mut Live<'_>) -> Next {
        for test in tests {
            for _ in 0..self.runner.arguments.count {
                self.tell(Step::TestStarted(test.name.value.clone()));
                let report = self.test(test, live);
                let has_passed = report.outcome().has_passed();
                self.tell(Step::TestEnded(Box::new(report)));
                match self.next() {
                    Next::GoOn if self.runner.arguments.failfast && !has_passed => {
                        return Next::Stop;
                    }
                    Next::GoOn => {}
                    next => return next,
                }
            }
        }
        Next::GoOn
    }

    /// Runs a test, and again in a fresh process while it fails or can't be decided and may be tried again.
    fn test(&mut self, test: &Test, live: &mut Live<'_>) -> TestReport {
        let mut attempts = vec![self.attempt(test, live)];
        for number in 0..self.runner.arguments.many.retries {
            let outcome = attempts.last().map(TestReport::own_outcome);
            let again = outcome.is_some_and(TestOutcome::is_worth_a_retry);
            if !again || self.runner.cancel.is_set() {
                break;
            }
            let report = match live.end_process() {
                Ok(races) => {
                    self.tell(Step::Raced(races));
                    self.attempt(test, live)
                }
                Err(error) => session::could_not_run(self.spec, test, &error, Duration::ZERO),
            };
            attempts.push(TestReport {
                attempt: number + 2,
                ..report
            });
        }
        of_attempts(attempts)
    }

    fn attempt(&self, test: &Test, live: &mut Live<'_>) -> TestReport {
        let begun = Instant::now();
        let SpecRunner {
            arguments, mode, ..
        } = *self.runner;
        let spec = self.spec;
        let recorder = self.runner.stubs.as_ref();
        let work = session::work_of(spec, test, &live.prepared().watch, kept(arguments));
        live.run(&work)
            .and_then(|ran| {
                let took = begun.elapsed();
                if let Some(recorder) = recorder {
                    recorder.test_ended(&test.name.value, &ran.evidence.stubs);
                }
                // A recording has each test once.
                let again = match arguments.record.is_some() || recorder.is_some() {
                    true => None,
                    false => session::second_look(spec, test, &work, &ran, mode, live),
                };
                session::judge_looked_at_again(spec, test, ran, again.as_ref(), mode, took)
            })
            .unwrap_or_else(|error| {
                session::could_not_run(self.spec, test, &error, begun.elapsed())
            })
    }

    /// Names the snapshots that wait for a review.
    fn name_proposed(&mut self, tests: &[&Test]) {
        let mode = self.runner.mode;
        let store = session::store(self.spec, mode);
        let held = tests.iter().filter(|test| test.is_held());
        let paths = held.map(|test| store.new_path(&test.name.value));
        for path in paths.filter(|path| path.exists()) {
            let path = path.display();
            self.tell(Step::Notice(match mode {
                SnapshotMode::Accept => {
                    format!("{path} is not accepted: not all expectations of its test hold")
                }
                _ => format!(
                    "new snapshot {path}: run `goproctor review`, or `goproctor run --accept`"
                ),
            }));
        }
    }

    fn name_orphans(&mut self) {
        let held = self.spec.tests.iter().filter(|test| test.is_held());
        let names = held.map(|test| test.name.value.as_str());
        // A folder that can't be read was reported when a snapshot was looked for in it.
        let orphans = session::store(self.spec, self.runner.mode)
            .orphans(names)
            .unwrap_or_default();
        for orphan in orphans {
            let orphan = orphan.display();
            self.tell(Step::Notice(format!(
                "{orphan} belongs to no test with a snapshot: `goproctor snapshot orphans --remove` removes it"
            )));
        }
    }
}

/// The attempt at a test that counts, with the others: the last if it passed, else the last of the worst.
fn of_attempts(mut attempts: Vec<TestReport>) -> TestReport {
    let last = attempts.len().saturating_sub(1);
    let last_of = |outcome| {
        let mut attempts = attempts.iter();
        attempts.rposition(|attempt| attempt.own_outcome() == outcome)
    };
    let counts = last_of(TestOutcome::Passed)
        .or_else(|| last_of(TestOutcome::Failed))
        .or_else(|| last_of(TestOutcome::Inconclusive))
        .unwrap_or(last);
    let report = attempts.remove(counts);
    TestReport {
        other_attempts: attempts,
        ..report
    }
}

/// What is kept of calls at least: the trees of tests that passed are shown, too.
const fn kept(arguments: &RunArguments) -> Retention {
    match arguments.display.verbose {
        true => Retention::Calls,
        false => Retention::Totals,
    }
}

#[cfg(test)]
mod tests {
    use judge::expect::{Failure, FailureKind, Finding, Verdict};
    use spec::Source;

    use super::of_attempts;
    use crate::report::{TestOutcome, TestReport};

    fn attempts(failing: &[Option<bool>]) -> Vec<TestReport> {
        let source = Source::new("a.proctor.toml", "");
        let attempts = failing
            .iter()
            .zip(1..)
            .map(|(failing, attempt)| TestReport {
                attempt,
                verdicts: vec![Verdict::new(
                    0..0,
                    "count f".to_owned(),
                    match failing {
                        Some(true) => {
                            Finding::Failed(Failure::new(FailureKind::Count, attempt.to_string()))
                        }
                        _ => Finding::Passed {
                            basis: String::new(),
                        },
                    },
                )],
                could_not_run: failing.is_none().then(|| "no port".to_owned()),
                ..TestReport::new(source.clone(), "a test")
            });
        attempts.collect()
    }

    #[test]
    fn one_attempt_is_what_it_is() {
        let report = of_attempts(attempts(&[Some(false)]));
        assert_eq!(report.outcome(), TestOutcome::Passed);
        let report = of_attempts(attempts(&[Some(true)]));
        assert_eq!(report.outcome(), TestOutcome::Failed);
    }

    #[test]
    fn a_test_that_passes_later_is_flaky() {
        let report = of_attempts(attempts(&[Some(true), Some(true), Some(false)]));
        assert_eq!(report.outcome(), TestOutcome::Flaky);
        assert_eq!((report.attempt, report.attempt_count()), (3, 3));
        let order: Vec<u32> = report.attempts().map(|attempt| attempt.attempt).collect();
        assert_eq!(order, [1, 2, 3]);
    }

    #[test]
    fn what_failed_once_and_never_passed_has_failed() {
        let report = of_attempts(attempts(&[Some(true), None]));
        assert_eq!(report.outcome(), TestOutcome::Failed);
        assert_eq!(report.attempt, 1);
        let order: Vec<u32> = report.attempts().map(|attempt| attempt.attempt).collect();
        assert_eq!(order, [1, 2]);
    }
}
