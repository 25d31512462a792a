//! `goproctor trace`

use std::{
    io::{self, Write as _},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use judge::expect::Evidence;
use model::{Exchange, Keep, Observation, ProcessId};
use spec::{Source, Spec};
use trace::{Dropped, Room};

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
    session::{self, Attached, Cancel, Free, Live, LiveOptions, SessionError},
    target::{self, Running},
};

/// How many probes that lost hits are told.
const LOSSES_SHOWN: usize = 8;

/// How much is kept of a program that is shown when it has ended, or has answered.
const WHOLE: Room = Room {
    calls: 1 << 17,
    bytes: 48 << 20,
    goroutines: 1 << 16,
};

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
        (None, None) => return Err(Failure::usage("say which program, or which process")),
    };
    let origin = match Path::new(program).is_file() {
        true => "binary",
        false => "package",
    };
    let spec = spec(arguments, origin, program)?;
    let place = Path::new(program);
    let owner = if place.exists() {
        place
    } else {
        Path::new(".")
    };
    let standing = startup::settle_to_watch(&arguments.user, owner.to_path_buf())?;
    let cancel = Cancel::on_signals()
        .map_err(|error| Failure::world(format!("cannot handle signals: {error}")))?;
    let waiting = Waiting::new(&screen, false);
    let mut progress = |progress| waiting.show(&progress);
    let prepared = session::prepare(
        &spec,
        arguments.go.as_deref(),
        Keep::Calls,
        &cancel,
        &mut progress,
    )
    .map_err(in_words)?;
    let options = LiveOptions {
        ring_bytes: arguments.kernel.ring_mib << 20,
        record: None,
        keep: Keep::Calls,
    };
    let live = Live::begin(&spec, prepared, &standing, &cancel, &options, &mut progress);
    waiting.clear();
    let mut live = live?.within(WHOLE);
    let shown = show(arguments, &spec, &mut live, &screen);
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
    let executable = running.executable().to_string_lossy().into_owned();
    let spec = spec(arguments, "binary", &executable)?;
    // Nobody is started, so there is nothing to say of whom as.
    target::settle(None, Path::new("."), &kernel::kept())?;
    startup::may_watch()?;
    let cancel = Cancel::on_signals()
        .map_err(|error| Failure::world(format!("cannot handle signals: {error}")))?;
    let waiting = Waiting::new(screen, false);
    let mut progress = |progress| waiting.show(&progress);
    let prepared = session::prepare_running(&spec, &running, &mut progress).map_err(in_words)?;
    let ring_bytes = arguments.kernel.ring_mib << 20;
    let attached = Attached::begin(running, prepared, ring_bytes, &cancel, &mut progress);
    waiting.clear();
    let mut attached = attached?;
    eprintln!("goproctor: watching {process}; Ctrl-C ends that, and the process goes on");
    let mut printer = Printer::new(arguments, screen);
    let until = time.map(|time| Instant::now() + time);
    let watched = attached.watch(EVERY, until, &mut |event| match event {
        Free::Ready { .. } => Ok(()),
        Free::Seen(observation) => printer.print(observation, &[]),
        Free::Dropped(dropped) => printer.leave_out(dropped),
    });
    attached.end()?;
    watched?;
    printer.finish()?;
    Ok(ExitCode::Passed)
}

