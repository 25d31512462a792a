//! Why a target can't be launched, does not become ready, or can't be ended.

use std::{io, path::PathBuf, time::Duration};

use super::protocol::Ended;

/// Why the target could not be launched, did not become ready, or could not be ended.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The supervisor could not be started.
    #[error("cannot start the program's supervisor ({}): {error}", program.display())]
    Supervisor {
        /// The supervisor's file.
        program: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The supervisor ended, or does not answer.
    #[error(
        "the program's supervisor is gone or does not answer while {step}{}",
        wrote(said)
    )]
    SupervisorLost {
        /// What was being done.
        step: &'static str,
        /// What it wrote last.
        said: Vec<String>,
    },
    /// The program could not be started.
    #[error("cannot start {}: {step}: {error}", binary.display())]
    Refused {
        /// The program's file.
        binary: PathBuf,
        /// At which step.
        step: String,
        /// What the system says.
        error: String,
    },
    /// The program was started, but did not get ready.
    #[error("{failure}{}", wrote(output))]
    NotReady {
        /// How it failed.
        failure: StartFailure,
        /// Why it crashed, if it wrote that, and the last lines.
        output: Vec<String>,
    },
    /// The wait was cancelled.
    #[error("cancelled while waiting for the program to get ready")]
    Cancelled,
    /// Something of the program could not be ended.
    #[error("{count} of the program's processes could not be killed and are left running")]
    LeftRunning {
        /// How many.
        count: usize,
    },
}

/// How a program fails to get ready.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartFailure {
    /// It ended before it was ready.
    #[error("the program {0} before it was ready")]
    Ended(Ended),
    /// The same because another process took its port.
    #[error("the program {0} before it was ready (another process took its port first: try again)")]
    PortInUse(Ended),
    /// It ended before any of its Go code ran.
    #[error("the program {0} before its runtime.main began")]
    EndedAtStart(Ended),
    /// It runs on.
    #[error("the program is not ready after {within:?}: {reason}")]
    Late {
        /// How long it was tried.
        within: Duration,
        /// What the last try gave.
        reason: String,
    },
}

impl StartFailure {
    /// The failure of a program that ended so and wrote this before it was ready.
    pub(super) fn ended(ended: Ended, output: &[String]) -> Self {
        let says_port_in_use = output.iter().any(|line| {
            let line = line.to_ascii_lowercase();
            line.contains("address already in use") || line.contains("eaddrinuse")
        });
        match says_port_in_use {
            true => Self::PortInUse(ended),
            false => Self::Ended(ended),
        }
    }
}

fn wrote(lines: &[String]) -> String {
    if lines.is_empty() {
        return "; it wrote nothing".to_owned();
    }
    format!("; it wrote:\n  {}", lines.join("\n  "))
}

impl TargetError {
    /// Why the program does not start, in a line, if that would be the same another time.
    pub(crate) fn lasting_cause(&self) -> Option<String> {
        match self {
            Self::Refused { .. } => Some(self.to_string()),
            Self::NotReady { failure, .. } => match failure {
                // With another port it may go well.
                StartFailure::PortInUse(_) => None,
                failure => Some(failure.to_string()),
            },
            Self::Supervisor { .. }
            | Self::SupervisorLost { .. }
            | Self::Cancelled
            | Self::LeftRunning { .. } => None,
        }
    }

    /// The same with what the program wrote changed line by line, as redaction demands.
    #[must_use]
    pub(crate) fn with_output(mut self, change: impl Fn(&str) -> String) -> Self {
        if let Self::NotReady { output, .. } = &mut self {
            for line in output {
                *line = change(line);
            }
        }
        self
    }
}
