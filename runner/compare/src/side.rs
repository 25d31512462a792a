//! Several runs of a test on one side as one: what is the same in all of them, and what is not.

use crate::{
    align::{Pair, align},
    run::{Node, Part, Run, Shape},
    value::ValueChange,
};

/// What the runs of a side show together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// What is in them; what is not the same in all of them is marked.
    pub(crate) parts: Vec<Part>,
    /// What each stub was asked, if that is the same in all of them.
    pub(crate) asked: Option<Vec<String>>,
    /// What is not the same in all of them, each thing once.
    pub unstable: Vec<Unstable>,
    /// Why not all of a run was seen, if so.
    pub doubt: Option<String>,
    /// How many runs there were.
    pub runs: usize,
}

/// Something that is not the same in all runs of a side, so that it is no difference to the other side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unstable {
    /// The request or Go test.
    pub part: String,
    /// The function in which it is, or that is called; empty for the part itself.
    pub function: String,
    /// What it is.
    pub what: Wobble,
}

/// What is not the same in all runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wobble {
    /// A value, with two that it had.
    Value(ValueChange),
    /// How a call ended.
    Outcome,
    /// Whether it is called (so often), or the request is handled.
    Presence,
    /// Whether it runs in a goroutine of its own.
    Goroutine,
    /// The order of the calls in it.
    Order,
    /// What a request is answered with.
    Answer,
    /// What the stubs are asked.
    Stubs,
}

impl Side {
    /// What these runs of one test show together.
    #[must_use]
    pub fn settle(runs: Vec<Run>) -> Self {
        let count = runs.len();
        let doubt = runs.iter().find_map(|run| run.doubt.clone());
        let mut runs = runs.into_iter();
        let Some(first) = runs.next() else {
            return Self::default();
        };
        let mut settling = Settling::default();
        let mut side = Self {
            parts: first.parts,
            asked: Some(first.asked),
            doubt,
            runs: count,
            ..Self::default()
        };
        for run in runs {
            settling.parts(&mut side.parts, run.parts);
            if side.asked.as_ref().is_some_and(|asked| *asked != run.asked) {
                side.asked = None;
                settling.part.clear();
                settling.found("", Wobble::Stubs);
            }
        }
        side.unstable = settling.unstable;
        side
    }
}

#[derive(Default)]
struct Settling {
    /// The part that is being looked at.
    part: String,
    unstable: Vec<Unstable>,
}

impl Settling {
    fn found(&mut self, function: &str, what: Wobble) {
        let unstable = Unstable {
            part: self.part.clone(),
            function: function.to_owned(),
            what,
        };
        let is_same = |known: &Unstable| {
            let same_value = match (&known.what, &unstable.what) {
                (Wobble::Value(known), Wobble::Value(value)) => known.path == value.path,
                (known, what) => known == what,
            };
            same_value && known.part == unstable.part && known.function == unstable.function
        };
        if !self.unstable.iter().any(is_same) {
            self.unstable.push(unstable);
        }
    }

    fn parts(&mut self, parts: &mut Vec<Part>, others: Vec<Part>) {
        let mut rest = others;
        for part in parts.iter_mut() {
            self.part.clone_from(&part.name);
            match rest.iter().position(|other| other.name == part.name) {
                Some(place) => {
                    let other = rest.remove(place);
                    if part.answer.settle(&other.answer) {
                        self.found("", Wobble::Answer);
                    }
                    part.unordered |= self.nodes("", &mut part.below, other.below);
                }
                None => {
                    part.sometimes = true;
                    self.found("", Wobble::Presence);
                }
            }
        }
        for mut part in rest {
            self.part.clone_from(&part.name);
            self.found("", Wobble::Presence);
            part.sometimes = true;
            parts.push(part);
        }
    }

    /// Takes in what is below a function in another run; whether its order is another.
    fn nodes(&mut self, function: &str, nodes: &mut Vec<Node>, others: Vec<Node>) -> bool {
        let pairs = align(nodes, &others);
        let mut others: Vec<Option<Node>> = others.into_iter().map(Some).collect();
        let mut take = |index: usize| others.get_mut(index).and_then(Option::take);
        let mut added = Vec::new();
        let mut unordered = false;
        for pair in pairs {
            match pair {
                Pair::Both(own, other) | Pair::Moved(own, other) => {
                    unordered |= matches!(pair, Pair::Moved(..));
                    if let (Some(node), Some(other)) = (nodes.get_mut(own), take(other)) {
                        self.node(node, other);
                    }
                }
                Pair::Gone(own) => {
                    if let Some(node) = nodes.get_mut(own).filter(|node| !node.sometimes) {
                        node.sometimes = true;
                        self.found(&node.name.clone(), Wobble::Presence);
                    }
                }
                Pair::Added(other) => {
                    if let Some(mut node) = take(other) {
                        node.sometimes = true;
                        self.found(&node.name, Wobble::Presence);
                        added.push(node);
                    }
                }
            }
        }
        nodes.extend(added);
        if unordered {
            self.found(function, Wobble::Order);
        }
        unordered
    }

