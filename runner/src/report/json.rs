//! A run as JSON lines, for machines: an object a line, its kind in `event`.
//!
//! | event | fields |
//! |---|---|
//! | `run_start` | `version` of this format (1), `tests` that were selected |
//! | `spec_error` | of a spec that is wrong, each error: `spec`, `message`, `place` (as of a verdict), `label` beside it, `help`, `tests` that are not run for it (left out: all) |
//! | `test_start` | `spec` (path), `test` (name) |
//! | `verdict` | `spec`, `test`, `subject`, `outcome` (`passed`, `failed`, `inconclusive`), `place` (`line`, `column`, `start`, `end`: lines and columns from 1, columns in characters, bytes of the file from 0); of a pass `basis`; of a failure `kind`, `label`, `want`, `got`, `remark`, `notes`, `request` (`number` from 1, `method`, `target`, `status`), `call` (`id`, `function`, `goroutine`, `file`, `line`, in full `arguments` and `results`: `name`, `type`, `value`, and the value of its `panic` if that is known); of an undecided one `reason`, `advice`; of a latency bound `figures` (`count`, and in ns `min`, `p50`, `p95`, `p99`, `max`) |
//! | `attempt_end` | with `--retries`, where there was more than one attempt: what `test_end` says, of each `attempt`; a verdict has its `attempt` then, too |
//! | `test_end` | `spec`, `test`, `outcome` (as above, or `flaky`, or `could_not_run` or `wrong_spec` with `reason`), with more than one attempt the `attempt` that counts and how many `attempts`, `expectations`, `failed`, `inconclusive`, `lost` hits, `losses` (a probe each: `site`, `function`, `probes`, `lost`, `gaps`: `first` and `last` missing hit number, how many are `lost`, `after` and `before` the times of their neighbours on the kernel's clock, in ns; `counted` by the kernel where that differs), `completion` (`end`: `settled`, `settle_passed`, `deadline`, `process_ended`, `ready`; `after_ns` and `limit_ns`; `running`: `requests`, `goroutines` with `goid` and `function`, how many `more`, `hand_offs`), `unanswered` requests to stubs (`stub`, `request`, `times`, `routes`, `nearest`), of a failed test the last lines of the program's `output`, `notes` on cookies that were not kept, `seconds` |
//! | `spec_end` | `spec`, `parts`: how long the parts of its start and of its tests took, in seconds |
//! | `late_races` | of a process that several tests shared, after the last of them: `spec`, how many `races`, the `reports` that were read |
//! | `summary` | `tests`, `passed`, `flaky`, `failed`, `inconclusive`, `could_not_run`, `wrong_specs`, `seconds`, `exit_code` |
//! | `error` | what ended the run before all of its tests had, or kept it from beginning: `message`, `exit_code`; it is the last event |
//!
//! What does not apply is left out. Later versions add fields and events, but do not change these.

use std::{
    io::{self, Write},
    path::Path,
};

use judge::expect::{Evidence, FailureKind, Finding, LatencyFigures, Unanswered, Verdict};
use model::{Answer, CallId, Completion, Gap, Observation, ProbeKind, SiteId};
use serde::Serialize;
use serde_json::Value as Json;
use spec::{Source, Span, SpecError};

use super::{Display, Event, Summary, TestOutcome, TestReport, call::arguments_and_results};
use crate::session::Timings;

/// The version of the format.
const VERSION: u32 = 1;

/// Writes a run as JSON lines.
pub(crate) struct JsonLines<W> {
    out: W,
}

