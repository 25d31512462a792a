//! Two trees, call by call: which calls are the same, and what was moved from below one call to below another.

use std::collections::{HashMap, VecDeque};

use super::{
    change::Change,
    node::{Node, Shape},
    value::read,
};
use crate::{
    align::{Aligned, Pair, align},
    value::Value,
};

/// A call of one tree or of both.
pub(super) enum Piece<'t> {
    /// It is in both.
    Both {
        before: &'t Node,
        after: &'t Node,
        /// Where it went, seen from its neighbours.
        moved: Option<Way>,
        /// What it differs in itself.
        changes: Vec<Change>,
        /// What is below it; empty where nothing differs.
        below: Vec<Piece<'t>>,
        /// Whether neither it nor anything below it differs.
        same: bool,
    },
    /// It is in the first alone, or was moved to below this one.
    Gone(&'t Node, Option<String>),
    /// It is in the second alone, or was moved from below this one.
    Added(&'t Node, Option<String>),
}

/// Where a call went among its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It comes earlier than it did.
    Earlier,
    /// It comes later than it did.
    Later,
}

/// What gives a function's parameters their names; empty where it does not know.
pub(super) type Names<'n> = &'n dyn Fn(&str) -> Vec<String>;

/// Two lists of nodes as pieces.
pub(super) fn pieces<'t>(
    before: &'t [Node],
    after: &'t [Node],
    names: Names<'_>,
) -> Vec<Piece<'t>> {
    let mut pieces = aligned(before, after, names);
    let mut seats = Seats::default();
    seats.note(&pieces, "the test");
    seats.seat(&mut pieces);
    pieces
}

fn aligned<'t>(before: &'t [Node], after: &'t [Node], names: Names<'_>) -> Vec<Piece<'t>> {
    let pairs = align(before, after).into_iter();
    let pieces = pairs.filter_map(|pair| {
        Some(match pair {
            Pair::Both(b, a) => both(before.get(b)?, after.get(a)?, None, names),
            Pair::Moved(b, a) => {
                let way = match a < b {
                    true => Way::Earlier,
                    false => Way::Later,
                };
                both(before.get(b)?, after.get(a)?, Some(way), names)
            }
            Pair::Gone(b) => Piece::Gone(before.get(b)?, None),
            Pair::Added(a) => Piece::Added(after.get(a)?, None),
        })
    });
    pieces.collect()
}

fn both<'t>(before: &'t Node, after: &'t Node, moved: Option<Way>, names: Names<'_>) -> Piece<'t> {
    let same = before == after;
    let (changes, below) = match same {
        true => (Vec::new(), Vec::new()),
        false => (
            changes(before, after, names),
            aligned(&before.below, &after.below, names),
        ),
    };
    Piece::Both {
        before,
        after,
        moved,
        changes,
        below,
        same,
    }
}

