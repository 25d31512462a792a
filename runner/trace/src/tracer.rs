//! The tracer: fed with raw records in the order of their arrival, it knows at any moment which calls are open on
//! which goroutine in which scope.
//!
//! Order is that of arrival, which agrees with causality; clocks are used for durations and windows alone.

use std::{collections::HashMap, fmt, sync::Arc};

use model::{
    Address, Goid, Nanoseconds, ProbeHit, ProcessId, Retention, SiteId, Status, Timestamp,
    plan::{Plan, ReadAddress, Role},
};

use super::{
    decode::{CodePlaces, FunctionNames, Program, text_at},
    go_tests,
    goroutines::{Goroutine, GoroutineKey, Goroutines, Service},
    hit::Hit,
    landing::Landing,
    ledger::{Counts, Ending, Ledger, Surroundings},
    numbers::ScopeNumber,
    older,
    overflow::{JudgedNames, Overflow},
    record::{Record, RecordError},
    room::{Dropped, Room},
    threads::{ThreadKey, Threads},
    unusable::Unusable,
};

/// Why a record could not be taken in. The tracer goes on with the next; what was missed is counted as lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// The bytes are no record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The record speaks of a site that the plan does not have.
    #[error("a record refers to {site}, but the plan has {sites} sites; is it of another plan?")]
    UnknownSite {
        /// The site.
        site: SiteId,
        /// How many the plan has.
        sites: usize,
    },
}

/// Where `runtime.main` was seen to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MainEntered {
    /// The process.
    pub process: ProcessId,
    /// The goroutine: 1, or an assumption about the runtime is wrong.
    pub goid: Goid,
    /// When.
    pub time: Timestamp,
    /// What `runtime.buildVersion` said, or why that could not be read; none if the plan does not know where it is.
    pub version: Option<Result<String, Status>>,
}

/// The goroutine of `runtime.main`, which nobody is seen to create.
const MAIN: Goid = Goid(1);

/// Makes calls of records.
///
/// ```
/// use std::sync::Arc;
/// use model::{Loss, Timestamp, plan::Plan};
/// use trace::Tracer;
///
/// let mut tracer = Tracer::new(Arc::new(Plan::default()), Box::new(|_| None), Vec::new());
/// assert!(tracer.feed(b"no record").is_err());
/// let observation = tracer.observe(Timestamp(0), Timestamp(9), Loss::default());
/// assert!(observation.calls.is_empty());
/// assert_eq!(observation.loss.total(), 1);
/// ```
pub struct Tracer {
    pub(super) plan: Arc<Plan>,
    pub(super) goroutines: Goroutines,
    pub(super) threads: Threads,
    pub(super) ledger: Ledger,
    pub(super) unusable: Unusable,
    main: Option<MainEntered>,
    /// The process whose records alone are taken in.
    only: Option<ProcessId>,
    /// By process, what goroutines belong to whose tests are not looked at.
    others: HashMap<ProcessId, ScopeNumber>,
    /// Where goroutines started, and whose work they do.
    pub(super) starts: HashMap<Address, Service>,
    /// Tells places in the code, if it was asked for.
    pub(super) places: Option<CodePlaces>,
    /// What a hit costs, by site.
    costs: Vec<Nanoseconds>,
    /// What is kept of the window.
    keep: Retention,
    /// The hits that no observation has had yet, if they are kept.
    pub(super) hits: Vec<ProbeHit>,
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracer")
            .field("counts", &self.ledger.counts)
            .field("goroutines", &self.goroutines.alive.len())
            .finish_non_exhaustive()
    }
}

impl Tracer {
    /// A tracer for the records of one plan. `names` gives the functions that goroutines start with and that func
    /// values are; `costs`, what a hit costs the goroutine that makes it, for each of the plan's sites (for those that it does not have, nothing).
    #[must_use]
    pub fn new(plan: Arc<Plan>, names: FunctionNames, costs: Vec<Nanoseconds>) -> Self {
        Self {
            ledger: Ledger::new(Program::new(Arc::clone(&plan), names), &plan),
            plan,
            goroutines: Goroutines::default(),
            threads: Threads::default(),
            unusable: Unusable::default(),
            main: None,
            only: None,
            others: HashMap::new(),
            starts: HashMap::new(),
            places: None,
            costs,
            keep: Retention::default(),
            hits: Vec::new(),
        }
    }

