//! Go tests that find no room: of each run the totals are those of the calls that a tracer with endless room has.

use std::collections::{BTreeMap, BTreeSet};

use model::{Countable, FunctionId, Loss, Observation, ScopeId, Tally, Timestamp};

use super::go_tests::Tests;
use crate::{Room, Tracer, overflow::took_until};

const ROOM: Room = Room {
    calls: 30,
    bytes: 1 << 20,
    goroutines: 20,
};

/// A goroutine of the program that is made up.
#[derive(Default)]
struct Goroutine {
    /// The test that it runs, and whether it has not ended.
    test: Option<String>,
    /// The functions that are open.
    open: Vec<u32>,
}

/// A program whose tests, goroutines and calls come and go at random, seen by two tracers.
struct Made {
    random: fastrand::Rng,
    tests: Tests,
    endless: Tracer,
    bounded: Tracer,
    goroutines: BTreeMap<u64, Goroutine>,
    next: u64,
    judged: BTreeSet<ScopeId>,
    /// How many runs were compared whose calls were not all kept, and how many of them without a part that is not known.
    compared: (usize, usize),
}

/// Whether tests of that name are judged.
fn is_judged(name: &str) -> bool {
    !name.is_empty() && !name.ends_with('2')
}

impl Made {
    fn new(seed: u64) -> Self {
        let tests = Tests::new(&["f", "g"]);
        let tracer = || tests.program.tracer();
        let (endless, bounded) = (tracer(), tracer());
        Self {
            random: fastrand::Rng::with_seed(seed),
            bounded: bounded.with_room_for_tests(ROOM, Box::new(is_judged)),
            endless,
            tests,
            goroutines: [(1, Goroutine::default())].into(),
            next: 2,
            judged: BTreeSet::new(),
            compared: (0, 0),
        }
    }

