//! The kernel's monotonic clock, which the probes' records carry too.

use nix::time::{ClockId, clock_gettime};

use crate::model::Timestamp;

/// This moment; zero on a system without that clock, which Linux never is.
pub(super) fn now() -> Timestamp {
    let Ok(time) = clock_gettime(ClockId::CLOCK_MONOTONIC) else {
        return Timestamp(0);
    };
    let seconds = time.tv_sec().cast_unsigned();
    let nanoseconds = time.tv_nsec().cast_unsigned();
    Timestamp(seconds * 1_000_000_000 + nanoseconds)
}
