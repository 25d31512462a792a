//! How calls ended, as well as that is known.
//!
//! A `ret` that was seen is certain, and so is a panic that was seen to go past a frame. All else rests on what was *not*
//! seen: then an end that may have been lost leaves the question open, unless it is asked for one that the call certainly
//! did not have. What was lost after the call had ended, or shows something else, leaves no question open: a goroutine makes
//! one hit after the other.

use model::{Call, Observation, Outcome, ProbeKind};
use spec::document::ExpectedOutcome;

use super::{Reason, loss::lost_by, truth::Truth};

/// Every end but those by a `ret`.
const WITHOUT_RET: &[ExpectedOutcome] = &[
    ExpectedOutcome::Panicked,
    ExpectedOutcome::Goexit,
    ExpectedOutcome::Running,
    ExpectedOutcome::ProcessEnded,
];

/// The probes that show an end without a `ret`.
const END_PROBES: &[ProbeKind] = &[
    ProbeKind::PanicRecovered,
    ProbeKind::PanicUnrecovered,
    ProbeKind::GoroutineEnded,
];

/// Whether a call ended as wanted.
pub(super) fn outcome(observation: &Observation, call: &Call, wanted: ExpectedOutcome) -> Truth {
    let own = observation.loss.sites_of(call.function);
    if !call.outcome.has_results() && lost_by(own, &[ProbeKind::Return], call.left) > 0 {
        return Truth::Unknown(Reason::EndLost);
    }
    let (possible, why) = possible(observation, call);
    match possible {
        _ if !possible.contains(&wanted) => Truth::No,
        [_] => Truth::Yes,
        _ => Truth::Unknown(why),
    }
}

/// The ends that a call may have had, given that no return of its own was lost; and why there are several.
fn possible(observation: &Observation, call: &Call) -> (&'static [ExpectedOutcome], Reason) {
    use ExpectedOutcome as Expected;
    let is_lost = |probes: &[ProbeKind]| {
        lost_by(observation.loss.sites_of_causality(), probes, call.left) > 0
    };
    let possible: &[ExpectedOutcome] = match call.outcome {
        Outcome::Returned if is_lost(&[ProbeKind::PanicRecovered]) => {
            &[Expected::Returned, Expected::Recovered]
        }
        Outcome::Running | Outcome::Goexit | Outcome::ProcessEnded if is_lost(END_PROBES) => {
            WITHOUT_RET
        }
        Outcome::Unwound => {
            let possible = &[Expected::Panicked, Expected::Goexit, Expected::ProcessEnded];
            return (possible, Reason::EndUnseen);
        }
        Outcome::Returned => &[Expected::Returned],
        Outcome::Recovered => &[Expected::Recovered],
        Outcome::Panicked => &[Expected::Panicked],
        Outcome::Goexit => &[Expected::Goexit],
        Outcome::Running => &[Expected::Running],
        Outcome::ProcessEnded => &[Expected::ProcessEnded],
    };
    (possible, Reason::EndLost)
}

#[cfg(test)]
mod tests {
    use model::{Outcome, ProbeKind, Timestamp};
    use spec::document::ExpectedOutcome::{
        self, Goexit, Panicked, ProcessEnded, Recovered, Returned, Running,
    };

    use super::{Truth, outcome};
    use crate::expect::testing::{MS, Scene};

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

    /// One call from 10 ms to 20 ms, or one that runs.
    fn with_lost(seen: Outcome, function: Option<&str>, probe: ProbeKind, when: u64) -> String {
        let judged = judged(seen, |scene| {
            let call = &mut scene.evidence.observation.calls[0];
            call.entered = Timestamp(10 * MS);
            call.left = seen.has_ended().then_some(Timestamp(20 * MS));
            scene.lose_at(function, probe, (when, when + 5));
        });
        judged.map(String::from).join(" ")
    }

    #[test]
    fn what_was_lost_of_others_leaves_an_end_as_it_is() {
        for (function, probe) in [
            (Some("f"), ProbeKind::Entry),
            (Some("f"), ProbeKind::Copy),
            (None, ProbeKind::GoroutineCreated),
            (None, ProbeKind::RequestEntered),
            (None, ProbeKind::RequestLeft),
        ] {
            for (seen, wanted) in [
                (Outcome::Returned, "y n n n n n"),
                (Outcome::Panicked, "n y n n n n"),
                (Outcome::Goexit, "n n n y n n"),
                (Outcome::Running, "n n n n y n"),
                (Outcome::ProcessEnded, "n n n n n y"),
            ] {
                let judged = with_lost(seen, function, probe, 12);
                assert_eq!(judged, wanted, "{seen:?} {probe}");
            }
        }
        // A return can't have been the end of a goroutine.
        for probe in [ProbeKind::GoroutineEnded, ProbeKind::PanicUnrecovered] {
            assert_eq!(with_lost(Outcome::Returned, None, probe, 12), "y n n n n n");
        }
    }

    #[test]
    fn what_was_lost_after_a_call_leaves_its_end_as_it_is() {
        let lost = [
            (Some("f"), ProbeKind::Return),
            (None, ProbeKind::PanicRecovered),
        ];
        for (function, probe) in lost {
            for (seen, wanted) in [
                (Outcome::Returned, "y n n n n n"),
                (Outcome::Panicked, "n y n n n n"),
                (Outcome::Goexit, "n n n y n n"),
                (Outcome::ProcessEnded, "n n n n n y"),
            ] {
                assert_eq!(with_lost(seen, function, probe, 21), wanted, "{seen:?}");
            }
            let running = with_lost(Outcome::Running, function, probe, 21);
            assert!(running.contains('?'), "it has no end: {running}");
        }
    }

    #[test]
    fn what_was_lost_of_an_end_leaves_it_open() {
        let ends = [
            ProbeKind::PanicRecovered,
            ProbeKind::PanicUnrecovered,
            ProbeKind::GoroutineEnded,
        ];
        for probe in ends {
            for seen in [Outcome::Running, Outcome::Goexit, Outcome::ProcessEnded] {
                assert_eq!(with_lost(seen, None, probe, 12), "n ? n ? ? ?", "{probe}");
            }
        }
        let recovered = with_lost(Outcome::Returned, None, ProbeKind::PanicRecovered, 12);
        assert_eq!(recovered, "? n ? n n n");
        for seen in [Outcome::Panicked, Outcome::Running, Outcome::Goexit] {
            let judged = with_lost(seen, Some("f"), ProbeKind::Return, 12);
            assert_eq!(judged, "? ? ? ? ? ?", "{seen:?}");
        }
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
