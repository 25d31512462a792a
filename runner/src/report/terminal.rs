//! Verdicts for people: a line for a test that passes, and for another the place in the spec with what was seen.

use std::{
    fmt,
    io::{self, Write},
};

use anstyle::Style;
use judge::expect::{Evidence, Failure, FailureKind, Finding, Reason, Verdict};
use model::{CallId, Nanoseconds, Observation, notation};
use spec::Source;
use unicode_width::UnicodeWidthStr;

use super::{
    Display, Event, Summary, TestOutcome, TestReport,
    excerpt::Excerpt,
    palette::{Palette, paint},
    tree::{TreeOptions, TreeScope, tree},
};
use crate::session::Timings;

/// The column at which a test's figures begin, if its name leaves room.
const FIGURES_COLUMN: usize = 53;

/// How many requests of a test that passed are drawn.
const REQUESTS_SHOWN: usize = 3;

/// How many probes that lost hits are listed.
const LOSSES_SHOWN: usize = 8;

/// The widest pair of `want` and `got` that shares a line.
const MAX_PAIR: usize = 100;

/// The columns that the words around such a pair take.
const AROUND_PAIR: usize = 20;

/// What is worth showing of a line of the spec, in columns, however little room there is.
const MIN_EXCERPT: usize = 30;

/// Writes a run for a terminal or a pipe.
pub(crate) struct Terminal<W> {
    out: W,
    palette: Palette,
    color: bool,
    verbose: bool,
    width: usize,
    /// A line for each test that passed in a later attempt alone.
    flaky: Vec<String>,
}

impl<W: Write> Terminal<W> {
    /// Writes to `out`, with colours or without; `verbose` shows each verdict. It is
    /// about `width` columns wide.
    pub(crate) fn new(out: W, color: bool, verbose: bool, width: usize) -> Self {
        Self {
            out,
            palette: Palette::new(color),
            color,
            verbose,
            width,
            flaky: Vec::new(),
        }
    }

    fn test(&mut self, report: &TestReport) -> io::Result<()> {
        self.header(report)?;
        self.other_attempts(report)?;
        self.attempt(report)?;
        if report.outcome() == TestOutcome::WrongSpec {
            writeln!(self.out)?;
        } else if !report.outcome().has_passed() {
            let again = format!(
                "again: goproctor run {} -run {}",
                shell_word(&report.spec.path.display().to_string()),
                shell_quoted(&format!("^{}$", regex::escape(&report.name)))
            );
            writeln!(self.out, "  {}\n", paint(self.palette.aside, again))?;
        }
        Ok(())
    }

    /// The attempts at a test that don't count, if they are to be seen; remembers a test that is flaky.
    fn other_attempts(&mut self, report: &TestReport) -> io::Result<()> {
        let count = report.attempt_count();
        if report.outcome() == TestOutcome::Flaky {
            let (spec, name, attempt) = (report.spec.stem(), &report.name, report.attempt);
            self.flaky
                .push(format!("{spec} › {name} (passed in attempt {attempt})"));
        }
        if !self.verbose || count == 1 {
            return Ok(());
        }
        for other in &report.other_attempts {
            self.attempt_line(other, count)?;
            self.attempt(other)?;
        }
        self.attempt_line(report, count)
    }

    /// `  attempt 1 of 2: 1 of 7 expectations, 215ms`
    fn attempt_line(&mut self, report: &TestReport, count: usize) -> io::Result<()> {
        let (word, style) = self.word_of(report.own_outcome());
        let (attempt, figures) = (report.attempt, figures(report));
        let line = format!(
            "attempt {attempt} of {count}: {}  {figures}",
            paint(style, word)
        );
        writeln!(self.out, "  {line}")
    }

