//! Which of an ordered list is the first that makes a difference: of releases, revisions, versions of a module.

use compare::search::{Bisection, BisectionConclusion};

use super::{Trials, Wanted};
use crate::worlds::{StageError, World};

/// The last of an ordered list that does as before and the next, which does not; or why these are not known. `world` makes a world of
/// each, or says that it can't be had.
///
/// # Errors
/// Somebody stopped it.
pub(super) fn first_different<T: Clone + Eq>(
    trials: &mut Trials<'_>,
    wanted: &Wanted,
    elements: Vec<T>,
    world: &mut dyn FnMut(&T) -> Option<World>,
    name: &dyn Fn(&T) -> String,
) -> Result<Result<(T, T), String>, StageError> {
    use compare::search::Outcome;

    let Some(bisection) = Bisection::new(elements) else {
        return Ok(Err("there is nothing between the two".to_owned()));
    };
    let conclusion = bisection.drive(|trial| match world(&trial.element) {
        Some(world) => trials.outcome(&world, wanted),
        None => Ok(Outcome::Unresolved),
    })?;
    Ok(match conclusion {
        BisectionConclusion::First {
            last_same,
            first_different,
        } => Ok((last_same, first_different)),
        BisectionConclusion::Between {
            last_same,
            first_different,
            ..
        } => Err(format!(
            "it lies between {} and {}; what is between them can't be run, or not seen whole",
            name(&last_same),
            name(&first_different)
        )),
        BisectionConclusion::BothSame => {
            Err("the last does not differ when it is run again".to_owned())
        }
        BisectionConclusion::BothDifferent => {
            Err("the first differs already when it is run again".to_owned())
        }
        BisectionConclusion::Reversed => {
            Err("the first differs when it is run again, and the last does not".to_owned())
        }
        BisectionConclusion::FirstUnresolved => {
            Err("the first can't be run again, or not seen whole".to_owned())
        }
        BisectionConclusion::LastUnresolved => {
            Err("the last can't be run again, or not seen whole".to_owned())
        }
    })
}
