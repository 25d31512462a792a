//! What differs between two sides: where each difference begins, and what follows from it.
//!
//! Both sides are walked together in the order in which things happened. A call that was given the same on both sides and brings
//! something else has changed itself, or something in it has; so the walk goes in, as far as there are watched calls, and the first
//! difference that it meets is a **root**. All that it meets later in the same request or Go test lies on the root's path, or may: the
//! **consequences**. What [varies](crate::Side::unstable) on a side is no difference.

use std::collections::BTreeMap;

use judge::outline::Began;
use model::{Outcome, SourcePosition};

use crate::{
    align::{Pair, align},
    run::{Node, Part, Shape},
    side::Side,
    value::ValueChange,
};

/// So many consequences of a difference are kept; more are counted.
const MAX_CONSEQUENCES: usize = 40;

/// What differs between two sides of one test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What differs, each where it begins, in the order in which it happened.
    pub differences: Vec<Difference>,
    /// Why not all was seen, if so: then something may differ that is not told.
    pub doubt: Option<String>,
}

/// A difference, and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where it begins.
    pub root: Change,
    /// The other requests and Go tests in which the same difference begins.
    pub also: Vec<String>,
    /// Whether something else differed earlier in the same test, from which it may follow: a program keeps state.
    pub later: bool,
    /// What lies on its path, in the order in which it happened.
    pub consequences: Vec<Change>,
    /// How many consequences there are besides.
    pub more: usize,
}

/// One thing that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The request or Go test that it belongs to.
    pub part: String,
    /// The calls around it, outermost first.
    pub stack: Vec<String>,
    /// The function that it is about; empty for a change of the part itself.
    pub function: String,
    /// Where the function begins in the source in which the change is to be looked for, before and after: the function's own where it
    /// gives or does something else, its caller's where it is called otherwise.
    pub places: [Option<SourcePosition>; 2],
    /// What it is.
    pub what: What,
    /// What makes it the same change in another request, another test, or another comparison.
    pub signature: Signature,
}

/// What two changes have in common that are the same one: all but the values, and the calls further out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signature {
    /// The function, as it is called on both sides.
    function: String,
    /// The innermost call around it, likewise.
    caller: String,
    /// The kind of the change, with the places in values that it is about.
    kind: String,
}

/// What is not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is called with other arguments.
    Arguments(Vec<ValueChange>),
    /// Called with the same arguments, it gives other results.
    Results(Vec<ValueChange>),
    /// It ends in another way; with what it returned, where it did.
    Outcome {
        /// How it ended, and its results.
        before: (Outcome, Vec<String>),
        /// How it ends.
        after: (Outcome, Vec<String>),
    },
    /// It is called more or less often.
    Calls {
        /// How often it was called there.
        before: usize,
        /// How often it is.
        after: usize,
        /// The arguments of the first call that is new, or gone.
        arguments: Vec<(String, String)>,
    },
    /// It is called earlier or later than that function.
    Order {
        /// The function that it changed places with.
        other: String,
        /// Whether it is called before it now.
        earlier: bool,
    },
    /// It runs in a goroutine of its own, or does not any more.
    Goroutine {
        /// Whether it has one now.
        own: bool,
    },
    /// The request is answered otherwise.
    Answer {
        /// The status, or why there was no answer.
        before: String,
        /// The same now.
        after: String,
    },
    /// The request or the Go test is there on one side alone.
    Part {
        /// Whether it is new.
        added: bool,
    },
    /// A stub is asked more or less often.
    Asked {
        /// `rates: GET /rates`.
        request: String,
        /// How often it was asked.
        before: usize,
        /// How often it is.
        after: usize,
    },
}

/// Compares two sides of a test.
#[must_use]
pub fn compare(before: &Side, after: &Side) -> Comparison {
    let mut roots = Roots::default();
    let (matched, alone) = matched(&before.parts, &after.parts);
    for (before, after) in matched {
        let mut walk = Walk::of(&before.name);
        walk.list(
            &before.below,
            &after.below,
            before.unordered || after.unordered,
        );
        if let (Some(was), Some(is)) = (before.answer.known(), after.answer.known())
            && was != is
        {
            let (before, after) = (was.clone(), is.clone());
            walk.found_of_part(What::Answer { before, after });
        }
        roots.add(walk.found);
    }
    for (part, added) in alone {
        let mut walk = Walk::of(&part.name);
        walk.found_of_part(What::Part { added });
        roots.add(walk.found);
    }
    roots.add_asked(asked(before, after));
    let doubt = before.doubt.as_ref().or(after.doubt.as_ref());
    Comparison {
        differences: roots.differences,
        doubt: doubt.cloned(),
    }
}

