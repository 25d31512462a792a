//! Hits that came in but say nothing, as if they had been lost.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use goproctor_ebpf::RecordHeader;
use model::{
    Gap, SiteId, SiteLoss, Timestamp,
    plan::{Plan, Site},
};
use zerocopy::FromBytes;

/// Such hits, by site.
#[derive(Debug, Default)]
pub(super) struct Unusable(BTreeMap<SiteId, SiteLoss>);

impl Unusable {
    /// Adds a hit of a site.
    pub(super) fn add(&mut self, header: &RecordHeader, site: &Site) {
        let mut lost = SiteLoss::new(site.id, site.function(), 1);
        let time = Some(Timestamp(header.time));
        lost.gaps.push(Gap {
            first: header.hit,
            last: header.hit,
            lost: 1,
            after: time,
            before: time,
        });
        self.lose(lost);
    }

    /// Adds bytes that are no record of the plan. Of a site that is not known all is lost that there is.
    pub(super) fn add_malformed(&mut self, plan: &Plan, bytes: &[u8]) {
        let header = RecordHeader::read_from_prefix(bytes).ok();
        let header = header.map(|(header, _)| header);
        let known = header.and_then(|header| Some((header, plan.sites.get(header.site as usize)?)));
        match known {
            Some((header, site)) => self.add(&header, site),
            None => {
                let site = header.map_or(u32::MAX, |header| header.site);
                self.lose(SiteLoss::new(SiteId(site), None, 1));
            }
        }
    }

    fn lose(&mut self, lost: SiteLoss) {
        match self.0.entry(lost.site) {
            Entry::Occupied(mut known) => known.get_mut().add(lost),
            Entry::Vacant(place) => {
                place.insert(lost);
            }
        }
    }

    /// Those since this was asked last, as losses.
    pub(super) fn take(&mut self, plan: &Plan) -> impl Iterator<Item = SiteLoss> {
        let unusable = std::mem::take(&mut self.0);
        let servers = match unusable.is_empty() {
            true => BTreeSet::new(),
            false => plan.servers(),
        };
        unusable.into_values().map(move |mut lost| {
            let site = plan.sites.get(lost.site.0 as usize);
            lost.probes = site.map_or_else(Vec::new, |site| site.probes(&servers));
            lost
        })
    }
}
