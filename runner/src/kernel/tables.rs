//! A plan's sites, reads and views as the tables that the kernel program is driven by. Pure.

use goproctor_ebpf::{
    G_REGISTER, G_THREAD_LOCAL, LINK_COUNTED, LINK_FIXED, Link, MAX_CHUNK, MAX_LINKS, MAX_SEEDS,
    MAX_SITES, MAX_VIEWS, NO_VIEW, RecordClass, SOURCE_CONSTANT, SOURCE_REGISTER, SOURCE_STACK,
    SOURCE_STACK_ADDRESS, Seed, SitePlan, Source, View,
};
use thiserror::Error;

use crate::{
    model::{Register, SiteId},
    plan::{self, GoroutineSource, Length, LinkLength, Plan, Read, ReadAddress, Site, ViewId},
};

/// Why a plan can't become tables.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TablesError {
    /// The plan is too large.
    #[error(
        "the plan has {count} {what}, {most} are possible; watch fewer functions, or less of their values"
    )]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many are possible.
        most: u32,
    },
    /// A site's number is not its index.
    #[error("the plan's site number {index} calls itself {site}")]
    SiteNumber {
        /// Where it is.
        index: usize,
        /// What it says.
        site: SiteId,
    },
    /// A read or a link speaks of a view that there is not.
    #[error("the plan speaks of view {0}, which it does not have")]
    NoView(u32),
}

/// The tables of one plan.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// By site.
    pub sites: Vec<SitePlan>,
    /// All sites' seeds.
    pub seeds: Vec<Seed>,
    /// By view.
    pub views: Vec<View>,
    /// All views' links.
    pub links: Vec<Link>,
}

impl Tables {
    /// The tables of a plan.
    ///
    /// # Errors
    /// The plan is larger than the tables can be, or not consistent.
    pub fn new(plan: &Plan) -> Result<Self, TablesError> {
        let mut tables = Self::default();
        for view in &plan.views {
            tables.views.push(View {
                first_link: tables.links.len() as u32,
                link_count: view.links.len() as u32,
                stride: view.stride,
                reserved: 0,
            });
            for link in &view.links {
                tables.links.push(wire_link(link, &plan.views)?);
            }
        }
        for site in &plan.sites {
            tables.push(site, plan)?;
        }
        Ok(tables)
    }

    /// Adds a site that speaks of a plan's views; its number is the next one.
    ///
    /// # Errors
    /// As for [`Tables::new`].
    pub fn push(&mut self, site: &Site, plan: &Plan) -> Result<(), TablesError> {
        let index = self.sites.len();
        if site.id.0 as usize != index {
            return Err(TablesError::SiteNumber {
                index,
                site: site.id,
            });
        }
        self.sites.push(SitePlan {
            g_source: match site.goroutine {
                GoroutineSource::Register => G_REGISTER,
                GoroutineSource::ThreadLocal => G_THREAD_LOCAL,
            },
            class: class(site, &plan.views) as u32,
            first_seed: self.seeds.len() as u32,
            seed_count: site.reads.len() as u32,
        });
        for read in &site.reads {
            self.seeds.push(seed(read, &plan.views)?);
        }
        self.bounded()
    }

    /// Refuses more than the kernel's tables can hold.
    fn bounded(&self) -> Result<(), TablesError> {
        for (what, count, most) in [
            ("probe sites", self.sites.len(), MAX_SITES),
            ("pieces of memory to read", self.seeds.len(), MAX_SEEDS),
            ("views", self.views.len(), MAX_VIEWS),
            ("links", self.links.len(), MAX_LINKS),
        ] {
            if count > most as usize {
                return Err(TablesError::TooMany { what, count, most });
            }
        }
        Ok(())
    }
}

fn seed(read: &Read, views: &[plan::ViewPlan]) -> Result<Seed, TablesError> {
    Ok(Seed {
        address: match read.address {
            ReadAddress::Register(register) => from_register(register),
            ReadAddress::Stack(displacement) => source(SOURCE_STACK, displacement),
            ReadAddress::StackAddress(displacement) => source(SOURCE_STACK_ADDRESS, displacement),
        },
        length: match read.length {
            Length::Constant(length) => source(SOURCE_CONSTANT, i64::from(length)),
            Length::Register(register) => from_register(register),
            Length::Stack(displacement) => source(SOURCE_STACK, displacement),
        },
        element: read.element,
        limit: read.limit.min(MAX_CHUNK),
        view: wire_view(read.view, views)?,
        reserved: 0,
    })
}

