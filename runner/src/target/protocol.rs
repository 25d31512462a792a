//! What goproctor and its supervisor say to one another: a line of JSON each, over a socket pair.

use std::{ffi::OsString, fmt, time::Duration};

use model::Exit;
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

/// What goproctor orders the supervisor to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Order {
    /// Start the target, up to the gate. The first order, once.
    Launch(Launch),
    /// Let the target through the gate.
    Release,
    /// Send the target a signal of that number.
    Signal(i32),
    /// End the target and all its descendants.
    Stop,
}

/// What the supervisor needs to know to start the target.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Launch {
    pub(super) binary: OsString,
    pub(super) args: Vec<OsString>,
    pub(super) env: Vec<(OsString, OsString)>,
    pub(super) folder: OsString,
    /// What it reads from its standard input; nothing, if there is none.
    pub(super) stdin: Option<String>,
    /// The user and group that the supervisor must already be.
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// How long after TERM the target is killed.
    pub(super) grace: Duration,
}

/// What the supervisor reports to goproctor.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Report {
    /// The target's process exists and waits at the gate.
    AtGate { pid: i32 },
    /// The target could not be started; nothing runs.
    Refused { step: String, error: String },
    /// The target's program runs.
    Started,
    /// The target ended; descendants may still run.
    Ended(Ended),
    /// All descendants are gone but that many; the supervisor's last words.
    Swept { left: usize },
}

/// How the target ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ended {
    /// It exited with this code.
    Exited(i32),
    /// A signal of this number ended it.
    Signaled(i32),
    /// Its supervisor was ended by somebody else, and the target with it; how it ended is not known.
    Unknown,
}

impl From<Ended> for Exit {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Exited(code) => Self::Code(code),
            Ended::Signaled(number) => Self::Signal(match Signal::try_from(number) {
                Ok(signal) => signal.to_string(),
                Err(_) => format!("signal {number}"),
            }),
            Ended::Unknown => Self::Unknown,
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Exited(code) => write!(f, "exited with code {code}"),
            Self::Signaled(number) => match Signal::try_from(number) {
                Ok(signal) => write!(f, "was ended by {signal}"),
                Err(_) => write!(f, "was ended by signal {number}"),
            },
            Self::Unknown => f.write_str("ended with its supervisor, which somebody else ended"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ended;

    #[test]
    fn an_end_is_shown_in_words() {
        assert_eq!(Ended::Exited(3).to_string(), "exited with code 3");
        assert_eq!(Ended::Signaled(9).to_string(), "was ended by SIGKILL");
        assert_eq!(Ended::Signaled(40).to_string(), "was ended by signal 40");
    }
}
