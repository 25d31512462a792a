//! What happens in a run, and who shows it.

use std::{collections::BTreeMap, io, path::PathBuf, time::Duration};

use judge::expect::{Evidence, Finding, Unanswered, Verdict};
use model::{CallId, Races};
use spec::{Source, Span, SpecErrors};

use super::{ExitCode, Summary, TestOutcome};
use crate::session::Timings;

/// All that a report says of one test.
#[derive(Clone, Debug)]
pub struct TestReport {
    /// The spec that it is in.
    pub spec: Source,
    /// Its name.
    pub name: String,
    /// Where its name is in the spec, if that is known.
    pub place: Option<Span>,
    /// What was concluded of each of its expectations.
    pub verdicts: Vec<Verdict>,
    /// What it was judged on.
    pub evidence: Evidence,
    /// How long it took.
    pub duration: Duration,
    /// The snapshot that was accepted, if one was.
    pub accepted: Option<PathBuf>,
    /// The snapshot that waits for somebody to decide, if one does.
    pub new_snapshot: Option<PathBuf>,
    /// What to know of its snapshot before it is accepted, a line each: the values that are others in each run.
    pub snapshot_notes: Vec<String>,
    /// The requests that stubs had no answer to.
    pub unanswered: Vec<Unanswered>,
    /// The last lines that the program wrote meanwhile.
    pub output: Vec<String>,
    /// The lines in which it told of uses of a setting whose value has a pattern (`GODEBUG=urlstrictcolons=0#vy`).
    pub setting_uses: Vec<String>,
    /// The values that calls panicked with, as far as they are known.
    pub panics: BTreeMap<CallId, String>,
    /// Values of this run that were chosen at random, each with the placeholder that stands for it.
    pub substitutions: Vec<(String, String)>,
    /// Why it could not be run, if so; what verdicts there are then do not matter.
    pub could_not_run: Option<String>,
    /// What is wrong with its spec, so that it was not run; what verdicts there are then do not matter.
    pub wrong_spec: Option<SpecErrors>,
    /// Which attempt at the test this is, from 1.
    pub attempt: u32,
    /// The other attempts, in order. This one counts.
    pub other_attempts: Vec<Self>,
}

impl TestReport {
    /// The report of a test of which nothing is known yet.
    #[must_use]
    pub fn new(spec: Source, name: impl Into<String>) -> Self {
        Self {
            spec,
            name: name.into(),
            place: None,
            verdicts: Vec::new(),
            evidence: Evidence::default(),
            duration: Duration::ZERO,
            accepted: None,
            new_snapshot: None,
            snapshot_notes: Vec::new(),
            unanswered: Vec::new(),
            output: Vec::new(),
            setting_uses: Vec::new(),
            panics: BTreeMap::new(),
            substitutions: Vec::new(),
            could_not_run: None,
            wrong_spec: None,
            attempt: 1,
            other_attempts: Vec::new(),
        }
    }

    /// All attempts at the test, in order.
    pub(crate) fn attempts(&self) -> impl Iterator<Item = &Self> {
        let (before, after) = self.other_attempts.split_at(
            self.other_attempts
                .partition_point(|other| other.attempt < self.attempt),
        );
        before.iter().chain([self]).chain(after)
    }

    /// How many attempts there were.
    #[must_use]
    pub(crate) const fn attempt_count(&self) -> usize {
        self.other_attempts.len() + 1
    }

    /// How it went as a whole.
    #[must_use]
    pub fn outcome(&self) -> TestOutcome {
        match self.own_outcome() {
            TestOutcome::Passed if !self.other_attempts.is_empty() => TestOutcome::Flaky,
            outcome => outcome,
        }
    }

    /// How this attempt went.
    #[must_use]
    pub(crate) fn own_outcome(&self) -> TestOutcome {
        if self.wrong_spec.is_some() {
            TestOutcome::WrongSpec
        } else if self.could_not_run.is_some() {
            TestOutcome::CouldNotRun
        } else if self.failed() > 0 {
            TestOutcome::Failed
        } else if self.inconclusive() > 0 {
            TestOutcome::Inconclusive
        } else {
            TestOutcome::Passed
        }
    }

    /// The number of expectations that do not hold.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.count(|finding| matches!(finding, Finding::Failed(_)))
    }

    /// The number of expectations that could not be decided.
    #[must_use]
    pub fn inconclusive(&self) -> usize {
        self.count(|finding| matches!(finding, Finding::Inconclusive(_)))
    }

    fn count(&self, of: fn(&Finding) -> bool) -> usize {
        let findings = self.verdicts.iter().map(|verdict| &verdict.finding);
        findings.filter(|finding| of(finding)).count()
    }
}

