//! The stream from the test binary to `go test`.

use std::io::{self, Write};

use super::json::Json;
use super::line::Line;
use super::mode::Mode;
use super::plain::Plain;
use super::printer::Printer;
use super::scanner::{Piece, Scanner};
use super::verbose::Verbose;
use super::verdict::{Summary, Verdicts};

/// Rewrites the output of a test binary by verdicts on its tests.
#[derive(Debug)]
pub struct Rewriter<W, V> {
    scanner: Scanner,
    printer: Printer<W>,
    verdicts: V,
    state: State,
    at_start: bool,
}

/// What the output so far says, as far as what follows depends on it.
#[derive(Debug)]
enum State {
    Plain(Plain),
    Verbose(Box<Verbose>),
    Json(Json),
}

impl<W: Write, V: Verdicts> Rewriter<W, V> {
    /// A rewriter for the output of a binary that Go 1.`release_minor` built.
    pub fn new(mode: Mode, release_minor: u32, out: W, verdicts: V) -> Self {
        let state = match mode {
            Mode::Plain => State::Plain(Plain::default()),
            Mode::Verbose => State::Verbose(Box::default()),
            Mode::Json => State::Json(Json::default()),
        };
        Self {
            scanner: Scanner::new(mode, release_minor),
            printer: Printer::new(mode, release_minor, out),
            verdicts,
            state,
            at_start: true,
        }
    }

    /// Takes output of the binary, cut anywhere.
    ///
    /// # Errors
    /// When the result cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.scanner.add(bytes);
        while let Some(piece) = self.scanner.next(self.state.is_open()) {
            match piece {
                Piece::Text(text) => self.text(&text)?,
                Piece::Line(line, bytes) => {
                    self.line(line, bytes)?;
                    self.at_start = true;
                }
            }
        }
        self.printer.flush()
    }

    /// Says what became of the output once the binary has ended, and prints the verdicts that are left.
    ///
    /// # Errors
    /// When the result cannot be written.
    pub fn finish(mut self) -> io::Result<Summary> {
        let held = self.scanner.end();
        self.text(&held)?;
        self.rest()?;
        self.printer.end()?;
        self.printer.flush()?;
        Ok(self.printer.summary())
    }

    fn text(&mut self, text: &[u8]) -> io::Result<()> {
        let Some(last) = text.last() else {
            return Ok(());
        };
        let at_start = std::mem::replace(&mut self.at_start, *last == b'\n');
        match &mut self.state {
            State::Plain(plain) => plain.text(text, at_start, &mut self.printer),
            State::Verbose(verbose) => verbose.text(text, &mut self.printer),
            State::Json(_) => self.printer.raw(text),
        }
    }

    fn line(&mut self, line: Line, bytes: Vec<u8>) -> io::Result<()> {
        let Self {
            printer,
            verdicts,
            state,
            ..
        } = self;
        match (line, state) {
            (Line::Report(report), State::Plain(plain)) => {
                plain.report(&report, &bytes, verdicts, printer)
            }
            (Line::Report(report), State::Verbose(verbose)) => {
                verbose.report(report, bytes, verdicts, printer)
            }
            (Line::Report(report), State::Json(json)) => {
                json.report(&report, &bytes, verdicts, printer)
            }
            (Line::Update { begins, name }, State::Verbose(verbose)) => {
                verbose.update(begins, name, &bytes, printer)
            }
            (Line::Update { .. }, _) => self.text(&bytes),
            (Line::Last, State::Verbose(verbose)) if !verbose.is_last() => self.text(&bytes),
            (Line::Last, _) => {
                self.rest()?;
                self.printer.last(&bytes)
            }
        }
    }

    /// Ends the block that is open, and prints what the binary does not report.
    fn rest(&mut self) -> io::Result<()> {
        match &mut self.state {
            State::Plain(plain) => plain.close(0, &mut self.printer)?,
            State::Verbose(verbose) => verbose.end_block(&mut self.printer)?,
            State::Json(_) => {}
        }
        self.printer.rest(self.verdicts.rest())
    }
}

impl State {
    /// Whether indented lines matter.
    fn is_open(&self) -> bool {
        match self {
            Self::Plain(plain) => plain.is_open(),
            Self::Verbose(verbose) => verbose.is_open(),
            Self::Json(_) => false,
        }
    }
}
