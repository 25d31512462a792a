//! A part of a test, on both sides at once.

use std::collections::BTreeMap;

use judge::outline::Began;
use model::{Outcome, SourcePosition, Timestamp};

use crate::{
    align::{Pair, align},
    change::{Change, What},
    run::{Node, Shape},
    value::{Value, ValueChange},
};

/// A change, and when it showed on each side, if that is known.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) change: Change,
    times: [Option<Timestamp>; 2],
    /// Whether no call of the part had ended before.
    is_opening: bool,
}

impl Found {
    /// A change that comes after those that were found before it.
    pub(crate) const fn without_time(change: Change) -> Self {
        Self {
            change,
            times: [None, None],
            is_opening: false,
        }
    }

    /// Whether the part was given something else when it began: no call of it is seen that could have brought that.
    pub(crate) const fn is_given(&self) -> bool {
        self.is_opening && matches!(self.change.what, What::Arguments(_))
    }

    /// Whether it showed before another. What is on one side alone is compared by the times of that side.
    pub(crate) fn is_before(&self, other: &Self) -> bool {
        let [before, after] = self.times;
        let [other_before, other_after] = other.times;
        match (after.zip(other_after), before.zip(other_before)) {
            (Some((own, other)), _) | (None, Some((own, other))) => own < other,
            (None, None) => false,
        }
    }
}

/// A call that is around others on both sides.
struct Frame {
    /// Its function's name on the second side.
    name: String,
    /// What it is called on both.
    key: String,
    /// Where its function begins.
    places: [Option<SourcePosition>; 2],
}

/// Goes through a part of both sides.
pub(crate) struct Walk<'p> {
    part: &'p str,
    /// The calls around, outermost first.
    stack: Vec<Frame>,
    pub(crate) found: Vec<Found>,
    /// Whether a call has ended that is on both sides.
    has_ended: bool,
}

impl<'p> Walk<'p> {
    pub(crate) const fn of(part: &'p str) -> Self {
        Self {
            part,
            stack: Vec::new(),
            found: Vec::new(),
            has_ended: false,
        }
    }

    fn found(&mut self, before: Option<&Node>, after: Option<&Node>, what: What) {
        let node = after.or(before);
        let place = |node: Option<&Node>| node.and_then(|node| node.place.clone());
        let is_at_end = matches!(what, What::Results(_) | What::Outcome { .. });
        let time = |node: Option<&Node>| match is_at_end {
            true => node.and_then(|node| node.left),
            false => node.and_then(|node| node.entered),
        };
        let caller = self.stack.last();
        // What is called, and with what, its caller says.
        let places = match caller.filter(|_| !is_at_end) {
            Some(caller) => caller.places.clone(),
            None => [place(before), place(after)],
        };
        self.found.push(Found {
            times: [time(before), time(after)],
            is_opening: !self.has_ended,
            change: Change {
                part: self.part.to_owned(),
                stack: self.stack.iter().map(|frame| frame.name.clone()).collect(),
                function: node.map(|node| node.name.clone()).unwrap_or_default(),
                keys: [
                    node.map(|node| node.key.clone()).unwrap_or_default(),
                    caller.map(|frame| frame.key.clone()).unwrap_or_default(),
                ],
                places,
                what,
            },
        });
    }

    /// Calls of one function, or of a request, on both sides.
    pub(crate) fn list(&mut self, before: &[Node], after: &[Node], unordered: bool) {
        let pairs = together(align(before, after), before, after);
        let mut counted = Vec::new();
        for (place, pair) in pairs.iter().enumerate() {
            match *pair {
                Pair::Both(from, to) | Pair::Moved(from, to) => {
                    let (Some(was), Some(is)) = (before.get(from), after.get(to)) else {
                        continue;
                    };
                    if matches!(pair, Pair::Moved(..)) && !unordered {
                        self.order(&pairs, place, before, after);
                    }
                    self.pair(was, is);
                }
                Pair::Gone(from) => {
                    self.count(before.get(from), before, after, &mut counted, false);
                }
                Pair::Added(to) => self.count(after.get(to), before, after, &mut counted, true),
            }
        }
    }

