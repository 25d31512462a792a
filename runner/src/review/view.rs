//! A review as the lines of a screen.

use anstyle::{AnsiColor, Effects, Style};
use compare::snapshot::{Mark, Row, TextOptions};
use judge::snapshot::Accepted;

use super::{
    lines::{clean, filled, painted, width, wrapped},
    state::{Decision, Form, Review},
};

/// From how many columns on both snapshots are shown side by side.
const WIDE: usize = 140;
/// The rows around what differs.
const CONTEXT: usize = 3;
/// The lines that are not the snapshot's: the title, where it is, and the keys.
const AROUND: usize = 3;

/// What the keys do.
const HELP: [&str; 14] = [
    "a        accept: the new snapshot is the accepted one from now on",
    "r        reject: the new one goes, the accepted one stays",
    "s        skip: it waits on",
    "u        undo the last decision",
    "",
    "o t n    of a conflict: ours, theirs, or what the last run saw",
    "",
    "d        another view: by width, line below line, side by side, the text itself",
    "j k      a line down, up; the arrows do the same",
    "space b  a page down, up",
    "g G      to the beginning, to the end",
    "",
    "q        quit; what was decided stays",
    "?        this help; any key leaves it",
];

impl Review {
    /// The screen: exactly `height` lines of at most `columns` columns each.
    pub(super) fn screen(&mut self, columns: usize, height: usize, color: bool) -> Vec<String> {
        let body = match (self.is_helping, self.entries.get(self.at)) {
            (true, _) => HELP.iter().map(|line| format!("  {line}")).collect(),
            (false, None) => self.decided_lines(),
            (false, Some(_)) => self.body(columns),
        };
        self.room = height.saturating_sub(AROUND);
        self.length = body.len();
        self.top = self.top.min(self.length.saturating_sub(self.room));
        let mut lines = self.head(columns, color);
        let shown = body.iter().skip(self.top).take(self.room);
        lines.extend(shown.map(|line| painted(filled(line, columns).trim_end(), color)));
        lines.resize(height.saturating_sub(1), String::new());
        lines.push(self.foot(columns, color));
        lines.truncate(height);
        lines
    }

    fn head(&self, columns: usize, color: bool) -> Vec<String> {
        let number = (self.at + 1).min(self.entries.len());
        let all = self.entries.len();
        let (title, place) = match self.entries.get(self.at) {
            None => ("all are decided of".to_owned(), String::new()),
            Some(entry) => {
                let state = match &entry.pending.accepted {
                    Accepted::Nothing => "new".to_owned(),
                    Accepted::Text(_) => entry.difference.counts().to_string(),
                    Accepted::Conflict { .. } => "a merge left two".to_owned(),
                };
                let file = match &entry.pending.new {
                    Some(_) => &entry.pending.new_path,
                    None => &entry.pending.path,
                };
                (
                    format!("{}  ({state})", entry.title),
                    file.display().to_string(),
                )
            }
        };
        let title = filled(&clean(&format!(" {number} of {all}  {title}")), columns);
        let place = filled(&clean(&format!(" {place}")), columns);
        let style = match color {
            true => Style::new().effects(Effects::INVERT),
            false => Style::new(),
        };
        vec![
            format!("{style}{title}{style:#}"),
            place.trim_end().to_owned(),
        ]
    }

    fn foot(&self, columns: usize, color: bool) -> String {
        let is_conflict = self
            .entries
            .get(self.at)
            .is_some_and(|entry| entry.pending.is_in_conflict());
        let keys = if self.at == self.entries.len() {
            "u undo  q quit"
        } else if is_conflict {
            "o ours  t theirs  n new run's  s skip  u undo  d view  ? help  q quit"
        } else {
            "a accept  r reject  s skip  u undo  d view  ? help  q quit"
        };
        let more = self.length.saturating_sub(self.top + self.room);
        let more = match more {
            0 => String::new(),
            1 => "  1 line more".to_owned(),
            more => format!("  {more} lines more"),
        };
        let (text, style) = match self.message.is_empty() {
            true => (format!(" {keys}{more}"), Style::new().dimmed()),
            false => (
                format!(" {}", self.message),
                AnsiColor::Yellow.on_default().bold(),
            ),
        };
        let text = filled(&clean(&text), columns);
        match color {
            true => format!("{style}{}{style:#}", text.trim_end()),
            false => text.trim_end().to_owned(),
        }
    }

    /// What was decided, when all is.
    fn decided_lines(&self) -> Vec<String> {
        let mut lines = vec![format!("  {}", self.counts()), String::new()];
        for (entry, decision) in self.entries.iter().zip(&self.decisions) {
            let what = match decision {
                Some(Decision::Accepted) => "accepted",
                Some(Decision::Rejected) => "rejected",
                Some(Decision::Settled(_)) => "settled",
                Some(Decision::Skipped) | None => "waits",
            };
            lines.push(format!("  {what:<9} {}", clean(&entry.title)));
        }
        lines
    }

