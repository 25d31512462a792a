//! What a test shows, in the order in which it is told: its requests or its run, and below each the calls and goroutines that it owns.
//!
//! A call is below the call that made it, a goroutine below the call that started it, each goroutine's calls together. Snapshots write
//! this as text; comparisons look for what differs in it.

use std::collections::{BTreeSet, HashSet};

use model::{
    Call, Exchange, FunctionId, Observation, Scope, ScopeId, Timestamp,
    forest::{self, Cut, Forest},
};

use crate::expect::Evidence;

/// How deep a tree is shown; what lies deeper is counted.
pub const MAX_DEPTH: usize = 64;

/// A part of a test: a request, or the run of a Go test.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// What it is.
    pub subject: Subject<'a>,
    /// What the goroutine did that handled it.
    pub below: Vec<Item<'a>>,
    /// The goroutines whose creator is not known, in no order.
    pub adrift: Vec<Item<'a>>,
    /// The requests that were handled for a Go test, by beginning; those of one group at the same time, so in no order.
    pub handled: Vec<Vec<Part<'a>>>,
}

/// What a part of a test is.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A request that the test sent.
    Exchange {
        /// The request and its answer.
        exchange: &'a Exchange,
        /// Whether it was seen in the program.
        seen: bool,
    },
    /// A request that was handled for a Go test.
    Request(&'a Scope),
    /// The run of a Go test.
    Run(&'a Scope),
    /// All that the program did, where a test sends nothing.
    Start,
}

/// A call or a goroutine.
#[derive(Clone, Debug)]
pub enum Item<'a> {
    /// A call.
    Call {
        /// The call.
        call: &'a Call,
        /// Who made it.
        began: Began,
        /// What is below it, in order.
        below: Vec<Self>,
    },
    /// A goroutine, where it is not one call.
    Goroutine {
        /// The name of the function that it started with, if that is known.
        function: Option<&'a str>,
        /// Its calls.
        below: Vec<Self>,
    },
    /// So many calls lie too deep.
    Deeper(usize),
}

/// Who made a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Began {
    /// The code around it.
    ByCall,
    /// A `go` statement: the call is the whole life of its goroutine.
    ByGo,
}

/// What a test shows.
///
/// Exchanges are in the order of the test's entries and their repetitions. A test without requests is one part with all calls; a Go test
/// is its run, with the requests that were handled for it.
///
/// `globs` are the labels that mean many functions: a function that has no other label is left out.
#[must_use]
pub fn outline<'a>(evidence: &'a Evidence, globs: &[&str]) -> Vec<Part<'a>> {
    let observation = &evidence.observation;
    let hidden = hidden(observation, globs);
    let run = own_run(evidence);
    let requests = run.map_or_else(Vec::new, |run| requests_of(observation, run.id));
    let mut own: BTreeSet<ScopeId> = evidence.scopes.iter().flatten().copied().collect();
    own.extend(requests.iter().map(|request| request.id));
    let cut = match own.is_empty() {
        true => Cut::Whole,
        false => Cut::Scopes(own),
    };
    let trees = Trees {
        observation,
        forest: Forest::new(observation, cut, |call| !hidden.contains(&call.function)),
    };
    if let Some(run) = run {
        let mut part = trees.part(Subject::Run(run), Some(run.id));
        part.handled = trees.handled(&requests);
        return vec![part];
    }
    if evidence.exchanges.is_empty() {
        return vec![trees.part(Subject::Start, None)];
    }
    let exchanges = in_order(evidence).into_iter();
    let parts = exchanges.map(|(exchange, request)| {
        let request = request.filter(|request| trees.forest.serving(Some(*request)).is_some());
        let subject = |seen| Subject::Exchange { exchange, seen };
        match request {
            Some(request) => trees.part(subject(true), Some(request)),
            None => Part::empty(subject(false)),
        }
    });
    parts.collect()
}

impl<'a> Part<'a> {
    const fn empty(subject: Subject<'a>) -> Self {
        Self {
            subject,
            below: Vec::new(),
            adrift: Vec::new(),
            handled: Vec::new(),
        }
    }
}

/// The calls that are shown.
struct Trees<'a> {
    observation: &'a Observation,
    forest: Forest<'a>,
}

