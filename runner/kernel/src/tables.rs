//! A plan's sites, reads and views as the tables that the kernel program is driven by. Pure.

use goproctor_ebpf::{
    BOUND_ELEMENTS, BOUND_NONE, BOUND_STRING, Dynamic, G_REGISTER, G_THREAD_LOCAL, LINK_BLANK,
    LINK_COUNTED, LINK_EMPTY_INTERFACE, LINK_EMPTY_INTERFACE_OF, LINK_FIXED, LINK_FUNC,
    LINK_INTERFACE, LINK_INTERFACE_OF, LINK_MASKED, LINK_OLD_POWER, LINK_POWER, LINK_UNCOUNTED,
    Link, MAX_CHUNK, MAX_DYNAMIC, MAX_LINKS, MAX_SAVES, MAX_SEEDS, MAX_SITES, MAX_VIEW_LINKS,
    MAX_VIEWS, NO_VIEW, RecordClass, SOURCE_CONSTANT, SOURCE_IMAGE, SOURCE_REGISTER, SOURCE_SAVED,
    SOURCE_STACK, SOURCE_STACK_ADDRESS, Save, Seed, SitePlan, Source, View,
};
use model::{
    Address, Limits, SiteId,
    plan::{self, Bound, GoroutineSource, LinkKind, Operand, Plan, Read, Site, Turn, ViewId},
};
use thiserror::Error;

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
    /// All sites' saves.
    pub saves: Vec<Save>,
    /// How to read what interfaces hold, by runtime type, and closures, by code.
    pub dynamic: Vec<(Address, Dynamic)>,
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
            if view.links.len() > MAX_VIEW_LINKS as usize {
                return Err(TablesError::TooMany {
                    what: "links in one view",
                    count: view.links.len(),
                    most: MAX_VIEW_LINKS,
                });
            }
            // What is blanked is followed first, if a link says so.
            let (blanks, pointers): (Vec<_>, Vec<_>) = view
                .links
                .iter()
                .partition(|link| matches!(link.kind, LinkKind::Blank(_)));
            for link in pointers.into_iter().chain(blanks) {
                tables.links.push(wire_link(link, &plan.views)?);
            }
        }
        let types = plan
            .dynamic
            .iter()
            .filter_map(|ty| Some((ty.address, ty.link?)));
        let closures = plan
            .closures
            .iter()
            .map(|closure| (closure.code, closure.link));
        for (address, link) in types.chain(closures) {
            let link = wire_link(&link, &plan.views)?;
            tables.dynamic.push((address, link));
        }
        for site in &plan.sites {
            tables.push(site, plan)?;
        }
        Ok(tables)
    }

    /// The largest class that a record of any of the sites may have.
    pub(super) fn largest_class(&self) -> u32 {
        self.sites.iter().map(|site| site.class).max().unwrap_or(0)
    }

    /// Adds a site that speaks of a plan's views; its number is the next one.
    ///
    /// # Errors
    /// As for [`Tables::new`].
    pub fn push(&mut self, site: &Site, plan: &Plan) -> Result<(), TablesError> {
        let is_first = |read: &&Read| read.turn == Turn::First;
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
            first_turn: site.reads.iter().filter(is_first).count() as u32,
            reserved: 0,
            first_save: self.saves.len() as u32,
            save_count: site.saves.len() as u32,
            address: site.address.0,
            // A chunk's header has 16 bits for it.
            depth: site.limits.depth.min(u32::from(u16::MAX)),
            string: site.limits.string,
            elements: site.limits.elements,
            hidden: site
                .hidden
                .iter()
                .fold(0, |bits, register| bits | 1 << register.index()),
        });
        self.saves.extend(site.saves.iter().map(|save| Save {
            value: operand(save.value),
            function: save.function.0,
            slot: save.slot,
        }));
        let (first, second): (Vec<_>, Vec<_>) = site.reads.iter().partition(is_first);
        for read in first.into_iter().chain(second) {
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
            ("saved numbers", self.saves.len(), MAX_SAVES),
            ("types and closures", self.dynamic.len(), MAX_DYNAMIC),
        ] {
            if count > most as usize {
                return Err(TablesError::TooMany { what, count, most });
            }
        }
        Ok(())
    }
}

fn seed(read: &Read, views: &[plan::ViewPlan]) -> Result<Seed, TablesError> {
    let (guard, guard_value, guarded) = match read.guard {
        Some(guard) => (operand(guard.operand), guard.address.0, 1),
        None => (Source::default(), 0, 0),
    };
    Ok(Seed {
        first: operand(read.first),
        second: operand(read.second),
        guard,
        guard_value,
        guarded,
        reserved: 0,
        link: wire_link(&read.link, views)?,
    })
}

