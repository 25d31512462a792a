//! What the program wrote during a test, and how it ended.

use std::fmt;

use super::Nanoseconds;

/// What the program wrote during a test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// To its standard output.
    pub stdout: Written,
    /// To its standard error.
    pub stderr: Written,
}

/// What it wrote to one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The text, up to a limit.
    pub bytes: Vec<u8>,
    /// Whether there is more of it.
    pub truncated: bool,
}

/// How the program ended, or that it did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// How; none if it was still running.
    pub exit: Option<Exit>,
    /// How long before its end, or before the test's, it was sent a signal, if it was.
    pub signalled: Option<Nanoseconds>,
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// With this status.
    Code(i32),
    /// By this signal: `SIGKILL`.
    Signal(String),
    /// In a way that nobody saw.
    Unknown,
}

/// `exit status 1`, `ended by SIGKILL`
impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit status {code}"),
            Self::Signal(signal) => write!(f, "ended by {signal}"),
            Self::Unknown => f.write_str("ended with its supervisor, which somebody else ended"),
        }
    }
}
