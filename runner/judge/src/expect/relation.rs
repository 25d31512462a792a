//! The order in time of one function's calls and another's: `before`, `after` and `concurrent-with`.
//!
//! Calls are compared within the same request; with `from = "anywhere"` or without requests, all with all.
//! - `before`: it ends before any call of the other name begins.
//! - `after`: it begins after all calls of the other name have ended.
//! - `concurrent-with`: on another goroutine there is a call of the other name whose time overlaps with its own.
//!
//! A call is not compared with itself. In a request without a call of the other name there is nothing to be before or
//! after; where there is none in all that is looked at, the expectation fails. A call that had not ended is before
//! nothing; of one whose end is not known, it is known only when it began and which calls around it outlasted it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    fmt,
};

use model::{Call, CallId, Goid, Nanoseconds, ProcessId, ScopeId};
use spec::{Spanned, document::CallExpectation};

use super::{
    Failure, FailureKind, Finding, Reason,
    ancestry::End,
    calls::{Calls, none},
    scope::Case,
    truth::Truth,
    wording,
};

/// The order in time that a call must have to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// It ends before the other begins.
    Before,
    /// It begins after the other has ended.
    After,
    /// Their times overlap.
    Concurrent,
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Before => "before",
            Self::After => "after",
            Self::Concurrent => "concurrent with",
        })
    }
}

/// The relations that an expectation demands, each with the other name.
pub(super) fn all(expectation: &CallExpectation) -> Vec<(Relation, &Spanned<String>)> {
    [
        (Relation::Before, &expectation.before),
        (Relation::After, &expectation.after),
        (Relation::Concurrent, &expectation.concurrent_with),
    ]
    .into_iter()
    .flat_map(|(relation, names)| names.iter().map(move |name| (relation, name)))
    .collect()
}

/// Whether all calls have that relation to those of another name.
pub(super) fn judge(calls: &Calls<'_, '_>, relation: Relation, other: &str) -> Finding {
    let case = calls.case;
    let others = case.members(other, case.calls());
    if others.sure.is_empty() {
        return none(case, other, &others);
    }
    let unsure = others.doubt();
    let mut all: Vec<Other<'_>> = Vec::new();
    let unsure_calls = others.unsure.iter().map(|(call, _)| (*call, false));
    let sure_calls = others.sure.iter().map(|call| (*call, true));
    for (call, is_sure) in sure_calls.chain(unsure_calls) {
        let end = case.ancestry.end(call);
        all.push(Other { call, end, is_sure });
    }
    all.sort_by_key(|other| (other.call.entered, other.call.id));
    let mut groups: HashMap<Option<ScopeId>, Group<'_>> = HashMap::new();
    for other in all {
        groups.entry(case.group(other.call)).or_default().add(other);
    }
    for group in groups.values_mut() {
        group.index();
    }
    let judge = Judge {
        calls,
        relation,
        name: other,
        groups,
        unsure,
        lost: case.lost_in_scope(other),
    };
    calls.every(
        |call| judge.judge(call),
        |call, failing| judge.failure(call, failing),
    )
}

/// A call of the other name.
#[derive(Clone, Copy, Debug)]
struct Other<'a> {
    call: &'a Call,
    end: End,
    /// Whether it is one for certain.
    is_sure: bool,
}

/// The smallest two of several, so that one can be left out.
#[derive(Clone, Copy, Debug, Default)]
struct Smallest<T>([Option<(T, CallId)>; 2]);

impl<T: Ord + Copy> Smallest<T> {
    fn add(&mut self, value: T, call: CallId) {
        let [first, second] = &mut self.0;
        if first.is_none_or(|(smallest, _)| value < smallest) {
            *second = first.replace((value, call));
        } else if second.is_none_or(|(smallest, _)| value < smallest) {
            *second = Some((value, call));
        }
    }

    fn without(&self, call: CallId) -> Option<T> {
        let mut kept = self.0.iter().flatten();
        kept.find(|(_, of)| *of != call).map(|(value, _)| *value)
    }
}

/// Who makes a call, as far as running at the same time goes.
type Runner = (ProcessId, Goid);

/// The latest end among some calls, and that among those of other goroutines.
#[derive(Clone, Copy, Debug, Default)]
struct Latest([Option<(u64, Runner)>; 2]);

impl Latest {
    fn add(&mut self, end: u64, runner: Runner) {
        let [first, second] = &mut self.0;
        match first {
            Some((latest, of)) if *of == runner => *latest = end.max(*latest),
            Some((latest, _)) if end <= *latest => {
                if second.is_none_or(|(latest, _)| end > latest) {
                    *second = Some((end, runner));
                }
            }
            _ => *second = first.replace((end, runner)),
        }
    }

    fn not_on(&self, runner: Runner) -> Option<u64> {
        let mut kept = self.0.iter().flatten();
        kept.find(|(_, of)| *of != runner).map(|(end, _)| *end)
    }
}

