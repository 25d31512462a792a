//! Which modules, and which of their versions, make a difference.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use compare::search::{CauseConclusion, CauseSearch, Outcome};
use golang::{
    modules::{ModuleDifference, ModuleVersion, Selected, module_differences},
    toolchain::{ModuleChange, Survey, SurveyError},
};
use tempfile::TempDir;

use super::{
    Trials, Wanted,
    finding::{Cause, ModuleCause},
    first_different,
};
use crate::{
    session,
    worlds::{StageError, World},
};

/// The modules that a program's go.mod selects differently from another one, which the difference is not there with.
pub(crate) struct ModuleSearch {
    survey: Survey,
    /// The other go.mod.
    other: PathBuf,
    differences: Vec<ModuleDifference>,
    packages: Vec<String>,
    /// A go.mod for each trial, in folders of their own.
    scratch: TempDir,
    made: usize,
}

impl ModuleSearch {
    /// Reads both files.
    ///
    /// # Errors
    /// One can't be read, or no folder can be made.
    pub(crate) fn new(
        survey: Survey,
        other: &Path,
        packages: Vec<String>,
    ) -> Result<Self, SurveyError> {
        let own = survey.mod_file(&survey.module_files()?.go_mod)?;
        let before = survey.mod_file(other)?;
        let scratch = session::kept_folder().map_err(unwritable)?;
        Ok(Self {
            differences: module_differences(&before, &own),
            survey,
            other: other.to_owned(),
            packages,
            scratch,
            made: 0,
        })
    }

    /// A world in which modules are as the other go.mod has them, but for some at other versions; none if go does not select them so.
    fn world(
        &mut self,
        base: &World,
        modules: BTreeMap<String, Option<Selected>>,
    ) -> Option<World> {
        let folder = self.scratch.path().join(self.made.to_string());
        self.made += 1;
        fs::create_dir(&folder).ok()?;
        let change = ModuleChange {
            go: None,
            modules,
            from: Some(self.other.clone()),
        };
        let packages: Vec<&str> = self.packages.iter().map(String::as_str).collect();
        let changed = self
            .survey
            .change_module(&change, &packages, &folder)
            .ok()?;
        if !changed.otherwise.is_empty() {
            return None;
        }
        let mut world = base.clone();
        world.flags.extend(changed.flags);
        Some(world)
    }

    /// What the other go.mod has of these modules.
    fn as_before<'d>(
        differences: impl IntoIterator<Item = &'d ModuleDifference>,
    ) -> BTreeMap<String, Option<Selected>> {
        let differences = differences.into_iter();
        differences
            .map(|one| (one.path.clone(), one.old.clone()))
            .collect()
    }
}

/// The smallest set of modules that makes a difference; of one module alone the version that does.
///
/// # Errors
/// Somebody stopped it.
pub(crate) fn module_cause(
    trials: &mut Trials<'_>,
    search: &mut ModuleSearch,
    base: &World,
    wanted: &Wanted,
) -> Result<Option<Cause>, StageError> {
    let mut causes = CauseSearch::new(search.differences.clone());
    causes.tell(causes.all(), Outcome::Different);
    let conclusion = causes.drive(|trial| {
        let world = search.world(base, ModuleSearch::as_before(&trial.off));
        match world {
            Some(world) => trials.outcome(&world, wanted),
            None => Ok(Outcome::Unresolved),
        }
    })?;
    let CauseConclusion::Found(found) = conclusion else {
        return Ok(None);
    };
    let Some(set) = found.sets.into_iter().next() else {
        return Ok(None);
    };
    let single = match set.candidates.as_slice() {
        [one] => versions(trials, search, base, one, wanted)?,
        _ => None,
    };
    let modules = set.candidates.into_iter().map(|one| ModuleCause {
        path: one.path,
        old: one.old,
        new: one.new,
        versions: single.clone(),
    });
    Ok(Some(Cause::Modules(modules.collect())))
}

/// The last version of a module that does as before and the next, which does not, if that can be found.
fn versions(
    trials: &mut Trials<'_>,
    search: &mut ModuleSearch,
    base: &World,
    module: &ModuleDifference,
    wanted: &Wanted,
) -> Result<Option<(String, String)>, StageError> {
    let (Some(Selected::Version(old)), Some(Selected::Version(new))) = (&module.old, &module.new)
    else {
        return Ok(None);
    };
    let Ok(all) = search.survey.versions(&module.path) else {
        return Ok(None);
    };
    let mut steps = vec![old.clone()];
    steps.extend(old.steps_to(new, &all));
    let differences = search.differences.clone();
    let mut world = |version: &ModuleVersion| {
        let others = differences.iter().filter(|one| one.path != module.path);
        let mut modules = ModuleSearch::as_before(others);
        modules.insert(
            module.path.clone(),
            Some(Selected::Version(version.clone())),
        );
        search.world(base, modules)
    };
    let name = |version: &ModuleVersion| version.as_str().to_owned();
    let found = first_different(trials, wanted, steps, &mut world, &name)?;
    Ok(found.ok().map(|(last, first)| (name(&last), name(&first))))
}

fn unwritable(source: io::Error) -> SurveyError {
    SurveyError::Go(golang::toolchain::BuildError::File {
        path: std::env::temp_dir(),
        action: "write",
        source,
    })
}
