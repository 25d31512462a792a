//! What lost hits mean for expectations: which of them can't be decided, and which stand.
//!
//! An expectation needs the hits of the functions that it speaks of, and where it looks at the calls of requests,
//! those that tell of goroutines and requests. What was surely lost after all requests and what they own had ended is
//! not needed.

use model::{Loss, Observation, ProbeKind, SiteLoss, Timestamp};

use super::{Evidence, Inconclusive, scope::Case, wording};

/// What can be done about lost hits.
pub(super) const AGAINST_LOSS: &str =
    "watch fewer functions, or give the ring more room with --ring";

/// So many sites are told in one reason.
const TOLD: usize = 3;

impl Case<'_> {
    /// Why calls of a label may be missing from what was seen of the program.
    pub(super) fn lost(&self, label: &str) -> Option<Inconclusive> {
        self.lost_of(label, &[], || None)
    }

    /// Why calls of a label may be missing from those that the test's expectations look at.
    pub(super) fn lost_in_scope(&self, label: &str) -> Option<Inconclusive> {
        self.lost_of(label, &[], || self.end_of_scope())
    }

    /// Why calls of a label may be missing that were entered by then.
    pub(super) fn lost_entries(&self, label: &str, end: Timestamp) -> Option<Inconclusive> {
        self.lost_of(label, &[ProbeKind::Entry], || Some(end))
    }

    /// The same of hits that tell one of these, or anything.
    fn lost_of(
        &self,
        label: &str,
        wanted: &[ProbeKind],
        end: impl FnOnce() -> Option<Timestamp>,
    ) -> Option<Inconclusive> {
        let functions = self.functions(label);
        if functions.is_empty() {
            return Some(Inconclusive::because(format!(
                "no function was watched for {label}"
            )));
        }
        let sites = functions
            .iter()
            .flat_map(|function| self.observation().loss.sites_of(*function))
            .filter(|site| wanted.is_empty() || may_tell(site, wanted));
        let lost = Lost::until(sites, end);
        let Some((hits, was)) = lost.words() else {
            return self.unseen(label);
        };
        let places = lost.places(self.observation());
        let reason = format!("{hits} of {label} found no room and {was} lost{places}");
        Some(Inconclusive::because(reason).advise(AGAINST_LOSS))
    }

    /// Why calls of a label may not be seen whatever is lost: there are copies of its functions without probes.
    fn unseen(&self, label: &str) -> Option<Inconclusive> {
        let mut labels = self.observation().labels.iter();
        let copies = labels.find(|known| known.name == label)?.unseen.as_ref()?;
        Some(
            Inconclusive::because(format!(
                "{label} was inlined in places, where calls of it are not seen ({copies})"
            ))
            .advise("build the program with //go:noinline on it, or with -gcflags=-l"),
        )
    }

    /// Why a call of some watched function may not be seen, for the same reason.
    pub(super) fn unseen_of_any(&self) -> Option<Inconclusive> {
        let mut labels = self.observation().labels.iter();
        labels.find_map(|label| self.unseen(&label.name))
    }

    /// Hits were lost that tell which request a call belongs to.
    pub(super) fn lost_causality(&self) -> Option<Inconclusive> {
        if !self.is_by_request() {
            return None;
        }
        let sites = self.observation().loss.sites_of_causality();
        let lost = Lost::until(sites, || self.end_of_scope());
        let Some((hits, was)) = lost.words() else {
            return self.unknown_hand_offs();
        };
        let places = lost.places(self.observation());
        let reason = format!(
            "{hits} that tell which goroutine and request a call belongs to {was} lost{places}"
        );
        Some(Inconclusive::because(reason).advise(AGAINST_LOSS))
    }

    /// It is not known to which request work belongs that was handed over.
    fn unknown_hand_offs(&self) -> Option<Inconclusive> {
        if self.is_by_request() {
            let hand_offs = self.spec.hand_offs.iter();
            let labels = hand_offs.flat_map(|hand_off| [&hand_off.from.label, &hand_off.to.label]);
            let server = self.spec.server.as_ref().map(|server| &server.entry);
            let mut labels = labels.chain(server);
            if let Some(unseen) = labels.find_map(|label| self.unseen(&label.value)) {
                return Some(unseen);
            }
        }
        let unknown = self.observation().unknown_hand_offs;
        let times = wording::plural(usize::try_from(unknown).unwrap_or(usize::MAX), "time");
        (self.is_by_request() && unknown > 0).then(|| {
            Inconclusive::because(format!(
                "{times} it is not known which request the work of a hand-off or of the [server] is for: a value could not be read, equal values of several requests waited at once, or a hit was lost"
            ))
            .advise("name a value that only one request has at a time, such as a pointer")
        })
    }

    /// Why calls of a label may be missing from those that the test's expectations look at.
    pub(super) fn incomplete(&self, label: &str) -> Option<Inconclusive> {
        self.lost_in_scope(label).or_else(|| self.unsure_scope())
    }

    /// Why it is not certain which calls the test's requests own.
    pub(super) fn unsure_scope(&self) -> Option<Inconclusive> {
        let unmatched = || {
            if !self.is_by_request() {
                return None;
            }
            let mut exchanges = 0..self.evidence.exchanges.len();
            let unmatched = exchanges.find(|index| self.request(*index).is_none())?;
            Some(self.unmatched(unmatched))
        };
        self.lost_causality()
            .or_else(unmatched)
            .or_else(|| self.unsent())
    }

    /// When the last of what the expectations look at had ended: hits that were made later are not of it. Nothing where
    /// that is not sure.
    fn end_of_scope(&self) -> Option<Timestamp> {
        if !self.is_by_request() {
            return None;
        }
        end_of_requests(self.evidence)
    }
}

