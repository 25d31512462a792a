//! What an upgrade changes: as text, as Markdown and as JSON lines (docs/json.md).

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use serde_json::{Value as Json, json};

use super::{
    ExitCode,
    cause::{because, cause_json},
    comparison_json::difference_json,
    difference::{details, headline, parts, places},
    markdown::{code, escaped},
    palette::{Palette, paint},
};
use crate::{
    cause::{Cause, advice},
    upgrade::{CellState, ExplainedDifference, UpgradeReport, UsedBehaviour},
};

/// What an upgrade changes for the tests of a spec.
///
/// ```text
/// gateway.proctor.toml  go1.25.8 → go1.27.3
///              go 1.21               go 1.27
///   go1.25.8   2 pass                could not run
///   go1.27.3   2 pass                1 pass, 1 fails · 1 differs
/// old behaviours that are used (go1.27.3, go 1.21):
///   urlstrictcolons in GET /host?url=http://::1/a: main.target("http://::1/a")
///   1  main.target returns another result for the same arguments
///      …
///      because of GODEBUG urlstrictcolons, whose default moved with Go 1.26
///      used at net/url.parseHost …
///      write  //go:debug urlstrictcolons=0    in package main, above `package`
/// ```
pub(crate) fn upgrade_text(
    report: &UpgradeReport,
    spec: &str,
    is_go_test: bool,
    color: bool,
) -> String {
    let palette = Palette::new(color);
    let mut text = format!("{spec}  {} → {}\n", report.old, report.new);
    write_table(&mut text, report);
    for (line, times) in used(report) {
        if !text.contains(USED) {
            let _ = writeln!(text, "{USED}, as long as go.mod has its `go` line:");
        }
        let times = if times == 1 {
            String::new()
        } else {
            format!(" ({times} times)")
        };
        let _ = writeln!(text, "  {line}{times}");
    }
    for gap in &report.audit_gaps {
        let _ = writeln!(text, "  more old behaviours may be used: {gap}");
    }
    for (number, found) in report.differences.iter().enumerate() {
        write_difference(&mut text, number + 1, found, is_go_test, palette);
    }
    if report.trials > 0 {
        let _ = writeln!(text, "  {} worlds were tried", report.trials);
    }
    text
}

const USED: &str = "old behaviours that the tests use";

fn write_table(text: &mut String, report: &UpgradeReport) {
    let columns = columns(report);
    let rows = [&report.old, &report.new];
    let width = rows
        .iter()
        .map(|row| row.to_string().len())
        .max()
        .unwrap_or(0);
    let cells: Vec<Vec<String>> = report
        .cells
        .iter()
        .map(|row| row.iter().take(columns.len()).map(cell).collect())
        .collect();
    let first = cells.iter().filter_map(|row| row.first());
    let first = first
        .chain(columns.first())
        .map(|cell| cell.chars().count());
    let first = first.max().unwrap_or(0);
    let mut line = |name: &str, cells: &[String]| {
        let cells = cells.iter().enumerate();
        let cells = cells.map(|(index, cell)| match index {
            0 => format!("{cell:first$}"),
            _ => cell.clone(),
        });
        let row = format!("  {name:width$}  {}", cells.collect::<Vec<_>>().join("  "));
        let _ = writeln!(text, "{}", row.trim_end());
    };
    line("", &columns);
    for (release, cells) in rows.iter().zip(&cells) {
        line(&release.to_string(), cells);
    }
}

fn columns(report: &UpgradeReport) -> Vec<String> {
    let line = |line: &Option<String>| line.as_ref().map(|line| format!("go {line}"));
    let old = line(&report.old_line).unwrap_or_else(|| "no go line".to_owned());
    std::iter::once(old).chain(line(&report.new_line)).collect()
}

/// A cell in a few words.
fn cell(cell: &CellState) -> String {
    match cell {
        CellState::NotAsked => "–".to_owned(),
        CellState::CouldNotRun(why) => {
            let lines = why.lines().map(str::trim).filter(|line| !line.is_empty());
            // The first says what was done, the next why that failed.
            let lines: Vec<&str> = lines.take(2).collect();
            format!("could not run: {}", lines.join(" "))
        }
        CellState::Ran {
            verdicts,
            differing,
        } => {
            let counts = [
                (verdicts.passed, "pass"),
                (verdicts.failed, "fail"),
                (verdicts.inconclusive, "unknown"),
                (verdicts.could_not_run, "could not run"),
            ];
            let counts = counts.iter().filter(|(count, _)| *count > 0);
            let mut text: Vec<String> = counts
                .map(|(count, word)| format!("{count} {word}"))
                .collect();
            if *differing > 0 {
                let differ = if *differing == 1 { "differs" } else { "differ" };
                text.push(format!("{differing} {differ}"));
            }
            text.join(", ")
        }
    }
}