/// Something that happened in a run.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// It began.
    RunStarted {
        /// The number of tests that were selected.
        tests: usize,
    },
    /// A spec is wrong; what tests it keeps from running are reported as ended.
    SpecWrong(&'a SpecErrors),
    /// A test began.
    TestStarted {
        /// The spec that it is in.
        spec: &'a Source,
        /// Its name.
        name: &'a str,
    },
    /// A test ended.
    TestEnded(&'a TestReport),
    /// The race detector reported so much after the last test of a process that several tests shared.
    RacedAfterTests {
        /// The spec of the tests.
        spec: &'a Source,
        /// What it reported.
        races: &'a Races,
    },
    /// All tests of a spec have ended that was begun.
    SpecEnded {
        /// The spec.
        spec: &'a Source,
        /// How long its parts took.
        timings: &'a Timings,
    },
    /// The run ended.
    RunEnded(&'a Summary),
    /// The run ended before all of its tests had; no other event follows.
    RunBroke {
        /// Why, in words.
        reason: &'a str,
        /// What to say to the shell.
        exit: ExitCode,
    },
}

/// Something that shows events.
pub trait Display {
    /// Shows an event.
    ///
    /// # Errors
    /// It can't be written.
    fn show(&mut self, event: Event<'_>) -> io::Result<()>;
}

/// A run as it is reported: counts what happens and passes it to the displays.
pub struct Run<'d> {
    displays: Vec<Box<dyn Display + 'd>>,
    summary: Summary,
}

impl<'d> Run<'d> {
    /// A run that has not begun.
    #[must_use]
    pub fn new(displays: Vec<Box<dyn Display + 'd>>) -> Self {
        Self {
            displays,
            summary: Summary::default(),
        }
    }

    /// It begins, with so many tests.
    ///
    /// # Errors
    /// A display can't write.
    pub(crate) fn started(&mut self, tests: usize) -> io::Result<()> {
        self.show(Event::RunStarted { tests })
    }

    /// A test begins.
    ///
    /// # Errors
    /// A display can't write.
    pub(crate) fn test_started(&mut self, spec: &Source, name: &str) -> io::Result<()> {
        self.show(Event::TestStarted { spec, name })
    }

    /// A test ended.
    ///
    /// # Errors
    /// A display can't write.
    pub(crate) fn test_ended(&mut self, report: &TestReport) -> io::Result<()> {
        self.summary.add(report.outcome());
        self.show(Event::TestEnded(report))
    }

    /// All tests of a spec have ended that was begun.
    ///
    /// # Errors
    /// A display can't write.
    pub(crate) fn spec_ended(&mut self, spec: &Source, timings: &Timings) -> io::Result<()> {
        self.show(Event::SpecEnded { spec, timings })
    }

    /// How many tests have ended.
    pub(crate) const fn tests(&self) -> usize {
        self.summary.tests()
    }

    /// A spec is wrong by itself, or does not fit its program.
    ///
    /// # Errors
    /// A display can't write.
    pub(crate) fn spec_is_wrong(&mut self, errors: &SpecErrors) -> io::Result<()> {
        self.summary.wrong_specs += 1;
        self.show(Event::SpecWrong(errors))
    }

    /// The race detector reported something after the last test of a process that several tests shared.
    ///
    /// # Errors
    /// A display can't write.
    pub(crate) fn raced(&mut self, spec: &Source, races: &Races) -> io::Result<()> {
        self.summary.late_races += races.total();
        match races.total() {
            0 => Ok(()),
            _ => self.show(Event::RacedAfterTests { spec, races }),
        }
    }

    /// It ended before all of its tests had.
    ///
    /// # Errors
    /// A display can't write.
    pub(crate) fn broke(&mut self, reason: &str, exit: ExitCode) -> io::Result<()> {
        self.show(Event::RunBroke { reason, exit })
    }

    /// It ended after so long; gives what to say to the shell.
    ///
    /// # Errors
    /// A display can't write.
    pub fn ended(&mut self, duration: Duration) -> io::Result<ExitCode> {
        self.summary.duration = duration;
        let summary = self.summary;
        self.show(Event::RunEnded(&summary))?;
        Ok(summary.exit())
    }

    fn show(&mut self, event: Event<'_>) -> io::Result<()> {
        let mut displays = self.displays.iter_mut();
        displays.try_for_each(|display| display.show(event))
    }
}
