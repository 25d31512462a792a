//! A length of time, and how well it is known.

use model::{Elapsed, Nanoseconds};

/// How long something took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// Our own cost taken off.
    pub took: Nanoseconds,
    /// How far that may be off, in either direction, because the cost is not known better.
    pub uncertainty: Nanoseconds,
}

impl Time {
    /// A length of time that ended: `None` where only a lower bound is known.
    #[must_use]
    pub fn of(elapsed: Elapsed) -> Option<Self> {
        let Elapsed {
            corrected,
            low,
            high,
            ..
        } = elapsed;
        let uncertainty = corrected
            .saturating_sub(low)
            .max(high.saturating_sub(corrected));
        elapsed.is_bounded().then_some(Self {
            took: Nanoseconds(corrected),
            uncertainty: Nanoseconds(uncertainty),
        })
    }
}
