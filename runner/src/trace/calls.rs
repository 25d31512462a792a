//! The calls that were recorded, in the form in which they are observed later, so that nothing is held twice.
//!
//! While they are here, their ids, parents and requests are numbers that count over the tracer's whole life;
//! [`observe`](super::observe) makes them indices of one observation.

use crate::model::{Call, CallId, Timestamp};

/// A call's number over the tracer's whole life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CallNumber(pub(super) u64);

/// Recorded calls with consecutive numbers.
#[derive(Debug, Default)]
pub(super) struct Calls {
    first: u64,
    list: Vec<Call>,
}

impl Calls {
    /// The number that the next call gets.
    pub(super) fn next(&self) -> CallNumber {
        CallNumber(self.first + self.list.len() as u64)
    }

    /// Records a call; its id becomes its number.
    pub(super) fn push(&mut self, mut call: Call) {
        call.id = CallId(self.next().0);
        self.list.push(call);
    }

    /// The call of that number, unless it was forgotten.
    pub(super) fn get_mut(&mut self, number: CallNumber) -> Option<&mut Call> {
        let index = number.0.checked_sub(self.first)?;
        self.list.get_mut(usize::try_from(index).ok()?)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Call> {
        self.list.iter()
    }

    /// Forgets the calls before the first one that was entered at `from` or later.
    pub(super) fn forget_before(&mut self, from: Timestamp) {
        let kept = self.list.iter().position(|call| call.entered >= from);
        let kept = kept.unwrap_or(self.list.len());
        self.list.drain(..kept);
        self.first += kept as u64;
    }

    /// Takes out the calls that were entered from `from` to `to`, both included. Earlier ones are forgotten;
    /// what came in after the first one that was entered later than `to` stays, and is copied if it belongs here.
    pub(super) fn take(&mut self, from: Timestamp, to: Timestamp) -> Vec<Call> {
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
        taken
    }
}
