//! Calls that are counted when they end, with a few of each function kept to show.

use std::collections::BTreeMap;

use model::{Call, Elapsed, FunctionId, FunctionTotals, Tally, Timestamp, Totals};

use super::numbers::CallNumber;

/// How many of a function's first calls are kept, and how many of its slowest.
const SHOWN: usize = 8;

/// The calls of a window that are counted.
#[derive(Debug, Default)]
pub(super) struct Counted {
    /// When the window began: calls that were entered before are passed over.
    from: Timestamp,
    /// Those that have not ended.
    open: BTreeMap<CallNumber, Call>,
    ended: Ended,
}

/// Calls that ended.
#[derive(Debug, Default)]
pub(super) struct Ended {
    /// By function.
    functions: Vec<Option<Box<OfFunction>>>,
}

/// The calls of a function that ended.
#[derive(Debug, Default)]
struct OfFunction {
    owned: Tally,
    background: Tally,
    first: Vec<Call>,
    /// The slowest one last.
    slowest: Vec<(u64, Call)>,
}

impl OfFunction {
    /// Keeps a call that took so long if it is one of those to show.
    fn show(&mut self, call: Call, took: u64) {
        let is_slow = |slowest: &[(u64, Call)]| {
            let least = slowest.first();
            slowest.len() < SHOWN || least.is_some_and(|(least, _)| *least < took)
        };
        if self.first.len() < SHOWN {
            self.first.push(call);
        } else if is_slow(&self.slowest) {
            let place = self.slowest.partition_point(|(time, _)| *time <= took);
            self.slowest.insert(place, (took, call));
            if self.slowest.len() > SHOWN {
                self.slowest.remove(0);
            }
        }
    }

    fn calls(&self) -> impl Iterator<Item = &Call> {
        let slowest = self.slowest.iter().map(|(_, call)| call);
        self.first.iter().chain(slowest)
    }
}

impl Ended {
    /// Whether a call of the function was counted.
    pub(super) fn has(&self, function: FunctionId) -> bool {
        let place = self.functions.get(function.0 as usize);
        place.is_some_and(Option::is_some)
    }

    /// How many functions were called.
    pub(super) fn functions(&self) -> usize {
        self.functions.iter().flatten().count()
    }

    /// Counts a call that took so long, and may keep it to show.
    pub(super) fn count(&mut self, call: Call, is_owned: bool, took: Elapsed) {
        self.tally(call.function, is_owned, took);
        if let Some(function) = self.of(call.function) {
            function.show(call, took.corrected);
        }
    }

    /// Counts a call that took so long.
    pub(super) fn tally(&mut self, function: FunctionId, is_owned: bool, took: Elapsed) {
        let Some(function) = self.of(function) else {
            return;
        };
        match is_owned {
            true => function.owned.add(took),
            false => function.background.add(took),
        }
    }

    /// Adds what was counted elsewhere.
    pub(super) fn merge(&mut self, other: &Self) {
        for (index, theirs) in (0..).zip(&other.functions) {
            let (Some(theirs), Some(ours)) = (theirs, self.of(FunctionId(index))) else {
                continue;
            };
            ours.owned.merge(&theirs.owned);
            ours.background.merge(&theirs.background);
            for call in &theirs.first {
                ours.show(call.clone(), call.took(call.entered).corrected);
            }
            for (took, call) in &theirs.slowest {
                ours.show(call.clone(), *took);
            }
        }
    }

    /// The totals.
    pub(super) fn totals(&self) -> Totals {
        let functions = (0..).zip(&self.functions);
        let functions = functions.filter_map(|(index, function)| {
            let function = function.as_ref()?;
            Some(FunctionTotals {
                function: FunctionId(index),
                owned: function.owned.clone(),
                background: function.background.clone(),
            })
        });
        Totals {
            functions: functions.collect(),
        }
    }

    /// The calls that are kept to show.
    pub(super) fn calls(&self) -> impl Iterator<Item = &Call> {
        let functions = self.functions.iter().flatten();
        functions.flat_map(|function| function.calls())
    }

