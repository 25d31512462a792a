//! What requests still do: the handlers that run, the goroutines that live, and the work that was handed over.

use std::collections::BTreeSet;

use model::{MAX_NAMED, ProcessId, Request, Running, RunningGoroutine, Timestamp};

use super::{
    goroutines::{Goroutine, GoroutineKey},
    numbers::RequestNumber,
    tracer::Tracer,
};

/// What requests began and what has not ended.
struct Unfinished<'a> {
    /// The requests whose handlers run.
    requests: Vec<(RequestNumber, &'a Request)>,
    /// The goroutines that live.
    goroutines: Vec<(GoroutineKey, &'a Goroutine)>,
    /// Whose work was handed to goroutines which no request created, once for each that waits to be taken or is done.
    hand_offs: Vec<RequestNumber>,
}

impl Unfinished<'_> {
    const fn total(&self) -> usize {
        self.requests.len() + self.goroutines.len() + self.hand_offs.len()
    }
}

impl Tracer {
    /// How much of what requests entered since `from` began in a process still goes on: the requests themselves, the
    /// goroutines that they own, and what they handed over.
    #[must_use]
    pub fn unsettled(&self, process: ProcessId, from: Timestamp) -> usize {
        self.unfinished(since(process, from)).total()
    }

    /// The same by name.
    #[must_use]
    pub fn running(&self, process: ProcessId, from: Timestamp) -> Running {
        let Unfinished {
            requests,
            mut goroutines,
            hand_offs,
        } = self.unfinished(since(process, from));
        let unnamed = |count: usize| count.saturating_sub(MAX_NAMED) as u64;
        let more = unnamed(requests.len()) + unnamed(goroutines.len());
        goroutines.sort_by_key(|(key, _)| *key);
        let requests = requests.into_iter().map(|(_, request)| name(request));
        let program = &self.ledger.program;
        let goroutines = goroutines.into_iter().take(MAX_NAMED);
        let goroutines = goroutines.map(|(key, goroutine)| RunningGoroutine {
            goid: key.goid,
            function: (goroutine.history.start).and_then(|start| program.function_name(start)),
        });
        Running {
            requests: requests.take(MAX_NAMED).collect(),
            goroutines: goroutines.collect(),
            more,
            hand_offs: hand_offs.len() as u64,
        }
    }

    /// The requests of which anything still goes on.
    pub(super) fn busy(&self) -> BTreeSet<RequestNumber> {
        let unfinished = self.unfinished(|_| true);
        let requests = unfinished.requests.iter().map(|(number, _)| *number);
        let goroutines = unfinished.goroutines.iter();
        let goroutines = goroutines.filter_map(|(_, goroutine)| goroutine.history.request);
        let owners = requests.chain(goroutines);
        owners.chain(unfinished.hand_offs.iter().copied()).collect()
    }

    fn unfinished(&self, is_meant: impl Fn(&Request) -> bool) -> Unfinished<'_> {
        let mut open = Vec::new();
        let mut began = BTreeSet::new();
        let requests = self.ledger.requests.iter();
        for (number, request) in requests.filter(|(_, request)| is_meant(request)) {
            began.insert(number);
            open.extend(request.left.is_none().then_some((number, request)));
        }
        let is_ours = |owner: &RequestNumber| began.contains(owner);
        let alive = &self.goroutines.alive;
        let owned = alive.iter().filter(|(_, goroutine)| {
            let owner = goroutine.history.request;
            owner.as_ref().is_some_and(is_ours)
        });
        let waiting = self.ledger.hand_offs.waiting();
        let handed = alive
            .values()
            .flat_map(|goroutine| goroutine.stack.handed());
        Unfinished {
            requests: open,
            goroutines: owned.map(|(key, goroutine)| (*key, goroutine)).collect(),
            hand_offs: waiting.chain(handed).filter(is_ours).collect(),
        }
    }
}

/// The requests of a process that were entered then or later.
fn since(process: ProcessId, from: Timestamp) -> impl Fn(&Request) -> bool {
    move |request| request.process == process && request.entered >= from
}

/// `GET /slow`
fn name(request: &Request) -> String {
    let method = request.method.as_deref().unwrap_or("?");
    let target = request.target.as_deref().unwrap_or("?");
    format!("{method} {target}")
}
