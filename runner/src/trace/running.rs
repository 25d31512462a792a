//! What requests still do: the handlers that run, the goroutines that live, and the work that was handed over.

use std::collections::BTreeSet;

use super::{
    goroutines::{Goroutine, GoroutineKey},
    requests::RequestNumber,
    tracer::Tracer,
};
use crate::model::{MAX_NAMED, ProcessId, Request, Running, RunningGoroutine, Timestamp};

/// What requests began and what has not ended.
struct Unfinished<'a> {
    /// The requests whose handlers run.
    requests: Vec<&'a Request>,
    /// The goroutines that live.
    goroutines: Vec<(GoroutineKey, &'a Goroutine)>,
    /// How much work was handed to goroutines which no request created: what waits to be taken, and what they do.
    hand_offs: usize,
}

impl Unfinished<'_> {
    const fn total(&self) -> usize {
        self.requests.len() + self.goroutines.len() + self.hand_offs
    }
}

impl Tracer {
    /// How much of what requests entered since `from` began in a process still goes on: the requests themselves, the
    /// goroutines that they own, and what they handed over.
    #[must_use]
    pub fn unsettled(&self, process: ProcessId, from: Timestamp) -> usize {
        self.unfinished(process, from).total()
    }

    /// The same by name.
    #[must_use]
    pub fn running(&self, process: ProcessId, from: Timestamp) -> Running {
        let Unfinished {
            requests,
            mut goroutines,
            hand_offs,
        } = self.unfinished(process, from);
        let unnamed = |count: usize| count.saturating_sub(MAX_NAMED) as u64;
        let more = unnamed(requests.len()) + unnamed(goroutines.len());
        goroutines.sort_by_key(|(key, _)| *key);
        let program = &self.ledger.program;
        let goroutines = goroutines.into_iter().take(MAX_NAMED);
        let goroutines = goroutines.map(|(key, goroutine)| RunningGoroutine {
            goid: key.goid,
            function: (goroutine.story.start).and_then(|start| program.function_name(start)),
        });
        Running {
            requests: requests.into_iter().take(MAX_NAMED).map(name).collect(),
            goroutines: goroutines.collect(),
            more,
            hand_offs: hand_offs as u64,
        }
    }

    fn unfinished(&self, process: ProcessId, from: Timestamp) -> Unfinished<'_> {
        let requests = self.ledger.requests.iter();
        let requests =
            requests.filter(|(_, request)| request.process == process && request.entered >= from);
        let mut open = Vec::new();
        let mut began = BTreeSet::new();
        for (number, request) in requests {
            began.insert(number);
            open.extend(request.left.is_none().then_some(request));
        }
        let is_ours = |owner: &RequestNumber| began.contains(owner);
        let alive = &self.goroutines.alive;
        let owned = alive.iter().filter(|(_, goroutine)| {
            let owner = goroutine.story.request;
            owner.as_ref().is_some_and(is_ours)
        });
        let waiting = self.ledger.hand_offs.waiting();
        let handed = alive
            .values()
            .flat_map(|goroutine| goroutine.stack.handed());
        Unfinished {
            requests: open,
            goroutines: owned.map(|(key, goroutine)| (*key, goroutine)).collect(),
            hand_offs: waiting.chain(handed).filter(is_ours).count(),
        }
    }
}

/// `GET /slow`
fn name(request: &Request) -> String {
    let method = request.method.as_deref().unwrap_or("?");
    let target = request.target.as_deref().unwrap_or("?");
    format!("{method} {target}")
}
