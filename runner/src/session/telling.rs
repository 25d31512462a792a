//! A program that is watched without a test: what is seen is told every so often.

use std::{
    io,
    time::{Duration, Instant},
};

use super::{
    Cancel, SessionError,
    live::DRAIN,
    watch::{Flushed, Watch},
};
use crate::model::{Observation, ProcessId, Timestamp};

/// How long the calls of a request that does not end are held back.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is told of a program that is watched without a test.
#[derive(Debug)]
pub enum Free<'a> {
    /// It is ready.
    Ready {
        /// The port that it listens on.
        port: u16,
    },
    /// Calls were seen.
    Seen(&'a Observation),
}

/// A program that is watched without a test.
pub(super) struct Telling<'a> {
    pub(super) watch: &'a Watch,
    pub(super) cancel: &'a Cancel,
    pub(super) process: ProcessId,
    /// What was before is not told.
    pub(super) from: Timestamp,
    /// Waits until the program has ended, for that time at most; whether it has.
    pub(super) wait_ended: &'a dyn Fn(Duration) -> bool,
}

impl Telling<'_> {
    /// Tells what is seen until the program ends, a signal comes or the time is over. A request's calls are told when it and
    /// its goroutines have ended, or after a second. The outer error is of `tell`.
    pub(super) fn tell(
        mut self,
        every: Duration,
        until: Option<Instant>,
        tell: &mut dyn FnMut(Free<'_>) -> io::Result<()>,
    ) -> io::Result<Result<(), SessionError>> {
        let mut waiting_since = Instant::now();
        loop {
            let ended = (self.wait_ended)(every);
            let over =
                ended || self.cancel.is_set() || until.is_some_and(|until| Instant::now() >= until);
            let now = match self.watch.catch_up(DRAIN) {
                Ok(now) => now,
                Err(error) => return Ok(Err(error.into())),
            };
            let busy = self.watch.with(|tracer| {
                if ended {
                    tracer.process_ended(self.process, now);
                }
                tracer.unsettled(self.process, self.from) > 0
            });
            if !busy || over || waiting_since.elapsed() > PATIENCE {
                let Flushed { loss, now } = match self.watch.flush_once(DRAIN) {
                    Ok(flushed) => flushed,
                    Err(error) => return Ok(Err(error.into())),
                };
                let from = self.from;
                let seen = self.watch.with(|tracer| tracer.observe(from, now, loss));
                if !seen.calls.is_empty() || seen.loss.total() > 0 {
                    tell(Free::Seen(&seen))?;
                }
                self.from = Timestamp(now.0 + 1);
                waiting_since = Instant::now();
            }
            if over {
                return Ok(Ok(()));
            }
        }
    }
}
