//! Lines of a tree in columns: what happened, how long it took, where it stands in the source.

use anstyle::{AnsiColor, Style};

/// A line of a tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Spaces and branches.
    pub(super) prefix: String,
    /// What happened.
    pub(super) text: String,
    /// How long it took.
    pub(super) duration: Option<String>,
    /// Where it stands in the source.
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
        width(&self.prefix) + width(&self.text)
    }

    fn has_columns(&self) -> bool {
        self.duration.is_some() || self.position.is_some()
    }
}

/// What is wider does not move the other lines' columns, where there is no limit.
const MAX_LEFT: usize = 130;

/// How many characters the columns have.
struct Widths {
    left: usize,
    /// Where what stands left is cut.
    most: Option<usize>,
    duration: usize,
}

/// The lines as text, each with a line break at its end; what is longer than `limit` is cut.
pub(super) fn text(lines: &[Line], limit: Option<usize>, color: bool) -> String {
    let column = |column: fn(&Line) -> &Option<String>| {
        let widths = lines.iter().filter_map(|line| column(line).as_deref());
        widths.map(width).max().unwrap_or(0)
    };
    let duration = column(|line| &line.duration);
    let position = column(|line| &line.position);
    let right = [duration, position].into_iter().filter(|width| *width > 0);
    let right: usize = right.map(|width| width + 2).sum();
    let most = limit.map(|limit| limit.saturating_sub(right).max(20));
    let lefts = lines.iter().filter(|line| line.has_columns());
    let lefts = lefts.map(Line::left_width);
    let left = match most {
        Some(most) => lefts.map(|left| left.min(most)).max(),
        None => lefts.filter(|left| *left <= MAX_LEFT).max(),
    };
    let widths = Widths {
        left: left.unwrap_or(0),
        most,
        duration,
    };
    let paint = Paint::new(color);
    let texts = lines.iter().map(|line| match line.has_columns() {
        true => row(line, &widths, &paint),
        false => {
            let text = cut(
                &line.text,
                limit.map(|limit| limit.saturating_sub(width(&line.prefix))),
            );
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
    let room = widths.most.map(|most| most.saturating_sub(width(&prefix)));
    let text = cut(&line.text, room);
    let missing = widths.left.saturating_sub(width(&prefix) + width(&text));
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
    let length = width(prefix);
    let at = length.saturating_sub(4);
    let characters = prefix.chars().enumerate();
    let characters = characters.map(|(index, c)| if index == at { '▶' } else { c });
    characters.collect()
}

fn cut(text: &str, limit: Option<usize>) -> String {
    match limit {
        Some(limit) if width(text) > limit => {
            let kept = text.chars().take(limit.saturating_sub(1));
            kept.chain(['…']).collect()
        }
        _ => text.to_owned(),
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
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
