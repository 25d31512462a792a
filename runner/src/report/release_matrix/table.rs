//! The matrix for people: a table, and below it what is wrong.

use std::{fmt::Write as _, time::Duration};

use anstyle::Style;
use model::Nanoseconds;
use unicode_width::UnicodeWidthStr;

use super::{
    super::{
        TestOutcome,
        palette::{Palette, paint},
    },
    ReleaseMatrix,
    grid::{Group, Row, listed, mark, short, total, version},
};

/// The space between two columns.
const GAP: usize = 2;

/// How the matrix is written for people.
pub(crate) struct TableText {
    /// Whether it is coloured.
    pub(crate) color: bool,
    /// About how wide it may be, in columns.
    pub(crate) width: usize,
}

impl TableText {
    /// The whole text.
    pub(crate) fn of(&self, matrix: &ReleaseMatrix, took: Duration) -> String {
        let palette = Palette::new(self.color);
        let mut text = self.table(matrix, &palette);
        for row in &matrix.rows {
            for group in row.groups(&matrix.releases) {
                text.push_str(&explained(row, &group, &palette));
            }
            for (test, releases) in row.not_run(&matrix.releases) {
                let _ = writeln!(
                    text,
                    "\n{} › {test} did not run, or was skipped: {}",
                    row.spec,
                    listed(&releases)
                );
            }
        }
        let took = Nanoseconds::from(took).brief();
        let _ = writeln!(text, "\n{}  ({took})", total(matrix));
        text
    }

    /// The table; in blocks of releases, where it would be too wide.
    fn table(&self, matrix: &ReleaseMatrix, palette: &Palette) -> String {
        let names = matrix.rows.iter().map(|row| row.spec.width());
        let name_width = names.max().unwrap_or(0);
        let widths: Vec<usize> = (0..matrix.releases.len())
            .map(|column| column_width(matrix, column))
            .collect();
        let mut text = String::new();
        let mut from = 0;
        while from < widths.len() {
            let to = from + self.fitting(&widths[from..], name_width);
            if from > 0 {
                text.push('\n');
            }
            let heads = matrix.releases[from..to].iter().zip(&widths[from..to]);
            let heads =
                heads.map(|(release, width)| (version(release).to_owned(), *width, palette.name));
            push_line(&mut text, "", name_width, heads);
            for row in &matrix.rows {
                let cells = row.cells[from..to].iter().zip(&widths[from..to]);
                let cells = cells.map(|(cell, width)| {
                    let outcome = cell.as_ref().map(super::Cell::outcome);
                    (short(cell.as_ref()), *width, style(palette, outcome))
                });
                push_line(&mut text, &row.spec, name_width, cells);
            }
            from = to;
        }
        text
    }

    /// How many of these columns stand side by side, at least one.
    fn fitting(&self, widths: &[usize], name_width: usize) -> usize {
        let ends = widths.iter().scan(name_width, |end, width| {
            *end += GAP + width;
            Some(*end)
        });
        ends.take_while(|end| *end <= self.width).count().max(1)
    }
}

fn column_width(matrix: &ReleaseMatrix, column: usize) -> usize {
    let cells = matrix.rows.iter().filter_map(|row| row.cells.get(column));
    let cells = cells.map(|cell| short(cell.as_ref()).width());
    let head = matrix
        .releases
        .get(column)
        .map(|release| version(release).width());
    cells.chain(head).max().unwrap_or(0)
}

/// A line of the table: its name, and what stands in each column.
fn push_line(
    text: &mut String,
    name: &str,
    name_width: usize,
    columns: impl Iterator<Item = (String, usize, Style)>,
) {
    let mut line = format!(
        "{name}{}",
        " ".repeat(name_width.saturating_sub(name.width()))
    );
    // What comes before the next thing that is printed: no line ends with spaces.
    let mut space = GAP;
    for (content, width, style) in columns {
        let _ = write!(line, "{}{}", " ".repeat(space), paint(style, &content));
        space = GAP + width.saturating_sub(content.width());
    }
    let _ = writeln!(text, "{line}");
}

/// What is wrong with a test, and with which releases.
fn explained(row: &Row, group: &Group<'_>, palette: &Palette) -> String {
    let finding = group.finding;
    let test = finding.test.as_ref();
    let test = test.map_or_else(String::new, |test| format!(" › {test}"));
    let mut text = format!(
        "\n{} {}{test}  {}\n",
        paint(style(palette, Some(finding.outcome)), mark(finding.outcome)),
        paint(palette.name, &row.spec),
        listed(&group.releases)
    );
    for line in &finding.lines {
        // What would move the cursor is not for this terminal.
        let line = line.replace(|c: char| c.is_control() && c != '\t', "\u{fffd}");
        let _ = writeln!(text, "    {line}");
    }
    text
}

const fn style(palette: &Palette, outcome: Option<TestOutcome>) -> Style {
    match outcome {
        None => palette.aside,
        Some(TestOutcome::Passed | TestOutcome::Flaky) => palette.good,
        Some(TestOutcome::Inconclusive) => palette.doubtful,
        Some(TestOutcome::Failed | TestOutcome::CouldNotRun | TestOutcome::WrongSpec) => {
            palette.bad
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{
        super::{Cell, ReleaseMatrix, cell::CellFinding, markdown},
        TableText,
    };
    use crate::report::{Summary, TestOutcome};

    fn matrix() -> ReleaseMatrix {
        let releases = ["go1.16.15", "go1.18.10", "go1.22.12", "go1.27.3"];
        let releases = releases.map(|release| release.parse().unwrap());
        let specs = ["shop/shop.proctor.toml", "site.proctor.toml"];
        let mut matrix = ReleaseMatrix::new(releases.into(), specs.map(str::to_owned));
        let passed = |passed| Summary {
            passed,
            ..Summary::default()
        };
        let cell = |summary| Cell {
            summary,
            ..Cell::default()
        };
        matrix.set(0, 1, cell(passed(12)));
        let failing = Cell {
            summary: Summary {
                failed: 1,
                ..passed(11)
            },
            findings: vec![CellFinding {
                test: Some("an order is announced".to_owned()),
                outcome: TestOutcome::Failed,
                lines: vec![
                    "shop.proctor.toml:9: calls of publish: want 2, got 1".to_owned(),
                    "    a note".to_owned(),
                ],
            }],
            ..Cell::default()
        };
        matrix.set(0, 2, failing.clone());
        matrix.set(0, 3, failing);
        matrix.set(
            1,
            0,
            Cell::could_not_run(3, "go: downloading x\ncannot get go1.16.15:\nno such host"),
        );
        matrix.set(1, 1, cell(passed(3)));
        let undecided = Summary {
            inconclusive: 1,
            ..passed(2)
        };
        matrix.set(1, 2, cell(undecided));
        matrix.set(
            1,
            3,
            Cell {
                not_run: vec!["TestGift".to_owned()],
                ..cell(passed(2))
            },
        );
        matrix
    }

    fn text(width: usize) -> String {
        let text = TableText {
            color: false,
            width,
        };
        text.of(&matrix(), Duration::from_secs(2))
    }

    #[test]
    fn a_table_shows_each_cell_and_what_is_wrong() {
        insta::assert_snapshot!(text(100));
    }

    #[test]
    fn a_table_that_is_too_wide_is_cut_into_blocks() {
        let text = text(45);
        let table: String = text.split("\n\n").take(2).collect::<Vec<_>>().join("\n\n");
        insta::assert_snapshot!(table);
    }

    #[test]
    fn a_pull_request_gets_markdown() {
        insta::assert_snapshot!(markdown(&matrix()));
    }
}
