//! Which calls of two lists are the same call: those that are equal in all first, then those of one function, in their order.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    time::{Duration, Instant},
};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use crate::run::Node;

/// Where a call of one list stands in the other; numbers are indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pair {
    /// In both, in the same order.
    Both(usize, usize),
    /// In both, before or after others that it stands the other way round to.
    Moved(usize, usize),
    /// In the first alone.
    Gone(usize),
    /// In the second alone.
    Added(usize),
}

/// What is aligned: a call with all that is below it.
pub(crate) trait Aligned {
    /// All that is compared of it and of what is below it.
    fn whole(&self) -> u64;
    /// What it is called.
    fn key(&self) -> u64;
    /// What it is called and what it was given.
    fn inputs(&self) -> u64;
}

impl Aligned for Node {
    fn whole(&self) -> u64 {
        let below: Vec<u64> = self.below.iter().map(Aligned::whole).collect();
        hash(&(&self.key, &self.began, &self.call, below))
    }

    fn key(&self) -> u64 {
        hash(&self.key)
    }

    fn inputs(&self) -> u64 {
        hash(&(&self.key, self.call.as_ref().map(|call| &call.arguments)))
    }
}

/// How long the best alignment is looked for; after that a good one is taken. Lists of some thousand calls take less.
const PATIENCE: Duration = Duration::from_millis(500);

/// Aligns two lists, in the order of the second with what is gone where it was.
pub(crate) fn align<N: Aligned>(before: &[N], after: &[N]) -> Vec<Pair> {
    let whole = |nodes: &[N]| nodes.iter().map(Aligned::whole).collect::<Vec<_>>();
    let mut both = Vec::new();
    for gap in gaps(&whole(before), &whole(after), &mut both) {
        let keys = |nodes: &[N]| nodes.iter().map(Aligned::key).collect::<Vec<_>>();
        let (from, to) = (gap.before.start, gap.after.start);
        let mut inner = Vec::new();
        gaps(
            &keys(before.get(gap.before).unwrap_or_default()),
            &keys(after.get(gap.after).unwrap_or_default()),
            &mut inner,
        );
        both.extend(inner.into_iter().map(|(b, a)| (from + b, to + a)));
    }
    both.sort_unstable();
    let mut others = HashMap::new();
    let mut left = Left::new(before, after, &both);
    let moved = left.pair(Aligned::inputs).into_iter();
    others.extend(moved.map(|(b, a)| (a, Pair::Moved(b, a))));
    // With other arguments, in another place: still rather the same call than one more and one less.
    let rest = left.pair(Aligned::key).into_iter();
    others.extend(rest.map(|(b, a)| (a, Pair::Both(b, a))));
    in_order(before.len(), after.len(), &both, &others)
}

/// Ranges of two lists between what is in both.
struct Gap {
    before: std::ops::Range<usize>,
    after: std::ops::Range<usize>,
}

/// Adds what is in both lists to `both`, and gives what lies between.
fn gaps(before: &[u64], after: &[u64], both: &mut Vec<(usize, usize)>) -> Vec<Gap> {
    let deadline = Some(Instant::now() + PATIENCE);
    let operations = capture_diff_slices_deadline(Algorithm::Myers, before, after, deadline);
    let mut gaps = Vec::new();
    let (mut from, mut to) = (0, 0);
    for operation in operations {
        let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = operation
        else {
            continue;
        };
        gaps.push(Gap {
            before: from..old_index,
            after: to..new_index,
        });
        both.extend((0..len).map(|offset| (old_index + offset, new_index + offset)));
        (from, to) = (old_index + len, new_index + len);
    }
    gaps.push(Gap {
        before: from..before.len(),
        after: to..after.len(),
    });
    gaps
}

/// What is in one list alone, by its index.
struct Left<'n, N> {
    before: BTreeMap<usize, &'n N>,
    after: BTreeMap<usize, &'n N>,
}

impl<'n, N: Aligned> Left<'n, N> {
    fn new(before: &'n [N], after: &'n [N], both: &[(usize, usize)]) -> Self {
        let (in_before, in_after): (BTreeSet<usize>, BTreeSet<usize>) =
            both.iter().copied().unzip();
        let without = |nodes: &'n [N], known: &BTreeSet<usize>| {
            let nodes = nodes.iter().enumerate();
            nodes.filter(|(index, _)| !known.contains(index)).collect()
        };
        Self {
            before: without(before, &in_before),
            after: without(after, &in_after),
        }
    }

    /// Takes out what has the same key in both, in order.
    fn pair(&mut self, key: impl Fn(&N) -> u64) -> Vec<(usize, usize)> {
        let mut by_key: HashMap<u64, VecDeque<usize>> = HashMap::new();
        for (index, node) in &self.after {
            by_key.entry(key(node)).or_default().push_back(*index);
        }
        let before = self.before.iter();
        let pairs: Vec<(usize, usize)> = before
            .filter_map(|(index, node)| Some((*index, by_key.get_mut(&key(node))?.pop_front()?)))
            .collect();
        for (before, after) in &pairs {
            self.before.remove(before);
            self.after.remove(after);
        }
        pairs
    }
}

