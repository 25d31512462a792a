//! Which call is below which: calls and goroutines as trees, one or more for each scope.
//!
//! A call is below the call that made it, else below its goroutine; a goroutine is below the call whose `go`
//! began it, else below the goroutine that began it. What belongs to different scopes is never joined: a kept
//! connection's goroutine serves one request after the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{Call, CallId, Goid, Goroutine, Observation, ProcessId, ScopeId, Timestamp};

/// What is in a forest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Node {
    /// A call.
    Call(CallId),
    /// What a goroutine does in one scope, or in none.
    Goroutine(ProcessId, Goid, Option<ScopeId>),
}

/// What an observation is cut into.
#[derive(Clone, Debug)]
pub enum Cut {
    /// Nothing: all of it belongs together.
    Whole,
    /// What belongs to each scope itself.
    EachScope,
    /// What belongs to each of these scopes, and to none of them further in.
    Scopes(BTreeSet<ScopeId>),
}

/// The calls of an observation as trees.
#[derive(Debug)]
pub struct Forest<'a> {
    observation: &'a Observation,
    goroutines: HashMap<(ProcessId, Goid), &'a Goroutine>,
    cut: Cut,
    children: HashMap<Node, Vec<Node>>,
    /// The goroutines that are below nothing, by scope.
    roots: BTreeMap<Option<ScopeId>, Vec<Node>>,
}

impl<'a> Forest<'a> {
    /// The calls that are shown, and the goroutines that lead to them.
    #[must_use]
    pub fn new(observation: &'a Observation, cut: Cut, shown: impl Fn(&Call) -> bool) -> Self {
        let goroutines = observation.goroutines.iter();
        let goroutines = goroutines.map(|one| ((one.process, one.goid), one));
        let mut forest = Self {
            observation,
            goroutines: goroutines.collect(),
            cut,
            children: HashMap::new(),
            roots: BTreeMap::new(),
        };
        let mut active = BTreeSet::new();
        for call in observation.calls.iter().filter(|call| shown(call)) {
            let own = forest.goroutine_of(call);
            active.insert(own);
            let parent = forest.innermost(call.parent, own, call.id, &shown);
            let siblings = forest.children.entry(parent).or_default();
            siblings.push(Node::Call(call.id));
        }
        let mut waiting = active.clone();
        let mut placed = BTreeSet::new();
        while let Some(node) = waiting.pop_first() {
            if !placed.insert(node) {
                continue;
            }
            let Node::Goroutine(process, _, owner) = node else {
                continue;
            };
            let siblings = match forest.creation(node, &active) {
                Some((creator, creating_call)) => {
                    let creator = Node::Goroutine(process, creator, owner);
                    waiting.insert(creator);
                    let last = CallId(u64::MAX);
                    let parent = forest.innermost(creating_call, creator, last, &shown);
                    forest.children.entry(parent).or_default()
                }
                None => forest.roots.entry(owner).or_default(),
            };
            siblings.push(node);
        }
        let mut children = std::mem::take(&mut forest.children);
        for siblings in children.values_mut() {
            siblings.sort_by_key(|node| (forest.begin(*node), *node));
        }
        Self { children, ..forest }
    }

    /// The goroutines of a scope that are below nothing.
    #[must_use]
    pub fn roots(&self, owner: Option<ScopeId>) -> &[Node] {
        self.roots.get(&owner).map_or(&[], Vec::as_slice)
    }

    /// The same in the order of time, with the calls themselves of goroutines that were not seen to begin for it.
    #[must_use]
    pub fn outermost(&self, owner: Option<ScopeId>) -> Vec<Node> {
        let mut all = Vec::new();
        for root in self.roots(owner) {
            let goroutine = self.goroutine(*root);
            if goroutine.is_some_and(|one| one.created.is_some() && one.creator.is_some()) {
                all.push(*root);
            } else {
                all.extend(self.children(*root));
            }
        }
        all.sort_by_key(|node| (self.begin(*node), *node));
        all
    }

