//! In which modules two go.mod files differ.

use std::collections::BTreeSet;

use super::{ModFile, Selected};

/// A module that two go.mod files select differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleDifference {
    /// The module's path.
    pub path: String,
    /// What the first file selects; none if it does not require the module.
    pub old: Option<Selected>,
    /// What the second file selects, likewise.
    pub new: Option<Selected>,
    /// Whether only other modules need it, in both files that have it.
    pub indirect: bool,
}

/// The modules that two go.mod files select differently, by path: those that the module itself needs, then those that only others need, which
/// may move with the former.
///
/// From a `go 1.17` line on, a go.mod names all modules that its packages come from. Before that it may leave out what others require.
#[must_use]
pub fn module_differences(old: &ModFile, new: &ModFile) -> Vec<ModuleDifference> {
    let (before, after) = (old.selected(), new.selected());
    let paths: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let direct: BTreeSet<&str> = old
        .require
        .iter()
        .chain(&new.require)
        .filter(|required| !required.indirect)
        .map(|required| required.path.as_str())
        .collect();
    let mut differences: Vec<ModuleDifference> = paths
        .into_iter()
        .filter(|path| before.get(path) != after.get(path))
        .map(|path| ModuleDifference {
            path: path.to_owned(),
            old: before.get(path).cloned(),
            new: after.get(path).cloned(),
            indirect: !direct.contains(path),
        })
        .collect();
    differences.sort_by_key(|difference| difference.indirect);
    differences
}

#[cfg(test)]
mod tests {
    use super::module_differences;
    use crate::modules::ModFile;

    #[test]
    fn what_is_selected_differently_is_listed() {
        let file = |require: &str| {
            let json = format!(r#"{{"Module": {{"Path": "m"}}, "Require": [{require}]}}"#);
            ModFile::read(json.as_bytes()).unwrap()
        };
        let old = file(
            r#"{"Path": "a", "Version": "v1.0.0", "Indirect": true}, {"Path": "b", "Version": "v1.0.0"},
               {"Path": "c", "Version": "v1.0.0"}, {"Path": "d", "Version": "v1.0.0"}"#,
        );
        let new = file(
            r#"{"Path": "a", "Version": "v1.1.0", "Indirect": true}, {"Path": "b", "Version": "v1.0.0"},
               {"Path": "c", "Version": "v1.2.0", "Indirect": true}, {"Path": "e", "Version": "v1.0.0"}"#,
        );
        let differences = module_differences(&old, &new);
        let told: Vec<_> = differences
            .iter()
            .map(|one| {
                (
                    one.path.as_str(),
                    one.old.is_some(),
                    one.new.is_some(),
                    one.indirect,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("c", true, true, false),
                ("d", true, false, false),
                ("e", false, true, false),
                ("a", true, true, true),
            ]
        );
        assert_eq!(module_differences(&old, &old), []);
    }
}
