//! Calls and goroutines as trees: a call below the call that made it, a goroutine below the call that
//! started it, each goroutine's calls together.

use std::collections::{HashMap, HashSet};

use model::{
    Call, CallId, FunctionId, Goid, Goroutine, Observation, Outcome, ProcessId, ScopeId, Timestamp,
    Value,
    notation::{self, Identities, Layout},
};

use super::{
    node::{MAX_DEPTH, Node},
    substitution::Substitutions,
};

/// A goroutine of a process.
type Place = (ProcessId, Goid);

/// What stands below a call or a goroutine, with the moment that orders it there.
#[derive(Clone, Copy, Debug)]
struct Child {
    at: Timestamp,
    kind: ChildKind,
}

#[derive(Clone, Copy, Debug)]
enum ChildKind {
    Call(CallId),
    Goroutine(Place),
}

/// What is looked at: what one request owns, or all.
#[derive(Clone, Debug, Default)]
pub(super) struct Extent<'a> {
    /// The goroutine that serves it, or the main one.
    root: Option<Place>,
    /// By number.
    calls: Vec<&'a Call>,
    goroutines: Vec<&'a Goroutine>,
}

impl<'a> Extent<'a> {
    /// All that was seen; the root is the main goroutine, whose id is 1.
    pub(super) fn all(observation: &'a Observation) -> Self {
        Self {
            root: observation.process.map(|process| (process, Goid(1))),
            calls: observation.calls.iter().collect(),
            goroutines: observation.goroutines.iter().collect(),
        }
    }

    /// What each of these requests owns: that which has no other of them further in.
    pub(super) fn by_request(
        observation: &'a Observation,
        requests: impl Iterator<Item = ScopeId>,
    ) -> HashMap<ScopeId, Self> {
        let scopes = requests.filter_map(|id| observation.scope(id));
        let mut extents: HashMap<ScopeId, Self> = scopes
            .map(|scope| {
                let extent = Self {
                    root: Some((scope.process, scope.goroutine)),
                    ..Self::default()
                };
                (scope.id, extent)
            })
            .collect();
        for call in &observation.calls {
            if let Some(extent) = innermost(&mut extents, observation, call.scope) {
                extent.calls.push(call);
            }
        }
        for goroutine in &observation.goroutines {
            if let Some(extent) = innermost(&mut extents, observation, goroutine.scope) {
                extent.goroutines.push(goroutine);
            }
        }
        extents
    }

    fn has(&self, call: &Call) -> bool {
        let calls = &self.calls;
        calls.binary_search_by_key(&call.id, |call| call.id).is_ok()
    }
}

/// The extent of the innermost scope that has one.
fn innermost<'e, 'a>(
    extents: &'e mut HashMap<ScopeId, Extent<'a>>,
    observation: &Observation,
    scope: Option<ScopeId>,
) -> Option<&'e mut Extent<'a>> {
    let mut around = observation.scopes_around(scope);
    let innermost = around.find(|id| extents.contains_key(id))?;
    extents.get_mut(&innermost)
}

/// The calls that a text shows, linked.
pub(super) struct Forest<'a> {
    observation: &'a Observation,
    substitutions: &'a Substitutions,
    below_calls: HashMap<CallId, Vec<Child>>,
    below_goroutines: HashMap<Place, Vec<Child>>,
    goroutines: HashMap<Place, &'a Goroutine>,
    /// The goroutine whose calls stand at the top.
    root: Option<Place>,
    /// The goroutines that stand below nothing else, the root not among them.
    adrift: Vec<Place>,
}

impl<'a> Forest<'a> {
    /// Links what is in an extent; `hidden` are the functions that are left out.
    pub(super) fn new(
        observation: &'a Observation,
        extent: &Extent<'a>,
        hidden: &HashSet<FunctionId>,
        substitutions: &'a Substitutions,
    ) -> Self {
        let goroutines = extent
            .goroutines
            .iter()
            .map(|goroutine| ((goroutine.process, goroutine.goid), *goroutine))
            .collect();
        let mut forest = Self {
            observation,
            substitutions,
            below_calls: HashMap::new(),
            below_goroutines: HashMap::new(),
            goroutines,
            root: extent.root,
            adrift: Vec::new(),
        };
        let shown = |call: &Call| !hidden.contains(&call.function) && extent.has(call);
        forest.link_calls(&extent.calls, &shown);
        forest.link_goroutines(&shown);
        forest
    }

