//! A window of time becomes an observation: ids are made indices, and what is older is forgotten.

use std::collections::{BTreeMap, BTreeSet, HashMap, btree_map::Entry};

use model::{
    Address, Call, CallId, FunctionId, Goid, List, Loss, Observation, Outcome, ProbeHit, Scope,
    ScopeId, Timestamp, Totals, plan::Plan,
};

use super::{
    decode::Program,
    goroutines::{Goroutine, GoroutineHistory, GoroutineKey},
    numbers::ScopeNumber,
    stacks::{Frame, Hits, Opened},
    tracer::Tracer,
    values::{at_return, not_read},
};

/// What an observation is made of.
pub(super) struct Seen {
    /// By number, which is their id still.
    pub(super) calls: Vec<Call>,
    pub(super) totals: Option<Totals>,
    pub(super) histories: BTreeMap<GoroutineKey, GoroutineHistory>,
    /// Likewise.
    pub(super) scopes: Vec<Scope>,
}

impl Tracer {
    /// Forgets the calls that were entered before `from`, so that a long start needs no memory.
    pub fn forget_before(&mut self, from: Timestamp) {
        self.hits.retain(|hit| hit.time >= from);
        self.ledger.calls.forget_before(from);
        self.forget_histories(from, &BTreeSet::new());
    }

    /// What happened from `from` to `to`, both included.
    ///
    /// - Calls that were entered then, numbered by arrival. One that was left later than `to` is running. A parent
    ///   that was entered before is not named.
    /// - The scopes that were entered then, and earlier ones that a call or a goroutine of the window belongs to. A parent that
    ///   is none of these is not named.
    /// - The goroutines that were created then or made such a call, with all that is known of their ancestors.
    /// - As losses: `loss`, and the records that came in since the last observation but could not be used.
    ///
    /// What it has is forgotten; calls that were entered later stay for the next observation.
    pub fn observe(&mut self, from: Timestamp, to: Timestamp, loss: Loss) -> Observation {
        self.add_up_own_costs();
        let (calls, totals) = self.ledger.calls.take(from, to);
        let within = |time: Timestamp| (from..=to).contains(&time);
        let histories = self.histories_of(&calls, |history| history.created.is_some_and(within));
        let scopes = self.scopes_of(&calls, &histories, |_, scope| within(scope.entered));
        let seen = Seen {
            calls,
            totals,
            histories,
            scopes,
        };
        self.observation(seen, (from, to), loss, &BTreeSet::new())
    }

    /// Makes an observation of what was seen, and forgets what no later one needs: neither calls that are still here
    /// nor scopes that are held back.
    pub(super) fn observation(
        &mut self,
        seen: Seen,
        (from, to): (Timestamp, Timestamp),
        mut loss: Loss,
        held: &BTreeSet<ScopeNumber>,
    ) -> Observation {
        let unusable = self.unusable.take(&self.plan);
        unusable.for_each(|lost| loss.add(lost));
        let observation = Observation {
            unknown_hand_offs: self.take_unknown_hand_offs(&loss, held),
            hits: self.take_hits(from, to),
            ..self.put_together(seen, (from, to), loss)
        };
        self.forget_histories(to, held);
        observation
    }

    /// Makes an observation of what was seen; ids become indices.
    pub(super) fn put_together(
        &self,
        seen: Seen,
        (from, to): (Timestamp, Timestamp),
        loss: Loss,
    ) -> Observation {
        let Seen {
            mut calls,
            totals,
            histories,
            scopes,
        } = seen;

        let ids: BTreeMap<ScopeId, ScopeId> = (scopes.iter().map(|scope| scope.id))
            .zip((0..).map(ScopeId))
            .collect();
        let id_of = |scope: Option<ScopeId>| ids.get(&scope?).copied();
        // What refers to calls by their numbers is brought up to date before these are: no table of them is needed.
        for at in 0..calls.len() {
            let parent = calls[at].parent;
            calls[at].parent = parent.and_then(|parent| index_of(&calls, parent.0));
        }
        let names = Names::new(&self.ledger.program);
        let goroutines = histories.iter().map(|(key, history)| {
            let creating = history.creating_call;
            model::Goroutine {
                process: key.process,
                goid: key.goid,
                creator: history.creator,
                creating_call: creating.and_then(|number| index_of(&calls, number.0)),
                function: history.start.and_then(|start| names.name(start)),
                scope: id_of(history.scope.map(ScopeNumber::id)),
                created: history.created,
                ended: history.ended.filter(|ended| *ended <= to),
            }
        });
        let goroutines = goroutines.collect();
        for (call, index) in calls.iter_mut().zip(0..) {
            call.id = CallId(index);
            call.scope = id_of(call.scope);
            clip(call, to, &self.plan);
        }
        Observation {
            module: self.plan.module.clone(),
            types: self.plan.types.clone(),
            functions: self.plan.functions.clone(),
            labels: self.plan.labels.clone(),
            process: self.main_entered().map(|main| main.process),
            goroutines,
            calls,
            scopes: (scopes.into_iter())
                .map(|scope| Scope {
                    id: id_of(Some(scope.id)).unwrap_or(scope.id),
                    parent: id_of(scope.parent),
                    left: scope.left.filter(|left| *left <= to),
                    ..scope
                })
                .collect(),
            loss,
            unknown_hand_offs: 0,
            hits: Vec::new(),
            totals: totals.map(Box::new),
            not_kept: None,
            window: Some((from, to)),
        }
    }