/// All pairs in the order of the second list. `others` are those that are not in the order of both, by their index in the second.
fn in_order(
    before: usize,
    after: usize,
    both: &[(usize, usize)],
    others: &HashMap<usize, Pair>,
) -> Vec<Pair> {
    let elsewhere: BTreeSet<usize> = others
        .values()
        .filter_map(|pair| match pair {
            Pair::Both(before, _) | Pair::Moved(before, _) => Some(*before),
            Pair::Gone(_) | Pair::Added(_) => None,
        })
        .collect();
    let mut pairs = Vec::new();
    let (mut from, mut to) = (0, 0);
    let end = (before, after);
    for (b, a) in both.iter().copied().chain([end]) {
        let gone = (from..b).filter(|index| !elsewhere.contains(index));
        pairs.extend(gone.map(Pair::Gone));
        pairs
            .extend((to..a).map(|index| others.get(&index).copied().unwrap_or(Pair::Added(index))));
        if (b, a) != end {
            pairs.push(Pair::Both(b, a));
        }
        (from, to) = (b + 1, a + 1);
    }
    pairs
}

pub(crate) fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::{Pair, align};
    use crate::{run::Node, testing::call};

    fn nodes(names: &str) -> Vec<Node> {
        names
            .split_whitespace()
            .map(|name| call(name, &[]))
            .collect()
    }

    fn pairs(before: &str, after: &str) -> Vec<Pair> {
        align(&nodes(before), &nodes(after))
    }

    #[test]
    fn equal_lists_are_the_same() {
        assert_eq!(pairs("a b", "a b"), [Pair::Both(0, 0), Pair::Both(1, 1)]);
        assert_eq!(pairs("", ""), []);
    }

    #[test]
    fn what_is_gone_stands_where_it_was() {
        assert_eq!(
            pairs("a b c", "a c d"),
            [
                Pair::Both(0, 0),
                Pair::Gone(1),
                Pair::Both(2, 1),
                Pair::Added(2)
            ]
        );
    }

    #[test]
    fn calls_with_other_arguments_are_the_same_call_where_nothing_fits_better() {
        let before = [call("f", &["1"]), call("f", &["2"])];
        let after = [call("f", &["2"]), call("f", &["3"])];
        assert_eq!(align(&before, &after), [Pair::Both(1, 0), Pair::Both(0, 1)]);
        let after = [call("f", &["1"]), call("f", &["3"])];
        assert_eq!(align(&before, &after), [Pair::Both(0, 0), Pair::Both(1, 1)]);
    }

    #[test]
    fn another_order_is_told_by_what_moved() {
        let pairs = pairs("a b c", "b a c");
        let moved = pairs.iter().filter(|pair| matches!(pair, Pair::Moved(..)));
        assert_eq!(moved.count(), 1);
        assert!(pairs.contains(&Pair::Both(2, 2)));
    }

    #[test]
    fn each_call_is_in_one_pair() {
        let mut random = fastrand::Rng::with_seed(16);
        for _ in 0..500 {
            let mut list = || -> Vec<Node> {
                let length = random.usize(0..12);
                let names = (0..length).map(|_| {
                    let name = ["a", "b", "c"][random.usize(0..3)];
                    call(name, &[["1", "2"][random.usize(0..2)]])
                });
                names.collect()
            };
            let (before, after) = (list(), list());
            let (mut from, mut to) = (Vec::new(), Vec::new());
            for pair in align(&before, &after) {
                let (b, a) = match pair {
                    Pair::Both(b, a) | Pair::Moved(b, a) => (Some(b), Some(a)),
                    Pair::Gone(b) => (Some(b), None),
                    Pair::Added(a) => (None, Some(a)),
                };
                if let (Some(b), Some(a)) = (b, a) {
                    assert_eq!(before[b].key, after[a].key);
                }
                from.extend(b);
                to.extend(a);
            }
            from.sort_unstable();
            assert_eq!(from, (0..before.len()).collect::<Vec<_>>());
            assert_eq!(
                to,
                (0..after.len()).collect::<Vec<_>>(),
                "in the order of the second"
            );
        }
    }
}