    /// The same call, or the same goroutine, on both sides.
    fn pair(&mut self, before: &Node, after: &Node) {
        let goroutine = |own| What::Goroutine { own };
        match (&before.call, &after.call) {
            (Some(_), None) => {
                if let Some(inner) = only(after, &before.key) {
                    self.found(Some(before), Some(inner), goroutine(true));
                    self.call(before, inner);
                }
            }
            (None, Some(_)) => {
                if let Some(inner) = only(before, &after.key) {
                    self.found(Some(inner), Some(after), goroutine(false));
                    self.call(inner, after);
                }
            }
            _ => {
                if let (Some(was), Some(is)) = (before.began.known(), after.began.known())
                    && was != is
                {
                    let own = *is == Began::ByGo;
                    self.found(Some(before), Some(after), goroutine(own));
                }
                self.call(before, after);
            }
        }
    }

    fn call(&mut self, before: &Node, after: &Node) {
        let arguments = match (&before.call, &after.call) {
            (Some(was), Some(is)) => changes(&was.arguments, &is.arguments),
            _ => Vec::new(),
        };
        if !arguments.is_empty() {
            self.found(Some(before), Some(after), What::Arguments(arguments));
        }
        self.stack.push(Frame {
            name: after.name.clone(),
            key: after.key.clone(),
            places: [before.place.clone(), after.place.clone()],
        });
        self.list(
            &before.below,
            &after.below,
            before.unordered || after.unordered,
        );
        self.stack.pop();
        if let (Some(was), Some(is)) = (&before.call, &after.call) {
            self.end(before, after, was, is);
            self.has_ended = true;
        }
    }

    fn end(&mut self, before: &Node, after: &Node, was: &Shape, is: &Shape) {
        if let (Some(outcome), Some(other)) = (was.outcome.known(), is.outcome.known())
            && outcome != other
        {
            let end = |outcome: Outcome, shape: &Shape| {
                let results = shape.results.iter().map(|(_, value)| value.line());
                (outcome, results.collect())
            };
            let what = What::Outcome {
                before: end(*outcome, was),
                after: end(*other, is),
            };
            self.found(Some(before), Some(after), what);
            return;
        }
        let results = changes(&was.results, &is.results);
        if !results.is_empty() {
            self.found(Some(before), Some(after), What::Results(results));
        }
    }

    /// A call that changed places: with the nearest that is called before it on one side and after it on the other.
    fn order(&mut self, pairs: &[Pair], place: usize, before: &[Node], after: &[Node]) {
        let Some(Pair::Moved(from, to)) = pairs.get(place).copied() else {
            return;
        };
        let others = pairs.iter().filter_map(|pair| match *pair {
            Pair::Both(b, a) | Pair::Moved(b, a) if b != from => Some((b, a)),
            _ => None,
        });
        // Calls of one function can't be told from one another.
        let is_other = |index: usize| {
            let other = after.get(index).map(|node| &node.key);
            other != after.get(to).map(|node| &node.key)
        };
        let crossed = others.filter(|(b, a)| (*b < from) != (*a < to) && is_other(*a));
        let nearest = crossed.min_by_key(|(_, a)| a.abs_diff(to));
        let Some((other_before, other_after)) = nearest else {
            return;
        };
        let Some(other) = after.get(other_after) else {
            return;
        };
        // The two changed places once, however it is seen.
        let is_known = self.found.iter().any(|Found { change: known, .. }| {
            matches!(&known.what, What::Order { other: name, .. }
                if known.stack.iter().eq(self.stack.iter().map(|frame| &frame.name))
                    && after.get(to).is_some_and(|node| node.name == *name)
                    && known.function == other.name)
        });
        if is_known {
            return;
        }
        let what = What::Order {
            other: other.name.clone(),
            earlier: from > other_before,
        };
        self.found(before.get(from), after.get(to), what);
    }

