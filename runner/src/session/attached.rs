//! A program that somebody else started, watched while it goes on.

use std::{io, time::Instant};

use kernel::{Kernel, clock};
use model::Timestamp;
use trace::Room;

use super::{
    Cancel, Pace, Prepared, Progress, SessionError, TraceEvent,
    drain::Drain,
    follower::Follower,
    probes::{attach, tracer},
};
use crate::target::Running;

/// A process with probes set. Other processes of the same program hit them too; what they do is passed over.
pub(crate) struct Attached<'s> {
    running: Running,
    cancel: &'s Cancel,
    /// When all probes were set: what began later is seen.
    since: Timestamp,
    drain: Drain,
    // Last: the probes go when nothing reads their records any more.
    kernel: Kernel,
}

impl<'s> Attached<'s> {
    /// Loads the kernel program, measures what a hit costs, and sets the probes. `prepared` must be of the process's own file; of it,
    /// what values and goroutines are called by is kept, and the rest let go of before anything is watched.
    ///
    /// There is no self-check as with a program of our own: its main goroutine began long ago. The file that the offsets are
    /// read from is the one that the process runs.
    ///
    /// # Errors
    /// No privilege, a kernel that can't do it, or a program that can't be probed.
    pub(crate) fn begin(
        running: Running,
        prepared: Prepared,
        ring_bytes: u32,
        cancel: &'s Cancel,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, SessionError> {
        let patterns = prepared.watch.patterns()?;
        let names = prepared.all_names();
        let (mut kernel, costs) = attach(&prepared, ring_bytes, progress)?;
        // Before anybody knows that the process is watched, so that whatever is done then is seen.
        let since = clock::now();
        let records = kernel.records()?;
        let tracer = tracer(&prepared, names, costs)
            .only(running.process)
            .within(Room::default());
        Ok(Self {
            running,
            cancel,
            since,
            drain: Drain::begin(records, tracer, patterns),
            kernel,
        })
    }

    /// Reports what the process does since its probes were set, at that `pace`, until it ends, a signal comes or the time is over.
    ///
    /// # Errors
    /// Records can't be read, or `report` fails.
    pub(crate) fn watch(
        &mut self,
        pace: Pace,
        until: Option<Instant>,
        report: &mut dyn FnMut(TraceEvent<'_>) -> io::Result<()>,
    ) -> Result<(), SessionError> {
        let running = &self.running;
        let follower = Follower {
            drain: &self.drain,
            cancel: self.cancel,
            process: running.process,
            from: self.since,
            wait_ended: &|within| running.wait_ended(within),
        };
        follower
            .follow(pace, until, report)
            .map_err(SessionError::file("write"))?
    }

    /// Takes the probes off. The process goes on.
    ///
    /// # Errors
    /// That is not possible.
    pub(crate) fn end(mut self) -> Result<(), SessionError> {
        self.kernel.detach()?;
        Ok(())
    }
}
