//! A spec with a program in a world.

use std::time::Instant;

use model::Retention;
use spec::{Spec, SpecErrors, document::Test};

use super::{Context, StageError, World};
use crate::{
    report::TestReport,
    session::{self, Cancel, Live, LiveOptions, Progress, SessionError, SnapshotMode},
};

/// A program that is watched, and the tests that drive it.
pub(super) struct ProgramStage<'c> {
    spec: Spec,
    /// What is wrong with some of the tests.
    wrong: Option<SpecErrors>,
    live: Live<'c>,
    cancel: &'c Cancel,
    at_least: Retention,
}

impl<'c> ProgramStage<'c> {
    /// Builds the program and sets the probes.
    pub(super) fn begin(
        spec: &Spec,
        tests: &[&Test],
        world: &World,
        context: &Context<'c>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, StageError> {
        let spec = world.spec(spec, tests);
        session::check_environment(&spec)?;
        let watch = world.watch(&spec, context.at_least);
        let (prepared, wrong) = session::prepare_watch_of(&spec, watch, context.cancel, progress)?;
        let options = LiveOptions {
            ring_bytes: context.ring_bytes,
            record: None,
        };
        let live = Live::begin(
            prepared,
            context.identity,
            context.cancel,
            &options,
            progress,
        )?;
        Ok(Self {
            spec,
            wrong,
            live,
            cancel: context.cancel,
            at_least: context.at_least,
        })
    }

    /// Runs each test once.
    pub(super) fn round(&mut self) -> Result<Vec<TestReport>, StageError> {
        let Self {
            spec,
            wrong,
            live,
            cancel,
            at_least,
        } = self;
        let mut reports = Vec::with_capacity(spec.tests.len());
        for test in &spec.tests {
            let errors = wrong.as_ref();
            let errors = errors.and_then(|errors| errors.of_test(&test.name.value));
            reports.push(match errors {
                Some(errors) => session::wrong_spec(spec, test, errors),
                None => run(spec, test, live, *at_least),
            });
            if cancel.is_set() {
                return Err(SessionError::Cancelled.into());
            }
        }
        Ok(reports)
    }

    /// Ends the program, and takes the probes off.
    pub(super) fn end(self) -> Result<u64, StageError> {
        Ok(self.live.end()?.total())
    }
}

fn run(spec: &Spec, test: &Test, live: &mut Live<'_>, at_least: Retention) -> TestReport {
    let begun = Instant::now();
    let work = session::work_of(spec, test, &live.prepared().watch, at_least);
    let mode = SnapshotMode::OtherWorld;
    live.run(&work)
        .and_then(|ran| session::judge(spec, test, ran, mode, begun.elapsed()))
        .unwrap_or_else(|error| session::could_not_run(spec, test, &error, begun.elapsed()))
}
