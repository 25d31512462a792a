//! Calls of Go tests that there is no room for: they are counted for the run that they are judged with, and not kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use model::{Call, Countable, Elapsed, NotKept, Scope, Timestamp};

use super::{
    numbers::{CallNumber, ScopeNumber},
    room::weight,
    scopes::Scopes,
    totals::Ended,
};

/// How many functions of runs are counted at most; each takes some hundred kilobytes.
const MAX_COUNTED: usize = 128;

/// Tells whether a Go test of that name is judged.
pub type JudgedNames = Box<dyn Fn(&str) -> bool + Send>;

/// Calls that found no room.
pub(super) struct Overflow {
    is_judged: JudgedNames,
    /// Those that have not ended.
    open: BTreeMap<CallNumber, Call>,
    runs: BTreeMap<Owner, Counts>,
    /// How many functions of runs are counted.
    counted: usize,
}

impl fmt::Debug for Overflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overflow")
            .field("open", &self.open)
            .field("runs", &self.runs)
            .finish_non_exhaustive()
    }
}

/// What a call is judged with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// This run, and those around it.
    Run(ScopeNumber),
    /// Every run of its time: it belongs to no Go test.
    AnyRun,
}

/// What found no room of one owner.
#[derive(Debug, Default)]
struct Counts {
    ended: Ended,
    calls: u64,
    /// How many of them are counted nowhere else.
    uncounted: u64,
    goroutines: u64,
    /// When the first and the last call was entered.
    entered: Option<(Timestamp, Timestamp)>,
}

impl Counts {
    fn note(&mut self, call: &Call) {
        let (first, last) = self.entered.unwrap_or((call.entered, call.entered));
        self.entered = Some((first.min(call.entered), last.max(call.entered)));
        self.calls += 1;
    }

    fn merge(&mut self, other: &Self) {
        self.ended.merge(&other.ended);
        self.calls += other.calls;
        self.uncounted += other.uncounted;
        self.goroutines += other.goroutines;
    }

    /// Whether all of its calls were entered then.
    fn is_within(&self, begin: Timestamp, end: Timestamp) -> bool {
        let entered = self.entered;
        entered.is_none_or(|(first, last)| begin <= first && last <= end)
    }

    /// Whether some of its calls may have been entered then.
    fn is_near(&self, begin: Timestamp, end: Timestamp) -> bool {
        let entered = self.entered;
        entered.is_some_and(|(first, last)| begin <= last && first <= end)
    }
}

/// What found no room of what a run is judged on.
pub(super) struct Beyond {
    pub(super) not_kept: NotKept,
    /// The calls that were counted.
    pub(super) ended: Ended,
}

impl Overflow {
    /// For tests of which those that have such names are judged.
    pub(super) fn new(is_judged: JudgedNames) -> Self {
        Self {
            is_judged,
            open: BTreeMap::new(),
            runs: BTreeMap::new(),
            counted: 0,
        }
    }

    pub(super) fn enter(&mut self, number: CallNumber, call: Call) {
        self.open.insert(number, call);
    }

    pub(super) fn get_mut(&mut self, number: CallNumber) -> Option<&mut Call> {
        self.open.get_mut(&number)
    }

    /// Counts a call that ended, if it is one of these.
    pub(super) fn end(&mut self, number: CallNumber, scopes: &Scopes) {
        let Some(call) = self.open.remove(&number) else {
            return;
        };
        if let Some(owner) = self.owner(&call, scopes) {
            self.count(call, owner, scopes);
        }
    }

