//! What ends a command before it is done.

use std::{fmt, io};

use spec::{SpecErrors, config::UnknownProfile};

use super::{discovery::DiscoveryError, screen::Screen};
use crate::{git::GitError, report::ExitCode, session::SessionError, target::PrivilegeError};

/// What ends a command before it is done: what to say, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: ExitCode,
    text: Text,
    /// Whether the displays of a run were told.
    is_reported: bool,
}

#[derive(Debug)]
enum Text {
    Plain(String),
    Specs(Vec<SpecErrors>),
    /// All was said already.
    Said,
}

impl Failure {
    /// Something is wrong with the command line or a spec.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self {
            exit: ExitCode::Usage,
            text: Text::Plain(text.into()),
            is_reported: false,
        }
    }

    /// Something is wrong with the world.
    pub(crate) fn world(text: impl Into<String>) -> Self {
        Self {
            exit: ExitCode::CouldNotRun,
            text: Text::Plain(text.into()),
            is_reported: false,
        }
    }

    /// Specs are wrong.
    #[must_use]
    pub(crate) const fn specs(errors: Vec<SpecErrors>) -> Self {
        Self {
            exit: ExitCode::Usage,
            text: Text::Specs(errors),
            is_reported: false,
        }
    }

    /// The same, of which the displays of a run were told.
    pub(super) const fn reported(mut self) -> Self {
        self.is_reported = true;
        self
    }

    /// Whether the displays of a run were told.
    pub(super) const fn is_reported(&self) -> bool {
        self.is_reported
    }

    /// What to say to the shell.
    pub(super) const fn exit(&self) -> ExitCode {
        self.exit
    }

    /// What is wrong with specs, if it is that.
    #[must_use]
    pub(crate) fn spec_errors(&self) -> &[SpecErrors] {
        match &self.text {
            Text::Specs(errors) => errors,
            Text::Plain(_) | Text::Said => &[],
        }
    }

    /// Says it on standard error and gives the exit code.
    #[must_use]
    pub(crate) fn print(&self) -> ExitCode {
        match &self.text {
            Text::Plain(text) => eprintln!("goproctor: {text}"),
            Text::Specs(all) => {
                let screen = Screen::detect();
                for errors in all {
                    eprint!("{}", screen.render(errors));
                }
            }
            Text::Said => {}
        }
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Text::Plain(text) => f.write_str(text),
            Text::Specs(all) => all.iter().try_for_each(|errors| writeln!(f, "{errors}")),
            Text::Said => Ok(()),
        }
    }
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        match error.is_usage() {
            true => Self::usage(error.to_string()),
            false => Self::world(error.to_string()),
        }
    }
}

impl From<DiscoveryError> for Failure {
    fn from(error: DiscoveryError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<UnknownProfile> for Failure {
    fn from(error: UnknownProfile) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<SpecErrors> for Failure {
    fn from(errors: SpecErrors) -> Self {
        Self::specs(vec![errors])
    }
}

impl From<PrivilegeError> for Failure {
    fn from(error: PrivilegeError) -> Self {
        Self::world(error.to_string())
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Spec(errors) => Self::from(*errors),
            error => Self::world(error.to_string()),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            // Whoever read the output has seen enough.
            return Self {
                exit: ExitCode::CouldNotRun,
                text: Text::Said,
                is_reported: true,
            };
        }
        Self::world(format!("cannot write: {error}"))
    }
}
