//! What scopes still do: the handlers that run, the goroutines that live, and the work that was handed over.

use std::collections::BTreeSet;

use model::{MAX_NAMED, ProcessId, Running, RunningGoroutine, Scope, Timestamp};

use super::{
    goroutines::{Goroutine, GoroutineKey},
    numbers::ScopeNumber,
    tracer::Tracer,
};

/// What scopes began and what has not ended.
pub(super) struct Unfinished<'a> {
    /// The scopes that were not left.
    scopes: Vec<(ScopeNumber, &'a Scope)>,
    /// The goroutines that live, but for those that only keep a connection open.
    goroutines: Vec<(GoroutineKey, &'a Goroutine)>,
    /// Whose work was handed to goroutines that no scope created, once for each that waits to be taken or is done.
    hand_offs: Vec<ScopeNumber>,
}

impl Unfinished<'_> {
    const fn total(&self) -> usize {
        self.scopes.len() + self.goroutines.len() + self.hand_offs.len()
    }
}

impl Tracer {
    /// How much of what scopes entered since `from` began in a process still goes on: the scopes themselves, the
    /// goroutines that belong to them, and what they handed over.
    #[must_use]
    pub fn unsettled(&self, process: ProcessId, from: Timestamp) -> usize {
        self.unfinished(since(process, from)).total()
    }

    /// The same by name.
    #[must_use]
    pub fn running(&self, process: ProcessId, from: Timestamp) -> Running {
        self.named(self.unfinished(since(process, from)))
    }

    /// What goes on, by name.
    pub(super) fn named(&self, unfinished: Unfinished<'_>) -> Running {
        let Unfinished {
            scopes,
            mut goroutines,
            hand_offs,
        } = unfinished;
        let unnamed = |count: usize| count.saturating_sub(MAX_NAMED) as u64;
        let more = unnamed(scopes.len()) + unnamed(goroutines.len());
        goroutines.sort_by_key(|(key, _)| *key);
        let requests = scopes.into_iter().map(|(_, scope)| scope.name());
        let program = &self.ledger.program;
        let goroutines = goroutines.into_iter().take(MAX_NAMED);
        let goroutines = goroutines.map(|(key, goroutine)| RunningGoroutine {
            goid: key.goid,
            function: (goroutine.history.start).and_then(|start| program.function_name(start)),
            started: (self.places.as_ref())
                .zip(goroutine.history.started)
                .and_then(|(places, started)| places(started)),
        });
        Running {
            requests: requests.take(MAX_NAMED).collect(),
            goroutines: goroutines.collect(),
            more,
            hand_offs: hand_offs.len() as u64,
        }
    }

    /// The scopes of which anything still goes on.
    pub(super) fn busy(&self) -> BTreeSet<ScopeNumber> {
        let unfinished = self.unfinished(|_| true);
        let scopes = unfinished.scopes.iter().map(|(number, _)| *number);
        let goroutines = unfinished.goroutines.iter();
        let goroutines = goroutines.filter_map(|(_, goroutine)| goroutine.history.scope);
        let owners = scopes.chain(goroutines);
        owners.chain(unfinished.hand_offs.iter().copied()).collect()
    }

    pub(super) fn unfinished(&self, is_meant: impl Fn(&Scope) -> bool) -> Unfinished<'_> {
        let mut open = Vec::new();
        let mut began = BTreeSet::new();
        let scopes = self.ledger.scopes.iter();
        for (number, scope) in scopes.filter(|(_, scope)| is_meant(scope)) {
            began.insert(number);
            open.extend(scope.left.is_none().then_some((number, scope)));
        }
        let is_ours = |owner: &ScopeNumber| began.contains(owner);
        let alive = &self.goroutines.alive;
        let owned = alive.iter().filter(|(_, goroutine)| {
            let owner = goroutine.history.scope;
            owner.as_ref().is_some_and(is_ours) && !goroutine.is_of_connection
        });
        let waiting = self.ledger.hand_offs.waiting();
        let handed = alive
            .values()
            .flat_map(|goroutine| goroutine.stack.handed());
        Unfinished {
            scopes: open,
            goroutines: owned.map(|(key, goroutine)| (*key, goroutine)).collect(),
            hand_offs: waiting.chain(handed).filter(is_ours).collect(),
        }
    }
}

/// The scopes of a process that were entered then or later.
fn since(process: ProcessId, from: Timestamp) -> impl Fn(&Scope) -> bool {
    move |scope| scope.process == process && scope.entered >= from
}
