//! A sequence with all that calls are held against it by.

use model::Call;
use spec::document::Sequence;

use super::{
    hits::Hits,
    matching::{Material, Solved},
};
use crate::expect::scope::Case;

/// A sequence that is judged.
pub(super) struct Judging<'a> {
    /// The test.
    pub(super) case: &'a Case<'a>,
    /// The sequence.
    pub(super) sequence: &'a Sequence,
    /// What the probes' hits cost.
    pub(super) hits: &'a Hits<'a>,
}

impl<'a> Judging<'a> {
    /// The sequence and some calls.
    pub(super) fn material(&self, calls: &[&'a Call], exchange: Option<usize>) -> Material<'a> {
        let calls = calls.iter().copied();
        Material::new(self.case, self.sequence, self.hits, calls, exchange)
    }

    /// The same, and how the search went.
    pub(super) fn solved(
        &self,
        calls: &[&'a Call],
        exchange: Option<usize>,
    ) -> (Material<'a>, Solved) {
        let material = self.material(calls, exchange);
        let solved = material.solve();
        (material, solved)
    }
}
