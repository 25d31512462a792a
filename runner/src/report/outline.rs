//! Which call stands under which: the calls of an observation as a forest, one tree or more for each scope.
//!
//! A call stands under the call that made it, else under the `go` that began its goroutine; a `go` stands under the
//! call that made it, else under the `go` that began the creator. What belongs to different scopes is never
//! joined: a kept connection's goroutine serves one after the other.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::{Call, Goid, Goroutine, Observation, ProcessId, ScopeId, Timestamp};

/// A place in the forest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Node {
    /// A call, by its index.
    Call(usize),
    /// A goroutine that was begun with `go`, by its index.
    Go(usize),
}

/// The calls of an observation as a forest.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// What belongs to each scope itself, and to none.
    pub(super) roots: BTreeMap<Option<ScopeId>, Vec<Node>>,
    children: HashMap<Node, Vec<Node>>,
}

impl Outline {
    pub(super) fn new(observation: &Observation) -> Self {
        let finder = Finder::new(observation);
        let mut outline = Self::default();
        let mut placed = HashSet::new();
        for index in 0..observation.calls.len() {
            // Only what leads to a call is shown, so the way up begins at one.
            let mut next = Some(Node::Call(index));
            while let Some(node) = next.take().filter(|node| placed.insert(*node)) {
                next = finder.parent(node);
                let siblings = match next {
                    Some(parent) => outline.children.entry(parent).or_default(),
                    None => outline.roots.entry(finder.owner(node)).or_default(),
                };
                siblings.push(node);
            }
        }
        let lists = outline
            .children
            .values_mut()
            .chain(outline.roots.values_mut());
        lists.for_each(|list| list.sort_by_key(|node| finder.order(*node)));
        outline
    }

    pub(super) fn children(&self, node: Node) -> &[Node] {
        self.children.get(&node).map_or(&[], Vec::as_slice)
    }

    /// How many calls stand below a node.
    pub(super) fn calls_below(&self, node: Node) -> usize {
        let mut waiting = vec![node];
        let mut count = 0;
        while let Some(node) = waiting.pop() {
            let children = self.children(node);
            let calls = children
                .iter()
                .filter(|child| matches!(child, Node::Call(_)));
            count += calls.count();
            waiting.extend(children);
        }
        count
    }
}

struct Finder<'a> {
    observation: &'a Observation,
    goroutines: HashMap<(ProcessId, Goid), usize>,
}

impl<'a> Finder<'a> {
    fn new(observation: &'a Observation) -> Self {
        let goroutines = observation.goroutines.iter().enumerate();
        let goroutines = goroutines.map(|(index, one)| ((one.process, one.goid), index));
        Self {
            observation,
            goroutines: goroutines.collect(),
        }
    }

    fn owner(&self, node: Node) -> Option<ScopeId> {
        match node {
            Node::Call(index) => self.observation.calls[index].scope,
            Node::Go(index) => self.observation.goroutines[index].scope,
        }
    }

    fn order(&self, node: Node) -> (Timestamp, usize) {
        match node {
            Node::Call(index) => (self.observation.calls[index].entered, index),
            Node::Go(index) => {
                let created = self.observation.goroutines[index].created;
                (created.unwrap_or_default(), index)
            }
        }
    }

    fn parent(&self, node: Node) -> Option<Node> {
        match node {
            Node::Call(index) => self.parent_of_call(&self.observation.calls[index]),
            Node::Go(index) => self.parent_of_go(&self.observation.goroutines[index]),
        }
    }

    fn parent_of_call(&self, call: &Call) -> Option<Node> {
        let parent = call.parent.and_then(|parent| self.call(parent.0));
        let within = parent.filter(|(_, parent)| parent.scope == call.scope);
        if let Some((index, _)) = within {
            return Some(Node::Call(index));
        }
        self.go(call.process, call.goroutine, call.scope)
    }

    fn parent_of_go(&self, goroutine: &Goroutine) -> Option<Node> {
        let creating = goroutine.creating_call.and_then(|call| self.call(call.0));
        let within = creating.filter(|(_, call)| call.scope == goroutine.scope);
        if let Some((index, _)) = within {
            return Some(Node::Call(index));
        }
        self.go(goroutine.process, goroutine.creator?, goroutine.scope)
    }

    fn call(&self, number: u64) -> Option<(usize, &'a Call)> {
        let index = usize::try_from(number).ok()?;
        Some((index, self.observation.calls.get(index)?))
    }

    /// The goroutine if it was seen to begin in that scope.
    fn go(&self, process: ProcessId, goid: Goid, scope: Option<ScopeId>) -> Option<Node> {
        let index = *self.goroutines.get(&(process, goid))?;
        let goroutine = &self.observation.goroutines[index];
        let began = goroutine.created.is_some() && goroutine.creator.is_some();
        (began && goroutine.scope == scope).then_some(Node::Go(index))
    }
}