    /// What one attempt at a test brought.
    fn attempt(&mut self, report: &TestReport) -> io::Result<()> {
        if self.verbose {
            for verdict in &report.verdicts {
                self.short(verdict)?;
            }
            if let Some(completion) = &report.evidence.completion {
                self.line(self.palette.aside, format!("the test {completion}"))?;
            }
        }
        let wrong_spec = report.wrong_spec.as_ref().map(ToString::to_string);
        if let Some(reason) = wrong_spec.as_ref().or(report.could_not_run.as_ref()) {
            for line in reason.lines() {
                writeln!(self.out, "  {line}")?;
            }
        } else {
            for verdict in &report.verdicts {
                match &verdict.finding {
                    Finding::Passed { .. } => {}
                    Finding::Failed(failure) => self.failure(report, verdict, failure)?,
                    Finding::Inconclusive(reason) => self.unknown(report, verdict, reason)?,
                }
            }
            self.requests(report)?;
            self.losses(&report.evidence.observation)?;
        }
        self.surroundings(report)
    }

    /// An indented line in a style.
    fn line(&mut self, style: Style, text: impl fmt::Display) -> io::Result<()> {
        writeln!(self.out, "  {}", paint(style, text))
    }

    /// What the program and its stubs said, if that may explain it.
    fn surroundings(&mut self, report: &TestReport) -> io::Result<()> {
        for note in &report.evidence.carried.notes {
            self.line(self.palette.doubtful, note)?;
        }
        if self.verbose || report.own_outcome() != TestOutcome::Passed {
            for unanswered in &report.unanswered {
                self.line(self.palette.doubtful, unanswered)?;
            }
        }
        if report.own_outcome() == TestOutcome::Failed && !report.output.is_empty() {
            writeln!(self.out, "  the program wrote:")?;
            for line in &report.output {
                // What would move the cursor is not for this terminal.
                let line = line.replace(|c: char| c.is_control() && c != '\t', "\u{fffd}");
                writeln!(self.out, "    {}", paint(self.palette.aside, line))?;
            }
        }
        Ok(())
    }

    /// Which probes lost hits, and when.
    fn losses(&mut self, observation: &Observation) -> io::Result<()> {
        let sites = &observation.loss.sites;
        for lost in sites.iter().take(LOSSES_SHOWN) {
            let line = format!("lost {} of {}", lost.lost, observation.describe_loss(lost));
            self.line(self.palette.doubtful, line)?;
        }
        if let Some(more @ 1..) = sites.len().checked_sub(LOSSES_SHOWN) {
            let line = format!("lost more at {more} other probes");
            self.line(self.palette.doubtful, line)?;
        }
        Ok(())
    }

    /// `FAIL  site › the answer is prepared      1 of 7 expectations, 215ms`
    fn header(&mut self, report: &TestReport) -> io::Result<()> {
        let (word, style) = self.word_of(report.outcome());
        let space = " ".repeat(6_usize.saturating_sub(word.len()).max(2));
        let name = format!("{} › {}", report.spec.stem(), report.name);
        let used = word.len() + space.len() + name.width();
        let gap = " ".repeat(FIGURES_COLUMN.saturating_sub(used).max(3));
        writeln!(
            self.out,
            "{}{space}{}{gap}{}",
            paint(style, word),
            paint(self.palette.name, name),
            whole_figures(report)
        )
    }

    /// The word that a test's line opens with.
    const fn word_of(&self, outcome: TestOutcome) -> (&'static str, Style) {
        match outcome {
            TestOutcome::Passed => ("ok", self.palette.good),
            TestOutcome::Flaky => ("FLAKY", self.palette.doubtful),
            TestOutcome::Failed => ("FAIL", self.palette.bad),
            TestOutcome::Inconclusive => ("UNKNOWN", self.palette.doubtful),
            TestOutcome::CouldNotRun | TestOutcome::WrongSpec => ("ERROR", self.palette.bad),
        }
    }

    /// `  ✓ count checkSite = 1   1 call`
    fn short(&mut self, verdict: &Verdict) -> io::Result<()> {
        let (mark, style, rest) = match &verdict.finding {
            Finding::Passed { basis } => ("✓", self.palette.good, basis.clone()),
            Finding::Failed(failure) => ("✗", self.palette.bad, failure.label.clone()),
            Finding::Inconclusive(reason) => ("?", self.palette.doubtful, reason.to_string()),
        };
        let line = format!("{}   {}", verdict.subject, paint(self.palette.aside, rest));
        writeln!(self.out, "  {} {}", paint(style, mark), line.trim_end())
    }

