//! What must be gone when goproctor is, whatever ends it: temporary folders, unfinished files, and the process groups
//! of the commands that it runs.
//!
//! The keeper is goproctor started a second time, in a session of its own and with every signal blocked that can be. It
//! learns over a socket what there is; when that closes, it ends the groups and removes what is left. Of files and folders it
//! learns how their names begin, [before they are made](kept_prefix): between the making of a folder and a word about it goproctor
//! could be killed. A file that has been removed or has taken its final name by then is none of its business. The program under
//! test has a supervisor of its own.
#![deny(missing_docs)]

pub mod second_process;
pub mod whole_file;

use std::{
    collections::BTreeSet,
    fs,
    hash::{BuildHasher as _, RandomState},
    io::{self, BufRead, BufReader, Write},
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::{ffi::OsStrExt as _, fs::PermissionsExt, net::UnixStream},
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
    /// What has a name in a folder that begins so is to be removed.
    Prefix { folder: PathBuf, prefix: String },
    /// A process group that is to be ended.
    Group(i32),
    /// A process group that has ended.
    Ended(i32),
}

/// From now on there may be a keeper: `main` becomes one when its arguments say so.
pub fn enable() {
    ENABLED.store(true, Ordering::Relaxed);
}

/// The beginning of names in a folder that no other process gives, such as `goproctor-5f3a9c01-`. What is made there under such a
/// name is removed if goproctor ends before it does so itself. Without a keeper, nothing is.
///
/// # Errors
/// The working folder, which a relative path starts from, is gone.
pub fn kept_prefix(folder: &Path, start: &str) -> io::Result<String> {
    static OWN: OnceLock<u32> = OnceLock::new();
    // Hashers are seeded at random.
    let own = OWN.get_or_init(|| RandomState::new().hash_one(std::process::id()) as u32);
    let prefix = format!("{start}{own:08x}-");
    send(&Charge::Prefix {
        folder: std::path::absolute(folder)?,
        prefix: prefix.clone(),
    });
    Ok(prefix)
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

/// The keeper, which the first to ask for it starts.
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
    let mut prefixes = BTreeSet::new();
    let mut groups = Vec::new();
    for line in BufReader::new(UnixStream::from(socket)).split(b'\n') {
        match line
            .ok()
            .and_then(|line| serde_json::from_slice(&line).ok())
        {
            Some(Charge::Prefix { folder, prefix }) => {
                prefixes.insert((folder, prefix));
            }
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
    let mut left: Vec<PathBuf> = prefixes
        .iter()
        .flat_map(|(folder, prefix)| named(folder, prefix))
        .collect();
    while !left.is_empty() && Instant::now() < deadline {
        left.retain(|path| remove(path).is_err() && fs::symlink_metadata(path).is_ok());
        if !left.is_empty() {
            thread::sleep(PAUSE);
        }
    }
    Ok(())
}

/// What in a folder has a name that begins so.
fn named(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().as_bytes().starts_with(prefix.as_bytes()));
    named.map(|entry| entry.path()).collect()
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