    fn body(&self, columns: usize) -> Vec<String> {
        let Some(entry) = self.entries.get(self.at) else {
            return Vec::new();
        };
        let mut lines = Vec::new();
        let mut say = |text: &str| {
            let text = clean(text);
            let indent = text.len() - text.trim_start().len();
            lines.extend(wrapped(&format!("! {text}"), columns, indent + 4));
        };
        if let Some(refusal) = &entry.refusal {
            say(&format!("not to be accepted: {refusal}"));
        }
        entry.pending.rest.advice.lines().for_each(&mut say);
        if let Accepted::Conflict { .. } = &entry.pending.accepted {
            say(match entry.pending.new {
                Some(_) => {
                    "on the left or behind -: ours; on the right or behind +: what the last run saw"
                }
                None => "on the left or behind -: ours; on the right or behind +: theirs",
            });
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let is_new = matches!(entry.pending.accepted, Accepted::Nothing);
        lines.extend(match self.form {
            Form::Auto if is_new => self.text(columns),
            Form::Auto if columns >= WIDE => self.side_by_side(columns),
            Form::Auto | Form::Unified => self.unified(columns),
            Form::SideBySide => self.side_by_side(columns),
            Form::Text => self.text(columns),
        });
        lines
    }

    fn unified(&self, columns: usize) -> Vec<String> {
        let Some(entry) = self.entries.get(self.at) else {
            return Vec::new();
        };
        let options = TextOptions {
            context: CONTEXT,
            ..TextOptions::default()
        };
        let lines = entry.difference.lines(&options).into_iter();
        let wrapped = lines.flat_map(|line| {
            let line = clean(&line);
            let sign: String = line.chars().take(1).collect();
            let body: String = line.chars().skip(1).collect();
            let hang = body.len() - body.trim_start().len() + 4;
            // Each line begins with its sign, so that each is in its colour.
            let lines = wrapped(&body, columns.saturating_sub(1), hang).into_iter();
            lines.map(move |line| format!("{sign}{line}"))
        });
        wrapped.collect()
    }

    fn side_by_side(&self, columns: usize) -> Vec<String> {
        let Some(entry) = self.entries.get(self.at) else {
            return Vec::new();
        };
        let half = columns.saturating_sub(" │ ".chars().count()) / 2;
        entry
            .difference
            .rows
            .iter()
            .flat_map(|row| beside(row, half))
            .collect()
    }

    fn text(&self, columns: usize) -> Vec<String> {
        let Some(entry) = self.entries.get(self.at) else {
            return Vec::new();
        };
        let text = match (&entry.pending.new, &entry.pending.accepted) {
            (Some(new), _) => new,
            (None, Accepted::Conflict { theirs, .. }) => theirs,
            (None, Accepted::Text(text)) => text,
            (None, Accepted::Nothing) => return Vec::new(),
        };
        let lines = text.lines().flat_map(|line| {
            let line = clean(line);
            let hang = line.len() - line.trim_start().len() + 4;
            wrapped(&format!("  {line}"), columns, hang)
        });
        lines.collect()
    }
}

/// A row with both trees in two halves; what it differs in stands below it.
fn beside(row: &Row, half: usize) -> Vec<String> {
    let indent = "  ".repeat(row.level);
    let cell = |text: Option<&String>| -> Vec<String> {
        let text = text.map_or_else(String::new, |text| clean(&format!("{indent}{text}")));
        wrapped(&text, half.saturating_sub(2), indent.len() + 4)
    };
    let mut left = cell(row.before.as_ref());
    let mut right = cell(row.after.as_ref());
    if row.mark != Mark::Same {
        for change in &row.changes {
            let told = |value: &Option<String>| {
                let value = value.as_deref().unwrap_or("nothing");
                clean(&format!("{indent}    {}: {value}", change.path))
            };
            left.extend(wrapped(
                &told(&change.before),
                half.saturating_sub(2),
                indent.len() + 8,
            ));
            right.extend(wrapped(
                &told(&change.after),
                half.saturating_sub(2),
                indent.len() + 8,
            ));
        }
    }
    if let Some(note) = &row.note {
        let side = match row.after {
            Some(_) => &mut right,
            None => &mut left,
        };
        side.extend(wrapped(
            &clean(&format!("{indent}    ({note})")),
            half.saturating_sub(2),
            indent.len() + 4,
        ));
    }
    let height = left.len().max(right.len());
    left.resize(height, String::new());
    right.resize(height, String::new());
    let sign = row.sign();
    let lines = left.iter().zip(&right).map(|(left, right)| {
        debug_assert!(width(left) <= half.saturating_sub(2) || half < 4);
        let line = format!("{sign} {} │ {right}", filled(left, half.saturating_sub(2)));
        line.trim_end().to_owned()
    });
    lines.collect()
}
