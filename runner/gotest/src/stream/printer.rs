//! Prints lines as package testing prints them.

use std::io::{self, Write};

use super::line::{ESCAPE, MARK};
use super::mode::Mode;
use super::tree::{Node, Run, by_top_level, children_first, trees};
use super::verdict::Summary;

/// Since Go 1.27, an error stands between these in JSON mode (testing.markErrBegin, markErrEnd) and marks are escaped.
const ERROR_BEGIN: u8 = 0x0f;
const ERROR_END: u8 = 0x0e;

/// The first release (`go1.N`) whose tests have attributes (testing.common.Attr).
const ATTRIBUTES_SINCE: u32 = 25;

/// The attribute that says what does not hold.
const SPEC: &str = "goproctor.spec";

/// Where output goes, and what has been printed of verdicts.
#[derive(Debug)]
pub(super) struct Printer<W> {
    out: W,
    mode: Mode,
    release_minor: u32,
    at_start: bool,
    summary: Summary,
    /// Whether a last `FAIL` says what the summary says.
    is_said: bool,
}

impl<W: Write> Printer<W> {
    pub(super) fn new(mode: Mode, release_minor: u32, out: W) -> Self {
        Self {
            out,
            mode,
            release_minor,
            at_start: true,
            summary: Summary::default(),
            is_said: true,
        }
    }

    pub(super) fn summary(&self) -> Summary {
        self.summary
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(last) = bytes.last() {
            self.at_start = *last == b'\n';
        }
        self.out.write_all(bytes)
    }

    /// Begins a line. A mark can follow anything.
    pub(super) fn begin_line(&mut self) -> io::Result<()> {
        if self.at_start || self.mode == Mode::Json {
            Ok(())
        } else {
            self.raw(b"\n")
        }
    }

    /// Prints a failing verdict's lines, indented, and counts it.
    pub(super) fn lines(&mut self, depth: usize, lines: &[String]) -> io::Result<()> {
        self.summary.failed = true;
        self.summary.failed_tests += 1;
        self.is_said = false;
        let indent = b" ".repeat(4 * depth);
        let lines: Vec<&str> = lines.iter().flat_map(|line| line.split('\n')).collect();
        let has_marks = self.mode == Mode::Json && self.release_minor >= 27;
        let mut text = Vec::new();
        for (place, line) in lines.iter().enumerate() {
            if has_marks && place == 0 {
                text.push(ERROR_BEGIN);
            }
            text.extend_from_slice(&indent);
            text.extend(self.escaped(line));
            if has_marks && place + 1 == lines.len() {
                text.push(ERROR_END);
            }
            text.push(b'\n');
        }
        self.raw(&text)
    }

    /// Prints a failing verdict's lines where `t.Errorf` prints them while tests are verbose, and counts it.
    pub(super) fn named_lines(
        &mut self,
        name: &str,
        lines: &[String],
        needs_name: bool,
    ) -> io::Result<()> {
        if needs_name && !lines.is_empty() {
            // testing.chattyPrinter.Printf
            let update = if self.release_minor >= 20 {
                "NAME"
            } else {
                "CONT"
            };
            self.framed(&format!("=== {update}  {name}\n"))?;
        }
        self.lines(1, lines)
    }

    /// Prints a failing verdict's places as an attribute of the test, in JSON mode and where the release knows of attributes.
    pub(super) fn attribute(&mut self, name: &str, places: &[String]) -> io::Result<()> {
        let value = places.join(" ");
        let is_known = self.mode == Mode::Json && self.release_minor >= ATTRIBUTES_SINCE;
        // An attribute is one line.
        if !is_known || value.is_empty() || value.contains(['\r', '\n']) {
            return Ok(());
        }
        // testing.common.Attr
        self.raw(&[MARK])?;
        self.raw(format!("=== ATTR  {name} {SPEC} ").as_bytes())?;
        let value = self.escaped(&value);
        self.raw(&value)?;
        self.raw(b"\n")
    }

