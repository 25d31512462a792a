//! A spec's session with the live kernel: probes are set once, then each test has its turn.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use judge::expect::Evidence;
use kernel::{HitCost, Kernel, LoadOptions, Records, clock};
use model::{
    Answer, Completion, End, Exchange, Goid, Loss, Nanoseconds, Observation, Races, Running,
    Status, StubUse, Timestamp,
};
use trace::{FunctionNames, Room, Tracer, match_requests, redact::Patterns};

use super::{
    Cancel, Prepared, Progress, SelfCheck, SessionError, TestRun, Work, Workload,
    drain::{DRAIN, Drain, Flushed},
    follower::{Follower, TraceEvent},
    process::{self, Process},
    races,
    recorder::{RecordTo, Recorder},
};
use crate::{
    drive::{DriveResult, Interruption, Stubs},
    target::Identity,
};

/// The pause between two looks whether a test's goroutines have ended.
const PAUSE: Duration = Duration::from_millis(2);

/// How long the program may take to come to `runtime.main`: seconds on a busy or emulated machine.
const START: Duration = Duration::from_secs(20);

/// How long after a broken connection the program's end may be noticed.
const DYING: Duration = Duration::from_millis(300);

/// How a session is run.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// Bytes of the ring that records travel through.
    pub ring_bytes: u32,
    /// Where to write the session down, if anywhere.
    pub record: Option<RecordTo>,
}

/// A session whose probes are set.
pub struct Live<'s> {
    identity: &'s Identity,
    cancel: &'s Cancel,
    /// How much is kept of a test's process; without it, all that it needs.
    room: Option<Room>,
    prepared: Prepared,
    stubs: Stubs,
    running: Option<Process>,
    /// What was lost in the running process and still matters to tests that come.
    carried: Loss,
    recorder: Recorder,
    /// What must not be seen of texts.
    patterns: Arc<Patterns>,
    /// What a hit costs, by site.
    costs: Vec<Nanoseconds>,
    drain: Drain,
    // Last: the probes go when nothing reads their records any more.
    kernel: Kernel,
}

/// A test that was run, and what its recording ends with.
struct Finished {
    ran: TestRun,
    window: (Timestamp, Timestamp),
    loss: Loss,
}

