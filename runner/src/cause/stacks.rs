//! Which uses of a setting make a difference.

use compare::search::Outcome;
use golang::godebug::{BisectReports, Effect, ReportedUse, SearchLimits, SearchStep, StackSearch};

use super::{Trials, Wanted, setting_world::with_settings};
use crate::worlds::{StageError, World};

/// The calls of a use, innermost first, without those of the setting itself: `net/url.parseHost url.go:621`.
fn frames(found: &ReportedUse) -> Vec<String> {
    let frames = found.frames();
    let outside = frames.filter(|(function, _)| !function.starts_with("internal/godebug."));
    let frames = outside.map(|(function, place)| {
        let function = function.strip_suffix("()").unwrap_or(function);
        match place.and_then(|place| place.rsplit('/').next()) {
            Some(place) => format!("{function} {}", place.trim()),
            None => function.to_owned(),
        }
    });
    frames.collect()
}

/// So many trials are made at most for one setting.
const MOST_TRIALS: usize = 40;

/// The stacks of the uses that bring the old behaviour back where a setting has its old value for them alone; why there are none, if so.
///
/// # Errors
/// Somebody stopped it.
pub(super) fn stacks(
    trials: &mut Trials<'_>,
    new: &World,
    own: &str,
    setting: (&str, &str),
    wanted: &Wanted,
) -> Result<Result<Vec<Vec<String>>, String>, StageError> {
    let (name, old) = setting;
    let mut search = StackSearch::new(SearchLimits::default());
    loop {
        let pattern = match search.next_step() {
            SearchStep::Run(pattern) => pattern,
            SearchStep::Found(sets) => {
                let uses = sets.iter().flat_map(|set| &set.uses);
                return Ok(Ok(uses.map(frames).collect()));
            }
            SearchStep::Failed(problem) => return Ok(Err(problem.to_string())),
        };
        if search.runs() >= MOST_TRIALS {
            return Ok(Err(format!("they were not found in {MOST_TRIALS} runs")));
        }
        let value = pattern.of_setting(name, old);
        let value = value
            .split_once('=')
            .map_or(value.as_str(), |(_, value)| value);
        let value = (name.to_owned(), value.to_owned());
        let world = with_settings(new, own, &[&value]);
        let (reports, outcome) = match trials.reports(&world, wanted) {
            Ok(ran) => ran,
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => return Ok(Err(error.to_string())),
        };
        let effect = match outcome {
            // The old behaviour is back.
            Outcome::Same => Effect::Present,
            Outcome::Different => Effect::Absent,
            Outcome::Unresolved => Effect::Unclear,
        };
        let lines: Vec<&str> = reports
            .iter()
            .flat_map(|report| report.setting_uses.iter().map(String::as_str))
            .collect();
        search.answer(
            pattern,
            effect,
            BisectReports::read(lines.join("\n").as_bytes()),
        );
    }
}
