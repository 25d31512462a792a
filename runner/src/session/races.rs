//! What the race detector reports of a program while it runs.

use model::{Race, RaceTime, Races, Timestamp};
use trace::redact::Patterns;

use super::process::{Process, cleaned};
use crate::target::{Ended, RaceReports};

/// How the program ended although it should not have, and what it wrote. With the status that says that there were races,
/// it ended for them, which have a verdict of their own.
pub(super) fn died(
    program: &Process,
    races: Option<&Races>,
    patterns: &Patterns,
) -> Option<String> {
    let reported = races.filter(|races| races.total() > 0);
    if reported.is_some() && program.ended_by_races() {
        return None;
    }
    let mut text = program.died(patterns)?;
    if let Some(race) = reported.and_then(|races| races.reports.first()) {
        text.push_str("\nthe race detector reported:\n  ");
        text.push_str(&race.text.replace('\n', "\n  "));
    }
    Some(text)
}

impl Process {
    /// Whether the race detector ended the program as it does where all else went well and it had something to report.
    fn ended_by_races(&self) -> bool {
        self.target.exited() == Some(Ended::Exited(self.race_status))
    }

    /// What the race detector reported since it was asked last, without what must not be seen. `from` is the test's
    /// begin; none if it has ended.
    pub(super) fn races(&self, from: Option<Timestamp>, patterns: &Patterns) -> Races {
        let RaceReports {
            reports,
            more,
            unread,
        } = self.target.take_races();
        let reports = reports.into_iter().map(|report| Race {
            when: match from {
                None => RaceTime::After,
                Some(from) if report.time < from => RaceTime::Before,
                Some(_) => RaceTime::During,
            },
            text: cleaned(&report.lines, patterns).join("\n"),
        });
        Races {
            reports: reports.collect(),
            more,
            unread,
        }
    }
}
