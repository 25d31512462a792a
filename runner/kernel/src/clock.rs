//! The kernel's monotonic clock, on which records are stamped.

use model::Timestamp;
use nix::time::{ClockId, clock_gettime};

/// The moment now. Zero on a system without that clock, which Linux is not.
#[must_use]
pub fn now() -> Timestamp {
    clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(Timestamp(0), |time| {
        let seconds = time.tv_sec().unsigned_abs();
        Timestamp(seconds * 1_000_000_000 + time.tv_nsec().unsigned_abs())
    })
}