    fn failure(
        &mut self,
        report: &TestReport,
        verdict: &Verdict,
        failure: &Failure,
    ) -> io::Result<()> {
        self.place(
            report,
            verdict,
            word(failure.kind),
            self.palette.bad,
            &failure.label,
        )?;
        // The figures of a latency bound say it all.
        if verdict.figures.is_none() {
            self.want_and_got(failure)?;
        }
        for note in &failure.notes {
            writeln!(self.out, "    {note}")?;
        }
        if self.verbose {
            self.whole_values(&report.evidence, failure)?;
        }
        Ok(())
    }

    /// The widest pair of `want` and `got` that shares a line.
    fn pair(&self) -> usize {
        MAX_PAIR.min(self.width.saturating_sub(AROUND_PAIR))
    }

    /// The arguments and results of the failure's call that the tree may have shortened: in full, a block each.
    fn whole_values(&mut self, evidence: &Evidence, failure: &Failure) -> io::Result<()> {
        let observation = &evidence.observation;
        let call = failure.call.and_then(|id| observation.call(id));
        let function = call.and_then(|call| observation.function(call.function));
        let Some((call, function)) = call.zip(function) else {
            return Ok(());
        };
        let arguments = function.parameters.iter().zip(&call.arguments);
        let results = function.results.iter().zip(&call.results);
        for (parameter, value) in arguments.chain(results) {
            let types = &observation.types;
            if notation::value(value, types).width() <= self.width / 4 {
                continue;
            }
            let block = notation::block(value, types, self.pair());
            for (index, line) in block.iter().enumerate() {
                let label = match index {
                    0 => format!("{} = ", parameter.name),
                    _ => String::new(),
                };
                writeln!(self.out, "    {label}{line}")?;
            }
        }
        Ok(())
    }

    fn unknown(
        &mut self,
        report: &TestReport,
        verdict: &Verdict,
        reason: &Reason,
    ) -> io::Result<()> {
        let style = self.palette.doubtful;
        self.place(report, verdict, "UNKNOWN  ", style, &reason.to_string())?;
        match reason.advice() {
            Some(advice) => writeln!(self.out, "    {advice}"),
            None => Ok(()),
        }
    }

    /// The line of the spec, and carets with a label under the place.
    fn place(
        &mut self,
        report: &TestReport,
        verdict: &Verdict,
        word: &str,
        style: Style,
        label: &str,
    ) -> io::Result<()> {
        let (line, _) = report.spec.position(verdict.span.start);
        let place = format!("{}:{line}", report.spec.path.display());
        let room = self.width.saturating_sub(word.width() + place.width() + 2);
        let excerpt = Excerpt::new(&report.spec, &verdict.span, room.max(MIN_EXCERPT));
        let indent = word.width() + place.width() + 2 + excerpt.indent;
        writeln!(
            self.out,
            "{}{}  {}",
            paint(style, word),
            paint(self.palette.aside, &place),
            excerpt.text
        )?;
        let further = excerpt
            .last_line
            .map_or_else(String::new, |line| format!(" … to line {line}"));
        let carets = format!("{}{further}", "^".repeat(excerpt.carets));
        let is_short = indent + carets.width() + 1 + label.width() <= self.width;
        let separator = if is_short { " " } else { "\n    " };
        let carets = paint(style, carets);
        let line = format!("{}{carets}{separator}{label}", " ".repeat(indent));
        writeln!(self.out, "{}", line.trim_end())
    }

