//! What was seen as a timeline for <https://ui.perfetto.dev>, which takes the Trace Event Format (a JSON list).
//!
//! | in the program | in the trace |
//! |---|---|
//! | process | process |
//! | goroutine | thread, its id the goid; where its begin was seen, a slice from there to its end |
//! | call | slice (`X`) with its arguments, results, outcome and our own cost |
//! | call that had not ended | slice without an end (`B`) |
//! | `go` statement | arrow (`s`, `f`) from the creator to the new goroutine |
//! | request | slice of its own track (`b`, `e`) |
//! | lost hits, calls that were not kept | mark of the whole trace (`i`) |
//!
//! Times are those of the kernel's monotonic clock, in µs with three decimals as the format has it. A call's end is drawn where the
//! clock said it, our own cost included: slices that had it taken off would not fit into one another.

use std::{
    collections::{BTreeMap, HashSet},
    io::{self, Write},
    mem::take,
};

use model::{
    Call, CallId, FunctionId, Goid, Goroutine, Observation, Outcome, ProcessId, Request, Scope,
    ScopeId, Timestamp, notation,
};
use serde_json::{Value as Json, json};

use super::call::{arguments_and_results, request_number};

/// Writes observations as one trace. One that was not finished can be read all the same, without what had not ended: the
/// format lets the closing bracket be missing.
pub struct Perfetto<W> {
    out: W,
    begun: bool,
    named: HashSet<(ProcessId, Goid)>,
    /// The slices of calls that had not ended. A call may be seen once more when it has.
    running: BTreeMap<CallKey, Json>,
    /// Likewise of goroutines.
    alive: BTreeMap<(ProcessId, Goid), Json>,
    /// The requests whose begin was written, and whether their end was.
    requests: BTreeMap<(ProcessId, Goid, Timestamp), bool>,
    arrows: u64,
}

/// So many calls, goroutines and requests are remembered at most.
const MAX_REMEMBERED: usize = 1 << 14;

/// What a call is known by in all observations of a program.
type CallKey = (ProcessId, Goid, Timestamp, FunctionId);

