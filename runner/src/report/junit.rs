//! A run as JUnit XML, for the reports of a CI: valid by Jenkins' `junit-10.xsd`.
//!
//! A spec is a `testsuite`, a run of a test a `testcase`. What does not hold is a `failure`; what could not be decided or run, and a
//! wrong spec, is an `error`. With `--retries`, the other attempts at a test are `flakyFailure`s of one that passed, `rerunFailure`s of one
//! that did not. Their `type` is a word of `--json`: a failure's `kind`, or the test's `outcome`.

use std::{
    io,
    path::Path,
    time::{Duration, SystemTime},
};

use chrono::{DateTime, Utc};
use judge::expect::{Failure, Finding};
use model::Races;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestRerun, TestSuite};
use spec::{Source, SpecError, SpecErrors};

use super::{
    Display, Event, ReportFile, Summary, TestOutcome, TestReport, go_test::first_wrong_lines,
    json::kind, plain::plain_text,
};

/// How wide errors of specs are.
const ERROR_WIDTH: usize = 100;

/// The suite of what belongs to no spec.
const RUN: &str = "goproctor";

/// Writes a run as JUnit XML when it has ended.
pub(crate) struct JUnit {
    file: Option<ReportFile>,
    suites: Vec<TestSuite>,
    /// What is wrong with specs, and so far is said by no test that was not run for it.
    wrong: Vec<SpecErrors>,
}

impl JUnit {
    /// Writes to this file.
    pub(crate) const fn new(file: ReportFile) -> Self {
        Self {
            file: Some(file),
            suites: Vec::new(),
            wrong: Vec::new(),
        }
    }

    fn test(&mut self, report: &TestReport) -> io::Result<()> {
        let path = &report.spec.path;
        if report.wrong_spec.is_some() {
            self.wrong
                .iter_mut()
                .filter(|errors| errors.source.path == *path)
                .for_each(|errors| errors.errors.retain(is_of_no_test));
        }
        let mut case = TestCase::new(clean(&report.name), status(report)?);
        case.set_classname(clean(&report.spec.stem()));
        case.set_time(report.duration);
        if !report.output.is_empty() {
            case.set_system_err(clean(&report.output.join("\n")));
        }
        self.add(path, case, report.duration);
        Ok(())
    }

    fn races(&mut self, spec: &Source, races: &Races) {
        let reports: Vec<&str> = races
            .reports
            .iter()
            .map(|race| race.text.as_str())
            .collect();
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("race");
        status.set_message(match races.total() {
            1 => "a data race was reported after the last test".to_owned(),
            several => format!("{several} data races were reported after the last test"),
        });
        status.set_description(clean(&reports.join("\n")));
        self.add_besides(spec, "after the last test", status);
    }

    fn broke(&mut self, reason: &str) {
        let first = reason.lines().next().unwrap_or_default();
        let status = error("error", &clean(first), reason);
        let case = TestCase::new("the run", status);
        self.add(Path::new(RUN), case, Duration::ZERO);
    }

    /// Adds the specs that are wrong and of which no test is there to say so.
    fn wrong_specs(&mut self) {
        for errors in std::mem::take(&mut self.wrong) {
            if !errors.errors.is_empty() {
                self.add_besides(&errors.source, "the spec", wrong(&errors));
            }
        }
    }

    /// Adds what is no test of a spec.
    fn add_besides(&mut self, spec: &Source, name: &str, status: TestCaseStatus) {
        let mut case = TestCase::new(name, status);
        case.set_classname(clean(&spec.stem()));
        self.add(&spec.path, case, Duration::ZERO);
    }

    fn add(&mut self, spec: &Path, case: TestCase, took: Duration) {
        let name = clean(&spec.to_string_lossy());
        let known = self
            .suites
            .iter()
            .position(|suite| suite.name.as_str() == name);
        let index = known.unwrap_or_else(|| {
            let mut suite = TestSuite::new(name);
            suite.set_time(Duration::ZERO);
            let now = SystemTime::now();
            suite.set_timestamp(DateTime::<Utc>::from(now.checked_sub(took).unwrap_or(now)));
            self.suites.push(suite);
            self.suites.len() - 1
        });
        let suite = &mut self.suites[index];
        suite.time = suite.time.map(|time| time + took);
        suite.add_test_case(case);
    }

    fn write(&mut self, took: Option<Duration>) -> io::Result<()> {
        self.wrong_specs();
        let mut report = Report::new("goproctor");
        report.time = took;
        report.add_test_suites(std::mem::take(&mut self.suites));
        let text = report.to_string().map_err(io::Error::other)?;
        // Jenkins' schema does not have this of a whole run; no test is skipped.
        let text = text.replacen(" skipped=\"0\"", "", 1);
        self.file.take().map_or(Ok(()), |file| file.write(&text))
    }
}

