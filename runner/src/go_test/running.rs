//! A run of `go test` whose test binaries are judged, or looked at, by a helper of this process.

use std::{
    env, io,
    os::unix::{
        fs::MetadataExt as _,
        net::{UnixListener, UnixStream},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use golang::toolchain::TestBuild;
use nix::{
    sys::{
        prctl,
        signal::{Signal, kill},
    },
    unistd::Pid,
};

use super::{
    exec::{HELPER, TOOL},
    serving::{Answering, serve},
};
use crate::session::{Cancel, kept_folder};

/// How often one looks whether somebody wants it to stop.
const LOOK: Duration = Duration::from_millis(50);

/// Why `go test` can't be run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GoRunError {
    /// There is no way for test binaries to reach the helper.
    #[error("cannot make a socket: {0}")]
    Socket(io::Error),
    /// go can't be started or waited for.
    #[error("cannot run {}: {error}", go.display())]
    Go {
        /// The go command.
        go: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The system does not say which file this program is.
    #[error("cannot look at goproctor's own file: {0}")]
    Own(io::Error),
}

/// A `go test` command that is ready to be run.
pub(crate) struct GoRun<'r> {
    /// What was prepared.
    pub(crate) build: &'r TestBuild,
    /// The folder that go is started in.
    pub(crate) folder: &'r Path,
    /// Where its standard output goes.
    pub(crate) output: Stdio,
    /// Where its standard error goes.
    pub(crate) errors: Stdio,
    /// When it is set go is interrupted.
    pub(crate) cancel: &'r Cancel,
}

impl GoRun<'_> {
    /// Runs it to its end while its test binaries can speak to a helper.
    ///
    /// # Errors
    /// There is no way to the helper, or go can't be run.
    pub(crate) fn with_helper<A: Answering>(
        self,
        helper: &Arc<A>,
    ) -> Result<ExitStatus, GoRunError> {
        let folder = kept_folder().map_err(GoRunError::Socket)?;
        let socket = folder.path().join("helper");
        let listener = UnixListener::bind(&socket).map_err(GoRunError::Socket)?;
        let serving = Arc::clone(helper);
        let is_over = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&is_over);
        let server = thread::spawn(move || serve(&serving, &listener, &asked));
        let ended = self.run(&socket);
        is_over.store(true, Ordering::Relaxed);
        // It waits for somebody to connect. Where nobody can any more, it has ended by itself.
        if UnixStream::connect(&socket).is_ok() {
            let _ = server.join();
        }
        ended
    }

    fn run(self, socket: &Path) -> Result<ExitStatus, GoRunError> {
        let cannot = |error| GoRunError::Go {
            go: self.build.go.clone(),
            error,
        };
        let environment = self.build.environment.iter();
        let mut command = Command::new(&self.build.go);
        command
            .args(&self.build.arguments)
            .current_dir(self.folder)
            .stdout(self.output)
            .stderr(self.errors)
            .envs(environment.map(|(name, value)| (name, value)))
            .env(HELPER, socket)
            .env(TOOL, tool()?);
        // A go that starts another one in its place may do so from another thread, which loses this; then it ends because no test can be
        // judged any more. SAFETY: between fork and exec nothing is called but prctl, which is async-signal-safe and allocates nothing.
        unsafe {
            command.pre_exec(|| Ok(prctl::set_pdeathsig(Signal::SIGTERM)?));
        }
        let mut child = command.spawn().map_err(cannot)?;
        let pid = Pid::from_raw(child.id().cast_signed());
        // A process that is gone must not be signalled: its number may be another's by then.
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    if self.cancel.is_set() {
                        let _ = kill(pid, Signal::SIGINT);
                        return;
                    }
                    thread::park_timeout(LOOK);
                }
            });
            let ended = child.wait();
            is_over.store(true, Ordering::Relaxed);
            ended
        })
        .map_err(cannot)
    }
}

/// What identifies this goproctor: go runs a test again when it is another one.
fn tool() -> Result<String, GoRunError> {
    let own = env::current_exe().and_then(std::fs::metadata);
    let own = own.map_err(GoRunError::Own)?;
    let version = env!("CARGO_PKG_VERSION");
    Ok(format!(
        "{version} {} {}.{}",
        own.len(),
        own.mtime(),
        own.mtime_nsec()
    ))
}
