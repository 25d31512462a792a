//! One flag of the go command, and where it was given.

use super::error::BuildError;

/// Where a flag was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the spec.
    Spec,
    /// In the environment or in the user's `go env`.
    Environment,
    /// On the command line of `go test`.
    CommandLine,
}

impl Place {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Spec => "build.flags",
            Self::Environment => "GOFLAGS",
            Self::CommandLine => "the command line",
        }
    }
}

/// A flag for `go build`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flag {
    /// Its name, without dashes.
    pub(super) name: String,
    /// Its value, if one was given.
    pub(super) value: Option<String>,
    /// Where it was given.
    pub(super) place: Place,
}

impl Flag {
    /// The flag as one argument.
    pub(super) fn argument(&self) -> String {
        match &self.value {
            Some(value) => format!("-{}={value}", self.name),
            None => format!("-{}", self.name),
        }
    }

    pub(super) fn refused(&self, reason: impl Into<String>) -> BuildError {
        BuildError::FlagRefused {
            flag: self.argument(),
            place: self.place.name(),
            reason: reason.into(),
        }
    }
}
