//! The same tests in two worlds, in turns.

use compare::{
    latency::{self, Rounds, Settings, Sides},
    times,
};

use super::{ComparedTest, Observed, Stage, StageError};
use crate::report::TestReport;

/// So many rounds at least are made to compare times: what is seen in fewer is seldom clear.
const LATENCY_ROUNDS: usize = 12;

/// Two worlds of one spec, and what they showed.
pub(crate) struct Versus<'c> {
    stages: [Stage<'c>; 2],
    observed: [Observed; 2],
    rounds: Rounds,
}

/// What a comparison of two worlds brought.
pub(crate) struct Compared {
    /// What the first world showed.
    pub(crate) before: Observed,
    /// The tests.
    pub(crate) tests: Vec<ComparedTest>,
    /// How long calls took, of all tests together.
    pub(crate) latency: latency::Comparison,
}

impl<'c> Versus<'c> {
    /// Nothing was run yet.
    pub(crate) fn new(stages: [Stage<'c>; 2]) -> Self {
        Self {
            stages,
            observed: Default::default(),
            rounds: Rounds::default(),
        }
    }

    /// Runs all tests once in each world; which is first changes from round to round. An error says in which world it is, 0 or 1.
    ///
    /// # Errors
    /// Nothing can be run in one of them, or somebody stopped it.
    pub(crate) fn round(&mut self) -> Result<(), (usize, StageError)> {
        let mut runs = [latency::Run::default(), latency::Run::default()];
        let order = match latency::first(self.rounds.count()) {
            latency::Side::Before => [0, 1],
            latency::Side::After => [1, 0],
        };
        for side in order {
            let (Some(stage), Some(observed), Some(run)) = (
                self.stages.get_mut(side),
                self.observed.get_mut(side),
                runs.get_mut(side),
            ) else {
                continue;
            };
            let reports = stage.round().map_err(|error| (side, error))?;
            *run = times(
                reports
                    .iter()
                    .filter(has_run)
                    .map(|report| &report.evidence),
            );
            observed.take_in(&reports);
        }
        let [before, after] = &runs;
        self.rounds.add(Sides { before, after });
        Ok(())
    }

    /// How many rounds are to be made in all so that times can be compared, as far as is known now.
    pub(crate) fn latency_rounds(&self) -> usize {
        let compared = self.rounds.compare(&Settings::default());
        // Twice what is needed at least, in whole blocks, so that one disturbed round decides nothing.
        compared.needed.max(LATENCY_ROUNDS).next_multiple_of(4)
    }

    /// Ends both, and gives what differs.
    ///
    /// # Errors
    /// One of them can't be ended as it should.
    pub(crate) fn end(self) -> Result<Compared, (usize, StageError)> {
        let mut ended = Ok(());
        for (side, stage) in self.stages.into_iter().enumerate() {
            ended = ended.and(stage.end().map(|_| ()).map_err(|error| (side, error)));
        }
        ended?;
        let [before, after] = self.observed;
        Ok(Compared {
            tests: before.compare(&after),
            before,
            latency: self.rounds.compare(&Settings::default()),
        })
    }
}

fn has_run(report: &&TestReport) -> bool {
    report.could_not_run.is_none() && report.wrong_spec.is_none()
}
