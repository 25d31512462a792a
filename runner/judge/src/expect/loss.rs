//! What lost hits mean for expectations: which of them can't be decided, and which still can.
//!
//! An expectation needs the hits of the functions that it names, and where it looks at the calls of requests,
//! those that show goroutines and requests. What was surely lost after all requests and what they own had ended is
//! not needed.

use model::{Loss, Observation, ProbeKind, SiteLoss, Timestamp};

use super::{Evidence, LostHits, Reason, scope::Case, wording};

/// The most sites that one reason lists.
const MAX_LISTED: usize = 3;

impl Case<'_> {
    /// Why calls of a label may be missing from what was seen of the program.
    pub(super) fn lost(&self, label: &str) -> Option<Reason> {
        self.lost_of(label, &[], || None)
    }

    /// Why calls of a label may be missing from those that the test's expectations look at.
    pub(super) fn lost_in_scope(&self, label: &str) -> Option<Reason> {
        self.lost_of(label, &[], || self.end_of_scope())
    }

    /// Why calls of a label may be missing that were entered by then.
    pub(super) fn lost_entries(&self, label: &str, end: Timestamp) -> Option<Reason> {
        self.lost_of(label, &[ProbeKind::Entry], || Some(end))
    }

    /// The same of hits that show one of these, or anything.
    fn lost_of(
        &self,
        label: &str,
        wanted: &[ProbeKind],
        end: impl FnOnce() -> Option<Timestamp>,
    ) -> Option<Reason> {
        let functions = self.functions(label);
        if functions.is_empty() {
            return Some(Reason::NotWatched(label.to_owned()));
        }
        let sites = functions
            .iter()
            .flat_map(|function| self.observation().loss.sites_of(*function))
            .filter(|site| wanted.is_empty() || may_show(site, wanted));
        Lost::until(sites, end)
            .reason(LostHits::Label(label.to_owned()), self.observation())
            .or_else(|| self.unseen(label))
    }

    /// Why calls of a label may not be seen whatever is lost: there are copies of its functions without probes.
    fn unseen(&self, label: &str) -> Option<Reason> {
        let mut labels = self.observation().labels.iter();
        let copies = labels.find(|known| known.name == label)?.unseen.as_ref()?;
        Some(Reason::Inlined {
            label: label.to_owned(),
            copies: copies.clone(),
        })
    }

    /// Why a call of some watched function may not be seen, for the same reason.
    pub(super) fn unseen_of_any(&self) -> Option<Reason> {
        let mut labels = self.observation().labels.iter();
        labels.find_map(|label| self.unseen(&label.name))
    }

    /// Hits were lost that link calls to requests.
    pub(super) fn lost_causality(&self) -> Option<Reason> {
        if !self.is_by_request() {
            return None;
        }
        let sites = self.observation().loss.sites_of_causality();
        Lost::until(sites, || self.end_of_scope())
            .reason(LostHits::Causality, self.observation())
            .or_else(|| self.unknown_hand_offs())
    }

    /// It is not known to which request work belongs that was handed over.
    fn unknown_hand_offs(&self) -> Option<Reason> {
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
        (self.is_by_request() && unknown > 0).then_some(Reason::HandOffs(unknown))
    }

    /// Why calls of a label may be missing from those that the test's expectations look at.
    pub(super) fn incomplete(&self, label: &str) -> Option<Reason> {
        self.lost_in_scope(label).or_else(|| self.unsure_scope())
    }

    /// Why it is not certain which calls the test's requests own.
    pub(super) fn unsure_scope(&self) -> Option<Reason> {
        let unmatched = || {
            if !self.is_by_request() {
                return None;
            }
            let mut exchanges = 0..self.evidence.scopes.len();
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

/// Why not all calls of a test were seen, or not all of its requests were found.
#[must_use]
pub fn doubt(evidence: &Evidence) -> Option<Reason> {
    let observation = &evidence.observation;
    let lost = Lost::until(observation.loss.sites.iter(), || None);
    let unmatched = || {
        let mut requests = evidence.scopes.iter().enumerate();
        requests.find_map(|(index, request)| {
            let why = request.as_ref().err()?;
            let exchange = evidence.exchanges.get(index)?;
            Some(Reason::Unmatched {
                request: wording::exchange(index, exchange),
                why: why.clone(),
                no_server: false,
            })
        })
    };
    let missed = evidence.carried.missed.first();
    let unsaved = missed.map(|missed| Reason::Unsaved(missed.name.clone()));
    unsaved
        .or_else(|| lost.reason(LostHits::Any, observation))
        .or_else(unmatched)
        .or_else(|| observation.not_kept.map(Reason::NotKept))
}

/// What a passed verdict says beside its basis, where hits were lost that it did not need.
pub(super) fn not_needed(loss: &Loss) -> Option<String> {
    let total = loss.total();
    let hits = wording::plural(total, "hit");
    (total > 0).then(|| format!("{hits} {} lost, but not needed", wording::was(total)))
}

/// How many hits that show one of these may have been lost by then, or at all without a moment.
pub(super) fn lost_by<'a>(
    sites: impl Iterator<Item = &'a SiteLoss>,
    wanted: &[ProbeKind],
    end: Option<Timestamp>,
) -> u64 {
    let sites = sites.filter(|site| may_show(site, wanted));
    let lost = sites.map(|site| end.map_or(site.lost, |end| site.lost_until(end)));
    lost.fold(0, u64::saturating_add)
}

/// Whether a site shows one of these. One that was not read may show anything.
fn may_show(site: &SiteLoss, wanted: &[ProbeKind]) -> bool {
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
    let owned_goroutines = owned_goroutines.filter(|goroutine| goroutine.scope.is_some());
    let owned_calls = observation.calls.iter();
    let owned_calls = owned_calls.filter(|call| call.scope.is_some());
    let ends = (observation.scopes.iter().map(|scope| scope.left))
        .chain(owned_goroutines.map(|goroutine| goroutine.ended))
        .chain(owned_calls.map(|call| call.left));
    let found = evidence.scopes.iter().all(Result::is_ok);
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

    /// That they were lost; nothing if there are none.
    fn reason(&self, of: LostHits, observation: &Observation) -> Option<Reason> {
        let lost = self.sites.iter().map(|(_, lost)| *lost);
        let hits = lost.fold(0, u64::saturating_add);
        (hits > 0).then(|| Reason::Lost {
            hits,
            places: self.places(&of, observation),
            of,
        })
    }

    /// ` (2 of main.f entry, 12.0 ms to 15.1 ms)`; nothing where no place is known.
    fn places(&self, of: &LostHits, observation: &Observation) -> String {
        let is_placed = |site: &SiteLoss| *of == LostHits::Any || !site.gaps.is_empty();
        let placed = self.sites.iter().filter(|(site, _)| is_placed(site));
        let mut listed: Vec<String> = placed
            .map(|(site, lost)| format!("{lost} of {}", observation.describe_loss(site)))
            .collect();
        if listed.is_empty() {
            return String::new();
        }
        if listed.len() > MAX_LISTED {
            let more = listed.len() - MAX_LISTED;
            listed.truncate(MAX_LISTED);
            listed.push(format!("and at {more} more probes"));
        }
        format!(" ({})", listed.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use model::{Gap, Goid, Goroutine, Scope, ScopeId, SiteId, testing};

    use super::*;

    /// A request that is left at 100, with a goroutine that ends then or not at all.
    fn evidence(ended: Option<u64>) -> Evidence {
        let mut evidence = Evidence {
            scopes: vec![Ok(ScopeId(0))],
            ..Evidence::default()
        };
        evidence.observation.scopes.push(Scope {
            left: Some(Timestamp(60)),
            ..testing::request(ScopeId(0), Goid(5), Timestamp(10))
        });
        evidence.observation.goroutines.push(Goroutine {
            scope: Some(ScopeId(0)),
            ended: ended.map(Timestamp),
            ..testing::goroutine(Goid(6))
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
        let hits = |after, end| {
            let site = lost_after(after);
            let lost = Lost::until([&site].into_iter(), || end);
            match lost.reason(LostHits::Any, &Observation::default()) {
                Some(Reason::Lost { hits, .. }) => hits,
                _ => 0,
            }
        };
        assert_eq!(hits(101, end), 0);
        assert_eq!(hits(100, end), 2);
        assert_eq!(hits(101, None), 2);
    }

    #[test]
    fn of_any_hits_each_site_is_named_and_else_those_with_a_place() {
        let sites = [SiteLoss::new(SiteId(0), None, 2)];
        let said = |of| {
            let lost = Lost::until(sites.iter(), || None);
            let reason = lost.reason(of, &Observation::default());
            reason.map(|reason| reason.to_string()).unwrap()
        };
        assert!(said(LostHits::Any).starts_with("2 hits were lost (2 of "));
        assert_eq!(
            said(LostHits::Label("f".to_owned())),
            "2 hits of f were lost"
        );
        let mut evidence = evidence(None);
        evidence.observation.loss.sites = sites.to_vec();
        assert_eq!(doubt(&evidence).unwrap().to_string(), said(LostHits::Any));
    }

    #[test]
    fn where_nothing_was_lost_nobody_looks_for_an_end() {
        let unneeded = || panic!("all calls would be looked at");
        let lost = Lost::until([].into_iter(), unneeded);
        assert_eq!(lost.reason(LostHits::Any, &Observation::default()), None);
    }

    #[test]
    fn while_something_runs_or_a_request_is_not_found_everything_matters() {
        assert_eq!(end_of_requests(&evidence(None)), None);
        let mut unmatched = evidence(Some(100));
        unmatched.scopes.push(Err("not found".to_owned()));
        assert_eq!(end_of_requests(&unmatched), None);
    }
}
