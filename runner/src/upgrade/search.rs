//! The steps of an upgrade: both releases and both `go` lines, the audit, then a cause for each difference.

use compare::{
    Difference,
    audit::{AUDITED, audit},
};
use golang::{
    GoRelease, KnownReleases,
    toolchain::{ModuleChange, Survey, SurveyError},
};
use plan::WatchedLabel;
use spec::{Spec, document::Test};
use tempfile::TempDir;

use super::{CellState, ExplainedDifference, UpgradeReport, UsedBehaviour};
use crate::{
    cause::{CauseError, Releases, Trials, Wanted, package, release_cause, survey},
    session::{self, Progress, WatchedFunction},
    worlds::{ComparedTest, Context, Observed, Stage, StageError, World},
};

/// What is to be found out.
pub(crate) struct UpgradeRequest<'r> {
    /// The spec.
    pub(crate) spec: &'r Spec,
    /// Which of its tests are run.
    pub(crate) tests: &'r [&'r Test],
    /// The release that is upgraded to.
    pub(crate) to: &'r GoRelease,
    /// The release that is upgraded from; none for the spec's own, or go's choice.
    pub(crate) from: Option<&'r GoRelease>,
    /// The releases that there are.
    pub(crate) known: &'r KnownReleases,
    /// How often each side is run.
    pub(crate) runs: u32,
}

/// Why an upgrade can't be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpgradeError {
    /// The tests can't be run as they are now, or somebody stopped it.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// Go does not say what is needed.
    #[error(transparent)]
    Survey(#[from] SurveyError),
    /// It is no upgrade.
    #[error("{to} is not newer than {from}, which the program is built with")]
    NotNewer {
        /// The release now.
        from: GoRelease,
        /// What was asked for.
        to: GoRelease,
    },
}

impl From<CauseError> for UpgradeError {
    fn from(error: CauseError) -> Self {
        match error {
            CauseError::Stage(error) => Self::Stage(error),
            CauseError::Survey(error) => Self::Survey(error),
        }
    }
}

impl UpgradeError {
    /// Whether somebody stopped it.
    pub(crate) const fn is_cancelled(&self) -> bool {
        matches!(self, Self::Stage(error) if error.is_cancelled())
    }
}

/// Finds out what an upgrade changes for a spec's tests.
///
/// # Errors
/// The tests can't be run as they are now, go does not say what is needed, or somebody stopped it.
pub(crate) fn upgrade(
    request: &UpgradeRequest<'_>,
    context: &Context<'_>,
    say: &dyn Fn(Progress),
) -> Result<UpgradeReport, UpgradeError> {
    let worlds = Worlds::find(request, context, say)?;
    let observe = |world: &World| {
        Observed::of(
            request.spec,
            request.tests,
            world,
            context,
            request.runs,
            say,
        )
    };
    say(doing(&format!("{} as it is", worlds.old.release())));
    let before = observe(&worlds.as_it_is)?;
    let mut cells = Cells {
        before: &before,
        observe: &observe,
    };
    say(doing(&format!("{} with the go line as it is", request.to)));
    let (new_old, with_old_line) = cells.look(Some(&worlds.new_release))?;
    let (old_new, _) = cells.look(worlds.new_line_alone.as_ref())?;
    let (new_new, with_new_line) = cells.look(worlds.new_line.as_ref())?;
    let target = worlds.new_line.as_ref().unwrap_or(&worlds.new_release);
    let compared = match &worlds.new_line {
        Some(_) => with_new_line,
        None => with_old_line.clone(),
    };
    say(doing("which old behaviours are used"));
    let (used, audit_gaps) = used(request, &worlds.new_release, context, say)?;

    let mut trials = Trials::new(
        request.spec,
        request.tests,
        context,
        before.clone(),
        request.runs.min(2),
        say,
    );
    let mut differences = Vec::new();
    for test in &compared {
        for difference in &test.comparison.differences {
            let wanted = Wanted {
                test: test.name.clone(),
                root: difference.root.clone(),
            };
            let is_with_old_line = worlds.new_line.is_none() || has(&with_old_line, &wanted);
            say(doing(&format!("why {} differs", test.name)));
            let between = Releases {
                spec: request.spec,
                old: &worlds.as_it_is,
                new: target,
                with_old_line: is_with_old_line,
                known: request.known,
                cancel: context.cancel,
                say,
            };
            differences.push(ExplainedDifference {
                test: test.name.clone(),
                cause: release_cause(&mut trials, &between, &wanted)?,
                difference: difference.clone(),
                with_old_line: is_with_old_line,
            });
        }
    }
    let old_cell = CellState::Ran {
        verdicts: before.verdicts(),
        differing: 0,
    };
    Ok(UpgradeReport {
        old: worlds.old.release().clone(),
        new: request.to.clone(),
        old_line: worlds.old_line.clone(),
        new_line: worlds.new_line.is_some().then(|| go_line(request.to)),
        cells: [[old_cell, old_new], [new_old, new_new]],
        used,
        audit_gaps,
        differences,
        trials: trials.made(),
    })
}

fn doing(what: &str) -> Progress {
    Progress::Building(what.to_owned())
}

fn has(compared: &[ComparedTest], wanted: &Wanted) -> bool {
    let mut tests = compared.iter().filter(|test| test.name == wanted.test);
    tests.any(|test| {
        let differences = test.comparison.differences.iter();
        let mut found = differences.flat_map(Difference::changes);
        found.any(|change| change.is_same(&wanted.root))
    })
}

/// What go.mod says of a release: `1.27`, as far as the language is concerned.
fn go_line(release: &GoRelease) -> String {
    format!("1.{}", release.minor())
}

