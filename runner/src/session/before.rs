//! Requests that prepare a test: sent before it begins, and not judged but for how they are answered.

use std::time::{Duration, Instant};

use judge::expect::{Unmet, unmet};
use kernel::clock;
use trace::redact::Patterns;

use super::{
    Cancel, SessionError, Work, Workload, drain::Drain, process::Process, settling::settle,
};
use crate::drive::{Carry, Stubs};

/// How long after a broken connection the program's end may be noticed.
const DYING: Duration = Duration::from_millis(300);

/// What the requests before a test are sent with.
pub(super) struct Before<'a> {
    pub(super) drain: &'a Drain,
    pub(super) stubs: &'a Stubs,
    pub(super) patterns: &'a Patterns,
    pub(super) cancel: &'a Cancel,
    pub(super) deadline: Instant,
}

impl Before<'_> {
    /// Sends them, the file's first, and waits until what they caused is over. The stubs answer as the file declares them
    /// meanwhile, and begin anew then.
    pub(super) fn send(
        &self,
        work: &Work<'_>,
        program: &Process,
        carry: &Carry,
    ) -> Result<(), SessionError> {
        let is_sending = matches!(work.workload, Workload::Requests(_));
        if !is_sending || work.before.iter().all(|requests| requests.is_empty()) {
            return Ok(());
        }
        self.stubs.reset(&[])?;
        let from = clock::now();
        for requests in work.before.into_iter().filter(|all| !all.is_empty()) {
            let cancel = self.cancel.flag();
            let driven = program.drive(requests, carry, self.stubs, self.deadline, &cancel)?;
            if self.cancel.is_set() {
                return Err(SessionError::Cancelled);
            }
            let mut shown = driven.exchanges.clone();
            for exchange in &mut shown {
                self.patterns.clean_exchange(exchange);
            }
            let mut carried = carry.carried();
            self.patterns.clean_carried(&mut carried);
            if let Some(unmet) = unmet(requests, &driven.exchanges, &shown, &carried) {
                program.target.wait_exited(DYING);
                let died = program.died(self.patterns);
                return Err(SessionError::Before {
                    span: unmet.span.clone(),
                    message: message(&unmet, died),
                });
            }
        }
        let left = self.deadline.saturating_duration_since(Instant::now());
        settle(
            self.drain,
            program,
            from,
            work.settle.min(left),
            self.cancel,
        )?;
        self.stubs.reset(work.stubs)?;
        Ok(())
    }
}

/// What was sent, what came back, and how the program ended meanwhile, if it did.
fn message(unmet: &Unmet, died: Option<String>) -> String {
    let Unmet {
        request,
        part,
        want,
        got,
        notes,
        ..
    } = unmet;
    let head =
        format!("the test was not begun: {request}, which prepares it, did not go as it must");
    let what = format!("{part}: want {want}, got {got}");
    let lines = [head, what].into_iter().chain(notes.iter().cloned());
    let lines: Vec<String> = lines.chain(died).collect();
    lines.join("\n  ")
}
