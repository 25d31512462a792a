//! Versions of modules, in their order.

use std::{cmp::Ordering, fmt};

/// A module's version, `v1.2.3-pre.4+meta`: ordered as semantic versions are (<https://semver.org/#spec-item-11>), as golang.org/x/mod/semver
/// does. A text that is none is before all that are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModuleVersion(String);

impl ModuleVersion {
    /// The version of that text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The versions after `self` up to `last`, of those that there are.
    #[must_use]
    pub fn steps_to(&self, last: &Self, all: &[Self]) -> Vec<Self> {
        let (low, high) = if self <= last {
            (self, last)
        } else {
            (last, self)
        };
        let mut steps: Vec<Self> = all
            .iter()
            .filter(|version| *low < **version && **version < *high)
            .cloned()
            .collect();
        steps.sort();
        steps.dedup();
        if self > last {
            steps.reverse();
        }
        // A version between two releases is in no list.
        steps.push(last.clone());
        steps
    }

    /// Major, minor and patch number, and what is before the release.
    fn parts(&self) -> Option<([u64; 3], &str)> {
        let text = self.0.strip_prefix('v')?;
        let text = text.split_once('+').map_or(text, |(version, _)| version);
        let (numbers, before) = text.split_once('-').unwrap_or((text, ""));
        let mut numbers = numbers.split('.').map(|number| number.parse().ok());
        let mut next = || numbers.next().flatten();
        Some(([next()?, next()?, next()?], before))
    }
}

impl Ord for ModuleVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_text = || self.0.cmp(&other.0);
        match (self.parts(), other.parts()) {
            (Some((ours, before)), Some((theirs, other_before))) => ours
                .cmp(&theirs)
                .then_with(|| compare_before(before, other_before))
                .then_with(by_text),
            (None, None) => by_text(),
            (ours, theirs) => ours.is_some().cmp(&theirs.is_some()),
        }
    }
}

impl PartialOrd for ModuleVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares what is before two releases of the same numbers: nothing is last, numbers are before words.
fn compare_before(ours: &str, theirs: &str) -> Ordering {
    match (ours.is_empty(), theirs.is_empty()) {
        (false, false) => {}
        (ours, theirs) => return ours.cmp(&theirs),
    }
    let fields = |text: &str| -> Vec<Result<u64, String>> {
        let fields = text.split('.');
        fields
            .map(|field| field.parse().map_err(|_| field.to_owned()))
            .collect()
    };
    // `Ok` is before `Err`.
    fields(ours).cmp(&fields(theirs))
}

impl fmt::Display for ModuleVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::ModuleVersion;

    fn version(text: &str) -> ModuleVersion {
        ModuleVersion::new(text)
    }

    #[test]
    fn versions_are_in_order() {
        let order = [
            "none",
            "v0.0.0-20191109021931-daa7c04131f5",
            "v0.0.0-20200101000000-0123456789ab",
            "v0.9.0",
            "v1.0.0-alpha",
            "v1.0.0-alpha.1",
            "v1.0.0-alpha.beta",
            "v1.0.0-beta.2",
            "v1.0.0-beta.11",
            "v1.0.0-rc.1",
            "v1.0.0",
            "v1.0.1-0.20200101000000-0123456789ab",
            "v1.2.0",
            "v1.10.0",
            "v2.0.0+incompatible",
        ];
        for pair in order.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn steps_lead_from_one_version_to_the_other() {
        let all = ["v1.10.0", "v1.2.0", "v1.3.0", "v1.4.0-rc.1"].map(version);
        let steps = |from, to| -> Vec<String> {
            let steps = version(from).steps_to(&version(to), &all);
            steps.iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            steps("v1.2.0", "v1.10.0"),
            ["v1.3.0", "v1.4.0-rc.1", "v1.10.0"]
        );
        assert_eq!(
            steps("v1.10.0", "v1.2.0"),
            ["v1.4.0-rc.1", "v1.3.0", "v1.2.0"]
        );
        let between = "v1.3.1-0.20200101000000-0123456789ab";
        assert_eq!(steps("v1.2.0", between), ["v1.3.0", between]);
        assert_eq!(steps("v1.3.0", "v1.3.0"), ["v1.3.0"]);
    }
}
