//! What happened: calls, and the goroutines that made them.

use super::{
    CallId, FunctionId, Goid, InstanceId, List, Nanoseconds, ProcessId, ScopeId, Timestamp, Value,
};

/// One call of a watched function.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Its number, by entry.
    pub id: CallId,
    /// The process that made it.
    pub process: ProcessId,
    /// The goroutine that made it; goid 0 for none (a thread of the runtime).
    pub goroutine: Goid,
    /// The function.
    pub function: FunctionId,
    /// The innermost watched call of the same goroutine that was open at its entry.
    pub parent: Option<CallId>,
    /// The innermost scope that it belongs to.
    pub scope: Option<ScopeId>,
    /// The kernel's clock at the entry probe.
    pub entered: Timestamp,
    /// The kernel's clock when it ended; none while it runs.
    pub left: Option<Timestamp>,
    /// How it ended.
    pub outcome: Outcome,
    /// The arguments at entry, receiver first, in the order of the function's parameters.
    pub arguments: List<Value>,
    /// The results at return, in order; empty unless it returned.
    pub results: List<Value>,
    /// The values of the function's [picks](super::Function::picks), in their order; those at the return are
    /// [not read](super::Status::NotRead) unless it returned. Where a path ends early, this is the value at which it
    /// does, of its own type: nil, a slice without that element, a map without that key (none of its entries are shown),
    /// an interface that holds another type (with a value that is not read). What could be taken for the path's end by its
    /// type is [absent](super::Status::Absent) instead, unless it is nil.
    pub picked: List<Value>,
    /// Which of its function's [instances](super::Function::instances) was called; none if it is not generic, or
    /// if that is not known.
    pub instance: Option<InstanceId>,
    /// What goproctor's own probes cost its goroutine between the clock readings at its entry and at its end: the hits
    /// between the two, and of those at both the parts that lie between.
    pub own_cost: Nanoseconds,
    /// What they cost goroutines that were created within it; none if they hit no probe.
    pub awaited: Option<Box<Awaited>>,
}

/// What goproctor's own probes cost the goroutines that were created within a call, by it or by one of them. It may have
/// waited for them, all at a time at most, so that not all of this made it longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Awaited {
    /// The one that had the most of it, among those that ended within the call.
    pub largest: Nanoseconds,
    /// All others together. Where one had not ended when the call did, this is what all hits within the call cost.
    pub others: Nanoseconds,
}

impl Call {
    /// The time from entry to end as the kernel's clock says, [our own cost](Self::own_cost) included.
    #[must_use]
    pub fn raw_duration(&self) -> Option<Nanoseconds> {
        self.left.map(|left| left.since(self.entered))
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It reached a `ret`.
    Returned,
    /// It had not ended when the observation did.
    Running,
    /// A panic went past it: one that a frame further out recovered, or that ended the process. One that `Goexit` or
    /// `os.Exit` in a deferred function puts an end to has gone past nobody.
    Panicked,
    /// A function that it deferred recovered a panic, and it returned to its caller with the results that it had then.
    Recovered,
    /// `runtime.Goexit` ended its goroutine, by itself or in a deferred function; a recovery never leads past that.
    Goexit,
    /// Its frame was left without a `ret`, and what left it was not seen: that hit was lost, or it is a function that leaves
    /// by a jump.
    Unwound,
    /// Its process ended first: `os.Exit`, a crash of another goroutine, a signal.
    ProcessEnded,
}

impl Outcome {
    /// Whether such a call reached a `ret`, so that it has results.
    #[must_use]
    pub const fn has_results(self) -> bool {
        matches!(self, Self::Returned | Self::Recovered)
    }

    /// The word for it in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::Running => "running",
            Self::Panicked => "panicked",
            Self::Recovered => "recovered",
            Self::Goexit => "goexit",
            Self::Unwound => "unwound",
            Self::ProcessEnded => "process_ended",
        }
    }

    /// Whether it is known how such a call ended.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        !matches!(self, Self::Running)
    }
}

/// A goroutine that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goroutine {
    /// Its process.
    pub process: ProcessId,
    /// Its id.
    pub goid: Goid,
    /// Who created it; none if that was not seen.
    pub creator: Option<Goid>,
    /// The innermost watched call that was open on its creator when it was created.
    pub creating_call: Option<CallId>,
    /// Name of the function that it started with; none if that was not seen.
    pub function: Option<String>,
    /// The innermost scope that it belongs to.
    pub scope: Option<ScopeId>,
    /// When it was created, if that was seen.
    pub created: Option<Timestamp>,
    /// When it ended, if that was seen.
    pub ended: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::Call;
    use crate::{Content, Value};

    /// A test may keep a million calls: 300 MB are for all of goproctor.
    #[test]
    fn a_call_is_small() {
        assert_eq!(size_of::<Content>(), 16);
        assert_eq!(size_of::<Value>(), 24);
        assert_eq!(size_of::<Call>(), 120);
    }
}