    /// The same for one process alone: the records of others are passed over.
    #[must_use]
    pub fn only(mut self, process: ProcessId) -> Self {
        self.only = Some(process);
        self
    }

    /// The same with the costs of a call's own two hits: of the one at its entry, what follows its reading of the clock, and of
    /// the one at its return, what comes before. Before the clock is read, every hit does the same, so that both together are one
    /// whole hit as that at the entry.
    #[must_use]
    pub const fn with_edges(mut self) -> Self {
        self.ledger.with_edges = true;
        self
    }

    /// The same, which also says where goroutines were started that still run.
    #[must_use]
    pub fn with_places(mut self, places: CodePlaces) -> Self {
        self.places = Some(places);
        self
    }

    /// The same with no more room than that, for a program that is looked at.
    #[must_use]
    pub const fn within(mut self, room: Room) -> Self {
        self.ledger.calls.room = Some(room);
        self.ledger.scopes.room = Some(room.goroutines);
        self.goroutines.room = Some(room.goroutines);
        self
    }

    /// The same with no more room than that for Go tests, of which those that have such names are judged. Calls that find none are
    /// counted and not kept.
    #[must_use]
    pub fn with_room_for_tests(mut self, room: Room, is_judged: JudgedNames) -> Self {
        self.ledger.calls.room = Some(room);
        self.ledger.calls.overflow = Some(Overflow::new(is_judged));
        self.goroutines.room_of_ended = Some(room.goroutines);
        self
    }

    /// Says what is kept from here on. A window whose calls are counted begins at `from`, and ends with all that
    /// was fed when it is observed.
    pub fn keep(&mut self, keep: Retention, from: Timestamp) {
        self.keep = keep;
        if keep != Retention::Hits {
            self.hits = Vec::new();
        }
        let counts = keep == Retention::Totals;
        self.ledger.calls.count_from(counts.then_some(from));
    }