fn wire_link(link: &plan::Link, views: &[plan::ViewPlan]) -> Result<Link, TablesError> {
    let (kind, length) = match link.length {
        LinkLength::Constant(length) => (LINK_FIXED, length),
        LinkLength::Counted => (LINK_COUNTED, 0),
    };
    Ok(Link {
        offset: link.offset,
        kind,
        length,
        element: link.element,
        limit: link.limit.min(MAX_CHUNK),
        view: wire_view(link.view, views)?,
    })
}

fn wire_view(view: Option<ViewId>, views: &[plan::ViewPlan]) -> Result<u32, TablesError> {
    match view {
        None => Ok(NO_VIEW),
        Some(ViewId(number)) if (number as usize) < views.len() => Ok(number),
        Some(ViewId(number)) => Err(TablesError::NoView(number)),
    }
}

fn from_register(register: Register) -> Source {
    Source {
        kind: SOURCE_REGISTER,
        index: register.index() as u32,
        displacement: 0,
    }
}

fn source(kind: u32, displacement: i64) -> Source {
    Source {
        kind,
        index: 0,
        displacement,
    }
}

/// The smallest class that holds all that a site's reads can lead to, within their limits; the largest
/// where no class does.
fn class(site: &Site, views: &[plan::ViewPlan]) -> RecordClass {
    let most = RecordClass::Large;
    let mut queue: Vec<(u32, Option<ViewId>)> = Vec::new();
    for read in &site.reads {
        let full = match read.length {
            Length::Constant(length) => Some(length.saturating_mul(read.element)),
            Length::Register(_) | Length::Stack(_) => None,
        };
        queue.push((bytes(full, read.limit), read.view));
    }
    let (mut next, mut size) = (0, 0);
    while let Some(&(length, view)) = queue.get(next) {
        next += 1;
        size += (length as usize).next_multiple_of(8);
        if queue.len() > most.chunks() || size > most.data_size() {
            return most;
        }
        let Some(view) = view.and_then(|ViewId(number)| views.get(number as usize)) else {
            continue;
        };
        let elements = if view.stride == 0 {
            1
        } else {
            length.div_ceil(view.stride)
        };
        for link in &view.links {
            let full = match link.length {
                LinkLength::Constant(length) => Some(length.saturating_mul(link.element)),
                LinkLength::Counted => None,
            };
            let piece = (bytes(full, link.limit), link.view);
            let room = most.chunks() + 1 - queue.len().min(most.chunks() + 1);
            queue.extend(std::iter::repeat_n(piece, (elements as usize).min(room)));
        }
    }
    RecordClass::ALL
        .into_iter()
        .find(|class| queue.len() <= class.chunks() && size <= class.data_size())
        .unwrap_or(most)
}

