//! Work after work on one program: its start, the work, its end, and the evidence of it. Where records and processes come from
//! it does not know.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use judge::expect::Evidence;
use kernel::clock;
use model::{Answer, End, Ending, Exchange, Loss, Nanoseconds, Output, Races, Timestamp};
use spec::document::Execution;
use trace::{Room, Tracer, redact::Patterns, source::RecordSource};

use super::{
    Cancel, Prepared, SessionError, TestRun, Timings, Work, Workload,
    before::Before,
    drain::{DRAIN, Drain, Flushed},
    follower::{Follower, Pace, TraceEvent},
    outcome::evidence,
    panics,
    probes::tracer,
    process::{self, Process, Start},
    races,
    recorder::{RecordTo, Recorder},
    self_check::self_check,
    work::{Done, Means},
};
use crate::drive::{Carry, Stubs};

/// How long what is run before a program may take that is watched freely.
const SETUP: Duration = Duration::from_secs(60);

/// How long after a broken connection the program's end may be noticed.
const DYING: Duration = Duration::from_millis(300);

/// Launches the program, which finds these stubs.
type Launch<'s> = Box<dyn Fn(&Prepared, &Stubs, &Start<'_>) -> Result<Process, SessionError> + 's>;

/// Runs one work after the other.
pub(super) struct WorkRunner<'s> {
    cancel: &'s Cancel,
    launch: Launch<'s>,
    /// How much is kept of a test's process; without it, all that it needs.
    pub(super) room: Option<Room>,
    prepared: Prepared,
    stubs: Stubs,
    running: Option<Process>,
    /// Why the program can't be started, whenever that is tried.
    unstartable: Option<String>,
    /// What was lost in the running process and still matters to tests that come.
    carried: Loss,
    recorder: Recorder,
    /// What must not be seen of texts.
    patterns: Arc<Patterns>,
    /// What a hit costs, by site.
    costs: Vec<Nanoseconds>,
    /// How long what was done so far took.
    pub(super) timings: Timings,
    drain: Drain,
}

/// A test that was run, and what its recording ends with.
struct Finished {
    ran: TestRun,
    window: (Timestamp, Timestamp),
    loss: Loss,
}

impl<'s> WorkRunner<'s> {
    /// Serves the stubs and begins to take in records.
    pub(super) fn begin<S>(
        prepared: Prepared,
        launch: Launch<'s>,
        records: S,
        costs: Vec<Nanoseconds>,
        cancel: &'s Cancel,
        record: Option<&RecordTo>,
    ) -> Result<Self, SessionError>
    where
        S: RecordSource + Send + 'static,
    {
        let stubs = Stubs::start(&prepared.watch.stubs)?;
        let patterns = prepared.watch.patterns()?;
        let recorder = Recorder::begin(record, &patterns, &prepared, &costs)?;
        let tracer = tracer(&prepared, prepared.names(), costs.clone());
        Ok(Self {
            cancel,
            launch,
            room: None,
            timings: prepared.timings,
            prepared,
            stubs,
            running: None,
            unstartable: None,
            carried: Loss::default(),
            recorder,
            costs,
            drain: Drain::begin(records, tracer, Arc::clone(&patterns)),
            patterns,
        })
    }

