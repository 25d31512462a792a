//! Running the go command: its output in bounded memory, cancellation without leftovers.

use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    process::{Command, ExitStatus, Stdio},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use keeper::Group;
use nix::{
    errno::Errno,
    sys::{
        signal::{Signal, killpg},
        wait::{Id, WaitPidFlag, WaitStatus, waitid},
    },
    unistd::Pid,
};

/// How often cancellation is looked at.
const TICK: Duration = Duration::from_millis(20);
/// How often to look for the end of a command that has closed its output: it is about to come.
const MOMENT: Duration = Duration::from_millis(1);
/// How long to wait for the rest of the output when the command has ended.
const REST: Duration = Duration::from_secs(1);
/// Longest piece of a line of error output, in bytes.
const LINE: u64 = 4096;
/// How much error output is kept, in bytes.
const KEPT: usize = 32 * 1024;
/// How much standard output is taken, in bytes.
const TAKEN: u64 = 256 * 1024 * 1024;

/// What a command that ended has printed.
#[derive(Debug)]
pub(super) struct Finished {
    /// How it ended.
    pub(super) status: ExitStatus,
    /// Its standard output.
    pub(super) stdout: Vec<u8>,
    /// The end of its error output, trimmed.
    pub(super) stderr: String,
}

/// Why a command has not finished.
#[derive(Debug)]
pub(super) enum RunError {
    /// It could not be started or waited for.
    Io(io::Error),
    /// It was cancelled, and is gone.
    Cancelled,
}

enum Output {
    Line(String),
    Stdout(Vec<u8>),
}

/// Runs a command in a process group of its own until it ends, and hands each line of its error output to
/// `progress`. When `cancel` becomes true the whole group is killed.
pub(super) fn run(
    command: &mut Command,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(&str),
) -> Result<Finished, RunError> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let mut child = command.spawn().map_err(RunError::Io)?;
    let pid = Pid::from_raw(child.id().cast_signed());
    let kept = Group::keep(pid);

    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        let sender = sender.clone();
        thread::spawn(move || read_all(stdout, &sender));
    }
    if let Some(stderr) = child.stderr.take() {
        thread::spawn(move || read_lines(stderr, &sender));
    }

    let mut stdout = Vec::new();
    let mut tail = Tail::default();
    let mut ended: Option<Instant> = None;
    loop {
        match receiver.recv_timeout(TICK) {
            Ok(Output::Line(line)) => {
                progress(&line);
                tail.push(line);
            }
            Ok(Output::Stdout(bytes)) => stdout = bytes,
            Err(RecvTimeoutError::Disconnected) if has_ended(pid) => break,
            Err(RecvTimeoutError::Disconnected) => thread::sleep(MOMENT),
            Err(RecvTimeoutError::Timeout) => match ended {
                // Something that it started still holds its pipes.
                Some(at) if at.elapsed() > REST => break,
                None if has_ended(pid) => ended = Some(Instant::now()),
                _ => {}
            },
        }
        if cancel.load(Ordering::Relaxed) {
            kill_group(pid);
            child.wait().map_err(RunError::Io)?;
            return Err(RunError::Cancelled);
        }
    }
    // Not yet reaped, so the group's number is still its own.
    kill_group(pid);
    drop(kept);
    let status = child.wait().map_err(RunError::Io)?;
    Ok(Finished {
        status,
        stdout,
        stderr: tail.text(),
    })
}

/// Whether a child has ended; it stays to be reaped.
fn has_ended(pid: Pid) -> bool {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    match waitid(Id::Pid(pid), flags) {
        Ok(WaitStatus::StillAlive) | Err(Errno::EINTR) => false,
        Ok(_) | Err(_) => true,
    }
}

fn kill_group(pid: Pid) {
    // Fails only when the group is gone already.
    let _ = killpg(pid, Signal::SIGKILL);
}

