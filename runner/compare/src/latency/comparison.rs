//! What a comparison says.

use std::collections::BTreeMap;

use super::{finding::Finding, origin::Origin, side::Sides};

/// What a comparison of all functions says.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Rounds that were made.
    pub rounds: usize,
    /// Rounds that it takes to decide anything with so many functions. With fewer, each finding is [`Finding::TooFewRounds`].
    pub needed: usize,
    /// All functions, by name.
    pub functions: BTreeMap<String, FunctionLatency>,
}

/// What is found of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionLatency {
    /// Calls in all rounds.
    pub calls: Sides<u64>,
    /// Its own time: without watched functions that it calls on the same goroutine.
    pub own: Finding,
    /// Its whole time: with them.
    pub whole: Finding,
    /// Why one of the two changed. `None` if neither did.
    pub origin: Option<Origin>,
}

impl Comparison {
    /// Whether more rounds are needed to decide anything.
    #[must_use]
    pub const fn has_too_few_rounds(&self) -> bool {
        self.rounds < self.needed
    }

    /// The functions in which a difference begins.
    pub fn roots(&self) -> impl Iterator<Item = (&str, &FunctionLatency)> {
        self.changed()
            .filter(|(_, function)| function.origin == Some(Origin::Root))
    }

    /// The functions of which a time changed, roots and consequences.
    pub fn changed(&self) -> impl Iterator<Item = (&str, &FunctionLatency)> {
        let all = self
            .functions
            .iter()
            .map(|(name, function)| (name.as_str(), function));
        all.filter(|(_, function)| function.origin.is_some())
    }
}
