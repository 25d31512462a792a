//! One piece of work: what makes the program work, for how long, what is kept of it, and how it goes.

use std::time::{Duration, Instant};

use kernel::clock;
use model::{Completion, End, Retention, Running, Timestamp};
use spec::document::{Execution, RequestSpec, StopSignal, Stub};

use super::{Cancel, SessionError, drain::Drain, process::Process, settling::settle};
use crate::drive::{Carry, DriveResult, Interruption, Stubs};

/// What makes the program work while it is watched.
#[derive(Clone, Copy, Debug)]
pub enum Workload<'w> {
    /// Requests, one entry after the other.
    Requests(&'w [RequestSpec]),
    /// Nothing but its start: a server is watched until it is ready.
    Start,
    /// Nothing at all: it is a command, watched until its end.
    Command,
}

impl<'w> Workload<'w> {
    /// The requests, if there are any; else what a program does that serves, or does not.
    #[must_use]
    pub const fn of(requests: &'w [RequestSpec], serves: bool) -> Self {
        match (requests, serves) {
            ([], true) => Self::Start,
            ([], false) => Self::Command,
            (requests, _) => Self::Requests(requests),
        }
    }

    /// Whether the program's start is a part of it, so that it is judged from the launch on.
    pub(super) const fn has_start(self) -> bool {
        match self {
            Self::Requests(_) => false,
            Self::Start | Self::Command => true,
        }
    }
}

/// One piece of work of a session: a test, or what a command line asks for.
#[derive(Clone, Copy, Debug)]
pub struct Work<'w> {
    /// Its name.
    pub name: &'w str,
    /// What makes the program work.
    pub workload: Workload<'w>,
    /// Requests that are sent before, where it sends requests itself: the file's, and its own.
    pub before: [&'w [RequestSpec]; 2],
    /// Whether its requests share a jar of cookies.
    pub cookies: bool,
    /// Stubs that answer otherwise meanwhile.
    pub stubs: &'w [Stub],
    /// How long to wait for the requests' goroutines to end.
    pub settle: Duration,
    /// How long all of it may take.
    pub within: Duration,
    /// What is kept of the calls.
    pub keep: Retention,
    /// Whether the program is to end meanwhile, so that its end is no failure by itself.
    pub expects_end: bool,
    /// How the program is started and ended for it, and what is kept of what it writes.
    pub execution: &'w Execution,
}

/// What a work is done with.
pub(super) struct Means<'a> {
    /// The program, which runs.
    pub(super) program: &'a Process,
    /// Where its records come in.
    pub(super) drain: &'a Drain,
    /// What the requests before made.
    pub(super) carry: &'a Carry,
    /// The stubs that it finds.
    pub(super) stubs: &'a Stubs,
    /// Whether somebody wants it to stop.
    pub(super) cancel: &'a Cancel,
    /// How long the program may take to be ready.
    pub(super) ready_within: Duration,
    /// When the work began.
    pub(super) from: Timestamp,
    /// By when it must be done.
    pub(super) deadline: Instant,
}

/// A work that is done.
pub(super) struct Done {
    /// The requests that were sent.
    pub(super) driven: DriveResult,
    /// How it ended.
    pub(super) completion: Completion,
    /// Whether there was no time left for all of it.
    pub(super) timed_out: bool,
    /// When it was over; none if that is when what it did was taken in.
    pub(super) to: Option<Timestamp>,
    /// When the program was sent the test's signal, if it was.
    pub(super) signalled: Option<Timestamp>,
}

impl Work<'_> {
    /// Has the program do it.
    pub(super) fn perform(&self, means: &Means<'_>) -> Result<Done, SessionError> {
        let Means {
            program, deadline, ..
        } = *means;
        let ended = |end, at: Timestamp, limit: Duration| Done {
            driven: DriveResult::default(),
            completion: Completion {
                end,
                after: at.since(program.launched),
                limit: limit.into(),
                running: Running::default(),
            },
            timed_out: end == End::Deadline,
            to: (end == End::Ready).then_some(at),
            signalled: None,
        };
        let stop = self.execution.stop.as_ref().map(|stop| stop.value);
        match self.workload {
            Workload::Requests(requests) => {
                let cancel = means.cancel.flag();
                let driven =
                    program.drive(requests, means.carry, means.stubs, deadline, &cancel)?;
                let timed_out = driven.interrupted == Some(Interruption::Deadline);
                if let Some(signal) = stop.filter(|_| driven.interrupted.is_none()) {
                    return self.stop(means, signal, driven);
                }
                let left = deadline.saturating_duration_since(Instant::now());
                let within = self.settle.min(left);
                let (drain, cancel) = (means.drain, means.cancel);
                let mut completion = settle(drain, program, means.from, within, cancel)?;
                if timed_out || (completion.end == End::SettlePassed && left < self.settle) {
                    completion.end = End::Deadline;
                    completion.limit = self.within.into();
                }
                Ok(Done {
                    driven,
                    completion,
                    timed_out,
                    to: None,
                    signalled: None,
                })
            }
            Workload::Start => match stop {
                Some(signal) => self.stop(means, signal, DriveResult::default()),
                None => Ok(ended(End::Ready, program.ready, means.ready_within)),
            },
            Workload::Command => {
                let end = match program.wait_for_end(deadline, means.cancel)? {
                    true => End::ProcessEnded,
                    false => End::Deadline,
                };
                Ok(ended(end, clock::now(), self.within))
            }
        }
    }
    /// Sends the program a signal and waits for its end.
    fn stop(
        &self,
        means: &Means<'_>,
        signal: StopSignal,
        driven: DriveResult,
    ) -> Result<Done, SessionError> {
        let Means {
            program, deadline, ..
        } = *means;
        // One that has ended before was not ended by it.
        let signalled = program
            .target
            .exited()
            .is_none()
            .then(|| program.signal(signal));
        let has_ended = program.wait_for_end(deadline, means.cancel)?;
        let after = signalled.unwrap_or(program.launched);
        Ok(Done {
            driven,
            completion: Completion {
                end: match has_ended {
                    true => End::ProcessEnded,
                    false => End::Deadline,
                },
                after: clock::now().since(after),
                limit: self.within.into(),
                running: Running::default(),
            },
            timed_out: !has_ended,
            to: None,
            signalled,
        })
    }
}