fn read_all(stdout: impl Read, sender: &Sender<Output>) {
    let mut bytes = Vec::new();
    let mut stdout = stdout;
    // A pipe that breaks ends the output; the exit status says the rest.
    let _ = stdout.by_ref().take(TAKEN).read_to_end(&mut bytes);
    let _ = sender.send(Output::Stdout(bytes));
    let _ = io::copy(&mut stdout, &mut io::sink());
}

fn read_lines(stderr: impl Read, sender: &Sender<Output>) {
    let mut stderr = BufReader::new(stderr);
    loop {
        let mut bytes = Vec::new();
        match stderr.by_ref().take(LINE).read_until(b'\n', &mut bytes) {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let line = String::from_utf8_lossy(&bytes);
                let line = line.trim_end_matches(['\n', '\r']).to_owned();
                if sender.send(Output::Line(line)).is_err() {
                    return;
                }
            }
        }
    }
}

/// The last lines of an output.
#[derive(Debug, Default)]
struct Tail {
    lines: VecDeque<String>,
    bytes: usize,
    left_out: usize,
}

impl Tail {
    fn push(&mut self, line: String) {
        self.bytes += line.len() + 1;
        self.lines.push_back(line);
        while self.bytes > KEPT {
            let Some(first) = self.lines.pop_front() else {
                return;
            };
            self.bytes -= first.len() + 1;
            self.left_out += 1;
        }
    }

    fn text(&self) -> String {
        let mut text = String::with_capacity(self.bytes + 32);
        if self.left_out > 0 {
            text.push_str(&format!("… {} lines before this\n", self.left_out));
        }
        for line in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        text.trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        process::Command,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        thread,
        time::{Duration, Instant},
    };

    use super::{KEPT, RunError, run};

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_and_status_are_handed_back() {
        let mut lines = Vec::new();
        let finished = run(
            &mut shell("echo out; echo one >&2; echo two >&2; exit 3"),
            &AtomicBool::new(false),
            &mut |line| lines.push(line.to_owned()),
        )
        .unwrap();
        assert_eq!(finished.status.code(), Some(3));
        assert_eq!(finished.stdout, b"out\n");
        assert_eq!(finished.stderr, "one\ntwo");
        assert_eq!(lines, ["one", "two"]);
    }

    #[test]
    fn only_the_end_of_much_output_is_kept() {
        let finished = run(
            &mut shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done >&2"),
            &AtomicBool::new(false),
            &mut |_| {},
        )
        .unwrap();
        assert!(finished.stderr.len() <= KEPT + 64);
        assert!(finished.stderr.starts_with('…'));
        assert!(finished.stderr.ends_with("line 19999"));
    }

    #[test]
    fn cancelling_kills_all_that_was_started() {
        let cancel = Arc::new(AtomicBool::new(false));
        let canceller = {
            let cancel = Arc::clone(&cancel);
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(200));
                cancel.store(true, Ordering::Relaxed);
            })
        };
        let started = Instant::now();
        let mut pids = Vec::new();
        let result = run(
            &mut shell("sleep 60 & echo $! >&2; wait"),
            &cancel,
            &mut |line| {
                pids.push(line.to_owned());
            },
        );
        canceller.join().unwrap();
        assert!(matches!(result, Err(RunError::Cancelled)));
        assert!(started.elapsed() < Duration::from_secs(5));
        thread::sleep(Duration::from_millis(100));
        let state = std::fs::read_to_string(format!("/proc/{}/stat", pids[0]));
        assert!(
            state.is_err() || state.unwrap().contains(" Z "),
            "the grandchild lives"
        );
    }

    #[test]
    fn a_left_behind_process_that_holds_the_pipes_does_not_hold_us() {
        let started = Instant::now();
        let finished = run(
            &mut shell("sleep 60 & echo done >&2"),
            &AtomicBool::new(false),
            &mut |_| {},
        )
        .unwrap();
        assert_eq!(finished.stderr, "done");
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}
