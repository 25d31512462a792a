//! What the race detector reports fails the test, whatever else holds.

use model::{Race, RaceTime, Races};

use super::{basis, failure, unknown};
use crate::expect::{FailureKind, testing::Scene};

fn scene(races: Option<Races>) -> Scene {
    let mut scene = Scene::new();
    scene.evidence.races = races;
    scene
}

fn race(when: RaceTime) -> Race {
    Race {
        when,
        text: "WARNING: DATA RACE\nWrite at 0x1 by goroutine 7:".to_owned(),
    }
}

#[test]
fn without_the_detector_nothing_is_said() {
    assert!(scene(None).judge().is_empty());
}

#[test]
fn a_test_passes_only_if_nothing_was_reported_and_all_was_read() {
    let quiet = scene(Some(Races::default()));
    assert_eq!(basis(quiet.finding("race")), "no data race was reported");
    let unread = scene(Some(Races {
        unread: true,
        ..Races::default()
    }));
    assert!(unknown(unread.finding("race")).advice().is_some());
}

#[test]
fn every_report_fails_it_and_the_first_are_shown() {
    let seen = failure(
        scene(Some(Races {
            reports: vec![race(RaceTime::During)],
            ..Races::default()
        }))
        .finding("race"),
    );
    assert_eq!(seen.kind, FailureKind::Race);
    assert_eq!(seen.label, "a data race was reported");
    assert_eq!(
        seen.notes,
        ["WARNING: DATA RACE", "Write at 0x1 by goroutine 7:"]
    );

    let seen = failure(
        scene(Some(Races {
            reports: vec![
                race(RaceTime::Before),
                race(RaceTime::During),
                race(RaceTime::After),
                race(RaceTime::After),
            ],
            more: 2,
            unread: true,
        }))
        .finding("race"),
    );
    assert_eq!(seen.label, "6 data races were reported");
    assert_eq!(seen.notes[0], "before the test's first request:");
    assert!(
        seen.notes
            .contains(&"after the test, while the program was being ended:".to_owned())
    );
    assert_eq!(seen.notes.last().map(String::as_str), Some("and 3 more"));
}
