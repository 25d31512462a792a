//! A spec in a world, ready to run its tests again and again.

use std::sync::Arc;

use model::Retention;
use spec::{Spec, SpecErrors, document::Test};

use super::{World, go_test_stage::GoTestStage, program_stage::ProgramStage};
use crate::{
    go_test::GoRunError,
    report::TestReport,
    session::{Cancel, Kernels, Progress, SessionError},
    target::Identity,
};

/// Why a spec can't be run in a world.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StageError {
    /// Its program can't be built, watched or run.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// `go test` can't be run.
    #[error(transparent)]
    GoTest(#[from] GoRunError),
    /// A binary was named for Go tests.
    #[error("a binary cannot stand for Go tests: `go test` builds them from their source")]
    BinaryOfGoTests,
}

impl StageError {
    /// What is wrong with the spec, if that is why.
    pub(crate) const fn spec_errors(&self) -> Option<&SpecErrors> {
        match self {
            Self::Session(SessionError::Spec(errors)) => Some(errors),
            _ => None,
        }
    }

    /// Whether somebody stopped it.
    pub(crate) const fn is_cancelled(&self) -> bool {
        matches!(self, Self::Session(SessionError::Cancelled))
    }
}

/// What all stages of a command share.
#[derive(Clone)]
pub(crate) struct Context<'c> {
    /// Whom programs run as.
    pub(crate) identity: &'c Identity,
    /// Whether somebody wants it to stop.
    pub(crate) cancel: &'c Cancel,
    /// What watches test binaries.
    pub(crate) kernels: Arc<Kernels>,
    /// Bytes of the ring that a program's records travel through.
    pub(crate) ring_bytes: u32,
    /// What is kept of calls at least, besides what the tests are judged on.
    pub(crate) at_least: Retention,
}

/// A spec in a world: built, and watched. It stays in the thread that begins it, since what it starts ends with that.
pub(crate) struct Stage<'c>(Kind<'c>);

enum Kind<'c> {
    Program(ProgramStage<'c>),
    GoTests(GoTestStage<'c>),
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
            false => Kind::Program(ProgramStage::begin(spec, tests, world, context, progress)?),
            true => Kind::GoTests(GoTestStage::begin(spec, tests, world, context, progress)?),
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
