//! The settings that a release has.

use super::SettingValues;

/// The settings that a release has, and those that it had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingTable {
    /// The settings, by name. None before Go 1.21, which reads GODEBUG but has no table.
    pub settings: Vec<Setting>,
    /// The settings that it no longer has. Go names them from 1.26 on.
    pub removed: Vec<RemovedSetting>,
}

/// A setting of GODEBUG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name: `urlstrictcolons`.
    pub name: String,
    /// The package that uses it: `net/url`.
    pub package: String,
    /// When its default moved, and how; none if it never did.
    pub change: Option<DefaultChange>,
    /// Whether its uses are not counted: `IncNonDefault` is never called for it, so that an audit does not see it.
    pub is_opaque: bool,
    /// Whether it is read when the program starts, and never again.
    pub is_immutable: bool,
}

/// How a setting's default moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultChange {
    /// The first release with the new default: the number after `go1.`.
    pub since: u32,
    /// The value that brings the behaviour before that release back.
    pub old: String,
}

/// A setting that a release no longer has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedSetting {
    /// Its name.
    pub name: String,
    /// The first release without it: the number after `go1.`.
    pub since: u32,
    /// With which values the release refuses to build a program.
    pub refused: Refused,
}

/// The values of a removed setting that a release refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Any value: Go 1.26.
    All,
    /// Those that ask for the old behaviour: from Go 1.27 on.
    Values(Vec<String>),
}

impl Refused {
    /// Whether a value is refused.
    #[must_use]
    pub fn has(&self, value: &str) -> bool {
        match self {
            Self::All => true,
            Self::Values(values) => values.iter().any(|refused| refused == value),
        }
    }
}

impl SettingTable {
    /// The setting of that name.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.name == name)
    }

    /// The removed setting of that name.
    #[must_use]
    pub fn removed(&self, name: &str) -> Option<&RemovedSetting> {
        self.removed.iter().find(|removed| removed.name == name)
    }

    /// What a program of a module with the line `go 1.MINOR` starts with if it says nothing else itself, as cmd/go derives it
    /// (`godebugForGoVersion` in cmd/go/internal/load/godebug.go).
    #[cfg(test)]
    pub(crate) fn of_go_line(&self, minor: u32) -> SettingValues {
        let moved = self.settings.iter().filter_map(|setting| {
            let change = setting.change.as_ref()?;
            (minor < change.since).then(|| (setting.name.clone(), change.old.clone()))
        });
        moved.collect()
    }

    /// Those of a program's settings that this release refuses to build it with.
    pub fn refused<'v>(
        &self,
        values: &'v SettingValues,
    ) -> impl Iterator<Item = (&RemovedSetting, &'v str)> {
        values.iter().filter_map(|(name, value)| {
            let removed = self.removed(name)?;
            removed.refused.has(value).then_some((removed, value))
        })
    }
}
