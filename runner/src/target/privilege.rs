//! Which user goproctor, `go` and the program run as, and what they may do.
//!
//! Only loading and attaching needs privileges: CAP_BPF and CAP_PERFMON, and CAP_SYS_ADMIN where the kernel sets probes
//! one by one. [`settle`] brings every way of starting goproctor to one state: the user's own ids, these capabilities
//! permitted (where there are any) but not effective, none inheritable or ambient. Code that loads or attaches makes them effective around it. What
//! is executed holds none: exec passes on nothing but inheritable and ambient ones.
//!
//! | started | becomes | `go` and the program run as |
//! |---|---|---|
//! | by a user, with file capabilities or without | stays | that user |
//! | through sudo by another user | that user | that user |
//! | as root | the named user, else the owner of the folder or file | that user |
//! | as root where that owner is root | stays, with a notice | root; the program without any capability |
//!
//! The program and its supervisor have NO_NEW_PRIVS in all cases, so that nothing that descends from them can
//! gain privileges and outlive us ([`keeper::second_process::renounce`]).
//!
//! Once its ids have changed, or with file capabilities, the process is not dumpable (prctl(2),
//! PR_SET_DUMPABLE): its files in `/proc/self` belong to root, so what is readable to the owner alone (`environ`,
//! `auxv`, `mem`, `pagemap`) can't be opened by path; `exe`, `fd`, `maps`, `stat`, `status` and `mountinfo` can. It is left so:
//! we need none of the former, no core file of ours is written that holds the program's values, and the
//! program, which is the same user, cannot trace us even after the capabilities are gone. With file
//! capabilities the loader also removes TMPDIR from our environment (ld.so(8), secure-execution mode).

use std::{
    env,
    ffi::{CString, OsString},
    fmt, fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use caps::{CapSet, Capability, CapsHashSet};
use keeper::second_process::{clear_ambient, of_caps};
use nix::{
    sys::prctl,
    unistd::{
        Gid, Uid, User, getegid, geteuid, getgid, getuid, initgroups, setgroups, setresgid,
        setresuid,
    },
};

/// The user that `go` and the program run as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetUser {
    /// The user's id.
    pub uid: u32,
    /// The user's group.
    pub gid: u32,
    /// The user's name; users of containers often have none.
    pub name: Option<String>,
    /// The user's home folder; where there is none, a folder for caches below the system's temporary one.
    pub home: PathBuf,
}

impl fmt::Display for TargetUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} (uid {})", self.uid),
            None => write!(f, "uid {}", self.uid),
        }
    }
}

/// How goproctor was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentitySource {
    /// By an ordinary user.
    User,
    /// By root, through sudo by an ordinary user.
    Sudo,
    /// By root, for a user that was named.
    Named,
    /// By root, for the owner of the files.
    Owner,
    /// By root, whose own the files are.
    Root,
}

/// The state that goproctor is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// How it was started.
    pub way: IdentitySource,
    /// Who goproctor now is, and `go` and the program will be.
    pub user: TargetUser,
}

impl Identity {
    /// What will happen, in a sentence.
    #[must_use]
    pub fn explanation(&self) -> String {
        let user = &self.user;
        match self.way {
            IdentitySource::User => {
                format!("go and the program run as {user}, who started goproctor")
            }
            IdentitySource::Sudo => format!("go and the program run as {user}, who ran sudo"),
            IdentitySource::Named => format!("go and the program run as {user}, as --user says"),
            IdentitySource::Owner => {
                format!("go and the program run as {user}, who owns the files")
            }
            IdentitySource::Root => {
                "go runs as root; the program runs as root without any capability".to_owned()
            }
        }
    }

    /// What a user should know without asking, if anything.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        (self.way == IdentitySource::Root).then(|| {
            "running as root: use --user NAME to run the program as another user, or --user root to hide this"
                .to_owned()
        })
    }
}