    fn of(&mut self, function: FunctionId) -> Option<&mut OfFunction> {
        let index = function.0 as usize;
        if index >= self.functions.len() {
            self.functions.resize_with(index + 1, || None);
        }
        let place = self.functions.get_mut(index)?;
        Some(place.get_or_insert_default())
    }
}

impl Counted {
    pub(super) fn since(from: Timestamp) -> Self {
        Self {
            from,
            ..Self::default()
        }
    }

    pub(super) fn enter(&mut self, number: CallNumber, call: Call) {
        self.open.insert(number, call);
    }

    pub(super) fn get_mut(&mut self, number: CallNumber) -> Option<&mut Call> {
        self.open.get_mut(&number)
    }

    /// Counts a call that ended.
    pub(super) fn end(&mut self, number: CallNumber) {
        if let Some(call) = self.open.remove(&number) {
            self.count(call, Timestamp(0));
        }
    }

    /// Counts a call; `end` is the window's, for one that has not ended.
    fn count(&mut self, call: Call, end: Timestamp) {
        if call.entered >= self.from {
            let (is_owned, took) = (call.scope.is_some(), call.took(end));
            self.ended.count(call, is_owned, took);
        }
    }

    /// The totals of the window, and the calls that were kept, by number. Those that have not ended are counted as running, and
    /// forgotten.
    pub(super) fn take(&mut self, to: Timestamp) -> (Totals, Vec<Call>) {
        for (_, call) in std::mem::take(&mut self.open) {
            if call.entered <= to {
                self.count(call, to);
            }
        }
        self.from = Timestamp(to.0.saturating_add(1));
        let ended = std::mem::take(&mut self.ended);
        let mut kept: Vec<Call> = ended.calls().cloned().collect();
        kept.sort_by_key(|call| call.id);
        (ended.totals(), kept)
    }

    /// The calls that are open, and those that are kept.
    pub(super) fn calls(&self) -> impl Iterator<Item = &Call> {
        self.open.values().chain(self.ended.calls())
    }
}

#[cfg(test)]
mod tests {
    use model::{Call, FunctionId, Goid, Outcome, ScopeId, Timestamp, testing};

    use super::{Counted, SHOWN};
    use crate::numbers::CallNumber;

    fn call(number: u64, entered: u64, took: Option<u64>) -> Call {
        Call {
            scope: number.is_multiple_of(2).then_some(ScopeId(0)),
            left: took.map(|took| Timestamp(entered + took)),
            outcome: took.map_or(Outcome::Running, |_| Outcome::Returned),
            ..testing::call(number, Goid(1), FunctionId(2), Timestamp(entered))
        }
    }

    #[test]
    fn all_are_counted_and_the_first_and_the_slowest_are_kept() {
        let mut counted = Counted::since(Timestamp(100));
        for number in 0..1000 {
            counted.enter(
                CallNumber(number),
                call(number, 100 + number, Some(number % 500)),
            );
            counted.end(CallNumber(number));
        }
        counted.enter(CallNumber(1000), call(1000, 99, Some(1)));
        counted.end(CallNumber(1000));
        counted.enter(CallNumber(1001), call(1001, 2000, None));
        let (totals, kept) = counted.take(Timestamp(3000));
        let functions: Vec<_> = totals.functions.iter().map(|one| one.function).collect();
        assert_eq!(functions, [FunctionId(2)]);
        let function = &totals.functions[0];
        assert_eq!(
            (function.owned.count, function.background.count),
            (500, 501)
        );
        assert_eq!(totals.count(), 1001);
        assert_eq!(kept.len(), 2 * SHOWN);
        let numbers: Vec<u64> = kept.iter().map(|call| call.id.0).collect();
        assert!(numbers.is_sorted() && numbers.starts_with(&[0, 1, 2, 3, 4, 5, 6, 7]));
        assert!(numbers.ends_with(&[999, 1001]), "{numbers:?}");
        assert_eq!(
            function.background.times.high.at_rank(501),
            Some((u64::MAX, u64::MAX))
        );
        assert_eq!(counted.take(Timestamp(4000)).0.count(), 0);
    }
}
