//! The same tests in two worlds, in turns, and what differs between them.

use std::collections::BTreeMap;

use compare::{Comparison, Side, compare, run::Run};

use super::{Stage, StageError};
use crate::report::TestReport;

/// What the comparison of a test brought.
#[derive(Debug)]
pub(crate) struct ComparedTest {
    /// The test: as in the spec, or the Go test's own name.
    pub(crate) name: String,
    /// What each side showed: of the runs that could be made.
    pub(crate) sides: [Side; 2],
    /// What differs.
    pub(crate) comparison: Comparison,
    /// Why a run could not be made, by side: the first reason.
    pub(crate) could_not_run: [Option<String>; 2],
    /// The expectations that are judged otherwise, where a side judges each of them alike in all runs.
    pub(crate) verdicts: Vec<ChangedVerdict>,
}

impl ComparedTest {
    /// Whether anything differs.
    pub(crate) fn differs(&self) -> bool {
        let Comparison {
            differences,
            repeated,
            ..
        } = &self.comparison;
        !differences.is_empty() || !repeated.is_empty() || !self.verdicts.is_empty()
    }

    /// Whether the test ran on both sides.
    pub(crate) fn has_run(&self) -> bool {
        self.could_not_run.iter().all(Option::is_none)
            && self.sides.iter().all(|side| side.runs > 0)
    }
}

/// An expectation that holds on one side alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChangedVerdict {
    /// Where it is in the spec, in bytes.
    pub(crate) place: usize,
    /// What it is about.
    pub(crate) subject: String,
    /// Whether it holds; none where that is not known.
    pub(crate) before: Option<bool>,
    /// The same on the other side.
    pub(crate) after: Option<bool>,
}

/// What a side has shown so far.
#[derive(Default)]
struct Shown {
    runs: Vec<Run>,
    could_not_run: Option<String>,
    verdicts: BTreeMap<(usize, String), Judged>,
}

/// How an expectation was judged in the runs of a side.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Judged {
    Always(Option<bool>),
    Varies,
}

impl Shown {
    /// Takes in a run, of which no more is kept than what is compared.
    fn take_in(&mut self, report: &TestReport) {
        let why = report.could_not_run.clone();
        let wrong = report.wrong_spec.as_ref().map(|errors| {
            let mut messages = errors.errors.iter().map(|error| error.message.clone());
            messages.next().unwrap_or_default()
        });
        if let Some(why) = why.or(wrong) {
            self.could_not_run.get_or_insert(why);
            return;
        }
        self.runs
            .push(Run::new(&report.evidence, &report.substitutions));
        for verdict in &report.verdicts {
            let holds = Judged::Always(verdict.finding.holds());
            let place = (verdict.span.start, verdict.subject.clone());
            let known = self.verdicts.entry(place).or_insert(holds);
            if *known != holds {
                *known = Judged::Varies;
            }
        }
    }
}

/// Two worlds of one spec, and what they showed.
pub(crate) struct Versus<'c> {
    stages: [Stage<'c>; 2],
    /// By test, in the order in which they were first seen.
    tests: Vec<(String, [Shown; 2])>,
}

impl<'c> Versus<'c> {
    /// Nothing was run yet.
    pub(crate) const fn new(stages: [Stage<'c>; 2]) -> Self {
        Self {
            stages,
            tests: Vec::new(),
        }
    }

    /// Runs all tests once in each world: first in one, then in the other. An error says in which world it is, 0 or 1.
    ///
    /// # Errors
    /// Nothing can be run in one of them, or somebody stopped it.
    pub(crate) fn round(&mut self) -> Result<(), (usize, StageError)> {
        for side in 0..self.stages.len() {
            let Some(stage) = self.stages.get_mut(side) else {
                continue;
            };
            for report in stage.round().map_err(|error| (side, error))? {
                let place = self.tests.iter().position(|(name, _)| *name == report.name);
                let place = place.unwrap_or_else(|| {
                    self.tests.push((report.name.clone(), Default::default()));
                    self.tests.len() - 1
                });
                let shown = self.tests.get_mut(place);
                if let Some(shown) = shown.and_then(|(_, sides)| sides.get_mut(side)) {
                    shown.take_in(&report);
                }
            }
        }
        Ok(())
    }

    /// Ends both, and gives what differs.
    ///
    /// # Errors
    /// One of them can't be ended as it should.
    pub(crate) fn end(self) -> Result<Vec<ComparedTest>, (usize, StageError)> {
        let mut ended = Ok(());
        for (side, stage) in self.stages.into_iter().enumerate() {
            ended = ended.and(stage.end().map(|_| ()).map_err(|error| (side, error)));
        }
        ended?;
        Ok(self.tests.into_iter().map(compared).collect())
    }
}

fn compared((name, [before, after]): (String, [Shown; 2])) -> ComparedTest {
    let verdicts = changed_verdicts(&before, &after);
    let could_not_run = [before.could_not_run, after.could_not_run];
    let sides = [Side::settle(before.runs), Side::settle(after.runs)];
    let comparison = match &sides {
        [before, after] if before.runs > 0 && after.runs > 0 => compare(before, after),
        _ => Comparison::default(),
    };
    ComparedTest {
        name,
        sides,
        comparison,
        could_not_run,
        verdicts,
    }
}

fn changed_verdicts(before: &Shown, after: &Shown) -> Vec<ChangedVerdict> {
    let both = before.verdicts.iter().filter_map(|(key, before)| {
        let Judged::Always(before) = *before else {
            return None;
        };
        let Judged::Always(after) = *after.verdicts.get(key)? else {
            return None;
        };
        (before != after).then(|| ChangedVerdict {
            place: key.0,
            subject: key.1.clone(),
            before,
            after,
        })
    });
    both.collect()
}
