//! A run of `go test` in which is seen which functions the tests reach.

use std::{collections::BTreeMap, io, os::fd::AsFd as _, process::Stdio, sync::Arc};

use golang::toolchain::TestBuild;
use kernel::LoadOptions;

use super::{Failure, map_setup::TestedPackages, screen::Waiting, test::go};
use crate::{
    go_test::{Mapper, MapperOptions},
    report::ExitCode,
    session::{Cancel, Kernels, MappedTests, Progress, SessionError},
};

/// Runs tests, and sees which functions they reach.
pub(super) struct MapRunner<'w> {
    /// What is tested.
    pub(super) tested: TestedPackages,
    kernels: Arc<Kernels>,
    cancel: Cancel,
    waiting: &'w Waiting,
}

impl<'w> MapRunner<'w> {
    /// Runs the tests of some packages, with a ring of so many bytes for each binary.
    pub(super) fn new(
        tested: TestedPackages,
        ring_bytes: u32,
        cancel: Cancel,
        waiting: &'w Waiting,
    ) -> Self {
        Self {
            tested,
            kernels: Kernels::new(LoadOptions { ring_bytes }),
            cancel,
            waiting,
        }
    }

    /// Begins to load what watches, while go builds.
    pub(super) fn load_ahead(&self) {
        self.kernels.load_ahead(self.tested.packages().count());
    }

    /// Ends the display of what goes on, before something is printed.
    pub(super) fn clear(&self) {
        self.waiting.clear();
    }

    /// Prepares a run of the tests in which some functions can be seen.
    ///
    /// # Errors
    /// A pattern is none, or go can't list what the tests are built from.
    pub(super) fn prepare(&self, patterns: &[String]) -> Result<TestBuild, Failure> {
        let mut progress = |line: &str| self.waiting.show(&Progress::Go(line.to_owned()));
        self.tested.prepare(patterns, &mut progress)
    }

    /// Runs the tests: what was seen of each package, and what the whole comes to.
    ///
    /// # Errors
    /// go can't be started, or a test binary can't be watched.
    pub(super) fn see(
        &self,
        build: &TestBuild,
        patterns: Vec<String>,
    ) -> Result<(BTreeMap<String, MappedTests>, ExitCode), Failure> {
        self.clear();
        let options = MapperOptions {
            patterns,
            exec: build.exec.clone().unwrap_or_default(),
        };
        let folders = self.tested.packages();
        let folders = folders.map(|package| (package.import_path.clone(), package.folder.clone()));
        let kernels = Arc::clone(&self.kernels);
        let mapper = Mapper::new(folders.collect(), options, kernels, self.cancel.clone());
        let mapper = Arc::new(mapper);
        let own_output = io::stderr().as_fd().try_clone_to_owned()?;
        let status = go(build, &mapper, Stdio::from(own_output), &self.cancel)?;
        judge(&self.tested, mapper.take_seen(), status.success())
    }
}

/// What a run comes to of which hits were lost, if any were; then says what to do.
pub(super) fn with_losses(outcome: ExitCode, lost: u64, advice: &str) -> ExitCode {
    if lost == 0 {
        return outcome;
    }
    eprintln!(
        "goproctor: {lost} hits were lost, so functions may be reached by more tests: {advice}"
    );
    match outcome {
        ExitCode::Passed => ExitCode::Inconclusive,
        outcome => outcome,
    }
}

/// What was seen of each package, and what the whole comes to.
fn judge(
    tested: &TestedPackages,
    seen: BTreeMap<String, Result<MappedTests, SessionError>>,
    is_passed: bool,
) -> Result<(BTreeMap<String, MappedTests>, ExitCode), Failure> {
    let mut mapped = BTreeMap::new();
    for (package, seen) in seen {
        match seen {
            Ok(seen) => {
                mapped.insert(package, seen);
            }
            Err(error @ SessionError::Functions(_)) => {
                return Err(Failure::usage(error.to_string()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let missing = tested
        .packages()
        .filter(|package| !mapped.contains_key(&package.import_path));
    let missing: Vec<&str> = missing
        .map(|package| package.import_path.as_str())
        .collect();
    if !missing.is_empty() {
        return Err(Failure::world(format!(
            "the tests of {} did not run, so there is no map; go says why",
            missing.join(", ")
        )));
    }
    if !is_passed {
        eprintln!("goproctor: tests failed, and may not have come to all that they reach");
        return Ok((mapped, ExitCode::Failed));
    }
    Ok((mapped, ExitCode::Passed))
}
