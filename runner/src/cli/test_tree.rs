//! `goproctor test --tree`: the calls of a Go test as a tree, without a spec.
//!
//! The test is looked at by a spec that is made for it: of each package that has the test, all its own functions are watched, and
//! nothing is asked of them.

use std::{ffi::OsString, fs};

use golang::toolchain::{TestCommand, TestPackage, TestPackages};
use model::suggestion::did_you_mean;
use spec::{Source, document::GoTestName};

use super::{Failure, test_setup::Found};

/// A Go test whose tree is shown.
pub(super) struct TreeRequest {
    name: GoTestName,
}

impl TreeRequest {
    /// The test with that full name.
    ///
    /// # Errors
    /// No Go test can have such a name, or the output can't have a tree in it.
    pub(super) fn new(name: &str, words: &[OsString]) -> Result<Self, Failure> {
        let name = GoTestName::new(name);
        if !GoTestName::is_kind(name.top()) {
            return Err(Failure::usage(format!(
                "--tree {} names no Go test: these begin with Test, Fuzz, Example or Benchmark",
                name.as_str()
            )));
        }
        if TestCommand::parse(words).is_set("json") {
            return Err(Failure::usage(
                "--tree is for people: use --calls FILE for calls as JSON lines",
            ));
        }
        Ok(Self { name })
    }

    /// Flags for go that leave all other tests out, before those of the user.
    pub(super) fn flags(&self) -> Vec<OsString> {
        let top = format!("^{}$", self.name.top().replace('*', ".*"));
        let flags = match self.name.top().starts_with("Benchmark") {
            true => vec![format!("-bench={top}"), "-run=^$".to_owned()],
            false => vec![format!("-run={top}")],
        };
        let count = std::iter::once("-count=1".to_owned());
        count.chain(flags).map(OsString::from).collect()
    }

    /// The name, as it is written.
    pub(super) fn name(&self) -> &str {
        self.name.as_str()
    }

    /// The packages that have the test, each with a spec for it.
    ///
    /// # Errors
    /// None has it.
    pub(super) fn found(&self, listed: &TestPackages) -> Result<Vec<Found>, Failure> {
        let top = GoTestName::new(self.name.top());
        let mut known = Vec::new();
        let mut found = Vec::new();
        for package in listed.packages.iter().filter(|package| package.has_tests()) {
            let tests = tests_of(package);
            if tests.iter().any(|test| top.matches(test)) {
                found.push(self.spec_for(package)?);
            }
            known.extend(tests);
        }
        if !found.is_empty() {
            return Ok(found);
        }
        let help = did_you_mean(self.name.top(), known.iter().map(String::as_str));
        let help = help.map_or_else(String::new, |help| format!("; {help}"));
        Err(Failure::usage(format!(
            "there is no Go test {} in these packages{help}",
            self.name.top()
        )))
    }

    fn spec_for(&self, package: &TestPackage) -> Result<Found, Failure> {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let text = format!(
            "[functions]\nown = {}\n[[test]]\ngo-test = {}\ncount = {{ own = {{ lt = 1_000_000_000 }} }}\n",
            quoted(&format!("{}.*", package.import_path)),
            quoted(self.name.as_str()),
        );
        let source = Source::new(package.folder.join("tree.proctor.toml"), text);
        let spec = spec::parse(source);
        let spec = spec.map_err(|errors| Failure::specs(vec![errors]))?;
        Ok(Found::with(package, vec![spec]))
    }
}

/// The names of a package's tests, as its files declare them at the begin of a line. gofmt puts them there.
fn tests_of(package: &TestPackage) -> Vec<String> {
    let files = package.internal_tests.iter().chain(&package.external_tests);
    let mut tests = Vec::new();
    for file in files {
        // One that can't be read go will report.
        let text = fs::read_to_string(package.folder.join(file)).unwrap_or_default();
        let names = text.lines().filter_map(|line| {
            let name = line.strip_prefix("func ")?.split('(').next()?;
            GoTestName::is_kind(name).then(|| name.to_owned())
        });
        tests.extend(names);
    }
    tests
}
