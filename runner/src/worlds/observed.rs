//! What a spec's tests showed in one world, in all runs together.

use std::collections::BTreeMap;

use compare::{Comparison, Side, compare, run::Run};
use spec::{Spec, document::Test};

use super::{Context, Stage, StageError, World};
use crate::{cause::Cause, report::TestReport, session::Progress};

/// What the tests of a spec showed in one world. Of a run no more is kept than what is compared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    /// By test, in the order in which they were first seen.
    tests: Vec<(String, Shown)>,
}

/// What the comparison of a test brought.
#[derive(Clone, Debug)]
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
    /// Why each difference is there, in their order; none where that was not asked for.
    pub(crate) causes: Vec<ExplainedCause>,
}

/// Why a difference is there, and what to write so that it is not.
#[derive(Clone, Debug)]
pub(crate) struct ExplainedCause {
    /// Why.
    pub(crate) cause: Cause,
    /// The lines to write.
    pub(crate) write: Vec<String>,
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
        let [before, after] = &self.sides;
        self.could_not_run.iter().all(Option::is_none) && before.runs > 0 && after.runs > 0
    }
}

/// An expectation that is judged otherwise.
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

/// What a test showed.
#[derive(Clone, Debug, Default)]
struct Shown {
    runs: Vec<Run>,
    could_not_run: Option<String>,
    /// By place in the spec and subject.
    verdicts: BTreeMap<(usize, String), Judged>,
}

/// How an expectation was judged in all runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judged {
    Always(Option<bool>),
    Varies,
}

impl Observed {
    /// What some of a spec's tests show in a world, run so many times.
    ///
    /// # Errors
    /// They can't be run there, or somebody stopped it.
    pub(crate) fn of(
        spec: &Spec,
        tests: &[&Test],
        world: &World,
        context: &Context<'_>,
        runs: u32,
        say: &dyn Fn(Progress),
    ) -> Result<Self, StageError> {
        let mut progress = |progress| say(progress);
        let mut stage = Stage::begin(spec, tests, world, context, &mut progress)?;
        let mut observed = Self::default();
        for _ in 0..runs {
            observed.take_in(&stage.round()?);
        }
        stage.end()?;
        Ok(observed)
    }

    /// How many of the tests could be run each time, and how many of these passed, failed or were not decided: by the last run.
    pub(crate) fn verdicts(&self) -> Verdicts {
        let mut verdicts = Verdicts::default();
        for (_, shown) in &self.tests {
            let holds = |wanted: Option<bool>| {
                let mut judged = shown.verdicts.values();
                judged.any(|judged| *judged == Judged::Always(wanted))
            };
            let varies = shown
                .verdicts
                .values()
                .any(|judged| *judged == Judged::Varies);
            match () {
                () if shown.could_not_run.is_some() => verdicts.could_not_run += 1,
                () if holds(Some(false)) => verdicts.failed += 1,
                () if varies || holds(None) => verdicts.inconclusive += 1,
                () => verdicts.passed += 1,
            }
        }
        verdicts
    }

    /// Takes in one run of the tests.
    pub(crate) fn take_in(&mut self, reports: &[TestReport]) {
        for report in reports {
            let place = self.tests.iter().position(|(name, _)| *name == report.name);
            match place.and_then(|place| self.tests.get_mut(place)) {
                Some((_, shown)) => shown.take_in(report),
                None => {
                    let mut shown = Shown::default();
                    shown.take_in(report);
                    self.tests.push((report.name.clone(), shown));
                }
            }
        }
    }

    /// What differs between this and what was observed in another world, test by test. A test that is on one side alone is among them.
    pub(crate) fn compare(&self, after: &Self) -> Vec<ComparedTest> {
        let none = Shown::default();
        let of = |side: &'_ Self, name: &str| {
            let mut tests = side.tests.iter();
            tests.position(|(known, _)| known == name)
        };
        let before = self.tests.iter().map(|(name, before)| {
            let after = of(after, name).and_then(|place| after.tests.get(place));
            compared(name, before, after.map_or(&none, |(_, after)| after))
        });
        let added = after.tests.iter();
        let added = added.filter(|(name, _)| of(self, name).is_none());
        before
            .chain(added.map(|(name, after)| compared(name, &none, after)))
            .collect()
    }
}

/// How the tests of a spec were judged in one world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdicts {
    /// All expectations hold in each run.
    pub(crate) passed: usize,
    /// One does not hold in any run.
    pub(crate) failed: usize,
    /// One is not known, or does not hold in some runs alone.
    pub(crate) inconclusive: usize,
    /// It could not be run.
    pub(crate) could_not_run: usize,
}

impl Shown {
    fn take_in(&mut self, report: &TestReport) {
        let wrong = report.wrong_spec.as_ref().map(|errors| {
            let mut messages = errors.errors.iter().map(|error| error.message.clone());
            messages.next().unwrap_or_default()
        });
        if let Some(why) = report.could_not_run.clone().or(wrong) {
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

    /// The expectations that are judged otherwise in another world.
    fn changed_verdicts(&self, after: &Self) -> Vec<ChangedVerdict> {
        let both = self.verdicts.iter().filter_map(|(key, before)| {
            let (Judged::Always(before), Judged::Always(after)) =
                (*before, *after.verdicts.get(key)?)
            else {
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
}

fn compared(name: &str, before: &Shown, after: &Shown) -> ComparedTest {
    let sides = [before, after].map(|shown| Side::settle(shown.runs.clone()));
    let comparison = match &sides {
        [before, after] if before.runs > 0 && after.runs > 0 => compare(before, after),
        _ => Comparison::default(),
    };
    ComparedTest {
        name: name.to_owned(),
        sides,
        comparison,
        could_not_run: [before, after].map(|shown| shown.could_not_run.clone()),
        verdicts: before.changed_verdicts(after),
        causes: Vec::new(),
    }
}