/// What two nodes differ in, without what is below them.
fn changes(before: &Node, after: &Node, names: Names<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut other = |path: &str, before: &str, after: &str| {
        if before != after {
            let told = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            changes.push(Change {
                path: path.to_owned(),
                before: told(before),
                after: told(after),
                is_value: false,
            });
        }
    };
    let times = |count: usize| format!("×{count}");
    match (&before.shape, &after.shape) {
        (
            Shape::Request { query, answer, .. },
            Shape::Request {
                query: other_query,
                answer: other_answer,
                ..
            },
        ) => {
            other("query", query, other_query);
            other("answer", answer, other_answer);
        }
        (
            Shape::Call {
                is_go,
                arguments,
                results,
                end,
                function,
            },
            Shape::Call {
                is_go: other_go,
                arguments: other_arguments,
                results: other_results,
                end: other_end,
                ..
            },
        ) => {
            let started = |is_go: &bool| match is_go {
                true => "`go`",
                false => "a call",
            };
            other("started by", started(is_go), started(other_go));
            other("ended", end, other_end);
            let names = names(function);
            for index in 0..arguments.len().max(other_arguments.len()) {
                let (before, after) = (arguments.get(index), other_arguments.get(index));
                let told = [before, after].into_iter().flatten();
                let told = told.filter_map(|(name, _)| name.clone()).next();
                let known = names
                    .get(index)
                    .filter(|name| !matches!(name.as_str(), "" | "_"));
                let name = told.or_else(|| known.cloned());
                let name = name.unwrap_or_else(|| format!("argument {}", index + 1));
                let value =
                    |argument: Option<&(Option<String>, Value)>| argument.map(|it| it.1.clone());
                values(&mut changes, &name, value(before), value(after));
            }
            for index in 0..results.len().max(other_results.len()) {
                let name = format!("returns[{index}]");
                let (before, after) = (results.get(index), other_results.get(index));
                values(&mut changes, &name, before.cloned(), after.cloned());
            }
        }
        _ => other("line", &before.text, &after.text),
    }
    if before.count != after.count {
        changes.push(Change {
            path: "times".to_owned(),
            before: Some(times(before.count)),
            after: Some(times(after.count)),
            is_value: false,
        });
    }
    if changes.is_empty() && before.text != after.text {
        // The same values, written in another way.
        changes.push(Change {
            path: "line".to_owned(),
            before: Some(before.text.clone()),
            after: Some(after.text.clone()),
            is_value: false,
        });
    }
    changes
}

/// What a value differs in.
fn values(changes: &mut Vec<Change>, name: &str, before: Option<Value>, after: Option<Value>) {
    let nothing = || read("nothing").1;
    let told = before.is_some() && after.is_some();
    let (before, after) = (
        before.unwrap_or_else(nothing),
        after.unwrap_or_else(nothing),
    );
    let differing = before.changes(&after, name).into_iter();
    changes.extend(differing.map(|change| Change {
        path: change.path,
        before: change.before,
        after: change.after,
        is_value: told,
    }));
}

/// Calls that are in one tree alone, each with what it is below.
#[derive(Default)]
struct Seats {
    gone: HashMap<u64, VecDeque<String>>,
    added: HashMap<u64, VecDeque<String>>,
}

impl Seats {
    fn note(&mut self, pieces: &[Piece<'_>], parent: &str) {
        for piece in pieces {
            match piece {
                Piece::Both { after, below, .. } => self.note(below, after.name()),
                Piece::Gone(node, _) => self
                    .gone
                    .entry(node.whole())
                    .or_default()
                    .push_back(parent.to_owned()),
                Piece::Added(node, _) => self
                    .added
                    .entry(node.whole())
                    .or_default()
                    .push_back(parent.to_owned()),
            }
        }
    }

    /// Says of calls that are equal with all below them where they went and where they came from: as many as there are in both.
    fn seat(&self, pieces: &mut [Piece<'_>]) {
        let (mut to, mut from) = (HashMap::new(), HashMap::new());
        for (whole, gone) in &self.gone {
            if let Some(added) = self.added.get(whole) {
                let pairs = gone.len().min(added.len());
                let take = |seats: &VecDeque<String>| -> VecDeque<String> {
                    seats.iter().take(pairs).cloned().collect()
                };
                to.insert(*whole, take(added));
                from.insert(*whole, take(gone));
            }
        }
        told(pieces, &mut to, &mut from);
    }
}

fn told(
    pieces: &mut [Piece<'_>],
    to: &mut HashMap<u64, VecDeque<String>>,
    from: &mut HashMap<u64, VecDeque<String>>,
) {
    for piece in pieces {
        match piece {
            Piece::Both { below, .. } => told(below, to, from),
            Piece::Gone(node, seat) => {
                *seat = to.get_mut(&node.whole()).and_then(VecDeque::pop_front);
            }
            Piece::Added(node, seat) => {
                *seat = from.get_mut(&node.whole()).and_then(VecDeque::pop_front);
            }
        }
    }
}
