//! A spec's session with the live kernel: probes are set once, then each test has its turn.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    Cancel, Prepared, Progress, SelfCheck, SessionError,
    watch::{Copy, Watch},
};
use crate::{
    clock,
    drive::{Context, Driven, Driver, Http, Interruption, Stubs},
    expect::Evidence,
    golang::names,
    kernel::{HitCost, Kernel, LoadOptions, Records, stepping},
    model::{Address, Goid, Loss, Nanoseconds, Observation, ProcessId, SiteLoss, Timestamp},
    recording::{Header, Recording, SpecText, TestBegin, TestEnd, Writer},
    spec::{
        Spec,
        document::{TemplatePart, Test},
    },
    target::{
        Ended, Filling, LaunchRequest, Ports, Standing, Target, TemporaryFolder, environment,
    },
    trace::{Tracer, match_requests},
};

/// How long the ring may take to get empty once the program is quiet.
const DRAIN: Duration = Duration::from_secs(10);

/// The pause between two looks whether a test's goroutines have ended.
const PAUSE: Duration = Duration::from_millis(2);

/// How long the records of the program's start may take to arrive.
const START: Duration = Duration::from_secs(2);

/// How long the calls of a request that does not end are held back.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many of the program's last lines are told when it ends by itself.
const LINES: usize = 10;

/// How a session is run.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// Bytes of the ring that records travel through.
    pub ring_bytes: u32,
    /// Where to write the session down.
    pub record: Option<PathBuf>,
}

/// A session whose probes are set.
pub struct Live<'s> {
    spec: &'s Spec,
    standing: &'s Standing,
    cancel: &'s Cancel,
    prepared: Prepared,
    stubs: Stubs,
    running: Option<Running>,
    lost: Loss,
    recorder: Option<Arc<Mutex<Writer>>>,
    /// What a hit costs, by site.
    costs: Vec<Nanoseconds>,
    watch: Watch,
    // Last: the probes go when nothing reads their records any more.
    kernel: Kernel,
}

/// What a test brought.
#[derive(Debug)]
pub struct Ran {
    /// What it is judged on.
    pub evidence: Evidence,
    /// How the program ended during the test although it should not have, and what it wrote last.
    pub died: Option<String>,
    /// Values of this run, and the placeholders that stand for them.
    pub substitutions: Vec<(String, String)>,
}

/// What is told of a program that is watched without a test.
#[derive(Debug)]
pub enum Free<'a> {
    /// It is ready.
    Ready {
        /// The port that it listens on.
        port: u16,
    },
    /// Calls were seen.
    Seen(&'a Observation),
}

/// The program while it runs.
struct Running {
    target: Target,
    ports: Ports,
    process: ProcessId,
    launched: Timestamp,
    ready: Timestamp,
    folder: TemporaryFolder,
}

