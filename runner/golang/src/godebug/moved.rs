//! The settings whose behaviour differs between two worlds: each a release, and what a program starts with there.

use std::collections::BTreeSet;

use super::{SettingTable, SettingValues};
use crate::GoRelease;

/// A release, and what a program that it builds starts with.
#[derive(Clone, Debug)]
pub struct SettingWorld<'a> {
    /// The release.
    pub release: &'a GoRelease,
    /// The settings that it has.
    pub table: &'a SettingTable,
    /// What the program starts with (`DefaultGODEBUG`).
    pub values: &'a SettingValues,
}

/// A setting whose behaviour differs between two worlds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedSetting {
    /// Its name.
    pub name: String,
    /// The package that uses it.
    pub package: String,
    /// The release whose default moved; none for one that only the program itself sets.
    pub since: Option<u32>,
    /// The release that no longer has it, if that is the newer one or one before it.
    pub removed: Option<u32>,
    /// How it behaves in the first world.
    pub old: Behaviour,
    /// How it behaves in the second.
    pub new: Behaviour,
    /// Whether an audit does not see its uses.
    pub is_opaque: bool,
    /// How it can be tried by itself.
    pub trial: Trial,
}

/// How a setting behaves in a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// As before its default moved; the value that asks for this.
    Old(String),
    /// As the release does by default.
    Default,
    /// As the program asks for, which is neither.
    Set(String),
}

/// How one setting that moved can be tried without the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trial {
    /// On the new release, with all else new: this value of it brings the old behaviour back.
    OnNew(String),
    /// The new release no longer has it. On the old release, with its own defaults: this value of it is the old behaviour.
    OnOld(String),
    /// The old world has no value that the new one could be given; the new release's default can be asked for in the old world, by not
    /// setting it.
    WithoutOld,
}

impl MovedSetting {
    /// The package whose functions read it with `internal/godebug`, so that a pattern behind its value selects uses by their stack. None for
    /// those that the runtime reads itself: it takes numbers alone (`parsegodebug` in runtime/runtime1.go).
    #[must_use]
    pub fn is_selected_by_stack(&self) -> bool {
        self.package != "runtime"
    }
}

/// The settings that behave differently in two worlds, by name. A release that does not know a setting behaves as before its default moved.
#[must_use]
pub fn moved_settings(old: &SettingWorld<'_>, new: &SettingWorld<'_>) -> Vec<MovedSetting> {
    let tables = old.table.settings.iter().chain(&new.table.settings);
    let set = old.values.iter().chain(new.values.iter());
    let names: BTreeSet<&str> = tables
        .map(|setting| setting.name.as_str())
        .chain(set.map(|(name, _)| name))
        .collect();
    let moved = names.into_iter().map(|name| compare(name, old, new));
    moved.flatten().collect()
}

fn compare(name: &str, old: &SettingWorld<'_>, new: &SettingWorld<'_>) -> Option<MovedSetting> {
    let known = [new, old].map(|world| world.table.setting(name));
    let [newest, older] = known;
    let described = newest.or(older);
    // The releases agree on when a default moved, but one that is older than that has no default to speak of.
    let change = known
        .into_iter()
        .flatten()
        .find_map(|setting| setting.change.as_ref());
    let behaviour = |world: &SettingWorld<'_>| {
        let before = |since: u32| world.release.minor() < since;
        match (world.values.get(name), change) {
            (Some(value), Some(change)) if value == change.old => Behaviour::Old(value.to_owned()),
            (Some(value), _) => Behaviour::Set(value.to_owned()),
            (None, Some(change)) if before(change.since) => Behaviour::Old(change.old.clone()),
            (None, _) => Behaviour::Default,
        }
    };
    let (before, after) = (behaviour(old), behaviour(new));
    if before == after {
        return None;
    }
    let removed = new.table.removed(name).map(|removed| removed.since);
    let trial = match &before {
        Behaviour::Old(value) | Behaviour::Set(value) if newest.is_some() => {
            Trial::OnNew(value.clone())
        }
        Behaviour::Old(value) | Behaviour::Set(value) => Trial::OnOld(value.clone()),
        Behaviour::Default => Trial::WithoutOld,
    };
    Some(MovedSetting {
        name: name.to_owned(),
        package: described.map_or_else(String::new, |setting| setting.package.clone()),
        since: change.map(|change| change.since),
        removed,
        old: before,
        new: after,
        is_opaque: described.is_some_and(|setting| setting.is_opaque),
        trial,
    })
}

#[cfg(test)]
mod tests {
    use super::{Behaviour, MovedSetting, SettingWorld, Trial, moved_settings};
    use crate::godebug::SettingTable;