    /// The trees: the root goroutine's calls, then goroutines whose creator is not known, ordered by their text.
    pub(super) fn nodes(&self) -> Vec<Node> {
        let mut nodes = self.root.map_or_else(Vec::new, |root| {
            self.below(self.below_goroutines.get(&root), 0)
        });
        let mut adrift: Vec<Node> = self
            .adrift
            .iter()
            .filter_map(|place| self.goroutine(*place, 0))
            .collect();
        // Nothing tells their order but chance.
        adrift.sort_by_cached_key(|node| {
            let mut text = String::new();
            super::node::write(std::slice::from_ref(node), 0, &mut text);
            text
        });
        nodes.extend(adrift);
        nodes
    }

    fn link_calls(&mut self, calls: &[&Call], shown: &impl Fn(&Call) -> bool) {
        for call in calls.iter().filter(|call| shown(call)) {
            let child = Child {
                at: call.entered,
                kind: ChildKind::Call(call.id),
            };
            let place = (call.process, call.goroutine);
            match self.shown_from(call.parent, place, call.id, shown) {
                Some(parent) => self.below_calls.entry(parent).or_default().push(child),
                None => self.below_goroutines.entry(place).or_default().push(child),
            }
        }
    }

    /// Puts each goroutine that has something to show below its creator.
    fn link_goroutines(&mut self, shown: &impl Fn(&Call) -> bool) {
        let mut pending: Vec<Place> = self.below_goroutines.keys().copied().collect();
        let mut linked: HashSet<Place> = self.root.into_iter().collect();
        while let Some(place) = pending.pop() {
            if !linked.insert(place) {
                continue;
            }
            let Some((creator, creating, created)) = self.creation(place) else {
                self.adrift.push(place);
                continue;
            };
            let child = Child {
                at: created,
                kind: ChildKind::Goroutine(place),
            };
            match self.shown_from(creating, creator, CallId(u64::MAX), shown) {
                Some(parent) => self.below_calls.entry(parent).or_default().push(child),
                None => self
                    .below_goroutines
                    .entry(creator)
                    .or_default()
                    .push(child),
            }
            pending.push(creator);
        }
        let children = self
            .below_calls
            .values_mut()
            .chain(self.below_goroutines.values_mut());
        for children in children {
            children.sort_by_key(|child| child.at);
        }
    }

    /// Who created a goroutine, in which call and when, if that is known and in the extent.
    fn creation(&self, place: Place) -> Option<(Place, Option<CallId>, Timestamp)> {
        let goroutine = self.goroutines.get(&place)?;
        let creator = (goroutine.process, goroutine.creator?);
        let is_within = Some(creator) == self.root
            || self.goroutines.contains_key(&creator)
            || self.below_goroutines.contains_key(&creator);
        let created = goroutine.created?;
        // A creator is older. One that is not would be nonsense, and could close a circle.
        let older = self
            .goroutines
            .get(&creator)
            .and_then(|creator| creator.created)
            .is_none_or(|its| its < created);
        (is_within && older).then_some((creator, goroutine.creating_call, created))
    }

    /// The innermost shown call from `call` outwards, on one goroutine and older than `younger`.
    fn shown_from(
        &self,
        mut call: Option<CallId>,
        place: Place,
        mut younger: CallId,
        shown: &impl Fn(&Call) -> bool,
    ) -> Option<CallId> {
        loop {
            let candidate = self.call(call?)?;
            if candidate.id >= younger || (candidate.process, candidate.goroutine) != place {
                return None;
            }
            if shown(candidate) {
                return Some(candidate.id);
            }
            younger = candidate.id;
            call = candidate.parent;
        }
    }