/// What a passed verdict says beside its basis, where hits were lost that it did not need.
pub(super) fn not_needed(loss: &Loss) -> Option<String> {
    let hits = wording::plural(usize::try_from(loss.total()).unwrap_or(usize::MAX), "hit");
    (loss.total() > 0).then(|| format!("{hits} that it does not need {} lost", was(loss.total())))
}

/// How many hits that tell one of these may have been lost by then, or at all without a moment.
pub(super) fn lost_by<'a>(
    sites: impl Iterator<Item = &'a SiteLoss>,
    wanted: &[ProbeKind],
    end: Option<Timestamp>,
) -> u64 {
    let sites = sites.filter(|site| may_tell(site, wanted));
    let lost = sites.map(|site| end.map_or(site.lost, |end| site.lost_until(end)));
    lost.fold(0, u64::saturating_add)
}

/// Whether a site tells one of these. Of one that was not read it is not known what it would tell.
fn may_tell(site: &SiteLoss, wanted: &[ProbeKind]) -> bool {
    let mut probes = site.probes.iter();
    site.probes.is_empty() || probes.any(|probe| wanted.contains(probe))
}

/// When the last request, the last of their goroutines and the last of their calls had ended; nothing while one of them
/// has not.
fn end_of_requests(evidence: &Evidence) -> Option<Timestamp> {
    let observation = &evidence.observation;
    if observation.totals.is_some() {
        // Of calls that were not kept it is not known whose they are and when they ended.
        return None;
    }
    let owned_goroutines = observation.goroutines.iter();
    let owned_goroutines = owned_goroutines.filter(|goroutine| goroutine.request.is_some());
    let owned_calls = observation.calls.iter();
    let owned_calls = owned_calls.filter(|call| call.request.is_some());
    let ends = (observation.requests.iter().map(|request| request.left))
        .chain(owned_goroutines.map(|goroutine| goroutine.ended))
        .chain(owned_calls.map(|call| call.left));
    let found = evidence.requests.iter().all(Result::is_ok);
    let last = ends.collect::<Option<Vec<_>>>()?.into_iter().max();
    last.filter(|_| found)
}

/// Lost hits that may matter.
struct Lost<'a> {
    sites: Vec<(&'a SiteLoss, u64)>,
}

