//! What the race detector reported.

/// What the race detector reported of a test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Races {
    /// The first reports.
    pub reports: Vec<Race>,
    /// How many more there were.
    pub more: u64,
    /// What the program had written was not read in time, so that there may be reports in it.
    pub unread: bool,
}

/// A report of the race detector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Race {
    /// When it was written.
    pub when: RaceTime,
    /// What was written, without the rules around it; long reports are cut.
    pub text: String,
}

/// When a race was reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RaceTime {
    /// Before the test's first request: while the program started, or after the test before.
    Before,
    /// While the test ran.
    During,
    /// After the test, while the program was being ended.
    After,
}

impl Races {
    /// How many races were reported.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.more.saturating_add(self.reports.len() as u64)
    }

    /// Adds what was reported later.
    pub fn add(&mut self, later: Self) {
        self.reports.extend(later.reports);
        self.more = self.more.saturating_add(later.more);
        self.unread |= later.unread;
    }
}
