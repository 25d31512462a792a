//! What trials have said so far.
//!
//! A search is written as if each outcome were there; the first that is not ends it with [`Missing`], and it begins again
//! when that one is told. It gets as far as before, for it is a function of the outcomes.

use std::collections::{BTreeMap, BTreeSet};

use super::outcome::Outcome;

/// The candidates that are on, by their numbers.
pub(super) type Subset = BTreeSet<usize>;

/// The outcome of this trial is needed to go on.
#[derive(Debug)]
pub(super) struct Missing(pub(super) Subset);

/// The outcomes of trials.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(BTreeMap<Subset, Outcome>);

impl Known {
    pub(super) fn tell(&mut self, on: Subset, outcome: Outcome) {
        self.0.insert(on, outcome);
    }

    /// What came of the trial with these on.
    pub(super) fn outcome(&self, on: &Subset) -> Result<Outcome, Missing> {
        self.0.get(on).copied().ok_or_else(|| Missing(on.clone()))
    }

    pub(super) fn is_different(&self, on: &Subset) -> Result<bool, Missing> {
        Ok(self.outcome(on)? == Outcome::Different)
    }
}