/// The worlds that an upgrade is about.
struct Worlds {
    old: Survey,
    /// The release and the `go` line before.
    as_it_is: World,
    /// The new release with the `go` line as it is.
    new_release: World,
    /// The new release with its own `go` line; none if the line is that already.
    new_line: Option<World>,
    /// The old release with the new line, likewise.
    new_line_alone: Option<World>,
    old_line: Option<String>,
    /// The go.mod with the new line.
    _scratch: TempDir,
}

impl Worlds {
    fn find(
        request: &UpgradeRequest<'_>,
        context: &Context<'_>,
        say: &dyn Fn(Progress),
    ) -> Result<Self, UpgradeError> {
        let spec = request.spec;
        let mut progress = |line: &str| say(Progress::Go(line.to_owned()));
        let as_it_is = World {
            release: request.from.map(ToString::to_string),
            ..World::default()
        };
        let old = survey(spec, &as_it_is, context.cancel, &mut progress)?;
        if *request.to <= *old.release() {
            return Err(UpgradeError::NotNewer {
                from: old.release().clone(),
                to: request.to.clone(),
            });
        }
        let new_release = World {
            release: Some(request.to.to_string()),
            ..World::default()
        };
        let new = survey(spec, &new_release, context.cancel, &mut progress)?;
        let files = new.module_files()?;
        let old_line = new.mod_file(&files.go_mod)?.go;
        let scratch = session::kept_folder()
            .map_err(session::SessionError::file("make a temporary folder"))
            .map_err(StageError::from)?;
        let is_new = old_line
            .as_deref()
            .is_some_and(|line| minor(line) >= Some(request.to.minor()));
        let changed = match is_new {
            true => None,
            false => {
                let change = ModuleChange {
                    go: Some(go_line(request.to)),
                    ..ModuleChange::default()
                };
                let packages = [package(spec)];
                let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
                Some(new.change_module(&change, &packages, scratch.path())?)
            }
        };
        let with_line = |world: &World| {
            let changed = changed.as_ref()?;
            let mut world = world.clone();
            world.flags.extend(changed.flags.iter().cloned());
            Some(world)
        };
        Ok(Self {
            new_line: with_line(&new_release),
            new_line_alone: with_line(&as_it_is),
            old,
            as_it_is,
            new_release,
            old_line,
            _scratch: scratch,
        })
    }
}

/// The minor release of a `go` line: 21 of `1.21.3`.
fn minor(line: &str) -> Option<u32> {
    let mut numbers = line.split('.');
    numbers.next().filter(|major| *major == "1")?;
    let minor = numbers.next()?;
    let end = minor.find(|c: char| !c.is_ascii_digit());
    minor.get(..end.unwrap_or(minor.len()))?.parse().ok()
}

/// How the tests do in the other worlds.
struct Cells<'o> {
    before: &'o Observed,
    observe: &'o dyn Fn(&World) -> Result<Observed, StageError>,
}

impl Cells<'_> {
    /// A world's verdicts, and what differs there.
    fn look(
        &mut self,
        world: Option<&World>,
    ) -> Result<(CellState, Vec<ComparedTest>), StageError> {
        let Some(world) = world else {
            return Ok((CellState::NotAsked, Vec::new()));
        };
        match (self.observe)(world) {
            Ok(observed) => {
                let compared = self.before.compare(&observed);
                let cell = CellState::Ran {
                    verdicts: observed.verdicts(),
                    differing: compared.iter().filter(|test| test.differs()).count(),
                };
                Ok((cell, compared))
            }
            Err(error) if error.is_cancelled() => Err(error),
            Err(error) => Ok((CellState::CouldNotRun(error.to_string()), Vec::new())),
        }
    }
}

/// The old behaviours that the tests use with the new release as long as the `go` line is as it is, and why there may be more.
fn used(
    request: &UpgradeRequest<'_>,
    world: &World,
    context: &Context<'_>,
    say: &dyn Fn(Progress),
) -> Result<(Vec<UsedBehaviour>, Vec<String>), StageError> {
    let mut world = world.clone();
    world.watched = AUDITED
        .iter()
        .map(|audited| WatchedFunction {
            label: WatchedLabel {
                paths: vec![audited.name()],
                keys: vec![audited.name()],
                ..WatchedLabel::new(audited.label, audited.function)
            },
            closure: None,
            floats: false,
        })
        .collect();
    let mut progress = |progress| say(progress);
    let stage = Stage::begin(request.spec, request.tests, &world, context, &mut progress);
    let mut stage = match stage {
        Ok(stage) => stage,
        Err(error) if error.is_cancelled() => return Err(error),
        Err(error) => return Ok((Vec::new(), vec![error.to_string()])),
    };
    let reports = stage.round()?;
    stage.end()?;
    let (mut used, mut gaps) = (Vec::new(), Vec::new());
    for report in &reports {
        let seen = audit(&report.evidence);
        for gap in seen.incomplete {
            if !gaps.contains(&gap) {
                gaps.push(gap);
            }
        }
        used.extend(seen.uses.into_iter().map(|one| {
            UsedBehaviour {
                setting: one.setting,
                test: report.name.clone(),
                scope: one.scope_name,
                call: one
                    .within
                    .map(|call| format!("{}({})", call.function, call.arguments.join(", "))),
                times: one.times,
            }
        }));
    }
    Ok((used, gaps))
}

#[cfg(test)]
mod tests {
    use super::minor;

    #[test]
    fn a_go_line_names_a_minor_release() {
        assert_eq!(minor("1.21"), Some(21));
        assert_eq!(minor("1.21.3"), Some(21));
        assert_eq!(minor("1.27rc1"), Some(27));
        assert_eq!(minor("2.1"), None);
        assert_eq!(minor("go"), None);
    }
}
