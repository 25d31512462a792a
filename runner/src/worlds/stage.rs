//! A spec in a world, ready to run its tests again and again.

use spec::{Spec, document::Test};

use super::{Context, StageError, World, go_test_stage::GoTestStage, program_stage::ProgramStage};
use crate::{report::TestReport, session::Progress};

/// A spec in a world: built, and watched. It stays in the thread that begins it, since what it starts ends with that.
pub(crate) struct Stage<'c>(Kind<'c>);

enum Kind<'c> {
    Program(Box<ProgramStage<'c>>),
    GoTests(Box<GoTestStage<'c>>),
}

impl<'c> Stage<'c> {
    /// Builds a spec's program in a world, or prepares its `go test`, for some of its tests.
    ///
    /// # Errors
    /// It can't be built or watched, or the world does not fit the spec.
    pub(crate) fn begin(
        spec: &Spec,
        tests: &[&Test],
        world: &World,
        context: &Context<'c>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, StageError> {
        let kind = match spec.is_of_go_tests() {
            false => {
                let stage = ProgramStage::begin(spec, tests, world, context, progress)?;
                Kind::Program(Box::new(stage))
            }
            true => {
                let stage = GoTestStage::begin(spec, tests, world, context, progress)?;
                Kind::GoTests(Box::new(stage))
            }
        };
        Ok(Self(kind))
    }

    /// Runs all tests once. A report for each test in the order of the spec; of Go tests for each run, in the order of their ends, and
    /// none of what was skipped.
    ///
    /// # Errors
    /// Somebody stopped it, or nothing could be seen of any Go test. What keeps a single test from running its report says.
    pub(crate) fn round(&mut self) -> Result<Vec<TestReport>, StageError> {
        match &mut self.0 {
            Kind::Program(stage) => stage.round(),
            Kind::GoTests(stage) => stage.round(),
        }
    }

    /// What a person should know of the rounds, each once.
    pub(crate) fn take_notes(&mut self) -> Vec<String> {
        match &mut self.0 {
            Kind::Program(_) => Vec::new(),
            Kind::GoTests(stage) => stage.take_notes(),
        }
    }

    /// Ends what runs, and takes the probes off. Gives the number of data races that were reported after the last test.
    ///
    /// # Errors
    /// One of these is not possible; the others are done all the same.
    pub(crate) fn end(self) -> Result<u64, StageError> {
        match self.0 {
            Kind::Program(stage) => stage.end(),
            Kind::GoTests(_) => Ok(0),
        }
    }
}
