//! What must be gone when goproctor is, whatever ends it: temporary folders, unfinished files, and the process groups
//! of the commands that it runs.
//!
//! The keeper is goproctor started a second time, in a session of its own and with every signal blocked that can be. It
//! learns over a socket what there is; when that closes, it ends the groups and removes what is left. A file that has
//! been removed or has taken its final name by then is none of its business. The program under test has a supervisor of
//! its own.
#![deny(missing_docs)]

pub mod second_process;

use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::{
            fs::{MetadataExt, PermissionsExt},
            net::UnixStream,
        },
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{SigSet, SigmaskHow, Signal, killpg, sigprocmask},
    unistd::{self, Pid},
};
use second_process::SUPERVISE;
use serde::{Deserialize, Serialize};

/// The second argument that makes a supervisor a keeper.
pub const KEEP: &str = "keep";

/// How long the keeper tries to remove what is left: somebody may still be writing to it.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// Whether this process may be started a second time as a keeper.
static ENABLED: AtomicBool = AtomicBool::new(false);
static KEEPER: OnceLock<Option<Mutex<UnixStream>>> = OnceLock::new();

/// What the keeper learns, a line of JSON each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Charge {
    /// A file or a folder that is to be removed.
    Path {
        path: PathBuf,
        device: u64,
        inode: u64,
    },
    /// A process group that is to be ended.
    Group(i32),
    /// A process group that has ended.
    Ended(i32),
}

/// From now on there may be a keeper: `main` becomes one when its arguments say so.
pub fn enable() {
    ENABLED.store(true, Ordering::Relaxed);
}

/// Has a file or a folder removed if goproctor ends before it does so itself. Without a keeper, nothing happens.
pub fn keep(path: &Path) {
    // What is gone already needs nobody.
    if let Ok(metadata) = fs::symlink_metadata(path)
        && let Ok(path) = std::path::absolute(path)
    {
        send(&Charge::Path {
            path,
            device: metadata.dev(),
            inode: metadata.ino(),
        });
    }
}

/// A process group that is ended if goproctor ends first. To be dropped while its leader is not yet reaped, so that the
/// number is still its own.
#[derive(Debug)]
pub struct Group(i32);

impl Group {
    /// Has the group of that leader ended with goproctor.
    #[must_use]
    pub fn keep(leader: Pid) -> Self {
        send(&Charge::Group(leader.as_raw()));
        Self(leader.as_raw())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        send(&Charge::Ended(self.0));
    }
}

/// Starts the keeper, if there may be one. What is made after this is not left behind while a keeper is still being started.
pub fn begin() {
    let _ = keeper();
}

fn keeper() -> Option<&'static Mutex<UnixStream>> {
    if !ENABLED.load(Ordering::Relaxed) {
        return None;
    }
    let keeper = KEEPER.get_or_init(|| start().ok().map(Mutex::new));
    keeper.as_ref()
}

fn send(charge: &Charge) {
    if let Some(keeper) = keeper()
        && let Ok(mut line) = serde_json::to_vec(charge)
    {
        line.push(b'\n');
        let mut socket = keeper.lock().unwrap_or_else(PoisonError::into_inner);
        // A keeper that is gone keeps nothing.
        let _ = socket.write_all(&line);
    }
}

fn start() -> io::Result<UnixStream> {
    let (ours, theirs) = UnixStream::pair()?;
    Command::new("/proc/self/exe")
        .args([SUPERVISE, KEEP])
        .env_clear()
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Ok(ours)
}

/// Runs as the keeper until goproctor is gone and nothing is left of what it keeps.
///
/// # Errors
/// Standard input is not goproctor's socket, or a privilege can't be given up.
pub fn run() -> io::Result<()> {
    let socket = second_process::take_standard_input()?;
    second_process::close_all_but(socket.as_raw_fd())?;
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), None)?;
    // Fails for a group's leader, and we were just forked.
    unistd::setsid()?;
    second_process::renounce(unistd::getuid().as_raw(), unistd::getgid().as_raw())?;
    let mut paths = Vec::new();
    let mut groups = Vec::new();
    for line in BufReader::new(UnixStream::from(socket)).split(b'\n') {
        match line
            .ok()
            .and_then(|line| serde_json::from_slice(&line).ok())
        {
            Some(Charge::Path {
                path,
                device,
                inode,
            }) => paths.push((path, device, inode)),
            Some(Charge::Group(leader)) => groups.push(leader),
            Some(Charge::Ended(leader)) => groups.retain(|group| *group != leader),
            None => break,
        }
    }
    for group in groups {
        // Fails only when the group is gone already.
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
    let deadline = Instant::now() + PATIENCE;
    for (path, device, inode) in paths {
        let is_left = || {
            fs::symlink_metadata(&path)
                .is_ok_and(|found| (found.dev(), found.ino()) == (device, inode))
        };
        while is_left() && Instant::now() < deadline {
            if remove(&path).is_err() {
                thread::sleep(PAUSE);
            }
        }
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.is_dir() {
        return fs::remove_file(path);
    }
    make_writable(path);
    fs::remove_dir_all(path)
}

/// Makes all folders below, and this one, writable to us; as far as possible.
pub fn make_writable(folder: &Path) {
    if fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).is_err() {
        return;
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        // Of the entry itself: links are not followed.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}
