//! Which GODEBUG settings make a difference.

use compare::search::{CauseConclusion, CauseSearch, Outcome};
use golang::{
    GoRelease,
    godebug::{MovedSetting, SettingValues, Trial},
};

use super::{
    Trials, Wanted,
    finding::{Cause, RemovedIn, SettingCause},
    setting_world::{own_settings, with_settings},
    stacks::stacks,
};
use crate::worlds::{StageError, World};

/// The worlds that settings moved between.
pub(super) struct SettingWorlds<'w> {
    /// Without the difference.
    pub(super) old: &'w World,
    /// Its release.
    pub(super) old_release: &'w GoRelease,
    /// What a program starts with there.
    pub(super) old_values: &'w SettingValues,
    /// With the difference.
    pub(super) new: &'w World,
    /// The settings that moved.
    pub(super) moved: &'w [MovedSetting],
}

impl SettingWorlds<'_> {
    fn removed(&self, moved: Option<&MovedSetting>) -> Option<RemovedIn> {
        Some(RemovedIn {
            minor: moved?.removed?,
            last: self.old_release.clone(),
        })
    }
}

/// The smallest set of settings that makes a difference, with the uses of each that do; none if it is none of them.
///
/// # Errors
/// Somebody stopped it.
pub(super) fn setting_cause(
    trials: &mut Trials<'_>,
    worlds: &SettingWorlds<'_>,
    wanted: &Wanted,
) -> Result<Option<Cause>, StageError> {
    if let Some(found) = on_new(trials, worlds, wanted)? {
        return Ok(Some(found));
    }
    on_old(trials, worlds, wanted)
}

/// Tries, in the new world, the old values of settings that it still has.
fn on_new(
    trials: &mut Trials<'_>,
    worlds: &SettingWorlds<'_>,
    wanted: &Wanted,
) -> Result<Option<Cause>, StageError> {
    let own = own_settings(trials.spec());
    let candidates = worlds.moved.iter().filter_map(|moved| match &moved.trial {
        Trial::OnNew(old) => Some((moved.name.clone(), old.clone())),
        Trial::OnOld(_) | Trial::WithoutOld => None,
    });
    let mut search = CauseSearch::new(candidates.collect());
    search.tell(search.all(), Outcome::Different);
    let conclusion = search.drive(|trial| {
        let values: Vec<&(String, String)> = trial.off.iter().collect();
        trials.outcome(&with_settings(worlds.new, &own, &values), wanted)
    })?;
    let CauseConclusion::Found(causes) = conclusion else {
        return Ok(None);
    };
    let Some(set) = causes.sets.into_iter().next() else {
        return Ok(None);
    };
    let mut found = Vec::new();
    for (name, old) in set.candidates {
        let moved = worlds.moved.iter().find(|moved| moved.name == name);
        let by_stack = moved.is_some_and(MovedSetting::is_selected_by_stack);
        let (stacks, no_stacks) = match by_stack {
            true => match stacks(trials, worlds.new, &own, (&name, &old), wanted)? {
                Ok(stacks) => (stacks, None),
                Err(why) => (Vec::new(), Some(why)),
            },
            false => {
                let why = "the runtime reads it, for the whole program at once";
                (Vec::new(), Some(why.to_owned()))
            }
        };
        found.push(SettingCause {
            since: moved.and_then(|moved| moved.since),
            removed: worlds.removed(moved),
            name,
            old,
            stacks,
            no_stacks,
        });
    }
    Ok(Some(Cause::Settings(found)))
}

/// Tries, in the old world, the new behaviour of settings that the new one no longer has.
fn on_old(
    trials: &mut Trials<'_>,
    worlds: &SettingWorlds<'_>,
    wanted: &Wanted,
) -> Result<Option<Cause>, StageError> {
    let candidates = worlds.moved.iter().filter_map(|moved| match &moved.trial {
        Trial::OnOld(old) => Some((moved.name.clone(), old.clone())),
        Trial::OnNew(_) | Trial::WithoutOld => None,
    });
    let candidates: Vec<(String, String)> = candidates.collect();
    if candidates.is_empty() {
        return Ok(None);
    }
    let mut search = CauseSearch::new(candidates);
    search.tell(search.none(), Outcome::Same);
    let conclusion = search.drive(|trial| {
        let mut values: SettingValues = worlds
            .old_values
            .iter()
            .filter(|(name, _)| !trial.on.iter().any(|(on, _)| on == name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        for (name, old) in &trial.off {
            values.set(name.clone(), old.clone());
        }
        let mut world = worlds.old.clone();
        world
            .flags
            .push(format!("-ldflags={}", values.linker_flag()));
        trials.outcome(&world, wanted)
    })?;
    let CauseConclusion::Found(causes) = conclusion else {
        return Ok(None);
    };
    let Some(set) = causes.sets.into_iter().next() else {
        return Ok(None);
    };
    let found = set.candidates.into_iter().map(|(name, old)| {
        let moved = worlds.moved.iter().find(|moved| moved.name == name);
        SettingCause {
            since: moved.and_then(|moved| moved.since),
            removed: worlds.removed(moved),
            name,
            old,
            stacks: Vec::new(),
            no_stacks: Some("the new release does not have it any more".to_owned()),
        }
    });
    Ok(Some(Cause::Settings(found.collect())))
}