    const GO_1_26: &str = r#"package godebugs
var All = []Info{
    {Name: "asynctimerchan", Package: "time", Changed: 23, Old: "1"},
    {Name: "http2server", Package: "net/http"},
    {Name: "panicnil", Package: "runtime", Changed: 21, Old: "1"},
    {Name: "urlstrictcolons", Package: "net/url", Changed: 26, Old: "0"},
}"#;
    const GO_1_27: &str = r#"package godebugs
var All = []Info{
    {Name: "http2server", Package: "net/http"},
    {Name: "panicnil", Package: "runtime", Changed: 21, Old: "1"},
    {Name: "tracebacklabels", Package: "runtime", Changed: 27, Old: "0", Opaque: true},
    {Name: "urlstrictcolons", Package: "net/url", Changed: 26, Old: "0"},
}
var Removed = []RemovedInfo{{Name: "asynctimerchan", Removed: 27, Old: func(s string) bool { return s == "1" }}}"#;

    /// Release, table and what the program starts with.
    fn moved(old: (&str, &str, &str), new: (&str, &str, &str)) -> Vec<MovedSetting> {
        let world = |(release, table, values): (&str, &str, &str)| {
            let table = match table {
                "" => SettingTable::default(),
                _ => SettingTable::read(table.as_bytes()).unwrap(),
            };
            (release.parse().unwrap(), table, values.parse().unwrap())
        };
        let worlds = (world(old), world(new));
        let view = |world| {
            let (release, table, values) = world;
            SettingWorld {
                release,
                table,
                values,
            }
        };
        let (old, new) = (&worlds.0, &worlds.1);
        moved_settings(
            &view((&old.0, &old.1, &old.2)),
            &view((&new.0, &new.1, &new.2)),
        )
    }

    fn names(moved: &[MovedSetting]) -> Vec<&str> {
        moved.iter().map(|setting| setting.name.as_str()).collect()
    }

    #[test]
    fn a_go_line_moves_what_is_newer_than_it() {
        let old = ("go1.26.8", GO_1_26, "asynctimerchan=1,urlstrictcolons=0");
        let moved = moved(old, ("go1.26.8", GO_1_26, ""));
        assert_eq!(names(&moved), ["asynctimerchan", "urlstrictcolons"]);
        assert_eq!(moved[1].old, Behaviour::Old("0".to_owned()));
        assert_eq!(moved[1].new, Behaviour::Default);
        assert_eq!(moved[1].since, Some(26));
        assert_eq!(moved[1].trial, Trial::OnNew("0".to_owned()));
    }

    #[test]
    fn a_release_moves_what_it_brings_unless_the_go_line_keeps_it() {
        let moved_to = |values| {
            moved(
                ("go1.25.8", "", "asynctimerchan=1"),
                ("go1.27.0", GO_1_27, values),
            )
        };
        let all = moved_to("");
        assert_eq!(
            names(&all),
            ["asynctimerchan", "tracebacklabels", "urlstrictcolons"]
        );
        assert!(all[1].is_opaque && !all[1].is_selected_by_stack());
        let kept = moved_to("tracebacklabels=0,urlstrictcolons=0");
        assert_eq!(names(&kept), ["asynctimerchan"]);
    }

    #[test]
    fn a_removed_setting_can_be_tried_on_the_old_release_alone() {
        let old = ("go1.26.8", GO_1_26, "asynctimerchan=1");
        let moved = moved(old, ("go1.27.3", GO_1_27, "tracebacklabels=0"));
        assert_eq!(names(&moved), ["asynctimerchan"]);
        assert_eq!(moved[0].removed, Some(27));
        assert_eq!(moved[0].package, "time");
        assert_eq!(moved[0].trial, Trial::OnOld("1".to_owned()));
    }

    #[test]
    fn what_the_program_sets_itself_counts() {
        let old = ("go1.26.8", GO_1_26, "http2server=0,panicnil=1");
        assert_eq!(moved(old, old), []);
        let moved = moved(old, ("go1.26.8", GO_1_26, "asynctimerchan=2,panicnil=1"));
        assert_eq!(names(&moved), ["asynctimerchan", "http2server"]);
        assert_eq!(moved[0].new, Behaviour::Set("2".to_owned()));
        assert_eq!(moved[0].trial, Trial::WithoutOld);
        assert_eq!(moved[1].trial, Trial::OnNew("0".to_owned()));
    }

    #[test]
    fn a_release_without_settings_has_the_old_behaviour() {
        let moved = moved(("go1.20.14", "", ""), ("go1.26.8", GO_1_26, ""));
        assert_eq!(
            names(&moved),
            ["asynctimerchan", "panicnil", "urlstrictcolons"]
        );
        assert!(
            moved
                .iter()
                .all(|setting| matches!(setting.trial, Trial::OnNew(_)))
        );
    }
}
