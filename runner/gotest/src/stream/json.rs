//! JSON mode: each test is reported by itself when it ends, subtests before their parents.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::line::{Report, is_below, top_level};
use super::printer::Printer;
use super::verdict::{Outcome, Verdicts};

/// The tests that failed below tests that have not ended.
#[derive(Debug, Default)]
pub(super) struct Json {
    failed: BTreeSet<String>,
}

impl Json {
    pub(super) fn report<W: Write>(
        &mut self,
        report: &Report,
        line: &[u8],
        verdicts: &mut impl Verdicts,
        printer: &mut Printer<W>,
    ) -> io::Result<()> {
        let name = &report.name;
        let verdict = verdicts.next(name, report.outcome);
        if let Some(verdict) = &verdict {
            printer.artifacts(name, &verdict.artifacts)?;
        }
        let own = verdict.filter(|verdict| verdict.fails && report.outcome != Outcome::Skipped);
        let failed_below = self.take_below(name);
        if let Some(verdict) = &own {
            printer.attribute(name, &verdict.places)?;
            printer.named_lines(name, &verdict.lines, true)?;
        }
        if own.is_none() && !failed_below {
            return printer.raw(line);
        }
        if top_level(name) != name {
            self.failed.insert(name.clone());
        }
        printer.raw(&report.failing(line))
    }

    /// Whether a test below failed. What is below a test has ended with it.
    fn take_below(&mut self, name: &str) -> bool {
        let from = format!("{name}/");
        let below: Vec<String> = self
            .failed
            .range(from..)
            .take_while(|failed| is_below(failed, name))
            .cloned()
            .collect();
        for failed in &below {
            self.failed.remove(failed);
        }
        !below.is_empty()
    }
}
