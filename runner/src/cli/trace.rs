//! `goproctor trace`

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use judge::expect::Evidence;
use model::{Limits, ProcessId, Retention, glob::Glob};
use plan::{PlanError, Redact, WatchedLabel};
use spec::{
    Span, Spanned,
    document::{
        Execution, Origin, Program, ReadyProbe, RequestBody, RequestSpec, Template, check_target,
    },
};
use trace::{Room, redact::Patterns};

use super::{
    Failure,
    arguments::{TraceArguments, TraceFormat},
    screen::{Screen, Waiting},
    startup,
    trace_printer::Printer,
    trace_question::Question,
};
use crate::{
    report::ExitCode,
    session::{
        self, Attached, FunctionError, Live, LiveOptions, Pace, SessionError, Watch,
        WatchRedactions, WatchedFunction, Work, Workload,
    },
    target::{self, Running},
};

/// How much is kept of a program that is shown when it has ended, or has answered.
const WHOLE: Room = Room {
    calls: 1 << 17,
    bytes: 48 << 20,
    goroutines: 1 << 16,
};

/// How long to wait for the goroutines of requests to end.
const SETTLE: Duration = Duration::from_secs(1);

/// How long a program may work that is given no time.
const MAX_TIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The label of a value that is not read.
const REDACTED: &str = "redacted";

/// How often calls are shown while a program is watched without requests of our own.
const EVERY: Duration = Duration::from_millis(200);

/// How long a call may run until it is shown as running.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows the calls of a program.
///
/// # Errors
/// The program can't be built, watched or run.
pub(super) fn run(arguments: &TraceArguments) -> Result<ExitCode, Failure> {
    let screen = Screen::detect();
    duration(arguments)?;
    let program = match (&arguments.program, arguments.pid) {
        (_, Some(pid)) => return watch_running(arguments, ProcessId(pid), &screen),
        (Some(program), None) => program,
        (None, None) => return Err(Failure::usage("name a program, or a process with --pid")),
    };
    let place = Path::new(program);
    let origin = match place.is_file() {
        true => Origin::Binary(Spanned::new(place.to_owned(), Span::default())),
        false => Origin::Package(Spanned::new(program.clone(), Span::default())),
    };
    let question = question(arguments)?;
    let mut watch = watch(arguments, &question, origin)?;
    watch.program.build_with(arguments.go.as_deref());
    let requests = requests(arguments)?;
    let owner = if place.exists() {
        place
    } else {
        Path::new(".")
    };
    let identity = startup::settle_to_watch(&arguments.user, owner.to_path_buf())?;
    let cancel = startup::cancel()?;
    let waiting = Waiting::new(&screen, false);
    let mut progress = |progress| waiting.show(&progress);
    let prepared = session::prepare(watch, &cancel, &mut progress).map_err(on_command_line)?;
    let answering = question.against(&prepared.plan)?;
    let options = LiveOptions {
        ring_bytes: arguments.kernel.ring_mib << 20,
        record: None,
    };
    let live = Live::begin(prepared, &identity, &cancel, &options, &mut progress);
    waiting.clear();
    let mut live = live?.within(WHOLE);
    let printer = Printer::new(arguments, answering, &screen);
    let shown = show(arguments, &requests, &mut live, printer);
    live.end()?;
    shown
}

/// Watches a process that somebody else started.
fn watch_running(
    arguments: &TraceArguments,
    process: ProcessId,
    screen: &Screen,
) -> Result<ExitCode, Failure> {
    let time = duration(arguments)?;
    let running = Running::find(process).map_err(SessionError::from)?;
    let origin = Origin::Binary(Spanned::new(running.executable(), Span::default()));
    let question = question(arguments)?;
    let watch = watch(arguments, &question, origin)?;
    // Nobody is started, so there is nothing to say of whom as.
    target::settle(None, Path::new("."), &kernel::kept())?;
    startup::may_watch()?;
    let cancel = startup::cancel()?;
    let waiting = Waiting::new(screen, false);
    let mut progress = |progress| waiting.show(&progress);
    let prepared =
        session::prepare_running(watch, &running, &mut progress).map_err(on_command_line)?;
    let answering = question.against(&prepared.plan)?;
    let ring_bytes = arguments.kernel.ring_mib << 20;
    let attached = Attached::begin(running, prepared, ring_bytes, &cancel, &mut progress);
    waiting.clear();
    let mut attached = attached?;
    eprintln!("goproctor: watching {process}; press Ctrl-C to stop watching");
    let mut printer = Printer::new(arguments, answering, screen);
    let until = time.map(|time| Instant::now() + time);
    let watched = attached.watch(pace(arguments), until, &mut |event| printer.show(event));
    attached.end()?;
    watched?;
    printer.finish()?;
    Ok(ExitCode::Passed)
}

