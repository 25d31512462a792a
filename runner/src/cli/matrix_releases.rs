//! The Go releases of a matrix: which there are, and that they are here.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use golang::{
    GoRelease, KnownReleases, ReleaseList,
    toolchain::{self, BuildError, ReleaseIndex},
};

use super::{Failure, screen::Waiting, test_setup::world};
use crate::session::{Cancel, SessionError};

/// How many releases are fetched at a time: each waits for the network more than for this machine.
const AT_A_TIME: usize = 4;

/// The Go releases that there are.
pub(super) struct Releases(ReleaseIndex);

/// Of each release why it can't be had, if it can't.
pub(super) type FetchedReleases = BTreeMap<GoRelease, Option<String>>;

impl Releases {
    /// Asks go which there are. Says so if it can't tell.
    ///
    /// # Errors
    /// There is no go command.
    pub(super) fn list(cancel: &Cancel, waiting: &Waiting) -> Result<Self, Failure> {
        waiting.doing("asking go which releases there are");
        let index = toolchain::known_releases(&cancel.flag(), &mut |_| {}).map_err(world)?;
        if let Some(problem) = &index.problem {
            let problem = problem.lines().next().unwrap_or_default();
            waiting.aside(|| {
                eprintln!(
                    "goproctor: go cannot list its releases, so only those are known that were fetched before: {problem}"
                );
            });
        }
        Ok(Self(index))
    }

    /// All that are known.
    pub(super) const fn known(&self) -> &KnownReleases {
        &self.0.known
    }

    /// The releases that a list means, which a flag gave.
    ///
    /// # Errors
    /// It means one that there is not.
    pub(super) fn meant_by(
        &self,
        flag: &str,
        list: &ReleaseList,
    ) -> Result<Vec<GoRelease>, Failure> {
        let meant = list.among(&self.0.known);
        meant.map_err(|error| Failure::usage(format!("{flag}: {error}")))
    }

    /// Sees that these are here. One that can't be had stops no other.
    ///
    /// # Errors
    /// Somebody stopped it, or there is no such release.
    pub(super) fn fetch(
        &self,
        releases: &[GoRelease],
        cancel: &Cancel,
        waiting: &Waiting,
    ) -> Result<FetchedReleases, Failure> {
        let next = AtomicUsize::new(0);
        let done = AtomicUsize::new(0);
        let fetched = Mutex::new(BTreeMap::new());
        thread::scope(|scope| {
            for _ in 0..AT_A_TIME.min(releases.len()) {
                scope.spawn(|| {
                    while let Some(release) = releases.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let so_far = done.load(Ordering::Relaxed);
                        let total = releases.len();
                        let mut progress = |line: &str| {
                            waiting.doing(&format!("{so_far} of {total} releases · {line}"));
                        };
                        progress(release.as_str());
                        let outcome = toolchain::fetch(release, &cancel.flag(), &mut progress);
                        done.fetch_add(1, Ordering::Relaxed);
                        let mut fetched = fetched.lock().unwrap_or_else(PoisonError::into_inner);
                        fetched.insert(release.clone(), outcome.err());
                    }
                });
            }
        });
        if cancel.is_set() {
            return Err(SessionError::Cancelled.into());
        }
        let fetched = fetched.into_inner().unwrap_or_else(PoisonError::into_inner);
        let outcomes = fetched.into_iter().map(|(release, error)| {
            let reason = error
                .map(|error| self.reason(&release, &error))
                .transpose()?;
            Ok((release, reason))
        });
        outcomes.collect()
    }

    /// Why a release can't be had. One that is not known is not there.
    fn reason(&self, release: &GoRelease, error: &BuildError) -> Result<String, Failure> {
        let reason = error.to_string();
        let is_missing = self.0.problem.is_none() && !self.0.known.has(release);
        match is_missing {
            true => {
                let help = self.0.known.help(release);
                Err(Failure::usage(format!(
                    "--go: there is no {release}: {help}"
                )))
            }
            false => Ok(reason),
        }
    }
}
