//! Runs of a spec's tests in world after world, each held against what one world showed.

use std::collections::HashMap;

use compare::{Change, Difference, search::Outcome};
use spec::{Spec, document::Test};

use crate::{
    report::TestReport,
    session::Progress,
    worlds::{ComparedTest, Context, Observed, Stage, StageError, World},
};

/// A difference that is looked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// The test that it is in.
    pub(crate) test: String,
    /// Where it begins.
    pub(crate) root: Change,
}

/// Trials with a spec.
pub(crate) struct Trials<'t> {
    spec: &'t Spec,
    tests: &'t [&'t Test],
    context: &'t Context<'t>,
    /// What the tests showed before.
    before: Observed,
    /// How often they are run in each world.
    runs: u32,
    /// What a world showed, by the world and the tests that were run.
    known: HashMap<String, Shown>,
    say: &'t dyn Fn(Progress),
    made: usize,
}

/// What a world showed.
enum Shown {
    /// Where its differences begin, each with its test.
    Differences(Vec<(String, Change)>),
    /// Not all.
    Unresolved,
}

impl<'t> Trials<'t> {
    /// Trials whose results are held against what the tests showed before.
    pub(crate) fn new(
        spec: &'t Spec,
        tests: &'t [&'t Test],
        context: &'t Context<'t>,
        before: Observed,
        runs: u32,
        say: &'t dyn Fn(Progress),
    ) -> Self {
        Self {
            spec,
            tests,
            context,
            before,
            runs,
            known: HashMap::new(),
            say,
            made: 0,
        }
    }

    /// How many worlds were tried.
    pub(crate) const fn made(&self) -> usize {
        self.made
    }

    /// The spec.
    pub(crate) const fn spec(&self) -> &'t Spec {
        self.spec
    }

    /// Whether a difference is there in a world. A world in which the tests can't be run, or not seen whole, leaves it open.
    ///
    /// # Errors
    /// Somebody stopped it.
    pub(crate) fn outcome(
        &mut self,
        world: &World,
        wanted: &Wanted,
    ) -> Result<Outcome, StageError> {
        let tests = self.tests_of(wanted);
        let names: Vec<&str> = tests.iter().map(|test| test.name.value.as_str()).collect();
        let key = format!("{world:?} {names:?}");
        if !self.known.contains_key(&key) {
            let shown = self.show(world, &tests)?;
            self.known.insert(key.clone(), shown);
        }
        Ok(match self.known.get(&key) {
            Some(Shown::Differences(found)) => {
                let mut of_test = found.iter().filter(|(test, _)| *test == wanted.test);
                match of_test.any(|(_, change)| change.is_same(&wanted.root)) {
                    true => Outcome::Different,
                    false => Outcome::Same,
                }
            }
            Some(Shown::Unresolved) | None => Outcome::Unresolved,
        })
    }

    fn show(&mut self, world: &World, tests: &[&Test]) -> Result<Shown, StageError> {
        self.made += 1;
        let observed = Observed::of(self.spec, tests, world, self.context, self.runs, self.say);
        let observed = match observed {
            Ok(observed) => observed,
            Err(error) if error.is_cancelled() => return Err(error),
            Err(_) => return Ok(Shown::Unresolved),
        };
        let compared = self.before.compare(&observed);
        let is_run = |test: &&ComparedTest| test.sides.last().is_some_and(|side| side.runs > 0);
        let mut found = Vec::new();
        for test in compared.iter().filter(is_run) {
            if !test.has_run() || test.comparison.doubt.is_some() {
                return Ok(Shown::Unresolved);
            }
            let differences = test.comparison.differences.iter();
            let changes = differences.flat_map(Difference::changes);
            found.extend(changes.map(|change| (test.name.clone(), change.clone())));
        }
        Ok(Shown::Differences(found))
    }

    /// Runs the test of a difference once in a world, and gives the reports with whether the difference is there.
    ///
    /// # Errors
    /// It can't be run, or somebody stopped it.
    pub(crate) fn reports(
        &mut self,
        world: &World,
        wanted: &Wanted,
    ) -> Result<(Vec<TestReport>, Outcome), StageError> {
        self.made += 1;
        let tests = self.tests_of(wanted);
        let mut progress = |progress| (self.say)(progress);
        let mut stage = Stage::begin(self.spec, &tests, world, self.context, &mut progress)?;
        let reports = stage.round()?;
        stage.end()?;
        let mut observed = Observed::default();
        observed.take_in(&reports);
        let compared = self.before.compare(&observed);
        let test = compared.iter().find(|test| test.name == wanted.test);
        let outcome = match test.filter(|test| test.has_run() && test.comparison.doubt.is_none()) {
            None => Outcome::Unresolved,
            Some(test) => {
                let differences = test.comparison.differences.iter();
                let mut found = differences.flat_map(Difference::changes);
                match found.any(|change| change.is_same(&wanted.root)) {
                    true => Outcome::Different,
                    false => Outcome::Same,
                }
            }
        };
        Ok((reports, outcome))
    }

    /// The tests of the spec that a difference may be in: of Go tests those whose name means it.
    fn tests_of(&self, wanted: &Wanted) -> Vec<&'t Test> {
        let is_meant = |test: &&&Test| match &test.go_test {
            Some(name) => name.value.matches(&wanted.test),
            None => test.name.value == wanted.test,
        };
        self.tests.iter().filter(is_meant).copied().collect()
    }
}