impl<W: Write> JsonLines<W> {
    /// Writes to `out`.
    pub(crate) const fn new(out: W) -> Self {
        Self { out }
    }

    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }

    fn test(&mut self, report: &TestReport) -> io::Result<()> {
        let count = report.attempt_count();
        for attempt in report.attempts() {
            let number = (count > 1).then_some(attempt.attempt);
            for verdict in &attempt.verdicts {
                let line = verdict_line(attempt, number, verdict);
                self.line(&Line::Verdict(Box::new(line)))?;
            }
            if count > 1 {
                self.line(&Line::AttemptEnd(Box::new(EndLine {
                    attempt: number,
                    ..end_line(attempt, attempt.own_outcome())
                })))?;
            }
        }
        self.line(&Line::TestEnd(Box::new(EndLine {
            attempt: (count > 1).then_some(report.attempt),
            attempts: (count > 1).then_some(count),
            ..end_line(report, report.outcome())
        })))
    }
}

impl<W: Write> Display for JsonLines<W> {
    fn show(&mut self, event: Event<'_>) -> io::Result<()> {
        match event {
            Event::RunStarted { tests } => self.line(&Line::RunStart {
                version: VERSION,
                tests,
            }),
            Event::SpecWrong(errors) => errors
                .errors
                .iter()
                .try_for_each(|error| self.line(&spec_error(&errors.source, error))),
            Event::TestStarted { spec, name } => self.line(&Line::TestStart {
                spec: spec.path.to_string_lossy().into_owned(),
                test: name,
            }),
            Event::TestEnded(report) => self.test(report),
            Event::RacedAfterTests { spec, races } => self.line(&Line::LateRaces {
                spec: spec.path.to_string_lossy().into_owned(),
                races: races.total(),
                reports: races
                    .reports
                    .iter()
                    .map(|race| race.text.as_str())
                    .collect(),
            }),
            Event::SpecEnded { spec, timings } => self.line(&Line::SpecEnd {
                spec: spec.path.to_string_lossy().into_owned(),
                parts: parts(timings),
            }),
            Event::RunEnded(summary) => self.line(&summary_line(summary)),
            Event::RunBroke { reason, exit } => self.line(&Line::Error {
                message: reason,
                exit_code: exit.code(),
            }),
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    RunStart {
        version: u32,
        tests: usize,
    },
    SpecError {
        spec: String,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        place: Option<Place>,
        #[serde(skip_serializing_if = "str::is_empty")]
        label: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        help: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        tests: Option<&'a [String]>,
    },
    TestStart {
        spec: String,
        test: &'a str,
    },
    Verdict(Box<VerdictLine<'a>>),
    AttemptEnd(Box<EndLine<'a>>),
    TestEnd(Box<EndLine<'a>>),
    SpecEnd {
        spec: String,
        parts: Json,
    },
    LateRaces {
        spec: String,
        races: u64,
        reports: Vec<&'a str>,
    },
    Error {
        message: &'a str,
        exit_code: u8,
    },
    Summary {
        tests: usize,
        passed: usize,
        #[serde(skip_serializing_if = "is_none")]
        flaky: usize,
        failed: usize,
        inconclusive: usize,
        could_not_run: usize,
        wrong_specs: usize,
        #[serde(skip_serializing_if = "is_zero")]
        late_races: u64,
        seconds: f64,
        exit_code: u8,
    },
}

/// How a test, or one attempt at it, ended.
#[derive(Serialize)]
struct EndLine<'a> {
    spec: String,
    test: &'a str,
    outcome: TestOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    expectations: usize,
    failed: usize,
    inconclusive: usize,
    lost: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    losses: Vec<LossLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completion: Option<&'a Completion>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unanswered: Vec<UnansweredLine<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    output: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notes: &'a [String],
    seconds: f64,
}

/// A request that a stub had no answer to.
#[derive(Serialize)]
struct UnansweredLine<'a> {
    stub: &'a str,
    request: &'a str,
    times: usize,
    routes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<&'a str>,
}

/// What a probe lost.
#[derive(Serialize)]
struct LossLine<'a> {
    site: SiteId,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<&'a str>,
    probes: &'a [ProbeKind],
    lost: u64,
    gaps: &'a [Gap],
    #[serde(skip_serializing_if = "Option::is_none")]
    counted: Option<u64>,
}

#[derive(Serialize)]
struct VerdictLine<'a> {
    spec: String,
    test: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    subject: &'a str,
    place: Place,
    #[serde(flatten)]
    finding: FindingLine<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    figures: Option<Figures>,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
    start: usize,
    end: usize,
}

#[derive(Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
enum FindingLine<'a> {
    Passed {
        basis: &'a str,
    },
    Failed(Box<FailedLine<'a>>),
    Inconclusive {
        reason: String,
        reason_kind: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        advice: Option<String>,
    },
}

#[derive(Serialize)]
struct FailedLine<'a> {
    kind: &'static str,
    label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    want: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    got: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<&'a str>,
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<RequestLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<CallLine<'a>>,
}

