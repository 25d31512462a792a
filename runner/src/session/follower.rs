//! A program that is watched without a test: what is seen is told every so often.

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

/// How long what does not end is held back, in ns.
const PATIENCE: u64 = 1_000_000_000;

/// What is told of a program that is watched without a test.
#[derive(Debug)]
pub(crate) enum TraceEvent<'a> {
    /// It is ready.
    Ready {
        /// The port that it listens on.
        port: u16,
    },
    /// Calls, requests or goroutines were seen, or that something was lost.
    Seen(&'a Observation),
    /// Something is not told, because there was more than can be told in that time.
    Dropped(Dropped),
}

/// A program that is watched without a test.
pub(super) struct Follower<'a> {
    pub(super) drain: &'a Drain,
    pub(super) cancel: &'a Cancel,
    pub(super) process: ProcessId,
    /// What began before is not told.
    pub(super) from: Timestamp,
    /// Waits until the program has ended, for that time at most; whether it has.
    pub(super) wait_ended: &'a dyn Fn(Duration) -> bool,
}

impl Follower<'_> {
    /// Tells what is seen until the program ends, a signal comes or the time is over: a request's calls when it and its
    /// goroutines have ended, other calls when they and those that they led to have. What goes on for longer than a second is
    /// told as running, and a call that was told so once more when it has ended. The outer error is of `tell`.
    pub(super) fn tell(
        &self,
        every: Duration,
        until: Option<Instant>,
        tell: &mut dyn FnMut(TraceEvent<'_>) -> io::Result<()>,
    ) -> io::Result<Result<(), SessionError>> {
        let mut from = self.from;
        loop {
            let ended = (self.wait_ended)(every);
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
                    false => Timestamp(now.0.saturating_sub(PATIENCE)),
                },
            };
            let (seen, dropped) = self.drain.with(|tracer| {
                if ended {
                    tracer.process_ended(self.process, now);
                }
                (tracer.poll(&poll, loss), tracer.take_dropped())
            });
            let nothing =
                seen.calls.is_empty() && seen.scopes.is_empty() && seen.goroutines.is_empty();
            if !nothing || seen.loss.total() > 0 {
                tell(TraceEvent::Seen(&seen))?;
            }
            drop(seen);
            if !dropped.is_nothing() {
                tell(TraceEvent::Dropped(dropped))?;
            }
            from = Timestamp(now.0 + 1);
            if over {
                return Ok(Ok(()));
            }
        }
    }
}
