//! What requests still do: the handlers that run, and the goroutines that live.

use std::collections::BTreeMap;

use super::{requests::RequestNumber, tracer::Tracer};
use crate::model::{MAX_NAMED, ProcessId, Request, Running, RunningGoroutine, Timestamp};

impl Tracer {
    /// What of that which requests entered since `from` began in a process still goes on, by name.
    #[must_use]
    pub fn running(&self, process: ProcessId, from: Timestamp) -> Running {
        let requests: BTreeMap<RequestNumber, &Request> = self
            .ledger
            .requests
            .iter()
            .filter(|(_, request)| request.process == process && request.entered >= from)
            .collect();
        let mut open: Vec<String> = requests
            .values()
            .filter(|request| request.left.is_none())
            .map(|request| name(request))
            .collect();
        let alive = self.goroutines.alive.iter();
        let mut owned: Vec<_> = alive
            .filter(|(_, goroutine)| {
                let owner = goroutine.story.request;
                owner.is_some_and(|owner| requests.contains_key(&owner))
            })
            .collect();
        owned.sort_by_key(|(key, _)| **key);
        let more = open.len().saturating_sub(MAX_NAMED) + owned.len().saturating_sub(MAX_NAMED);
        open.truncate(MAX_NAMED);
        let named = owned.into_iter().take(MAX_NAMED);
        let goroutines = named.map(|(key, goroutine)| RunningGoroutine {
            goid: key.goid,
            function: goroutine
                .story
                .start
                .and_then(|start| self.ledger.program.function_name(start)),
        });
        let mut running = Running {
            requests: open,
            goroutines: goroutines.collect(),
            more: more as u64,
            hand_offs: 0,
        };
        // What else keeps the test from being settled.
        let all = self.unsettled(process, from) as u64;
        running.hand_offs = all.saturating_sub(running.total());
        running
    }
}

/// `GET /slow`
fn name(request: &Request) -> String {
    let method = request.method.as_deref().unwrap_or("?");
    let target = request.target.as_deref().unwrap_or("?");
    format!("{method} {target}")
}
