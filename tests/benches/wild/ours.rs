//! goproctor, watching a process that runs, and what it tells of the calls.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use golang::names;
use nix::sys::signal::Signal;
use serde_json::Value as Json;

use super::{
    Outcome, Setup,
    process::{self, Process},
};

/// How long it may take to read a program and set its probes.
const START: Duration = Duration::from_secs(600);

/// The calls of one function on one goroutine, by when they were entered.
pub(crate) type Calls = BTreeMap<u64, Vec<Argument>>;

/// An argument.
#[derive(Clone, Debug)]
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) ty: String,
    pub(crate) value: Json,
}

/// What was told.
#[derive(Default)]
pub(crate) struct Told {
    /// By function and goroutine.
    pub(crate) calls: BTreeMap<(String, i64), Calls>,
    /// How many calls of each function.
    pub(crate) counts: BTreeMap<String, u64>,
    /// Functions that were inlined in places; goproctor does not take their names as such.
    pub(crate) inlined: BTreeSet<String>,
    /// What was lost or not shown; then calls can't be told apart by their order.
    pub(crate) lost: Vec<String>,
}

impl Told {
    fn take(&mut self, line: &str, most: usize) {
        let Ok(mut line) = serde_json::from_str::<Json>(line) else {
            self.lost.push(format!("no JSON: {line}"));
            return;
        };
        match line["event"].as_str() {
            Some("call") => {}
            Some("lost" | "not_shown") => {
                self.lost.push(line.to_string());
                return;
            }
            _ => return,
        }
        let function = line["function"].as_str().unwrap_or_default();
        let function = names::without_type_arguments(function).into_owned();
        let goroutine = line["goroutine"].as_i64().unwrap_or_default();
        let entered = line["entered_ns"].as_u64().unwrap_or_default();
        let arguments = match line["arguments"].take() {
            Json::Array(arguments) => arguments,
            _ => Vec::new(),
        };
        let arguments = arguments.into_iter().map(|mut argument| Argument {
            name: argument["name"].as_str().unwrap_or_default().to_owned(),
            ty: argument["type"].as_str().unwrap_or_default().to_owned(),
            value: argument["value"].take(),
        });
        let key = (function, goroutine);
        // What runs for long is told twice.
        let calls = self.calls.entry(key.clone()).or_default();
        if calls.insert(entered, arguments.collect()).is_none() {
            *self.counts.entry(key.0).or_default() += 1;
        }
        while calls.len() > most {
            calls.pop_last();
        }
    }
}

/// goproctor at work.
pub(crate) struct Goproctor {
    process: Process,
    said: Receiver<String>,
    told: Arc<Mutex<Told>>,
    reader: JoinHandle<()>,
}

/// Why it does not watch.
pub(crate) enum Refused {
    /// It said these lines.
    Said(Vec<String>),
    /// It did not get there.
    Late,
}

impl Goproctor {
    /// Has it watch functions of a process; of each function and goroutine the first so many calls are kept.
    pub(crate) fn watch(
        setup: &Setup,
        process: u32,
        patterns: &[String],
        most: usize,
    ) -> Outcome<Result<Self, Refused>> {
        let mut child = Process::start(
            Command::new(&setup.goproctor)
                .args(["trace", "--pid", &process.to_string()])
                .args(["--format", "json"])
                .args(patterns.iter().flat_map(|pattern| ["-f", pattern]))
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped()),
        )?;
        let stdout = process::lines(child.stdout.take().ok_or("no standard output")?);
        let said = process::lines(child.stderr.take().ok_or("no standard error")?);
        let until = Instant::now() + START;
        let mut lines = Vec::new();
        loop {
            match said.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains("watching process") => break,
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Disconnected) => return Ok(Err(Refused::Said(lines))),
                Err(RecvTimeoutError::Timeout) => return Ok(Err(Refused::Late)),
            }
        }
        let inlined = lines.iter().filter_map(|line| {
            let (head, _) = line.split_once(" was inlined in places")?;
            Some(names::without_type_arguments(head.rsplit(' ').next()?).into_owned())
        });
        let told = Arc::new(Mutex::new(Told {
            inlined: inlined.collect(),
            ..Told::default()
        }));
        let taken = Arc::clone(&told);
        let reader = thread::spawn(move || {
            for line in stdout {
                let mut told = taken.lock().unwrap_or_else(PoisonError::into_inner);
                told.take(&line, most);
            }
        });
        Ok(Ok(Self {
            process: child,
            said,
            told,
            reader,
        }))
    }

    /// Ends it and gives what it told.
    pub(crate) fn end(mut self) -> Outcome<Told> {
        self.process.signal(Signal::SIGINT)?;
        if !self.process.ends_within(Duration::from_secs(90))? {
            return Err("goproctor does not end".into());
        }
        let status = self.process.wait()?;
        self.reader
            .join()
            .map_err(|_| "what goproctor told can't be read")?;
        let said: Vec<String> = self.said.iter().collect();
        // A signal ends it with the signal's code.
        if !matches!(status.code(), Some(0 | 130)) {
            return Err(format!("goproctor: {status}\n{}", said.join("\n")).into());
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut told))
    }
}