/// The uses of old behaviours, each with how often.
fn used(report: &UpgradeReport) -> Vec<(String, u64)> {
    let mut counts: Vec<(String, u64)> = Vec::new();
    for one in &report.used {
        let line = use_line(one);
        match counts.iter_mut().find(|(known, _)| *known == line) {
            Some((_, times)) => *times += one.times,
            None => counts.push((line, one.times)),
        }
    }
    counts
}

fn use_line(one: &UsedBehaviour) -> String {
    let setting = one
        .setting
        .as_deref()
        .unwrap_or("a setting whose name could not be read");
    let scope = one.scope.as_deref().unwrap_or("no request and no test");
    match &one.call {
        Some(call) => format!("{setting} in {scope}: {call}"),
        None => format!("{setting} in {scope}, in no watched call"),
    }
}

fn write_difference(
    text: &mut String,
    number: usize,
    found: &ExplainedDifference,
    is_go_test: bool,
    palette: Palette,
) {
    let root = &found.difference.root;
    let number = paint(palette.bad, number);
    let place = match places(root) {
        place if place.is_empty() => place,
        place => format!("  {}", paint(palette.aside, place)),
    };
    let _ = writeln!(
        text,
        "  {number}  {}{place}",
        paint(palette.name, headline(root))
    );
    for detail in details(root) {
        let _ = writeln!(text, "       {detail}");
    }
    let _ = writeln!(
        text,
        "     in {}: {}",
        found.test,
        parts(root, &found.difference.also)
    );
    for line in because(&found.cause) {
        let _ = writeln!(text, "     {line}");
    }
    for line in advice(&found.cause, is_go_test) {
        let _ = writeln!(text, "     write  {}", paint(palette.good, line));
    }
}

/// The same as Markdown.
pub(crate) fn upgrade_markdown(report: &UpgradeReport, spec: &str, is_go_test: bool) -> String {
    let mut text = format!("### {}: {} → {}\n\n", escaped(spec), report.old, report.new);
    let columns = columns(report);
    let _ = writeln!(text, "| | {} |", columns.join(" | "));
    let _ = writeln!(text, "|---{}|", "|---".repeat(columns.len()));
    for (release, row) in [&report.old, &report.new].iter().zip(&report.cells) {
        let cells = row
            .iter()
            .take(columns.len())
            .map(|state| escaped(&cell(state)));
        let _ = writeln!(
            text,
            "| {release} | {} |",
            cells.collect::<Vec<_>>().join(" | ")
        );
    }
    text.push('\n');
    for (line, times) in used(report) {
        let _ = writeln!(text, "- uses an old behaviour, {times} ×: {}", code(&line));
    }
    for (number, found) in report.differences.iter().enumerate() {
        let root = &found.difference.root;
        let _ = writeln!(text, "\n{}. **{}**", number + 1, escaped(&headline(root)));
        let test = code(&found.test);
        let _ = writeln!(
            text,
            "   - in {test}: {}",
            code(&parts(root, &found.difference.also))
        );
        for detail in details(root) {
            let _ = writeln!(text, "   - {}", code(&detail));
        }
        for line in because(&found.cause) {
            let _ = writeln!(text, "   - {}", escaped(&line));
        }
        for line in advice(&found.cause, is_go_test) {
            let _ = writeln!(text, "   - write {}", code(&line));
        }
    }
    text.push('\n');
    text
}

