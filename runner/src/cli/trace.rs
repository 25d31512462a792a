//! `goproctor trace`

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use judge::expect::Evidence;
use model::{CallId, Exchange, Limits, Observation, ProcessId, Retention, glob::Glob};
use plan::{PlanError, Redact, WatchedLabel};
use spec::{
    Span, Spanned,
    document::{
        Execution, Origin, Program, ReadyProbe, RequestBody, RequestSpec, Template, check_target,
    },
};
use trace::{Dropped, Room, redact::Patterns};

use super::{
    Failure,
    arguments::{TraceArguments, TraceFormat},
    screen::{Screen, Waiting},
    startup,
};
use crate::{
    report::{
        ExitCode, Perfetto, json_lines,
        tree::{TreeOptions, tree},
    },
    session::{
        self, Attached, FunctionError, Live, LiveOptions, SessionError, TraceEvent, Watch,
        WatchRedactions, WatchedFunction, Work, Workload,
    },
    target::{self, Running},
};

/// How many probes that lost hits are listed.
const LOSSES_SHOWN: usize = 8;

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

/// How often it is said that something is not shown.
const SAID_EVERY: Duration = Duration::from_secs(1);

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
    let mut watch = watch(arguments, origin)?;
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
    let options = LiveOptions {
        ring_bytes: arguments.kernel.ring_mib << 20,
        record: None,
    };
    let live = Live::begin(prepared, &identity, &cancel, &options, &mut progress);
    waiting.clear();
    let mut live = live?.within(WHOLE);
    let shown = show(arguments, &requests, &mut live, &screen);
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
    let watch = watch(arguments, origin)?;
    // Nobody is started, so there is nothing to say of whom as.
    target::settle(None, Path::new("."), &kernel::kept())?;
    startup::may_watch()?;
    let cancel = startup::cancel()?;
    let waiting = Waiting::new(screen, false);
    let mut progress = |progress| waiting.show(&progress);
    let prepared =
        session::prepare_running(watch, &running, &mut progress).map_err(on_command_line)?;
    let ring_bytes = arguments.kernel.ring_mib << 20;
    let attached = Attached::begin(running, prepared, ring_bytes, &cancel, &mut progress);
    waiting.clear();
    let mut attached = attached?;
    eprintln!("goproctor: watching {process}; press Ctrl-C to stop watching");
    let mut printer = Printer::new(arguments, screen);
    let until = time.map(|time| Instant::now() + time);
    let watched = attached.watch(EVERY, until, &mut |event| printer.show(event));
    attached.end()?;
    watched?;
    printer.finish()?;
    Ok(ExitCode::Passed)
}

