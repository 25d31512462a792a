//! What stages share, and why there may be none.

use std::sync::Arc;

use model::Retention;
use spec::SpecErrors;

use crate::{
    go_test::GoRunError,
    session::{Cancel, Kernels, SessionError},
    target::Identity,
};

/// Why a spec can't be run in a world.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StageError {
    /// Its program can't be built, watched or run.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// `go test` can't be run.
    #[error(transparent)]
    GoTest(#[from] GoRunError),
    /// A binary was named for Go tests.
    #[error("a binary cannot stand for Go tests: `go test` builds them from their source")]
    BinaryOfGoTests,
}

impl StageError {
    /// What is wrong with the spec, if that is why.
    pub(crate) const fn spec_errors(&self) -> Option<&SpecErrors> {
        match self {
            Self::Session(SessionError::Spec(errors)) => Some(errors),
            _ => None,
        }
    }

    /// Whether somebody stopped it.
    pub(crate) const fn is_cancelled(&self) -> bool {
        matches!(self, Self::Session(SessionError::Cancelled))
    }
}

/// What all stages of a command share.
#[derive(Clone)]
pub(crate) struct Context<'c> {
    /// Whom programs run as.
    pub(crate) identity: &'c Identity,
    /// Whether somebody wants it to stop.
    pub(crate) cancel: &'c Cancel,
    /// What watches test binaries.
    pub(crate) kernels: Arc<Kernels>,
    /// Bytes of the ring that a program's records travel through.
    pub(crate) ring_bytes: u32,
    /// What is kept of calls at least, besides what the tests are judged on.
    pub(crate) at_least: Retention,
}