impl<'a> Trees<'a> {
    /// What belongs to a scope, or to none.
    fn part(&self, subject: Subject<'a>, owner: Option<ScopeId>) -> Part<'a> {
        let serving = self.forest.serving(owner);
        let roots = self.forest.roots(owner).iter();
        let adrift = roots.filter(|root| Some(**root) != serving);
        Part {
            below: serving.map_or_else(Vec::new, |serving| self.below(serving, 0)),
            adrift: adrift.map(|root| self.goroutine(*root, 0)).collect(),
            ..Part::empty(subject)
        }
    }

    /// Requests with what they own, those that were handled at the same time together.
    fn handled(&self, requests: &[&'a Scope]) -> Vec<Vec<Part<'a>>> {
        let mut groups: Vec<Vec<Part<'a>>> = Vec::new();
        let mut until = None;
        for request in requests {
            let part = self.part(Subject::Request(request), Some(request.id));
            match groups.last_mut() {
                Some(together) if until.is_none_or(|until| until >= request.entered) => {
                    together.push(part);
                }
                _ => groups.push(vec![part]),
            }
            let left = request.left.unwrap_or(Timestamp(u64::MAX));
            until = until.max(Some(left));
        }
        groups
    }

    fn below(&self, node: forest::Node, depth: usize) -> Vec<Item<'a>> {
        let children = self.forest.children(node);
        if depth >= MAX_DEPTH && !children.is_empty() {
            return vec![Item::Deeper(self.forest.calls_below(node))];
        }
        children
            .iter()
            .filter_map(|child| match *child {
                forest::Node::Call(id) => self.forest.call(id).map(|call| Item::Call {
                    call,
                    began: Began::ByCall,
                    below: self.below(*child, depth + 1),
                }),
                forest::Node::Goroutine(..) => Some(self.goroutine(*child, depth)),
            })
            .collect()
    }

    /// A goroutine. Where its whole life is one call of the function that it started with, it is that call.
    fn goroutine(&self, node: forest::Node, depth: usize) -> Item<'a> {
        let goroutine = self.forest.goroutine(node);
        let function = goroutine.and_then(|goroutine| goroutine.function.as_deref());
        let mut below = self.below(node, depth + 1);
        if function.is_some()
            && self.only_call(node) == function
            && let [Item::Call { began, .. }] = below.as_mut_slice()
        {
            *began = Began::ByGo;
            return below.remove(0);
        }
        Item::Goroutine { function, below }
    }

    /// The name of the function of the only call directly in a goroutine's block.
    fn only_call(&self, node: forest::Node) -> Option<&'a str> {
        match self.forest.children(node) {
            [forest::Node::Call(id)] => {
                let function = self.forest.call(*id)?.function;
                let function = self.observation.function(function);
                Some(function.map_or("?", |function| &function.name))
            }
            _ => None,
        }
    }
}

/// The run of the Go test that the evidence is of.
fn own_run(evidence: &Evidence) -> Option<&Scope> {
    let run = evidence.scopes.first()?.as_ref().ok()?;
    let scope = evidence.observation.scope(*run)?;
    scope.test().map(|_| scope)
}

/// The requests that were handled for a Go test, by beginning.
fn requests_of(observation: &Observation, run: ScopeId) -> Vec<&Scope> {
    let scopes = observation.scopes.iter();
    let requests = scopes.filter(|scope| scope.request().is_some());
    let mut own: Vec<&Scope> = requests
        .filter(|scope| observation.is_within(Some(scope.id), run))
        .collect();
    own.sort_by_key(|scope| scope.entered);
    own
}

/// The functions that only globs name.
fn hidden(observation: &Observation, globs: &[&str]) -> HashSet<FunctionId> {
    let of = |glob: bool| {
        observation
            .labels
            .iter()
            .filter(move |label| globs.contains(&label.name.as_str()) == glob)
            .flat_map(|label| label.functions.iter().copied())
    };
    let named: HashSet<FunctionId> = of(false).collect();
    of(true)
        .filter(|function| !named.contains(function))
        .collect()
}

/// The exchanges with the requests that they were, by entry and repetition.
fn in_order(evidence: &Evidence) -> Vec<(&Exchange, Option<ScopeId>)> {
    let requests = evidence.scopes.iter();
    let requests = requests.map(|request| request.as_ref().ok().copied());
    let requests = requests.chain(std::iter::repeat(None));
    let mut exchanges: Vec<_> = evidence.exchanges.iter().zip(requests).collect();
    exchanges.sort_by_key(|(exchange, _)| (exchange.entry, exchange.number));
    exchanges
}
