//! What was compared, in figures.

use std::{collections::BTreeMap, fmt};

/// Leaves that were compared, and how they came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Leaves that are values, equal to the account's.
    pub values: u64,
    /// Leaves that are statuses, by what they say; a text, list or map that is cut counts once more than its parts.
    pub statuses: BTreeMap<String, u64>,
}

impl Count {
    /// All leaves.
    #[must_use]
    pub fn leaves(&self) -> u64 {
        self.values + self.statuses.values().sum::<u64>()
    }

    /// The leaves that are values, of a hundred; 0 without any leaf.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a figure to read, of far fewer leaves than 2^52"
    )]
    pub fn percent(&self) -> f64 {
        self.values as f64 * 100.0 / self.leaves().max(1) as f64
    }

    /// Counts a status.
    pub(super) fn status(&mut self, name: &str) {
        *self.statuses.entry(name.to_owned()).or_default() += 1;
    }

    /// Adds another count.
    pub fn add(&mut self, other: &Self) {
        self.values += other.values;
        for (name, count) in &other.statuses {
            *self.statuses.entry(name.clone()).or_default() += count;
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} leaves, {} values ({:.2} %)",
            self.leaves(),
            self.values,
            self.percent()
        )?;
        self.statuses
            .iter()
            .try_for_each(|(name, count)| write!(f, ", {count} {name}"))
    }
}
