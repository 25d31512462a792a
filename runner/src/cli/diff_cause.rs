//! `goproctor diff --cause`: why each difference is there.

use spec::{Spec, document::Test};

use super::{
    Failure,
    matrix_releases::Releases as ListedReleases,
    screen::Waiting,
    sides::{SideKind, Sides, full},
};
use crate::{
    cause::{
        self, Cause, CauseError, ModuleSearch, Releases, RevisionSearch, Trials, Wanted, advice,
        module_cause, release_cause, revision_cause,
    },
    git::Repository,
    session::Progress,
    worlds::{Compared, Context, ExplainedCause, World},
};

/// Searches for causes between the sides of a comparison.
pub(super) struct CauseFinder<'f> {
    kind: SideKind,
    /// The releases that there are; none where the sides are no releases.
    releases: Option<ListedReleases>,
    waiting: &'f Waiting,
    /// How often tests are run in each world that is tried.
    runs: u32,
}

/// What lies between two sides.
enum Way {
    Releases,
    Revisions(RevisionSearch),
    Modules(Box<ModuleSearch>),
    /// Nothing that could be searched, and why.
    None(&'static str),
}

impl<'f> CauseFinder<'f> {
    /// A search between these sides.
    ///
    /// # Errors
    /// There is nothing between them, or go can't be asked for its releases.
    pub(super) fn new(
        sides: &Sides,
        context: &Context<'_>,
        waiting: &'f Waiting,
        runs: u32,
    ) -> Result<Self, Failure> {
        let kind = sides.kind();
        let releases = match &kind {
            SideKind::Releases => Some(ListedReleases::list(context.cancel, waiting)?),
            SideKind::Binaries => {
                return Err(Failure::usage(
                    "--cause tries what lies between the sides, and nothing does between two binaries: compare revisions (--rev) or releases (--go)",
                ));
            }
            SideKind::Revisions { .. } | SideKind::Modules { .. } => None,
        };
        Ok(Self {
            kind,
            releases,
            waiting,
            runs: runs.min(2),
        })
    }

    /// Adds to each difference why it is there.
    ///
    /// # Errors
    /// Somebody stopped it, or what lies between the sides can't be read.
    pub(super) fn explain(
        &self,
        spec: &Spec,
        tests: &[&Test],
        worlds: &[World; 2],
        context: &Context<'_>,
        compared: &mut Compared,
    ) -> Result<(), Failure> {
        let say = |progress: Progress| self.waiting.show(&progress);
        let mut way = self.way(spec, context)?;
        let before = compared.before.clone();
        let mut trials = Trials::new(spec, tests, context, before, self.runs, &say);
        for test in &mut compared.tests {
            for difference in &test.comparison.differences {
                self.waiting.doing(&format!("why {} differs", test.name));
                let wanted = Wanted {
                    test: test.name.clone(),
                    root: difference.root.clone(),
                };
                let [old, new] = worlds;
                let found = match &mut way {
                    Way::None(why) => Ok(Cause::Unknown((*why).to_owned())),
                    Way::Revisions(search) => {
                        let base = World::default();
                        revision_cause(&mut trials, search, &base, &wanted)
                            .map_err(CauseError::from)
                    }
                    Way::Modules(search) => {
                        module_cause(&mut trials, search, &World::default(), &wanted)
                            .map_err(CauseError::from)
                            .map(|found| {
                                let why = "no set of modules makes it".to_owned();
                                found.unwrap_or(Cause::Unknown(why))
                            })
                    }
                    Way::Releases => match &self.releases {
                        None => Ok(Cause::Unknown(String::new())),
                        Some(releases) => {
                            let between = Releases {
                                spec,
                                old,
                                new,
                                with_old_line: true,
                                known: releases.known(),
                                cancel: context.cancel,
                                say: &say,
                            };
                            release_cause(&mut trials, &between, &wanted)
                        }
                    },
                };
                let cause = found.map_err(|error| Failure::world(error.to_string()))?;
                test.causes.push(ExplainedCause {
                    write: advice(&cause, spec.is_of_go_tests()),
                    cause,
                });
            }
        }
        Ok(())
    }

    fn way(&self, spec: &Spec, context: &Context<'_>) -> Result<Way, Failure> {
        Ok(match &self.kind {
            SideKind::Releases => Way::Releases,
            SideKind::Binaries => Way::None("nothing lies between two binaries"),
            SideKind::Revisions { first, last } => {
                let folder = full(&spec.folder())?;
                let repository = Repository::find(&folder)?;
                let below = repository.below(&folder).to_owned();
                let first = repository.commit(first)?;
                let last = last.as_deref();
                let last = last.map(|last| repository.commit(last)).transpose()?;
                Way::Revisions(RevisionSearch::new(
                    repository,
                    below,
                    &first,
                    last.as_deref(),
                )?)
            }
            SideKind::Modules {
                before,
                is_own_after: true,
            } => {
                let survey = cause::survey(spec, &World::default(), context.cancel, &mut |_| {});
                let survey = survey.map_err(|error| Failure::world(error.to_string()))?;
                let search = ModuleSearch::new(survey, &full(before)?, vec![cause::package(spec)]);
                let search = search.map_err(|error| Failure::world(error.to_string()))?;
                Way::Modules(Box::new(search))
            }
            SideKind::Modules { .. } => {
                Way::None("name one --mod: the modules between it and go.mod are tried")
            }
        })
    }
}