    /// Takes in the next record.
    ///
    /// # Errors
    /// The bytes are no record of this plan. The next one can be fed all the same; this one counts as lost.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), TraceError> {
        let plan = Arc::clone(&self.plan);
        self.ledger.counts.hits += 1;
        let record = Record::parse(bytes).inspect_err(|_| self.malformed(&plan, bytes))?;
        if self.only.is_some_and(|only| only != record.process()) {
            return Ok(());
        }
        let Some(site) = plan.sites.get(record.site().0 as usize) else {
            self.malformed(&plan, bytes);
            return Err(TraceError::UnknownSite {
                site: record.site(),
                sites: plan.sites.len(),
            });
        };
        let cost = self.costs.get(site.id.0 as usize).copied();
        let cost = cost.unwrap_or_default();
        if self.keep == Retention::Hits {
            self.hits.push(ProbeHit {
                time: record.time(),
                cost,
            });
        }
        self.ledger.all_cost = self.ledger.all_cost + cost;
        let Some(hit) = Hit::new(&record, site, cost) else {
            self.ledger.counts.without_goroutine += 1;
            self.unusable.add(record.header(), site);
            return Ok(());
        };
        if hit.on_goroutine() {
            self.advance_goroutine(&plan, &hit);
        } else {
            self.advance_thread(&plan, &hit);
        }
        self.follow(&plan, &hit);
        self.make_room();
        Ok(())
    }

    /// Ends everything that a process had open: it is gone.
    pub fn process_ended(&mut self, process: ProcessId, time: Timestamp) {
        let plan = Arc::clone(&self.plan);
        let of_process = self.goroutines.alive.keys();
        let of_process = of_process.filter(|key| key.process == process);
        let keys: Vec<GoroutineKey> = of_process.copied().collect();
        let threads = self
            .threads
            .extract_if(|key, _| key.process == process)
            .map(|(_, thread)| thread);
        for thread in threads {
            let hits = |goid| self.goroutines.hits_on(thread.hits, process, goid);
            let frames: Vec<_> = thread.frames().copied().collect();
            for frame in frames {
                self.ledger
                    .end(&plan, &frame, Ending::ProcessEnded(time), &hits);
            }
        }
        for key in keys {
            if let Some(mut goroutine) = self.end_goroutine(key, None) {
                let hits = goroutine.hits;
                self.ledger.end_all(
                    &plan,
                    &mut goroutine.stack,
                    Ending::ProcessEnded(time),
                    hits,
                );
            }
        }
        self.ledger.scopes.end_process(process, time);
        self.ledger.hand_offs.end_process(process);
        self.ledger.clients.end_process(process);
    }

    /// What did not become a call, since the tracer began.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.ledger.counts
    }

    /// What found no room since this was asked last.
    pub fn take_dropped(&mut self) -> Dropped {
        let calls = &mut self.ledger.calls;
        Dropped {
            calls: std::mem::take(&mut calls.dropped),
            ends: std::mem::take(&mut calls.dropped_ends),
            goroutines: std::mem::take(&mut self.goroutines.dropped),
            scopes: std::mem::take(&mut self.ledger.scopes.dropped),
        }
    }

    /// Where `runtime.main` was entered first, if it was seen.
    #[must_use]
    pub fn main_entered(&self) -> Option<MainEntered> {
        self.main.clone()
    }

    fn advance_goroutine(&mut self, plan: &Plan, hit: &Hit<'_>) {
        self.leave_system_stack(plan, hit, None);
        let other = self.other_test(plan, hit);
        let goroutine = self.goroutines.alive.entry(key_of(hit)).or_default();
        if goroutine.history.is_unknown() {
            goroutine.history = older::history(plan, hit).unwrap_or_default();
            goroutine.history.scope = goroutine.history.scope.or(other);
        }
        let hits = goroutine.hits;
        let around = Surroundings {
            hits: &|_| hits,
            outer_call: None,
            scope: goroutine.history.scope,
        };
        self.ledger
            .advance(plan, hit, &mut goroutine.stack, &around);
        goroutine.hits = goroutine.hits.and(hit.cost);
        goroutine.last = hit.time;
    }

    /// What the hit's goroutine belongs to where it is not known, and only some Go tests are looked at: then it belongs to another
    /// one, or its creation would have been recorded.
    fn other_test(&mut self, plan: &Plan, hit: &Hit<'_>) -> Option<ScopeNumber> {
        plan.gate.as_ref()?;
        let known = self.goroutines.alive.get(&key_of(hit));
        if hit.goid == MAIN || known.is_some_and(|known| !known.history.is_unknown()) {
            return None;
        }
        let ledger = &mut self.ledger;
        let other = self.others.get(&hit.process).copied();
        other
            .filter(|other| ledger.scopes.get(*other).is_some())
            .or_else(|| {
                let from = ledger.calls.next();
                let number = ledger.scopes.enter(go_tests::other(hit), from)?;
                self.others.insert(hit.process, number);
                Some(number)
            })
    }

    fn advance_thread(&mut self, plan: &Plan, hit: &Hit<'_>) {
        let header = hit.record.header();
        let process = hit.process;
        let tid = header.tid;
        self.leave_system_stack(plan, hit, Some(tid));
        let thread = self.threads.entry(ThreadKey { process, tid }).or_default();
        let thread_hits = thread.hits;
        let goroutines = &self.goroutines;
        let hits = |goid| goroutines.hits_on(thread_hits, process, goid);
        let goroutine = goroutines.alive.get(&key_of(hit));
        let around = Surroundings {
            hits: &hits,
            outer_call: goroutine.and_then(|goroutine| goroutine.stack.innermost_call(hit.goid)),
            scope: goroutine.and_then(Goroutine::owner),
        };
        let stack = thread.stack(header.stack_hi);
        self.ledger.advance(plan, hit, stack, &around);
        if hit.goid == Goid(0) {
            thread.hits = thread.hits.and(hit.cost);
        } else {
            let has_open = !stack.is_empty();
            let goroutine = self.goroutines.alive.entry(key_of(hit)).or_default();
            goroutine.hits = goroutine.hits.and(hit.cost);
            goroutine.on_thread = has_open.then_some(tid);
            goroutine.last = hit.time;
        }
    }

    /// Ends what the goroutine had open on a system stack, unless it still is on that thread's.
    fn leave_system_stack(&mut self, plan: &Plan, hit: &Hit<'_>, tid: Option<u32>) {
        let Some(goroutine) = self.goroutines.alive.get_mut(&key_of(hit)) else {
            return;
        };
        let Some(left) = goroutine.on_thread.filter(|on| Some(*on) != tid) else {
            return;
        };
        goroutine.on_thread = None;
        let hits = goroutine.hits;
        let key = ThreadKey {
            process: hit.process,
            tid: left,
        };
        let Some(thread) = self.threads.get_mut(&key) else {
            return;
        };
        while let Some(frame) = thread.pop_of(hit.goid) {
            self.ledger
                .end(plan, &frame, Ending::Unwound(hit.time), &|_| hits);
        }
    }

    /// What a hit means beyond its own stack.
    fn follow(&mut self, plan: &Plan, hit: &Hit<'_>) {
        for role in &hit.site.roles {
            match *role {
                Role::GoroutineCreated { result } => self.goroutine_created(plan, hit, result),
                Role::GoroutineEnded => self.goroutine_ended(plan, hit),
                Role::PanicRecovered { goroutine } => self.panic_recovered(plan, hit, goroutine),
                Role::PanicUnrecovered => self.panic_unrecovered(plan, hit),
                Role::MainEntered => {
                    self.main.get_or_insert(MainEntered {
                        process: hit.process,
                        goid: hit.goid,
                        time: hit.time,
                        version: plan.runtime.build_version.map(|address| {
                            let bias = hit.load_bias();
                            let address = Address(address.0.wrapping_add(bias));
                            let text = text_at(&hit.record.memory(), address)?;
                            Ok(String::from_utf8_lossy(&text.bytes).into_owned())
                        }),
                    });
                }
                // What these do to the frames of their stack is the ledger's.
                Role::Entry { .. }
                | Role::Return { .. }
                | Role::Copied { .. }
                | Role::RequestEntered { .. }
                | Role::ServerEntered { .. }
                | Role::RequestLeft
                | Role::TestEntered { .. }
                | Role::TestLeft
                | Role::TestMarked { .. }
                | Role::RequestSent { .. } => {}
            }
        }
    }

    /// The frames that the panic went past are gone. The one whose deferred function recovered it is about to return, unless
    /// something else ends it before.
    fn panic_recovered(&mut self, plan: &Plan, hit: &Hit<'_>, place: ReadAddress) {
        let Some(landing) = Landing::of(hit, place, &plan.runtime) else {
            self.ledger.counts.unknown_recoveries += 1;
            self.unusable.add(hit.record.header(), hit.site);
            return;
        };
        let Some(goroutine) = self.goroutines.alive.get_mut(&key_of(hit)) else {
            return;
        };
        let hits = goroutine.hits.without(hit.cost);
        while let Some(frame) = goroutine.stack.pop_deeper(landing.depth) {
            self.ledger
                .end(plan, &frame, Ending::Panicked(hit.time), &|_| hits);
        }
        let innermost = goroutine.stack.innermost_mut();
        if let Some((frame, address)) = innermost.zip(landing.code) {
            let code = frame
                .function()
                .and_then(|function| plan.code.get(function.0 as usize));
            frame.recovering |= code.is_some_and(|code| code.contains(address));
        }
    }

    /// The panic went past all frames of its goroutine.
    fn panic_unrecovered(&mut self, plan: &Plan, hit: &Hit<'_>) {
        let Some(goroutine) = self.goroutines.alive.get_mut(&key_of(hit)) else {
            return;
        };
        let hits = goroutine.hits.without(hit.cost);
        self.ledger
            .end_all(plan, &mut goroutine.stack, Ending::Panicked(hit.time), hits);
    }

    /// Goroutines that there is no room for are not followed any more.
    fn make_room(&mut self) {
        for mut goroutine in self.goroutines.make_room() {
            while let Some(frame) = goroutine.stack.pop() {
                self.ledger.abandon(&frame);
            }
        }
    }

    fn malformed(&mut self, plan: &Plan, bytes: &[u8]) {
        self.ledger.counts.malformed += 1;
        self.unusable.add_malformed(plan, bytes);
    }
}

pub(super) const fn key_of(hit: &Hit<'_>) -> GoroutineKey {
    GoroutineKey {
        process: hit.process,
        goid: hit.goid,
    }
}
