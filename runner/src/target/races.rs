//! The reports of the race detector, as they stream by: `WARNING: DATA RACE` and what follows, between two rules.

use kernel::clock;
use model::Timestamp;

use super::line::{LEFT_OUT, text};

/// What a report begins with, behind a rule.
pub(super) const RACE: &[u8] = b"WARNING: DATA RACE";

/// What is before and behind a report.
pub(super) const RULE: &[u8] = b"==================";

/// How many reports are kept until somebody takes them; further ones are counted.
const MAX_REPORTS: usize = 8;

/// How many lines of a report are kept.
const LINES: usize = 80;

/// A report of the race detector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RaceReport {
    /// When its first line came.
    pub time: Timestamp,
    /// Its lines, without the rules. One that was cut ends with a mark.
    pub lines: Vec<String>,
}

/// Reports that nobody has taken yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RaceReports {
    /// The first ones.
    pub reports: Vec<RaceReport>,
    /// How many more there were.
    pub more: u64,
    /// The program had written something that was not read in time.
    pub unread: bool,
}

/// Watches a stream for reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Races {
    whole: RaceReports,
    /// The one that is being written.
    open: Option<RaceReport>,
    /// A rule was written, behind which a report may begin.
    ruled: bool,
}

impl Races {
    pub(super) fn take(&mut self, line: &[u8]) {
        // What the program writes meanwhile may be before both on their lines.
        let is_rule = line.ends_with(RULE);
        if line.ends_with(RACE) {
            self.close();
            self.open = Some(RaceReport {
                time: clock::now(),
                lines: vec![text(line)],
            });
        } else if is_rule && self.open.is_some() {
            self.close();
            return;
        } else if let Some(open) = &mut self.open {
            match open.lines.len() {
                ..LINES => open.lines.push(text(line)),
                LINES => open.lines.push(LEFT_OUT.to_owned()),
                _ => {}
            }
        }
        self.ruled = is_rule;
    }

    /// Whether a report is being written, or may be.
    pub(super) const fn is_writing(&self) -> bool {
        self.ruled || self.open.is_some()
    }

    /// Takes the reports, one that is not whole too.
    pub(super) fn drain(&mut self) -> RaceReports {
        self.close();
        std::mem::take(&mut self.whole)
    }

    fn close(&mut self) {
        self.ruled = false;
        if let Some(report) = self.open.take() {
            if self.whole.reports.len() < MAX_REPORTS {
                self.whole.reports.push(report);
            } else {
                self.whole.more += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(output: &str) -> Races {
        let mut races = Races::default();
        for line in output.lines() {
            races.take(line.as_bytes());
        }
        races
    }

    const REPORT: &str = "\
==================
WARNING: DATA RACE
Write at 0x00c0000140a8 by goroutine 8:
  main.f()

==================
";

    #[test]
    fn a_report_is_what_stands_between_two_rules() {
        let mut races = fed(&format!("before\n{REPORT}between\n{REPORT}{REPORT}after\n"));
        assert!(!races.is_writing());
        let taken = races.drain();
        assert_eq!((taken.reports.len(), taken.more), (3, 0));
        assert_eq!(
            taken.reports[0].lines,
            [
                "WARNING: DATA RACE",
                "Write at 0x00c0000140a8 by goroutine 8:",
                "  main.f()",
                ""
            ]
        );
        assert!(races.drain().reports.is_empty(), "taken once");
    }

    #[test]
    fn one_that_is_being_written_is_known_to_be_and_counts_all_the_same() {
        let rule = fed("==================\n");
        assert!(rule.is_writing());
        assert!(!fed("==================\nno report\n").is_writing());
        let mut races = fed("waiting...==================\nx WARNING: DATA RACE\nWrite\n");
        assert!(races.is_writing());
        assert_eq!(
            races.drain().reports[0].lines,
            ["x WARNING: DATA RACE", "Write"]
        );
        assert!(!races.is_writing());
        assert!(
            fed("about a WARNING: DATA RACE in it\n")
                .drain()
                .reports
                .is_empty()
        );
    }

    #[test]
    fn many_and_long_ones_are_counted_and_cut() {
        let mut output = REPORT.repeat(MAX_REPORTS + 5);
        output += "WARNING: DATA RACE\n";
        output += &"  main.f()\n".repeat(1000);
        let taken = fed(&output).drain();
        assert_eq!((taken.reports.len(), taken.more), (MAX_REPORTS, 6));
        let long = "WARNING: DATA RACE\n".to_owned() + &"  main.f()\n".repeat(1000);
        let taken = fed(&long).drain();
        assert_eq!(taken.reports[0].lines.len(), LINES + 1);
    }
}