    fn node(&mut self, node: &mut Node, other: Node) {
        let name = node.name.clone();
        if node.began.settle(&other.began) {
            self.found(&name, Wobble::Goroutine);
        }
        if let (Some(call), Some(other)) = (&mut node.call, &other.call) {
            self.shape(&name, call, other);
        }
        node.unordered |= self.nodes(&name, &mut node.below, other.below);
    }

    fn shape(&mut self, name: &str, call: &mut Shape, other: &Shape) {
        if call.outcome.settle(&other.outcome) {
            self.found(name, Wobble::Outcome);
        }
        let arguments = call.arguments.iter_mut().zip(&other.arguments);
        let results = call.results.iter_mut().zip(&other.results);
        for ((path, value), (_, other)) in arguments.chain(results) {
            for change in value.settle(other, path) {
                self.found(name, Wobble::Value(change));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Outcome;

    use super::{Side, Wobble};
    use crate::{
        run::{Run, Settled},
        testing::{call, part, run},
    };

    fn told(side: &Side) -> Vec<String> {
        let unstable = side.unstable.iter().map(|unstable| {
            let what = match &unstable.what {
                Wobble::Value(change) => change.path.clone(),
                what => format!("{what:?}"),
            };
            format!("{} {} {what}", unstable.part, unstable.function)
        });
        unstable.collect()
    }

    #[test]
    fn equal_runs_have_nothing_unstable() {
        let one = || run([call("f", &["1"]).with([call("g", &[])])]);
        let side = Side::settle(vec![one(), one(), one()]);
        assert!(side.unstable.is_empty());
        assert_eq!(side.parts, one().parts);
        assert_eq!(side.runs, 3);
    }

    #[test]
    fn what_is_not_the_same_in_all_runs_is_found_once() {
        let one = |time: &str, retries: usize, outcome: Outcome| {
            let retries = (0..retries).map(|_| call("retry", &[]));
            run([call("f", &[time]).ending(outcome).with(retries)])
        };
        let side = Side::settle(vec![
            one("1", 1, Outcome::Returned),
            one("2", 2, Outcome::Panicked),
            one("3", 1, Outcome::Returned),
        ]);
        assert_eq!(
            told(&side),
            [
                "GET / main.f Outcome",
                "GET / main.f a",
                "GET / main.retry Presence"
            ]
        );
        let f = &side.parts[0].below[0];
        assert_eq!(f.below.len(), 2);
        assert_eq!(
            f.below.iter().filter(|node| node.sometimes).count(),
            1,
            "one retry is always there"
        );
    }

    #[test]
    fn an_order_that_changes_is_none() {
        let side = Side::settle(vec![
            run([call("f", &[]).with([call("a", &[]), call("b", &[])])]),
            run([call("f", &[]).with([call("b", &[]), call("a", &[])])]),
        ]);
        assert_eq!(told(&side), ["GET / main.f Order"]);
        assert!(side.parts[0].below[0].unordered);
    }

    #[test]
    fn requests_and_answers_may_be_unstable_too() {
        let one = |names: &[&str], answer: &str| {
            let mut parts: Vec<_> = names.iter().map(|name| part(name, [])).collect();
            parts[0].answer = Settled::Always(answer.to_owned());
            Run {
                parts,
                ..Run::default()
            }
        };
        let side = Side::settle(vec![
            one(&["GET /"], "200"),
            one(&["GET /", "GET /b"], "500"),
        ]);
        assert_eq!(told(&side), ["GET /  Answer", "GET /b  Presence"]);
    }

    #[test]
    fn a_doubt_of_one_run_is_one_of_the_side() {
        let doubtful = Run {
            doubt: Some("3 hits were lost".to_owned()),
            ..run([])
        };
        let side = Side::settle(vec![run([]), doubtful]);
        assert_eq!(side.doubt.as_deref(), Some("3 hits were lost"));
    }
}