fn show(
    arguments: &TraceArguments,
    requests: &[RequestSpec],
    live: &mut Live<'_>,
    screen: &Screen,
) -> Result<ExitCode, Failure> {
    let time = duration(arguments)?;
    let mut printer = Printer::new(arguments, screen);
    let workload = Workload::of(requests, live.prepared().watch.serves());
    if matches!(workload, Workload::Start) {
        let until = time.map(|time| Instant::now() + time);
        live.watch_freely(EVERY, until, &mut |event| printer.show(event))?;
        printer.finish()?;
        return Ok(ExitCode::Passed);
    }
    let ran = live.run(&Work {
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
    } = &ran.evidence;
    printer.print(observation, exchanges, Some(&ran.panics))?;
    if !ran.dropped.is_nothing() {
        printer.leave_out(ran.dropped)?;
    }
    printer.finish()?;
    if let Some(died) = ran.died {
        return Err(Failure::world(died));
    }
    if observation.calls.is_empty() {
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

/// Prints what is seen, as it was asked for.
struct Printer {
    form: Form,
    /// What is not shown, and how much of it was not said yet.
    dropped: Dropped,
    unsaid: Dropped,
    said: Instant,
}

/// The form in which it is asked for.
enum Form {
    Text { width: usize, color: bool },
    Json,
    Perfetto(Perfetto<io::BufWriter<io::Stdout>>),
}

impl Printer {
    fn new(arguments: &TraceArguments, screen: &Screen) -> Self {
        let form = match arguments.format {
            TraceFormat::Text if !arguments.json => Form::Text {
                width: screen.width,
                color: screen.color,
            },
            TraceFormat::Text | TraceFormat::Json => Form::Json,
            TraceFormat::Perfetto => {
                Form::Perfetto(Perfetto::new(io::BufWriter::new(io::stdout())))
            }
        };
        Self {
            form,
            dropped: Dropped::default(),
            unsaid: Dropped::default(),
            said: Instant::now(),
        }
    }

    fn show(&mut self, event: TraceEvent<'_>) -> io::Result<()> {
        match event {
            TraceEvent::Ready { port } => eprintln!(
                "goproctor: the program listens on 127.0.0.1:{port}; press Ctrl-C to stop it"
            ),
            TraceEvent::Seen(observation) => self.print(observation, &[], None)?,
            TraceEvent::Dropped(dropped) => self.leave_out(dropped)?,
        }
        Ok(())
    }

    /// Something is not shown, which is said once in a while.
    fn leave_out(&mut self, dropped: Dropped) -> io::Result<()> {
        self.dropped = self.dropped.and(dropped);
        self.unsaid = self.unsaid.and(dropped);
        if matches!(self.form, Form::Json) {
            let mut out = io::stdout().lock();
            let line = serde_json::json!({
                "event": "not_shown",
                "calls": dropped.calls,
                "ends": dropped.ends,
                "goroutines": dropped.goroutines,
                "requests": dropped.scopes,
            });
            serde_json::to_writer(&mut out, &line)?;
            writeln!(out)?;
            out.flush()?;
        }
        if self.said.elapsed() >= SAID_EVERY {
            self.say_dropped();
        }
        Ok(())
    }

    fn say_dropped(&mut self) {
        let unsaid = std::mem::take(&mut self.unsaid);
        self.said = Instant::now();
        if !unsaid.is_nothing() {
            eprintln!(
                "goproctor: not shown: {}; calls come faster than they can be written: watch fewer functions",
                listed(unsaid)
            );
        }
    }

    fn print(
        &mut self,
        observation: &Observation,
        exchanges: &[Exchange],
        panics: Option<&BTreeMap<CallId, String>>,
    ) -> io::Result<()> {
        match &mut self.form {
            Form::Text { width, color } => {
                let options = TreeOptions {
                    exchanges,
                    panics,
                    width: *width,
                    color: *color,
                    ..TreeOptions::default()
                };
                // Requests of others are no news by themselves.
                if !observation.calls.is_empty() || !exchanges.is_empty() {
                    let mut out = io::stdout().lock();
                    write!(out, "{}", tree(observation, &options))?;
                    out.flush()?;
                }
            }
            Form::Json => {
                let mut out = io::BufWriter::new(io::stdout().lock());
                for line in json_lines(observation) {
                    serde_json::to_writer(&mut out, &line)?;
                    writeln!(out)?;
                }
                out.flush()?;
            }
            Form::Perfetto(trace) => trace.add(observation)?,
        }
        let lost = observation.loss.total();
        if lost > 0 {
            eprintln!(
                "goproctor: {lost} events were lost: use a larger --ring, or watch fewer functions"
            );
            for lost in observation.loss.sites.iter().take(LOSSES_SHOWN) {
                let (count, place) = (lost.lost, observation.describe_loss(lost));
                eprintln!("  {count} of {place}");
            }
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        let is_more = self.unsaid != self.dropped;
        self.say_dropped();
        if is_more {
            eprintln!("goproctor: not shown in total: {}", listed(self.dropped));
        }
        match self.form {
            Form::Text { .. } | Form::Json => Ok(()),
            Form::Perfetto(trace) => trace.finish(),
        }
    }
}

/// `120000 calls, the ends of 3 calls`
fn listed(dropped: Dropped) -> String {
    let parts = [
        (dropped.calls, "calls"),
        (dropped.ends, "ends of calls"),
        (dropped.goroutines, "goroutines"),
        (dropped.scopes, "requests"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, of)| format!("{count} {of}")).collect();
    parts.join(", ")
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

/// What is to be watched of a program.
fn watch(arguments: &TraceArguments, origin: Origin) -> Result<Watch, Failure> {
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
            .map(|(pattern, number)| function(arguments, pattern, number))
            .collect::<Result<_, Failure>>()?,
        hand_offs: Vec::new(),
        server: None,
        redactions: redactions(arguments)?,
    })
}

fn function(
    arguments: &TraceArguments,
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
