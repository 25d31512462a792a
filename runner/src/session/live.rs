//! A session with the live kernel: probes are set once, then each work has its turn.

use std::{io, sync::Arc, time::Instant};

use kernel::LoadOptions;
use model::Races;
use trace::Room;

use super::{
    Cancel, Kernels, Prepared, Progress, SessionError, TestRun, Timings, Work,
    follower::{Pace, TraceEvent},
    kernels::Lent,
    probes::attach_timed,
    process::{Process, Start},
    recorder::RecordTo,
    work_runner::WorkRunner,
};
use crate::target::Identity;

/// How a session is run.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// Bytes of the ring that records travel through.
    pub ring_bytes: u32,
    /// Where to write the session down, if anywhere.
    pub record: Option<RecordTo>,
}

/// A session whose probes are set.
pub struct Live<'s> {
    runner: WorkRunner<'s>,
    // Last: the probes go when nothing reads their records any more.
    kernel: Lent,
}

impl<'s> Live<'s> {
    /// Loads the kernel program, measures what a hit costs, and sets the probes.
    ///
    /// # Errors
    /// No privilege, a kernel that can't do it, or a program that can't be probed; a stub can't be served.
    pub fn begin(
        prepared: Prepared,
        identity: &'s Identity,
        cancel: &'s Cancel,
        options: &LiveOptions,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, SessionError> {
        let ring_bytes = options.ring_bytes;
        let kernels = Kernels::new(LoadOptions { ring_bytes });
        let record = options.record.as_ref();
        Self::begin_lent(prepared, identity, cancel, &kernels, record, progress)
    }

    /// The same with a kernel program that may be loaded already, and one that has a ring as `kernels` says.
    ///
    /// # Errors
    /// Likewise.
    pub(crate) fn begin_lent(
        prepared: Prepared,
        identity: &'s Identity,
        cancel: &'s Cancel,
        kernels: &Arc<Kernels>,
        record: Option<&RecordTo>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, SessionError> {
        let mut timings = prepared.timings;
        let (mut kernel, costs) = attach_timed(&prepared, kernels, &mut timings, progress)?;
        let records = kernel.kernel().records()?;
        let launch = Box::new(move |prepared: &_, stubs: &_, start: &Start<'_>| {
            Process::launch(prepared, identity, stubs, start, cancel)
        });
        let mut runner = WorkRunner::begin(prepared, launch, records, costs, cancel, record)?;
        runner.timings = timings;
        Ok(Self { runner, kernel })
    }

    /// The same with no more kept of a test than there is room for. Its verdicts mean nothing then: it is shown, not judged.
    #[must_use]
    pub const fn within(mut self, room: Room) -> Self {
        self.runner.room = Some(room);
        self
    }

    /// What is watched.
    #[must_use]
    pub const fn prepared(&self) -> &Prepared {
        self.runner.prepared()
    }

    /// Starts the program and reports what it does, at that `pace`, until that moment or a signal. A request's
    /// calls are reported when it and its goroutines have ended. What takes longer than its patience is reported as running,
    /// and each such call once more when it has ended.
    ///
    /// # Errors
    /// It could not be run, or `report` fails.
    pub(crate) fn watch_freely(
        &mut self,
        pace: Pace,
        until: Option<Instant>,
        report: &mut dyn FnMut(TraceEvent<'_>) -> io::Result<()>,
    ) -> Result<(), SessionError> {
        self.runner.watch_freely(pace, until, report)
    }

    /// Runs one test to its end.
    ///
    /// # Errors
    /// It could not be run. The program does not run any more then.
    pub fn run(&mut self, work: &Work<'_>) -> Result<TestRun, SessionError> {
        self.runner.run(work)
    }

    /// Ends the program, if it runs, so that the next work finds a fresh process. Gives what the race detector reported since the
    /// last test.
    ///
    /// # Errors
    /// It can't be ended.
    pub(crate) fn end_process(&mut self) -> Result<Races, SessionError> {
        self.runner.end_process()
    }

    /// Ends the program, takes the probes off and completes the recording. Gives what the race detector reported after the
    /// last test.
    ///
    /// # Errors
    /// One of these is not possible; the others are done all the same.
    pub fn end(self) -> Result<Races, SessionError> {
        let (races, _) = self.end_timed();
        races
    }

    /// The same; gives how long the parts of the session took, too.
    pub(crate) fn end_timed(mut self) -> (Result<Races, SessionError>, Timings) {
        let stopped = self.runner.stop();
        let mut timings = self.runner.timings;
        let begun = Instant::now();
        let detached = self.kernel.kernel().detach().map(|_| ());
        timings.detach = begun.elapsed();
        let recorded = self.runner.end();
        let ended = || -> Result<Races, SessionError> {
            let races = stopped?;
            detached?;
            recorded?;
            Ok(races.unwrap_or_default())
        };
        (ended(), timings)
    }
}