    fn step(&mut self) {
        let of = self.random.usize(..self.goroutines.len());
        let has_room = self.goroutines.len() < 12;
        let running: Vec<String> = (self.goroutines.values())
            .filter_map(|goroutine| goroutine.test.clone())
            .collect();
        // As `testing` has it: a test waits for its subtests.
        let waits = |test: &Option<String>| {
            let above = test.as_ref().map(|test| format!("{test}/"));
            above.is_some_and(|above| running.iter().any(|name| name.starts_with(&above)))
        };
        let Some((&goid, goroutine)) = self.goroutines.iter_mut().nth(of) else {
            return;
        };
        let depth = |open: &[u32]| 200 + 10 * open.len() as u64;
        match self.random.u32(..100) {
            ..46 if goroutine.open.len() < 5 => {
                let function = self.random.u32(..2);
                goroutine.open.push(function);
                let depth = depth(&goroutine.open);
                self.tests.program.enter(goid, depth, function, "", 0);
            }
            ..92 => {
                let depth = depth(&goroutine.open);
                if let Some(function) = goroutine.open.pop() {
                    self.tests.program.leave(goid, depth, function, "");
                }
            }
            92..95 if has_room && (goid == 1 || goroutine.test.is_some()) => {
                let name = match &goroutine.test {
                    Some(name) => format!("{name}/{}", self.random.u32(..4)),
                    None => format!("Test{}", self.random.u32(..4)),
                };
                let child = self.begin(goid);
                self.tests.enter(child, &name);
                if let Some(goroutine) = self.goroutines.get_mut(&child) {
                    goroutine.test = Some(name);
                }
            }
            95 if has_room => {
                self.begin(goid);
            }
            96.. if goid != 1 && goroutine.open.is_empty() && !waits(&goroutine.test) => {
                if goroutine.test.take().is_some() {
                    self.tests.leave(goid);
                } else {
                    self.goroutines.remove(&goid);
                    self.tests.program.end(goid);
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, creator: u64) -> u64 {
        let child = self.next;
        self.next += 1;
        self.tests.program.create(creator, child, 0x1234);
        self.goroutines.insert(child, Goroutine::default());
        child
    }

    /// Judges the runs that have ended, and forgets what is not needed any more.
    fn judge(&mut self) {
        for record in self.tests.program.records.drain(..) {
            self.endless.feed(&record).unwrap();
            self.bounded.feed(&record).unwrap();
        }
        let runs = self.endless.test_runs();
        let now = Timestamp(self.tests.program.now());
        for run in runs {
            let Some(end) = run.left.filter(|_| is_judged(&run.name())) else {
                continue;
            };
            if self.judged.insert(run.id) {
                let see = |tracer: &mut Tracer| {
                    let seen = tracer.observe_test(run.id, end, Loss::default());
                    seen.unwrap()
                };
                let all = see(&mut self.endless);
                let seen = see(&mut self.bounded);
                self.compare(&all, &seen);
                self.forget(now);
            }
        }
        self.forget(now);
    }

    fn forget(&mut self, now: Timestamp) {
        let judged = &self.judged;
        for tracer in [&mut self.endless, &mut self.bounded] {
            tracer.forget_all_but(
                |scope| is_judged(&scope.name()) && !judged.contains(&scope.id),
                now,
            );
        }
    }

    fn compare(&mut self, (all, own): &(Observation, ScopeId), seen: &(Observation, ScopeId)) {
        let tally = |function: u32, is_owned: bool| {
            let end = all.window.unwrap().1;
            let mut tally = Tally::default();
            for call in &all.calls {
                if call.function == FunctionId(function)
                    && all.is_within(call.scope, *own) == is_owned
                {
                    tally.add(took_until(call, end));
                }
            }
            tally
        };
        let seen = &seen.0;
        let Some(not_kept) = seen.not_kept else {
            assert_eq!(seen.calls, all.calls);
            assert_eq!(seen.totals, None);
            return;
        };
        assert!(seen.calls.is_sorted_by_key(|call| call.id));
        assert!(seen.calls.len() <= all.calls.len());
        assert_ne!(not_kept.countable, Countable::Nothing);
        let totals = seen.totals.as_ref().unwrap();
        for function in [0, 1] {
            let counted = totals.of(FunctionId(function));
            let (owned, background) = counted.map_or_else(Default::default, |counted| {
                (counted.owned.clone(), counted.background.clone())
            });
            compare_tallies(&owned, &tally(function, true));
            if not_kept.countable == Countable::AllCalls {
                compare_tallies(&background, &tally(function, false));
            }
        }
        self.compared.0 += 1;
        self.compared.1 += usize::from(not_kept.countable == Countable::AllCalls);
    }
}

/// Where a call outlived a run, its time may be known in one place and not in the other.
fn compare_tallies(one: &Tally, other: &Tally) {
    assert_eq!(one.count, other.count);
    let is_bounded = |tally: &Tally| {
        let largest = tally.times.high.at_rank(tally.count);
        largest.is_none_or(|(_, high)| high < u64::MAX)
    };
    if is_bounded(one) && is_bounded(other) {
        assert!(one == other, "the times of {} calls", one.count);
    }
}

#[test]
fn totals_without_room_are_those_of_all_calls() {
    let mut compared = (0, 0);
    for seed in 0..100 {
        let mut made = Made::new(seed);
        for _ in 0..60 {
            for _ in 0..made.random.u32(1..60) {
                made.step();
            }
            made.judge();
        }
        // Those there is room for, those that are open, and of each run those to show of two functions.
        let most = ROOM.calls + 12 * 5 + made.bounded.test_runs().len() * 2 * 16;
        let kept = made.bounded.ledger.calls.iter().count();
        assert!(kept <= most, "{seed}: {kept} of {most}");
        compared.0 += made.compared.0;
        compared.1 += made.compared.1;
    }
    assert!(compared.0 > 100 && compared.1 > 5, "{compared:?}");
}
