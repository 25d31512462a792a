//! Circles: relations that lead from a name back to itself.

use std::collections::{HashMap, HashSet};

use crate::Span;

/// How many circles are reported.
const MAX_CIRCLES: usize = 20;

/// A relation between two names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge<'a> {
    /// From this one.
    pub from: &'a str,
    /// To this one.
    pub to: &'a str,
    /// Where that is said.
    pub span: &'a Span,
}

/// Circles among relations, each from its first edge to the one that closes it; one at least if there are any.
pub(super) fn circles<'a>(edges: &[Edge<'a>]) -> Vec<Vec<Edge<'a>>> {
    let mut search = Search::default();
    for edge in edges {
        search.edges.entry(edge.from).or_default().push(*edge);
    }
    for edge in edges {
        search.from(edge.from);
    }
    search.found
}

/// A search in depth.
#[derive(Default)]
struct Search<'a> {
    edges: HashMap<&'a str, Vec<Edge<'a>>>,
    /// Names that the search has come to.
    seen: HashSet<&'a str>,
    /// The names on the way, each with the index of the edge that leads on.
    way: Vec<(&'a str, usize)>,
    found: Vec<Vec<Edge<'a>>>,
}

impl<'a> Search<'a> {
    fn from(&mut self, start: &'a str) {
        if self.seen.insert(start) {
            self.way.push((start, 0));
        }
        while let Some((name, next)) = self.way.last_mut() {
            let edge = self.edges.get(name).and_then(|edges| edges.get(*next));
            let Some(edge) = edge.copied() else {
                self.way.pop();
                continue;
            };
            *next += 1;
            if self.seen.insert(edge.to) {
                self.way.push((edge.to, 0));
            } else if self.found.len() < MAX_CIRCLES
                && let Some(start) = self.way.iter().position(|(name, _)| *name == edge.to)
            {
                self.found.push(self.since(start));
            }
        }
    }

    /// The edges of the way from a place on it.
    fn since(&self, start: usize) -> Vec<Edge<'a>> {
        let way = self.way.iter().skip(start);
        let taken = way.filter_map(|(name, next)| self.edges.get(name)?.get(next.checked_sub(1)?));
        taken.copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Edge, circles};

    /// The circles among pairs of names, as texts.
    fn found(pairs: &[(&'static str, &'static str)]) -> Vec<String> {
        let edges: Vec<_> = pairs
            .iter()
            .map(|(from, to)| Edge {
                from,
                to,
                span: &(0..0),
            })
            .collect();
        let circles = circles(&edges);
        let text =
            |circle: &Vec<Edge<'_>>| -> String { circle.iter().map(|edge| edge.from).collect() };
        circles.iter().map(text).collect()
    }

    #[test]
    fn a_circle_is_found_wherever_it_begins() {
        assert_eq!(found(&[("a", "a")]), ["a"]);
        assert_eq!(found(&[("a", "b"), ("b", "a")]), ["ab"]);
        assert_eq!(
            found(&[("a", "b"), ("b", "c"), ("c", "d"), ("d", "b")]),
            ["bcd"]
        );
        assert_eq!(found(&[("a", "b"), ("c", "a"), ("b", "c")]), ["abc"]);
        assert_eq!(
            found(&[("a", "b"), ("b", "a"), ("a", "c"), ("c", "a")]),
            ["ab", "ac"]
        );
    }

    #[test]
    fn ways_that_meet_again_are_no_circle() {
        assert!(found(&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]).is_empty());
        assert!(found(&[]).is_empty());
    }
}
