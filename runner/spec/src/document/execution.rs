//! How a test has the program started and ended, and what the program must write.

use std::fmt;

use super::{Spanned, Template};
use crate::matcher::Matcher;

/// How a test has the program started and ended, and what it must write.
#[derive(Clone, Debug, Default)]
pub struct Execution {
    /// Arguments in place of the program's.
    pub args: Option<Spanned<Vec<Spanned<Template>>>>,
    /// What the program reads from its standard input; nothing by default.
    pub stdin: Option<Spanned<Template>>,
    /// The signal that it is sent when the requests are answered; it must end then.
    pub stop: Option<Spanned<StopSignal>>,
    /// What its exit status must be.
    pub exit: Option<Spanned<Matcher>>,
    /// What it must write to its standard output.
    pub stdout: Option<Spanned<Matcher>>,
    /// What it must write to its standard error.
    pub stderr: Option<Spanned<Matcher>>,
}

impl Execution {
    /// The one of a test that says nothing of it.
    #[must_use]
    pub fn plain() -> &'static Self {
        static PLAIN: Execution = Execution {
            args: None,
            stdin: None,
            stop: None,
            exit: None,
            stdout: None,
            stderr: None,
        };
        &PLAIN
    }

    /// Whether the program is started as in every other test.
    #[must_use]
    pub const fn starts_as_ever(&self) -> bool {
        self.args.is_none() && self.stdin.is_none()
    }

    /// Whether it is judged how the program ends.
    #[must_use]
    pub const fn judges_end(&self) -> bool {
        self.exit.is_some() || self.stop.is_some()
    }

    /// Whether it is judged what the program writes.
    #[must_use]
    pub const fn judges_output(&self) -> bool {
        self.stdout.is_some() || self.stderr.is_some()
    }
}

/// A signal that ends a program: `stop = "TERM"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopSignal {
    /// `"TERM"`
    Term,
    /// `"INT"`
    Int,
    /// `"QUIT"`
    Quit,
    /// `"HUP"`
    Hup,
}

impl fmt::Display for StopSignal {
    /// As it is written in a spec.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Term => "TERM",
            Self::Int => "INT",
            Self::Quit => "QUIT",
            Self::Hup => "HUP",
        })
    }
}
