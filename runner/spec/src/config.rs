//! What a `goproctor.toml` says: settings for `goproctor run`, in profiles.

use std::{collections::BTreeMap, path::PathBuf};

use model::suggestion::did_you_mean;
use regex::Regex;

use super::document::Source;

/// The name of the file.
pub const FILE_NAME: &str = "goproctor.toml";

/// What a `goproctor.toml` says.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file.
    pub source: Source,
    /// `[run]`
    pub run: Settings,
    /// `[profile.NAME]`, by name.
    pub profiles: BTreeMap<String, Settings>,
}

/// The settings of `[run]` or of a profile: what is not said is none.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Specs and folders, relative to the file's folder.
    pub paths: Option<Vec<PathBuf>>,
    /// Which tests to skip.
    pub skip: Option<Regex>,
    /// How often each test is run.
    pub count: Option<u32>,
    /// How many specs are run at the same time.
    pub jobs: Option<u32>,
    /// How often a test that does not pass is run again.
    pub retries: Option<u32>,
    /// Whether to stop at the first test that does not pass.
    pub failfast: Option<bool>,
    /// The Go release to build with.
    pub go: Option<String>,
    /// Environment variables of the program, by name.
    pub env: Vec<(String, String)>,
    /// Where a JUnit report is written besides, relative to the file's folder.
    pub junit: Option<PathBuf>,
    /// The size of the ring of records, in MiB.
    pub ring: Option<u32>,
    /// Who `go` and the program run as.
    pub user: Option<String>,
}

/// There is no profile of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no profile `{name}` in {}: {known}", file.display())]
pub struct UnknownProfile {
    /// The name.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// Which there are.
    pub known: String,
}

impl Config {
    /// The settings that hold with a profile: its own, and those of `[run]` where it says nothing.
    ///
    /// # Errors
    /// There is no such profile.
    pub fn settings(&self, profile: Option<&str>) -> Result<Settings, UnknownProfile> {
        let Some(name) = profile else {
            return Ok(self.run.clone());
        };
        match self.profiles.get(name) {
            Some(profile) => Ok(profile.clone().over(self.run.clone())),
            None => Err(UnknownProfile {
                name: name.to_owned(),
                file: self.source.path.clone(),
                known: self.known(name),
            }),
        }
    }

    /// The profiles that there are, for who asked for another one.
    fn known(&self, wrong: &str) -> String {
        let names: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
        if names.is_empty() {
            return format!("it has none; write a table `[profile.{wrong}]`");
        }
        let all = format!("it has {}", names.join(", "));
        match did_you_mean(wrong, names.iter().copied()) {
            Some(help) => format!("{all}; {help}"),
            None => all,
        }
    }
}

impl Settings {
    /// These, and the others where these say nothing.
    #[must_use]
    fn over(self, others: Self) -> Self {
        let mut env = others.env;
        env.retain(|(name, _)| self.env.iter().all(|(own, _)| own != name));
        env.extend(self.env);
        Self {
            paths: self.paths.or(others.paths),
            skip: self.skip.or(others.skip),
            count: self.count.or(others.count),
            jobs: self.jobs.or(others.jobs),
            retries: self.retries.or(others.retries),
            failfast: self.failfast.or(others.failfast),
            go: self.go.or(others.go),
            env,
            junit: self.junit.or(others.junit),
            ring: self.ring.or(others.ring),
            user: self.user.or(others.user),
        }
    }
}
