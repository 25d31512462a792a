//! The supervisor: goproctor started a second time, single-threaded and without any privilege, between
//! goproctor and the target. It ends all that descends from it when it is ordered to, and when the socket to
//! goproctor closes.
//!
//! It holds the socket on its standard input, and the target's output pipes on its standard output and
//! standard error until the target has them; nothing else. It is in a session of its own, and every signal
//! that can be blocked is: neither a terminal's ^C nor a signal to the target's group ends it.

use std::{
    env,
    ffi::{CString, OsStr, OsString},
    fs::{File, OpenOptions},
    io::{self, Read, Seek, Write},
    os::{
        fd::{AsFd, AsRawFd, OwnedFd},
        unix::{ffi::OsStrExt, net::UnixStream},
    },
    process::ExitCode,
    time::{Duration, Instant},
};

use keeper::second_process::{SUPERVISE, close_all_but, renounce, take_standard_input};
use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::{
        memfd::{MFdFlags, memfd_create},
        prctl,
        signal::{SigSet, SigmaskHow, Signal, kill, sigprocmask},
        signalfd::{SfdFlags, SignalFd},
        wait::WaitStatus,
    },
    unistd::{self, ForkResult, Pid},
};

use super::{
    descendants::{reap, sweep},
    protocol::{Ended, Launch, Order, Report},
};

/// How long descendants that were killed may take to be gone.
const SWEEP: Duration = Duration::from_secs(10);

/// The largest launch order that is read, in bytes; Linux itself takes no larger arguments and environment.
const MAX_ORDER: usize = 64 << 20;

/// Whether the arguments of `main` (with the program's name first) ask for a supervisor.
#[must_use]
pub fn is_supervisor(args: impl IntoIterator<Item = OsString>) -> bool {
    args.into_iter().nth(1).as_deref() == Some(OsStr::new(SUPERVISE))
}

/// Is the supervisor until the target and all its descendants are gone. To be called first in `main`, before
/// any thread; fails when standard input is not goproctor's socket.
#[must_use]
pub fn supervise() -> ExitCode {
    let is_keeper = env::args_os().nth(2).as_deref() == Some(OsStr::new(keeper::KEEP));
    let done = match is_keeper {
        true => keeper::run(),
        false => Supervisor::start().and_then(Supervisor::run),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error is the target's output pipe, or that of a user who called us by hand.
            let _ = writeln!(io::stderr(), "goproctor's supervisor: {error}");
            ExitCode::from(3)
        }
    }
}

struct Supervisor {
    control: UnixStream,
    /// What was read from `control` and is not yet a whole line.
    pending: Vec<u8>,
    child_ended: SignalFd,
}

/// What came from goproctor.
enum Heard {
    Order(Order),
    /// Nothing yet.
    Silence,
    /// goproctor ended, or speaks no longer what we understand: the same to us.
    Gone,
}