impl<'a> Lost<'a> {
    /// Hits that may have been lost by `end`, which is asked for only if some were lost at all.
    fn until(
        sites: impl Iterator<Item = &'a SiteLoss>,
        end: impl FnOnce() -> Option<Timestamp>,
    ) -> Self {
        let mut sites: Vec<_> = sites.map(|site| (site, site.lost)).collect();
        if let Some(end) = (!sites.is_empty()).then(end).flatten() {
            sites
                .iter_mut()
                .for_each(|(site, lost)| *lost = site.lost_until(end));
        }
        sites.retain(|(_, lost)| *lost > 0);
        sites.sort_by_key(|(site, lost)| (std::cmp::Reverse(*lost), site.site));
        sites.dedup_by_key(|(site, _)| (site.site, site.function));
        Self { sites }
    }

    /// `3 hits`, `were`; nothing if there are none.
    fn words(&self) -> Option<(String, &'static str)> {
        let lost = self
            .sites
            .iter()
            .fold(0_u64, |sum, (_, lost)| sum.saturating_add(*lost));
        let hits = wording::plural(usize::try_from(lost).unwrap_or(usize::MAX), "hit");
        (lost > 0).then_some((hits, was(lost)))
    }

    /// ` (2 of main.f entry, 12.0 ms to 15.1 ms)`; nothing where no place is known.
    fn places(&self, observation: &Observation) -> String {
        let placed = self.sites.iter().filter(|(site, _)| !site.gaps.is_empty());
        let mut told: Vec<String> = placed
            .map(|(site, lost)| format!("{lost} of {}", observation.describe_loss(site)))
            .collect();
        if told.is_empty() {
            return String::new();
        }
        if told.len() > TOLD {
            let more = told.len() - TOLD;
            told.truncate(TOLD);
            told.push(format!("and at {more} more probes"));
        }
        format!(" ({})", told.join("; "))
    }
}

const fn was(count: u64) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]
mod tests {
    use model::{Gap, Goid, Goroutine, ProcessId, Request, RequestId, SiteId};

    use super::*;

    /// A request that is left at 100, with a goroutine that ends then or not at all.
    fn evidence(ended: Option<u64>) -> Evidence {
        let mut evidence = Evidence {
            requests: vec![Ok(RequestId(0))],
            ..Evidence::default()
        };
        evidence.observation.requests.push(Request {
            id: RequestId(0),
            process: ProcessId(1),
            goroutine: Goid(5),
            remote: None,
            method: None,
            target: None,
            stream: None,
            anonymous: false,
            entered: Timestamp(10),
            left: Some(Timestamp(60)),
        });
        evidence.observation.goroutines.push(Goroutine {
            process: ProcessId(1),
            goid: Goid(6),
            creator: Some(Goid(5)),
            creating_call: None,
            function: None,
            request: Some(RequestId(0)),
            created: Some(Timestamp(20)),
            ended: ended.map(Timestamp),
        });
        evidence
    }

    fn lost_after(after: u64) -> SiteLoss {
        let mut lost = SiteLoss::new(SiteId(0), None, 2);
        lost.probes = vec![ProbeKind::GoroutineCreated];
        lost.gaps = vec![Gap {
            first: 8,
            last: 9,
            lost: 2,
            after: Some(Timestamp(after)),
            before: None,
        }];
        lost
    }

    #[test]
    fn only_what_was_lost_later_than_all_ends_does_not_matter() {
        let end = end_of_requests(&evidence(Some(100)));
        assert_eq!(end, Some(Timestamp(100)));
        let words = |after, end| Lost::until([&lost_after(after)].into_iter(), || end).words();
        assert_eq!(words(101, end), None);
        assert_eq!(words(100, end).unwrap().0, "2 hits");
        assert_eq!(words(101, None).unwrap().0, "2 hits");
    }

    #[test]
    fn where_nothing_was_lost_nobody_looks_for_an_end() {
        let unneeded = || panic!("all calls would be looked at");
        assert_eq!(Lost::until([].into_iter(), unneeded).words(), None);
    }

    #[test]
    fn while_something_runs_or_a_request_is_not_found_everything_matters() {
        assert_eq!(end_of_requests(&evidence(None)), None);
        let mut unmatched = evidence(Some(100));
        unmatched.requests.push(Err("not found".to_owned()));
        assert_eq!(end_of_requests(&unmatched), None);
    }
}
