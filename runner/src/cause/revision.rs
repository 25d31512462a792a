//! Which revision makes a difference.

use std::{collections::BTreeMap, path::PathBuf};

use tempfile::TempDir;

use super::{Trials, Wanted, finding::Cause, first_different};
use crate::{
    git::{GitError, Repository},
    session,
    worlds::{StageError, World},
};

/// The revisions between two.
pub(crate) struct RevisionSearch {
    repository: Repository,
    /// The folder of the spec, below that of the repository.
    below: PathBuf,
    /// From the first side to the second, both included.
    steps: Vec<Step>,
    /// The files of those that were tried.
    files: BTreeMap<String, TempDir>,
}

/// A revision, or what is not committed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Commit(String),
    WorkingTree,
}

impl RevisionSearch {
    /// The revisions that lead from one to another, the first parent of each; without another, to the working tree.
    ///
    /// # Errors
    /// Git fails.
    pub(crate) fn new(
        repository: Repository,
        below: PathBuf,
        first: &str,
        last: Option<&str>,
    ) -> Result<Self, GitError> {
        let between = repository.commits(first, last.unwrap_or("HEAD"))?;
        let mut steps = vec![Step::Commit(first.to_owned())];
        steps.extend(between.into_iter().map(Step::Commit));
        if last.is_none() {
            steps.push(Step::WorkingTree);
        }
        Ok(Self {
            repository,
            below,
            steps,
            files: BTreeMap::new(),
        })
    }

    fn world(&mut self, base: &World, step: &Step) -> Option<World> {
        let mut world = base.clone();
        let Step::Commit(commit) = step else {
            return Some(world);
        };
        if !self.files.contains_key(commit) {
            let folder = session::kept_folder().ok()?;
            let files = folder.path().join("files");
            std::fs::create_dir(&files).ok()?;
            self.repository.write_files(commit, &files).ok()?;
            self.files.insert(commit.clone(), folder);
        }
        let folder = self.files.get(commit)?.path();
        let folder = folder.join("files").join(&self.below);
        world.folder = Some(folder).filter(|folder| folder.is_dir());
        world.folder.is_some().then_some(world)
    }
}

/// The revision with which a difference begins.
///
/// # Errors
/// Somebody stopped it.
pub(crate) fn revision_cause(
    trials: &mut Trials<'_>,
    search: &mut RevisionSearch,
    base: &World,
    wanted: &Wanted,
) -> Result<Cause, StageError> {
    let steps = search.steps.clone();
    let name = |step: &Step| match step {
        Step::Commit(commit) => commit.get(..12).unwrap_or(commit).to_owned(),
        Step::WorkingTree => "the working tree".to_owned(),
    };
    let mut world = |step: &Step| search.world(base, step);
    let found = first_different(trials, wanted, steps, &mut world, &name)?;
    Ok(match found {
        Ok((_, Step::Commit(commit))) => Cause::Revision {
            subject: search.repository.subject(&commit).unwrap_or_default(),
            commit,
        },
        Ok((_, Step::WorkingTree)) => {
            Cause::Unknown("it is in what is not committed yet: `git diff` shows that".to_owned())
        }
        Err(why) => Cause::Unknown(why),
    })
}
