//! A program that does more than can be shown is traced in bounded memory, and what is not shown is said.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use goproctor_tests::{
    command::goproctor,
    go::{self, NEWEST},
    harness::Test,
};

pub(crate) const TESTS: &[Test<'static>] = &[
    ("trace_of_a_busy_program_stays_small", stays_small),
    ("trace_into_a_slow_pipe_stays_small", slow_pipe),
];

/// What goproctor may take, in KiB.
const MAX_MEMORY: u64 = 300 << 10;

struct Busy(Child);

impl Busy {
    fn start(folder: &std::path::Path) -> Self {
        let binary = go::build_fixture("base", "busy", NEWEST, folder);
        let mut child = Command::new(binary).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        lines.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self(child)
    }

    fn trace(&self, stdout: Stdio, seconds: u32) -> Child {
        goproctor()
            .args(["trace", "--pid", &self.0.id().to_string()])
            .args(["-f", "main.take", "-f", "main.serve", "--format", "json"])
            .args(["--for", &format!("{seconds}s")])
            .stdout(stdout)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The most memory that a process has had so far, in KiB; none if it has ended.
fn most(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// Waits for the end of a trace; gives the most memory that it had, and what it said.
fn watch(mut trace: Child) -> (u64, String) {
    let begin = Instant::now();
    let mut peak = 0;
    let mut errors = trace.stderr.take().unwrap();
    let said = thread::spawn(move || {
        let mut said = String::new();
        errors.read_to_string(&mut said).unwrap();
        said
    });
    while trace.try_wait().unwrap().is_none() {
        peak = most(trace.id()).unwrap_or(peak);
        if begin.elapsed() > Duration::from_secs(60) {
            trace.kill().unwrap();
            panic!("it does not end");
        }
        thread::sleep(Duration::from_millis(50));
    }
    (peak, said.join().unwrap())
}

fn stays_small() {
    let folder = tempfile::tempdir().unwrap();
    let busy = Busy::start(folder.path());
    let (peak, said) = watch(busy.trace(Stdio::null(), 10));
    println!("{} MiB at most", peak >> 10);
    assert!(peak > 0 && peak < MAX_MEMORY, "{peak} KiB; {said}");
}

fn slow_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let busy = Busy::start(folder.path());
    let mut trace = busy.trace(Stdio::piped(), 8);
    let mut output = trace.stdout.take().unwrap();
    let ended = Instant::now() + Duration::from_secs(8);
    let reader = thread::spawn(move || {
        // Nobody reads as fast as it is written, until it is over.
        let mut read = 0_u64;
        let mut chunk = vec![0; 64 << 10];
        loop {
            match output.read(&mut chunk).unwrap() {
                0 => return read,
                length => read += length as u64,
            }
            if Instant::now() < ended {
                thread::sleep(Duration::from_millis(20));
            }
        }
    });
    let (peak, said) = watch(trace);
    println!(
        "{} MiB at most; {} bytes read",
        peak >> 10,
        reader.join().unwrap()
    );
    assert!(peak > 0 && peak < MAX_MEMORY, "{peak} KiB; {said}");
    assert!(said.contains("goproctor: not shown: "), "{said}");
    assert!(said.contains(" calls"), "{said}");
}
