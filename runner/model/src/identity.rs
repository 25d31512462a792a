//! Newtypes for everything that is a number but must not be mixed up.

use std::{fmt, num::NonZeroU32, ops, time::Duration};

use serde::Serialize;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty), $format:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, $format, self.0)
            }
        }
    };
}

number!(
    /// A virtual address, in the binary as linked or in a process (the same for a non-PIE binary).
    Address(u64), "{:#x}");
number!(
    /// A position in a file, in bytes; what the kernel's uprobes take.
    FileOffset(u64), "{:#x}");
number!(
    /// A goroutine's id, as the Go runtime counts them; never reused within a process.
    Goid(u64), "g{}");
number!(
    /// Index of a type in its [`TypeTable`](super::TypeTable).
    TypeId(u32), "type {}");
number!(
    /// Index of a watched function in a plan.
    FunctionId(u32), "function {}");
number!(
    /// Index of a probe site in a plan; also the attach cookie.
    SiteId(u32), "site {}");
number!(
    /// A call, numbered by entry within an observation.
    CallId(u64), "call {}");
number!(
    /// A [scope](super::Scope), numbered by its beginning within an observation.
    ScopeId(u32), "scope {}");
number!(
    /// A process, in goproctor's own PID namespace.
    ProcessId(u32), "process {}");
number!(
    /// A moment on the kernel's monotonic clock (`CLOCK_MONOTONIC`), in ns.
    Timestamp(u64), "{} ns");
number!(
    /// A length of time, in ns.
    Nanoseconds(u64), "{} ns");
number!(
    /// A frame's distance below `stack.hi` of its stack, in bytes. Stack copies keep it, so it
    /// identifies the frame; deeper frames have larger depths.
    Depth(u64), "{}");

/// Index of an [instance](super::Instance) in its function's, from 0. One more is kept, so that a call that has none
/// needs no room for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId(NonZeroU32);

/// An index that is too large for an [`InstanceId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a function can't have more than {} instances", u32::MAX)]
pub struct TooManyInstances;

impl InstanceId {
    /// The index.
    #[must_use]
    pub const fn index(self) -> usize {
        (self.0.get() - 1) as usize
    }
}

impl TryFrom<u32> for InstanceId {
    type Error = TooManyInstances;

    fn try_from(index: u32) -> Result<Self, TooManyInstances> {
        let one_more = index.checked_add(1).and_then(NonZeroU32::new);
        one_more.map(Self).ok_or(TooManyInstances)
    }
}

impl Address {
    /// The address `bytes` further on, wrapping.
    #[must_use]
    pub const fn offset(self, bytes: i64) -> Self {
        Self(self.0.wrapping_add_signed(bytes))
    }
}

impl TypeId {
    /// The number of no type: of what a pointer of unknown target leads to, and of captured variables that the binary
    /// does not describe.
    pub const NONE: Self = Self(u32::MAX);
}

impl Timestamp {
    /// The time from `earlier` to this moment; zero if it is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Nanoseconds {
        Nanoseconds(self.0.saturating_sub(earlier.0))
    }
}

impl ops::Add for Nanoseconds {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl From<Duration> for Nanoseconds {
    /// One that is longer than a `u64` of ns can hold (584 years) becomes the longest that it can.
    fn from(time: Duration) -> Self {
        Self(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl From<Nanoseconds> for Duration {
    fn from(time: Nanoseconds) -> Self {
        Self::from_nanos(time.0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Nanoseconds;

    #[test]
    fn a_duration_is_as_many_nanoseconds_as_a_u64_holds() {
        assert_eq!(
            Nanoseconds::from(Duration::from_micros(3)),
            Nanoseconds(3_000)
        );
        let longest = Duration::from_nanos(u64::MAX);
        assert_eq!(Nanoseconds::from(longest), Nanoseconds(u64::MAX));
        assert_eq!(
            Nanoseconds::from(longest + Duration::from_nanos(1)),
            Nanoseconds(u64::MAX)
        );
        assert_eq!(Nanoseconds::from(Duration::MAX), Nanoseconds(u64::MAX));
    }
}
