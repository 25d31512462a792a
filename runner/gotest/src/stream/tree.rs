//! Failing tests as trees, for reports that the binary does not print.

use std::collections::{HashMap, HashSet};

use super::line::top_level;
use super::verdict::Verdict;

/// A run of a test, by the test's full name.
pub(super) type Run = (String, Verdict);

/// A test that fails.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// How many tests of the tree are above it.
    pub(super) depth: usize,
    /// The test's full name.
    pub(super) name: String,
    /// The verdict's lines; none if it fails only because of a test below it.
    pub(super) lines: Option<Vec<String>>,
    /// The verdict's places, if it fails.
    pub(super) places: Vec<String>,
}

/// The failing runs, each below those above it, parents first, else in the order given. Passing runs appear only above
/// failing ones.
pub(super) fn trees(runs: Vec<Run>) -> Vec<Node> {
    let places: HashMap<String, usize> = runs
        .iter()
        .enumerate()
        .map(|(place, (name, _))| (name.clone(), place))
        .collect();
    let parents: Vec<Option<usize>> = runs.iter().map(|(name, _)| parent(name, &places)).collect();
    let mut failing = HashSet::new();
    for (place, (_, verdict)) in runs.iter().enumerate() {
        let mut above = verdict.fails.then_some(place);
        while let Some(place) = above.filter(|&place| failing.insert(place)) {
            above = parents.get(place).copied().flatten();
        }
    }
    let mut children: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    for (place, &parent) in parents
        .iter()
        .enumerate()
        .filter(|(place, _)| failing.contains(place))
    {
        children.entry(parent).or_default().push(place);
    }

    let mut runs: Vec<Option<Run>> = runs.into_iter().map(Some).collect();
    let mut nodes = Vec::new();
    let mut ahead: Vec<(usize, usize)> = Vec::new();
    let mut below = |place: Option<usize>, depth: usize, ahead: &mut Vec<(usize, usize)>| {
        let places = children.remove(&place).unwrap_or_default();
        ahead.extend(places.into_iter().rev().map(|place| (place, depth)));
    };
    below(None, 0, &mut ahead);
    while let Some((place, depth)) = ahead.pop() {
        if let Some((name, verdict)) = runs.get_mut(place).and_then(Option::take) {
            let fails = verdict.fails;
            nodes.push(Node {
                depth,
                name,
                lines: fails.then_some(verdict.lines),
                places: if fails { verdict.places } else { Vec::new() },
            });
        }
        below(Some(place), depth + 1, &mut ahead);
    }
    nodes
}

/// The same tests, each after those below it.
pub(super) fn children_first(nodes: Vec<Node>) -> Vec<Node> {
    let (mut open, mut closed): (Vec<Node>, Vec<Node>) = (Vec::new(), Vec::new());
    for node in nodes {
        while open.last().is_some_and(|last| last.depth >= node.depth) {
            closed.extend(open.pop());
        }
        open.push(node);
    }
    closed.extend(open.into_iter().rev());
    closed
}

/// Runs in the order of their ends, cut into runs of top-level tests that have a failing one; each with its top-level
/// test, which is the last to end.
pub(super) fn by_top_level(runs: Vec<Run>) -> Vec<Vec<Run>> {
    let mut groups: Vec<Vec<Run>> = Vec::new();
    let mut open: HashMap<String, (usize, HashSet<String>)> = HashMap::new();
    for (name, verdict) in runs {
        let top = top_level(&name).to_owned();
        // A name that comes again is of the next run.
        if open
            .get(&top)
            .is_none_or(|(_, names)| names.contains(&name))
        {
            open.insert(top.clone(), (groups.len(), HashSet::new()));
            groups.push(Vec::new());
        }
        let Some((group, names)) = open.get_mut(&top) else {
            continue;
        };
        names.insert(name.clone());
        let group = *group;
        if name == top {
            open.remove(&top);
        }
        if let Some(group) = groups.get_mut(group) {
            group.push((name, verdict));
        }
    }
    groups.retain(|group| group.iter().any(|(_, verdict)| verdict.fails));
    for group in &mut groups {
        let top = group
            .first()
            .map(|(name, _)| top_level(name).to_owned())
            .unwrap_or_default();
        if group.iter().all(|(name, _)| *name != top) {
            group.push((
                top,
                Verdict {
                    fails: false,
                    lines: Vec::new(),
                    places: Vec::new(),
                    artifacts: Vec::new(),
                },
            ));
        }
    }
    groups
}

/// The nearest test above that is known. An element of a name may have slashes of its own.
fn parent(name: &str, places: &HashMap<String, usize>) -> Option<usize> {
    let mut above = name;
    while let Some((shorter, _)) = above.rsplit_once('/') {
        if let Some(&place) = places.get(shorter) {
            return Some(place);
        }
        above = shorter;
    }
    None
}