/// Parts of the same name, in their order, and those that are on one side alone, with whether it is the second.
fn matched<'s>(
    before: &'s [Part],
    after: &'s [Part],
) -> (Vec<(&'s Part, &'s Part)>, Vec<(&'s Part, bool)>) {
    let mut rest: Vec<&Part> = after.iter().collect();
    let mut both = Vec::new();
    let mut alone = Vec::new();
    for part in before {
        match rest.iter().position(|other| other.name == part.name) {
            Some(place) => both.push((part, rest.remove(place))),
            None if part.sometimes => {}
            None => alone.push((part, false)),
        }
    }
    let added = rest.into_iter().filter(|part| !part.sometimes);
    alone.extend(added.map(|part| (part, true)));
    (both, alone)
}

/// What the stubs are asked more or less often, where that is the same in all runs of each side.
fn asked(before: &Side, after: &Side) -> Vec<What> {
    let (Some(before), Some(after)) = (&before.asked, &after.asked) else {
        return Vec::new();
    };
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for request in before {
        counts.entry(request).or_default().0 += 1;
    }
    for request in after {
        counts.entry(request).or_default().1 += 1;
    }
    let changed = counts
        .into_iter()
        .filter(|(_, (before, after))| before != after);
    changed
        .map(|(request, (before, after))| What::Asked {
            request: request.to_owned(),
            before,
            after,
        })
        .collect()
}

/// The differences that were found so far.
#[derive(Default)]
struct Roots {
    differences: Vec<Difference>,
}

impl Roots {
    /// Adds what was found in one part, in order: the first is the root of the others.
    fn add(&mut self, found: Vec<Change>) {
        let mut found = found.into_iter();
        let Some(root) = found.next() else {
            return;
        };
        let mut known = self.differences.iter_mut();
        if let Some(known) = known.find(|known| known.root.signature == root.signature) {
            known.also.push(root.part);
            return;
        }
        let mut consequences: Vec<Change> = found.collect();
        let more = consequences.len().saturating_sub(MAX_CONSEQUENCES);
        consequences.truncate(MAX_CONSEQUENCES);
        self.differences.push(Difference {
            later: !self.differences.is_empty(),
            root,
            also: Vec::new(),
            consequences,
            more,
        });
    }

    /// Adds what the stubs were asked: it follows from any difference in the calls.
    fn add_asked(&mut self, asked: Vec<What>) {
        let mut changes = asked.into_iter().map(|what| Change::of_part("", what));
        match self.differences.first_mut() {
            Some(first) => first.consequences.extend(changes),
            None => self.add(changes.by_ref().collect()),
        }
    }
}

impl What {
    /// What it has in common with the same change elsewhere.
    fn kind(&self) -> String {
        let paths = |values: &[ValueChange]| -> String {
            let paths = values.iter().map(|change| change.path.as_str());
            paths.collect::<Vec<_>>().join(" ")
        };
        match self {
            Self::Arguments(values) => format!("arguments {}", paths(values)),
            Self::Results(values) => format!("results {}", paths(values)),
            Self::Outcome { before, after } => format!("outcome {:?} {:?}", before.0, after.0),
            Self::Calls { before, after, .. } => format!("calls {:?}", before.cmp(after)),
            Self::Order { other, earlier } => format!("order {other} {earlier}"),
            Self::Goroutine { own } => format!("goroutine {own}"),
            Self::Answer { before, after } => format!("answer {before} {after}"),
            Self::Part { added } => format!("part {added}"),
            Self::Asked { request, .. } => format!("asked {request}"),
        }
    }
}

impl Change {
    /// One that is of no call.
    fn of_part(part: &str, what: What) -> Self {
        Self {
            part: part.to_owned(),
            stack: Vec::new(),
            function: String::new(),
            places: [None, None],
            signature: Signature {
                function: String::new(),
                caller: String::new(),
                kind: what.kind(),
            },
            what,
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
struct Walk<'p> {
    part: &'p str,
    /// The calls around, outermost first.
    stack: Vec<Frame>,
    found: Vec<Change>,
}

impl<'p> Walk<'p> {
    const fn of(part: &'p str) -> Self {
        Self {
            part,
            stack: Vec::new(),
            found: Vec::new(),
        }
    }

    fn found_of_part(&mut self, what: What) {
        self.found.push(Change::of_part(self.part, what));
    }

    fn found(&mut self, before: Option<&Node>, after: Option<&Node>, what: What) {
        let node = after.or(before);
        let place = |node: Option<&Node>| node.and_then(|node| node.place.clone());
        let caller = self.stack.last();
        // What is called, and with what, its caller says.
        let is_of_caller = !matches!(what, What::Results(_) | What::Outcome { .. });
        let places = match caller.filter(|_| is_of_caller) {
            Some(caller) => caller.places.clone(),
            None => [place(before), place(after)],
        };
        self.found.push(Change {
            part: self.part.to_owned(),
            stack: self.stack.iter().map(|frame| frame.name.clone()).collect(),
            function: node.map(|node| node.name.clone()).unwrap_or_default(),
            places,
            signature: Signature {
                function: node.map(|node| node.key.clone()).unwrap_or_default(),
                caller: caller.map(|frame| frame.key.clone()).unwrap_or_default(),
                kind: what.kind(),
            },
            what,
        });
    }

    /// Calls of one function, or of a request, on both sides.
    fn list(&mut self, before: &[Node], after: &[Node], unordered: bool) {
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
        let is_known = self.found.iter().any(|known| {
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

fn changes(
    before: &[(String, crate::value::Value)],
    after: &[(String, crate::value::Value)],
) -> Vec<ValueChange> {
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

#[cfg(test)]
mod tests;
