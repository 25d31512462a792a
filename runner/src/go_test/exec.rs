//! `goproctor exec`: runs one test binary for `go test -exec`.
//!
//! Standard input, environment, folder, user and privileges are those that `go test` gives; standard output goes through
//! [`gotest::stream`]. A binary that no spec looks at takes this process's place.

use std::{
    cell::RefCell,
    env,
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::{
        fd::{AsFd as _, BorrowedFd},
        unix::{
            ffi::OsStrExt as _,
            net::UnixStream,
            process::{CommandExt as _, ExitStatusExt as _},
        },
    },
    path::{Path, PathBuf},
    process::{Child, ExitStatus, Stdio},
    rc::Rc,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use gotest::stream::{self, Mode, Outcome, Rewriter, Verdicts};
use kernel::LoadOptions;
use nix::{
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::{
        prctl,
        signal::{self, Signal},
    },
    unistd::{Pid, getppid, pipe2},
};

use super::{
    arguments::{artifacts_folder, leaves_tests_out, runs_tests, test_flag},
    helper::{Helper, HelperOptions},
    protocol::{Answer, Conversation, Question, Verdict},
    replacement::{command, execute},
    serving::Answering,
    specs::specs_in,
};
use crate::session::{Cancel, Kernels, SnapshotMode};

/// Where the socket of `goproctor test` is; without it, `exec` judges by itself.
pub(crate) const HELPER: &str = "GOPROCTOR_HELPER";

/// What identifies this goproctor, for go's cache of test results.
pub(crate) const TOOL: &str = "GOPROCTOR_TOOL";

/// `off` runs all tests plainly.
pub(crate) const SWITCH: &str = "GOPROCTOR";

/// How long the output of a process that has ended may stay open: what it started may hold it.
const LINGERING: Duration = Duration::from_secs(1);

/// How often one looks whether the process has ended or `go test` is gone.
const LOOK: u16 = 100;

/// The signals that `go test` or a terminal sends to a test.
const FORWARDED: [i32; 4] = [
    signal_hook::consts::SIGINT,
    signal_hook::consts::SIGTERM,
    signal_hook::consts::SIGQUIT,
    signal_hook::consts::SIGHUP,
];

/// Why a test binary could not be run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExecError {
    /// It can't be started.
    #[error("cannot run {}: {error}", binary.display())]
    Run {
        /// The binary.
        binary: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is for another machine.
    #[error(
        "cannot run {}: it is not built for this machine; test with GOARCH={}, or give `go test` an emulator with -exec",
        binary.display(),
        arch::GOARCH
    )]
    Foreign {
        /// The binary.
        binary: PathBuf,
    },
    /// Something of its surroundings can't be done.
    #[error("cannot {what}: {error}")]
    Io {
        /// What.
        what: &'static str,
        /// Why.
        error: io::Error,
    },
    /// The helper can't be spoken to.
    #[error("the goproctor that judges the tests cannot be reached: {0}")]
    Helper(io::Error),
    /// The package's specs can't be judged.
    #[error("{0}")]
    Refused(String),
}

impl ExecError {
    fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io { what, error }
    }
}

/// Runs a test binary with its arguments; gives the status to exit with. Does not come back if the binary takes this process's place, or
/// if it was ended by a signal, which this process then dies of, too.
///
/// # Errors
/// It can't be run, or not as the package's specs want it.
pub(crate) fn run(binary: &Path, arguments: &[OsString]) -> Result<u8, ExecError> {
    let is_off = env::var_os(SWITCH).is_some_and(|value| value == "off");
    if is_off || !runs_tests(arguments) {
        return Err(replace(&[], binary, arguments));
    }
    let folder = env::current_dir().map_err(ExecError::io("find the current folder"))?;
    let Some(judging) = connect(&folder)? else {
        return Err(replace(&[], binary, arguments));
    };
    let mut conversation = judging.conversation;
    let question = Question::Begin {
        binary: binary.to_owned(),
        folder: folder.clone(),
        filtered: leaves_tests_out(arguments),
        artifacts: artifacts_folder(arguments, &folder),
    };
    match conversation.ask(&question).map_err(ExecError::Helper)? {
        Answer::Watched { env, minor, exec } => {
            let test = TestProcess::start(&exec, binary, arguments, &env)?;
            let status = test.run(conversation, arguments, minor, &folder);
            for note in judging.own.iter().flat_map(|helper| helper.take_notes()) {
                eprintln!("goproctor: {note}");
            }
            status
        }
        Answer::Refused { message } => Err(ExecError::Refused(message)),
        Answer::Plain { exec } => Err(replace(&exec, binary, arguments)),
        _ => Err(ExecError::Helper(io::ErrorKind::InvalidData.into())),
    }
}