    /// `    want "a"      got "b"      (string; 1 call)`, on two lines where it is long.
    fn want_and_got(&mut self, failure: &Failure) -> io::Result<()> {
        let seen = match failure.kind {
            FailureKind::Order => "seen",
            _ => "got",
        };
        let want = failure.want.as_ref().map(|want| format!("want {want}"));
        let parts = [&failure.want, &failure.got].into_iter().flatten();
        let width: usize = parts.map(|part| part.width()).sum();
        let is_short = want.is_none() || width <= self.pair();
        // On lines of their own the two values are one below the other.
        let seen = if is_short {
            seen.to_owned()
        } else {
            format!("{seen:4}")
        };
        let got = failure.got.as_ref().map(|got| format!("{seen} {got}"));
        let remark = failure.remark.as_ref().map(|remark| format!("({remark})"));
        let got: Vec<String> = [got, remark].into_iter().flatten().collect();
        let mut lines = vec![want.unwrap_or_default(), got.join("      ")];
        if is_short {
            lines = vec![lines.join("      ").trim().to_owned()];
        }
        for line in lines.iter().filter(|line| !line.is_empty()) {
            writeln!(self.out, "    {line}")?;
        }
        Ok(())
    }

    /// Each request that something is said of, once, with all calls that it is said of.
    fn requests(&mut self, report: &TestReport) -> io::Result<()> {
        let mut marked: Vec<(Option<usize>, Vec<CallId>)> = Vec::new();
        for verdict in &report.verdicts {
            let Finding::Failed(failure) = &verdict.finding else {
                continue;
            };
            if failure.exchange.is_none() && failure.call.is_none() {
                continue;
            }
            let mut known = marked.iter_mut();
            match known.find(|(exchange, _)| *exchange == failure.exchange) {
                Some((_, calls)) => calls.extend(failure.call),
                None => marked.push((failure.exchange, failure.call.into_iter().collect())),
            }
        }
        let mut left_out = 0;
        if self.verbose && marked.is_empty() {
            let exchanges = report.evidence.exchanges.len();
            let shown = (0..exchanges.min(REQUESTS_SHOWN)).map(|index| (Some(index), Vec::new()));
            marked.extend(shown);
            if marked.is_empty() {
                marked.push((None, Vec::new()));
            }
            left_out = exchanges.saturating_sub(REQUESTS_SHOWN);
        }
        for (exchange, calls) in marked {
            let text = self.tree(report, exchange, &calls);
            for line in text.lines() {
                writeln!(self.out, "{line}")?;
            }
        }
        if left_out > 0 {
            let more = format!("  … and {left_out} more requests");
            writeln!(self.out, "{}", paint(self.palette.aside, more))?;
        }
        Ok(())
    }

    /// What an exchange did within the program, or its line alone where that is not known; without one, what
    /// belongs to no request.
    fn tree(&self, report: &TestReport, exchange: Option<usize>, marked: &[CallId]) -> String {
        let evidence = &report.evidence;
        let request = exchange.and_then(|index| evidence.scopes.get(index));
        let scope = match (exchange, request) {
            (None, _) => TreeScope::Background,
            (Some(_), Some(Ok(request))) => TreeScope::Request(*request),
            (Some(index), _) => return request_line(evidence, index).unwrap_or_default(),
        };
        let options = TreeOptions {
            exchanges: &evidence.exchanges,
            scope,
            marked,
            panics: Some(&report.panics),
            width: self.width,
            color: self.color,
        };
        tree(&evidence.observation, &options)
    }

    fn summary(&mut self, summary: &Summary) -> io::Result<()> {
        let style = match summary.exit() {
            super::ExitCode::Passed => self.palette.good,
            super::ExitCode::Inconclusive => self.palette.doubtful,
            _ => self.palette.bad,
        };
        for flaky in std::mem::take(&mut self.flaky) {
            writeln!(
                self.out,
                "{}",
                paint(self.palette.doubtful, format!("flaky: {flaky}"))
            )?;
        }
        writeln!(self.out, "{}", paint(style, summary))?;
        self.out.flush()
    }

