//! What it means for expectations that calls of a Go test found no room: what looks at each call can't be decided, and what looks at
//! totals can, where they were counted.

use model::Countable;

use super::{Finding, Reason, Verdict, scope::Case};

impl Case<'_> {
    /// Why what looks at each call can't be decided.
    pub(super) fn not_kept(&self) -> Option<Reason> {
        self.observation().not_kept.map(Reason::NotKept)
    }

    /// Why what looks at the number or the times of a label's calls can't be decided.
    pub(super) fn not_counted(&self, label: &str) -> Option<Reason> {
        match self.is_by_request() {
            true => self.not_counted_among(label, &[Countable::AllCalls, Countable::OwnCalls]),
            false => self.not_counted_anywhere(label),
        }
    }

    /// The same of all calls, wherever they were made.
    pub(super) fn not_counted_anywhere(&self, label: &str) -> Option<Reason> {
        self.not_counted_among(label, &[Countable::AllCalls])
    }

    fn not_counted_among(&self, label: &str, enough: &[Countable]) -> Option<Reason> {
        let not_kept = self.observation().not_kept?;
        let function = self.spec.function(label);
        // Of a call that is not kept it is not known whether the filter lets it through.
        let is_filtered = function.is_none_or(|function| function.filter.is_some());
        let is_counted = enough.contains(&not_kept.countable) && !is_filtered;
        (!is_counted).then_some(Reason::NotKept(not_kept))
    }
}

/// A verdict that can't be given for this reason, if there is one.
pub(super) fn unless(reason: Option<Reason>, verdict: Verdict) -> Verdict {
    match reason {
        Some(reason) => Verdict {
            finding: Finding::Inconclusive(reason),
            ..verdict
        },
        None => verdict,
    }
}
