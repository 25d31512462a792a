//! Processes that are ended by whoever drops them.

use std::{
    io::{BufRead as _, BufReader, Read},
    net::TcpListener,
    ops::{Deref, DerefMut},
    process::{Child, Command},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::Outcome;

/// A process of ours.
pub(crate) struct Process(Child);

impl Process {
    /// Starts it.
    pub(crate) fn start(command: &mut Command) -> Outcome<Self> {
        let child = command.spawn();
        let child = child
            .map_err(|error| format!("{}: {error}", command.get_program().to_string_lossy()))?;
        Ok(Self(child))
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) -> Outcome<()> {
        kill(Pid::from_raw(i32::try_from(self.0.id())?), signal)?;
        Ok(())
    }

    /// Waits for its end; whether it has ended in time.
    pub(crate) fn ends_within(&mut self, time: Duration) -> Outcome<bool> {
        let begin = Instant::now();
        while self.0.try_wait()?.is_none() {
            if begin.elapsed() > time {
                return Ok(false);
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(true)
    }
}

impl Deref for Process {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Process {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The lines that somebody writes, as they come; they are read to the end even if nobody wants them any more.
pub(crate) fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (to, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            // Nobody may listen any more, but the pipe must not fill.
            let _ = to.send(line);
        }
    });
    lines
}

/// Waits for a line that has a word in it; what was said instead is in the error.
pub(crate) fn wait_for(lines: &Receiver<String>, word: &str, time: Duration) -> Outcome<String> {
    let until = Instant::now() + time;
    let mut said = Vec::new();
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(line) if line.contains(word) => return Ok(line),
            Ok(line) => said.push(line),
            Err(_) => {
                let last = said.split_off(said.len().saturating_sub(4));
                return Err(format!("never said '{word}', but {}", last.join("\n")).into());
            }
        }
    }
}

/// A port that is free now.
pub(crate) fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