/// Runs the binary in place of this process; comes back only with an error.
fn replace(exec: &[String], binary: &Path, arguments: &[OsString]) -> ExecError {
    let error = match exec.is_empty() {
        true => execute(binary, arguments),
        false => command(exec, binary).args(arguments).exec(),
    };
    let binary = binary.to_owned();
    match error.raw_os_error() {
        Some(libc::ENOEXEC) => ExecError::Foreign { binary },
        _ => ExecError::Run { binary, error },
    }
}

/// Who judges.
struct Judging {
    conversation: Conversation,
    /// The helper, if it is one of our own.
    own: Option<Arc<Helper>>,
}

/// Reaches whoever judges; none if nobody has to.
fn connect(folder: &Path) -> Result<Option<Judging>, ExecError> {
    if let Some(path) = env::var_os(HELPER) {
        let socket = UnixStream::connect(Path::new(&path)).map_err(ExecError::Helper)?;
        let conversation = Conversation::over(socket).map_err(ExecError::Helper)?;
        let own = None;
        return Ok(Some(Judging { conversation, own }));
    }
    let specs = specs_in(folder).map_err(ExecError::io("look for specs"))?;
    if specs.is_empty() {
        return Ok(None);
    }
    let (ours, theirs) = UnixStream::pair().map_err(ExecError::Helper)?;
    let mode = match judge::snapshot::Store::in_ci() {
        true => SnapshotMode::ReadOnly,
        false => SnapshotMode::Propose,
    };
    let options = HelperOptions {
        mode,
        exec: Vec::new(),
        calls: None,
        draws: false,
        keeps: false,
    };
    let helper = Arc::new(Helper::new(
        Vec::new(),
        options,
        Kernels::new(LoadOptions::default()),
        Cancel::default(),
    ));
    let answering = Arc::clone(&helper);
    thread::spawn(move || answering.converse(theirs));
    let conversation = Conversation::over(ours).map_err(ExecError::Helper)?;
    let own = Some(helper);
    Ok(Some(Judging { conversation, own }))
}

/// A test binary that runs.
struct TestProcess {
    child: Child,
    /// What it writes to standard output, and to standard error where the two are one.
    output: File,
    /// Where go looks for what the result depends on.
    log: PathBuf,
    /// Whether the process is the test binary itself, not a program that runs it.
    is_itself: bool,
}

