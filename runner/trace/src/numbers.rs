//! The numbers of calls and scopes, which count over the tracer's whole life.

use model::{CallId, ScopeId};

/// A call's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CallNumber(pub(super) u64);

impl CallNumber {
    pub(super) const fn id(self) -> CallId {
        CallId(self.0)
    }
}

/// A scope's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ScopeNumber(pub(super) u32);

impl ScopeNumber {
    pub(super) const fn id(self) -> ScopeId {
        ScopeId(self.0)
    }

    /// The number of a scope whose id is its number still.
    pub(super) const fn of(id: ScopeId) -> Self {
        Self(id.0)
    }
}