fn wire_link(link: &plan::Link, views: &[plan::ViewPlan]) -> Result<Link, TablesError> {
    let (kind, length, guard) = match link.kind {
        LinkKind::Constant(length) => (LINK_FIXED, length, 0),
        LinkKind::Counted => (LINK_COUNTED, 0, 0),
        LinkKind::Uncounted => (LINK_UNCOUNTED, 0, 0),
        LinkKind::Masked => (LINK_MASKED, 0, 0),
        LinkKind::Power(at) => (LINK_POWER, at, 0),
        LinkKind::OldPower(at) => (LINK_OLD_POWER, at, 0),
        LinkKind::EmptyInterface => (LINK_EMPTY_INTERFACE, 0, 0),
        LinkKind::Interface => (LINK_INTERFACE, 0, 0),
        LinkKind::EmptyInterfaceOf(ty) => (LINK_EMPTY_INTERFACE_OF, 1, ty.0),
        LinkKind::InterfaceOf(ty) => (LINK_INTERFACE_OF, 1, ty.0),
        LinkKind::Func => (LINK_FUNC, 0, 0),
        LinkKind::Blank(bytes) => (LINK_BLANK, bytes, 0),
    };
    Ok(Link {
        offset: link.offset,
        kind,
        length,
        element: link.element,
        limit: link.limit.min(MAX_CHUNK),
        bound: match link.bound {
            Bound::None => BOUND_NONE,
            Bound::String => BOUND_STRING,
            Bound::Elements => BOUND_ELEMENTS,
        },
        levels: link.levels,
        view: wire_view(link.view, views)?,
        displacement: link.displacement,
        reserved: 0,
        guard,
    })
}

fn wire_view(view: Option<ViewId>, views: &[plan::ViewPlan]) -> Result<u32, TablesError> {
    match view {
        None => Ok(NO_VIEW),
        Some(ViewId(number)) if (number as usize) < views.len() => Ok(number),
        Some(ViewId(number)) => Err(TablesError::NoView(number)),
    }
}

fn operand(operand: Operand) -> Source {
    match operand {
        Operand::Register(register) => Source {
            kind: SOURCE_REGISTER,
            index: register.index() as u32,
            displacement: 0,
        },
        Operand::Stack(displacement) => source(SOURCE_STACK, displacement),
        Operand::StackAddress(displacement) => source(SOURCE_STACK_ADDRESS, displacement),
        Operand::Image(address) => source(SOURCE_IMAGE, address.0.cast_signed()),
        Operand::Saved(function, slot) => Source {
            kind: SOURCE_SAVED,
            index: slot,
            displacement: i64::from(function.0),
        },
        Operand::Constant(number) => source(SOURCE_CONSTANT, number),
    }
}

fn source(kind: u32, displacement: i64) -> Source {
    Source {
        kind,
        index: 0,
        displacement,
    }
}

/// The smallest class that holds all that a site's reads can lead to, within their limits; where that is not bounded, the
/// smallest that holds the site's limit of bytes.
fn class(site: &Site, views: &[plan::ViewPlan]) -> RecordClass {
    let most = RecordClass::ALL
        .into_iter()
        .find(|class| class.size() >= site.limits.bytes as usize)
        .unwrap_or(RecordClass::Huge);
    let mut queue = Vec::new();
    for read in &site.reads {
        match reach(&read.link, site.limits.depth, site.limits) {
            Reach::Nothing => {}
            Reach::Piece(piece) => queue.push(piece),
            Reach::Unknown => return most,
        }
    }
    let (mut next, mut size) = (0, 0);
    while let Some(&piece) = queue.get(next) {
        next += 1;
        size += (piece.bytes as usize).next_multiple_of(8);
        if queue.len() > most.chunks() || size > most.data_size() {
            return most;
        }
        let Some(view) = piece
            .view
            .and_then(|ViewId(number)| views.get(number as usize))
        else {
            continue;
        };
        let elements = if view.stride == 0 {
            1
        } else {
            piece.bytes.div_ceil(view.stride)
        };
        for link in &view.links {
            match reach(link, piece.levels, site.limits) {
                Reach::Nothing => {}
                Reach::Piece(piece) => {
                    let room = (most.chunks() + 1).saturating_sub(queue.len());
                    queue.extend(std::iter::repeat_n(piece, (elements as usize).min(room)));
                }
                Reach::Unknown => return most,
            }
        }
    }
    RecordClass::ALL
        .into_iter()
        .find(|class| queue.len() <= class.chunks() && size <= class.data_size())
        .map_or(most, |class| class.min(most))
}

