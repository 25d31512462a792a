//! The numbers of calls and requests, which count over the tracer's whole life.

use model::CallId;

/// A call's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CallNumber(pub(super) u64);

impl CallNumber {
    pub(super) const fn id(self) -> CallId {
        CallId(self.0)
    }
}

/// A request's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RequestNumber(pub(super) u32);
