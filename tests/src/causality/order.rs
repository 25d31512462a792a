//! Order across goroutines, by what happened before what.

use model::{CallId, Timestamp};

/// A hit of a probe, between two events of its goroutine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// The number of an event that happened before it.
    pub(super) from: u64,
    /// The number of an event that happened after it; none if nothing of its goroutine did.
    pub(super) to: Option<u64>,
    /// The kernel's clock.
    pub(super) time: Timestamp,
    /// The call that it began, if it did: calls are numbered by arrival.
    pub(super) entry: Option<CallId>,
}

/// What is out of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Disorder {
    pub(super) earlier: Seen,
    pub(super) later: Seen,
}

/// When a hit was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seen {
    At(Timestamp),
    As(CallId),
}

/// For each moment, all that happened before it must have an earlier time, and those that began calls an earlier
/// arrival. The latest of what happened before is enough to look at.
pub(super) fn disorders(mut moments: Vec<Moment>) -> Vec<Disorder> {
    let mut ends: Vec<Moment> = moments.clone();
    ends.retain(|moment| moment.to.is_some());
    ends.sort_by_key(|moment| moment.to);
    moments.sort_by_key(|moment| moment.from);
    let mut before = ends.into_iter().peekable();
    let (mut latest, mut last) = (None, None);
    let mut disorders = Vec::new();
    for moment in moments {
        while let Some(earlier) = before.next_if(|earlier| earlier.to <= Some(moment.from)) {
            latest = latest.max(Some(Seen::At(earlier.time)));
            last = last.max(earlier.entry.map(Seen::As));
        }
        let times = latest.zip(Some(Seen::At(moment.time)));
        let arrivals = last.zip(moment.entry.map(Seen::As));
        disorders.extend(
            [times, arrivals]
                .into_iter()
                .flatten()
                .filter(|(earlier, later)| earlier > later)
                .map(|(earlier, later)| Disorder { earlier, later }),
        );
    }
    disorders
}