impl<'s> Live<'s> {
    /// Loads the kernel program, measures what a hit costs, and sets the probes.
    ///
    /// # Errors
    /// No privilege, a kernel that can't do it, or a program that can't be probed; a stub can't be served.
    pub fn begin(
        prepared: Prepared,
        identity: &'s Identity,
        cancel: &'s Cancel,
        options: &LiveOptions,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, SessionError> {
        let watch = &prepared.watch;
        let stubs = Stubs::start(&watch.stubs)?;
        let load = LoadOptions {
            ring_bytes: options.ring_bytes,
        };
        let mut kernel = Kernel::load(&prepared.plan, &load)?;
        let costs = hit_costs(&prepared, kernel.calibrate()?)?;
        attach(&mut kernel, &prepared, progress)?;
        let records: Records = kernel.records()?;
        let patterns = watch.patterns()?;
        let recorder = Recorder::begin(options.record.as_ref(), &patterns, &prepared, &costs)?;
        let tracer = tracer(&prepared, prepared.names(), costs.clone());
        Ok(Self {
            identity,
            cancel,
            room: None,
            prepared,
            stubs,
            running: None,
            carried: Loss::default(),
            recorder,
            costs,
            drain: Drain::begin(records, tracer, Arc::clone(&patterns)),
            patterns,
            kernel,
        })
    }

    /// The same with no more kept of a test than there is room for. Its verdicts mean nothing then: it is shown, not judged.
    #[must_use]
    pub const fn within(mut self, room: Room) -> Self {
        self.room = Some(room);
        self
    }

    /// What is watched.
    #[must_use]
    pub const fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// Starts the program and tells what is seen of it, every so often, until that moment or a signal. A request's
    /// calls are told when it and its goroutines have ended. What takes longer than a second is told as running, and
    /// each such call once more when it has ended.
    ///
    /// # Errors
    /// It could not be run, or what was seen can't be told.
    pub(crate) fn watch_freely(
        &mut self,
        every: Duration,
        until: Option<Instant>,
        tell: &mut dyn FnMut(TraceEvent<'_>) -> io::Result<()>,
    ) -> Result<(), SessionError> {
        self.stubs.reset(&[])?;
        self.begin_process(Some(Room::default()))?;
        let program = self.launch()?;
        let failed = SessionError::file("write");
        let port = program.port().unwrap_or_default();
        let told = tell(TraceEvent::Ready { port }).and_then(|()| {
            let follower = Follower {
                drain: &self.drain,
                cancel: self.cancel,
                process: program.id,
                from: program.ready,
                wait_ended: &|within| program.target.wait_exited(within).is_some(),
            };
            follower.tell(every, until, tell)
        });
        self.running = Some(program);
        self.stop()?;
        told.map_err(failed)?
    }

    /// Runs one test to its end.
    ///
    /// # Errors
    /// It could not be run. The program does not run any more then.
    pub fn run(&mut self, work: &Work<'_>) -> Result<TestRun, SessionError> {
        let finished = self.run_work(work);
        let is_over = finished.is_err() || self.prepared.watch.program.restart;
        let stopped = if is_over {
            // What the program does while it ends belongs to no test, but for the races that it has then.
            self.drain.stop_copying();
            self.stop()
        } else {
            Ok(None)
        };
        // After an error there is nothing to add to it.
        let Finished {
            mut ran,
            window,
            loss,
        } = finished?;
        if let (Some(races), Ok(Some(late))) = (&mut ran.evidence.races, &stopped) {
            races.add(late.clone());
        }
        self.recorder
            .test_ended(&ran, &self.prepared, window, loss)?;
        stopped?;
        Ok(ran)
    }

    /// Ends the program, takes the probes off and completes the recording. Gives what the race detector reported after the
    /// last test.
    ///
    /// # Errors
    /// One of these is not possible; the others are done all the same.
    pub fn end(mut self) -> Result<Races, SessionError> {
        let stopped = self.stop();
        let detached = self.kernel.detach().map(|_| ());
        let Self {
            drain, recorder, ..
        } = self;
        // The thread holds the recording's other end.
        drop(drain);
        let recorded = recorder.end();
        let races = stopped?;
        detached?;
        recorded?;
        Ok(races.unwrap_or_default())
    }

    fn run_work(&mut self, work: &Work<'_>) -> Result<Finished, SessionError> {
        let deadline = Instant::now() + work.within;
        self.stubs.reset(work.stubs)?;
        let kept = self.running.take();
        let fresh = kept.is_none();
        if fresh {
            self.begin_process(self.room)?;
            if matches!(work.workload, Workload::Command) {
                self.keep(work, Timestamp(0));
            }
        }
        self.recorder.test_begins(work.name, fresh)?;
        let program = match kept {
            Some(program) => program,
            None => self.launch()?,
        };
        let outcome = self.work(work, &program, deadline);
        self.running = Some(program);
        outcome
    }

    /// Has no more kept of a test than it needs, which begins at `from`.
    fn keep(&self, work: &Work<'_>, from: Timestamp) {
        self.drain.with(|tracer| tracer.keep(work.keep, from));
    }

    /// Lets a program that runs do a test's work, and tells what was seen.
    fn work(
        &mut self,
        work: &Work<'_>,
        program: &Process,
        deadline: Instant,
    ) -> Result<Finished, SessionError> {
        let (from, mut driven) = if let Workload::Requests(requests) = work.workload {
            // What was lost before can't have been of the test's requests.
            let before = self.drain.flush_once(DRAIN)?.loss;
            self.with_carried(before);
            let from = clock::now();
            self.keep(work, from);
            if self.room.is_some() {
                // What came before the requests is not shown, and takes no room.
                self.drain.with(|tracer| {
                    tracer.forget_before(from);
                    tracer.take_dropped();
                });
            }
            (
                from,
                program.drive(requests, &self.stubs, deadline, &self.cancel.flag())?,
            )
        } else {
            (program.launched, DriveResult::default())
        };
        let mut timed_out = driven.interrupted == Some(Interruption::Deadline);
        let mut completion = match work.workload {
            Workload::Requests(_) => {
                let left = deadline.saturating_duration_since(Instant::now());
                let mut completion = self.settle(program, from, work.settle.min(left))?;
                if timed_out || (completion.end == End::SettlePassed && left < work.settle) {
                    completion.end = End::Deadline;
                    completion.limit = work.within.into();
                }
                completion
            }
            Workload::Start => Completion {
                end: End::Ready,
                after: program.ready.since(program.launched),
                limit: self.prepared.watch.program.ready.within.into(),
                running: Running::default(),
            },
            Workload::Command => {
                let ended = program.wait_for_end(deadline, self.cancel)?;
                timed_out |= !ended;
                Completion {
                    end: match ended {
                        true => End::ProcessEnded,
                        false => End::Deadline,
                    },
                    after: clock::now().since(program.launched),
                    limit: work.within.into(),
                    running: Running::default(),
                }
            }
        };
        if self.cancel.is_set() {
            return Err(SessionError::Cancelled);
        }
        // Connections break a moment before the process is known to have ended.
        let broken = |exchange: &Exchange| matches!(exchange.answer, Answer::Failed(_));
        let dying = driven.exchanges.iter().any(broken).then_some(DYING);
        let ended = program
            .target
            .wait_exited(dying.unwrap_or_default())
            .is_some();
        let Flushed { loss, now } = self.drain.flush_once(DRAIN)?;
        if ended {
            completion.end = End::ProcessEnded;
            self.drain
                .with(|tracer| tracer.process_ended(program.id, now));
            self.recorder.process_ended(program.id, now)?;
        }
        let is_start_alone = matches!(work.workload, Workload::Start) && !ended;
        let to = if is_start_alone { program.ready } else { now };
        for exchange in &mut driven.exchanges {
            self.patterns.clean_exchange(exchange);
        }
        let mut stubs = self.stubs.uses();
        for stub in &mut stubs {
            self.patterns.clean_stub_use(stub);
        }
        let loss = self.with_carried(loss);
        let observation = self
            .drain
            .with(|tracer| tracer.observe(from, to, loss.clone()));
        let races = self.prepared.detects_races();
        let races = races.then(|| program.races(Some(from), &self.patterns));
        let ran = TestRun {
            died: match work.expects_end {
                true => None,
                false => races::died(
                    &self.prepared.watch.program,
                    program,
                    races.as_ref(),
                    &self.patterns,
                ),
            },
            evidence: Evidence {
                completion: Some(completion),
                races,
                ..evidence(observation, driven.exchanges, stubs, timed_out)
            },
            substitutions: program.substitutions(&self.stubs),
            dropped: self.drain.with(Tracer::take_dropped),
        };
        Ok(Finished {
            ran,
            window: (from, to),
            loss,
        })
    }

    /// Gives the next process a tracer of its own, with nothing left of the one before, and no more room than that if it is
    /// looked at while it goes on.
    fn begin_process(&mut self, room: Option<Room>) -> Result<(), SessionError> {
        self.drain.flush_once(DRAIN)?;
        self.carried = Loss::default();
        let mut tracer = tracer(&self.prepared, self.prepared.names(), self.costs.clone());
        if let Some(room) = room {
            tracer = tracer.within(room);
        }
        self.drain.renew(tracer, self.recorder.copy());
        Ok(())
    }

    fn launch(&self) -> Result<Process, SessionError> {
        let program = Process::launch(&self.prepared, self.identity, &self.stubs, self.cancel)
            .map_err(|error| self.redacted(error))?;
        self.self_check(&program)
            .map_err(|error| self.redacted(error))?;
        Ok(program)
    }

    /// An error without what must not be seen of the program's output.
    fn redacted(&self, error: SessionError) -> SessionError {
        match error {
            SessionError::Target(error) => SessionError::Target(
                error.with_output(|line| process::cleaned_line(line, &self.patterns)),
            ),
            other => other,
        }
    }

    /// The main goroutine was seen, through the same pipeline as everything else, to be what it must be.
    fn self_check(&self, program: &Process) -> Result<(), SessionError> {
        let begin = Instant::now();
        let mut ended = None;
        let main = loop {
            self.drain.catch_up(DRAIN)?;
            let main = self.drain.with(|tracer| tracer.main_entered());
            let is_over = ended.is_some() || begin.elapsed() > START;
            if main.is_some() || is_over || self.cancel.is_set() {
                break main;
            }
            ended = program.target.wait_exited(PAUSE);
        };
        match main {
            None if self.cancel.is_set() => Err(SessionError::Cancelled),
            None if let Some(ended) = ended => Err(program.ended_at_start(ended).into()),
            None => Err(SessionError::SelfCheck(SelfCheck::NotSeen)),
            Some(main) if main.process != program.id => {
                Err(SessionError::SelfCheck(SelfCheck::Process {
                    launched: program.id,
                    seen: main.process,
                }))
            }
            Some(main) if main.goid != Goid(1) => {
                Err(SessionError::SelfCheck(SelfCheck::Goroutine(main.goid)))
            }
            Some(main) => self.check_version(main.version),
        }
    }

    /// The string that every program has was read as the build information says it is.
    fn check_version(&self, read: Option<Result<String, Status>>) -> Result<(), SessionError> {
        let want = self.prepared.binary.release().as_str();
        let seen = match read {
            None => return Ok(()),
            Some(Ok(text)) if text.trim() == want => return Ok(()),
            Some(Ok(text)) => text,
            Some(Err(status)) => format!("{status:?}"),
        };
        Err(SessionError::SelfCheck(SelfCheck::KnownString {
            want: want.to_owned(),
            seen,
        }))
    }

    /// Waits for the requests and their goroutines to end.
    fn settle(
        &self,
        program: &Process,
        from: Timestamp,
        within: Duration,
    ) -> Result<Completion, SessionError> {
        let begin = Instant::now();
        loop {
            // First: a goroutine that was just created may still be in the ring.
            self.drain.catch_up(DRAIN)?;
            let busy = self.drain.with(|tracer| tracer.unsettled(program.id, from));
            let after = begin.elapsed();
            let end = if busy == 0 {
                Some(End::Settled)
            } else if program.target.exited().is_some() {
                Some(End::ProcessEnded)
            } else {
                (after >= within || self.cancel.is_set()).then_some(End::SettlePassed)
            };
            if let Some(end) = end {
                return Ok(Completion {
                    end,
                    after: after.into(),
                    limit: within.into(),
                    running: self.drain.with(|tracer| tracer.running(program.id, from)),
                });
            }
            program.target.wait_exited(PAUSE);
        }
    }

    /// A loss with what was lost earlier in the same process and still matters: a lost return leaves a call open, and
    /// where a function begins with a loop, its next call by the same goroutine is then taken for a turn of it.
    fn with_carried(&mut self, mut loss: Loss) -> Loss {
        let carried = std::mem::take(&mut self.carried);
        carried.sites.into_iter().for_each(|lost| loss.add(lost));
        let sites = loss.sites.iter();
        let sites = sites.filter(|lost| self.prepared.begins_with_a_loop(lost));
        self.carried.sites = sites.cloned().collect();
        loss
    }

    /// Ends the program, if it runs. Gives what the race detector reported since the last test.
    fn stop(&mut self) -> Result<Option<Races>, SessionError> {
        let Some(mut program) = self.running.take() else {
            return Ok(None);
        };
        program.target.stop()?;
        let races = self.prepared.detects_races();
        Ok(races.then(|| program.races(None, &self.patterns)))
    }
}

/// What a test is judged on.
pub(super) fn evidence(
    observation: Observation,
    exchanges: Vec<Exchange>,
    stubs: Vec<StubUse>,
    timed_out: bool,
) -> Evidence {
    let requests = match_requests(&observation, &exchanges);
    let requests = requests
        .into_iter()
        .map(|found| found.map_err(|why| why.to_string()));
    Evidence {
        requests: requests.collect(),
        observation,
        exchanges,
        stubs,
        timed_out,
        completion: None,
        races: None,
    }
}

pub(super) fn tracer(prepared: &Prepared, names: FunctionNames, costs: Vec<Nanoseconds>) -> Tracer {
    Tracer::new(Arc::clone(&prepared.plan), names, costs).with_edges()
}

/// Sets the probes. Where the kernel takes them off one by one, a wait that a person would wonder about is said beforehand.
pub(super) fn attach(
    kernel: &mut Kernel,
    prepared: &Prepared,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), SessionError> {
    const WORTH_SAYING: Duration = Duration::from_secs(1);
    progress(Progress::Attaching(prepared.plan.sites.len()));
    let report = kernel.attach(&prepared.path)?;
    if let Some(wait) = report.detach_estimate.filter(|&wait| wait >= WORTH_SAYING) {
        progress(Progress::Warning(format!(
            "this kernel takes probes off one by one: removing {} at the end takes about {:.0} s",
            report.sites,
            wait.as_secs_f64().ceil()
        )));
    }
    Ok(())
}

/// What a hit costs at each of the plan's sites, which the instruction there decides.
pub(super) fn hit_costs(
    prepared: &Prepared,
    costs: HitCost,
) -> Result<Vec<Nanoseconds>, SessionError> {
    let sites = prepared.plan.sites.iter();
    sites
        .map(|site| {
            let stepping = prepared.stepping(site);
            let stepping = stepping.map_err(|error| SessionError::Binary {
                path: prepared.path.clone(),
                error,
            })?;
            Ok(costs.of(stepping))
        })
        .collect()
}
