//! How calls ended, as well as that is known.
//!
//! A `ret` that was seen is certain, and so is a panic that was seen to go past a frame. All else rests on what was *not*
//! seen: then an end that may have been lost leaves the question open, unless it is asked for one that the call certainly
//! did not have.

use super::{duration::end_is_certain, truth::Truth};
use crate::{
    model::{Call, Observation, Outcome},
    spec::document::ExpectedOutcome,
};

/// Every end but those by a `ret`.
const WITHOUT_RET: &[ExpectedOutcome] = &[
    ExpectedOutcome::Panicked,
    ExpectedOutcome::Goexit,
    ExpectedOutcome::Running,
    ExpectedOutcome::ProcessEnded,
];

/// Whether a call ended as wanted.
pub(super) fn outcome(observation: &Observation, call: &Call, wanted: ExpectedOutcome) -> Truth {
    if !end_is_certain(observation, call) {
        return Truth::unknown("its end may have been lost");
    }
    let (possible, why) = possible(observation, call);
    match possible {
        _ if !possible.contains(&wanted) => Truth::No,
        [_] => Truth::Yes,
        _ => Truth::unknown(why),
    }
}

/// The ends that a call may have had, given that no hit of its own function was lost; and why there are several.
fn possible(observation: &Observation, call: &Call) -> (&'static [ExpectedOutcome], &'static str) {
    use ExpectedOutcome as Expected;
    let lost = observation.loss.of_causality() > 0;
    let may_be_lost = "a hit that tells how it ended may have been lost";
    let possible: &[ExpectedOutcome] = match call.outcome {
        Outcome::Returned if lost => &[Expected::Returned, Expected::Recovered],
        Outcome::Running | Outcome::Goexit | Outcome::ProcessEnded if lost => WITHOUT_RET,
        Outcome::Unwound => {
            let possible = &[Expected::Panicked, Expected::Goexit, Expected::ProcessEnded];
            return (possible, "what ended it without a return was not seen");
        }
        Outcome::Returned => &[Expected::Returned],
        Outcome::Recovered => &[Expected::Recovered],
        Outcome::Panicked => &[Expected::Panicked],
        Outcome::Goexit => &[Expected::Goexit],
        Outcome::Running => &[Expected::Running],
        Outcome::ProcessEnded => &[Expected::ProcessEnded],
    };
    (possible, may_be_lost)
}

#[cfg(test)]
mod tests {
    use super::{Truth, outcome};
    use crate::{
        expect::testing::Scene,
        model::Outcome,
        spec::document::ExpectedOutcome::{
            self, Goexit, Panicked, ProcessEnded, Recovered, Returned, Running,
        },
    };

    const ALL: [ExpectedOutcome; 6] =
        [Returned, Panicked, Recovered, Goexit, Running, ProcessEnded];

    fn judged(seen: Outcome, lose: impl Fn(&mut Scene)) -> [char; 6] {
        let mut scene = Scene::new();
        scene.watch("f", &[], &[]);
        scene.call(None, "f", 1, vec![]).outcome = seen;
        lose(&mut scene);
        let observation = &scene.evidence.observation;
        let call = &observation.calls[0];
        ALL.map(|wanted| match outcome(observation, call, wanted) {
            Truth::Yes => 'y',
            Truth::No => 'n',
            Truth::Unknown(_) => '?',
        })
    }

    fn table(rows: [(Outcome, &str); 7], lose: impl Fn(&mut Scene)) {
        for (seen, wanted) in rows {
            let judged = judged(seen, &lose).map(String::from).join(" ");
            assert_eq!(judged, wanted, "{seen:?}");
        }
    }

    #[test]
    fn each_end_is_itself_alone() {
        let rows = [
            (Outcome::Returned, "y n n n n n"),
            (Outcome::Panicked, "n y n n n n"),
            (Outcome::Recovered, "n n y n n n"),
            (Outcome::Goexit, "n n n y n n"),
            (Outcome::Running, "n n n n y n"),
            (Outcome::ProcessEnded, "n n n n n y"),
            (Outcome::Unwound, "n ? n ? n ?"),
        ];
        table(rows, |_| {});
    }

    #[test]
    fn an_end_of_which_hits_were_lost_is_unknown_unless_a_return_was_seen() {
        let rows = [
            (Outcome::Returned, "y n n n n n"),
            (Outcome::Panicked, "? ? ? ? ? ?"),
            (Outcome::Recovered, "n n y n n n"),
            (Outcome::Goexit, "? ? ? ? ? ?"),
            (Outcome::Running, "? ? ? ? ? ?"),
            (Outcome::ProcessEnded, "? ? ? ? ? ?"),
            (Outcome::Unwound, "? ? ? ? ? ?"),
        ];
        table(rows, |scene| scene.lose(Some("f"), 1));
    }

    #[test]
    fn where_hits_of_the_runtime_were_lost_a_return_may_have_been_a_recovery() {
        let rows = [
            (Outcome::Returned, "? n ? n n n"),
            (Outcome::Panicked, "n y n n n n"),
            (Outcome::Recovered, "n n y n n n"),
            (Outcome::Goexit, "n ? n ? ? ?"),
            (Outcome::Running, "n ? n ? ? ?"),
            (Outcome::ProcessEnded, "n ? n ? ? ?"),
            (Outcome::Unwound, "n ? n ? n ?"),
        ];
        table(rows, |scene| scene.lose(None, 1));
    }
}