impl Supervisor {
    fn start() -> io::Result<Self> {
        let control = take_standard_input()?;
        close_all_but(control.as_raw_fd())?;
        let control = UnixStream::from(control);
        control.set_nonblocking(true)?;
        // Fails only for a group's leader, and we were just forked.
        unistd::setsid()?;
        prctl::set_child_subreaper(true)?;
        sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), None)?;
        // Ignored by whoever started goproctor, SIGCHLD would reap by itself and end codes would be lost.
        reset_dispositions();
        let mut watched = SigSet::empty();
        watched.add(Signal::SIGCHLD);
        let child_ended =
            SignalFd::with_flags(&watched, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        Ok(Self {
            control,
            pending: Vec::new(),
            child_ended,
        })
    }

    fn run(mut self) -> io::Result<()> {
        let launch = loop {
            match self.hear() {
                Heard::Order(Order::Launch(launch)) => break launch,
                Heard::Order(_) | Heard::Gone => return Ok(()),
                Heard::Silence => self.wait(None, None)?,
            }
        };
        match Child::start(&launch) {
            Ok(child) => {
                self.report(&Report::AtGate {
                    pid: child.pid.as_raw(),
                });
                self.watch(child, launch.grace)
            }
            Err(refusal) => {
                let left = sweep(SWEEP, |_| {});
                self.report(&refusal.report());
                self.report(&Report::Swept { left });
                Ok(())
            }
        }
    }

    /// Until the end is ordered or goproctor is gone.
    fn watch(&mut self, mut child: Child, grace: Duration) -> io::Result<()> {
        let mut killing_at: Option<Instant> = None;
        loop {
            self.wait(child.status.as_ref(), killing_at)?;
            match child.look() {
                Look::Nothing => {}
                Look::Started => self.report(&Report::Started),
                Look::Refused(refusal) => self.report(&refusal.report()),
            }
            while let Ok(Some(_)) = self.child_ended.read_signal() {}
            let mut ended = None;
            reap(|status| ended = ended.or(child.end(status)));
            if let Some(ended) = ended {
                self.report(&Report::Ended(ended));
            }
            let gone = loop {
                match self.hear() {
                    Heard::Silence => break false,
                    Heard::Order(Order::Release) => child.release(),
                    Heard::Order(Order::Signal(number)) => child.signal(number),
                    Heard::Order(Order::Stop) => {
                        killing_at.get_or_insert_with(|| Instant::now() + child.terminate(grace));
                    }
                    Heard::Order(Order::Launch(_)) | Heard::Gone => break true,
                }
            };
            let stopped = killing_at.is_some_and(|at| !child.alive || Instant::now() >= at);
            if gone || stopped {
                break;
            }
        }
        let mut ended = None;
        let left = sweep(SWEEP, |status| ended = ended.or(child.end(status)));
        if let Some(ended) = ended {
            self.report(&Report::Ended(ended));
        }
        self.report(&Report::Swept { left });
        Ok(())
    }

    /// Blocks until goproctor speaks, a child ends, the target passes or misses the gate, or `until`.
    fn wait(&self, status: Option<&File>, until: Option<Instant>) -> io::Result<()> {
        let mut sources = vec![
            PollFd::new(self.control.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.child_ended.as_fd(), PollFlags::POLLIN),
        ];
        if let Some(status) = status {
            sources.push(PollFd::new(status.as_fd(), PollFlags::POLLIN));
        }
        let timeout = until.map_or(PollTimeout::NONE, |until| {
            // Rounded up, so that the moment has come when poll returns.
            let left = until.saturating_duration_since(Instant::now()) + Duration::from_millis(1);
            PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
        });
        match poll(&mut sources, timeout) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn hear(&mut self) -> Heard {
        let mut chunk = [0; 4096];
        loop {
            if let Some(end) = self.pending.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.pending.drain(..=end).collect();
                return serde_json::from_slice(&line).map_or(Heard::Gone, Heard::Order);
            }
            match self.control.read(&mut chunk) {
                Ok(0) => return Heard::Gone,
                Ok(length) => self.pending.extend_from_slice(&chunk[..length]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Heard::Silence,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Heard::Gone,
            }
            if self.pending.len() > MAX_ORDER {
                return Heard::Gone;
            }
        }
    }

    /// Reports are few and small: they always fit the socket's buffer. goproctor may be gone; then nobody
    /// waits for them.
    fn report(&mut self, report: &Report) {
        if let Ok(mut line) = serde_json::to_vec(report) {
            line.push(b'\n');
            let _ = self.control.write_all(&line);
        }
    }
}

/// The target's process.
struct Child {
    pid: Pid,
    /// Whether it was not reaped yet, so that its id is still its own.
    alive: bool,
    /// Where it waits for its release; none after that.
    gate: Option<File>,
    /// Where it reports why it could not be started; closed by a successful exec.
    status: Option<File>,
}

/// What the target's process said on its way to its program.
enum Look {
    Nothing,
    Started,
    Refused(Refusal),
}

/// Why the target was not started.
struct Refusal {
    step: &'static str,
    error: io::Error,
}

impl Refusal {
    fn at(step: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self { step, error }
    }

    fn report(&self) -> Report {
        Report::Refused {
            step: self.step.to_owned(),
            error: self.error.to_string(),
        }
    }
}

