//! How long the calls of a run took, for [`latency`](crate::latency).

use std::collections::HashMap;

use judge::expect::Evidence;
use model::{Awaited, Call, CallId, Elapsed, Goroutine, Nanoseconds, Observation};

use crate::{
    latency::{Parent, Run, Time},
    run::key_of,
};

/// The times of all calls that ended in some tests. Functions are named as in a [`Run`](crate::run::Run) of calls, so that both sides have
/// the same names.
#[must_use]
pub fn times<'e>(tests: impl IntoIterator<Item = &'e Evidence>) -> Run {
    let mut run = Run::default();
    for evidence in tests {
        add(&mut run, &evidence.observation);
    }
    run
}

fn add(run: &mut Run, observation: &Observation) {
    let within = Within::of(observation);
    let ended = observation.calls.iter().filter(|call| call.left.is_some());
    for call in ended {
        let Some(whole) = call.left.and_then(|end| Time::of(call.took(end))) else {
            continue;
        };
        let Some(own) = within.own(call) else {
            continue;
        };
        run.add(
            key_of(observation, call.function),
            parent(observation, call),
            own,
            whole,
        );
    }
}

/// What the calls that a call made on its own goroutine took together.
#[derive(Default)]
struct Within {
    calls: HashMap<CallId, Sum>,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    /// As the kernel's clock says.
    raw: u64,
    /// What of it goproctor's own probes cost.
    cost: u64,
    /// Whether one of them did not end.
    open: bool,
}

impl Within {
    fn of(observation: &Observation) -> Self {
        let mut all = Self::default();
        for call in &observation.calls {
            let Some(parent) = same_goroutine(observation, call) else {
                continue;
            };
            let sum = all.calls.entry(parent.id).or_default();
            match call.raw_duration() {
                Some(took) => {
                    sum.raw += took.0;
                    sum.cost += call.own_cost.0;
                }
                None => sum.open = true,
            }
        }
        all
    }

    /// The time of a call without those that it made on its own goroutine; none where one of these did not end.
    fn own(&self, call: &Call) -> Option<Time> {
        let inner = self.calls.get(&call.id).copied().unwrap_or_default();
        if inner.open {
            return None;
        }
        let raw = call.raw_duration()?.0.saturating_sub(inner.raw);
        let cost = call.own_cost.0.saturating_sub(inner.cost);
        let awaited: Awaited = call.awaited.as_deref().copied().unwrap_or_default();
        Time::of(Elapsed::new(raw, Nanoseconds(cost), awaited))
    }
}

fn same_goroutine<'o>(observation: &'o Observation, call: &Call) -> Option<&'o Call> {
    let parent = observation.call(call.parent?)?;
    let is_same = parent.process == call.process && parent.goroutine == call.goroutine;
    is_same.then_some(parent)
}

fn parent<'o>(observation: &'o Observation, call: &Call) -> Parent<'o> {
    if let Some(caller) = same_goroutine(observation, call) {
        return Parent::Caller(key_of(observation, caller.function));
    }
    let mut goroutines = observation.goroutines.iter();
    let own = goroutines
        .find(|one: &&Goroutine| one.process == call.process && one.goid == call.goroutine);
    let starter = own.and_then(|one| observation.call(one.creating_call?));
    match starter {
        Some(starter) => Parent::Starter(key_of(observation, starter.function)),
        None => Parent::Unwatched,
    }
}
