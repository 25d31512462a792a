//! Who is right where the two differ.
//!
//! goproctor reads at the function's entry, delve some instructions later, when it has stopped all threads. What other
//! goroutines changed between the two differs without anybody being wrong. That is taken for shown only if delve itself
//! read goproctor's value at the same address at another stop.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    known,
    tally::Difference,
    value::{Kind, Variable},
};

/// What a difference comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// The memory changed between the two: both are right.
    Changed,
    /// It was looked into by hand; who is right and why is in `known`.
    Known(&'static str),
    /// Nothing explains it.
    Open,
}

/// The values that delve read at the addresses at which the two differ.
#[derive(Default)]
pub(crate) struct Readings(BTreeMap<u64, BTreeSet<String>>);

impl Readings {
    /// For the addresses of the differences.
    pub(crate) fn of(differences: &[Difference]) -> Self {
        let addresses = differences
            .iter()
            .filter_map(|difference| difference.address);
        Self(
            addresses
                .map(|address| (address, BTreeSet::new()))
                .collect(),
        )
    }

    /// Takes what was read at a stop.
    pub(crate) fn take(&mut self, variable: &Variable) {
        if let Some(values) = variable.place().and_then(|place| self.0.get_mut(&place))
            && variable.kind() != Kind::Struct
            && variable.kind() != Kind::Array
        {
            values.insert(variable.short());
        }
        for child in &variable.children {
            self.take(child);
        }
    }

    /// The verdict on a difference.
    pub(crate) fn judge(&self, server: &str, difference: &Difference) -> Verdict {
        if let Some(why) = known::reason(server, difference) {
            return Verdict::Known(why);
        }
        let values = difference.address.and_then(|address| self.0.get(&address));
        if values.is_some_and(|values| values.contains(&difference.ours)) {
            return Verdict::Changed;
        }
        Verdict::Open
    }
}
