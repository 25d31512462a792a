//! Why a command of `setup` did not do what it should.

use crate::target::{Ended, TargetError};

/// A command of `setup` that did not do what it should.
#[derive(Debug, thiserror::Error)]
#[error("setup: {command}: {problem}{}", wrote(output))]
pub struct SetupError {
    /// The command with its arguments.
    pub(super) command: String,
    /// What went wrong.
    pub(super) problem: SetupProblem,
    /// What it wrote last.
    pub(super) output: Vec<String>,
}

/// What went wrong with a command of `setup`.
#[derive(Debug, thiserror::Error)]
pub(super) enum SetupProblem {
    /// No such file in any folder of PATH.
    #[error("there is no such command in PATH")]
    NotFound,
    /// It could not be started.
    #[error(transparent)]
    Target(TargetError),
    /// It ended otherwise than with 0.
    #[error("it {0}")]
    Ended(Ended),
    /// It did not end in time.
    #[error("it was still running when the test had no more time; raise `within`")]
    Late,
}

fn wrote(lines: &[String]) -> String {
    match lines {
        [] => String::new(),
        lines => format!("; it wrote:\n  {}", lines.join("\n  ")),
    }
}

impl SetupError {
    /// Why the program can't be started, in a line, if that would be the same another time.
    pub(super) fn lasting_cause(&self) -> Option<String> {
        match &self.problem {
            SetupProblem::NotFound | SetupProblem::Ended(_) => {
                Some(format!("setup: {}: {}", self.command, self.problem))
            }
            SetupProblem::Target(error) => error.lasting_cause(),
            SetupProblem::Late => None,
        }
    }

    /// The same with its texts changed, as redaction demands.
    pub(super) fn cleaned(self, change: impl Fn(&str) -> String) -> Self {
        Self {
            command: change(&self.command),
            output: self.output.iter().map(|line| change(line)).collect(),
            problem: self.problem,
        }
    }
}
