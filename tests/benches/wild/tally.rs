//! What a comparison came to.

use std::collections::{BTreeMap, BTreeSet};

/// A leaf that the two tell differently.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    pub(crate) function: String,
    /// `request.URL.Path`
    pub(crate) path: String,
    pub(crate) ours: String,
    pub(crate) theirs: String,
    /// Where delve read it, if that is memory that others may write to: not what is passed itself.
    pub(crate) address: Option<u64>,
}

/// Counts and differences.
#[derive(Default)]
pub(crate) struct Tally {
    /// Functions of which an argument was compared.
    pub(crate) functions: BTreeSet<String>,
    /// The types of the arguments that were compared.
    pub(crate) types: BTreeSet<String>,
    pub(crate) calls: u64,
    pub(crate) leaves: u64,
    /// Leaves that goproctor does not know, by its reason.
    pub(crate) unknown: BTreeMap<String, u64>,
    /// Leaves that delve does not know, by the reason.
    pub(crate) not_theirs: BTreeMap<String, u64>,
    pub(crate) differences: Vec<Difference>,
}

impl Tally {
    /// A call that delve stopped in and goproctor did not tell.
    pub(crate) fn miss(&mut self, function: &str, goroutine: i64, turn: usize) {
        self.differences.push(Difference {
            function: function.to_owned(),
            path: "(the call)".to_owned(),
            ours: "not told".to_owned(),
            theirs: format!("call {turn} on goroutine {goroutine}"),
            address: None,
        });
    }
}