/// What a link leads to at most.
enum Reach {
    /// Not a byte.
    Nothing,
    /// One piece.
    Piece(Piece),
    /// Only the hit tells.
    Unknown,
}

/// A piece of memory, at its largest.
#[derive(Clone, Copy)]
struct Piece {
    bytes: u32,
    view: Option<ViewId>,
    /// How many levels are left from there.
    levels: u32,
}

fn reach(link: &plan::Link, levels: u32, limits: Limits) -> Reach {
    let Some(levels) = levels.checked_sub(link.levels) else {
        return Reach::Nothing;
    };
    let bound = match link.bound {
        Bound::None => MAX_CHUNK,
        Bound::String => limits.string,
        Bound::Elements => limits.elements.saturating_mul(link.element),
    };
    let most = link.limit.min(MAX_CHUNK).min(bound);
    let bytes = match link.kind {
        LinkKind::Constant(count) => count.saturating_mul(link.element).min(most),
        LinkKind::Uncounted | LinkKind::EmptyInterfaceOf(_) => link.element.min(most),
        LinkKind::Counted | LinkKind::Masked | LinkKind::Power(_) | LinkKind::OldPower(_) => most,
        LinkKind::Blank(_) => return Reach::Nothing,
        LinkKind::InterfaceOf(_)
        | LinkKind::EmptyInterface
        | LinkKind::Interface
        | LinkKind::Func => return Reach::Unknown,
    };
    Reach::Piece(Piece {
        bytes,
        view: link.view,
        levels,
    })
}

#[cfg(test)]
mod tests {
    use model::{FileOffset, FunctionId, Register, TypeId, plan::ViewPlan};

    use super::*;

    fn string(limit: u32) -> Read {
        Read::new(
            Operand::Register(Register::Rax),
            Operand::Register(Register::Rbx),
            plan::Link::new(0, LinkKind::Counted, 1, limit),
        )
    }