impl<W: Write> Perfetto<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            begun: false,
            named: HashSet::new(),
            running: BTreeMap::new(),
            alive: BTreeMap::new(),
            requests: BTreeMap::new(),
            arrows: 0,
        }
    }

    /// Adds what was seen later than what was added before, or what went on when it was added and has ended since.
    ///
    /// # Errors
    /// It can't be written.
    pub fn add(&mut self, observation: &Observation) -> io::Result<()> {
        self.add_part(observation, &|_| true)
    }

    /// The same of what belongs to one scope.
    ///
    /// # Errors
    /// It can't be written.
    pub(crate) fn add_within(
        &mut self,
        observation: &Observation,
        scope: ScopeId,
    ) -> io::Result<()> {
        self.add_part(observation, &|own| observation.is_within(own, scope))
    }

    fn add_part(
        &mut self,
        observation: &Observation,
        is_meant: &dyn Fn(Option<ScopeId>) -> bool,
    ) -> io::Result<()> {
        let calls = observation.calls.iter();
        let calls: Vec<&Call> = calls.filter(|call| is_meant(call.scope)).collect();
        let calling: HashSet<(ProcessId, Goid)> = calls
            .iter()
            .map(|call| (call.process, call.goroutine))
            .collect();
        for goroutine in &observation.goroutines {
            let key = (goroutine.process, goroutine.goid);
            if is_meant(goroutine.scope) || calling.contains(&key) {
                self.goroutine(observation, goroutine)?;
            }
        }
        for (scope, request) in observation.requests() {
            if is_meant(Some(scope.id)) {
                self.request(scope, request)?;
            }
        }
        for call in calls {
            self.name(call.process, call.goroutine, None)?;
            let key = (call.process, call.goroutine, call.entered, call.function);
            let slice = slice(observation, call);
            if call.outcome.has_ended() {
                self.running.remove(&key);
                self.event(&slice)?;
            } else {
                self.running.insert(key, slice);
            }
        }
        self.loss(observation)?;
        self.forget()?;
        self.out.flush()
    }

    /// Writes what went on for the longest time as it is so far, where there is too much of it to wait for its end.
    fn forget(&mut self) -> io::Result<()> {
        while self.running.len() > MAX_REMEMBERED
            && let Some((_, slice)) = self.running.pop_first()
        {
            self.event(&slice)?;
        }
        while self.alive.len() > MAX_REMEMBERED
            && let Some((_, slice)) = self.alive.pop_first()
        {
            self.event(&slice)?;
        }
        if self.requests.len() > MAX_REMEMBERED {
            self.requests.retain(|_, ended| !*ended);
        }
        while self.requests.len() > MAX_REMEMBERED {
            self.requests.pop_first();
        }
        Ok(())
    }

    /// Ends the trace.
    ///
    /// # Errors
    /// It can't be written.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let (alive, running) = (take(&mut self.alive), take(&mut self.running));
        for slice in alive.values().chain(running.values()) {
            self.event(slice)?;
        }
        self.out
            .write_all(if self.begun { b"\n]\n" } else { b"[]\n" })?;
        self.out.flush()
    }

    fn event(&mut self, event: &Json) -> io::Result<()> {
        self.out
            .write_all(if self.begun { b",\n" } else { b"[\n" })?;
        self.begun = true;
        serde_json::to_writer(&mut self.out, event)?;
        Ok(())
    }

    /// Names a goroutine's track, once.
    fn name(&mut self, process: ProcessId, goid: Goid, function: Option<String>) -> io::Result<()> {
        if self.named.len() >= MAX_REMEMBERED {
            // A goroutine that is named again is named the same.
            self.named.clear();
        }
        if !self.named.insert((process, goid)) {
            return Ok(());
        }
        let name = match (goid, function) {
            (Goid(0), _) => "no goroutine".to_owned(),
            (goid, Some(function)) => format!("{goid} {function}"),
            (goid, None) => goid.to_string(),
        };
        self.event(&json!({
            "ph": "M",
            "name": "thread_name",
            "pid": process.0,
            "tid": goid.0,
            "args": { "name": name },
        }))
    }

    fn goroutine(&mut self, observation: &Observation, goroutine: &Goroutine) -> io::Result<()> {
        let packages = observation.types.packages();
        let function = goroutine.function.as_deref();
        let function = function.map(|name| notation::short_function(name, packages));
        self.name(goroutine.process, goroutine.goid, function.clone())?;
        let within = |time: &Timestamp| {
            let (begin, end) = observation.window.unwrap_or_default();
            (begin..=end).contains(time)
        };
        let key = (goroutine.process, goroutine.goid);
        let was_alive = self.alive.remove(&key).is_some();
        let created = goroutine.created;
        let Some(created) = created.filter(|time| was_alive || within(time)) else {
            return Ok(());
        };
        let name = function.unwrap_or_else(|| "goroutine".to_owned());
        let mut event = json!({
            "cat": "goroutine",
            "name": format!("go {name}"),
            "pid": goroutine.process.0,
            "tid": goroutine.goid.0,
            "ts": micros(created.0),
            "args": {
                "creator": goroutine.creator.map(|creator| creator.0),
                "request": request_number(observation, goroutine.scope),
            },
        });
        end_slice(&mut event, created, goroutine.ended);
        match goroutine.ended {
            Some(_) => self.event(&event)?,
            None => drop(self.alive.insert(key, event)),
        }
        match goroutine.creator {
            Some(creator) if !was_alive => self.arrow(goroutine, creator, created),
            Some(_) | None => Ok(()),
        }
    }

    /// From the `go` statement to the goroutine that it began.
    fn arrow(&mut self, child: &Goroutine, creator: Goid, time: Timestamp) -> io::Result<()> {
        self.arrows += 1;
        let end = |phase: &str, goid: Goid| {
            json!({
                "ph": phase,
                "cat": "go",
                "name": "go",
                "id": self.arrows,
                "bp": "e",
                "pid": child.process.0,
                "tid": goid.0,
                "ts": micros(time.0),
            })
        };
        let (from, to) = (end("s", creator), end("f", child.goid));
        self.event(&from)?;
        self.event(&to)
    }

    fn request(&mut self, scope: &Scope, request: &Request) -> io::Result<()> {
        let edge = |phase: &str, time: Timestamp| {
            json!({
                "ph": phase,
                "cat": "request",
                "name": scope.name(),
                // Numbers of requests begin anew with each observation.
                "id": format!("{:#x}.{}", scope.entered.0, scope.goroutine.0),
                "pid": scope.process.0,
                "tid": scope.goroutine.0,
                "ts": micros(time.0),
                "args": {
                    "remote": request.remote,
                    "stream": request.stream,
                    "goroutine": scope.goroutine.0,
                },
            })
        };
        let key = (scope.process, scope.goroutine, scope.entered);
        let written = self.requests.insert(key, scope.left.is_some());
        if written.is_none() {
            self.event(&edge("b", scope.entered))?;
        }
        match scope.left {
            Some(left) if written != Some(true) => self.event(&edge("e", left)),
            Some(_) | None => Ok(()),
        }
    }

    /// Marks the whole trace where it lacks something.
    fn loss(&mut self, observation: &Observation) -> io::Result<()> {
        let Some((_, end)) = observation.window else {
            return Ok(());
        };
        let lost = observation.loss.total();
        let lost = (lost > 0).then(|| format!("{lost} events were lost"));
        let not_kept = observation.not_kept.map(|not_kept| not_kept.calls);
        let not_kept = not_kept.filter(|calls| *calls > 0);
        let not_kept = not_kept.map(|calls| format!("{calls} calls were not kept"));
        let process = observation.process.unwrap_or_default();
        for name in [lost, not_kept].into_iter().flatten() {
            self.event(&json!({
                "ph": "i",
                "s": "g",
                "name": name,
                "pid": process.0,
                "tid": 0,
                "ts": micros(end.0),
            }))?;
        }
        Ok(())
    }
}

