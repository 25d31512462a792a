//! The calls that were recorded, in the form in which they are observed later, so that nothing is held twice.
//!
//! While they are here, their ids, parents and scopes are numbers that count over the tracer's whole life;
//! [`observe`](super::observe) makes them indices of one observation. Either all are kept, or those that end are
//! [counted](super::totals).

use std::collections::{BTreeMap, BTreeSet};

use model::{Call, Timestamp, Totals};

use super::{
    numbers::CallNumber,
    overflow::Overflow,
    room::{Room, of_values, weight},
    scopes::Scopes,
    totals::Counted,
};

/// Recorded calls with consecutive numbers.
#[derive(Debug, Default)]
pub(super) struct Calls {
    first: u64,
    list: Vec<Call>,
    /// Earlier ones that wait for a poll to report them, or for their end.
    held: BTreeMap<CallNumber, Held>,
    /// Where the calls are that are not in the list, which has the earlier ones.
    counted: Option<Counted>,
    next: u64,
    /// How much is kept until it is reported; without it, all is.
    pub(super) room: Option<Room>,
    /// About how many bytes the calls take that are kept, if there is a bound.
    weight: usize,
    /// Whether there is no room until the next poll.
    full: bool,
    /// Until which call nothing is done about that.
    crowded_until: u64,
    /// Where calls go that find no room; without it, they are not recorded.
    pub(super) overflow: Option<Overflow>,
    /// How many calls found no room since that was asked, and of how many calls the end did not.
    pub(super) dropped: u64,
    pub(super) dropped_ends: u64,
    /// Calls that are not followed any more: how they ended will not be known.
    abandoned: BTreeSet<CallNumber>,
}