    /// What is directly below a node, in the order of time.
    #[must_use]
    pub fn children(&self, node: Node) -> &[Node] {
        self.children.get(&node).map_or(&[], Vec::as_slice)
    }

    /// How many calls are below a node.
    #[must_use]
    pub fn calls_below(&self, node: Node) -> usize {
        let mut waiting = vec![node];
        let mut count = 0;
        while let Some(node) = waiting.pop() {
            let children = self.children(node);
            let calls = children.iter();
            count += calls.filter(|child| matches!(child, Node::Call(_))).count();
            waiting.extend(children);
        }
        count
    }

    /// The call of that number.
    #[must_use]
    pub fn call(&self, id: CallId) -> Option<&'a Call> {
        self.observation.call(id)
    }

    /// What is known of a goroutine, if it works in that scope.
    #[must_use]
    pub fn goroutine(&self, node: Node) -> Option<&'a Goroutine> {
        let Node::Goroutine(process, goid, owner) = node else {
            return None;
        };
        let goroutine = self.goroutines.get(&(process, goid)).copied();
        goroutine.filter(|goroutine| self.owner(goroutine.scope) == owner)
    }

    /// The goroutine of a scope; of an observation that is not cut, the main one.
    #[must_use]
    pub fn serving(&self, owner: Option<ScopeId>) -> Option<Node> {
        let (process, goid) = match owner {
            Some(id) => {
                let scope = self.observation.scope(id)?;
                (scope.process, scope.goroutine)
            }
            None if matches!(self.cut, Cut::Whole) => (self.observation.process?, Goid(1)),
            None => return None,
        };
        Some(Node::Goroutine(process, goid, owner))
    }

    fn owner(&self, scope: Option<ScopeId>) -> Option<ScopeId> {
        match &self.cut {
            Cut::Whole => None,
            Cut::EachScope => scope,
            Cut::Scopes(scopes) => {
                let mut around = self.observation.scopes_around(scope);
                around.find(|scope| scopes.contains(scope))
            }
        }
    }

    fn goroutine_of(&self, call: &Call) -> Node {
        Node::Goroutine(call.process, call.goroutine, self.owner(call.scope))
    }

    /// The innermost shown call of a goroutine from `call` outwards that is older than `younger`, else the goroutine.
    fn innermost(
        &self,
        mut call: Option<CallId>,
        goroutine: Node,
        mut younger: CallId,
        shown: &impl Fn(&Call) -> bool,
    ) -> Node {
        while let Some(candidate) = call.and_then(|call| self.call(call)) {
            if candidate.id >= younger {
                break;
            }
            if shown(candidate) && self.goroutine_of(candidate) == goroutine {
                return Node::Call(candidate.id);
            }
            younger = candidate.id;
            call = candidate.parent;
        }
        goroutine
    }

    /// Who created a goroutine in the same scope, and in which call, if that is known.
    fn creation(&self, node: Node, active: &BTreeSet<Node>) -> Option<(Goid, Option<CallId>)> {
        let Node::Goroutine(process, _, owner) = node else {
            return None;
        };
        let serving = self.serving(owner);
        let goroutine = self.goroutine(node).filter(|_| serving != Some(node))?;
        let (created, creator) = (goroutine.created?, goroutine.creator?);
        let above = Node::Goroutine(process, creator, owner);
        let is_known =
            serving == Some(above) || self.goroutine(above).is_some() || active.contains(&above);
        // A creator is older. One that is not would be nonsense, and could close a circle.
        let before = self.goroutine(above).and_then(|creator| creator.created);
        let is_older = before.is_none_or(|before| before < created);
        (is_known && is_older).then_some((creator, goroutine.creating_call))
    }

    fn begin(&self, node: Node) -> Timestamp {
        let begin = match node {
            Node::Call(id) => self.call(id).map(|call| call.entered),
            Node::Goroutine(..) => self.goroutine(node).and_then(|one| one.created),
        };
        begin.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FunctionId, testing};

    const SERVED: Option<ScopeId> = Some(ScopeId(0));
    const HIDDEN: FunctionId = FunctionId(9);

    fn call(id: u64, goid: u64, parent: Option<u64>, scope: Option<ScopeId>) -> Call {
        Call {
            parent: parent.map(CallId),
            scope,
            ..testing::call(id, Goid(goid), FunctionId(0), Timestamp(id * 10))
        }
    }

    fn go(goid: u64, creator: u64, call: Option<u64>, created: u64) -> Goroutine {
        Goroutine {
            creator: Some(Goid(creator)),
            creating_call: call.map(CallId),
            scope: SERVED,
            created: Some(Timestamp(created)),
            ..testing::goroutine(Goid(goid))
        }
    }

    fn calls(nodes: &[u64]) -> Vec<Node> {
        nodes.iter().map(|id| Node::Call(CallId(*id))).collect()
    }

    fn strand(goid: u64, owner: Option<ScopeId>) -> Node {
        Node::Goroutine(testing::PROCESS, Goid(goid), owner)
    }

    /// g5 serves a request: 1 calls 2, which begins g6 in the hidden 3; g6 calls 4. Before, g5 made 0 for nobody.
    fn observation() -> Observation {
        let mut hidden = call(3, 5, Some(2), SERVED);
        hidden.function = HIDDEN;
        Observation {
            process: Some(testing::PROCESS),
            scopes: vec![testing::request(ScopeId(0), Goid(5), Timestamp(5))],
            calls: vec![
                call(0, 5, None, None),
                call(1, 5, Some(0), SERVED),
                call(2, 5, Some(1), SERVED),
                hidden,
                call(4, 6, None, SERVED),
            ],
            goroutines: vec![go(6, 5, Some(3), 35)],
            ..Observation::default()
        }
    }

    fn shown(call: &Call) -> bool {
        call.function != HIDDEN
    }

    #[test]
    fn what_is_hidden_gives_its_place_to_what_is_around_it() {
        let observation = observation();
        let forest = Forest::new(&observation, Cut::EachScope, shown);
        assert_eq!(forest.roots(SERVED), [strand(5, SERVED)]);
        assert_eq!(forest.serving(SERVED), Some(strand(5, SERVED)));
        assert_eq!(forest.outermost(SERVED), calls(&[1]));
        assert_eq!(forest.children(Node::Call(CallId(1))), calls(&[2]));
        assert_eq!(forest.children(Node::Call(CallId(2))), [strand(6, SERVED)]);
        assert_eq!(forest.children(strand(6, SERVED)), calls(&[4]));
        assert_eq!(forest.calls_below(strand(5, SERVED)), 3);
    }

    #[test]
    fn requests_are_joined_only_if_they_are_not_asked_for() {
        let observation = observation();
        let forest = Forest::new(&observation, Cut::EachScope, shown);
        assert_eq!(forest.outermost(None), calls(&[0]));
        assert_eq!(forest.serving(None), None);
        let forest = Forest::new(&observation, Cut::Whole, shown);
        assert_eq!(forest.outermost(None), calls(&[0]));
        assert_eq!(forest.calls_below(Node::Call(CallId(0))), 3);
        assert_eq!(forest.serving(None), Some(strand(1, None)));
    }

    #[test]
    fn goroutines_that_created_one_another_end_in_a_root() {
        let mut observation = observation();
        observation.goroutines = vec![go(6, 7, None, 20), go(7, 6, None, 10)];
        let forest = Forest::new(&observation, Cut::EachScope, shown);
        assert_eq!(forest.roots(SERVED), [strand(5, SERVED), strand(7, SERVED)]);
        assert_eq!(forest.children(strand(7, SERVED)), [strand(6, SERVED)]);
    }
}
