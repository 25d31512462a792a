//! Which function's calls lead to which, and how often.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    run::{LinkKey, Run},
    side::{Side, Sides},
};

/// The links of all rounds.
#[derive(Clone, Debug, Default)]
pub(super) struct Links(BTreeMap<LinkKey, BTreeMap<usize, Sides<u64>>>);

/// A function that another leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reached<'l> {
    pub(super) function: &'l str,
    /// A goroutine was started on the way.
    pub(super) starts: bool,
}

impl Links {
    pub(super) fn add(&mut self, round: usize, side: Side, run: &Run) {
        for (key, calls) in run.links() {
            let counts = self
                .0
                .entry(key.clone())
                .or_default()
                .entry(round)
                .or_default();
            match side {
                Side::Before => counts.before = calls,
                Side::After => counts.after = calls,
            }
        }
    }

    /// All that a function leads to on either side, in any number of steps. It is among them where it leads to itself.
    pub(super) fn reached(&self, from: &str) -> BTreeSet<Reached<'_>> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<_> = self.next(from, false).collect();
        while let Some(next) = open.pop() {
            if reached.insert(next) {
                open.extend(self.next(next.function, next.starts));
            }
        }
        reached
    }

    fn next(&self, parent: &str, starts: bool) -> impl Iterator<Item = Reached<'_>> {
        self.of(parent).map(move |(key, _)| Reached {
            function: key.child.as_str(),
            starts: starts || key.starts,
        })
    }

    /// The links of a function, and how many calls went their way in which round.
    pub(super) fn of(
        &self,
        parent: &str,
    ) -> impl Iterator<Item = (&LinkKey, &BTreeMap<usize, Sides<u64>>)> {
        let first = LinkKey {
            parent: parent.to_owned(),
            child: String::new(),
            starts: false,
        };
        let parent = parent.to_owned();
        self.0
            .range(first..)
            .take_while(move |(key, _)| key.parent == parent)
    }
}

#[cfg(test)]
mod tests {
    use model::Nanoseconds;

    use super::*;
    use crate::latency::{Parent, Time};

    fn run(calls: &[(&str, Parent<'_>)]) -> Run {
        let time = Time {
            took: Nanoseconds(1),
            uncertainty: Nanoseconds(0),
        };
        let mut run = Run::default();
        for (function, parent) in calls {
            run.add(function, *parent, time, time);
        }
        run
    }

    #[test]
    fn what_is_reached_says_whether_a_goroutine_was_started() {
        let mut links = Links::default();
        let before = [
            ("a", Parent::Unwatched),
            ("b", Parent::Caller("a")),
            ("c", Parent::Starter("b")),
            ("b", Parent::Caller("c")),
        ];
        links.add(0, Side::Before, &run(&before));
        links.add(0, Side::After, &run(&[("d", Parent::Caller("a"))]));
        let reached = |from| {
            links
                .reached(from)
                .into_iter()
                .map(|to| (to.function, to.starts))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            reached("a"),
            [("b", false), ("b", true), ("c", true), ("d", false)]
        );
        assert_eq!(reached("b"), [("b", true), ("c", true)]);
        assert_eq!(reached("d"), []);
    }

    #[test]
    fn calls_are_counted_by_round_and_side() {
        let mut links = Links::default();
        links.add(
            0,
            Side::Before,
            &run(&[("b", Parent::Caller("a")), ("b", Parent::Caller("a"))]),
        );
        links.add(2, Side::After, &run(&[("b", Parent::Caller("a"))]));
        let counts: Vec<_> = links
            .of("a")
            .flat_map(|(_, counts)| counts.clone())
            .collect();
        assert_eq!(
            counts,
            [
                (
                    0,
                    Sides {
                        before: 2,
                        after: 0
                    }
                ),
                (
                    2,
                    Sides {
                        before: 0,
                        after: 1
                    }
                )
            ]
        );
    }
}
