//! The scopes that were seen: they begin and end, and are forgotten when nothing needs them any more.

use std::collections::{BTreeMap, BTreeSet};

use model::{GoTestMark, ProcessId, Scope, ScopeId, ScopeKind, Timestamp};

use super::numbers::{CallNumber, ScopeNumber};

/// The scopes by number.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    next: u32,
    all: BTreeMap<ScopeNumber, Scope>,
    /// The number that the next call got when a Go test began.
    first_calls: BTreeMap<ScopeNumber, CallNumber>,
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
    /// Records a scope that begins, unless there is no room for it; its id becomes its number. The next call has the number `from`.
    pub(super) fn enter(&mut self, scope: Scope, from: CallNumber) -> Option<ScopeNumber> {
        if self.room.is_some_and(|room| self.all.len() >= room) {
            self.dropped += 1;
            return None;
        }
        let number = ScopeNumber(self.next);
        self.next = self.next.wrapping_add(1);
        let id = ScopeId(number.0);
        if scope.test().is_some() {
            self.first_calls.insert(number, from);
        }
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

    /// A Go test of that name that runs says something of itself. A synctest bubble runs under the name of the test around it.
    pub(super) fn mark(&mut self, process: ProcessId, name: &str, mark: GoTestMark) {
        let open = self.all.values_mut();
        let open = open.filter(|scope| scope.process == process && scope.left.is_none());
        for scope in open {
            if let ScopeKind::Test(test) = &mut scope.kind
                && test.name.as_deref() == Some(name)
            {
                match mark {
                    GoTestMark::Skipped => test.skipped = true,
                    GoTestMark::Failed => test.failed = true,
                }
            }
        }
    }

    /// The number of the first call that a Go test may have made.
    pub(super) fn first_call(&self, number: ScopeNumber) -> Option<CallNumber> {
        self.first_calls.get(&number).copied()
    }

    /// A scope and those that it is within, innermost first.
    pub(super) fn around(
        &self,
        scope: Option<ScopeNumber>,
    ) -> impl Iterator<Item = (ScopeNumber, &Scope)> {
        let known = |number: ScopeNumber| Some((number, self.all.get(&number)?));
        std::iter::successors(scope.and_then(known), move |(number, scope)| {
            let parent = ScopeNumber::of(scope.parent?);
            known(parent).filter(|(parent, _)| parent < number)
        })
    }

    /// Whether what belongs to a scope belongs to no Go test: to none but the root of all, which has no name.
    pub(super) fn is_of_no_test(&self, scope: Option<ScopeNumber>) -> bool {
        let mut tests = self.around(scope).filter_map(|(_, scope)| scope.test());
        tests.all(|test| test.name.as_deref() == Some(""))
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
        self.first_calls
            .retain(|number, _| self.all.contains_key(number));
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