fn show(
    arguments: &TraceArguments,
    requests: &[RequestSpec],
    live: &mut Live<'_>,
    mut printer: Printer,
) -> Result<ExitCode, Failure> {
    let time = duration(arguments)?;
    let workload = Workload::of(requests, live.prepared().watch.serves());
    if matches!(workload, Workload::Start) {
        let until = time.map(|time| Instant::now() + time);
        live.watch_freely(pace(arguments), until, &mut |event| printer.show(event))?;
        printer.finish()?;
        return Ok(ExitCode::Passed);
    }
    let mut ran = live.run(&Work {
        name: "trace",
        workload,
        before: [&[], &[]],
        cookies: false,
        stubs: &[],
        settle: SETTLE,
        within: time.unwrap_or(MAX_TIME),
        keep: Retention::Calls,
        expects_end: false,
        execution: Execution::plain(),
    })?;
    let Evidence {
        observation,
        exchanges,
        ..
    } = &mut ran.evidence;
    let is_silent = observation.calls.is_empty();
    printer.print(observation, exchanges, ran.panics)?;
    if !ran.dropped.is_nothing() {
        printer.leave_out(ran.dropped)?;
    }
    printer.finish()?;
    if let Some(died) = ran.died {
        return Err(Failure::world(died));
    }
    if is_silent {
        eprintln!(
            "goproctor: {}",
            match observation.functions.as_slice() {
                [function] => format!("{} was not called", function.name),
                functions => format!(
                    "none of the {} watched functions was called",
                    functions.len()
                ),
            }
        );
    }
    Ok(ExitCode::Passed)
}

/// What is wrong with names and patterns of the command line is wrong usage.
fn on_command_line(error: SessionError) -> Failure {
    let messages: Vec<String> = match error {
        SessionError::Functions(errors) => errors.0.iter().map(ToString::to_string).collect(),
        SessionError::Plan(PlanError::Redactions { redactions, labels }) => {
            let labels = labels
                .into_iter()
                .map(|error| FunctionError::from(error).to_string());
            labels
                .chain(redactions.iter().map(ToString::to_string))
                .collect()
        }
        error => return error.into(),
    };
    Failure::usage(messages.join("\ngoproctor: "))
}

fn duration(arguments: &TraceArguments) -> Result<Option<Duration>, Failure> {
    arguments
        .duration
        .as_deref()
        .map(|text| {
            spec::duration(text).map_err(|error| Failure::usage(format!("--for {text}: {error}")))
        })
        .transpose()
}

/// How soon calls are shown. Those that are shown as they begin wait for nothing.
fn pace(arguments: &TraceArguments) -> Pace {
    Pace {
        every: EVERY,
        patience: match arguments.flow {
            true => Duration::ZERO,
            false => PATIENCE,
        },
    }
}

/// What is asked of the calls.
fn question(arguments: &TraceArguments) -> Result<Question, Failure> {
    let question = arguments.question.understand()?;
    if let Some(path) = question.late_path().filter(|_| arguments.flow) {
        return Err(Failure::usage(format!(
            "--flow shows a call when it begins, and `{path}` is known when it ends: leave out --flow, or ask for arguments alone"
        )));
    }
    if question.is_aggregate() && (arguments.flow || arguments.format == TraceFormat::Perfetto) {
        return Err(Failure::usage(
            "--count, --sum, --avg and --hist work calls out in place of showing them: leave out --flow and --format perfetto",
        ));
    }
    Ok(question)
}