    /// A call that is on one side alone: how often its function is called on each, once for each function.
    fn count(
        &mut self,
        node: Option<&Node>,
        before: &[Node],
        after: &[Node],
        counted: &mut Vec<String>,
        added: bool,
    ) {
        let Some(node) = node.filter(|node| !node.sometimes) else {
            return;
        };
        if counted.contains(&node.key) {
            return;
        }
        let all = |nodes: &[Node]| nodes.iter().filter(|other| other.key == node.key).count();
        let uncertain = |nodes: &[Node]| {
            let mut same = nodes.iter().filter(|other| other.key == node.key);
            same.any(|other| other.sometimes)
        };
        if uncertain(before) || uncertain(after) {
            return;
        }
        counted.push(node.key.clone());
        let arguments = node.call.iter().flat_map(|call| &call.arguments);
        let what = What::Calls {
            before: all(before),
            after: all(after),
            arguments: arguments
                .map(|(name, value)| (name.clone(), value.line()))
                .collect(),
        };
        let (was, is) = match added {
            true => (None, Some(node)),
            false => (Some(node), None),
        };
        self.found(was, is, what);
    }
}

/// Joins what is gone with what is new where it is the same call in a goroutine of its own, or the same goroutine under another name.
fn together(pairs: Vec<Pair>, before: &[Node], after: &[Node]) -> Vec<Pair> {
    let gone = pairs.iter().filter_map(|pair| match *pair {
        Pair::Gone(from) => Some(from),
        _ => None,
    });
    let mut gone: Vec<usize> = gone.collect();
    let mut joined = BTreeMap::new();
    for pair in &pairs {
        let Pair::Added(to) = *pair else { continue };
        let place = gone.iter().position(|from| {
            matches!((before.get(*from), after.get(to)), (Some(was), Some(is)) if is_same_work(was, is))
        });
        if let Some(place) = place {
            joined.insert(to, gone.remove(place));
        }
    }
    let taken: Vec<usize> = joined.values().copied().collect();
    let pairs = pairs.into_iter().filter_map(|pair| match pair {
        Pair::Gone(from) if taken.contains(&from) => None,
        Pair::Added(to) => Some(joined.get(&to).map_or(pair, |from| Pair::Both(*from, to))),
        pair => Some(pair),
    });
    pairs.collect()
}

fn is_same_work(before: &Node, after: &Node) -> bool {
    let keys = |node: &Node| -> Vec<String> { node.below.iter().map(|b| b.key.clone()).collect() };
    match (&before.call, &after.call) {
        (Some(_), None) => only(after, &before.key).is_some(),
        (None, Some(_)) => only(before, &after.key).is_some(),
        (None, None) => keys(before) == keys(after),
        (Some(_), Some(_)) => false,
    }
}

/// The call with this key directly in a goroutine, as one that is in a goroutine of its own.
fn only<'n>(goroutine: &'n Node, key: &str) -> Option<&'n Node> {
    let mut calls = goroutine.below.iter().filter(|node| node.key == key);
    calls.next().filter(|_| calls.next().is_none())
}

fn changes(before: &[(String, Value)], after: &[(String, Value)]) -> Vec<ValueChange> {
    let mut changes = Vec::new();
    let longest = before.len().max(after.len());
    for index in 0..longest {
        match (before.get(index), after.get(index)) {
            (Some((_, was)), Some((path, is))) => changes.extend(was.changes(is, path)),
            (was, is) => {
                let path = was.or(is).map(|(path, _)| path.clone());
                changes.push(ValueChange {
                    path: path.unwrap_or_default(),
                    before: was.map(|(_, value)| value.line()),
                    after: is.map(|(_, value)| value.line()),
                });
            }
        }
    }
    changes
}
