//! The scopes that were seen: they begin and end, and are forgotten when nothing needs them any more.

use std::collections::{BTreeMap, BTreeSet};

use model::{ProcessId, Scope, ScopeId, Timestamp};

use super::numbers::ScopeNumber;

/// The scopes by number.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    next: u32,
    all: BTreeMap<ScopeNumber, Scope>,
    /// Those that a poll reported.
    reported: BTreeSet<ScopeNumber>,
    /// Those that are not followed any more: when they were left will not be known.
    abandoned: BTreeSet<ScopeNumber>,
    /// How many are kept at most; without it, all are.
    pub(super) room: Option<usize>,
    /// How many found no room since that was asked.
    pub(super) dropped: u64,
}

impl Scopes {
    /// Records a scope that begins, unless there is no room for it; its id becomes its number.
    pub(super) fn enter(&mut self, scope: Scope) -> Option<ScopeNumber> {
        if self.room.is_some_and(|room| self.all.len() >= room) {
            self.dropped += 1;
            return None;
        }
        let number = ScopeNumber(self.next);
        self.next = self.next.wrapping_add(1);
        let id = ScopeId(number.0);
        self.all.insert(number, Scope { id, ..scope });
        Some(number)
    }

    /// Records that a scope was left.
    pub(super) fn leave(&mut self, number: ScopeNumber, time: Timestamp) {
        if let Some(scope) = self.all.get_mut(&number) {
            scope.left = Some(time);
        }
    }

    /// A scope is not followed any more. It is reported as running.
    pub(super) fn abandon(&mut self, number: ScopeNumber) {
        self.abandoned.insert(number);
    }

    pub(super) fn get(&self, number: ScopeNumber) -> Option<&Scope> {
        self.all.get(&number)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (ScopeNumber, &Scope)> {
        self.all.iter().map(|(number, scope)| (*number, scope))
    }

    /// The scopes that were entered at `begin` or later and that no poll reported.
    pub(super) fn unreported(
        &self,
        begin: Timestamp,
    ) -> impl Iterator<Item = (ScopeNumber, &Scope)> {
        let since = self.iter().filter(move |(_, scope)| scope.entered >= begin);
        since.filter(|(number, _)| !self.reported.contains(number))
    }

    /// A poll reports these.
    pub(super) fn report(&mut self, numbers: BTreeSet<ScopeNumber>) {
        self.reported.extend(numbers);
    }

    /// Forgets the scopes that were left by `time` and are not needed.
    pub(super) fn forget(&mut self, time: Timestamp, needed: &BTreeSet<ScopeNumber>) {
        self.all.retain(|number, scope| {
            let is_over = match scope.left {
                Some(left) => left <= time,
                None => self.abandoned.contains(number) && self.reported.contains(number),
            };
            !is_over || needed.contains(number)
        });
        self.abandoned
            .retain(|number| self.all.contains_key(number));
        self.reported.retain(|number| self.all.contains_key(number));
    }

    /// Ends the scopes that a process had open.
    pub(super) fn end_process(&mut self, process: ProcessId, time: Timestamp) {
        let open = self
            .all
            .values_mut()
            .filter(|scope| scope.process == process && scope.left.is_none());
        open.for_each(|scope| scope.left = Some(time));
    }
}
