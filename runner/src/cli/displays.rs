//! How verdicts are shown: the flags that say so, and the display that they stand for.

use std::io;

use clap::Args;

use super::screen::Screen;
use crate::report::{Display, JsonLines, Terminal};

/// How verdicts are shown.
#[derive(Clone, Copy, Debug, Args)]
pub struct DisplayArguments {
    /// Show every verdict and the calls of tests that passed too
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Report as JSON, one event a line (docs/json.md)
    #[arg(long)]
    pub(super) json: bool,
}

impl DisplayArguments {
    /// What shows them on standard output.
    pub(super) fn display(&self, screen: &Screen) -> Box<dyn Display> {
        let Screen { color, width, .. } = *screen;
        if self.json {
            Box::new(JsonLines::new(io::stdout()))
        } else {
            Box::new(Terminal::new(io::stdout(), color, self.verbose, width))
        }
    }
}
