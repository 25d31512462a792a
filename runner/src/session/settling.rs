//! How the work of a test ends: its requests and all that they began are done, or the time for that is over.

use std::time::{Duration, Instant};

use model::{Completion, End, Timestamp};

use super::{
    Cancel, SessionError,
    drain::{DRAIN, Drain},
    process::Process,
};

/// The pause between two looks whether a test's goroutines have ended.
const PAUSE: Duration = Duration::from_millis(2);

/// Waits for the requests that were entered since `from` and their goroutines to end.
pub(super) fn settle(
    drain: &Drain,
    program: &Process,
    from: Timestamp,
    within: Duration,
    cancel: &Cancel,
) -> Result<Completion, SessionError> {
    let begin = Instant::now();
    loop {
        // First: a goroutine that was just created may still be in the ring.
        drain.catch_up(DRAIN)?;
        let busy = drain.with(|tracer| tracer.unsettled(program.id, from));
        let after = begin.elapsed();
        let end = if busy == 0 {
            Some(End::Settled)
        } else if program.target.exited().is_some() {
            Some(End::ProcessEnded)
        } else {
            (after >= within || cancel.is_set()).then_some(End::SettlePassed)
        };
        if let Some(end) = end {
            return Ok(Completion {
                end,
                after: after.into(),
                limit: within.into(),
                running: drain.with(|tracer| tracer.running(program.id, from)),
            });
        }
        program.target.wait_exited(PAUSE);
    }
}
