//! The same tests in two worlds, in turns.

use super::{ComparedTest, Observed, Stage, StageError};

/// Two worlds of one spec, and what they showed.
pub(crate) struct Versus<'c> {
    stages: [Stage<'c>; 2],
    observed: [Observed; 2],
}

impl<'c> Versus<'c> {
    /// Nothing was run yet.
    pub(crate) fn new(stages: [Stage<'c>; 2]) -> Self {
        Self {
            stages,
            observed: Default::default(),
        }
    }

    /// Runs all tests once in each world: first in one, then in the other. An error says in which world it is, 0 or 1.
    ///
    /// # Errors
    /// Nothing can be run in one of them, or somebody stopped it.
    pub(crate) fn round(&mut self) -> Result<(), (usize, StageError)> {
        let sides = self.stages.iter_mut().zip(&mut self.observed);
        for (side, (stage, observed)) in sides.enumerate() {
            observed.take_in(&stage.round().map_err(|error| (side, error))?);
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
        let [before, after] = self.observed;
        Ok(before.compare(&after))
    }
}