    /// The owner that has the most of those calls that ended.
    pub(super) fn largest<'c>(
        &self,
        calls: impl Iterator<Item = &'c Call>,
        scopes: &Scopes,
    ) -> Option<Owner> {
        let mut weights: BTreeMap<Owner, usize> = BTreeMap::new();
        for call in calls.filter(|call| call.outcome.has_ended()) {
            if let Some(owner) = self.owner(call, scopes) {
                *weights.entry(owner).or_default() += weight(call);
            }
        }
        let largest = weights.into_iter().max_by_key(|(_, weight)| *weight);
        largest.map(|(owner, _)| owner)
    }

    /// Whether a call has ended and is judged with that.
    pub(super) fn has_ended_of(&self, owner: Owner, call: &Call, scopes: &Scopes) -> bool {
        call.outcome.has_ended() && self.owner(call, scopes) == Some(owner)
    }

    /// Counts a call that ended.
    pub(super) fn count(&mut self, call: Call, owner: Owner, scopes: &Scopes) {
        let end = match owner {
            Owner::Run(run) => scopes.get(run).and_then(|run| run.left),
            Owner::AnyRun => None,
        };
        let counts = self.runs.entry(owner).or_default();
        counts.note(&call);
        let is_new = !counts.ended.has(call.function);
        if is_new && self.counted >= MAX_COUNTED {
            counts.uncounted += 1;
            return;
        }
        self.counted += usize::from(is_new);
        let took = took_until(&call, end.unwrap_or(Timestamp(u64::MAX)));
        counts.ended.count(call, owner != Owner::AnyRun, took);
    }

    /// A goroutine ended, and its history is not kept.
    pub(super) fn goroutine_ended(&mut self, scope: Option<ScopeNumber>, scopes: &Scopes) {
        let judged = scopes.around(scope).find(|(_, scope)| self.judges(scope));
        if let Some((run, _)) = judged {
            let counts = self.runs.entry(Owner::Run(run)).or_default();
            counts.goroutines += 1;
        }
    }

    /// What found no room of what a run from `begin` to `end` is judged on, if there is such a thing.
    pub(super) fn of_run(
        &self,
        run: ScopeNumber,
        (begin, end): (Timestamp, Timestamp),
        scopes: &Scopes,
    ) -> Option<Beyond> {
        let mut all = Counts::default();
        let is_within = |owner: Owner| match owner {
            Owner::Run(inner) => scopes.around(Some(inner)).any(|(number, _)| number == run),
            Owner::AnyRun => false,
        };
        for (_, counts) in self.runs.iter().filter(|(owner, _)| is_within(**owner)) {
            all.merge(counts);
        }
        let mut unknown = false;
        if let Some(background) = self.runs.get(&Owner::AnyRun) {
            if background.is_within(begin, end) {
                all.merge(background);
            } else if background.is_near(begin, end) {
                unknown = true;
                all.calls += background.calls;
            }
        }
        for call in self.open.values().filter(|call| call.entered <= end) {
            let is_owned = match self.owner(call, scopes) {
                Some(Owner::AnyRun) if call.entered >= begin => false,
                Some(owner) if is_within(owner) => true,
                _ => continue,
            };
            all.calls += 1;
            let took = took_until(call, end);
            all.ended.count(call.clone(), is_owned, took);
        }
        let countable = match (all.uncounted > 0, unknown) {
            (true, _) => Countable::Nothing,
            (false, true) => Countable::OwnCalls,
            (false, false) => Countable::AllCalls,
        };
        let not_kept = NotKept {
            calls: all.calls,
            goroutines: all.goroutines,
            countable,
        };
        let ended = all.ended;
        (not_kept.calls + not_kept.goroutines > 0).then_some(Beyond { not_kept, ended })
    }

    /// Forgets what none of these runs needs, the first of which began at `earliest`. What belonged to a run within one of them belongs
    /// to that from here on.
    pub(super) fn keep_only(
        &mut self,
        runs: &BTreeSet<ScopeNumber>,
        earliest: Option<Timestamp>,
        scopes: &Scopes,
    ) {
        for (owner, counts) in std::mem::take(&mut self.runs) {
            let heir = match owner {
                Owner::AnyRun => {
                    let last = counts.entered.map(|(_, last)| last);
                    (earliest.is_some() && last >= earliest).then_some(owner)
                }
                Owner::Run(run) => {
                    let mut around = scopes.around(Some(run)).map(|(number, _)| number);
                    around.find(|number| runs.contains(number)).map(Owner::Run)
                }
            };
            match heir {
                Some(heir) if heir == owner && !self.runs.contains_key(&heir) => {
                    self.runs.insert(heir, counts);
                }
                Some(heir) => self.runs.entry(heir).or_default().merge(&counts),
                None => {}
            }
        }
        let runs = self.runs.values();
        self.counted = runs.map(|counts| counts.ended.functions()).sum();
    }

    /// The calls that have not ended, and those that are kept to show.
    pub(super) fn calls(&self) -> impl Iterator<Item = &Call> {
        let runs = self.runs.values();
        self.open
            .values()
            .chain(runs.flat_map(|run| run.ended.calls()))
    }

    /// What a call is judged with: the innermost run around it that is judged and had not ended when it was entered.
    fn owner(&self, call: &Call, scopes: &Scopes) -> Option<Owner> {
        let scope = call.scope.map(ScopeNumber::of);
        let mut around = scopes.around(scope);
        let run = around.find(|(_, scope)| {
            let is_over = scope.left.is_some_and(|left| left < call.entered);
            !is_over && self.judges(scope)
        });
        match run {
            Some((run, _)) => Some(Owner::Run(run)),
            None => scopes.is_of_no_test(scope).then_some(Owner::AnyRun),
        }
    }

    /// Whether a scope is a run that is judged; one whose name is not known may be.
    fn judges(&self, scope: &Scope) -> bool {
        let test = scope.test();
        test.is_some_and(|test| test.name.as_deref().is_none_or(&self.is_judged))
    }
}

/// How long a call took as far as is known at `end`. When one ended that was left without a `ret` is not known.
pub(super) fn took_until(call: &Call, end: Timestamp) -> Elapsed {
    match call.left {
        None if call.outcome.has_ended() => call.took(Timestamp(0)),
        Some(left) if left > end => {
            let running = Call {
                left: None,
                ..call.clone()
            };
            running.took(end)
        }
        Some(_) | None => call.took(end),
    }
}
