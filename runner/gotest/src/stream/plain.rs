//! Plain mode: a failed top-level test is printed with all that failed below it, in one block.

use std::io::{self, Write};

use super::line::{Report, is_below};
use super::printer::Printer;
use super::tree::{Run, trees};
use super::verdict::{Outcome, Verdicts};

/// The block that is being printed, if verdicts have something to add to it.
#[derive(Debug, Default)]
pub(super) struct Plain {
    /// The failed tests whose lines may still follow, each below the one before it.
    open: Vec<String>,
    /// What verdicts say of tests that the block has not shown.
    pending: Vec<Run>,
}

impl Plain {
    /// Whether indented lines matter.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// A report. Passed and skipped tests have none in this mode, so such a line is a test's own text.
    pub(super) fn report<W: Write>(
        &mut self,
        report: &Report,
        line: &[u8],
        verdicts: &mut impl Verdicts,
        printer: &mut Printer<W>,
    ) -> io::Result<()> {
        if report.depth > self.open.len()
            || report.outcome != Outcome::Failed
            || report.is_misplaced()
        {
            return self.text(line, true, printer);
        }
        self.close(report.depth, printer)?;
        printer.raw(line)?;
        let verdict = if report.depth == 0 {
            let verdict = verdicts.next(&report.name, report.outcome);
            self.pending = verdicts.below(&report.name);
            verdict
        } else {
            let place = self
                .pending
                .iter()
                .position(|(name, _)| *name == report.name);
            place.map(|place| self.pending.remove(place).1)
        };
        if let Some(verdict) = verdict.filter(|verdict| verdict.fails) {
            printer.lines(report.depth + 1, &verdict.lines)?;
        }
        if report.depth > 0 || self.pending.iter().any(|(_, verdict)| verdict.fails) {
            self.open.push(report.name.clone());
        }
        Ok(())
    }

    /// Other text. Its indentation says which tests of the block it ends.
    pub(super) fn text<W: Write>(
        &mut self,
        text: &[u8],
        at_start: bool,
        printer: &mut Printer<W>,
    ) -> io::Result<()> {
        let mut at_start = at_start;
        let mut rest = text;
        while self.is_open() && !rest.is_empty() {
            let end = rest
                .iter()
                .position(|&byte| byte == b'\n')
                .map_or(rest.len(), |end| end + 1);
            let (line, after) = rest.split_at(end);
            if at_start {
                let indent = line.iter().take_while(|&&byte| byte == b' ').count();
                self.close(indent / 4, printer)?;
            }
            printer.raw(line)?;
            (at_start, rest) = (true, after);
        }
        printer.raw(rest)
    }

    /// Ends the tests from that depth on, and prints what the block lacks of the tests below them.
    pub(super) fn close<W: Write>(
        &mut self,
        depth: usize,
        printer: &mut Printer<W>,
    ) -> io::Result<()> {
        while self.open.len() > depth {
            let Some(above) = self.open.pop() else { break };
            let pending = std::mem::take(&mut self.pending);
            let (below, others) = pending
                .into_iter()
                .partition(|(name, _)| is_below(name, &above));
            self.pending = others;
            printer.plain_trees(self.open.len() + 1, &trees(below))?;
        }
        Ok(())
    }
}
