//! Why a session could not be run.

use golang::{BinaryError, toolchain::BuildError};
use judge::snapshot::StoreError;
use kernel::KernelError;
use model::{Goid, ProcessId};
use plan::PlanError;
use spec::{Span, SpecErrors};
use trace::{recording::RecordingError, redact::PatternError};

use super::{drain::DrainError, function_error::FunctionErrors, setup_error::SetupError};
use crate::{
    drive::{DriveError, StubError},
    target::{PortError, RunningError, TargetError, TemplateError},
    tls::TlsError,
};

/// Why a session could not be run. All but [`Self::Spec`] have to do with the world, not with the spec.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The spec is wrong, by itself or against the program.
    #[error("{0}")]
    Spec(Box<SpecErrors>),
    /// Functions can't be watched as they are named.
    #[error(transparent)]
    Functions(#[from] FunctionErrors),
    /// The program can't be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A temporary file or folder can't be made.
    #[error("cannot {what}: {error}")]
    File {
        /// What was being done.
        what: String,
        /// Why.
        error: std::io::Error,
    },
    /// The binary can't be read.
    #[error("{}: {error}", path.display())]
    Binary {
        /// The binary, as the spec names it.
        path: std::path::PathBuf,
        /// Why.
        error: BinaryError,
    },
    /// The binary can't be watched.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The kernel side can't be set up.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// Records can't be read.
    #[error(transparent)]
    Drain(#[from] DrainError),
    /// No free port.
    #[error(transparent)]
    Port(#[from] PortError),
    /// A stub can't be served.
    #[error(transparent)]
    Stub(#[from] StubError),
    /// TLS can't be spoken as the spec says.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A placeholder has no value.
    #[error("program: {0}")]
    Template(#[from] TemplateError),
    /// The program can't be started, does not get ready, or can't be ended.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// A command that is to be run before the program did not do what it should.
    #[error(transparent)]
    Setup(Box<SetupError>),
    /// The race detector's reports would not be seen.
    #[error(
        "GORACE: `{0}` may hide the race detector's reports; remove it: they are read from the program's standard error"
    )]
    HiddenRaces(String),
    /// The program could not be started for an earlier test, and would not be now.
    #[error("not started again: {0}")]
    NotStartedAgain(String),
    /// A process that runs already can't be watched.
    #[error(transparent)]
    Running(#[from] RunningError),
    /// A pattern of what must not be seen can't be used.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A request can't be sent.
    #[error(transparent)]
    Drive(#[from] DriveError),
    /// A request before a test did not go as it must.
    #[error("{message}")]
    Before {
        /// The place in the spec of what did not hold.
        span: Span,
        /// What was sent and what came back.
        message: String,
    },
    /// The recording can't be written.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// A snapshot can't be read or written.
    #[error(transparent)]
    Snapshot(#[from] StoreError),
    /// What was seen of the runtime is not as it must be.
    #[error("the self-check failed, so results would not be trustworthy: {0}")]
    SelfCheck(SelfCheck),
    /// The program is the test binary of Go tests, which `go test` builds.
    #[error("its tests are Go tests: run them with `goproctor test`")]
    GoTests,
    /// There are no Go tests beside a spec of Go tests.
    #[error("there are no _test.go files in {}: a spec of Go tests lies beside them", .0.display())]
    NoGoTests(std::path::PathBuf),
    /// A package's tests can't be built; what go says.
    #[error("go test -c failed:\n{0}")]
    GoTestBuild(String),
    /// `go test` failed, and not for a test that a spec looks at; what go says.
    #[error("go test failed:\n{0}")]
    GoTestRun(String),
    /// The user stopped it.
    #[error("interrupted")]
    Cancelled,
}

/// In which way the runtime is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelfCheck {
    /// `runtime.main` was not seen.
    #[error("the program runs, but the call of its runtime.main was not seen")]
    NotSeen,
    /// It was entered by another goroutine.
    #[error("runtime.main was called by goroutine {0}, not by goroutine 1")]
    Goroutine(Goid),
    /// A string whose text is known was read otherwise.
    #[error("runtime.buildVersion must be {want:?}, but was read as {seen:?}")]
    KnownString {
        /// What the binary's build information says.
        want: String,
        /// What was read, or why nothing could be.
        seen: String,
    },
    /// It was entered in another process.
    #[error("the program is process {launched}, but runtime.main was called in process {seen}")]
    Process {
        /// The process that was launched.
        launched: ProcessId,
        /// The process of the record.
        seen: ProcessId,
    },
}

impl SessionError {
    /// Why the program can't be started, in a line, if that would be the same another time.
    pub(super) fn lasting_cause(&self) -> Option<String> {
        match self {
            Self::Target(error) => error.lasting_cause(),
            Self::Setup(error) => error.lasting_cause(),
            Self::SelfCheck(_) => Some(self.to_string()),
            _ => None,
        }
    }

    /// A function for `map_err` of what concerns a file.
    pub(crate) fn file(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::File {
            what: what.into(),
            error,
        }
    }
}