/// A call that waits.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) call: Call,
    /// Whether it was reported as running.
    pub(super) reported: bool,
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
            None if self.full
                && let Some(overflow) = &mut self.overflow =>
            {
                overflow.enter(number, call);
            }
            None => {
                if self.room.is_some() {
                    self.weight += weight(&call);
                }
                self.list.push(call);
                let kept = self.list.len() + self.held.len();
                self.full = self
                    .room
                    .is_some_and(|room| kept >= room.calls || self.weight >= room.bytes);
            }
        }
    }

    /// The call of that number, unless it was forgotten.
    pub(super) fn get_mut(&mut self, number: CallNumber) -> Option<&mut Call> {
        if let Some(counted) = &mut self.counted {
            return counted.get_mut(number);
        }
        if let Some(call) = self
            .overflow
            .as_mut()
            .and_then(|overflow| overflow.get_mut(number))
        {
            return Some(call);
        }
        match number.0.checked_sub(self.first) {
            Some(index) => self.list.get_mut(usize::try_from(index).ok()?),
            None => self.held.get_mut(&number).map(|held| &mut held.call),
        }
    }

    /// Whether there is no room for another call until the next poll, and it is not counted either.
    pub(super) const fn is_full(&self) -> bool {
        self.full && self.overflow.is_none()
    }

    /// Whether so much waits that it must be reported now.
    pub(super) fn is_crowded(&self) -> bool {
        self.room
            .is_some_and(|room| self.held.len() > room.calls / 2 || self.weight > room.bytes / 2)
    }

    /// The next call is not recorded: there is no room for it.
    pub(super) const fn skip(&mut self) -> CallNumber {
        let number = self.next();
        self.next += 1;
        self.dropped += 1;
        number
    }

    /// A call has ended, and all is known of it.
    pub(super) fn ended(&mut self, number: CallNumber, scopes: &Scopes) {
        if let Some(overflow) = &mut self.overflow {
            overflow.end(number, scopes);
        }
        if let Some(counted) = &mut self.counted {
            counted.end(number);
        } else if self.room.is_some() {
            let call = self.get_mut(number);
            let brought = call.map_or(0, |call| of_values(&call.results));
            self.weight += brought;
        }
    }

    /// A call is not followed any more. If it was reported as running, nothing more is reported of it.
    pub(super) fn abandon(&mut self, number: CallNumber) {
        if self.get_mut(number).is_none() {
            return;
        }
        self.dropped_ends += 1;
        if self.held.get(&number).is_some_and(|held| held.reported) {
            self.held.remove(&number);
        } else {
            self.abandoned.insert(number);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Call> {
        self.list
            .iter()
            .chain(self.counted.iter().flat_map(Counted::calls))
            .chain(self.overflow.iter().flat_map(Overflow::calls))
            .chain(self.held.values().map(|held| &held.call))
    }

    /// Forgets the calls before the first one that was entered at `from` or later.
    pub(super) fn forget_before(&mut self, from: Timestamp) {
        let kept = self.list.iter().position(|call| call.entered >= from);
        let kept = kept.unwrap_or(self.list.len());
        self.list.drain(..kept);
        self.first += kept as u64;
        self.tidy();
    }

    /// Has the calls that were entered at `from` or later wait for a poll; earlier ones are forgotten.
    pub(super) fn hold(&mut self, from: Timestamp) {
        let calls = self.list.drain(..).filter(|call| call.entered >= from);
        let calls = calls.map(|call| {
            (
                CallNumber(call.id.0),
                Held {
                    call,
                    reported: false,
                },
            )
        });
        self.held.extend(calls);
        self.first = self.next;
    }

    /// Forgets the calls that are not wanted any more, those that have not ended among them.
    pub(super) fn keep_only(&mut self, is_wanted: impl Fn(&Call) -> bool) {
        self.hold(Timestamp(0));
        self.held.retain(|_, held| is_wanted(&held.call));
        self.make_room();
    }

    /// The calls from that number on, by number.
    pub(super) fn since(&self, first: CallNumber) -> impl Iterator<Item = &Call> {
        let held = self.held.range(first..).map(|(_, held)| &held.call);
        let listed = first.0.saturating_sub(self.first);
        let listed = usize::try_from(listed).unwrap_or(usize::MAX);
        held.chain(self.list.iter().skip(listed))
    }

    /// Where there is no room, the calls that ended of the run that has the most of them are counted and not kept any more: those of others
    /// stay whole.
    pub(super) fn count_largest(&mut self, scopes: &Scopes) {
        let Some(room) = self.room.filter(|_| self.overflow.is_some()) else {
            return;
        };
        if !self.full || self.next < self.crowded_until {
            return;
        }
        self.hold(Timestamp(0));
        let calls = self.held.values().map(|held| &held.call);
        if let Some(overflow) = &mut self.overflow
            && let Some(largest) = overflow.largest(calls, scopes)
        {
            for (number, held) in std::mem::take(&mut self.held) {
                match overflow.has_ended_of(largest, &held.call, scopes) {
                    true => overflow.count(held.call, largest, scopes),
                    false => {
                        self.held.insert(number, held);
                    }
                }
            }
        }
        self.make_room();
        if self.full {
            // What has not ended fills it.
            self.crowded_until = self.next + room.calls as u64 / 2;
        }
    }

    /// There is room again. Calls that were reported as running are forgotten where they alone take too much; the first ones first.
    pub(super) fn make_room(&mut self) {
        let Some(room) = self.room else { return };
        self.weight = self.held.values().map(|held| weight(&held.call)).sum();
        if self.is_crowded() {
            let reported = self.held.iter().filter(|(_, held)| held.reported);
            let reported: Vec<_> = reported.map(|(number, _)| *number).collect();
            for number in reported {
                if !self.is_crowded() {
                    break;
                }
                if let Some(held) = self.held.remove(&number) {
                    self.weight = self.weight.saturating_sub(weight(&held.call));
                    self.dropped_ends += 1;
                }
            }
        }
        self.abandoned
            .retain(|number| self.held.contains_key(number));
        self.full = self.held.len() >= room.calls || self.weight >= room.bytes;
    }

    /// The calls that wait, by number.
    pub(super) fn held(&self) -> impl Iterator<Item = (CallNumber, &Held)> {
        self.held.iter().map(|(number, held)| (*number, held))
    }

    /// Takes out those of them; of those that run at `to` a copy, and they go on waiting for their end.
    pub(super) fn report(&mut self, numbers: &[CallNumber], to: Timestamp) -> Vec<Call> {
        let calls = numbers.iter().filter_map(|number| {
            let held = self.held.get_mut(number)?;
            if runs_at(&held.call, to) && !self.abandoned.remove(number) {
                held.reported = true;
                return Some(held.call.clone());
            }
            self.held.remove(number).map(|held| held.call)
        });
        calls.collect()
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
        self.tidy();
        (taken, None)
    }

    /// After some calls are gone from the list, there may be room again. While calls are in it whose numbers come before those
    /// that were skipped, no more can be added.
    fn tidy(&mut self) {
        if self.list.is_empty() {
            self.first = self.next;
            self.full = false;
        }
        if self.room.is_some() {
            let held = self.held.values().map(|held| &held.call);
            self.weight = self.list.iter().chain(held).map(weight).sum();
        }
    }
}

/// Whether a call had not ended at that moment.
pub(super) fn runs_at(call: &Call, time: Timestamp) -> bool {
    !call.outcome.has_ended() || call.left.is_some_and(|left| left > time)
}
