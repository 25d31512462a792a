//! What the user's terminal can show: colours, width, progress.

use std::{
    io::{self, IsTerminal as _},
    os::fd::AsFd,
    time::Duration,
};

use anstream::{AutoStream, ColorChoice};
use indicatif::{ProgressBar, ProgressStyle};
use spec::SpecErrors;

use crate::session::Progress;

/// How wide errors are where there is no terminal, in columns: they are sentences, which read worse the wider they are.
const ERROR_WIDTH: usize = 100;

/// How wide reports are where there is no terminal, in columns: the same for everybody.
const REPORT_WIDTH: usize = 120;

/// What the user's terminal can show. NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM and COLUMNS are respected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Screen {
    /// Whether standard output is coloured.
    pub(super) color: bool,
    /// Whether standard error is coloured.
    error_color: bool,
    /// How wide standard output is, in columns.
    pub(super) width: usize,
    /// How wide standard error is, in columns.
    error_width: usize,
    /// Whether somebody may be looking at progress.
    pub(super) progress: bool,
}

impl Screen {
    /// What standard output and standard error are connected to.
    #[must_use]
    pub(super) fn detect() -> Self {
        let ci = std::env::var_os("CI").is_some_and(|ci| !ci.is_empty() && ci != "false");
        Self {
            color: AutoStream::choice(&io::stdout()) != ColorChoice::Never,
            error_color: AutoStream::choice(&io::stderr()) != ColorChoice::Never,
            width: columns(io::stdout()).unwrap_or(REPORT_WIDTH),
            error_width: columns(io::stderr()).unwrap_or(ERROR_WIDTH),
            progress: io::stderr().is_terminal() && !ci,
        }
    }

    /// The errors of a spec for standard error.
    pub(super) fn render(&self, errors: &SpecErrors) -> String {
        errors.render(self.error_color, true, self.error_width)
    }
}

/// How wide `stream` is: as COLUMNS says, or its terminal.
fn columns(stream: impl AsFd) -> Option<usize> {
    let said = std::env::var("COLUMNS").ok();
    let said = said.and_then(|columns| columns.parse().ok());
    said.filter(|columns| *columns > 0).or_else(|| {
        let (width, _) = terminal_size::terminal_size_of(stream)?;
        Some(usize::from(width.0))
    })
}

/// Shows what a session is doing while somebody waits for it.
pub(super) struct Waiting {
    bar: Option<ProgressBar>,
    verbose: bool,
}

impl Waiting {
    /// On a terminal, one line that changes; elsewhere nothing but warnings, and with `verbose` what `go` writes.
    #[must_use]
    pub(super) fn new(screen: &Screen, verbose: bool) -> Self {
        let bar = screen.progress.then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self { bar, verbose }
    }

    /// Shows what is being done.
    pub(super) fn show(&self, progress: &Progress) {
        match progress {
            Progress::Go(line) if self.verbose => self.line(line),
            Progress::Warning(warning) => self.line(&format!("goproctor: {warning}")),
            progress => self.message(words(progress)),
        }
    }

    /// Shows what is being done for one of several things that are done at a time.
    pub(super) fn show_of(&self, who: &str, progress: &Progress) {
        self.message(format!("{who}: {}", words(progress)));
    }

    /// Shows that something is being done.
    pub(super) fn doing(&self, what: &str) {
        self.message(what.to_owned());
    }

    /// Shows that a test runs.
    pub(super) fn test(&self, name: &str) {
        self.message(name.to_owned());
    }

    /// Nothing more is being done for now: the line goes.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Lets `print` write to the terminal without the line in between.
    pub(super) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn message(&self, text: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(text);
        }
    }

    fn line(&self, text: &str) {
        self.aside(|| eprintln!("{text}"));
    }
}

fn words(progress: &Progress) -> String {
    match progress {
        Progress::Building(package) => format!("building {package}"),
        Progress::Go(line) => format!("go: {line}"),
        Progress::Reading => "reading the binary".to_owned(),
        Progress::Attaching(sites) => format!("setting {sites} probes"),
        Progress::Warning(warning) => warning.clone(),
    }
}
