//! A process that somebody else started, and that goes on when we end.

use std::{
    fs::{self, File},
    io,
    os::fd::AsRawFd as _,
    path::PathBuf,
    time::{Duration, Instant},
};

use model::ProcessId;

/// The pause between two looks whether it still lives.
const PAUSE: Duration = Duration::from_millis(20);

/// Why a process can't be watched.
#[derive(Debug, thiserror::Error)]
pub enum RunningError {
    /// There is none of that number.
    #[error("there is no {0}; list running processes with `pgrep -l NAME`")]
    NotFound(ProcessId),
    /// What it runs can't be seen.
    #[error("cannot look at {process}: {error}; watching a process of another user needs root")]
    Denied {
        /// The process.
        process: ProcessId,
        /// What the system says.
        error: io::Error,
    },
}

/// A process that runs, distinguished from a later one of the same number by when it began.
#[derive(Debug)]
pub struct Running {
    /// Its number, in our PID namespace.
    pub process: ProcessId,
    /// The file that it runs. Opened while we may: later there are fewer privileges.
    file: File,
    /// Ticks from the machine's start to its own.
    began: u64,
}

impl Running {
    /// Finds the process of that number.
    ///
    /// # Errors
    /// There is none, or we may not look at it.
    pub fn find(process: ProcessId) -> Result<Self, RunningError> {
        let began = began(process).ok_or(RunningError::NotFound(process))?;
        let file = File::open(format!("/proc/{}/exe", process.0));
        let file = file.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => RunningError::NotFound(process),
            _ => RunningError::Denied { process, error },
        })?;
        Ok(Self {
            process,
            file,
            began,
        })
    }

    /// The file that it runs: a name that leads to it, even after it was replaced or removed, while this lives.
    #[must_use]
    pub fn executable(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.file.as_raw_fd()))
    }

    /// Waits until it has ended, for that time at most; whether it has.
    #[must_use]
    pub(crate) fn wait_ended(&self, within: Duration) -> bool {
        let begin = Instant::now();
        loop {
            if began(self.process) != Some(self.began) {
                return true;
            }
            let left = within.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return false;
            }
            std::thread::sleep(left.min(PAUSE));
        }
    }
}

/// When a process began; none if there is none, or if it has ended and nobody has asked how.
fn began(process: ProcessId) -> Option<u64> {
    let stat = fs::read(format!("/proc/{}/stat", process.0)).ok()?;
    start_time(&String::from_utf8_lossy(&stat))
}

/// The field `starttime` of `/proc/[pid]/stat` (proc_pid_stat(5)): the 22nd; the name in parentheses, the second, may hold
/// anything.
fn start_time(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    (!matches!(state, "Z" | "X")).then_some(())?;
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::{
        process::{self, Command},
        time::Duration,
    };

    use model::ProcessId;

    use super::{Running, RunningError, start_time};

    #[test]
    fn the_name_of_a_process_may_hold_anything() {
        let rest = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20";
        assert_eq!(start_time(&format!("7 (a) Z (b) {rest}")), Some(4711));
        assert_eq!(
            start_time("7 (gone) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711"),
            None
        );
        for text in ["", "7", "7 (x", "7 (x) S 1 2"] {
            assert_eq!(start_time(text), None);
        }
    }

    #[test]
    fn a_process_is_found_and_seen_to_end() {
        let itself = Running::find(ProcessId(process::id())).unwrap();
        assert!(!itself.wait_ended(Duration::ZERO));
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let running = Running::find(ProcessId(child.id())).unwrap();
        assert!(!running.wait_ended(Duration::from_millis(1)));
        child.kill().unwrap();
        // Not yet waited for, but ended.
        assert!(running.wait_ended(Duration::from_secs(10)));
        child.wait().unwrap();
        let gone = Running::find(ProcessId(child.id()));
        assert!(matches!(gone, Err(RunningError::NotFound(_))));
    }
}