/// Calls by their begin, each with the latest end of those up to it.
#[derive(Debug, Default)]
struct Intervals(Vec<(u64, Latest)>);

impl Intervals {
    fn add(&mut self, begin: u64, end: u64, runner: Runner) {
        let mut latest = self.0.last().map(|(_, latest)| *latest).unwrap_or_default();
        latest.add(end, runner);
        self.0.push((begin, latest));
    }

    /// Whether one of another goroutine began before `end` and ended after `begin`.
    fn overlaps(&self, begin: u64, end: u64, runner: Runner) -> bool {
        let count = self.0.partition_point(|(other, _)| *other < end);
        let before = count.checked_sub(1).and_then(|last| self.0.get(last));
        let latest = before.and_then(|(_, latest)| latest.not_on(runner));
        latest.is_some_and(|latest| latest > begin)
    }
}

/// The calls of the other name that a call is compared with.
#[derive(Debug, Default)]
struct Group<'a> {
    /// By entry.
    others: Vec<Other<'a>>,
    /// When the first began: of those that are sure, and of all.
    begins: [Smallest<u64>; 2],
    /// When the last ended: at the earliest, of those that are sure; at the latest, of all.
    ends: [Smallest<Reverse<u64>>; 2],
    /// When they ran: for certain, and perhaps.
    intervals: [Intervals; 2],
}

impl<'a> Group<'a> {
    fn add(&mut self, other: Other<'a>) {
        self.others.push(other);
    }

    fn index(&mut self) {
        for Other { call, end, is_sure } in &self.others {
            let begin = call.entered.0;
            let runner = (call.process, call.goroutine);
            let [begins, all_begins] = &mut self.begins;
            let [ends, all_ends] = &mut self.ends;
            let [surely, perhaps] = &mut self.intervals;
            all_begins.add(begin, call.id);
            all_ends.add(Reverse(end.high), call.id);
            perhaps.add(begin, end.high, runner);
            if *is_sure {
                begins.add(begin, call.id);
                ends.add(Reverse(end.low), call.id);
                surely.add(begin, end.low, runner);
            }
        }
    }

    /// Whether a call has that relation to these; none if that is not known.
    fn holds(&self, relation: Relation, call: &Call, end: End) -> Option<bool> {
        let (begin, runner) = (call.entered.0, (call.process, call.goroutine));
        let (certainly, possibly) = match relation {
            Relation::Before => {
                let [sure, all] = self.begins.map(|begins| begins.without(call.id));
                (
                    all.is_none_or(|first| end.high <= first),
                    sure.is_none_or(|first| end.low <= first),
                )
            }
            Relation::After => {
                let [sure, all] = self.ends.map(|ends| ends.without(call.id));
                (
                    all.is_none_or(|Reverse(last)| last <= begin),
                    sure.is_none_or(|Reverse(last)| last <= begin),
                )
            }
            Relation::Concurrent => {
                let [surely, perhaps] = &self.intervals;
                (
                    surely.overlaps(begin, end.low, runner),
                    perhaps.overlaps(begin, end.high, runner),
                )
            }
        };
        (certainly == possibly).then_some(certainly)
    }
}

/// What calls are judged by.
struct Judge<'j, 'c, 'a> {
    calls: &'j Calls<'c, 'a>,
    relation: Relation,
    /// The other name.
    name: &'j str,
    groups: HashMap<Option<ScopeId>, Group<'a>>,
    /// Why it is not known of some calls whether they are of the other name.
    unsure: Option<Reason>,
    /// That calls of the other name were lost.
    lost: Option<Reason>,
}