impl Display for JUnit {
    fn show(&mut self, event: Event<'_>) -> io::Result<()> {
        match event {
            Event::RunStarted { .. } | Event::TestStarted { .. } | Event::SpecEnded { .. } => {
                Ok(())
            }
            Event::SpecWrong(errors) => {
                self.wrong.push(errors.clone());
                Ok(())
            }
            Event::TestEnded(report) => self.test(report),
            Event::RacedAfterTests { spec, races } => {
                self.races(spec, races);
                Ok(())
            }
            Event::RunEnded(Summary { duration, .. }) => self.write(Some(*duration)),
            Event::RunBroke { reason, exit: _ } => {
                self.broke(reason);
                self.write(None)
            }
        }
    }
}

fn is_of_no_test(error: &SpecError) -> bool {
    error.tests.as_ref().is_some_and(Vec::is_empty)
}

/// How a test went, with its other attempts.
fn status(report: &TestReport) -> io::Result<TestCaseStatus> {
    let mut status = own_status(report)?;
    for attempt in &report.other_attempts {
        status.add_reruns(rerun(attempt)?);
    }
    Ok(status)
}

/// An attempt that does not count; none for one that passed.
fn rerun(attempt: &TestReport) -> io::Result<Option<TestRerun>> {
    let (kind, word) = match attempt.own_outcome() {
        TestOutcome::Passed | TestOutcome::Flaky => return Ok(None),
        TestOutcome::Failed => (NonSuccessKind::Failure, "failed"),
        TestOutcome::Inconclusive => (NonSuccessKind::Error, "inconclusive"),
        TestOutcome::CouldNotRun => (NonSuccessKind::Error, "could_not_run"),
        TestOutcome::WrongSpec => (NonSuccessKind::Error, "wrong_spec"),
    };
    let mut rerun = TestRerun::new(kind);
    rerun
        .set_type(first_failure(attempt).map_or(word, |failure| self::kind(failure.kind)))
        .set_message(message(attempt))
        .set_description(clean(&plain_text(attempt)?));
    Ok(Some(rerun))
}

fn own_status(report: &TestReport) -> io::Result<TestCaseStatus> {
    let word = match report.own_outcome() {
        TestOutcome::Passed | TestOutcome::Flaky => return Ok(TestCaseStatus::success()),
        TestOutcome::Failed => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(first_failure(report).map_or("failed", |failure| kind(failure.kind)));
            status.set_message(message(report));
            status.set_description(clean(&plain_text(report)?));
            return Ok(status);
        }
        TestOutcome::Inconclusive => "inconclusive",
        TestOutcome::CouldNotRun => "could_not_run",
        TestOutcome::WrongSpec => {
            return Ok(report
                .wrong_spec
                .as_ref()
                .map_or_else(TestCaseStatus::success, wrong));
        }
    };
    Ok(error(word, &message(report), &plain_text(report)?))
}

fn wrong(errors: &SpecErrors) -> TestCaseStatus {
    let text = errors.to_string();
    let message = text.lines().next().unwrap_or_default();
    error(
        "wrong_spec",
        &clean(message),
        &errors.render(false, true, ERROR_WIDTH),
    )
}

fn error(word: &str, message: &str, text: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type(word);
    status.set_message(message);
    status.set_description(clean(text.trim_end()));
    status
}

/// The first line of what is wrong, with its place in the spec.
fn message(report: &TestReport) -> String {
    let lines = first_wrong_lines(report);
    clean(lines.first().map_or("", String::as_str))
}

fn first_failure(report: &TestReport) -> Option<&Failure> {
    let mut verdicts = report.verdicts.iter();
    verdicts.find_map(|verdict| match &verdict.finding {
        Finding::Failed(failure) => Some(failure),
        Finding::Passed { .. } | Finding::Inconclusive(_) => None,
    })
}

/// Text that XML can hold: without the colours of a terminal, and with `U+FFFD` for characters that XML can't have or that would
/// move a cursor. Tabs, which quick-junit removes, are blanks.
fn clean(text: &str) -> String {
    const ESCAPE: char = '\u{1b}';
    let has_meaning = |c| matches!(c, '\n' | '\t' | '\r' | ESCAPE);
    let wrong = |c: char| c.is_control() && !has_meaning(c) || matches!(c, '\u{fffe}' | '\u{ffff}');
    // Before colours are taken out, which takes control characters with them.
    let text = text.replace(wrong, "\u{fffd}");
    let text = anstream::adapter::strip_str(&text).to_string();
    text.replace("\r\n", "\n")
        .replace(['\r', ESCAPE], "\u{fffd}")
        .replace('\t', "    ")
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn what_xml_cannot_have_is_replaced() {
        assert_eq!(
            clean("a\u{0}b\u{b}c\u{1f}d\u{7f}e\u{9c}f\u{fffe}g"),
            "a�b�c�d�e�f�g"
        );
        assert_eq!(
            clean("\u{1b}[31mred\u{1b}[0m\tand\r\nnext\rover"),
            "red    and\nnext�over"
        );
        assert_eq!(
            clean("<&\">]]> \u{1f600} \u{e9}"),
            "<&\">]]> \u{1f600} \u{e9}"
        );
    }
}
