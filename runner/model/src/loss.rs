//! What was lost, where and when: hits whose records found no room in the ring, or could not be used.
//!
//! Each hit of a site has a number, from 1. The numbers that never came in show which hits are missing, and the
//! times of their neighbours show when these happened. For every site, what was received and what was lost together
//! are what was made.
//!
//! ```
//! use model::{Gap, ProbeKind, SiteId, SiteLoss, Timestamp};
//!
//! let mut lost = SiteLoss::new(SiteId(3), None, 2);
//! lost.probes = vec![ProbeKind::GoroutineCreated];
//! lost.gaps = vec![Gap { first: 7, last: 8, lost: 2, after: Some(Timestamp(50)), before: Some(Timestamp(90)) }];
//! assert_eq!(lost.lost_until(Timestamp(40)), 0);
//! assert_eq!(lost.lost_until(Timestamp(60)), 2);
//! ```

use std::fmt;

use serde::Serialize;

use super::{FunctionId, SiteId, Timestamp};

/// At most so many gaps of a site are kept; of more, the nearest are merged.
pub const MAX_GAPS: usize = 16;

/// What a probe shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeKind {
    /// That a watched function was entered.
    Entry,
    /// That a watched function returns.
    Return,
    /// Copies of floats of a watched function's call.
    Copy,
    /// That a goroutine was created, by which and for what.
    GoroutineCreated,
    /// That a goroutine ended.
    GoroutineEnded,
    /// That a panic was recovered, and by whom.
    PanicRecovered,
    /// That nobody recovered a panic.
    PanicUnrecovered,
    /// That a request was begun to be handled.
    RequestEntered,
    /// That a request was handled.
    RequestLeft,
    /// That a Go test was begun.
    TestEntered,
    /// That a Go test has ended.
    TestLeft,
    /// That a Go test is skipped or fails.
    TestMarked,
    /// That a client is about to send a request over a connection.
    RequestSent,
    /// That the program's main goroutine began.
    MainEntered,
}

impl ProbeKind {
    /// Whether it shows which goroutine and which request calls belong to, or how those of others ended.
    #[must_use]
    pub(crate) const fn is_of_causality(self) -> bool {
        match self {
            Self::GoroutineCreated
            | Self::GoroutineEnded
            | Self::PanicRecovered
            | Self::PanicUnrecovered
            | Self::RequestEntered
            | Self::RequestLeft
            | Self::TestEntered
            | Self::TestLeft
            | Self::TestMarked
            | Self::RequestSent => true,
            Self::Entry | Self::Return | Self::Copy | Self::MainEntered => false,
        }
    }
}

impl fmt::Display for ProbeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Entry => "entry",
            Self::Return => "return",
            Self::Copy => "copy of floats",
            Self::GoroutineCreated => "goroutine created",
            Self::GoroutineEnded => "goroutine ended",
            Self::PanicRecovered => "panic recovered",
            Self::PanicUnrecovered => "panic not recovered",
            Self::RequestEntered => "request entered",
            Self::RequestLeft => "request left",
            Self::TestEntered => "test entered",
            Self::TestLeft => "test left",
            Self::TestMarked => "test skipped or failed",
            Self::RequestSent => "request sent",
            Self::MainEntered => "main entered",
        })
    }
}

/// Hits of one site that are missing, one after the other or nearly so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The number of the first missing hit.
    pub first: u64,
    /// The number of the last one.
    pub last: u64,
    /// How many are missing: all from first to last, or fewer where several gaps were merged.
    pub lost: u64,
    /// The time of the hit with the number before the first, if one was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Timestamp>,
    /// The time of the hit with the number after the last, if one was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Timestamp>,
}

impl Gap {
    /// Whether all hits from the first to the last are missing.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        self.lost.saturating_sub(1) == self.last.saturating_sub(self.first)
    }
}

/// Merges the nearest of sorted gaps, until there are no more than `most` (at least one is left).
pub fn merge_nearest(gaps: &mut Vec<Gap>, most: usize) {
    while gaps.len() > most.max(1) {
        let nearest = (1..gaps.len())
            .min_by_key(|index| gaps[*index].first.saturating_sub(gaps[*index - 1].last))
            .unwrap_or(1);
        let later = gaps.remove(nearest);
        let merged = &mut gaps[nearest - 1];
        merged.last = later.last;
        merged.lost = merged.lost.saturating_add(later.lost);
        merged.before = later.before;
    }
}

/// How many hits of one site were lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteLoss {
    /// The site.
    pub site: SiteId,
    /// The watched function that it belongs to; none for a site that is goproctor's own alone (goroutines, requests).
    pub function: Option<FunctionId>,
    /// What its probe shows; empty where that is not known.
    pub probes: Vec<ProbeKind>,
    /// How many of its hits were lost.
    pub lost: u64,
    /// Which hits are missing, by number, at most [`MAX_GAPS`]. Hits whose number is not known are in none.
    pub gaps: Vec<Gap>,
    /// What the kernel program counted as lost, where that is not the number of missing hits.
    pub counted: Option<u64>,
}

impl SiteLoss {
    /// A loss of which no more is known.
    #[must_use]
    pub const fn new(site: SiteId, function: Option<FunctionId>, lost: u64) -> Self {
        Self {
            site,
            function,
            probes: Vec::new(),
            lost,
            gaps: Vec::new(),
            counted: None,
        }
    }

    /// Whether its hits show which goroutine and which request calls belong to.
    #[must_use]
    pub(crate) fn is_of_causality(&self) -> bool {
        match self.probes.as_slice() {
            [] => self.function.is_none(),
            probes => probes.iter().any(|probe| probe.is_of_causality()),
        }
    }