#[derive(Serialize)]
struct RequestLine<'a> {
    number: usize,
    method: &'a str,
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
}

#[derive(Serialize)]
struct CallLine<'a> {
    id: u64,
    function: &'a str,
    goroutine: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    arguments: Vec<Json>,
    results: Vec<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    panic: Option<&'a str>,
}

#[derive(Serialize)]
struct Figures {
    count: u64,
    min: u64,
    p50: u64,
    p95: u64,
    p99: u64,
    max: u64,
}

impl From<LatencyFigures> for Figures {
    fn from(figures: LatencyFigures) -> Self {
        Self {
            count: figures.count,
            min: figures.min.0,
            p50: figures.p50.0,
            p95: figures.p95.0,
            p99: figures.p99.0,
            max: figures.max.0,
        }
    }
}

fn end_line(report: &TestReport, outcome: TestOutcome) -> EndLine<'_> {
    EndLine {
        spec: report.spec.path.to_string_lossy().into_owned(),
        test: &report.name,
        outcome,
        attempt: None,
        attempts: None,
        reason: match &report.wrong_spec {
            Some(errors) => Some(errors.to_string()),
            None => report.could_not_run.clone(),
        },
        expectations: report.verdicts.len(),
        failed: report.failed(),
        inconclusive: report.inconclusive(),
        lost: report.evidence.observation.loss.total(),
        losses: losses(&report.evidence.observation),
        completion: report.evidence.completion.as_ref(),
        unanswered: report.unanswered.iter().map(unanswered).collect(),
        output: match outcome {
            TestOutcome::Failed => &report.output,
            _ => &[],
        },
        notes: &report.evidence.carried.notes,
        seconds: report.duration.as_secs_f64(),
    }
}

/// How long the parts of a session took, in seconds.
fn parts(timings: &Timings) -> Json {
    let parts = timings.parts();
    let parts = parts.iter().map(|(name, took)| {
        let seconds = took.as_secs_f64();
        (format!("{name}_seconds"), Json::from(seconds))
    });
    Json::Object(parts.collect())
}

fn verdict_line<'a>(
    report: &'a TestReport,
    attempt: Option<u32>,
    verdict: &'a Verdict,
) -> VerdictLine<'a> {
    let evidence = &report.evidence;
    VerdictLine {
        spec: report.spec.path.to_string_lossy().into_owned(),
        test: &report.name,
        attempt,
        subject: &verdict.subject,
        place: place(&report.spec, &verdict.span),
        finding: match &verdict.finding {
            Finding::Passed { basis } => FindingLine::Passed { basis },
            Finding::Failed(failure) => FindingLine::Failed(Box::new(FailedLine {
                kind: kind(failure.kind),
                label: &failure.label,
                want: failure.want.as_deref(),
                got: failure.got.as_deref(),
                remark: failure.remark.as_deref(),
                notes: &failure.notes,
                request: failure.exchange.and_then(|index| request(evidence, index)),
                call: failure.call.and_then(|id| call(report, id)),
            })),
            Finding::Inconclusive(reason) => FindingLine::Inconclusive {
                reason: reason.to_string(),
                reason_kind: reason.kind(),
                advice: reason.advice(),
            },
        },
        figures: verdict.figures.map(Figures::from),
    }
}

