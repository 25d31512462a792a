//! What `goproctor trace` prints of what it sees: trees, lines as calls begin and end, JSON or a timeline.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use judge::{
    aggregate::Aggregate,
    expect::{Filter, Reason, Selection},
};
use model::{CallId, Exchange, Observation};
use trace::Dropped;

use super::{
    arguments::{TraceArguments, TraceFormat},
    screen::Screen,
    trace_question::Answering,
};
use crate::{
    report::{
        AggregateOptions, Flow, Perfetto, aggregate_json, aggregate_text, json_lines,
        tree::{TreeOptions, tree},
    },
    session::TraceEvent,
};

/// How many probes that lost hits are listed.
const LOSSES_SHOWN: usize = 8;

/// How often it is said that something is not shown.
const SAID_EVERY: Duration = Duration::from_secs(1);

/// Prints what is seen, as it was asked for.
pub(super) struct Printer {
    form: Form,
    /// Which calls are shown; without it, all are.
    filter: Option<Filter>,
    /// How many calls are shown of which it is not known whether they are meant, and why of the first.
    undecided: Option<(u64, Reason)>,
    /// What is not shown, and how much of it was not said yet.
    dropped: Dropped,
    unsaid: Dropped,
    said: Instant,
}

/// The form in which it is asked for.
enum Form {
    Text { width: usize, color: bool },
    Flow(Flow),
    Aggregate(Summing),
    Json,
    Perfetto(Perfetto<io::BufWriter<io::Stdout>>),
}

impl Form {
    /// The form of calls that are shown.
    fn of(arguments: &TraceArguments, screen: &Screen) -> Self {
        match arguments.format {
            _ if arguments.flow => Self::Flow(Flow::new(screen.width, screen.color)),
            TraceFormat::Text if !arguments.json => Self::Text {
                width: screen.width,
                color: screen.color,
            },
            TraceFormat::Text | TraceFormat::Json => Self::Json,
            TraceFormat::Perfetto => {
                Self::Perfetto(Perfetto::new(io::BufWriter::new(io::stdout())))
            }
        }
    }
}

/// Calls that are worked out.
struct Summing {
    aggregate: Aggregate,
    options: AggregateOptions,
    is_json: bool,
    /// On a terminal, how many lines are drawn.
    lines: Option<usize>,
    drawn: Instant,
}

impl Summing {
    fn new(aggregate: Aggregate, options: AggregateOptions, arguments: &TraceArguments) -> Self {
        let is_json = arguments.json || arguments.format == TraceFormat::Json;
        Self {
            aggregate,
            options,
            is_json,
            lines: (!is_json && io::stdout().is_terminal()).then_some(0),
            drawn: Instant::now(),
        }
    }

    fn add(&mut self, observation: &Observation) -> io::Result<()> {
        self.aggregate.add(observation);
        if self.lines.is_some() && self.drawn.elapsed() >= SAID_EVERY {
            self.draw()?;
        }
        Ok(())
    }

    /// Draws it in place of what was drawn before.
    fn draw(&mut self) -> io::Result<()> {
        let text = aggregate_text(&self.aggregate, &self.options);
        let mut out = io::stdout().lock();
        if let Some(lines) = self.lines.filter(|lines| *lines > 0) {
            // To the start of the first of these lines, and nothing from there on (ECMA-48, CPL and ED).
            write!(out, "\x1b[{lines}F\x1b[J")?;
        }
        out.write_all(text.as_bytes())?;
        out.flush()?;
        if let Some(lines) = &mut self.lines {
            *lines = text.lines().count();
        }
        self.drawn = Instant::now();
        Ok(())
    }

    /// Prints what was worked out, and what there is to know of it.
    fn finish(mut self) -> io::Result<()> {
        if self.is_json {
            let mut out = io::stdout().lock();
            for line in aggregate_json(&self.aggregate, &self.options) {
                writeln!(out, "{line}")?;
            }
            out.flush()?;
        } else {
            self.draw()?;
        }
        if let Some((count, why)) = self.aggregate.unread() {
            eprintln!("goproctor: {} could not be read: {why}", values(count));
        }
        match self.aggregate.running() {
            0 => {}
            running => eprintln!(
                "goproctor: {running} calls still ran, and are not counted: calls count when they end"
            ),
        }
        Ok(())
    }
}