    /// How many of the lost hits may have been made by `end`. The others were surely made later: a hit takes its
    /// number after the one before it, and that one was made later than `end`.
    #[must_use]
    pub fn lost_until(&self, end: Timestamp) -> u64 {
        let later = self.gaps.iter();
        let later = later.filter(|gap| gap.after.is_some_and(|after| after > end));
        later.fold(self.lost, |lost, gap| lost.saturating_sub(gap.lost))
    }

    /// What of it may have been lost from one moment to another, both included; none if that is nothing.
    #[must_use]
    pub fn within(&self, begin: Timestamp, end: Timestamp) -> Option<Self> {
        let is_apart = |gap: &Gap| {
            gap.before.is_some_and(|before| before < begin)
                || gap.after.is_some_and(|after| after > end)
        };
        let (apart, gaps): (Vec<_>, Vec<_>) = self.gaps.iter().copied().partition(is_apart);
        let apart = apart.iter().map(|gap| gap.lost);
        let lost = apart.fold(self.lost, u64::saturating_sub);
        (lost > 0).then(|| Self {
            lost,
            gaps,
            ..self.clone()
        })
    }

    /// Adds another loss of the same site.
    pub fn add(&mut self, other: Self) {
        self.lost = self.lost.saturating_add(other.lost);
        self.gaps.extend(other.gaps);
        self.gaps.sort_by_key(|gap| gap.first);
        merge_nearest(&mut self.gaps, MAX_GAPS);
        self.counted = self.counted.or(other.counted);
        if self.probes.is_empty() {
            self.probes = other.probes;
        }
    }
}

/// What was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// The sites that lost hits; a site that lost none is not listed.
    pub sites: Vec<SiteLoss>,
}

impl Loss {
    /// How many hits were lost in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.sites.iter().map(|site| site.lost).sum()
    }

    /// The sites of one function that lost hits.
    pub fn sites_of(&self, function: FunctionId) -> impl Iterator<Item = &SiteLoss> {
        let sites = self.sites.iter();
        sites.filter(move |site| site.function == Some(function))
    }

    /// The sites for goroutines and requests that lost hits: calls may then be wrongly attributed.
    pub fn sites_of_causality(&self) -> impl Iterator<Item = &SiteLoss> {
        self.sites.iter().filter(|site| site.is_of_causality())
    }

    /// How many hits of one function's sites were lost.
    #[must_use]
    pub fn of(&self, function: FunctionId) -> u64 {
        self.sites_of(function).map(|site| site.lost).sum()
    }

    /// How many hits of sites for goroutines and requests were lost.
    #[must_use]
    pub fn of_causality(&self) -> u64 {
        self.sites_of_causality().map(|site| site.lost).sum()
    }

    /// What of it may have been lost from one moment to another, both included.
    #[must_use]
    pub fn within(&self, begin: Timestamp, end: Timestamp) -> Self {
        let sites = self.sites.iter();
        Self {
            sites: sites.filter_map(|site| site.within(begin, end)).collect(),
        }
    }

    /// Adds a loss to those of its site.
    pub fn add(&mut self, lost: SiteLoss) {
        let mut known = self.sites.iter_mut();
        let known = known.find(|known| known.site == lost.site && known.function == lost.function);
        match known {
            Some(known) => known.add(lost),
            None => self.sites.push(lost),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(first: u64, last: u64) -> Gap {
        Gap {
            first,
            last,
            lost: last - first + 1,
            after: Some(Timestamp(first * 10)),
            before: Some(Timestamp(last * 10 + 20)),
        }
    }

    #[test]
    fn the_nearest_gaps_are_merged_and_keep_their_outer_times() {
        let mut gaps = vec![gap(1, 2), gap(10, 10), gap(12, 12), gap(40, 50)];
        merge_nearest(&mut gaps, 2);
        assert_eq!(gaps.len(), 2);
        assert_eq!((gaps[0].first, gaps[0].last, gaps[0].lost), (1, 12, 4));
        assert_eq!(gaps[0].after, Some(Timestamp(10)));
        assert_eq!(gaps[0].before, Some(Timestamp(140)));
        assert!(!gaps[0].is_exact());
        assert_eq!(gaps[1], gap(40, 50));
    }

    #[test]
    fn losses_of_one_site_are_one_and_bounded() {
        let mut loss = Loss::default();
        for number in 0..40 {
            let mut lost = SiteLoss::new(SiteId(1), None, 1);
            lost.gaps.push(gap(number * 3 + 1, number * 3 + 1));
            loss.add(lost);
        }
        assert_eq!((loss.sites.len(), loss.total()), (1, 40));
        assert_eq!(loss.sites[0].gaps.len(), MAX_GAPS);
        let placed: u64 = loss.sites[0].gaps.iter().map(|gap| gap.lost).sum();
        assert_eq!(placed, 40);
    }

    #[test]
    fn a_site_that_serves_both_is_of_its_function_and_of_causality() {
        let mut both = SiteLoss::new(SiteId(1), Some(FunctionId(4)), 2);
        both.probes = vec![ProbeKind::RequestEntered, ProbeKind::Entry];
        let loss = Loss { sites: vec![both] };
        assert_eq!((loss.of(FunctionId(4)), loss.of_causality()), (2, 2));
    }

    #[test]
    fn what_is_not_placed_may_have_been_at_any_time() {
        let mut lost = SiteLoss::new(SiteId(1), None, 5);
        lost.gaps = vec![gap(100, 101)];
        assert_eq!(lost.lost_until(Timestamp(10)), 3);
        assert_eq!(lost.lost_until(Timestamp(1000)), 5);
    }
}
