//! Lines of a tree in columns: what happened, how long it took, where it is in the source.

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A line of a tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Spaces and branches.
    pub(super) prefix: String,
    /// What happened.
    pub(super) text: String,
    /// How long it took.
    pub(super) duration: Option<String>,
    /// Where it is in the source.
    pub(super) position: Option<String>,
    /// Whether it gets a `▶`.
    pub(super) is_marked: bool,
    /// Whether it is a heading, that is, has no columns.
    pub(super) is_heading: bool,
}

impl Line {
    pub(super) fn heading(text: String) -> Self {
        Self {
            text,
            is_heading: true,
            ..Self::default()
        }
    }

    fn left_width(&self) -> usize {
        self.prefix.width() + self.text.width()
    }

    fn has_columns(&self) -> bool {
        self.duration.is_some() || self.position.is_some()
    }
}

/// The room for a duration, whatever those of this run are: where a line is cut must not depend on them.
const DURATION: usize = 7;

/// The columns that a duration and a position take, with the space before them.
pub(super) fn right(positions: impl Iterator<Item = String>) -> usize {
    let position = positions.map(|position| 2 + position.width()).max();
    2 + DURATION + position.unwrap_or(0)
}

/// How wide the columns are.
struct Widths {
    left: usize,
    /// Where the left column is cut.
    most: usize,
    duration: usize,
}

/// The lines as text, each with a line break at its end; what is wider than `limit` columns is cut.
pub(super) fn text(lines: &[Line], limit: usize, color: bool) -> String {
    let column = |column: fn(&Line) -> &Option<String>| {
        let texts = lines.iter().filter_map(|line| column(line).clone());
        texts.collect::<Vec<_>>()
    };
    let durations = column(|line| &line.duration);
    let right = right(column(|line| &line.position).into_iter());
    let most = limit.saturating_sub(right).max(20);
    let lefts = lines.iter().filter(|line| line.has_columns());
    let left = lefts.map(|line| line.left_width().min(most)).max();
    let widths = Widths {
        left: left.unwrap_or(0),
        most,
        duration: durations.iter().map(|text| text.width()).max().unwrap_or(0),
    };
    let paint = Paint::new(color);
    let texts = lines.iter().map(|line| match line.has_columns() {
        true => row(line, &widths, &paint),
        false => {
            let text = cut(&line.text, limit.saturating_sub(line.prefix.width()));
            let style = if line.is_heading {
                paint.heading
            } else {
                Style::new()
            };
            format!("{}{style}{text}{style:#}\n", paint.branches(&line.prefix))
        }
    });
    texts.collect()
}

fn row(line: &Line, widths: &Widths, paint: &Paint) -> String {
    let prefix = match line.is_marked {
        true => marked(&line.prefix),
        false => line.prefix.clone(),
    };
    let text = cut(&line.text, widths.most.saturating_sub(prefix.width()));
    let missing = widths.left.saturating_sub(prefix.width() + text.width());
    let style = if line.is_marked {
        paint.mark
    } else {
        Style::new()
    };
    let mut right = " ".repeat(missing);
    if widths.duration > 0 {
        let duration = line.duration.as_deref().unwrap_or_default();
        right.push_str(&format!("  {duration:>0$}", widths.duration));
    }
    if let Some(position) = &line.position {
        right.push_str("  ");
        right.push_str(position);
    }
    let dim = paint.dim;
    let right = right.trim_end();
    format!(
        "{}{style}{text}{style:#}{dim}{right}{dim:#}\n",
        paint.branches(&prefix)
    )
}

/// The prefix with `▶` before its branch, or in its first place where there is none.
fn marked(prefix: &str) -> String {
    let length = prefix.width();
    let at = length.saturating_sub(4);
    let characters = prefix.chars().enumerate();
    let characters = characters.map(|(index, c)| if index == at { '▶' } else { c });
    characters.collect()
}

fn cut(text: &str, limit: usize) -> String {
    if text.width() <= limit {
        return text.to_owned();
    }
    let mut room = limit.saturating_sub(1);
    let kept = text.chars().take_while(|c| {
        let width = c.width().unwrap_or(0);
        let fits = width <= room;
        room = room.saturating_sub(width);
        fits
    });
    kept.chain(['…']).collect()
}

/// The styles; all plain without colour.
struct Paint {
    heading: Style,
    dim: Style,
    mark: Style,
}

impl Paint {
    fn new(color: bool) -> Self {
        if !color {
            return Self {
                heading: Style::new(),
                dim: Style::new(),
                mark: Style::new(),
            };
        }
        Self {
            heading: Style::new().bold(),
            dim: Style::new().dimmed(),
            mark: AnsiColor::Red.on_default().bold(),
        }
    }

    /// The prefix, its branches dimmed and its mark not.
    fn branches(&self, prefix: &str) -> String {
        let (dim, mark) = (self.dim, self.mark);
        match prefix.split_once('▶') {
            None if prefix.trim().is_empty() => prefix.to_owned(),
            None => format!("{dim}{prefix}{dim:#}"),
            Some((before, after)) => {
                format!("{dim}{before}{dim:#}{mark}▶{mark:#}{dim}{after}{dim:#}")
            }
        }
    }
}