/// `a value of 1 call`
fn values(count: u64) -> String {
    match count {
        1 => "a value of 1 call".to_owned(),
        _ => format!("values of {count} calls"),
    }
}

impl Printer {
    pub(super) fn new(arguments: &TraceArguments, answering: Answering, screen: &Screen) -> Self {
        let Answering { filter, aggregate } = answering;
        Self {
            form: match aggregate {
                Some((aggregate, options)) => {
                    Form::Aggregate(Summing::new(aggregate, options, arguments))
                }
                None => Form::of(arguments, screen),
            },
            filter,
            undecided: None,
            dropped: Dropped::default(),
            unsaid: Dropped::default(),
            said: Instant::now(),
        }
    }

    pub(super) fn show(&mut self, event: TraceEvent<'_>) -> io::Result<()> {
        match event {
            TraceEvent::Ready { port } => eprintln!(
                "goproctor: the program listens on 127.0.0.1:{port}; press Ctrl-C to stop it"
            ),
            TraceEvent::Seen(observation) => self.print(observation, &[], BTreeMap::new())?,
            TraceEvent::Dropped(dropped) => self.leave_out(dropped)?,
        }
        Ok(())
    }

    /// Something is not shown, which is said once in a while.
    pub(super) fn leave_out(&mut self, dropped: Dropped) -> io::Result<()> {
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

    pub(super) fn print(
        &mut self,
        observation: &mut Observation,
        exchanges: &[Exchange],
        mut panics: BTreeMap<CallId, String>,
    ) -> io::Result<()> {
        let undecided = self.select(observation, &mut panics);
        match &mut self.form {
            Form::Text { width, color } => {
                let options = TreeOptions {
                    exchanges,
                    marked: &undecided,
                    panics: Some(&panics),
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
            Form::Flow(flow) => {
                let lines = flow.lines(observation);
                let mut out = io::stdout().lock();
                out.write_all(lines.as_bytes())?;
                out.flush()?;
            }
            Form::Aggregate(summing) => summing.add(observation)?,
            Form::Json => {
                let mut out = io::BufWriter::new(io::stdout().lock());
                for mut line in json_lines(observation) {
                    if line["event"] == "call" && undecided.iter().any(|id| line["id"] == id.0) {
                        line["undecided"] = true.into();
                    }
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

    /// Keeps the calls that are meant, and those of which that is not known; gives these.
    fn select(
        &mut self,
        observation: &mut Observation,
        panics: &mut BTreeMap<CallId, String>,
    ) -> Vec<CallId> {
        let Some(filter) = &self.filter else {
            return Vec::new();
        };
        let selections: Vec<Selection> = observation
            .calls
            .iter()
            .map(|call| filter.select(observation, call))
            .collect();
        let selection = |call: CallId| selections.get(usize::try_from(call.0).ok()?);
        let numbers =
            observation.keep_calls(|call| !matches!(selection(call.id), Some(Selection::Rejected)));
        let number = |old: CallId| *numbers.get(usize::try_from(old.0).ok()?)?;
        *panics = std::mem::take(panics)
            .into_iter()
            .filter_map(|(call, value)| Some((number(call)?, value)))
            .collect();
        let mut undecided = Vec::new();
        for (selection, number) in selections.into_iter().zip(&numbers) {
            if let (Selection::Undecided(reason), Some(number)) = (selection, *number) {
                undecided.push(number);
                self.undecided.get_or_insert((0, reason)).0 += 1;
            }
        }
        undecided
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        let is_more = self.unsaid != self.dropped;
        self.say_dropped();
        if is_more {
            eprintln!("goproctor: not shown in total: {}", listed(self.dropped));
        }
        if let Some((count, reason)) = &self.undecided {
            let (calls, are) = match count {
                1 => ("call", "is"),
                _ => ("calls", "are"),
            };
            eprintln!(
                "goproctor: {count} {calls} {are} shown although --where could not be decided: {reason}"
            );
        }
        match self.form {
            Form::Text { .. } | Form::Flow(_) | Form::Json => Ok(()),
            Form::Aggregate(summing) => summing.finish(),
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