    fn call(&self, id: CallId) -> Option<&'a Call> {
        self.observation.calls.get(usize::try_from(id.0).ok()?)
    }

    fn below(&self, children: Option<&Vec<Child>>, depth: usize) -> Vec<Node> {
        let children = children.map_or(&[][..], Vec::as_slice);
        if depth >= MAX_DEPTH && !children.is_empty() {
            return vec![Node::leaf(format!("… {} deeper", self.size(children)))];
        }
        children
            .iter()
            .filter_map(|child| match child.kind {
                ChildKind::Call(id) => self.call(id).map(|call| Node {
                    text: self.line(call),
                    below: self.below(self.below_calls.get(&id), depth + 1),
                }),
                ChildKind::Goroutine(place) => self.goroutine(place, depth),
            })
            .collect()
    }

    /// How many calls there are from here on, in words.
    fn size(&self, children: &[Child]) -> String {
        let mut calls = 0_usize;
        let mut pending: Vec<Child> = children.to_vec();
        while let Some(child) = pending.pop() {
            let below = match child.kind {
                ChildKind::Call(id) => {
                    calls += 1;
                    self.below_calls.get(&id)
                }
                ChildKind::Goroutine(place) => self.below_goroutines.get(&place),
            };
            pending.extend(below.into_iter().flatten());
        }
        if calls == 1 {
            "1 call".to_owned()
        } else {
            format!("{calls} calls")
        }
    }

    /// A goroutine's block. Where its whole life is one call of the function it started with, that call is its line.
    fn goroutine(&self, place: Place, depth: usize) -> Option<Node> {
        let mut below = self.below(self.below_goroutines.get(&place), depth + 1);
        let started_with = self
            .goroutines
            .get(&place)
            .and_then(|goroutine| goroutine.function.as_deref());
        if started_with.is_some() && self.only_call(place) == started_with {
            let only = below.pop()?;
            return Some(Node {
                text: format!("go {}", only.text),
                below: only.below,
            });
        }
        Some(Node {
            text: format!("go {}", started_with.unwrap_or("?")),
            below,
        })
    }

    /// The name of the function of the only call that stands directly in a goroutine's block.
    fn only_call(&self, place: Place) -> Option<&'a str> {
        let [child] = self.below_goroutines.get(&place)?.as_slice() else {
            return None;
        };
        match child.kind {
            ChildKind::Call(id) => Some(self.name(self.call(id)?.function)),
            ChildKind::Goroutine(_) => None,
        }
    }

    fn name(&self, function: FunctionId) -> &'a str {
        self.observation
            .function(function)
            .map_or("?", |function| &function.name)
    }

    /// A call: arguments, results, and how it ended where results do not tell. On one line, or with a line for each
    /// argument and result where that would be too long.
    fn line(&self, call: &Call) -> String {
        let function = self.observation.function(call.function);
        let name = function.map_or("?", |function| function.name_of(call));
        let mut identities = Identities::default();
        let arguments = self.values(&call.arguments, &mut identities);
        let results = self.values(&call.results, &mut identities);
        let end = match call.outcome {
            Outcome::Returned => returned(results),
            Outcome::Running => Layout::leaf("running"),
            Outcome::Panicked => Layout::leaf("panicked"),
            Outcome::Recovered => recovered(results),
            Outcome::Goexit => Layout::leaf("goexit"),
            Outcome::Unwound => Layout::leaf("unwound"),
            Outcome::ProcessEnded => Layout::leaf("process ended"),
        };
        let open = self.substitutions.apply(&format!("{name}("));
        let line = Layout::group(open.clone(), arguments.clone(), ")").line();
        let is_long = |line: &str| line.chars().count() > WIDTH;
        let whole = format!("{line} {}", end.line());
        if !is_long(&whole) {
            return whole;
        }
        let parameters = function.map_or(&[][..], |function| &function.parameters);
        let names = parameters.iter().map(|parameter| parameter.name.as_str());
        let names = names.chain(std::iter::repeat(""));
        let named = arguments.into_iter().zip(names);
        let named = named.map(|(argument, name)| match name {
            "" | "_" => argument,
            name => argument.labelled(format!("{name}: ")),
        });
        let mut lines = if is_long(&line) {
            Layout::group(open, named.collect(), ")").block(WIDTH)
        } else {
            vec![line]
        };
        let mut end = end.block(WIDTH).into_iter();
        if let (Some(last), Some(first)) = (lines.last_mut(), end.next()) {
            last.push(' ');
            last.push_str(&first);
        }
        lines.extend(end);
        lines.join("\n")
    }

    /// Values of one moment, with placeholders for what was chosen at random.
    fn values(&self, values: &[Value], identities: &mut Identities) -> Vec<Layout> {
        let (types, module) = (&self.observation.types, self.observation.module.as_deref());
        let mut layouts = notation::stable_values(values, types, module, identities);
        for layout in &mut layouts {
            layout.rewrite(&|text| self.substitutions.apply(text));
        }
        layouts
    }
}

/// The characters of a line beside its indentation, beyond which it is broken.
const WIDTH: usize = 120;

/// What a call returned.
fn returned(results: Vec<Layout>) -> Layout {
    ended(results, "returned", "")
}

/// What a call returned after one of its deferred functions had recovered a panic.
fn recovered(results: Vec<Layout>) -> Layout {
    ended(results, "recovered", "recovered ")
}

fn ended(mut results: Vec<Layout>, without: &str, label: &str) -> Layout {
    match (results.len(), results.pop()) {
        (1, Some(result)) => result.labelled(format!("{label}→ ")),
        (_, None) => Layout::leaf(without),
        (_, Some(last)) => {
            results.push(last);
            Layout::group(format!("{label}→ ("), results, ")")
        }
    }
}
