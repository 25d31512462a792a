//! What a run says to the shell.

/// The exit codes of goproctor. They are part of its interface and never change.
///
/// Where several would fit, the earlier in this order wins: 2, 1, 3, 4, 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// 0: every expectation of every test holds.
    Passed = 0,
    /// 1: an expectation does not hold.
    Failed = 1,
    /// 2: the spec or the command line is wrong.
    Usage = 2,
    /// 3: a test could not be run: the build, a privilege, a port, the program that died.
    CouldNotRun = 3,
    /// 4: an expectation could not be decided, and none failed.
    Inconclusive = 4,
}

impl ExitCode {
    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(exit: ExitCode) -> Self {
        Self::from(exit.code())
    }
}
