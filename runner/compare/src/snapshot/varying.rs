//! Values that are others in each run of a test.

use super::{
    difference::{Mark, difference},
    kind::ValueKind,
};

/// What two runs of one test differ in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Varying {
    /// The values that are others, each once.
    pub values: Vec<VaryingValue>,
    /// Whether these are all that differs.
    pub are_all: bool,
}

/// A value that is another in each run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaryingValue {
    /// The function whose argument or result it is a part of.
    pub function: String,
    /// Where it stands there: `order.CreatedAt`, `returns[0]`.
    pub path: String,
    /// What it is.
    pub kind: ValueKind,
}

impl Varying {
    /// Whether nothing differs but values of kinds that are others in each run, whoever made them.
    #[must_use]
    pub fn is_explained(&self) -> bool {
        let mut kinds = self.values.iter().map(|value| value.kind);
        self.are_all && !self.values.is_empty() && kinds.all(|kind| kind != ValueKind::Other)
    }
}

/// What the snapshots of two runs of one test differ in. `names` is as in [`difference`].
#[must_use]
pub fn varying(first: &str, second: &str, names: &dyn Fn(&str) -> Vec<String>) -> Varying {
    let mut varying = Varying {
        values: Vec::new(),
        are_all: true,
    };
    for row in difference(first, second, names).rows {
        varying.are_all &= matches!(row.mark, Mark::Same | Mark::Changed);
        for change in row.changes {
            varying.are_all &= change.is_value;
            let (Some(before), Some(after), true) =
                (&change.before, &change.after, change.is_value)
            else {
                varying.are_all = false;
                continue;
            };
            let kind = ValueKind::of(&change.path, before, after);
            let path = without_numbers(&change.path);
            let known = varying
                .values
                .iter_mut()
                .find(|value| value.function == row.name && value.path == path);
            match known {
                // Elements of one list may be of several kinds.
                Some(known) if known.kind != kind => known.kind = ValueKind::Other,
                Some(_) => {}
                None => varying.values.push(VaryingValue {
                    function: row.name.clone(),
                    path,
                    kind,
                }),
            }
        }
    }
    varying
}

/// A path without the numbers of elements and the keys of maps, but for the number of a result.
fn without_numbers(path: &str) -> String {
    let (root, rest) = match path
        .strip_prefix("returns[")
        .and_then(|rest| rest.split_once(']'))
    {
        Some((number, rest)) => (format!("returns[{number}]"), rest),
        None => (String::new(), path),
    };
    let mut kept = root;
    let mut depth = 0_usize;
    for character in rest.chars() {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            character if depth == 0 => kept.push(character),
            _ => {}
        }
    }
    kept
}
