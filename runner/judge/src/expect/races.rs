//! Data races that the race detector reported: each fails the test that it was reported in.

use model::{Race, RaceTime};

use super::{Failure, FailureKind, Finding, Reason, Verdict, scope::Case};

/// How many reports are shown.
const SHOWN: usize = 3;

/// Judges what the race detector reported, if it is in the program.
pub(super) fn judge(case: &Case<'_>) -> Option<Verdict> {
    let races = case.evidence.races.as_ref()?;
    let finding = match races.total() {
        0 if races.unread => Finding::Inconclusive(Reason::Races),
        0 => Finding::Passed {
            basis: "no data race was reported".to_owned(),
        },
        total => {
            let mut notes: Vec<String> = races.reports.iter().take(SHOWN).flat_map(shown).collect();
            if let Some(more @ 1..) = total.checked_sub(SHOWN as u64) {
                notes.push(format!("and {more} more"));
            }
            let label = match total {
                1 => "a data race was reported".to_owned(),
                _ => format!("{total} data races were reported"),
            };
            Finding::Failed(Failure {
                notes,
                ..Failure::new(FailureKind::Race, label)
            })
        }
    };
    let program = &case.spec.program;
    let place = program.build.race_at.as_ref();
    let place = place.unwrap_or_else(|| program.origin.span());
    Some(Verdict::new(place.clone(), "race".to_owned(), finding))
}

/// A report, line by line, and when it was written if that was not while the test ran.
fn shown(race: &Race) -> Vec<String> {
    let when = match race.when {
        RaceTime::Before => Some("before the test's first request:".to_owned()),
        RaceTime::During => None,
        RaceTime::After => Some("after the test, while the program was being ended:".to_owned()),
    };
    let lines = race.text.lines().map(ToOwned::to_owned);
    when.into_iter().chain(lines).collect()
}