impl TestProcess {
    fn start(
        exec: &[String],
        binary: &Path,
        arguments: &[OsString],
        env: &[(String, String)],
    ) -> Result<Self, ExecError> {
        let (output, input) = pipe2(nix::fcntl::OFlag::O_CLOEXEC)
            .map_err(|error| ExecError::io("make a pipe")(error.into()))?;
        let log = binary.with_file_name("testlog.txt");
        let mut command = command(exec, binary);
        let has_log = arguments
            .iter()
            .any(|argument| test_flag(argument).is_some_and(|(name, _)| name == "testlogfile"));
        if !has_log {
            // As go itself does where there is no -exec (cmd/go/internal/test, runTestActor.Act).
            let mut flag = OsString::from("-test.testlogfile=");
            flag.push(&log);
            command.arg(flag);
        }
        command
            .args(arguments)
            .envs(env.iter().map(|(name, value)| (name, value)));
        if is_one_file(io::stdout().as_fd(), io::stderr().as_fd()) {
            let other = input.try_clone().map_err(ExecError::io("make a pipe"))?;
            command.stderr(Stdio::from(other));
        }
        command.stdout(Stdio::from(input));
        let parent = std::process::id();
        // SAFETY: between fork and exec nothing is called but prctl and getppid, which are async-signal-safe
        // (signal-safety(7)) and allocate nothing.
        unsafe {
            command.pre_exec(move || {
                prctl::set_pdeathsig(Signal::SIGKILL)?;
                match getppid().as_raw().cast_unsigned() == parent {
                    true => Ok(()),
                    false => Err(io::ErrorKind::Interrupted.into()),
                }
            });
        }
        let child = command.spawn().map_err(|error| ExecError::Run {
            binary: binary.to_owned(),
            error,
        })?;
        // The command holds the pipe's other end, too.
        drop(command);
        Ok(Self {
            child,
            output: File::from(output),
            log,
            is_itself: exec.is_empty(),
        })
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Passes on what it prints until it has ended, and gives the status to exit with.
    fn run(
        mut self,
        mut conversation: Conversation,
        arguments: &[OsString],
        minor: u32,
        folder: &Path,
    ) -> Result<u8, ExecError> {
        self.forward_signals()?;
        if self.is_itself {
            let process = self.child.id();
            conversation
                .ask(&Question::Started { process })
                .map_err(ExecError::Helper)?;
        }
        let asked = Rc::new(RefCell::new(Asked {
            conversation,
            lost: false,
        }));
        let flags = arguments.iter().filter_map(|argument| argument.to_str());
        let out = io::stdout();
        let mut rewriter = Rewriter::new(Mode::of(flags), minor, out, AskHelper(Rc::clone(&asked)));
        let status = self
            .pass_on(&mut rewriter, &|| asked.borrow().has_closed())
            .map_err(ExecError::io("pass on the test's output"))?;
        asked.borrow_mut().ask(&Question::Over);
        let summary = rewriter
            .finish()
            .map_err(ExecError::io("pass on the test's output"))?;
        io::stdout().flush().map_err(ExecError::io("write"))?;
        if let Some(signal) = status.signal() {
            die_of(signal);
        }
        let own = u8::try_from(status.code().unwrap_or(1)).unwrap_or(1);
        if own == 0 && !summary.failed {
            let inputs = asked.borrow_mut().ask(&Question::Inputs);
            match inputs {
                Some(Answer::Inputs { files, variables }) => {
                    note_inputs(&self.log, &files, &variables, folder);
                }
                _ => return Err(ExecError::Helper(io::ErrorKind::UnexpectedEof.into())),
            }
        } else {
            // What failed is never taken from the cache, whatever go makes of the log.
            let _ = fs::remove_file(&self.log);
        }
        Ok(match own {
            0 if summary.failed => 1,
            own => own,
        })
    }

    /// Passes on all output; gives the status of the process, which is ended where the helper is gone (`is_alone`).
    fn pass_on<W: io::Write, V: Verdicts>(
        &mut self,
        rewriter: &mut Rewriter<W, V>,
        is_alone: &dyn Fn() -> bool,
    ) -> io::Result<ExitStatus> {
        let parent = getppid();
        let mut buffer = vec![0; 64 << 10];
        let mut ended: Option<(ExitStatus, Instant)> = None;
        let mut is_open = true;
        loop {
            if is_open && is_readable(&self.output)? {
                match self.output.read(&mut buffer)? {
                    0 => is_open = false,
                    read => {
                        rewriter.write(&buffer[..read])?;
                        if let Some((_, since)) = &mut ended {
                            *since = Instant::now();
                        }
                        continue;
                    }
                }
            }
            if ended.is_none() {
                let status = match is_open {
                    true => self.child.try_wait()?,
                    false => Some(self.child.wait()?),
                };
                ended = status.map(|status| (status, Instant::now()));
            }
            match ended {
                Some((status, since)) if !is_open || since.elapsed() > LINGERING => {
                    return Ok(status);
                }
                // Nobody waits for it any more, or nobody judges it.
                None if getppid() != parent || is_alone() => {
                    self.child.kill()?;
                }
                _ => {}
            }
        }
    }

    /// Signals that are sent to this process are meant for the test.
    fn forward_signals(&self) -> Result<(), ExecError> {
        let signals = signal_hook::iterator::Signals::new(FORWARDED);
        let mut signals = signals.map_err(ExecError::io("handle signals"))?;
        let pid = self.pid();
        thread::spawn(move || {
            for number in &mut signals {
                if let Ok(signal) = Signal::try_from(number) {
                    // One that is gone needs none.
                    let _ = signal::kill(pid, signal);
                }
            }
        });
        Ok(())
    }
}

/// What the helper is asked.
struct Asked {
    conversation: Conversation,
    /// Whether it could not be asked any more.
    lost: bool,
}

/// Asks the helper how tests did.
struct AskHelper(Rc<RefCell<Asked>>);

impl Asked {
    fn ask(&mut self, question: &Question) -> Option<Answer> {
        if self.lost {
            return None;
        }
        let answer = self.conversation.ask(question);
        self.lost = answer.is_err();
        answer.ok()
    }
}

impl Asked {
    /// Whether the helper is gone. It says nothing that it is not asked for.
    fn has_closed(&self) -> bool {
        self.lost || self.conversation.has_closed()
    }
}

impl Verdicts for AskHelper {
    fn next(&mut self, test: &str, outcome: Outcome) -> Option<stream::Verdict> {
        let question = Question::Ended {
            test: test.to_owned(),
            failed: outcome == Outcome::Failed,
        };
        match self.0.borrow_mut().ask(&question)? {
            Answer::Verdict(verdict) => verdict.map(stream::Verdict::from),
            _ => None,
        }
    }