    /// What is watched.
    pub(super) const fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// Starts the program and reports what it does, at that `pace`, until that moment or a signal. A request's
    /// calls are reported when it and its goroutines have ended. What takes longer than its patience is reported as running,
    /// and each such call once more when it has ended.
    ///
    /// # Errors
    /// It could not be run, or `report` fails.
    pub(super) fn watch_freely(
        &mut self,
        pace: Pace,
        until: Option<Instant>,
        report: &mut dyn FnMut(TraceEvent<'_>) -> io::Result<()>,
    ) -> Result<(), SessionError> {
        self.stubs.reset(&[])?;
        self.begin_process(Some(Room::default()))?;
        let program = self.try_launch(&Start {
            execution: Execution::plain(),
            deadline: Instant::now() + SETUP,
        })?;
        let failed = SessionError::file("write");
        let port = program.port().unwrap_or_default();
        let reported = report(TraceEvent::Ready { port }).and_then(|()| {
            let follower = Follower {
                drain: &self.drain,
                cancel: self.cancel,
                process: program.id,
                from: program.ready,
                wait_ended: &|within| program.target.wait_exited(within).is_some(),
            };
            follower.follow(pace, until, report)
        });
        self.running = Some(program);
        self.stop()?;
        reported.map_err(failed)?
    }

    /// Runs one test to its end.
    ///
    /// # Errors
    /// It could not be run. The program does not run any more then.
    pub(super) fn run(&mut self, work: &Work<'_>) -> Result<TestRun, SessionError> {
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

    /// Completes the recording.
    pub(super) fn end(self) -> Result<(), SessionError> {
        // Its thread holds the recording's other end.
        drop(self.drain);
        self.recorder.end()
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
            None => self.launch(work, deadline)?,
        };
        let outcome = self.work(work, &program, deadline);
        self.running = Some(program);
        outcome
    }

    /// Has no more kept of a test than it needs, which begins at `from`.
    fn keep(&self, work: &Work<'_>, from: Timestamp) {
        self.drain.with(|tracer| tracer.keep(work.keep, from));
    }

    /// Begins a work of a program that has started; gives when.
    fn begin_later(&mut self, work: &Work<'_>) -> Result<Timestamp, SessionError> {
        // What was lost before can't have been of the work.
        let before = self.drain.flush_once(DRAIN)?.loss;
        self.with_carried(before);
        let from = clock::now();
        self.keep(work, from);
        if self.room.is_some() {
            // What came before is not shown, and takes no room.
            self.drain.with(|tracer| {
                tracer.forget_before(from);
                tracer.take_dropped();
            });
        }
        Ok(from)
    }

    /// Has a running program do a test's work, and gives what was seen.
    fn work(
        &mut self,
        work: &Work<'_>,
        program: &Process,
        deadline: Instant,
    ) -> Result<Finished, SessionError> {
        let carry = Carry::new(work.cookies);
        Before {
            drain: &self.drain,
            stubs: &self.stubs,
            patterns: &self.patterns,
            cancel: self.cancel,
            deadline,
        }
        .send(work, program, &carry)?;
        let (written, from) = match work.workload.has_start() {
            true => (0, program.launched),
            false => {
                program.target.begin_texts();
                (program.target.written(), self.begin_later(work)?)
            }
        };
        let begun = Instant::now();
        let done = work.perform(&Means {
            program,
            drain: &self.drain,
            carry: &carry,
            stubs: &self.stubs,
            cancel: self.cancel,
            ready_within: self.prepared.watch.program.ready.within,
            from,
            deadline,
        })?;
        self.note_work(work, &done, begun.elapsed());
        let Done {
            mut driven,
            mut completion,
            timed_out,
            to,
            signalled,
        } = done;
        if self.cancel.is_set() {
            return Err(SessionError::Cancelled);
        }
        let signalled = signalled.map(|_| completion.after);
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
        let to = to.filter(|_| !ended).unwrap_or(now);
        for exchange in &mut driven.exchanges {
            self.patterns.clean_exchange(exchange);
        }
        let mut stubs = self.stubs.uses();
        for stub in &mut stubs {
            self.patterns.clean_stub_use(stub);
        }
        let mut carried = carry.carried();
        self.patterns.clean_carried(&mut carried);
        let loss = self.with_carried(loss);
        let observation = self
            .drain
            .with(|tracer| tracer.observe(from, to, loss.clone()));
        let races = self.prepared.detects_races();
        let races = races.then(|| program.races(Some(from), &self.patterns));
        let ran = TestRun {
            name: work.name.to_owned(),
            output: program.last_lines(written, &self.patterns),
            setting_uses: program.setting_uses(written, &self.patterns),
            panics: panics::values(&observation, &program.target.panics(), &self.patterns),
            died: match work.expects_end || work.execution.judges_end() {
                true => None,
                false => races::died(program, races.as_ref(), &self.patterns),
            },
            evidence: Evidence {
                completion: Some(completion),
                output: work.execution.judges_output().then(|| self.texts(program)),
                ending: work.execution.judges_end().then(|| Ending {
                    exit: program.exit(races.as_ref()),
                    signalled,
                }),
                races,
                carried,
                ..evidence(observation, driven.exchanges, stubs, timed_out)
            },
            substitutions: [
                program.substitutions(&self.stubs),
                substitutions(&carry, &self.patterns),
            ]
            .concat(),
            dropped: self.drain.with(Tracer::take_dropped),
        };
        Ok(Finished {
            ran,
            window: (from, to),
            loss,
        })
    }

    /// Notes how long a work took, and the wait for what it had begun.
    fn note_work(&mut self, work: &Work<'_>, done: &Done, took: Duration) {
        let settled = match work.workload {
            Workload::Requests(_) => Duration::from_nanos(done.completion.after.0),
            Workload::Start | Workload::Command => Duration::ZERO,
        };
        self.timings.work += took.saturating_sub(settled);
        self.timings.settle += settled;
    }

    /// What the program wrote to each of its streams, without what must not be seen.
    fn texts(&self, program: &Process) -> Output {
        let mut output = program.target.texts();
        for text in [&mut output.stdout, &mut output.stderr] {
            self.patterns.clean_bytes(&mut text.bytes, text.truncated);
        }
        output
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

    /// Starts the program. One that did not get so far is not started again for a work that it would find the same
    /// stubs in.
    fn launch(&mut self, work: &Work<'_>, deadline: Instant) -> Result<Process, SessionError> {
        let is_as_ever = work.stubs.is_empty() && work.execution.starts_as_ever();
        if is_as_ever && let Some(cause) = &self.unstartable {
            return Err(SessionError::NotStartedAgain(cause.clone()));
        }
        let begun = Instant::now();
        let launched = self.try_launch(&Start {
            execution: work.execution,
            deadline,
        });
        self.timings.start += begun.elapsed();
        if let Err(error) = &launched
            && is_as_ever
        {
            self.unstartable = error.lasting_cause();
        }
        launched
    }

    fn try_launch(&self, start: &Start<'_>) -> Result<Process, SessionError> {
        let launch = || {
            let program = (self.launch)(&self.prepared, &self.stubs, start)?;
            let release = self.prepared.binary.release().as_str();
            self_check(&self.drain, &program, release, self.cancel)?;
            Ok(program)
        };
        launch().map_err(|error| self.redacted(error))
    }

    /// An error without what must not be seen of the program's output.
    fn redacted(&self, error: SessionError) -> SessionError {
        match error {
            SessionError::Target(error) => SessionError::Target(
                error.with_output(|line| process::cleaned_line(line, &self.patterns)),
            ),
            SessionError::Setup(error) => SessionError::Setup(Box::new(
                error.cleaned(|line| process::cleaned_line(line, &self.patterns)),
            )),
            other => other,
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

    /// Ends the program, if it runs, so that the next work finds a fresh process. Gives what the race detector reported since the
    /// last test.
    pub(super) fn end_process(&mut self) -> Result<Races, SessionError> {
        self.drain.stop_copying();
        Ok(self.stop()?.unwrap_or_default())
    }

    /// Ends the program, if it runs. Gives what the race detector reported since the last test.
    pub(super) fn stop(&mut self) -> Result<Option<Races>, SessionError> {
        let Some(mut program) = self.running.take() else {
            return Ok(None);
        };
        let begun = Instant::now();
        program.target.stop()?;
        self.timings.stop += begun.elapsed();
        let races = self.prepared.detects_races();
        Ok(races.then(|| program.races(None, &self.patterns)))
    }
}

/// How long a saved value must be to be written back: shorter ones may be anything.
const LEAST_SAVED: usize = 4;

/// Saved values, and the placeholders that stand for them; none that must not be seen.
fn substitutions(carry: &Carry, patterns: &Patterns) -> Vec<(String, String)> {
    let values = carry.values().into_iter();
    values
        .filter(|(_, value)| value.len() >= LEAST_SAVED && patterns.may_be_seen(value))
        .map(|(name, value)| (value, format!("${{{name}}}")))
        .collect()
}

#[cfg(test)]
mod tests;