/// A call.
fn slice(observation: &Observation, call: &Call) -> Json {
    let function = observation.function(call.function);
    let name = function.map_or("?", |function| function.name_of(call));
    let (arguments, results) = arguments_and_results(observation, call);
    let mut event = json!({
        "cat": "call",
        "name": notation::short_function(name, observation.types.packages()),
        "pid": call.process.0,
        "tid": call.goroutine.0,
        "ts": micros(call.entered.0),
        "args": {
            "function": name,
            "request": request_number(observation, call.scope),
            "outcome": call.outcome.word(),
            "own_cost_ns": call.own_cost.0,
            "arguments": arguments,
            "results": results,
        },
    });
    end_slice(&mut event, call.entered, end(observation, call));
    event
}

/// When a call's slice ends. Of one that left no trace of its end, that is when what was around it did.
fn end(observation: &Observation, call: &Call) -> Option<Timestamp> {
    if call.left.is_some() || call.outcome != Outcome::Unwound {
        return call.left;
    }
    let around = |id: CallId| observation.call(id);
    // A parent comes before its children, so this ends.
    let mut next = call.parent.and_then(around);
    while let Some(parent) = next {
        if parent.left.is_some() {
            return parent.left;
        }
        next = parent.parent.and_then(around);
    }
    let same = |other: &&Goroutine| (other.process, other.goid) == (call.process, call.goroutine);
    let goroutine = observation.goroutines.iter().find(same);
    goroutine
        .and_then(|goroutine| goroutine.ended)
        .or_else(|| observation.window.map(|(_, end)| end))
}

/// Makes an event a slice from `begin` to `end`, or one without an end.
fn end_slice(event: &mut Json, begin: Timestamp, end: Option<Timestamp>) {
    match end {
        Some(end) => {
            event["ph"] = json!("X");
            event["dur"] = micros(end.since(begin).0);
        }
        None => event["ph"] = json!("B"),
    }
}

/// Nanoseconds as the format's microseconds.
fn micros(nanoseconds: u64) -> Json {
    // 2^53 ns are 104 days of a clock that begins with the machine; beyond that the last decimals go.
    json!(nanoseconds as f64 / 1000.0)
}