/// What is to be watched of a program.
fn watch(
    arguments: &TraceArguments,
    question: &Question,
    origin: Origin,
) -> Result<Watch, Failure> {
    let paths = question.paths()?;
    let mut program = Program::new(origin);
    for argument in &arguments.args {
        program
            .args
            .push(Spanned::new(template(argument)?, Span::default()));
    }
    arguments.environment.give(&mut program);
    arguments.returns.tell(&mut program);
    if let Some(path) = &arguments.ready {
        check_target(path).map_err(|error| Failure::usage(format!("--ready {path}: {error}")))?;
        program.ready.probe = ReadyProbe::Get(path.clone());
    }
    let functions = arguments.functions.iter().zip(1..);
    Ok(Watch {
        program,
        folder: PathBuf::from("."),
        build_environment: Vec::new(),
        stubs: Vec::new(),
        functions: functions
            .map(|(pattern, number)| function(arguments, &paths, pattern, number))
            .collect::<Result<_, Failure>>()?,
        hand_offs: Vec::new(),
        server: None,
        redactions: redactions(arguments)?,
    })
}

fn function(
    arguments: &TraceArguments,
    paths: &[model::Path],
    pattern: &str,
    number: u32,
) -> Result<WatchedFunction, Failure> {
    Glob::new(pattern).map_err(|error| Failure::usage(format!("-f {pattern}: {error}")))?;
    let mut label = WatchedLabel::new(format!("f{number}"), pattern);
    label.limits = Limits {
        depth: arguments.depth,
        string: arguments.string,
        elements: arguments.elements,
        bytes: arguments.bytes,
    };
    label.paths = paths.to_vec();
    Ok(WatchedFunction {
        label,
        closure: None,
        floats: false,
    })
}

fn redactions(arguments: &TraceArguments) -> Result<WatchRedactions, Failure> {
    let values = arguments.redact.iter().map(|pattern| Redact::Path {
        pattern: pattern.clone(),
        label: REDACTED.to_owned(),
    });
    let types = arguments.redact_type.iter().map(|pattern| Redact::Type {
        pattern: pattern.clone(),
        label: REDACTED.to_owned(),
    });
    for pattern in &arguments.redact_text {
        Patterns::new([pattern.as_str()])
            .map_err(|error| Failure::usage(format!("--redact-text {pattern}: {error}")))?;
    }
    Ok(WatchRedactions {
        values: values.chain(types).collect(),
        patterns: arguments.redact_text.clone(),
    })
}

/// The requests: those without a body first.
fn requests(arguments: &TraceArguments) -> Result<Vec<RequestSpec>, Failure> {
    let mut requests = Vec::new();
    let headers = arguments
        .header
        .iter()
        .map(|header| self::header(header))
        .collect::<Result<Vec<_>, Failure>>()?;
    let gets = arguments.get.iter().map(|path| ("GET", path));
    let posts = arguments.post.iter().map(|path| ("POST", path));
    for (method, path) in gets.chain(posts) {
        check_target(path).map_err(|error| Failure::usage(format!("{method} {path}: {error}")))?;
        let mut request = RequestSpec::new(method, Spanned::new(template(path)?, Span::default()));
        request.headers.clone_from(&headers);
        if method == "POST"
            && let Some(body) = &arguments.send
        {
            request.body = Some(RequestBody::Text(template(body)?));
        }
        requests.push(request);
    }
    Ok(requests)
}

/// `Name: value`
fn header(text: &str) -> Result<(String, Template), Failure> {
    let refused = || Failure::usage(format!("--header {text:?}: write it as 'Name: value'"));
    let (name, value) = text.split_once(':').ok_or_else(refused)?;
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let value = value.trim();
    if name.is_empty() || !name.chars().all(is_token) || value.contains(['\r', '\n', '\0']) {
        return Err(refused());
    }
    Ok((name.to_owned(), template(value)?))
}

fn template(text: &str) -> Result<Template, Failure> {
    text.parse().map_err(|error| {
        let known = "there are ${port}, ${port.NAME} and ${dir}; $${ is a literal ${";
        Failure::usage(format!("{text}: {error}; {known}"))
    })
}
