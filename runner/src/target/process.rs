//! The target as goproctor sees it: launched up to its gate, released, made sure to be ready, stopped.

use std::{
    ffi::OsString,
    io::{self, Write},
    net::Shutdown,
    os::{fd::OwnedFd, unix::net::UnixStream},
    path::{self, Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use keeper::second_process::SUPERVISE;
use nix::sys::signal::Signal;
use spec::document::ReadyProbe;

use super::{
    error::{StartFailure, TargetError},
    line::LINES_SHOWN,
    news::{News, State},
    output::{Capture, Output},
    panics::PanicReport,
    privilege::TargetUser,
    protocol::{Ended, Launch, Order},
    races::RaceReports,
    ready::Readiness,
    stream::Echo,
};
use crate::tls::TlsClient;

/// How long the supervisor may take for what should be immediate: to start, to fork, to exec.
const PROMPT: Duration = Duration::from_secs(10);

/// How long after the grace the supervisor may take to see everything gone (its own bound and some more).
const SWEEP: Duration = Duration::from_secs(12);

/// How long output that was written may take to be read.
const READING: Duration = Duration::from_millis(200);

/// How long texts that are judged may take to be read.
const TEXTS: Duration = Duration::from_secs(2);

/// How long a report that the race detector has begun may take to be whole.
const RACES: Duration = Duration::from_secs(1);

/// The pause between two tries whether the target is ready.
const PAUSE: Duration = Duration::from_millis(5);

/// What to launch, and how.
pub struct LaunchRequest {
    /// The program's file; a relative path starts from our working folder, not from the program's.
    pub binary: PathBuf,
    /// Its arguments, without its name.
    pub args: Vec<OsString>,
    /// Its whole environment; nothing of ours is added.
    pub env: Vec<(OsString, OsString)>,
    /// Its working folder.
    pub folder: PathBuf,
    /// What it reads from its standard input; nothing, if there is none.
    pub stdin: Option<String>,
    /// The user that it runs as: that of [`settle`](super::settle), which goproctor itself already is.
    pub user: TargetUser,
    /// How long after TERM it is killed. Default 5 s.
    pub grace: Duration,
    /// Gets the output while it is written.
    pub echo: Option<Echo>,
    /// The program that is goproctor's supervisor when its first argument is [`SUPERVISE`]. Default: the
    /// running program's own file, which needs no path that the user may search.
    pub supervisor: PathBuf,
}

impl LaunchRequest {
    /// With all defaults, no arguments and an empty environment.
    pub fn new(binary: impl Into<PathBuf>, folder: impl Into<PathBuf>, user: TargetUser) -> Self {
        Self {
            binary: binary.into(),
            args: Vec::new(),
            env: Vec::new(),
            folder: folder.into(),
            stdin: None,
            user,
            grace: Duration::from_secs(5),
            echo: None,
            supervisor: PathBuf::from("/proc/self/exe"),
        }
    }
}

/// A launched target. Dropping it stops it.
#[derive(Debug)]
pub struct Target {
    binary: PathBuf,
    pid: u32,
    grace: Duration,
    supervisor: Child,
    control: UnixStream,
    news: Arc<News>,
    listener: Option<JoinHandle<()>>,
    capture: Capture,
}

impl Target {
    /// Starts the supervisor, and the target up to its gate: its process exists, its program does not run yet.
    ///
    /// # Errors
    /// [`TargetError::Supervisor`], [`TargetError::SupervisorLost`] and [`TargetError::Refused`]; nothing is
    /// left running then.
    pub fn launch(request: LaunchRequest) -> Result<Self, TargetError> {
        let failed = |error| TargetError::Supervisor {
            program: request.supervisor.clone(),
            error,
        };
        let binary = path::absolute(&request.binary).map_err(failed)?;
        let (control, theirs) = UnixStream::pair().map_err(failed)?;
        let (stdout, stdout_writer) = io::pipe().map_err(failed)?;
        let (stderr, stderr_writer) = io::pipe().map_err(failed)?;
        let ear = control.try_clone().map_err(failed)?;
        let capture = Capture::start(stdout, stderr, request.echo).map_err(failed)?;
        let news = Arc::new(News::default());
        let listener = thread::Builder::new()
            .name("target's supervisor".into())
            .spawn({
                let news = Arc::clone(&news);
                move || news.listen(ear)
            })
            .map_err(failed)?;
        let supervisor = Command::new(&request.supervisor)
            .arg(SUPERVISE)
            .env_clear()
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(stdout_writer)
            .stderr(stderr_writer)
            .spawn()
            .map_err(failed)?;
        let mut target = Self {
            binary,
            pid: 0,
            grace: request.grace,
            supervisor,
            control,
            news,
            listener: Some(listener),
            capture,
        };
        let order = Order::Launch(Launch {
            binary: target.binary.clone().into_os_string(),
            args: request.args,
            env: request.env,
            folder: request.folder.into_os_string(),
            stdin: request.stdin,
            uid: request.user.uid,
            gid: request.user.gid,
            grace: request.grace,
        });
        target.order(&order);
        let state = target
            .news
            .wait(PROMPT, |s| s.at_gate.is_some() || s.refused.is_some());
        target.check(&state, "starting it")?;
        target.pid = state
            .at_gate
            .and_then(|pid| u32::try_from(pid).ok())
            .ok_or_else(|| target.lost("starting it"))?;
        Ok(target)
    }

    /// The target's process id, also of the process that waits at the gate.
    #[must_use]
    pub const fn pid(&self) -> u32 {
        self.pid
    }

    /// The program's file.
    #[must_use]
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// Lets the target through its gate; gives when its program has taken over the process.
    ///
    /// # Errors
    /// [`TargetError::Refused`] when the program cannot be executed, [`TargetError::NotReady`] when it was
    /// ended at the gate, [`TargetError::SupervisorLost`].
    pub fn release(&mut self) -> Result<(), TargetError> {
        self.order(&Order::Release);
        let state = self.news.wait(PROMPT, |s| {
            s.started || s.refused.is_some() || s.ended.is_some()
        });
        self.check(&state, "executing it")?;
        match state {
            State { started: true, .. } => Ok(()),
            State {
                ended: Some(ended), ..
            } => Err(self.ended_early(ended)),
            _ => Err(self.lost("executing it")),
        }
    }

    /// Waits until the released target is ready: `127.0.0.1:port` accepts, or answers the GET (over TLS where it
    /// speaks that) with a status below 400.
    ///
    /// # Errors
    /// [`TargetError::NotReady`], as soon as the target ends, and
    /// [`TargetError::Cancelled`] when `cancel` becomes true.
    pub fn wait_ready(
        &self,
        probe: &ReadyProbe,
        port: u16,
        tls: Option<&TlsClient>,
        within: Duration,
        cancel: &AtomicBool,
    ) -> Result<(), TargetError> {
        let not_ready = |reason: String| TargetError::NotReady {
            failure: StartFailure::Late { within, reason },
            output: self.capture.output().last_lines(LINES_SHOWN),
        };
        let readiness = Readiness::new(probe, port, tls);
        let readiness = readiness.map_err(|error| not_ready(error.to_string()))?;
        let begin = Instant::now();
        loop {
            let left = within.saturating_sub(begin.elapsed());
            let over = || cancel.load(Ordering::Relaxed) || self.exited().is_some();
            let tried = readiness.attempt(left, &over);
            // Asked after the try: what answered may be another process than the one that just ended.
            if let Some(ended) = self.exited() {
                return Err(self.ended_early(ended));
            }
            if cancel.load(Ordering::Relaxed) {
                return Err(TargetError::Cancelled);
            }
            match tried {
                Ok(()) => return Ok(()),
                Err(reason) if begin.elapsed() >= within => return Err(not_ready(reason)),
                Err(_) => self.wait_exited(PAUSE),
            };
        }
    }

    /// How the target ended, if it did. Its descendants may still run.
    #[must_use]
    pub fn exited(&self) -> Option<Ended> {
        Self::end_of(&self.news.state())
    }

    /// Waits for the target's end, at most that long.
    pub fn wait_exited(&self, within: Duration) -> Option<Ended> {
        Self::end_of(&self.news.wait(within, |s| s.ended.is_some()))
    }

    fn end_of(state: &State) -> Option<Ended> {
        state.ended.or(state.closed.then_some(Ended::Unknown))
    }

    /// What the target and its descendants have written so far.
    #[must_use]
    pub fn output(&self) -> Output {
        self.capture.output()
    }

    /// What a target wrote that ended so: why it crashed, if it says so, and its last lines.
    #[must_use]
    pub fn said(&self, ended: Ended) -> Vec<String> {
        self.capture.settle(READING);
        let output = self.capture.output();
        match ended {
            // It ended by its own will, whatever it wrote before.
            Ended::Exited(0 | 1) => output.last_lines(LINES_SHOWN),
            Ended::Exited(_) | Ended::Signaled(_) | Ended::Unknown => output.crash(LINES_SHOWN),
        }
    }

    /// Ends the target and all that descends from it: TERM to the target, after the grace (or at once, when it
    /// has ended or waits at the gate) KILL to all. Gives how the target ended; a second time the same.
    ///
    /// # Errors
    /// [`TargetError::LeftRunning`] and [`TargetError::SupervisorLost`]: something may still run.
    pub fn stop(&mut self) -> Result<Ended, TargetError> {
        self.order(&Order::Stop);
        let state = self
            .news
            .wait(self.grace.saturating_add(SWEEP), |s| s.swept.is_some());
        self.close();
        match state {
            State {
                swept: Some(0),
                ended,
                ..
            } => Ok(ended.unwrap_or(Ended::Unknown)),
            State {
                swept: Some(count), ..
            } => Err(TargetError::LeftRunning { count }),
            _ => Err(self.lost("ending it")),
        }
    }

    /// Closes the connection, which ends the supervisor, and collects what is left of it.
    fn close(&mut self) {
        // An error means that it is closed already.
        let _ = self.control.shutdown(Shutdown::Both);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
        if self.news.state().swept.is_some() {
            // It has said its last word and is about to exit.
            let _ = self.supervisor.wait();
        } else {
            let _ = self.supervisor.try_wait();
        }
        self.capture.finish();
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        self.order(&Order::Signal(signal as i32));
    }

    fn order(&self, order: &Order) {
        if let Ok(mut line) = serde_json::to_vec(order) {
            line.push(b'\n');
            // A supervisor that is gone shows in the news.
            let _ = (&self.control).write_all(&line);
        }
    }

    fn check(&self, state: &State, step: &'static str) -> Result<(), TargetError> {
        match &state.refused {
            Some((step, error)) => Err(TargetError::Refused {
                binary: self.binary.clone(),
                step: step.clone(),
                error: error.clone(),
            }),
            None if state.closed => Err(self.lost(step)),
            None => Ok(()),
        }
    }

    fn lost(&self, step: &'static str) -> TargetError {
        self.capture.settle(READING);
        TargetError::SupervisorLost {
            step,
            said: self.capture.output().last_lines(LINES_SHOWN),
        }
    }

    fn ended_early(&self, ended: Ended) -> TargetError {
        let output = self.said(ended);
        let failure = StartFailure::ended(ended, &output);
        TargetError::NotReady { failure, output }
    }
}

/// The process of a program, as a session sees it.
pub(crate) trait TargetProcess {
    /// How it ended, if it did.
    fn exited(&self) -> Option<Ended>;

    /// The same, waited for.
    fn wait_exited(&self, within: Duration) -> Option<Ended>;

    /// Why it ended so, as it wrote, and its last lines.
    fn said(&self, ended: Ended) -> Vec<String>;

    /// How many bytes it has written.
    fn written(&self) -> u64;

    /// Forgets the texts that it has written so far to each of its streams.
    fn begin_texts(&self);

    /// What it wrote to each of its streams since then, or since its start.
    fn texts(&self) -> model::Output;

    /// Sends it a signal.
    fn signal(&self, signal: Signal);

    /// What it wrote behind so many bytes, as far as that is kept.
    fn output_since(&self, written: u64) -> String;

    /// The panics that it reported.
    fn panics(&self) -> Vec<PanicReport>;

    /// Takes the reports of the race detector.
    fn take_races(&self) -> RaceReports;

    /// Ends it, and all that descends from it.
    fn stop(&mut self) -> Result<Ended, TargetError>;
}

impl TargetProcess for Target {
    fn exited(&self) -> Option<Ended> {
        self.exited()
    }

    fn wait_exited(&self, within: Duration) -> Option<Ended> {
        self.wait_exited(within)
    }

    fn said(&self, ended: Ended) -> Vec<String> {
        self.said(ended)
    }

    fn written(&self) -> u64 {
        self.capture.caught_up(READING).written()
    }

    fn begin_texts(&self) {
        self.capture.begin_texts(READING);
    }

    fn texts(&self) -> model::Output {
        self.capture.texts(TEXTS)
    }

    fn signal(&self, signal: Signal) {
        self.signal(signal);
    }

    fn output_since(&self, written: u64) -> String {
        self.capture.caught_up(READING).since(written)
    }

    fn panics(&self) -> Vec<PanicReport> {
        self.capture.caught_up(READING).panics()
    }

    fn take_races(&self) -> RaceReports {
        self.capture.take_races(RACES)
    }

    fn stop(&mut self) -> Result<Ended, TargetError> {
        self.stop()
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if self.listener.is_some() {
            // Who cares how it ended has called `stop`.
            let _ = self.stop();
        }
    }
}
