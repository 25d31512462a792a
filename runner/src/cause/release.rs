//! Why something differs between two releases, or two `go` lines.

use golang::{GoRelease, KnownReleases, experiments::moved_experiments, toolchain::SurveyError};
use spec::Spec;

use super::{
    SettingWorlds, Trials, Wanted, experiment_cause,
    facts::{Facts, survey},
    finding::Cause,
    first_different, loop_variable_cause, setting_cause,
};
use crate::{
    session::{Cancel, Progress},
    worlds::{StageError, World},
};

/// The first release whose `go` line gives loops a variable for each iteration.
const LOOP_VARIABLES: u32 = 22;

/// Why a cause can't be searched for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CauseError {
    /// The tests can't be run, or somebody stopped it.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// Go does not say what is needed.
    #[error(transparent)]
    Survey(#[from] SurveyError),
}

/// Two worlds of different releases or `go` lines.
pub(crate) struct Releases<'r> {
    /// The spec.
    pub(crate) spec: &'r Spec,
    /// Without the difference.
    pub(crate) old: &'r World,
    /// With it.
    pub(crate) new: &'r World,
    /// Whether it is there between the releases alone, with one and the same `go` line.
    pub(crate) with_old_line: bool,
    /// The releases that there are.
    pub(crate) known: &'r KnownReleases,
    /// Whether somebody wants it to stop.
    pub(crate) cancel: &'r Cancel,
    /// Who is told what is done.
    pub(crate) say: &'r dyn Fn(Progress),
}

/// Why a difference is there. Settings first, since they are most often the cause and can be written down, then what the `go` line
/// changes in the language, then experiments, then the release itself.
///
/// # Errors
/// Go does not say what is needed, or somebody stopped it.
pub(crate) fn release_cause(
    trials: &mut Trials<'_>,
    between: &Releases<'_>,
    wanted: &Wanted,
) -> Result<Cause, CauseError> {
    let facts = |world: &World| -> Result<Facts, SurveyError> {
        let mut progress = |line: &str| (between.say)(Progress::Go(line.to_owned()));
        let asked = survey(between.spec, world, between.cancel, &mut progress)?;
        Facts::of(&asked, between.spec)
    };
    let (old, new) = (facts(between.old)?, facts(between.new)?);
    let moved = old.moved(&new);
    let settings = SettingWorlds {
        old: between.old,
        old_release: &old.release.release,
        old_values: &old.values,
        new: between.new,
        moved: &moved,
    };
    if let Some(found) = setting_cause(trials, &settings, wanted)? {
        return Ok(found);
    }
    let newest = new.release.release.minor();
    if !between.with_old_line
        && newest >= LOOP_VARIABLES
        && let Some(found) = loop_variable_cause(trials, between.new, wanted)?
    {
        return Ok(found);
    }
    let moved = moved_experiments(&old.release.experiments, &new.release.experiments);
    if let Some(found) = experiment_cause(trials, between.new, &moved, wanted)? {
        return Ok(found);
    }
    if !between.with_old_line {
        let why =
            "it comes with the `go` line, and neither a GODEBUG setting nor loop variables make it";
        return Ok(Cause::Unknown(why.to_owned()));
    }
    let elements = between
        .known
        .between(&old.release.release, &new.release.release);
    let mut world = |release: &GoRelease| {
        Some(World {
            release: Some(release.to_string()),
            ..between.old.clone()
        })
    };
    let found = first_different(trials, wanted, elements, &mut world, &ToString::to_string)?;
    Ok(match found {
        Ok((last_same, first_different)) => Cause::Release {
            last_same,
            first_different,
        },
        Err(why) => Cause::Unknown(why),
    })
}
