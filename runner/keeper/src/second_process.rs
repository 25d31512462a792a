//! What a second process of goproctor does before anything else: the keeper, and the supervisor of the program under test.
//!
//! goproctor starts itself with [`SUPERVISE`] as the first argument and a socket as standard input. The process takes the
//! socket ([`take_standard_input`]), closes everything else ([`close_all_but`]) and gives up all privileges ([`renounce`]).

use std::{
    fs::File,
    io,
    os::fd::{AsFd, FromRawFd, OwnedFd, RawFd},
};

use caps::{CapSet, Capability};
use nix::{
    fcntl::{FcntlArg, fcntl},
    sys::prctl,
    unistd::{self, getegid, geteuid, getgid, getuid},
};

/// The first argument that makes goproctor a supervisor.
pub const SUPERVISE: &str = "__supervise";

/// Moves the control socket from standard input to a descriptor that no exec inherits, and puts `/dev/null`
/// in its place.
pub fn take_standard_input() -> io::Result<OwnedFd> {
    let stdin = io::stdin();
    let is_socket = nix::sys::stat::fstat(stdin.as_fd())
        .is_ok_and(|stat| stat.st_mode & libc::S_IFMT == libc::S_IFSOCK);
    if !is_socket {
        return Err(io::Error::other(
            "goproctor starts this part by itself; run goproctor without this argument",
        ));
    }
    let number = fcntl(stdin.as_fd(), FcntlArg::F_DUPFD_CLOEXEC(3))?;
    // SAFETY: fcntl just made this descriptor, and nobody else has it.
    let control = unsafe { OwnedFd::from_raw_fd(number) };
    unistd::dup2_stdin(File::open("/dev/null")?)?;
    Ok(control)
}

/// Closes what whoever started goproctor left open, all but the standard three and `kept`.
pub fn close_all_but(kept: RawFd) -> io::Result<()> {
    let kept = kept.cast_unsigned();
    let close = |first: u32, last: u32| {
        if first > last {
            return Ok(());
        }
        // SAFETY: nothing in this process holds a descriptor above the standard ones, but `kept`.
        match unsafe { libc::close_range(first, last, 0) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    };
    close(3, kept - 1)?;
    close(kept + 1, u32::MAX)
}

/// Gives up everything, for good, in this process and all that descends from it; for the supervisor, which must be
/// `uid` and `gid` already.
///
/// NO_NEW_PRIVS keeps every later exec from gaining capabilities, even root's, over the empty permitted set
/// (kernel, security/commoncap.c, cap_bprm_creds_from_file). The bounding set is emptied and NOROOT set where that
/// is allowed, which for root with CAP_SETPCAP it is.
pub fn renounce(uid: u32, gid: u32) -> io::Result<()> {
    let ids = [getuid().as_raw(), geteuid().as_raw()];
    let groups = [getgid().as_raw(), getegid().as_raw()];
    if ids != [uid; 2] || groups != [gid; 2] {
        return Err(io::Error::other(format!(
            "this process is user {ids:?} in group {groups:?}, not user {uid} in group {gid}"
        )));
    }
    if caps::has_cap(None, CapSet::Effective, Capability::CAP_SETPCAP).map_err(of_caps)? {
        caps::clear(None, CapSet::Bounding).map_err(of_caps)?;
        forbid_root()?;
    }
    clear_ambient()?;
    for set in [CapSet::Inheritable, CapSet::Effective, CapSet::Permitted] {
        caps::clear(None, set).map_err(of_caps)?;
    }
    prctl::set_no_new_privs()?;
    for set in [CapSet::Inheritable, CapSet::Effective, CapSet::Permitted] {
        if !caps::read(None, set).map_err(of_caps)?.is_empty() {
            return Err(io::Error::other("capabilities are left"));
        }
    }
    Ok(())
}

/// Empties the ambient set: exec passes on none of our capabilities.
///
/// # Errors
/// The kernel refuses.
pub fn clear_ambient() -> io::Result<()> {
    caps::clear(None, CapSet::Ambient).map_err(of_caps)
}

/// Being root gives no capability any more (capabilities(7), SECBIT_NOROOT and its lock).
fn forbid_root() -> io::Result<()> {
    const NOROOT: libc::c_ulong = 1;
    const NOROOT_LOCKED: libc::c_ulong = 1 << 1;
    // SAFETY: sets this process's securebits; no memory is involved.
    match unsafe { libc::prctl(libc::PR_SET_SECUREBITS, NOROOT | NOROOT_LOCKED, 0, 0, 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The error of the `caps` crate as one of the system.
#[must_use]
pub fn of_caps(error: caps::errors::CapsError) -> io::Error {
    io::Error::other(error)
}
