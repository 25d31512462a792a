//! The colours of the terminal's output.

use std::fmt;

use anstyle::{AnsiColor, Style};

/// Styles by meaning; all plain where colours are not wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Palette {
    /// What holds.
    pub(super) good: Style,
    /// What does not.
    pub(super) bad: Style,
    /// What is not known.
    pub(super) doubtful: Style,
    /// What is only of use to those who look for it.
    pub(super) aside: Style,
    /// What a line is about.
    pub(super) name: Style,
}

impl Palette {
    /// With colours, or without.
    pub(super) fn new(color: bool) -> Self {
        if !color {
            return Self::default();
        }
        Self {
            good: AnsiColor::Green.on_default().bold(),
            bad: AnsiColor::Red.on_default().bold(),
            doubtful: AnsiColor::Yellow.on_default().bold(),
            aside: Style::new().dimmed(),
            name: Style::new().bold(),
        }
    }
}

/// Text in a style.
pub(super) fn paint<T: fmt::Display>(style: Style, text: T) -> String {
    format!("{style}{text}{style:#}")
}
