//! What `exec` and the helper say to each other: a line of JSON each, a question and its answer in turns.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    os::{fd::AsFd as _, unix::net::UnixStream},
    path::PathBuf,
    time::Duration,
};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// What `exec` asks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Question {
    /// `go test` wants to run a test binary. Answered by [`Answer::Plain`], [`Answer::Watched`] or [`Answer::Refused`].
    Begin {
        /// The binary.
        binary: PathBuf,
        /// The package's folder, which the binary runs in.
        folder: PathBuf,
        /// Whether some tests are left out, by `-run` or the like.
        filtered: bool,
        /// The folder of all artifacts (`_artifacts`), if tests are to leave some.
        artifacts: Option<PathBuf>,
    },
    /// It runs as this process. Answered by [`Answer::Done`].
    Started {
        /// The process.
        process: u32,
    },
    /// A test has reported its end. Answered by [`Answer::Verdict`].
    Ended {
        /// The test's full name.
        test: String,
        /// Whether it failed by itself.
        failed: bool,
    },
    /// How the tests did below one that has just reported its end. Answered by [`Answer::Verdicts`].
    Below {
        /// The full name of the test above.
        test: String,
    },
    /// How all tests did that have ended and were not asked for. Answered by [`Answer::Verdicts`].
    Rest,
    /// The process has ended. Answered by [`Answer::Done`].
    Over,
    /// What the verdicts depend on. Answered by [`Answer::Inputs`].
    Inputs,
}

/// What the helper answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// No spec looks at the package.
    Plain {
        /// The program and its arguments that the binary is to be run by, if any.
        exec: Vec<String>,
    },
    /// Probes are set.
    Watched {
        /// Environment variables for the binary besides its own.
        env: Vec<(String, String)>,
        /// The Go release that built it: `N` of `go1.N`.
        minor: u32,
        /// The program and its arguments that the binary is to be run by, if any.
        exec: Vec<String>,
    },
    /// The package's specs can't be judged, for this reason.
    Refused {
        /// Lines for a person.
        message: String,
    },
    /// Understood.
    Done,
    /// How the test did; none if no spec looks at it.
    Verdict(Option<Verdict>),
    /// How tests did, by their full names, in the order of their ends.
    Verdicts(Vec<(String, Verdict)>),
    /// What the verdicts depend on besides the test binary.
    Inputs {
        /// Specs and snapshots.
        files: Vec<PathBuf>,
        /// The variables of goproctor's own environment that the specs name.
        variables: Vec<String>,
    },
}

/// How a run of a test did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Verdict {
    /// Whether it fails.
    pub(super) fails: bool,
    /// What a person should read of it.
    pub(super) lines: Vec<String>,
    /// The places in specs of what does not hold.
    pub(super) places: Vec<String>,
    /// The directories of its artifacts.
    pub(super) artifacts: Vec<String>,
}

/// How long one waits at most, where there is something else to do.
const A_WHILE: Duration = Duration::from_millis(500);

/// One end of the conversation.
pub(super) struct Conversation {
    reader: BufReader<UnixStream>,
    writer: UnixStream,
    /// What was read of a line that is not complete.
    line: String,
}

/// What was heard.
pub(super) enum Heard<T> {
    /// This.
    Something(T),
    /// Nothing yet.
    Nothing,
    /// The other end has closed.
    End,
}

impl Conversation {
    /// Speaks over a socket.
    pub(super) fn over(socket: UnixStream) -> io::Result<Self> {
        Ok(Self {
            writer: socket.try_clone()?,
            reader: BufReader::new(socket),
            line: String::new(),
        })
    }

    /// Says something.
    pub(super) fn say(&mut self, what: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(what)?;
        line.push(b'\n');
        self.writer.write_all(&line)
    }

    /// Hears something; none when the other end has closed.
    pub(super) fn hear<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        loop {
            match self.hear_for_a_while()? {
                Heard::Something(heard) => return Ok(Some(heard)),
                Heard::Nothing => {}
                Heard::End => return Ok(None),
            }
        }
    }

    /// Waits for something for [`A_WHILE`], if this end was told to.
    pub(super) fn hear_for_a_while<T: DeserializeOwned>(&mut self) -> io::Result<Heard<T>> {
        match self.reader.read_line(&mut self.line) {
            Ok(0) => Ok(Heard::End),
            Ok(_) => {
                let line = std::mem::take(&mut self.line);
                Ok(Heard::Something(serde_json::from_str(&line)?))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Heard::Nothing),
            Err(error) => Err(error),
        }
    }

    /// From here on, waiting is interrupted every so often.
    pub(super) fn wait_for_a_while(&self) -> io::Result<()> {
        self.writer.set_read_timeout(Some(A_WHILE))
    }

    /// Whether the other end has closed, where it has nothing to say.
    pub(super) fn has_closed(&self) -> bool {
        let mut wanted = [PollFd::new(self.writer.as_fd(), PollFlags::POLLIN)];
        poll(&mut wanted, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
    }

    /// Asks, and waits for the answer.
    pub(super) fn ask(&mut self, question: &Question) -> io::Result<Answer> {
        self.say(question)?;
        self.hear()?
            .ok_or_else(|| io::Error::new(io::ErrorKind::UnexpectedEof, "goproctor test has ended"))
    }
}