    fn below(&mut self, test: &str) -> Vec<(String, stream::Verdict)> {
        let test = test.to_owned();
        self.all(&Question::Below { test })
    }

    fn rest(&mut self) -> Vec<(String, stream::Verdict)> {
        self.all(&Question::Rest)
    }
}

impl AskHelper {
    fn all(&self, question: &Question) -> Vec<(String, stream::Verdict)> {
        let Some(Answer::Verdicts(verdicts)) = self.0.borrow_mut().ask(question) else {
            return Vec::new();
        };
        let verdicts = verdicts.into_iter();
        verdicts
            .map(|(test, verdict)| (test, verdict.into()))
            .collect()
    }
}

impl From<Verdict> for stream::Verdict {
    fn from(verdict: Verdict) -> Self {
        Self {
            fails: verdict.fails,
            lines: verdict.lines,
            places: verdict.places,
            artifacts: verdict.artifacts,
        }
    }
}

/// Whether there is something to read, or an end; waits a moment for it.
fn is_readable(file: &File) -> io::Result<bool> {
    let mut wanted = [PollFd::new(file.as_fd(), PollFlags::POLLIN)];
    match poll(&mut wanted, PollTimeout::from(LOOK)) {
        Ok(ready) => Ok(ready > 0),
        Err(nix::errno::Errno::EINTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether two descriptors are of one file, as `go test` gives its tests.
fn is_one_file(one: BorrowedFd<'_>, other: BorrowedFd<'_>) -> bool {
    let identity =
        |fd: BorrowedFd<'_>| nix::sys::stat::fstat(fd).map(|stat| (stat.st_dev, stat.st_ino));
    match (identity(one), identity(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Adds to go's log of a test's inputs what the verdicts depend on: then go keeps the result, and runs the test again when one of
/// them changes (cmd/go/internal/test, computeTestInputsID). Without a log go keeps nothing, which is right, too.
fn note_inputs(log: &Path, files: &[PathBuf], variables: &[String], folder: &Path) {
    if env::var_os(TOOL).is_none() {
        // What goproctor this is would not be part of it.
        let _ = fs::remove_file(log);
        return;
    }
    let mut lines = Vec::new();
    let own = [SWITCH, TOOL, "CI"].into_iter();
    for variable in own.chain(variables.iter().map(String::as_str)) {
        lines.extend_from_slice(format!("getenv {variable}\n").as_bytes());
    }
    for file in files {
        lines.extend_from_slice(b"open ");
        lines.extend_from_slice(folder.join(file).as_os_str().as_bytes());
        lines.push(b'\n');
    }
    let written = OpenOptions::new()
        .append(true)
        .open(log)
        .and_then(|mut log| log.write_all(&lines));
    if written.is_err() {
        let _ = fs::remove_file(log);
    }
}

/// Ends this process as the test ended, so that `go test` reports the same.
fn die_of(number: i32) {
    if let Ok(signal) = Signal::try_from(number) {
        // SAFETY: it puts the default action in the place of a handler that does nothing but write to a pipe.
        let _ = unsafe { signal::signal(signal, signal::SigHandler::SigDfl) };
        let _ = signal::raise(signal);
    }
}
