//! What a go.mod or go.work file says, as `go mod edit -json` and `go work edit -json` print it.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::ModuleVersion;

/// A go.mod file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModFile {
    module: PathAndVersion,
    /// The version in its `go` line; none if it has none, which means Go 1.16.
    pub go: Option<String>,
    /// The name in its `toolchain` line.
    pub toolchain: Option<String>,
    /// What it requires.
    #[serde(deserialize_with = "list")]
    pub require: Vec<Required>,
    #[serde(deserialize_with = "list")]
    replace: Vec<Replaced>,
}

/// A go.work file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct WorkFile {
    /// The version in its `go` line.
    pub(crate) go: Option<String>,
    #[serde(rename = "Use", deserialize_with = "list")]
    uses: Vec<Used>,
}

/// A module that is required.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Required {
    /// Its path.
    pub path: String,
    /// Its version.
    pub version: String,
    /// Whether only other modules need it.
    pub indirect: bool,
}

/// Which code stands for a module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selected {
    /// That version of it.
    Version(ModuleVersion),
    /// A version of another module.
    Replaced {
        /// The other module's path.
        path: String,
        /// Its version.
        version: ModuleVersion,
    },
    /// What is in a folder, as the file names it.
    Folder(PathBuf),
}

/// A text that is no go.mod or go.work in JSON.
#[derive(Debug, thiserror::Error)]
#[error("cannot understand what `go mod edit -json` prints: {0}")]
pub struct InvalidModFile(#[from] serde_json::Error);

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct PathAndVersion {
    path: String,
    version: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Replaced {
    old: PathAndVersion,
    new: PathAndVersion,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Used {
    disk_path: PathBuf,
}

/// Go writes `null` for an empty list.
fn list<'d, D: Deserializer<'d>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl ModFile {
    /// Reads what `go mod edit -json` prints.
    ///
    /// # Errors
    /// It is something else.
    pub fn read(json: &[u8]) -> Result<Self, InvalidModFile> {
        Ok(serde_json::from_slice(json)?)
    }

    /// The module's path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.module.path
    }

    /// The code that stands for each module that it requires, by path.
    #[must_use]
    pub fn selected(&self) -> BTreeMap<&str, Selected> {
        let required = self.require.iter();
        required
            .map(|required| (required.path.as_str(), self.replacement(required)))
            .collect()
    }

    /// What it replaces of a module: its path, or its path and a version.
    pub(crate) fn replacements(&self, path: &str) -> impl Iterator<Item = String> {
        let replaced = self
            .replace
            .iter()
            .filter(move |replaced| replaced.old.path == path);
        replaced.map(|Replaced { old, .. }| match old.version.as_str() {
            "" => old.path.clone(),
            version => format!("{}@{version}", old.path),
        })
    }

    fn replacement(&self, required: &Required) -> Selected {
        let mut replaced: Vec<&Replaced> = self
            .replace
            .iter()
            .filter(|replaced| replaced.old.path == required.path)
            .filter(|replaced| {
                replaced.old.version.is_empty() || replaced.old.version == required.version
            })
            .collect();
        // One for this version goes before one for all.
        replaced.sort_by_key(|replaced| replaced.old.version.is_empty());
        match replaced.first() {
            None => Selected::Version(ModuleVersion::new(&required.version)),
            Some(Replaced { new, .. }) if new.version.is_empty() => {
                Selected::Folder(PathBuf::from(&new.path))
            }
            Some(Replaced { new, .. }) => Selected::Replaced {
                path: new.path.clone(),
                version: ModuleVersion::new(&new.version),
            },
        }
    }
}

impl WorkFile {
    /// Reads what `go work edit -json` prints.
    ///
    /// # Errors
    /// It is something else.
    pub(crate) fn read(json: &[u8]) -> Result<Self, InvalidModFile> {
        Ok(serde_json::from_slice(json)?)
    }

    /// The folders of its modules, as it names them.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.uses.iter().map(|used| &used.disk_path)
    }
}

#[cfg(test)]
mod tests {
    use super::{ModFile, Selected, WorkFile};
    use crate::modules::ModuleVersion;

    const JSON: &[u8] = br#"{
        "Module": {"Path": "a.test/shop"}, "Go": "1.21", "Toolchain": "go1.22.1",
        "Require": [
            {"Path": "a.test/one", "Version": "v1.0.0"},
            {"Path": "a.test/two", "Version": "v1.0.0", "Indirect": true},
            {"Path": "a.test/three", "Version": "v1.0.0"},
            {"Path": "a.test/four", "Version": "v1.0.0"}
        ],
        "Exclude": null,
        "Replace": [
            {"Old": {"Path": "a.test/two"}, "New": {"Path": "../two"}},
            {"Old": {"Path": "a.test/three"}, "New": {"Path": "../three"}},
            {"Old": {"Path": "a.test/three", "Version": "v1.0.0"}, "New": {"Path": "b.test/three", "Version": "v1.5.0"}},
            {"Old": {"Path": "a.test/four", "Version": "v2.0.0"}, "New": {"Path": "../four"}}
        ], "Retract": null
    }"#;

    #[test]
    fn replacements_stand_for_what_is_required() {
        let file = ModFile::read(JSON).unwrap();
        assert_eq!(
            (file.path(), file.go.as_deref()),
            ("a.test/shop", Some("1.21"))
        );
        assert_eq!(file.toolchain.as_deref(), Some("go1.22.1"));
        let selected = file.selected();
        let version = |text| ModuleVersion::new(text);
        assert_eq!(selected["a.test/one"], Selected::Version(version("v1.0.0")));
        assert_eq!(selected["a.test/two"], Selected::Folder("../two".into()));
        let other = Selected::Replaced {
            path: "b.test/three".to_owned(),
            version: version("v1.5.0"),
        };
        assert_eq!(selected["a.test/three"], other);
        assert_eq!(
            selected["a.test/four"],
            Selected::Version(version("v1.0.0"))
        );
    }

    #[test]
    fn a_file_with_little_in_it_is_read() {
        let file = ModFile::read(br#"{"Module": {"Path": "m"}, "Require": null}"#).unwrap();
        assert_eq!((file.go.as_deref(), file.require.len()), (None, 0));
        assert!(ModFile::read(b"go: no").is_err());
        let json =
            br#"{"Go": "1.21", "Use": [{"DiskPath": "./a"}, {"DiskPath": "/b"}], "Replace": null}"#;
        let work = WorkFile::read(json).unwrap();
        assert_eq!(
            work.folders().collect::<Vec<_>>(),
            ["./a", "/b"]
                .map(std::path::PathBuf::from)
                .iter()
                .collect::<Vec<_>>()
        );
    }
}