/// An object for each cell, each use of an old behaviour and each difference.
pub(crate) fn upgrade_json(report: &UpgradeReport, spec: &str, is_go_test: bool) -> Vec<Json> {
    let mut lines = Vec::new();
    let columns = [report.old_line.as_ref(), report.new_line.as_ref()];
    for (release, row) in [&report.old, &report.new].iter().zip(&report.cells) {
        for (line, state) in columns.iter().zip(row) {
            if !matches!(state, CellState::NotAsked) {
                lines.push(cell_json(spec, &release.to_string(), *line, state));
            }
        }
    }
    lines.extend(report.used.iter().map(|one| {
        json!({
            "event": "old_behaviour",
            "spec": spec,
            "test": one.test,
            "setting": one.setting,
            "part": one.scope,
            "call": one.call,
            "times": one.times,
        })
    }));
    lines.extend(
        report
            .audit_gaps
            .iter()
            .map(|gap| json!({ "event": "audit_incomplete", "spec": spec, "reason": gap })),
    );
    for found in &report.differences {
        let mut line = difference_json(&found.difference, spec, &found.test);
        if let Some(fields) = line.as_object_mut() {
            fields.insert("with_old_go_line".into(), found.with_old_line.into());
            fields.insert("cause".into(), cause_json(&found.cause));
            fields.insert("because".into(), json!(because(&found.cause)));
            fields.insert("write".into(), json!(advice(&found.cause, is_go_test)));
        }
        lines.push(line);
    }
    lines
}

fn cell_json(spec: &str, release: &str, line: Option<&String>, state: &CellState) -> Json {
    let mut object = BTreeMap::from([
        ("event", json!("cell")),
        ("spec", json!(spec)),
        ("release", json!(release)),
        ("go_line", json!(line)),
    ]);
    match state {
        CellState::Ran {
            verdicts,
            differing,
        } => object.extend([
            ("passed", json!(verdicts.passed)),
            ("failed", json!(verdicts.failed)),
            ("inconclusive", json!(verdicts.inconclusive)),
            ("could_not_run", json!(verdicts.could_not_run)),
            ("differing", json!(differing)),
        ]),
        CellState::CouldNotRun(why) => object.extend([("reason", json!(why))]),
        CellState::NotAsked => {}
    }
    json!(object)
}

/// Upgrades in numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct UpgradeSummary {
    specs: usize,
    differences: usize,
    /// Differences whose cause was not found.
    unexplained: usize,
    /// Specs for which nothing could be found out.
    refused: usize,
    /// Specs that could not be run in the new world.
    broken: usize,
}

impl UpgradeSummary {
    /// Counts a spec.
    pub(crate) fn add(&mut self, report: &UpgradeReport) {
        self.specs += 1;
        self.differences += report.differences.len();
        let unknown = |found: &&ExplainedDifference| matches!(found.cause, Cause::Unknown(_));
        self.unexplained += report.differences.iter().filter(unknown).count();
        let target = report.cells.last().and_then(|row| match row {
            [_, CellState::CouldNotRun(_)] | [CellState::CouldNotRun(_), CellState::NotAsked] => {
                Some(())
            }
            _ => None,
        });
        self.broken += usize::from(target.is_some());
    }

    /// Counts a spec for which nothing could be found out.
    pub(crate) const fn refuse(&mut self) {
        self.specs += 1;
        self.refused += 1;
    }

    /// What to say to the shell: 1 where something differs.
    pub(crate) const fn exit(&self) -> ExitCode {
        if self.differences > 0 {
            ExitCode::Failed
        } else if self.refused > 0 || self.broken > 0 {
            ExitCode::CouldNotRun
        } else {
            ExitCode::Passed
        }
    }

    /// `2 specs: 3 differences, 1 not explained`
    pub(crate) fn line(&self) -> String {
        let plural = |count: usize, one: &str, more: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {more}"),
        };
        let mut line = plural(self.specs, "spec", "specs");
        line.push_str(": ");
        line.push_str(&match self.differences {
            0 => "no difference".to_owned(),
            count => plural(count, "difference", "differences"),
        });
        for (count, what) in [
            (self.unexplained, "not explained"),
            (self.broken, "could not run with the new release"),
            (self.refused, "could not be looked at"),
        ] {
            if count > 0 {
                let _ = write!(line, ", {count} {what}");
            }
        }
        line
    }

    /// The last object.
    pub(crate) fn json(&self, took: Duration, exit: ExitCode) -> Json {
        json!({
            "event": "upgrade_end",
            "specs": self.specs,
            "differences": self.differences,
            "unexplained": self.unexplained,
            "could_not_run": self.refused + self.broken,
            "seconds": took.as_secs_f64(),
            "exit_code": exit.code(),
        })
    }
}
