//! The calls that were recorded, in the form in which they are observed later, so that nothing is held twice.
//!
//! While they are here, their ids, parents and requests are numbers that count over the tracer's whole life;
//! [`observe`](super::observe) makes them indices of one observation. Either all are kept, or those that end are
//! [counted](super::totals).

use std::collections::BTreeMap;

use super::{look::runs_at, totals::Counted};
use crate::model::{Call, CallId, Timestamp, Totals};

/// A call's number over the tracer's whole life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CallNumber(pub(super) u64);

/// Recorded calls with consecutive numbers.
#[derive(Debug, Default)]
pub(super) struct Calls {
    first: u64,
    list: Vec<Call>,
    /// Earlier ones that wait to be told by a look, or for their end.
    held: BTreeMap<CallNumber, Held>,
    /// Where the calls are that are not in the list, which has the earlier ones.
    counted: Option<Counted>,
    next: u64,
}

/// A call that waits.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) call: Call,
    /// Whether it was told as running.
    pub(super) told: bool,
}

impl Calls {
    /// The number that the next call gets.
    pub(super) const fn next(&self) -> CallNumber {
        CallNumber(self.next)
    }

    /// From here on, calls that end are counted if they were entered at `from` or later; earlier ones are forgotten. Or, without
    /// a moment, all are kept again.
    pub(super) fn count_from(&mut self, from: Option<Timestamp>) {
        let before = std::mem::replace(&mut self.counted, from.map(Counted::since));
        match &mut self.counted {
            Some(counted) => {
                let open = self.list.drain(..);
                let open = open.filter(|call| !call.outcome.has_ended());
                open.for_each(|call| counted.enter(CallNumber(call.id.0), call));
                self.first = self.next;
            }
            None if before.is_some() => self.first = self.next,
            None => {}
        }
    }

    /// Records a call; its id becomes its number.
    pub(super) fn push(&mut self, mut call: Call) {
        let number = self.next();
        call.id = number.id();
        self.next += 1;
        match &mut self.counted {
            Some(counted) => {
                counted.enter(number, call);
                self.first = self.next;
            }
            None => self.list.push(call),
        }
    }

    /// The call of that number, unless it was forgotten.
    pub(super) fn get_mut(&mut self, number: CallNumber) -> Option<&mut Call> {
        if let Some(counted) = &mut self.counted {
            return counted.get_mut(number);
        }
        match number.0.checked_sub(self.first) {
            Some(index) => self.list.get_mut(usize::try_from(index).ok()?),
            None => self.held.get_mut(&number).map(|held| &mut held.call),
        }
    }

    /// A call has ended, and all is known of it.
    pub(super) fn ended(&mut self, number: CallNumber) {
        if let Some(counted) = &mut self.counted {
            counted.end(number);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Call> {
        self.list
            .iter()
            .chain(self.counted.iter().flat_map(Counted::calls))
            .chain(self.held.values().map(|held| &held.call))
    }

    /// Forgets the calls before the first one that was entered at `from` or later.
    pub(super) fn forget_before(&mut self, from: Timestamp) {
        let kept = self.list.iter().position(|call| call.entered >= from);
        let kept = kept.unwrap_or(self.list.len());
        self.list.drain(..kept);
        self.first += kept as u64;
    }

    /// Has the calls that were entered at `from` or later wait to be told; earlier ones are forgotten.
    pub(super) fn hold(&mut self, from: Timestamp) {
        let calls = self.list.drain(..).filter(|call| call.entered >= from);
        let calls = calls.map(|call| (CallNumber(call.id.0), Held { call, told: false }));
        self.held.extend(calls);
        self.first = self.next;
    }

    /// The calls that wait, by number.
    pub(super) fn held(&self) -> impl Iterator<Item = (CallNumber, &Held)> {
        self.held.iter().map(|(number, held)| (*number, held))
    }

    /// Takes out those of them; of those that run at `to` a copy, and they go on waiting for their end.
    pub(super) fn tell(&mut self, numbers: &[CallNumber], to: Timestamp) -> Vec<Call> {
        let told = numbers.iter().filter_map(|number| {
            let held = self.held.get_mut(number)?;
            if runs_at(&held.call, to) {
                held.told = true;
                return Some(held.call.clone());
            }
            self.held.remove(number).map(|held| held.call)
        });
        told.collect()
    }

    /// Takes out the calls that were entered from `from` to `to`, both included, and their totals if they are counted.
    /// Earlier ones are forgotten; what came in after the first one that was entered later than `to` stays, and is copied
    /// if it belongs here.
    pub(super) fn take(&mut self, from: Timestamp, to: Timestamp) -> (Vec<Call>, Option<Totals>) {
        if let Some(counted) = &mut self.counted {
            let (totals, kept) = counted.take(to);
            return (kept, Some(totals));
        }
        let split = self.list.iter().position(|call| call.entered > to);
        let split = split.unwrap_or(self.list.len());
        let later = self.list.split_off(split);
        let mut taken = std::mem::replace(&mut self.list, later);
        self.first += split as u64;
        taken.retain(|call| call.entered >= from);
        let also = self
            .list
            .iter()
            .filter(|call| (from..=to).contains(&call.entered));
        taken.extend(also.cloned());
        (taken, None)
    }
}

impl CallNumber {
    const fn id(self) -> CallId {
        CallId(self.0)
    }
}
