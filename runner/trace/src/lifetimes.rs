//! How goroutines come and go: who created one, what it starts with, and what is left of its calls when it ends.

use model::{
    Address, Goid, Timestamp,
    plan::{Plan, ReadAddress},
};

use super::{
    goroutines::{Goroutine, GoroutineHistory, GoroutineKey, Service},
    hit::Hit,
    ledger::Ending,
    tracer::{Tracer, key_of},
};

impl Tracer {
    pub(super) fn goroutine_created(&mut self, plan: &Plan, hit: &Hit<'_>, result: ReadAddress) {
        let field = |offset: u64| {
            let child = hit.resolve(result)?;
            let address = Address(child.0.wrapping_add(offset));
            hit.record.memory().word(address).ok()
        };
        let Some(goid) = field(plan.runtime.g_goid).filter(|goid| *goid != 0) else {
            self.ledger.counts.unknown_children += 1;
            self.unusable.add(hit.record.header(), hit.site);
            return;
        };
        let start = field(plan.runtime.g_startpc).filter(|start| *start != 0);
        let start = start.map(|start| Address(start.wrapping_sub(hit.load_bias())));
        let started = (plan.runtime.g_gopc.and_then(field)).filter(|after| *after != 0);
        let started = started.map(|after| Address((after - 1).wrapping_sub(hit.load_bias())));
        let service = start.map_or(Service::Program, |start| self.service(start));
        let creator = self.goroutines.alive.get(&key_of(hit));
        let history = GoroutineHistory {
            creator: Some(hit.goid).filter(|goid| *goid != Goid(0)),
            creating_call: creator.and_then(|creator| creator.stack.innermost_call(hit.goid)),
            start,
            started,
            scope: creator
                .and_then(Goroutine::owner)
                .filter(|_| service != Service::Runtime),
            created: Some(hit.time),
            ended: None,
        };
        let key = GoroutineKey {
            process: hit.process,
            goid: Goid(goid),
        };
        let child = self.goroutines.alive.entry(key).or_default();
        child.history = history;
        child.is_of_connection = service == Service::Connection;
        child.last = child.last.max(hit.time);
        self.goroutines
            .expect_end(key_of(hit), history.creating_call);
    }

    /// Whose work a goroutine does that starts there.
    fn service(&mut self, start: Address) -> Service {
        let program = &self.ledger.program;
        *self.starts.entry(start).or_insert_with(|| {
            let name = program.function_name(start);
            name.map_or(Service::Program, |name| Service::of(&name))
        })
    }

    pub(super) fn goroutine_ended(&mut self, plan: &Plan, hit: &Hit<'_>) {
        let Some(mut goroutine) = self.end_goroutine(key_of(hit), Some(hit.time)) else {
            return;
        };
        self.goroutines.add_to_creator(key_of(hit), &goroutine);
        // The hit itself is counted already, and is not nested in what it ends. Frames that are still open called `Goexit`:
        // a goroutine whose function returns ends where that began, which is no deeper than any of them.
        let hits = goroutine.hits.without(hit.cost);
        self.ledger
            .end_all(plan, &mut goroutine.stack, Ending::Goexit(hit.time), hits);
    }

    /// Takes a goroutine out of those that live. A Go test whose goroutines find no room any more is not known as a whole.
    pub(super) fn end_goroutine(
        &mut self,
        key: GoroutineKey,
        ended: Option<Timestamp>,
    ) -> Option<Goroutine> {
        let dropped = self.goroutines.dropped;
        let goroutine = self.goroutines.end(key, ended)?;
        let ledger = &mut self.ledger;
        if self.goroutines.dropped > dropped
            && let Some(overflow) = &mut ledger.calls.overflow
        {
            overflow.goroutine_ended(goroutine.history.scope, &ledger.scopes);
        }
        Some(goroutine)
    }
}