impl Child {
    /// Gives up all privileges, forks, and waits until the child is at the gate.
    fn start(launch: &Launch) -> Result<Self, Refusal> {
        renounce(launch.uid, launch.gid)
            .map_err(Refusal::at("giving up privileges for the program"))?;
        let image = Image::new(launch).map_err(Refusal::at("preparing the program's arguments"))?;
        let pipes = || -> io::Result<_> { Ok((io::pipe()?, io::pipe()?)) };
        let ((gate_reader, gate), (status, status_writer)) =
            pipes().map_err(Refusal::at("creating the program's gate"))?;
        // SAFETY: this process has one thread, so the child may do all that the parent may.
        let fork = unsafe { unistd::fork() }
            .map_err(io::Error::from)
            .map_err(Refusal::at("forking the program"))?;
        let pid = match fork {
            ForkResult::Child => {
                drop((gate, status));
                image.enter(gate_reader, status_writer)
            }
            ForkResult::Parent { child } => child,
        };
        drop((gate_reader, status_writer));
        let mut child = Self {
            pid,
            alive: true,
            gate: Some(File::from(OwnedFd::from(gate))),
            status: Some(File::from(OwnedFd::from(status))),
        };
        release_output().map_err(Refusal::at("handing over the program's output"))?;
        match child.read_step() {
            Some((Step::AtGate, _)) => Ok(child),
            Some((step, error)) => Err(Refusal {
                step: step.name(),
                error,
            }),
            None => Err(Refusal {
                step: "waiting for the program at its gate",
                error: io::Error::other("its process ended"),
            }),
        }
    }

    fn release(&mut self) {
        if let Some(mut gate) = self.gate.take() {
            // A target that is gone needs no release.
            let _ = gate.write_all(b"r");
        }
    }

    /// What the child has to say; to be asked only when `status` is readable or there is nothing to lose by
    /// waiting for the exec.
    fn look(&mut self) -> Look {
        let Some(status) = &self.status else {
            return Look::Nothing;
        };
        let mut sources = [PollFd::new(status.as_fd(), PollFlags::POLLIN)];
        if poll(&mut sources, PollTimeout::ZERO) != Ok(1) {
            return Look::Nothing;
        }
        let said = self.read_step();
        self.status = None;
        match said {
            Some((step, error)) => Look::Refused(Refusal {
                step: step.name(),
                error,
            }),
            // Closed by exec, or by an end at the gate.
            None if self.gate.is_none() => Look::Started,
            None => Look::Nothing,
        }
    }

    fn read_step(&mut self) -> Option<(Step, io::Error)> {
        let mut message = [0; 5];
        self.status.as_mut()?.read_exact(&mut message).ok()?;
        let [step, number @ ..] = message;
        let error = io::Error::from_raw_os_error(i32::from_ne_bytes(number));
        Some((Step::from_byte(step)?, error))
    }

    /// Sends the target a signal, if it still runs its program.
    fn signal(&self, number: i32) {
        if let Ok(signal) = Signal::try_from(number)
            && self.alive
            && self.gate.is_none()
        {
            // One that is just ending shows in its end.
            let _ = kill(self.pid, signal);
        }
    }

    /// Asks the target to end; gives how long to wait for it.
    fn terminate(&self, grace: Duration) -> Duration {
        if !self.alive || self.gate.is_some() {
            return Duration::ZERO;
        }
        match kill(self.pid, Signal::SIGTERM) {
            Ok(()) => grace,
            Err(_) => Duration::ZERO,
        }
    }

    /// How the target ended, if that is what `status` says.
    fn end(&mut self, status: WaitStatus) -> Option<Ended> {
        let ended = match status {
            WaitStatus::Exited(pid, code) if pid == self.pid => Ended::Exited(code),
            WaitStatus::Signaled(pid, signal, _) if pid == self.pid => {
                Ended::Signaled(signal as i32)
            }
            _ => return None,
        };
        self.alive = false;
        Some(ended)
    }
}

/// How far the child came, as its message's first byte says.
#[derive(Clone, Copy)]
enum Step {
    AtGate,
    Session,
    Folder,
    Exec,
}

impl Step {
    const ALL: [Self; 4] = [Self::AtGate, Self::Session, Self::Folder, Self::Exec];

    fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|&step| step as u8 == byte)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::AtGate => "waiting at the gate",
            Self::Session => "giving the program a session of its own",
            Self::Folder => "entering its working folder",
            Self::Exec => "executing it",
        }
    }
}

/// All that exec needs.
struct Image {
    binary: CString,
    args: Vec<CString>,
    env: Vec<CString>,
    folder: CString,
    stdin: Option<File>,
}

impl Image {
    fn new(launch: &Launch) -> io::Result<Self> {
        let text = |text: &OsStr| CString::new(text.as_bytes()).map_err(io::Error::from);
        let mut args = vec![text(&launch.binary)?];
        for arg in &launch.args {
            args.push(text(arg)?);
        }
        let mut env = Vec::new();
        for (name, value) in &launch.env {
            let mut both = name.clone();
            both.push("=");
            both.push(value);
            env.push(text(&both)?);
        }
        Ok(Self {
            binary: text(&launch.binary)?,
            args,
            env,
            folder: text(&launch.folder)?,
            stdin: launch.stdin.as_deref().map(stdin).transpose()?,
        })
    }

    /// The child's way: own session, working folder, gate, exec. Never returns.
    fn enter(self, gate: io::PipeReader, mut status: io::PipeWriter) -> ! {
        let mut say = |step: Step, number: i32| {
            let mut message = vec![step as u8];
            message.extend_from_slice(&number.to_ne_bytes());
            let _ = status.write_all(&message);
        };
        let (step, error) = self.pass(gate, &mut say);
        say(step, error as i32);
        // SAFETY: ends this process at once, which is all that is left to do; nothing is run at exit.
        unsafe { libc::_exit(127) }
    }

    fn pass(&self, mut gate: io::PipeReader, say: &mut impl FnMut(Step, i32)) -> (Step, Errno) {
        if let Err(error) = unistd::setsid() {
            return (Step::Session, error);
        }
        // The last resort, should somebody kill the supervisor: the target itself ends with it. (The gate
        // covers a supervisor that was already gone before this call.)
        if let Err(error) = prctl::set_pdeathsig(Signal::SIGKILL) {
            return (Step::Session, error);
        }
        if let Err(error) = unistd::chdir(self.folder.as_c_str()) {
            return (Step::Folder, error);
        }
        if let Some(stdin) = &self.stdin
            && let Err(error) = unistd::dup2_stdin(stdin)
        {
            return (Step::Exec, error);
        }
        say(Step::AtGate, 0);
        if gate.read_exact(&mut [0]).is_err() {
            return (Step::AtGate, Errno::EPIPE);
        }
        if let Err(error) = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None) {
            return (Step::Exec, error);
        }
        let Err(error) = unistd::execve(&self.binary, &self.args, &self.env);
        (Step::Exec, error)
    }
}

/// A file in memory to read that text from.
fn stdin(text: &str) -> io::Result<File> {
    let file = memfd_create(c"stdin", MFdFlags::MFD_CLOEXEC)?;
    let mut file = File::from(file);
    file.write_all(text.as_bytes())?;
    file.rewind()?;
    Ok(file)
}

/// The target has the output pipes; that it alone has them makes their end visible.
fn release_output() -> io::Result<()> {
    let null = OpenOptions::new().write(true).open("/dev/null")?;
    unistd::dup2_stdout(&null)?;
    unistd::dup2_stderr(&null)?;
    Ok(())
}

/// Every signal does what it does by default, as the target should find it: what was ignored would stay
/// ignored over exec. That goes for the C library's own two signals as well, which its posix_spawn(3) ignores in
/// the child and its signal(2) does not touch; hence the system call.
fn reset_dispositions() {
    // The kernel's struct sigaction (include/linux/signal_types.h): handler, flags, restorer, mask.
    let default = [0u64; 4];
    for number in 1..=64 {
        // SAFETY: the kernel reads the 32 bytes, and SIG_DFL, which is 0, installs no code of ours. The numbers
        // that can't be set (KILL, STOP) are refused without effect.
        unsafe {
            libc::syscall(
                libc::SYS_rt_sigaction,
                number,
                default.as_ptr(),
                std::ptr::null_mut::<u64>(),
                size_of::<u64>(),
            )
        };
    }
}
