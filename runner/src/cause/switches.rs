//! Differences that experiments make, and loop variables.

use compare::search::{CauseConclusion, CauseSearch, Outcome};
use golang::experiments::MovedExperiment;

use super::{Trials, Wanted, finding::Cause};
use crate::worlds::{StageError, World};

/// The smallest set of experiments that makes a difference; none if it is none of them.
///
/// # Errors
/// Somebody stopped it.
pub(super) fn experiment_cause(
    trials: &mut Trials<'_>,
    new: &World,
    moved: &[MovedExperiment],
    wanted: &Wanted,
) -> Result<Option<Cause>, StageError> {
    let switches: Vec<String> = moved.iter().filter_map(|one| one.trial.clone()).collect();
    if switches.is_empty() {
        return Ok(None);
    }
    let mut search = CauseSearch::new(switches);
    search.tell(search.all(), Outcome::Different);
    let conclusion = search.drive(|trial| {
        let mut world = new.clone();
        if !trial.off.is_empty() {
            let value = trial.off.join(",");
            world
                .build_environment
                .push(("GOEXPERIMENT".into(), value.into()));
        }
        trials.outcome(&world, wanted)
    })?;
    let CauseConclusion::Found(causes) = conclusion else {
        return Ok(None);
    };
    let set = causes.sets.into_iter().next();
    Ok(set.map(|set| Cause::Experiments(set.candidates)))
}

/// What the compiler is told so that no loop has a variable for each iteration, whatever the `go` line says: no hash matches
/// (cmd/compile/internal/base, `LoopVarHash`).
const SHARED_LOOP_VARIABLES: &str = "-gcflags=all=-d=loopvarhash=n";

/// Whether loop variables make a difference.
///
/// # Errors
/// Somebody stopped it.
pub(super) fn loop_variable_cause(
    trials: &mut Trials<'_>,
    new: &World,
    wanted: &Wanted,
) -> Result<Option<Cause>, StageError> {
    let mut world = new.clone();
    world.flags.push(SHARED_LOOP_VARIABLES.to_owned());
    let outcome = trials.outcome(&world, wanted)?;
    Ok((outcome == Outcome::Same).then_some(Cause::LoopVariables))
}