/// Why goproctor cannot be in the state that it should be in.
#[derive(Debug, thiserror::Error)]
pub enum PrivilegeError {
    /// Another thread exists: it would keep the privileges.
    #[error("privileges can be given up only while there is one thread; there are {0}")]
    Threads(usize),
    /// SUDO_UID or SUDO_GID does not hold a number.
    #[error(
        "{variable} is {value:?}, which is not a user's or group's number; unset it, or run sudo again"
    )]
    Sudo {
        /// The variable.
        variable: &'static str,
        /// What it holds.
        value: OsString,
    },
    /// Nobody has that name.
    #[error("there is no user {0:?} on this machine; give a name or a number")]
    NoSuchUser(String),
    /// Only root can become somebody else.
    #[error("only root can run the program as {0}; remove `--user`, or use sudo")]
    NotRoot(TargetUser),
    /// Whose files they are cannot be read.
    #[error("cannot see who owns {}: {error}", path.display())]
    Owner {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The system refuses a step.
    #[error("{step}: {error}")]
    System {
        /// Which.
        step: &'static str,
        /// Why.
        error: io::Error,
    },
    /// The user without a home gets no folder for caches either.
    #[error("{user} has no home folder, and {} cannot serve as one: {error}", path.display())]
    Home {
        /// The user.
        user: TargetUser,
        /// The folder that was to be.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Brings this process to the state that the module describes. To be called at the start of `main`, before any
/// thread. `named` is a user's name or number that the user of goproctor gave; `files` the spec or folder
/// whose owner counts for plain root; `kept` the capabilities that loading and attaching take. HOME, USER and LOGNAME become those of the user who was changed to.
///
/// # Errors
/// See [`PrivilegeError`]. The process should end then: it may be half on its way.
pub fn settle(
    named: Option<&str>,
    files: &Path,
    kept: &[Capability],
) -> Result<Identity, PrivilegeError> {
    let threads = fs::read_dir("/proc/self/task")
        .map_err(system("reading /proc/self/task"))?
        .count();
    if threads != 1 {
        return Err(PrivilegeError::Threads(threads));
    }
    let (way, uid, gid) = choose(named, files)?;
    let mut user = known(uid, gid)?;
    if uid != geteuid() {
        if !geteuid().is_root() {
            return Err(PrivilegeError::NotRoot(user));
        }
        prctl::set_keepcaps(true).map_err(system("keeping our capabilities"))?;
        become_user(&user).map_err(system("changing to the user"))?;
    }
    reduce(kept)?;
    if way != IdentitySource::User {
        prctl::set_keepcaps(false).map_err(system("giving up other capabilities"))?;
    }
    if matches!(
        way,
        IdentitySource::Sudo | IdentitySource::Named | IdentitySource::Owner
    ) {
        ensure_home(&mut user)?;
        take_environment(&user);
    }
    keeper::enable();
    Ok(Identity { way, user })
}

fn system<E: Into<io::Error>>(step: &'static str) -> impl FnOnce(E) -> PrivilegeError {
    move |error| PrivilegeError::System {
        step,
        error: error.into(),
    }
}

/// Who we are to be.
fn choose(named: Option<&str>, files: &Path) -> Result<(IdentitySource, Uid, Gid), PrivilegeError> {
    if let Some(name) = named {
        let (uid, gid) = find(name)?;
        return Ok((IdentitySource::Named, uid, gid));
    }
    if !geteuid().is_root() {
        return Ok((IdentitySource::User, getuid(), getgid()));
    }
    if let Some(uid) = number("SUDO_UID")?
        && uid != 0
    {
        let gid = number("SUDO_GID")?.unwrap_or(uid);
        return Ok((IdentitySource::Sudo, Uid::from_raw(uid), Gid::from_raw(gid)));
    }
    let owner = fs::metadata(files).map_err(|error| PrivilegeError::Owner {
        path: files.to_owned(),
        error,
    })?;
    Ok(match owner.uid() {
        0 => (IdentitySource::Root, geteuid(), getegid()),
        uid => (
            IdentitySource::Owner,
            Uid::from_raw(uid),
            group_of(Uid::from_raw(uid))?.unwrap_or(Gid::from_raw(owner.gid())),
        ),
    })
}

fn find(name: &str) -> Result<(Uid, Gid), PrivilegeError> {
    let step = "looking up the user";
    if let Some(user) = User::from_name(name).map_err(system(step))? {
        return Ok((user.uid, user.gid));
    }
    let uid = name
        .parse()
        .ok()
        .filter(|&uid| uid != u32::MAX)
        .map(Uid::from_raw)
        .ok_or_else(|| PrivilegeError::NoSuchUser(name.to_owned()))?;
    Ok((uid, group_of(uid)?.unwrap_or(Gid::from_raw(uid.as_raw()))))
}

fn group_of(uid: Uid) -> Result<Option<Gid>, PrivilegeError> {
    let user = User::from_uid(uid).map_err(system("looking up the user"))?;
    Ok(user.map(|user| user.gid))
}

fn number(variable: &'static str) -> Result<Option<u32>, PrivilegeError> {
    let Some(value) = env::var_os(variable) else {
        return Ok(None);
    };
    // All ones is no id: it would mean "leave as it is" to setresuid(2).
    let number = value.to_str().and_then(|text| text.parse().ok());
    match number.filter(|&number| number != u32::MAX) {
        Some(number) => Ok(Some(number)),
        None => Err(PrivilegeError::Sudo { variable, value }),
    }
}

fn known(uid: Uid, gid: Gid) -> Result<TargetUser, PrivilegeError> {
    let entry = User::from_uid(uid).map_err(system("looking up the user"))?;
    let home = match &entry {
        // Who we already are keeps the home that the environment names.
        _ if uid == getuid() => env::home_dir(),
        Some(user) => Some(user.dir.clone()),
        None => None,
    };
    Ok(TargetUser {
        uid: uid.as_raw(),
        gid: gid.as_raw(),
        name: entry.map(|user| user.name),
        home: home.unwrap_or_default(),
    })
}

/// All three user and group ids and the groups; nothing of the way back is left.
fn become_user(user: &TargetUser) -> nix::Result<()> {
    let (uid, gid) = (Uid::from_raw(user.uid), Gid::from_raw(user.gid));
    let name = user
        .name
        .as_deref()
        .and_then(|name| CString::new(name).ok());
    match name {
        Some(name) => initgroups(&name, gid)?,
        None => setgroups(&[gid])?,
    }
    setresgid(gid, gid, gid)?;
    setresuid(uid, uid, uid)
}

/// Leaves these capabilities permitted, where they are, and nothing else in any set but the bounding one.
fn reduce(kept: &[Capability]) -> Result<(), PrivilegeError> {
    let steps = || {
        let permitted = caps::read(None, CapSet::Permitted).map_err(of_caps)?;
        let kept: CapsHashSet = kept
            .iter()
            .filter(|capability| permitted.contains(capability))
            .copied()
            .collect();
        clear_ambient()?;
        caps::clear(None, CapSet::Inheritable).map_err(of_caps)?;
        caps::clear(None, CapSet::Effective).map_err(of_caps)?;
        caps::set(None, CapSet::Permitted, &kept).map_err(of_caps)
    };
    steps().map_err(system("giving up our other capabilities"))
}

/// Makes sure that the user, who we are by now, has a home that exists and is their own: `go` does not build
/// without one. Kept over runs, for it holds the build cache.
fn ensure_home(user: &mut TargetUser) -> Result<(), PrivilegeError> {
    let owned = |path: &Path| fs::metadata(path).is_ok_and(|m| m.is_dir() && m.uid() == user.uid);
    if user.home.is_absolute() && owned(&user.home) {
        return Ok(());
    }
    let path = PathBuf::from(format!("/tmp/goproctor-home-{}", user.uid));
    if let Err(error) = make_private(&path, user.uid) {
        let user = user.clone();
        return Err(PrivilegeError::Home { user, path, error });
    }
    user.home = path;
    Ok(())
}

/// Creates the folder, or takes the one that is there if nobody else can have put anything into it.
fn make_private(path: &Path, uid: u32) -> io::Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => return other,
    }
    // Not followed: a link in a folder that all may write to is anybody's.
    let found = fs::symlink_metadata(path)?;
    if !found.is_dir() || found.uid() != uid || found.mode() & 0o022 != 0 {
        return Err(io::Error::other(
            "it exists and is not a folder that only this user can write to; remove it",
        ));
    }
    Ok(())
}

fn take_environment(user: &TargetUser) {
    let name = user.name.clone().unwrap_or_else(|| user.uid.to_string());
    let variables = [
        ("HOME", user.home.as_os_str().to_owned()),
        ("USER", name.clone().into()),
        ("LOGNAME", name.into()),
    ];
    for (variable, value) in variables {
        // SAFETY: `settle` has made sure that this process has one thread.
        unsafe { env::set_var(variable, value) };
    }
}