    /// Prints where artifacts of the test are, as testing does while tests are verbose.
    pub(super) fn artifacts(&mut self, name: &str, directories: &[String]) -> io::Result<()> {
        // Plain mode has no such line, and a line has no other in it.
        let told = directories
            .iter()
            .filter(|directory| self.mode != Mode::Plain && !directory.contains(['\r', '\n']));
        let told: Vec<_> = told.collect();
        for directory in told {
            self.begin_line()?;
            // testing.common.makeArtifactDir
            self.framed(&format!("=== ARTIFACTS {name} "))?;
            let directory = self.escaped(directory);
            self.raw(&directory)?;
            self.raw(b"\n")?;
        }
        Ok(())
    }

    /// Prints the report of a failed test. Nothing is known of its time.
    pub(super) fn report(&mut self, depth: usize, name: &str) -> io::Result<()> {
        let indent = " ".repeat(4 * depth);
        self.framed(&format!("{indent}--- FAIL: {name} (0.00s)\n"))
    }

    /// Prints trees of failed tests as plain mode prints them, indented to begin with.
    pub(super) fn plain_trees(&mut self, depth: usize, nodes: &[Node]) -> io::Result<()> {
        if !nodes.is_empty() {
            self.begin_line()?;
        }
        for node in nodes {
            self.report(depth + node.depth, &node.name)?;
            if let Some(lines) = &node.lines {
                self.lines(depth + node.depth + 1, lines)?;
            }
        }
        Ok(())
    }

    /// Prints the failing runs that the binary does not report, after the artifacts of all.
    pub(super) fn rest(&mut self, runs: Vec<Run>) -> io::Result<()> {
        for (name, verdict) in &runs {
            self.artifacts(name, &verdict.artifacts)?;
        }
        for runs in by_top_level(runs) {
            let nodes = trees(runs);
            self.begin_line()?;
            match self.mode {
                Mode::Plain => self.plain_trees(0, &nodes)?,
                Mode::Verbose => {
                    for node in &nodes {
                        if let Some(lines) = &node.lines {
                            self.named_lines(&node.name, lines, true)?;
                        }
                    }
                    for node in &nodes {
                        self.report(node.depth, &node.name)?;
                    }
                }
                Mode::Json => {
                    for node in children_first(nodes) {
                        self.attribute(&node.name, &node.places)?;
                        if let Some(lines) = &node.lines {
                            self.named_lines(&node.name, lines, true)?;
                        }
                        self.report(0, &node.name)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Prints the binary's last line, or `FAIL` in its place.
    pub(super) fn last(&mut self, line: &[u8]) -> io::Result<()> {
        self.is_said = true;
        if self.summary.failed {
            self.framed("FAIL\n")
        } else {
            self.raw(line)
        }
    }

    /// Prints `FAIL` if verdicts failed and no last line says so: the binary ended early.
    pub(super) fn end(&mut self) -> io::Result<()> {
        if self.is_said {
            return Ok(());
        }
        self.begin_line()?;
        self.last(b"")
    }

    fn framed(&mut self, line: &str) -> io::Result<()> {
        if self.mode == Mode::Json {
            self.raw(&[MARK])?;
        }
        self.raw(line.as_bytes())
    }

    /// The line's bytes, none of which frames anything.
    fn escaped(&self, line: &str) -> Vec<u8> {
        if self.mode != Mode::Json {
            return line.as_bytes().to_vec();
        }
        let mut bytes = Vec::with_capacity(line.len());
        for byte in line.bytes() {
            match byte {
                // To Go 1.26 there is no escape.
                MARK if self.release_minor < 27 => bytes.extend_from_slice(b"^V"),
                MARK | ERROR_BEGIN | ERROR_END | ESCAPE if self.release_minor >= 27 => {
                    bytes.extend([ESCAPE, byte]);
                }
                _ => bytes.push(byte),
            }
        }
        bytes
    }
}
