//! A program that is watched without a test: what it does is reported every so often.

use std::{
    io,
    time::{Duration, Instant},
};

use model::{Observation, ProcessId, Timestamp};
use trace::{Dropped, Poll};

use super::{
    Cancel, SessionError,
    drain::{DRAIN, Drain, Flushed},
};

/// How soon what happens is reported.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// How often something is reported.
    pub(crate) every: Duration,
    /// How long a call that runs, or whose request or goroutines do, is withheld, so that it can be reported as a whole.
    pub(crate) patience: Duration,
}

/// What is reported of a program that is watched without a test.
#[derive(Debug)]
pub(crate) enum TraceEvent<'a> {
    /// It is ready.
    Ready {
        /// The port that it listens on.
        port: u16,
    },
    /// Calls, requests or goroutines were seen, or that something was lost.
    Seen(&'a mut Observation),
    /// Something is not reported, because there was too much for that time.
    Dropped(Dropped),
}

/// A program that is watched without a test.
pub(super) struct Follower<'a> {
    pub(super) drain: &'a Drain,
    pub(super) cancel: &'a Cancel,
    pub(super) process: ProcessId,
    /// What began before is not reported.
    pub(super) from: Timestamp,
    /// Waits until the program has ended, for that time at most; whether it has.
    pub(super) wait_ended: &'a dyn Fn(Duration) -> bool,
}

impl Follower<'_> {
    /// Reports what the program does until it ends, a signal comes or the time is over: a request's calls when it and its
    /// goroutines have ended, other calls when they and those that they led to have. What goes on for longer than the pace's patience is
    /// reported as running, and such a call once more when it has ended. The outer error is that of `report`.
    pub(super) fn follow(
        &self,
        pace: Pace,
        until: Option<Instant>,
        report: &mut dyn FnMut(TraceEvent<'_>) -> io::Result<()>,
    ) -> io::Result<Result<(), SessionError>> {
        let mut from = self.from;
        let patience = u64::try_from(pace.patience.as_nanos()).unwrap_or(u64::MAX);
        loop {
            let ended = (self.wait_ended)(pace.every);
            let over =
                ended || self.cancel.is_set() || until.is_some_and(|until| Instant::now() >= until);
            let Flushed { loss, now } = match self.drain.flush_once(DRAIN) {
                Ok(flushed) => flushed,
                Err(error) => return Ok(Err(error.into())),
            };
            let poll = Poll {
                begin: self.from,
                from,
                to: now,
                overdue: match over {
                    true => now,
                    false => Timestamp(now.0.saturating_sub(patience)),
                },
            };
            let (mut seen, dropped) = self.drain.with(|tracer| {
                if ended {
                    tracer.process_ended(self.process, now);
                }
                (tracer.poll(&poll, loss), tracer.take_dropped())
            });
            let nothing =
                seen.calls.is_empty() && seen.scopes.is_empty() && seen.goroutines.is_empty();
            if !nothing || seen.loss.total() > 0 {
                report(TraceEvent::Seen(&mut seen))?;
            }
            drop(seen);
            if !dropped.is_nothing() {
                report(TraceEvent::Dropped(dropped))?;
            }
            from = Timestamp(now.0 + 1);
            if over {
                return Ok(Ok(()));
            }
        }
    }
}
