//! Verbose mode: the report of a top-level test comes before those of its subtests, which stand below it, indented.

use std::collections::HashSet;
use std::io::{self, Write};

use super::line::{Report, is_below, top_level};
use super::printer::Printer;
use super::tree::Run;
use super::verdict::{Outcome, Verdict, Verdicts};

/// A block that is larger is decided by what has been seen of it.
const MAX_HELD: usize = 1 << 20;

/// What the lines so far say.
#[derive(Debug, Default)]
pub(super) struct Verbose {
    /// The test that a line of testing has just named (testing.chattyPrinter.lastName).
    named: Option<String>,
    /// The top-level tests that have begun and not ended.
    running: HashSet<String>,
    block: Block,
}

/// The report of a top-level test, and those below it.
#[derive(Debug, Default)]
enum Block {
    /// None, or one that verdicts leave as it is.
    #[default]
    None,
    /// One that is held back until it has shown which of the failing subtests were skipped.
    Held(Box<Held>),
    /// One that is printed as it comes. These tests fail.
    Failing(Vec<String>),
}

#[derive(Debug)]
struct Held {
    /// The reports, the top-level one first.
    reports: Vec<(Report, Vec<u8>)>,
    size: usize,
    own: Option<Verdict>,
    /// The failing verdicts on subtests.
    below: Vec<Run>,
    /// Those of the subtests that have not been reported yet.
    unseen: HashSet<String>,
    skipped: HashSet<String>,
}

impl Verbose {
    /// Whether indented lines matter.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.block, Block::None)
    }

    /// Whether the last line may come: before that, a test printed it.
    pub(super) fn is_last(&self) -> bool {
        self.running.is_empty()
    }

    pub(super) fn report<W: Write>(
        &mut self,
        report: Report,
        line: Vec<u8>,
        verdicts: &mut impl Verdicts,
        printer: &mut Printer<W>,
    ) -> io::Result<()> {
        if report.is_misplaced() {
            // test2json takes it for a report, so what follows needs a name.
            self.named = None;
            return self.text(&line, printer);
        }
        if report.depth > 0 {
            return self.subtest(report, line, printer);
        }
        self.end_block(printer)?;
        self.running.remove(&report.name);
        let own = verdicts.next(&report.name, report.outcome);
        let mut below: Vec<Run> = verdicts.below(&report.name);
        for (name, verdict) in &below {
            self.artifacts(name, verdict, printer)?;
        }
        if let Some(own) = &own {
            self.artifacts(&report.name, own, printer)?;
        }
        let own = own.filter(|verdict| verdict.fails && report.outcome != Outcome::Skipped);
        below.retain(|(_, verdict)| verdict.fails);
        let unseen: HashSet<String> = below.iter().map(|(name, _)| name.clone()).collect();
        let is_decided = unseen.is_empty();
        let size = line.len();
        let reports = vec![(report, line)];
        self.block = Block::Held(Box::new(Held {
            reports,
            size,
            own,
            below,
            unseen,
            skipped: HashSet::new(),
        }));
        if is_decided {
            self.decide(printer)
        } else {
            Ok(())
        }
    }

    /// Prints where artifacts of a test are. Such a line names the test of the lines that follow.
    fn artifacts<W: Write>(
        &mut self,
        name: &str,
        verdict: &Verdict,
        printer: &mut Printer<W>,
    ) -> io::Result<()> {
        if !verdict.artifacts.is_empty() {
            printer.artifacts(name, &verdict.artifacts)?;
            self.named = Some(name.to_owned());
        }
        Ok(())
    }

    fn subtest<W: Write>(
        &mut self,
        report: Report,
        line: Vec<u8>,
        printer: &mut Printer<W>,
    ) -> io::Result<()> {
        match &mut self.block {
            Block::None => printer.raw(&line),
            Block::Failing(failing) => printer.raw(&rewritten(&report, line, failing)),
            Block::Held(held) => {
                if held.unseen.remove(&report.name) && report.outcome == Outcome::Skipped {
                    held.skipped.insert(report.name.clone());
                }
                held.size += line.len();
                held.reports.push((report, line));
                if held.unseen.is_empty() || held.size > MAX_HELD {
                    self.decide(printer)
                } else {
                    Ok(())
                }
            }
        }
    }

    /// A line that says which test the next lines are of.
    pub(super) fn update<W: Write>(
        &mut self,
        begins: bool,
        name: String,
        line: &[u8],
        printer: &mut Printer<W>,
    ) -> io::Result<()> {
        self.end_block(printer)?;
        // Benchmarks are named so in no mode but JSON, and need no report.
        if begins && top_level(&name) == name {
            self.running.insert(name.clone());
        }
        self.named = Some(name);
        printer.raw(line)
    }

    pub(super) fn text<W: Write>(
        &mut self,
        text: &[u8],
        printer: &mut Printer<W>,
    ) -> io::Result<()> {
        self.decide(printer)?;
        printer.raw(text)
    }

    pub(super) fn end_block<W: Write>(&mut self, printer: &mut Printer<W>) -> io::Result<()> {
        self.decide(printer)?;
        self.block = Block::None;
        Ok(())
    }

    /// Prints the block that is held back: the reasons, where `t.Errorf` prints them, then the reports.
    fn decide<W: Write>(&mut self, printer: &mut Printer<W>) -> io::Result<()> {
        let held = match std::mem::take(&mut self.block) {
            Block::Held(held) => *held,
            block => {
                self.block = block;
                return Ok(());
            }
        };
        let top = held
            .reports
            .first()
            .map(|(report, _)| report.name.clone())
            .unwrap_or_default();
        let below = held
            .below
            .into_iter()
            .filter(|(name, _)| !held.skipped.contains(name));
        let failing: Vec<Run> = below.chain(held.own.map(|own| (top, own))).collect();
        if !failing.is_empty() {
            printer.begin_line()?;
        }
        let mut named = self.named.take();
        for (name, verdict) in &failing {
            let needs_name = named.as_deref() != Some(name);
            printer.named_lines(name, &verdict.lines, needs_name)?;
            if !verdict.lines.is_empty() {
                named = Some(name.clone());
            }
        }
        let failing: Vec<String> = failing.into_iter().map(|(name, _)| name).collect();
        for (report, line) in held.reports {
            printer.raw(&rewritten(&report, line, &failing))?;
        }
        self.block = if failing.is_empty() {
            Block::None
        } else {
            Block::Failing(failing)
        };
        Ok(())
    }
}

/// The report as it is when these tests fail.
fn rewritten(report: &Report, line: Vec<u8>, failing: &[String]) -> Vec<u8> {
    let fails = |name: &String| {
        *name == report.name && report.outcome != Outcome::Skipped || is_below(name, &report.name)
    };
    if failing.iter().any(fails) {
        report.failing(&line)
    } else {
        line
    }
}
