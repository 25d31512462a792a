//! A difference as lines.

use super::difference::{Mark, Row, TreeDifference};

/// How a difference is written.
#[derive(Clone, Copy, Debug)]
pub struct TextOptions {
    /// The rows around what differs that are shown; all others are counted.
    pub context: usize,
    /// How wide lines are, in characters; the middle of a longer one is left out.
    pub width: usize,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self {
            context: 2,
            width: usize::MAX,
        }
    }
}

impl TreeDifference {
    /// The difference as lines, each behind what became of its call: `~` changed, `+` added, `-` gone, `>` moved.
    #[must_use]
    pub fn lines(&self, options: &TextOptions) -> Vec<String> {
        let shown = self.shown(options.context);
        let mut lines = Vec::new();
        let mut skipped = 0;
        for (row, is_shown) in self.rows.iter().zip(shown) {
            if !is_shown {
                skipped += 1;
                continue;
            }
            skip(&mut lines, &mut skipped);
            row.write(options.width, &mut lines);
        }
        skip(&mut lines, &mut skipped);
        lines
    }

    /// Which rows are shown: what differs, what is near it, and what it is below.
    fn shown(&self, context: usize) -> Vec<bool> {
        let mut shown = vec![false; self.rows.len()];
        for (index, row) in self.rows.iter().enumerate() {
            if row.mark == Mark::Same {
                continue;
            }
            let from = index.saturating_sub(context);
            shown
                .iter_mut()
                .take(index.saturating_add(context).saturating_add(1))
                .skip(from)
                .for_each(|shown| *shown = true);
            let mut level = row.level;
            for (above, row) in self.rows.iter().enumerate().take(index).rev() {
                if row.level < level {
                    level = row.level;
                    if let Some(shown) = shown.get_mut(above) {
                        *shown = true;
                    }
                }
            }
        }
        shown
    }
}

fn skip(lines: &mut Vec<String>, skipped: &mut usize) {
    match std::mem::take(skipped) {
        0 => {}
        1 => lines.push("  … 1 line that is the same".to_owned()),
        count => lines.push(format!("  … {count} lines that are the same")),
    }
}

impl Row {
    /// What became of it, as one character.
    #[must_use]
    pub const fn sign(&self) -> char {
        match self.mark {
            Mark::Same => ' ',
            Mark::Changed => '~',
            Mark::Moved => '>',
            Mark::Added => '+',
            Mark::Gone => '-',
        }
    }

    fn write(&self, width: usize, lines: &mut Vec<String>) {
        let indent = "  ".repeat(self.level);
        let line = self.after.as_ref().or(self.before.as_ref());
        let line = line.map_or("", String::as_str);
        let note = self.note.as_ref();
        let note = note.map_or_else(String::new, |note| format!("  ({note})"));
        let room = width.saturating_sub(2 + indent.len() + note.chars().count());
        lines.push(format!("{} {indent}{}{note}", self.sign(), cut(line, room)));
        for change in &self.changes {
            let text = change.to_string();
            let room = width.saturating_sub(6 + indent.len());
            lines.push(format!("      {indent}{}", cut(&text, room)));
        }
    }
}

/// The least that is left of a line.
const LEAST: usize = 20;

/// A text without its middle, where it is too long.
pub(super) fn cut(text: &str, room: usize) -> String {
    let room = room.max(LEAST);
    let length = text.chars().count();
    if length <= room {
        return text.to_owned();
    }
    let end = room / 3;
    let begin = room - end - 1;
    let first: String = text.chars().take(begin).collect();
    let last: String = text.chars().skip(length - end).collect();
    format!("{first}…{last}")
}
