//! The matrix for a pull request.

use std::fmt::Write as _;

use super::{
    ReleaseMatrix,
    grid::{listed, mark, short, total, version},
};

/// The table, and below it what is wrong, as Markdown.
pub(crate) fn markdown(matrix: &ReleaseMatrix) -> String {
    let mut text = String::from("| spec |");
    for release in &matrix.releases {
        let _ = write!(text, " {} |", version(release));
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(matrix.releases.len()));
    text.push('\n');
    for row in &matrix.rows {
        let _ = write!(text, "| {} |", escaped(&row.spec));
        for cell in &row.cells {
            let _ = write!(text, " {} |", short(cell.as_ref()));
        }
        text.push('\n');
    }
    for row in &matrix.rows {
        for group in row.groups(&matrix.releases) {
            let test = group.finding.test.as_ref();
            let test = test.map_or_else(String::new, |test| format!(" › {}", escaped(test)));
            let _ = writeln!(
                text,
                "\n{} **{}**{test} with {}\n",
                mark(group.finding.outcome),
                escaped(&row.spec),
                listed(&group.releases)
            );
            let lines = group.finding.lines.iter();
            lines.for_each(|line| {
                let _ = writeln!(text, "    {line}");
            });
        }
        for (test, releases) in row.not_run(&matrix.releases) {
            let _ = writeln!(
                text,
                "\n{} › {} did not run, or was skipped: {}",
                escaped(&row.spec),
                escaped(test),
                listed(&releases)
            );
        }
    }
    let _ = writeln!(text, "\n{}", total(matrix));
    text
}

/// A text that Markdown shows as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if "\\`*_[]<>|#".contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}
