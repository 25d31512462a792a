//! All cells: specs × releases.

use golang::GoRelease;

use super::{
    super::{ExitCode, Summary, TestOutcome},
    Cell,
    cell::CellFinding,
};

/// How each spec did with each Go release.
pub(crate) struct ReleaseMatrix {
    /// The releases, oldest first.
    pub(super) releases: Vec<GoRelease>,
    /// The specs.
    pub(super) rows: Vec<Row>,
}

/// A spec, and how it did.
pub(super) struct Row {
    /// Its path, as reports name it.
    pub(super) spec: String,
    /// A cell for each release; none for a release that the spec is not run with.
    pub(super) cells: Vec<Option<Cell>>,
}

/// What is wrong with a test in the same way with several releases.
pub(super) struct Group<'m> {
    pub(super) finding: &'m CellFinding,
    pub(super) releases: Vec<&'m GoRelease>,
}

impl ReleaseMatrix {
    /// Nothing was run yet.
    pub(crate) fn new(releases: Vec<GoRelease>, specs: impl IntoIterator<Item = String>) -> Self {
        let row = |spec| Row {
            spec,
            cells: vec![None; releases.len()],
        };
        Self {
            rows: specs.into_iter().map(row).collect(),
            releases,
        }
    }

    /// Fills in a cell by its place.
    pub(crate) fn set(&mut self, row: usize, release: usize, cell: Cell) {
        let row = self.rows.get_mut(row);
        if let Some(place) = row.and_then(|row| row.cells.get_mut(release)) {
            *place = Some(cell);
        }
    }

    /// How many cells there are whose outcome is that.
    pub(super) fn count(&self, outcome: TestOutcome) -> usize {
        self.cells()
            .filter(|cell| cell.outcome() == outcome)
            .count()
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.rows.iter().flat_map(|row| &row.cells).flatten()
    }

    /// What to say to the shell.
    pub(crate) fn exit(&self) -> ExitCode {
        let summaries = self.cells().map(|cell| cell.summary);
        summaries.fold(Summary::default(), Summary::with).exit()
    }
}

impl Row {
    /// What is wrong, each with all releases that have it so; in the order of the releases, and of the tests.
    pub(super) fn groups<'m>(&'m self, releases: &'m [GoRelease]) -> Vec<Group<'m>> {
        let mut groups: Vec<Group<'m>> = Vec::new();
        for (release, cell) in releases.iter().zip(&self.cells) {
            for finding in cell.iter().flat_map(|cell| &cell.findings) {
                match groups.iter_mut().find(|group| group.finding == finding) {
                    Some(group) => group.releases.push(release),
                    None => groups.push(Group {
                        finding,
                        releases: vec![release],
                    }),
                }
            }
        }
        groups
    }

    /// The tests whose Go tests did not run, each with the releases.
    pub(super) fn not_run<'m>(
        &'m self,
        releases: &'m [GoRelease],
    ) -> Vec<(&'m str, Vec<&'m GoRelease>)> {
        let mut tests: Vec<(&str, Vec<&GoRelease>)> = Vec::new();
        for (release, cell) in releases.iter().zip(&self.cells) {
            for test in cell.iter().flat_map(|cell| &cell.not_run) {
                match tests.iter_mut().find(|(known, _)| known == test) {
                    Some((_, releases)) => releases.push(release),
                    None => tests.push((test, vec![release])),
                }
            }
        }
        tests
    }
}

/// A release in a column's head or a list: without `go`.
pub(super) fn version(release: &GoRelease) -> &str {
    release.as_str().trim_start_matches("go")
}

/// Releases in a list.
pub(super) fn listed(releases: &[&GoRelease]) -> String {
    let names: Vec<&str> = releases.iter().map(|release| release.as_str()).collect();
    names.join(", ")
}

/// A cell in few words: `✓ 12`, `✗ 1/12`; a dash where nothing was to be run.
pub(super) fn short(cell: Option<&Cell>) -> String {
    let Some(cell) = cell else {
        return "–".to_owned();
    };
    let Summary {
        failed,
        inconclusive,
        could_not_run,
        wrong_spec_tests,
        ..
    } = cell.summary;
    let tests = cell.summary.tests();
    let mark = mark(cell.outcome());
    match cell.outcome() {
        TestOutcome::Passed | TestOutcome::Flaky if cell.not_run.is_empty() => {
            format!("{mark} {tests}")
        }
        TestOutcome::Passed | TestOutcome::Flaky => {
            format!("{mark} {tests}/{}", tests + cell.not_run.len())
        }
        TestOutcome::Failed => format!("{mark} {failed}/{tests}"),
        TestOutcome::Inconclusive => format!("{mark} {inconclusive}/{tests}"),
        TestOutcome::CouldNotRun if could_not_run == tests => mark.to_owned(),
        TestOutcome::CouldNotRun => format!("{mark} {could_not_run}/{tests}"),
        TestOutcome::WrongSpec if wrong_spec_tests == tests => mark.to_owned(),
        TestOutcome::WrongSpec => format!("{mark} {wrong_spec_tests}/{tests}"),
    }
}

/// The sign of an outcome.
pub(super) const fn mark(outcome: TestOutcome) -> &'static str {
    match outcome {
        TestOutcome::Passed | TestOutcome::Flaky => "✓",
        TestOutcome::Failed => "✗",
        TestOutcome::Inconclusive => "?",
        TestOutcome::CouldNotRun | TestOutcome::WrongSpec => "!",
    }
}

/// The words for some cells: `1 spec × 13 releases: 12 passed, 1 failed`.
pub(super) fn total(matrix: &ReleaseMatrix) -> String {
    let plural = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    };
    let counts = [
        (TestOutcome::Failed, "failed"),
        (TestOutcome::Inconclusive, "inconclusive"),
        (TestOutcome::CouldNotRun, "could not run"),
        (TestOutcome::WrongSpec, "of a spec that does not fit"),
    ];
    let counts = counts.map(|(outcome, word)| (matrix.count(outcome), word));
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let passed = (matrix.count(TestOutcome::Passed), "passed");
    let counts: Vec<String> = std::iter::once(&passed)
        .chain(counts)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    format!(
        "{} × {}: {}",
        plural(matrix.rows.len(), "spec"),
        plural(matrix.releases.len(), "release"),
        counts.join(", ")
    )
}