    fn structure(size: u32, view: u32) -> Read {
        let link = plan::Link::new(0, LinkKind::Constant(1), size, size);
        let view = Some(ViewId(view));
        Read::new(
            Operand::StackAddress(8),
            Operand::Constant(0),
            plan::Link { view, ..link },
        )
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
                limits: Limits::default(),
                hidden: Vec::new(),
                saves: Vec::new(),
                below: 0,
                copies: Vec::new(),
            })
            .collect();
        Plan {
            sites,
            views,
            ..Plan::default()
        }
    }

    fn link(kind: LinkKind, limit: u32, view: Option<ViewId>) -> plan::Link {
        plan::Link {
            view,
            ..plan::Link::new(8, kind, 1, limit)
        }
    }

    #[test]
    fn each_site_has_its_own_seeds_and_each_view_its_own_links() {
        let view = |links: usize| ViewPlan {
            stride: 24,
            links: vec![link(LinkKind::Counted, 64, None); links],
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
            (seed.first.kind, seed.first.displacement),
            (SOURCE_STACK_ADDRESS, 8)
        );
        assert_eq!((seed.link.kind, seed.link.length), (LINK_FIXED, 1));
        assert_eq!((seed.link.element, seed.link.view), (48, 1));
        let seed = tables.seeds[0];
        assert_eq!((seed.first.kind, seed.first.index), (SOURCE_REGISTER, 0));
        assert_eq!((seed.second.index, seed.link.view), (1, NO_VIEW));
    }

    #[test]
    fn a_site_gets_the_smallest_record_that_holds_all_it_can_see() {
        let people = ViewPlan {
            stride: 16,
            links: vec![link(LinkKind::Counted, 100, None)],
        };
        let list = ViewPlan {
            stride: 0,
            links: vec![link(LinkKind::Constant(1), 16, Some(ViewId(1)))],
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
    fn levels_and_bounds_of_a_site_bound_its_record() {
        // A list: each node leads to the next, one level each, and to a name.
        let next = plan::Link {
            levels: 1,
            view: Some(ViewId(0)),
            ..plan::Link::new(16, LinkKind::Constant(1), 24, 24)
        };
        let name = plan::Link {
            bound: Bound::String,
            ..plan::Link::new(0, LinkKind::Counted, 1, MAX_CHUNK)
        };
        let views = vec![ViewPlan {
            stride: 0,
            links: vec![next, name],
        }];
        let class_of = |limits: Limits| {
            let read = Read::new(Operand::Register(Register::Rax), Operand::Constant(0), next);
            let mut plan = plan(&[&[read]], views.clone());
            plan.sites[0].limits = limits;
            Tables::new(&plan).unwrap().sites[0].class
        };
        let limits = |depth, string| Limits {
            depth,
            string,
            ..Limits::default()
        };
        assert_eq!(class_of(limits(0, 64)), RecordClass::Scalar as u32);
        assert_eq!(class_of(limits(1, 64)), RecordClass::Tiny as u32);
        assert_eq!(class_of(limits(3, 64)), RecordClass::Small as u32);
        assert_eq!(class_of(limits(3, 500)), RecordClass::Medium as u32);
        assert_eq!(class_of(limits(1000, 64)), RecordClass::Large as u32);
        let huge = Limits {
            bytes: 32_768,
            ..limits(1000, 64)
        };
        assert_eq!(class_of(huge), RecordClass::Huge as u32);
    }

    #[test]
    fn what_only_the_hit_tells_takes_what_the_site_allows() {
        for (kind, class) in [
            (LinkKind::EmptyInterface, RecordClass::Large),
            (LinkKind::Interface, RecordClass::Large),
            (LinkKind::Func, RecordClass::Large),
            (LinkKind::EmptyInterfaceOf(Address(1)), RecordClass::Tiny),
            (LinkKind::Uncounted, RecordClass::Tiny),
            (LinkKind::Power(1), RecordClass::Large),
        ] {
            let read = Read::new(
                Operand::Register(Register::Rax),
                Operand::Register(Register::Rbx),
                plan::Link::new(0, kind, 8, 4096),
            );
            let tables = Tables::new(&plan(&[&[read]], Vec::new())).unwrap();
            assert_eq!(tables.sites[0].class, class as u32, "{kind:?}");
        }
    }

    #[test]
    fn what_is_blanked_comes_after_what_is_followed() {
        let links = vec![
            link(LinkKind::Blank(8), 0, None),
            link(LinkKind::Counted, 64, None),
            link(LinkKind::Blank(3), 0, None),
        ];
        let views = vec![ViewPlan { stride: 24, links }];
        let tables = Tables::new(&plan(&[&[]], views)).unwrap();
        let kinds: Vec<_> = tables
            .links
            .iter()
            .map(|link| (link.kind, link.length))
            .collect();
        assert_eq!(kinds, [(LINK_COUNTED, 0), (LINK_BLANK, 8), (LINK_BLANK, 3)]);
    }

    #[test]
    fn what_is_known_only_at_a_hit_has_a_table() {
        let link = plan::Link::new(0, LinkKind::Constant(1), 24, 24);
        let ty = |address, link| plan::DynamicType {
            address: Address(address),
            ty: TypeId(0),
            direct: false,
            link,
        };
        let mut plan = plan(&[&[]], Vec::new());
        plan.dynamic = vec![ty(0x5000, Some(link)), ty(0x5040, None)];
        plan.closures = vec![plan::Closure {
            code: Address(0x40_1000),
            captured: None,
            link,
        }];
        plan.sites[0].hidden = vec![Register::Rax, Register::R15];
        plan.sites[0].saves = vec![plan::Save {
            function: FunctionId(3),
            slot: 1,
            value: Operand::Register(Register::Rbx),
        }];
        plan.sites[0].reads = vec![Read::new(
            Operand::Saved(FunctionId(3), 1),
            Operand::Image(Address(0x6000)),
            link,
        )];
        let tables = Tables::new(&plan).unwrap();
        let addresses: Vec<_> = tables
            .dynamic
            .iter()
            .map(|(address, _)| address.0)
            .collect();
        assert_eq!(
            addresses,
            [0x5000, 0x40_1000],
            "what leads nowhere is not in it"
        );
        assert_eq!(tables.sites[0].hidden, 1 | 1 << 15);
        let (save, seed) = (tables.saves[0], tables.seeds[0]);
        assert_eq!((save.function, save.slot, save.value.index), (3, 1, 1));
        assert_eq!(
            (seed.first.kind, seed.first.index, seed.first.displacement),
            (SOURCE_SAVED, 1, 3)
        );
        assert_eq!(
            (seed.second.kind, seed.second.displacement),
            (SOURCE_IMAGE, 0x6000)
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