    /// How many owners hand-offs and servers leave unknown, lost hits of their functions included.
    pub(super) fn take_unknown_hand_offs(
        &mut self,
        loss: &Loss,
        held: &BTreeSet<ScopeNumber>,
    ) -> u64 {
        let servers = &self.plan.servers;
        let unknown = self.ledger.hand_offs.take_unknown(held);
        let depends = |function: FunctionId| {
            self.ledger.hand_offs.depend_on(function)
                || servers.iter().any(|server| server.function == function)
        };
        let lost = loss.sites.iter();
        let lost = lost.filter(|site| site.function.is_some_and(depends));
        lost.fold(unknown, |all, site| all.saturating_add(site.lost))
    }

    /// The hits of a window, by time; they and older ones are forgotten.
    fn take_hits(&mut self, from: Timestamp, to: Timestamp) -> Vec<ProbeHit> {
        let (later, mut hits): (Vec<_>, Vec<_>) = std::mem::take(&mut self.hits)
            .into_iter()
            .filter(|hit| hit.time >= from)
            .partition(|hit| hit.time > to);
        self.hits = later;
        hits.sort_by_key(|hit| hit.time);
        hits
    }

    /// Brings the costs of calls that are still open up to now.
    pub(super) fn add_up_own_costs(&mut self) {
        let calls = &mut self.ledger.calls;
        let now = self.ledger.all_cost;
        let mut update = |frame: &Frame, hits: Hits| {
            if let Opened::Call { number, .. } = frame.opened
                && let Some(call) = calls.get_mut(number)
            {
                let nested = hits.cost_since(frame.hits);
                call.own_cost = nested + frame.edge;
                call.awaited = frame.within.awaited(nested, now).map(Box::new);
            }
        };
        for goroutine in self.goroutines.alive.values() {
            let frames = goroutine.stack.frames();
            frames
                .iter()
                .for_each(|frame| update(frame, goroutine.hits));
        }
        for (key, thread) in &self.threads {
            for frame in thread.frames() {
                let hits = self
                    .goroutines
                    .hits_on(thread.hits, key.process, frame.goid);
                update(frame, hits);
            }
        }
    }

    /// The histories of all goroutines that are known.
    pub(super) fn histories(&self) -> HashMap<GoroutineKey, GoroutineHistory> {
        let ended = self.goroutines.ended.iter().copied();
        let alive = self.goroutines.alive.iter();
        let alive = alive.map(|(key, goroutine)| (*key, goroutine.history));
        alive.chain(ended).collect()
    }

    /// The goroutines to report, by process and goid: those that are meant and those that made a call, with their ancestors.
    pub(super) fn histories_of(
        &self,
        calls: &[Call],
        is_meant: impl Fn(&GoroutineHistory) -> bool,
    ) -> BTreeMap<GoroutineKey, GoroutineHistory> {
        let known = self.histories();
        let meant = known.iter().filter(|(_, history)| is_meant(history));
        let calling = calls.iter().map(goroutine_of);
        with_ancestors(meant.map(|(key, _)| *key).chain(calling), &known)
    }