impl<'s> Live<'s> {
    /// Loads the kernel program, measures what a hit costs, and sets the probes.
    ///
    /// # Errors
    /// No privilege, a kernel that can't do it, or a program that can't be probed; a stub can't be served.
    pub fn begin(
        spec: &'s Spec,
        prepared: Prepared,
        standing: &'s Standing,
        cancel: &'s Cancel,
        options: &LiveOptions,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, SessionError> {
        let stubs = Stubs::start(&spec.stubs)?;
        let load = LoadOptions {
            ring_bytes: options.ring_bytes,
        };
        let mut kernel = Kernel::load(&prepared.plan, &load)?;
        let costs = hit_costs(&prepared, kernel.calibrate()?)?;
        progress(Progress::Attaching(prepared.plan.sites.len()));
        kernel.attach(&prepared.path)?;
        let records: Records = kernel.records()?;
        let recorder = match &options.record {
            Some(path) => Some(Recording::write(
                path,
                &header(spec, &prepared, costs.clone()),
            )?),
            None => None,
        };
        let tracer = tracer(&prepared, costs.clone());
        Ok(Self {
            spec,
            standing,
            cancel,
            prepared,
            stubs,
            running: None,
            lost: Loss::default(),
            recorder: recorder.map(|writer| Arc::new(Mutex::new(writer))),
            costs,
            watch: Watch::begin(records, tracer),
            kernel,
        })
    }

    /// What is watched.
    #[must_use]
    pub const fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// Whether the program serves on a port that it is told; one that does not is run to its end.
    #[must_use]
    pub fn serves(&self) -> bool {
        listens(self.spec)
    }

    /// Starts the program and tells what is seen of it, every so often, until that moment or a signal. A request's
    /// calls are told when it and its goroutines have ended, or after a second.
    ///
    /// # Errors
    /// It could not be run, or what was seen can't be told.
    pub fn watch_freely(
        &mut self,
        test: &Test,
        every: Duration,
        until: Option<Instant>,
        tell: &mut dyn FnMut(Free<'_>) -> io::Result<()>,
    ) -> Result<(), SessionError> {
        self.stubs.reset(&test.stubs)?;
        self.begin_process()?;
        self.launch()?;
        let Some(running) = &self.running else {
            return Ok(());
        };
        let telling = |error| SessionError::file("write")(error);
        tell(Free::Ready {
            port: port(&running.ports).unwrap_or_default(),
        })
        .map_err(telling)?;
        let mut from = running.ready;
        let mut waiting_since = Instant::now();
        loop {
            let ended = running.target.wait_exited(every);
            let over = self.cancel.is_set()
                || until.is_some_and(|until| Instant::now() >= until)
                || ended.is_some();
            let (loss, now) = self.watch.flush(DRAIN)?;
            if ended.is_some() {
                self.watch
                    .with(|tracer| tracer.process_ended(running.process, now));
            }
            let busy = self
                .watch
                .with(|tracer| tracer.unsettled(running.process, from))
                > 0;
            if !busy || over || waiting_since.elapsed() > PATIENCE {
                let loss = since(&mut self.lost, loss);
                let seen = self.watch.with(|tracer| tracer.observe(from, now, loss));
                if !seen.calls.is_empty() || seen.loss.total() > 0 {
                    tell(Free::Seen(&seen)).map_err(telling)?;
                }
                from = Timestamp(now.0 + 1);
                waiting_since = Instant::now();
            }
            if over {
                return self.stop();
            }
        }
    }

    /// Runs one test to its end.
    ///
    /// # Errors
    /// It could not be run. The program does not run any more then.
    pub fn run(&mut self, test: &Test) -> Result<Ran, SessionError> {
        let outcome = self.run_test(test);
        if outcome.is_err() || self.spec.program.restart {
            // After an error there is nothing to add to it.
            let stopped = self.stop();
            if outcome.is_ok() {
                stopped?;
            }
        }
        outcome
    }

    /// Ends the program, takes the probes off and completes the recording.
    ///
    /// # Errors
    /// One of these is not possible; the others are done all the same.
    pub fn end(mut self) -> Result<(), SessionError> {
        let stopped = self.stop();
        let detached = self.kernel.detach().map(|_| ());
        let Self {
            watch, recorder, ..
        } = self;
        drop(watch);
        let recorded = match recorder.and_then(Arc::into_inner) {
            Some(writer) => writer
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner)
                .finish(),
            None => Ok(()),
        };
        stopped?;
        detached?;
        recorded?;
        Ok(())
    }

    fn run_test(&mut self, test: &Test) -> Result<Ran, SessionError> {
        let begun = Instant::now();
        self.stubs.reset(&test.stubs)?;
        let fresh = self.running.is_none();
        if fresh {
            self.begin_process()?;
        }
        self.record(|writer| {
            writer.begin_test(&TestBegin {
                name: test.name.value.clone(),
                fresh_process: fresh,
            })
        })?;
        if fresh {
            self.launch()?;
        }
        let Some(running) = &self.running else {
            return Err(SessionError::Cancelled);
        };
        let deadline = begun + test.within;
        let (from, driven) = if test.requests.is_empty() {
            (running.launched, Driven::default())
        } else {
            let from = clock::now();
            (from, self.drive(running, test, deadline)?)
        };
        let mut timed_out = driven.interrupted == Some(Interruption::Deadline);
        if test.requests.is_empty() && !listens(self.spec) {
            timed_out |= !self.wait_for_end(running, deadline)?;
        } else {
            self.settle(
                running,
                from,
                test.settle
                    .min(deadline.saturating_duration_since(Instant::now())),
            );
        }
        if self.cancel.is_set() {
            return Err(SessionError::Cancelled);
        }
        let ended = running.target.exited();
        let died = ended.filter(|ended| listens(self.spec) || *ended != Ended::Exited(0));
        let died = died.map(|ended| died_text(ended, &running.target));
        if ended.is_some() {
            self.watch.flush(DRAIN)?;
            let now = clock::now();
            self.watch
                .with(|tracer| tracer.process_ended(running.process, now));
            self.record(|writer| writer.process_ended(running.process, now))?;
        }
        let (loss, now) = self.watch.flush(DRAIN)?;
        let to = if test.requests.is_empty() && ended.is_none() {
            running.ready
        } else {
            now
        };
        let loss = since(&mut self.lost, loss);
        let observation = self
            .watch
            .with(|tracer| tracer.observe(from, to, loss.clone()));
        let requests = match_requests(&observation, &driven.exchanges);
        let evidence = Evidence {
            requests: requests
                .into_iter()
                .map(|found| found.map_err(|why| why.to_string()))
                .collect(),
            observation,
            exchanges: driven.exchanges,
            stubs: self.stubs.uses(),
            timed_out,
        };
        let substitutions = self.substitutions(running);
        self.record_end(&evidence, &substitutions, (from, to), loss)?;
        Ok(Ran {
            evidence,
            died,
            substitutions,
        })
    }

    /// Gives the next process a tracer of its own, with nothing left of the one before.
    fn begin_process(&mut self) -> Result<(), SessionError> {
        self.lost = self.watch.flush(DRAIN)?.0;
        let copy = self.recorder.clone().map(|writer| -> Copy {
            Box::new(move |record| {
                let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
                // A record that can't be written makes the whole recording fail at its end.
                let _ = writer.record(record);
            })
        });
        self.watch
            .renew(tracer(&self.prepared, self.costs.clone()), copy);
        Ok(())
    }

    fn launch(&mut self) -> Result<(), SessionError> {
        let folder = TemporaryFolder::create()
            .map_err(SessionError::file("make the program's temporary folder"))?;
        let mut ports = Ports::reserve(port_names(self.spec))?;
        let mut request = LaunchRequest::new(
            self.prepared.path.clone(),
            self.prepared.folder.clone(),
            self.standing.user.clone(),
        );
        let program = &self.spec.program;
        {
            let filling = Filling {
                ports: Some(ports.numbers()),
                stubs: Some(self.stubs.urls()),
                folder: Some(folder.path()),
                number: None,
            };
            request.args = program
                .args
                .iter()
                .map(|argument| filling.fill(&argument.value).map(OsString::from))
                .collect::<Result<_, _>>()?;
            let declared = program
                .env
                .iter()
                .map(|(name, value)| {
                    Ok((
                        OsString::from(name),
                        OsString::from(filling.fill(&value.value)?),
                    ))
                })
                .collect::<Result<Vec<_>, SessionError>>()?;
            request.env = environment(&folder, declared);
        }
        let mut target = Target::launch(request)?;
        let process = ProcessId(target.pid());
        let launched = clock::now();
        ports.release();
        target.release()?;
        if let Some(port) = port(&ports) {
            target.wait_ready(
                &program.ready.probe,
                port,
                program.ready.within,
                &self.cancel.flag(),
            )?;
        }
        let ready = clock::now();
        self.self_check(process, &target)?;
        self.running = Some(Running {
            target,
            ports,
            process,
            launched,
            ready,
            folder,
        });
        Ok(())
    }

    /// The main goroutine was seen, through the same pipeline as everything else, to be what it must be.
    fn self_check(&self, process: ProcessId, target: &Target) -> Result<(), SessionError> {
        let begin = Instant::now();
        let main = loop {
            self.watch.flush(DRAIN)?;
            let main = self.watch.with(|tracer| tracer.main_entered());
            if main.is_some() || begin.elapsed() > START || self.cancel.is_set() {
                break main;
            }
            target.wait_exited(PAUSE);
        };
        match main {
            None if self.cancel.is_set() => Err(SessionError::Cancelled),
            None => Err(SessionError::SelfCheck(SelfCheck::NotSeen)),
            Some(main) if main.process != process => {
                Err(SessionError::SelfCheck(SelfCheck::Process {
                    launched: process,
                    seen: main.process,
                }))
            }
            Some(main) if main.goid != Goid(1) => {
                Err(SessionError::SelfCheck(SelfCheck::Goroutine(main.goid)))
            }
            Some(_) => Ok(()),
        }
    }

    fn drive(
        &self,
        running: &Running,
        test: &Test,
        deadline: Instant,
    ) -> Result<Driven, SessionError> {
        let cancel = self.cancel.flag();
        let port = port(&running.ports).unwrap_or_default();
        let context = Context {
            address: ([127, 0, 0, 1], port).into(),
            filling: Filling {
                ports: Some(running.ports.numbers()),
                stubs: Some(self.stubs.urls()),
                folder: Some(running.folder.path()),
                number: None,
            },
            deadline: Some(deadline),
            cancel: &cancel,
        };
        Ok(Http.run(&test.requests, &context)?)
    }

    /// Waits for the requests and their goroutines to end.
    fn settle(&self, running: &Running, from: Timestamp, within: Duration) {
        let begin = Instant::now();
        while begin.elapsed() < within && !self.cancel.is_set() && running.target.exited().is_none()
        {
            // Not flushed: what is in the ring is looked at a moment later.
            let busy = self
                .watch
                .with(|tracer| tracer.unsettled(running.process, from));
            if busy == 0 {
                return;
            }
            running.target.wait_exited(PAUSE);
        }
    }

    /// Waits for a program that serves nothing; false if it does not end in time.
    fn wait_for_end(&self, running: &Running, deadline: Instant) -> Result<bool, SessionError> {
        loop {
            if self.cancel.is_set() {
                return Err(SessionError::Cancelled);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if running
                .target
                .wait_exited(left.min(Duration::from_millis(50)))
                .is_some()
            {
                return Ok(true);
            }
            if left.is_zero() {
                return Ok(false);
            }
        }
    }

    fn stop(&mut self) -> Result<(), SessionError> {
        if let Some(mut running) = self.running.take() {
            running.target.stop()?;
        }
        Ok(())
    }

    fn substitutions(&self, running: &Running) -> Vec<(String, String)> {
        let ports = running.ports.numbers().iter().map(|(name, number)| {
            let placeholder = if name.is_empty() {
                "${port}".to_owned()
            } else {
                format!("${{port.{name}}}")
            };
            (number.to_string(), placeholder)
        });
        let stubs = self
            .stubs
            .urls()
            .iter()
            .map(|(name, url)| (url.clone(), format!("${{stub.{name}}}")));
        let folder = (
            running.folder.path().display().to_string(),
            "${dir}".to_owned(),
        );
        ports.chain(stubs).chain([folder]).collect()
    }

    fn record(
        &self,
        write: impl FnOnce(&mut Writer) -> Result<(), crate::recording::RecordingError>,
    ) -> Result<(), SessionError> {
        if let Some(recorder) = &self.recorder {
            let mut writer = recorder.lock().unwrap_or_else(PoisonError::into_inner);
            write(&mut writer)?;
        }
        Ok(())
    }

    fn record_end(
        &self,
        evidence: &Evidence,
        substitutions: &[(String, String)],
        window: (Timestamp, Timestamp),
        loss: Loss,
    ) -> Result<(), SessionError> {
        self.record(|writer| {
            writer.end_test(&TestEnd {
                window,
                loss,
                exchanges: evidence.exchanges.clone(),
                stubs: evidence.stubs.clone(),
                timed_out: evidence.timed_out,
                start_functions: start_functions(&self.prepared, &evidence.observation),
                substitutions: substitutions.to_vec(),
            })
        })
    }
}

/// The names of the functions that goroutines started with, by address.
fn start_functions(prepared: &Prepared, observation: &Observation) -> BTreeMap<Address, String> {
    let names = observation
        .goroutines
        .iter()
        .filter_map(|goroutine| goroutine.function.as_deref());
    let names: BTreeSet<&str> = names.collect();
    let functions = prepared.binary.functions().iter();
    functions
        .map(|function| (function.start, names::canonical(&function.name)))
        .filter(|(_, name)| names.contains(name.as_ref()))
        .map(|(start, name)| (start, name.into_owned()))
        .collect()
}

fn tracer(prepared: &Prepared, costs: Vec<Nanoseconds>) -> Tracer {
    Tracer::new(Arc::clone(&prepared.plan), prepared.names(), costs)
}

/// What a hit costs at each of the plan's sites, which the instruction there decides.
fn hit_costs(prepared: &Prepared, costs: HitCost) -> Result<Vec<Nanoseconds>, SessionError> {
    let sites = prepared.plan.sites.iter();
    sites
        .map(|site| {
            let function = prepared.binary.function_at(site.address);
            let end = function.map_or(Address(site.address.0 + 1), |function| function.end);
            let code = prepared.binary.code(site.address..end)?;
            Ok(costs.of(stepping(code)))
        })
        .collect()
}

fn header(spec: &Spec, prepared: &Prepared, costs: Vec<Nanoseconds>) -> Header {
    let name = spec.source.path.file_name().unwrap_or_default();
    let text = SpecText {
        name: name.to_string_lossy().into_owned(),
        text: spec.source.text.to_string(),
    };
    Header::new((*prepared.plan).clone(), costs, Some(text))
}

/// What was lost between two accounts; the first becomes the second.
fn since(before: &mut Loss, now: Loss) -> Loss {
    let lost_before = |site| {
        before
            .sites
            .iter()
            .find(|one| one.site == site)
            .map_or(0, |one| one.lost)
    };
    let sites = now
        .sites
        .iter()
        .map(|one| SiteLoss {
            lost: one.lost.saturating_sub(lost_before(one.site)),
            ..*one
        })
        .filter(|one| one.lost > 0)
        .collect();
    *before = now;
    Loss { sites }
}

/// The names of all ports that the program's arguments and environment ask for.
fn port_names(spec: &Spec) -> Vec<String> {
    let program = &spec.program;
    let environment = program.env.iter().map(|(_, value)| value);
    let parts = program
        .args
        .iter()
        .chain(environment)
        .flat_map(|template| &template.value.parts);
    parts
        .filter_map(|part| match part {
            TemplatePart::Port(name) => Some(name.clone()),
            _ => None,
        })
        .collect()
}

/// Whether the program serves: it is told a port. One that is not is a command, run to its end.
fn listens(spec: &Spec) -> bool {
    !port_names(spec).is_empty()
}

/// The port that requests go to: `${port}`, or the only one there is.
fn port(ports: &Ports) -> Option<u16> {
    ports
        .number("")
        .or_else(|| ports.numbers().values().next().copied())
}

fn died_text(ended: Ended, target: &Target) -> String {
    let lines = target.output().last_lines(LINES);
    if lines.is_empty() {
        format!("the program {ended} during the test; it wrote nothing")
    } else {
        format!(
            "the program {ended} during the test; it wrote:\n  {}",
            lines.join("\n  ")
        )
    }
}
