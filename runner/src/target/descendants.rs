//! All processes that descend from this one, found by their parents in `/proc/*/stat`, and their end.
//!
//! `/proc/<pid>/task/*/children` would name them directly, but exists only on kernels built with
//! `CONFIG_PROC_CHILDREN`; `stat` is always there.

use std::{
    collections::HashMap,
    fs,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::{
        signal::{Signal, kill},
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::{Pid, getpid},
};

/// How long one look at the dying lasts before the next.
const PAUSE: Duration = Duration::from_millis(2);

/// Kills all descendants of this process and reaps them, `reaped` seeing each; gives how many are left
/// when none are left or `bound` has passed.
///
/// This process must be a child subreaper: whose parent dies becomes its child, so the loop ends when
/// there is no child left.
pub(super) fn sweep(bound: Duration, mut reaped: impl FnMut(WaitStatus)) -> usize {
    let deadline = Instant::now() + bound;
    loop {
        let descendants = find();
        for &pid in &descendants {
            // A process that is gone by now is what we want.
            let _ = kill(pid, Signal::SIGKILL);
        }
        if reap(&mut reaped) {
            return 0;
        }
        if Instant::now() >= deadline {
            // A child that /proc does not show is left, too.
            return find().len().max(1);
        }
        std::thread::sleep(PAUSE);
    }
}

/// Reaps every child that has ended, `reaped` seeing each; whether there is no child left.
pub(super) fn reap(mut reaped: impl FnMut(WaitStatus)) -> bool {
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) => return false,
            Ok(status) => reaped(status),
            Err(Errno::EINTR) => {}
            // ECHILD; waitpid with these arguments knows no other.
            Err(_) => return true,
        }
    }
}

/// All descendants of this process.
fn find() -> Vec<Pid> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    for entry in processes {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse().ok()) else {
            continue;
        };
        // A process may end while we look.
        let Ok(stat) = fs::read(entry.path().join("stat")) else {
            continue;
        };
        if let Some(parent) = parent_of(&stat) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut found = Vec::new();
    let mut open = vec![getpid().as_raw()];
    while let Some(parent) = open.pop() {
        // Taken out, so that process ids that were reused while we looked make no circle.
        for child in children.remove(&parent).unwrap_or_default() {
            found.push(Pid::from_raw(child));
            open.push(child);
        }
    }
    found
}

/// The parent's process id in the text of a `/proc/<pid>/stat` (proc_pid_stat(5)): the second field after the
/// name, which is in parentheses and may hold anything, parentheses and line ends too.
fn parent_of(stat: &[u8]) -> Option<i32> {
    let end = stat.iter().rposition(|&byte| byte == b')')?;
    let rest = std::str::from_utf8(stat.get(end + 1..)?).ok()?;
    rest.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::parent_of;

    #[test]
    fn a_parent_is_found_behind_any_name() {
        assert_eq!(parent_of(b"41 (sleep) S 7 41 41 0"), Some(7));
        assert_eq!(parent_of(b"41 (a) S 9 (\n) R 7 41"), Some(7));
        assert_eq!(parent_of(b"41 (\xff) Z 1 41"), Some(1));
    }

    #[test]
    fn what_is_no_stat_has_no_parent() {
        for text in [&b""[..], b"41", b"41 (x)", b"41 (x) S", b"41 (x) S y"] {
            assert_eq!(parent_of(text), None);
        }
    }
}
