//! Tests by their tags: `--tag slow`, `--skip-tag db`.

use std::collections::BTreeSet;

use clap::Args;
use model::suggestion::did_you_mean;
use spec::{Spec, document::Test};

use super::Failure;

/// Which tests, by their tags.
#[derive(Clone, Debug, Default, Args)]
pub struct TagArguments {
    /// Run only tests that have this tag; may be given several times, for tests that have one of them
    #[arg(long = "tag", value_name = "TAG")]
    pub wanted: Vec<String>,
    /// Skip tests that have this tag; may be given several times
    #[arg(long = "skip-tag", value_name = "TAG")]
    pub skipped: Vec<String>,
}

impl TagArguments {
    /// Whether none is named.
    pub(super) const fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.skipped.is_empty()
    }

    /// Whether a test is meant.
    pub(super) fn take(&self, test: &Test) -> bool {
        let is_among = |tags: &[String]| test.tags.iter().any(|tag| tags.contains(&tag.value));
        (self.wanted.is_empty() || is_among(&self.wanted)) && !is_among(&self.skipped)
    }

    /// Refuses tags that no test has.
    ///
    /// # Errors
    /// Such a tag.
    pub(super) fn check(&self, specs: &[Spec]) -> Result<(), Failure> {
        let tests = specs.iter().flat_map(|spec| &spec.tests);
        let tags = tests.flat_map(|test| &test.tags);
        let known: BTreeSet<&str> = tags.map(|tag| tag.value.as_str()).collect();
        let mut asked = self.wanted.iter().chain(&self.skipped);
        let Some(unknown) = asked.find(|tag| !known.contains(tag.as_str())) else {
            return Ok(());
        };
        let help = did_you_mean(unknown, known.iter().copied());
        let help =
            help.unwrap_or_else(|| "none has a tag: tags = [\"slow\"] gives it one".to_owned());
        Err(Failure::usage(format!(
            "no test has the tag `{unknown}`: {help}"
        )))
    }
}