    /// `site: build 812ms (go build 604ms), read 41ms, …`
    fn timings(&mut self, spec: &Source, timings: &Timings) -> io::Result<()> {
        let parts = timings.parts();
        let parts = parts.iter().filter(|(name, _)| *name != "go_build");
        let parts = parts.map(|&(name, took)| {
            let took = Nanoseconds::from(took).brief();
            match name {
                "build" => {
                    let go_build = Nanoseconds::from(timings.go_build).brief();
                    format!("{name} {took} (go build {go_build})")
                }
                _ => format!("{name} {took}"),
            }
        });
        let parts: Vec<_> = parts.collect();
        let line = format!("{}: {}", spec.stem(), parts.join(", "));
        writeln!(self.out, "{}", paint(self.palette.aside, line))
    }
}

impl<W: Write> Display for Terminal<W> {
    fn show(&mut self, event: Event<'_>) -> io::Result<()> {
        match event {
            // What is wrong besides tests is said on standard error.
            Event::RunStarted { .. }
            | Event::SpecWrong(_)
            | Event::TestStarted { .. }
            | Event::RacedAfterTests { .. }
            | Event::RunBroke { .. } => Ok(()),
            Event::TestEnded(report) => self.test(report),
            Event::SpecEnded { spec, timings } if self.verbose => self.timings(spec, timings),
            Event::SpecEnded { .. } => Ok(()),
            Event::RunEnded(summary) => self.summary(summary),
        }
    }
}

/// The word that a failure opens with; a value's has none, its test's `FAIL` is enough.
const fn word(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Value => "  ",
        FailureKind::Missing => "MISSING  ",
        FailureKind::Order => "ORDER    ",
        FailureKind::Count => "COUNT    ",
        FailureKind::Never => "NEVER    ",
        FailureKind::Latency => "LATENCY  ",
        FailureKind::Answer => "ANSWER   ",
        FailureKind::Snapshot => "SNAPSHOT  ",
        FailureKind::Timeout => "TIMEOUT  ",
        FailureKind::Race => "RACE     ",
        FailureKind::Left => "LEFT     ",
        FailureKind::Output => "OUTPUT   ",
        FailureKind::Exit => "EXIT     ",
        FailureKind::GoTest => "FAIL     ",
    }
}

/// `1 of 7 expectations, 215ms, 3 attempts`
fn whole_figures(report: &TestReport) -> String {
    let figures = figures(report);
    match (report.attempt_count(), report.outcome()) {
        (1, _) => figures,
        (count, TestOutcome::Flaky) => {
            format!("{figures}, attempt {} of {count}", report.attempt)
        }
        (count, _) => format!("{figures}, {count} attempts"),
    }
}

/// `1 of 7 expectations, 215ms`
fn figures(report: &TestReport) -> String {
    let total = report.verdicts.len();
    let expectations = match total {
        1 => "1 expectation".to_owned(),
        _ => format!("{total} expectations"),
    };
    let what = match report.own_outcome() {
        TestOutcome::Passed | TestOutcome::Flaky => expectations,
        TestOutcome::Failed => format!("{} of {expectations}", report.failed()),
        TestOutcome::Inconclusive => format!("{} of {expectations}", report.inconclusive()),
        TestOutcome::CouldNotRun => "could not run".to_owned(),
        TestOutcome::WrongSpec => return "wrong spec".to_owned(),
    };
    let lost = match report.evidence.observation.loss.total() {
        0 => String::new(),
        1 => ", 1 hit lost".to_owned(),
        lost => format!(", {lost} hits lost"),
    };
    format!(
        "{what}, {}{lost}",
        Nanoseconds::from(report.duration).brief()
    )
}

/// `  request 1  GET /?name=a → 200`
fn request_line(evidence: &Evidence, index: usize) -> Option<String> {
    let exchange = evidence.exchanges.get(index)?;
    let (method, target, answer) = (&exchange.method, &exchange.target, &exchange.answer);
    Some(format!(
        "request {}  {method} {target} → {answer}",
        index + 1
    ))
}

/// A word for a shell: as it is where it can be, else quoted.
fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        shell_quoted(text)
    }
}

fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
