//! Calls that are counted when they end, with a few of each function kept to show.

use std::collections::BTreeMap;

use model::{Call, FunctionId, FunctionTotals, Tally, Timestamp, Totals};

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
    /// By function.
    ended: Vec<Option<Box<Ended>>>,
}

/// The calls of a function that ended.
#[derive(Debug, Default)]
struct Ended {
    owned: Tally,
    background: Tally,
    first: Vec<Call>,
    /// The slowest one last.
    slowest: Vec<(u64, Call)>,
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
        if call.entered < self.from {
            return;
        }
        let index = call.function.0 as usize;
        if index >= self.ended.len() {
            self.ended.resize_with(index + 1, || None);
        }
        let Some(ended) = self.ended.get_mut(index) else {
            return;
        };
        let ended = ended.get_or_insert_default();
        let took = call.took(end);
        let tally = match call.scope {
            Some(_) => &mut ended.owned,
            None => &mut ended.background,
        };
        tally.add(took);
        if ended.first.len() < SHOWN {
            ended.first.push(call);
        } else if ended.slowest.len() < SHOWN
            || ended
                .slowest
                .first()
                .is_some_and(|(least, _)| *least < took.corrected)
        {
            let place = ended
                .slowest
                .partition_point(|(time, _)| *time <= took.corrected);
            ended.slowest.insert(place, (took.corrected, call));
            if ended.slowest.len() > SHOWN {
                ended.slowest.remove(0);
            }
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
        let mut totals = Totals::default();
        let mut kept = Vec::new();
        for (index, ended) in (0..).zip(std::mem::take(&mut self.ended)) {
            let Some(ended) = ended else { continue };
            totals.functions.push(FunctionTotals {
                function: FunctionId(index),
                owned: ended.owned,
                background: ended.background,
            });
            kept.extend(ended.first);
            kept.extend(ended.slowest.into_iter().map(|(_, call)| call));
        }
        kept.sort_by_key(|call| call.id);
        (totals, kept)
    }

    /// The calls that are open, and those that are kept.
    pub(super) fn calls(&self) -> impl Iterator<Item = &Call> {
        let ended = self.ended.iter().flatten();
        let kept = ended.flat_map(|ended| {
            let slowest = ended.slowest.iter().map(|(_, call)| call);
            ended.first.iter().chain(slowest)
        });
        self.open.values().chain(kept)
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