fn show(
    arguments: &TraceArguments,
    spec: &Spec,
    live: &mut Live<'_>,
    screen: &Screen,
) -> Result<ExitCode, Failure> {
    let test = &spec.tests[0];
    let mut printer = Printer::new(arguments, screen);
    if arguments.get.is_empty() && live.serves() {
        let until = duration(arguments)?.map(|time| Instant::now() + time);
        live.watch_freely(test, EVERY, until, &mut |event| match event {
            Free::Ready { port } => {
                eprintln!("goproctor: the program listens on 127.0.0.1:{port}; Ctrl-C ends it");
                Ok(())
            }
            Free::Seen(observation) => printer.print(observation, &[]),
            Free::Dropped(dropped) => printer.leave_out(dropped),
        })?;
        printer.finish()?;
        return Ok(ExitCode::Passed);
    }
    let ran = live.run(test)?;
    let Evidence {
        observation,
        exchanges,
        ..
    } = &ran.evidence;
    printer.print(observation, exchanges)?;
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
    Text { width: Option<usize>, color: bool },
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
                "requests": dropped.requests,
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
                "goproctor: not shown: {}; the program does more than can be written in the time: watch fewer functions",
                told(unsaid)
            );
        }
    }

    fn print(&mut self, observation: &Observation, exchanges: &[Exchange]) -> io::Result<()> {
        match &mut self.form {
            Form::Text { width, color } => {
                let options = TreeOptions {
                    exchanges,
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
            eprintln!("goproctor: not shown in all: {}", told(self.dropped));
        }
        match self.form {
            Form::Text { .. } | Form::Json => Ok(()),
            Form::Perfetto(trace) => trace.finish(),
        }
    }
}

/// `120000 calls, the ends of 3 calls`
fn told(dropped: Dropped) -> String {
    let parts = [
        (dropped.calls, "calls"),
        (dropped.ends, "ends of calls"),
        (dropped.goroutines, "goroutines"),
        (dropped.requests, "requests"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, of)| format!("{count} {of}")).collect();
    parts.join(", ")
}

/// Patterns stand on the command line, so what is wrong with them is said in words, without a place in a file.
fn in_words(error: SessionError) -> Failure {
    match error {
        SessionError::Spec(errors) => {
            let messages: Vec<_> = errors
                .errors
                .iter()
                .map(|error| error.message.as_str())
                .collect();
            Failure::usage(messages.join("\ngoproctor: "))
        }
        error => error.into(),
    }
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

/// The command line as a spec: the same path then serves both.
fn spec(arguments: &TraceArguments, origin: &str, program: &str) -> Result<Spec, Failure> {
    let text = |text: &str| toml::Value::String(text.to_owned());
    let table = |pairs: Vec<(&str, toml::Value)>| {
        toml::Value::Table(
            pairs
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        )
    };
    let mut program = vec![
        (origin, text(program)),
        (
            "args",
            toml::Value::Array(
                arguments
                    .args
                    .iter()
                    .map(|argument| text(argument))
                    .collect(),
            ),
        ),
    ];
    if let Some(path) = &arguments.ready {
        program.push(("ready", table(vec![("get", text(path))])));
    }
    let functions = arguments
        .functions
        .iter()
        .zip(1..)
        .map(|(pattern, number)| (format!("f{number}"), text(pattern)));
    let requests = arguments.get.iter().map(|path| {
        // Whatever comes back, its calls are shown.
        let any = table(vec![("any", toml::Value::Boolean(true))]);
        table(vec![("get", text(path)), ("status", any)])
    });
    // A test must expect something; this one is not judged.
    let count = table(vec![("f1", toml::Value::Integer(1))]);
    let within = arguments
        .duration
        .clone()
        .unwrap_or_else(|| "24h".to_owned());
    let mut test = vec![
        ("name", text("trace")),
        ("count", count),
        ("within", text(&within)),
    ];
    if !arguments.get.is_empty() {
        test.push(("request", toml::Value::Array(requests.collect())));
    }
    let document = table(vec![
        ("program", table(program)),
        ("functions", toml::Value::Table(functions.collect())),
        (
            "limits",
            table(vec![(
                "string",
                toml::Value::Integer(arguments.string.into()),
            )]),
        ),
        ("test", toml::Value::Array(vec![table(test)])),
    ]);
    let written = toml::to_string(&document).map_err(|error| Failure::usage(error.to_string()))?;
    spec::parse(Source {
        path: "command-line.proctor.toml".into(),
        text: Arc::from(written),
    })
    .map_err(|errors| {
        let messages: Vec<_> = errors
            .errors
            .iter()
            .map(|error| error.message.as_str())
            .collect();
        Failure::usage(messages.join("\ngoproctor: "))
    })
}