impl<'a> Judge<'_, '_, 'a> {
    fn case(&self) -> &Case<'a> {
        self.calls.case
    }

    fn group(&self, call: &Call) -> Option<&Group<'a>> {
        self.groups.get(&self.case().group(call))
    }

    fn judge(&self, call: &Call) -> Truth {
        let none = Group::default();
        let group = self.group(call).unwrap_or(&none);
        let end = self.case().ancestry.end(call);
        let holds = group.holds(self.relation, call, end);
        // A call that was lost can be in the way of one, and be what is missing for the other.
        let may_be_lost = Some(self.relation != Relation::Concurrent);
        match (holds, &self.lost) {
            (holds, Some(reason)) if holds == may_be_lost => Truth::Unknown(reason.clone()),
            (Some(holds), _) => holds.into(),
            (None, _) => Truth::Unknown(self.doubt(group, call, end)),
        }
    }

    /// Why the order of a call and the others is not known.
    fn doubt(&self, group: &Group<'a>, call: &Call, end: End) -> Reason {
        let observation = self.case().observation();
        let not_known = |call: &Call| Reason::EndOf {
            function: wording::function(observation, call),
            goroutine: call.goroutine,
            outcome: call.outcome,
        };
        let mut others = group.others.iter();
        let other = others.find(|other| !other.end.is_certain() && other.call.id != call.id);
        match (end.is_certain(), self.relation, other) {
            (false, Relation::Before | Relation::Concurrent, _) => not_known(call),
            (_, Relation::After | Relation::Concurrent, Some(other)) => not_known(other.call),
            _ => self.unsure.clone().unwrap_or_else(|| not_known(call)),
        }
    }

    fn failure(&self, call: &'a Call, failing: usize) -> Failure {
        let case = self.case();
        let (label, name) = (self.calls.label, self.name);
        let nearest = self.nearest(call);
        let (text, want) = match self.relation {
            Relation::Before => (
                nearest.map(|other| self.too_early(call, other)),
                format!("{label} → {name}"),
            ),
            Relation::After => (
                nearest.map(|other| self.too_late(call, other)),
                format!("{name} → {label}"),
            ),
            Relation::Concurrent => (
                Some(format!("no {name} at the same time")),
                format!("{label} and {name} at the same time, on two goroutines"),
            ),
        };
        let got = match (nearest, self.relation) {
            (None, _) => format!("no call of {name} in the same request"),
            (Some(other), Relation::Concurrent) => self.apart(call, other),
            (Some(other), _) => self.as_seen(call, other),
        };
        let note = nearest.map(|other| {
            let shown = wording::call(case.observation(), other, name);
            let whereabouts = case.whereabouts(other, case.exchange_of(call));
            format!("{shown} {whereabouts}")
        });
        Failure {
            want: Some(want),
            got: Some(got),
            remark: Some(self.calls.count(failing)),
            notes: note.into_iter().collect(),
            call: Some(call.id),
            exchange: case.exchange_of(call),
            ..Failure::new(FailureKind::Order, text.unwrap_or_default())
        }
    }

    /// The call of the other name that is in the way; for one that is missing, the nearest in time.
    fn nearest(&self, call: &Call) -> Option<&'a Call> {
        let others = self.group(call)?.others.iter();
        let others = others.filter(|other| other.is_sure && other.call.id != call.id);
        let end = self.case().ancestry.end(call);
        let distance = |other: &&Other<'a>| {
            let begin = other.call.entered.0;
            let gap = if begin >= end.low {
                begin - end.low
            } else {
                call.entered.0.saturating_sub(other.end.low)
            };
            let is_on_another = other.call.goroutine != call.goroutine;
            (!is_on_another, gap)
        };
        let nearest = match self.relation {
            Relation::Before => others.min_by_key(|other| other.call.entered),
            Relation::After => others.max_by_key(|other| other.end.low),
            Relation::Concurrent => others.min_by_key(distance),
        };
        nearest.map(|other| other.call)
    }

    fn too_early(&self, call: &Call, other: &Call) -> String {
        let (label, name) = (self.calls.label, self.name);
        match call.left {
            Some(left) => {
                let time = left.since(other.entered).precise();
                format!("began {time} before {label} ended")
            }
            None => format!("{name} began, and {label} had not ended"),
        }
    }

    fn too_late(&self, call: &Call, other: &Call) -> String {
        let (label, name) = (self.calls.label, self.name);
        match other.left {
            Some(left) => {
                let time = left.since(call.entered).precise();
                format!("ended {time} after {label} began")
            }
            None => format!("{label} began, and {name} had not ended"),
        }
    }

    /// Both calls by begin and end, in order.
    fn as_seen(&self, call: &Call, other: &Call) -> String {
        let (label, name) = (self.calls.label, self.name);
        let mut events: BTreeMap<(u64, u8), String> = BTreeMap::new();
        for (index, (call, name)) in [(0, (call, label)), (1, (other, name))] {
            events.insert((call.entered.0, index), format!("{name} began"));
            let (when, what) = match call.left {
                Some(left) => (left.0, "ended"),
                None => (u64::MAX, "had not ended"),
            };
            events.insert((when, index + 2), format!("{name} {what}"));
        }
        let events: Vec<String> = events.into_values().collect();
        events.join(" → ")
    }

    fn apart(&self, call: &Call, other: &Call) -> String {
        let name = self.name;
        if other.goroutine == call.goroutine {
            return format!("{name} on {} too", call.goroutine);
        }
        let (begin, goid) = (other.entered, other.goroutine);
        match (call.left, other.left) {
            (Some(left), _) if begin >= left => {
                let time = begin.since(left).precise();
                format!("{name} on {goid} began {time} after it ended")
            }
            (_, Some(left)) if left <= call.entered => {
                let time: Nanoseconds = call.entered.since(left);
                format!("{name} on {goid} ended {} before it began", time.precise())
            }
            _ => format!("{name} on {goid}"),
        }
    }
}