    /// The scopes to report, by beginning, with their numbers as ids: those that are meant, and those of these calls and goroutines.
    pub(super) fn scopes_of(
        &self,
        calls: &[Call],
        histories: &BTreeMap<GoroutineKey, GoroutineHistory>,
        is_meant: impl Fn(ScopeNumber, &Scope) -> bool,
    ) -> Vec<Scope> {
        let of_calls = calls.iter().filter_map(|call| call.scope);
        let of_calls = of_calls.map(ScopeNumber::of);
        let of_goroutines = histories.values().filter_map(|history| history.scope);
        let owners: BTreeSet<ScopeNumber> = of_calls.chain(of_goroutines).collect();
        self.ledger
            .scopes
            .iter()
            .filter(|(number, scope)| owners.contains(number) || is_meant(*number, scope))
            .map(|(_, scope)| scope.clone())
            .collect()
    }

    /// Forgets goroutines that ended by `time`, and scopes that were left and nothing belongs to any more; but not those that are
    /// held back, nor what calls need that are.
    pub(super) fn forget_histories(&mut self, time: Timestamp, held: &BTreeSet<ScopeNumber>) {
        let waiting = self.ledger.calls.held();
        let mut calling = waiting.map(|(_, held)| goroutine_of(&held.call)).peekable();
        let needed = match calling.peek() {
            Some(_) => with_ancestors(calling, &self.histories()),
            None => BTreeMap::new(),
        };
        self.goroutines.ended.retain(|(key, history)| {
            history.ended.is_some_and(|ended| ended > time)
                || history.scope.is_some_and(|owner| held.contains(&owner))
                || needed.contains_key(key)
        });
        let alive = self.goroutines.alive.values().map(Goroutine::owner);
        let inherited = self.goroutines.alive.values();
        let inherited = inherited.map(|goroutine| goroutine.history.scope);
        let ended = self
            .goroutines
            .ended
            .iter()
            .map(|(_, history)| history.scope);
        let of_calls = self.ledger.calls.iter().map(|call| call.scope);
        let of_calls = of_calls.map(|scope| scope.map(ScopeNumber::of));
        let handed = self.goroutines.alive.values();
        let handed = handed.flat_map(|goroutine| goroutine.stack.handed());
        let needed: BTreeSet<ScopeNumber> = alive
            .chain(inherited)
            .chain(ended)
            .chain(of_calls)
            .flatten()
            .chain(self.ledger.hand_offs.waiting())
            .chain(self.ledger.clients.waiting())
            .chain(handed)
            .chain(held.iter().copied())
            .collect();
        self.ledger.scopes.forget(time, &needed);
    }
}

pub(super) const fn goroutine_of(call: &Call) -> GoroutineKey {
    GoroutineKey {
        process: call.process,
        goid: call.goroutine,
    }
}

/// Goroutines and their ancestors, with what is known of them.
fn with_ancestors(
    goroutines: impl Iterator<Item = GoroutineKey>,
    known: &HashMap<GoroutineKey, GoroutineHistory>,
) -> BTreeMap<GoroutineKey, GoroutineHistory> {
    let mut all = BTreeMap::new();
    for first in goroutines {
        // It, and its ancestors up to one that is there already.
        let mut next = Some(first);
        while let Some(key) = next
            && key.goid != Goid(0)
            && let Entry::Vacant(place) = all.entry(key)
        {
            let history = known.get(&key).copied().unwrap_or_default();
            next = history.creator.map(|goid| GoroutineKey { goid, ..key });
            place.insert(history);
        }
    }
    all
}

/// The place of the call of that number among calls whose ids are their numbers still, in that order.
fn index_of(calls: &[Call], number: u64) -> Option<CallId> {
    let index = calls.binary_search_by_key(&number, |call| call.id.0).ok()?;
    Some(CallId(index as u64))
}

/// Makes a call as it was at `to`.
fn clip(call: &mut Call, to: Timestamp, plan: &Plan) {
    if call.left.is_some_and(|left| left > to) {
        call.left = None;
        call.outcome = Outcome::Running;
        call.results = List::default();
        let function = plan.functions.get(call.function.0 as usize);
        let picks = function.map_or(&[][..], |function| &function.picks);
        for (value, pick) in call.picked.iter_mut().zip(picks) {
            if at_return(pick) {
                *value = not_read(pick);
            }
        }
    }
}

/// Names of functions, each asked for once.
struct Names<'a> {
    program: &'a Program,
    known: std::cell::RefCell<HashMap<Address, Option<String>>>,
}

impl<'a> Names<'a> {
    fn new(program: &'a Program) -> Self {
        Self {
            program,
            known: std::cell::RefCell::default(),
        }
    }

    fn name(&self, start: Address) -> Option<String> {
        let mut known = self.known.borrow_mut();
        known
            .entry(start)
            .or_insert_with(|| self.program.function_name(start))
            .clone()
    }
}