fn unanswered(unanswered: &Unanswered) -> UnansweredLine<'_> {
    UnansweredLine {
        stub: &unanswered.stub,
        request: &unanswered.request,
        times: unanswered.times,
        routes: &unanswered.routes,
        nearest: unanswered.nearest.as_deref(),
    }
}

fn place(spec: &Source, span: &Span) -> Place {
    let (line, column) = spec.position(span.start);
    let begin = spec.file_at(span.start).range.start;
    Place {
        line,
        column,
        start: span.start - begin,
        end: span.end.saturating_sub(begin),
    }
}

/// The file that an error is in.
fn path_of<'a>(source: &'a Source, error: &SpecError) -> &'a Path {
    let span = error.span.as_ref();
    span.map_or(&source.path, |span| source.file_at(span.start).path)
}

fn spec_error<'a>(source: &Source, error: &'a SpecError) -> Line<'a> {
    Line::SpecError {
        spec: path_of(source, error).to_string_lossy().into_owned(),
        message: &error.message,
        place: error.span.as_ref().map(|span| place(source, span)),
        label: &error.label,
        help: error.help.as_deref(),
        tests: error.tests.as_deref(),
    }
}

fn losses(observation: &Observation) -> Vec<LossLine<'_>> {
    let sites = observation.loss.sites.iter();
    sites
        .map(|lost| {
            let function = lost.function.and_then(|id| observation.function(id));
            LossLine {
                site: lost.site,
                function: function.map(|function| function.name.as_str()),
                probes: &lost.probes,
                lost: lost.lost,
                gaps: &lost.gaps,
                counted: lost.counted,
            }
        })
        .collect()
}

fn summary_line(summary: &Summary) -> Line<'static> {
    Line::Summary {
        tests: summary.tests(),
        passed: summary.passed,
        flaky: summary.flaky,
        failed: summary.failed,
        inconclusive: summary.inconclusive,
        could_not_run: summary.could_not_run,
        wrong_specs: summary.wrong_specs,
        late_races: summary.late_races,
        seconds: summary.duration.as_secs_f64(),
        exit_code: summary.exit().code(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_none(number: &usize) -> bool {
    *number == 0
}

pub(super) const fn kind(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Value => "value",
        FailureKind::Missing => "missing",
        FailureKind::Order => "order",
        FailureKind::Count => "count",
        FailureKind::Never => "never",
        FailureKind::Latency => "latency",
        FailureKind::Answer => "answer",
        FailureKind::Snapshot => "snapshot",
        FailureKind::Timeout => "timeout",
        FailureKind::Race => "race",
        FailureKind::Left => "left",
        FailureKind::Output => "output",
        FailureKind::Exit => "exit",
        FailureKind::GoTest => "go_test",
    }
}

fn request(evidence: &Evidence, index: usize) -> Option<RequestLine<'_>> {
    let exchange = evidence.exchanges.get(index)?;
    Some(RequestLine {
        number: index + 1,
        method: &exchange.method,
        target: &exchange.target,
        status: match exchange.answer {
            Answer::Response { status, .. } => Some(status),
            Answer::TimedOut | Answer::Failed(_) => None,
        },
    })
}

fn call(report: &TestReport, id: CallId) -> Option<CallLine<'_>> {
    let evidence = &report.evidence;
    let call = evidence.observation.call(id)?;
    let function = evidence.observation.function(call.function)?;
    let position = function.position.as_ref();
    let (arguments, results) = arguments_and_results(&evidence.observation, call);
    Some(CallLine {
        id: id.0,
        function: &function.name,
        goroutine: call.goroutine.0,
        file: position.map(|position| position.file.as_str()),
        line: position.map(|position| position.line),
        arguments,
        results,
        panic: report.panics.get(&id).map(String::as_str),
    })
}