/// How many bytes a piece can have at most.
fn bytes(full: Option<u32>, limit: u32) -> u32 {
    full.unwrap_or(u32::MAX).min(limit).min(MAX_CHUNK)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use crate::{
        model::{Address, FileOffset},
        plan::ViewPlan,
    };

    fn string(limit: u32) -> Read {
        Read {
            address: ReadAddress::Register(Register::Rax),
            length: Length::Register(Register::Rbx),
            element: 1,
            limit,
            view: None,
        }
    }

    fn structure(size: u32, view: u32) -> Read {
        Read {
            address: ReadAddress::StackAddress(8),
            length: Length::Constant(1),
            element: size,
            limit: size,
            view: Some(ViewId(view)),
        }
    }

    fn plan(reads: &[&[Read]], views: Vec<ViewPlan>) -> Plan {
        let sites = reads
            .iter()
            .enumerate()
            .map(|(index, reads)| Site {
                id: SiteId(index as u32),
                address: Address(0x401_000 + index as u64),
                offset: FileOffset(0x1000 + index as u64),
                roles: Vec::new(),
                goroutine: GoroutineSource::Register,
                reads: reads.to_vec(),
            })
            .collect();
        Plan {
            sites,
            views,
            ..Plan::default()
        }
    }

    fn link(length: LinkLength, limit: u32, view: Option<ViewId>) -> plan::Link {
        plan::Link {
            offset: 8,
            length,
            element: 1,
            limit,
            view,
        }
    }

    #[test]
    fn each_site_has_its_own_seeds_and_each_view_its_own_links() {
        let view = |links: usize| ViewPlan {
            stride: 24,
            links: vec![link(LinkLength::Counted, 64, None); links],
        };
        let plan = plan(
            &[&[], &[string(64), string(64)], &[structure(48, 1)]],
            vec![view(1), view(2)],
        );
        let tables = Tables::new(&plan).unwrap();
        let seeds: Vec<_> = tables
            .sites
            .iter()
            .map(|site| (site.first_seed, site.seed_count))
            .collect();
        assert_eq!(seeds, [(0, 0), (0, 2), (2, 1)]);
        let links: Vec<_> = tables
            .views
            .iter()
            .map(|view| (view.first_link, view.link_count))
            .collect();
        assert_eq!(links, [(0, 1), (1, 2)]);
        let seed = tables.seeds[2];
        assert_eq!(
            (seed.address.kind, seed.address.displacement),
            (SOURCE_STACK_ADDRESS, 8)
        );
        assert_eq!(
            (seed.length.kind, seed.length.displacement),
            (SOURCE_CONSTANT, 1)
        );
        assert_eq!((seed.element, seed.view), (48, 1));
        let seed = tables.seeds[0];
        assert_eq!(
            (seed.address.kind, seed.address.index),
            (SOURCE_REGISTER, 0)
        );
        assert_eq!((seed.length.index, seed.view), (1, NO_VIEW));
    }

    #[test]
    fn a_site_gets_the_smallest_record_that_holds_all_it_can_see() {
        let people = ViewPlan {
            stride: 16,
            links: vec![link(LinkLength::Counted, 100, None)],
        };
        let list = ViewPlan {
            stride: 0,
            links: vec![link(LinkLength::Constant(1), 16, Some(ViewId(1)))],
        };
        let views = vec![people, list];
        let class_of =
            |reads: &[Read]| Tables::new(&plan(&[reads], views.clone())).unwrap().sites[0].class;
        let small = RecordClass::Small.data_size() as u32;
        assert_eq!(class_of(&[]), RecordClass::Scalar as u32);
        assert_eq!(class_of(&[string(64)]), RecordClass::Tiny as u32);
        assert_eq!(class_of(&[string(small)]), RecordClass::Small as u32);
        assert_eq!(
            class_of(&[string(small), string(1)]),
            RecordClass::Medium as u32
        );
        assert_eq!(
            class_of(&[string(8); 9]),
            RecordClass::Medium as u32,
            "too many for 8 headers"
        );
        assert_eq!(
            class_of(&[structure(32, 0)]),
            RecordClass::Small as u32,
            "two strings of 100"
        );
        assert_eq!(
            class_of(&[structure(320, 0)]),
            RecordClass::Medium as u32,
            "twenty of them"
        );
        assert_eq!(class_of(&[string(4096)]), RecordClass::Large as u32);
        assert_eq!(
            class_of(&[structure(16, 1)]),
            RecordClass::Large as u32,
            "a list may be endless"
        );
    }

    #[test]
    fn what_is_not_a_plan_is_refused() {
        let mut wrong = plan(&[&[], &[]], Vec::new());
        wrong.sites[1].id = SiteId(7);
        assert_eq!(
            Tables::new(&wrong).unwrap_err(),
            TablesError::SiteNumber {
                index: 1,
                site: SiteId(7)
            }
        );
        let wrong = plan(&[&[structure(8, 0)]], Vec::new());
        assert_eq!(Tables::new(&wrong).unwrap_err(), TablesError::NoView(0));
        let large = plan(&vec![&[][..]; MAX_SITES as usize + 1], Vec::new());
        assert!(matches!(
            Tables::new(&large).unwrap_err(),
            TablesError::TooMany {
                what: "probe sites",
                ..
            }
        ));
    }
}
