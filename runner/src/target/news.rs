//! What the supervisor reports, taken in by a thread of its own.

use std::{
    io::{BufRead, BufReader},
    os::unix::net::UnixStream,
    sync::{Condvar, Mutex},
    time::Duration,
};

use super::{
    output::lock,
    protocol::{Ended, Report},
};

/// What the supervisor has reported.
#[derive(Debug, Default)]
pub(super) struct News {
    state: Mutex<State>,
    changed: Condvar,
}

/// All reports so far.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) at_gate: Option<i32>,
    pub(super) refused: Option<(String, String)>,
    pub(super) started: bool,
    pub(super) ended: Option<Ended>,
    pub(super) swept: Option<usize>,
    /// The supervisor closed its end.
    pub(super) closed: bool,
}

impl State {
    fn apply(&mut self, report: Report) {
        match report {
            Report::AtGate { pid } => self.at_gate = Some(pid),
            Report::Refused { step, error } => self.refused = Some((step, error)),
            Report::Started => self.started = true,
            Report::Ended(ended) => self.ended = Some(ended),
            Report::Swept { left } => self.swept = Some(left),
        }
    }
}

impl News {
    /// Takes in reports until the supervisor closes its end.
    pub(super) fn listen(&self, control: UnixStream) {
        for line in BufReader::new(control).split(b'\n') {
            let Some(report) = line
                .ok()
                .and_then(|line| serde_json::from_slice(&line).ok())
            else {
                break;
            };
            lock(&self.state).apply(report);
            self.changed.notify_all();
        }
        lock(&self.state).closed = true;
        self.changed.notify_all();
    }

    pub(super) fn state(&self) -> State {
        lock(&self.state).clone()
    }

    /// Waits until `enough`, the supervisor's end or the time; gives the state then.
    pub(super) fn wait(&self, within: Duration, enough: impl Fn(&State) -> bool) -> State {
        let state = lock(&self.state);
        let waited = self
            .changed
            .wait_timeout_while(state, within, |state| !state.closed && !enough(state));
        match waited {
            Ok((state, _)) => state.clone(),
            Err(poisoned) => poisoned.into_inner().0.clone(),
        }
    }
}
