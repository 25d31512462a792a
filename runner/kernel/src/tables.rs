//! A plan's sites, reads and views as the tables that the kernel program is driven by. Pure.

use goproctor_ebpf::{
    BOUND_ELEMENTS, BOUND_NONE, BOUND_STRING, Dynamic, G_REGISTER, G_THREAD_LOCAL, GATE_CREATED,
    GATE_JOINED, GATE_LEFT, GATE_OPEN, GATE_TEST, GATE_WATCH, GATE_WATCHED, INSTRUCTION_PLAIN,
    INSTRUCTION_RETURN, INSTRUCTION_STACK_CHECK, LINK_BLANK, LINK_COUNTED, LINK_EMPTY_INTERFACE,
    LINK_EMPTY_INTERFACE_OF, LINK_FIXED, LINK_FUNC, LINK_INTERFACE, LINK_INTERFACE_OF, LINK_MASKED,
    LINK_OLD_POWER, LINK_POWER, LINK_UNCOUNTED, Link, MAX_CHUNK, MAX_DYNAMIC, MAX_LINKS, MAX_SAVES,
    MAX_SEEDS, MAX_SITES, MAX_VIEW_LINKS, MAX_VIEWS, NO_VIEW, RecordClass, SOURCE_CONSTANT,
    SOURCE_IMAGE, SOURCE_REGISTER, SOURCE_SAVED, SOURCE_STACK, SOURCE_STACK_ADDRESS, Save, Seed,
    SitePlan, Source, View,
};
use model::{
    Address, GoTestKind, Limits, SiteId,
    plan::{
        self, Bound, GoroutineSource, LinkKind, Operand, Plan, Read, Role, Site, SiteInstruction,
        Turn, ViewId,
    },
};
use thiserror::Error;

/// Why a plan can't become tables.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TablesError {
    /// The plan is too large.
    #[error(
        "the plan has {count} {what}, the limit is {most}; watch fewer functions, or read less of their values"
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
    #[error("the plan's site {index} has the number of {site}")]
    SiteNumber {
        /// Where it is.
        index: usize,
        /// What it says.
        site: SiteId,
    },
    /// A read or a link speaks of a view that there is not.
    #[error("the plan refers to view {0}, which does not exist")]
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
            bounded("links in one view", view.links.len(), MAX_VIEW_LINKS)?;
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
        let (gate, gate_value) = gate(site, plan);
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
            instruction: match site.instruction {
                SiteInstruction::Plain => INSTRUCTION_PLAIN,
                SiteInstruction::StackCheck => INSTRUCTION_STACK_CHECK,
                SiteInstruction::Return => INSTRUCTION_RETURN,
            },
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
            below: site.below,
            gate,
            gate_value,
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
            bounded(what, count, most)?;
        }
        Ok(())
    }
}

/// Which hits of a site are recorded, and the pointer that tells it. A site with several roles is as open as the most open one of
/// them.
fn gate(site: &Site, plan: &Plan) -> (u32, Source) {
    let Some(gate) = &plan.gate else {
        return (GATE_OPEN, Source::default());
    };
    let runs_test = || {
        let mut tests = plan.tests.iter();
        tests.any(|test| test.address == site.address && test.kind == GoTestKind::Test)
    };
    let gates = site.roles.iter().map(|role| match *role {
        Role::TestEntered { .. } if runs_test() => (GATE_TEST, operand(gate.function.into())),
        Role::TestEntered { .. } => (GATE_WATCH, Source::default()),
        Role::RequestEntered { .. } | Role::ServerEntered { .. } => {
            (GATE_JOINED, Source::default())
        }
        Role::RequestLeft => (GATE_LEFT, Source::default()),
        Role::GoroutineCreated { result } => (GATE_CREATED, operand(result.into())),
        Role::TestLeft | Role::TestMarked { .. } | Role::RequestSent { .. } | Role::MainEntered => {
            (GATE_OPEN, Source::default())
        }
        Role::Entry { .. }
        | Role::Return { .. }
        | Role::Copied { .. }
        | Role::GoroutineEnded
        | Role::PanicRecovered { .. }
        | Role::PanicUnrecovered => (GATE_WATCHED, Source::default()),
    });
    // What changes who is watched comes first, then what is recorded in any case.
    let order = |(gate, _): &(u32, Source)| match *gate {
        GATE_OPEN => GATE_CREATED,
        GATE_WATCHED => GATE_OPEN,
        changing => changing + 1,
    };
    gates
        .max_by_key(order)
        .unwrap_or((GATE_OPEN, Source::default()))
}

fn bounded(what: &'static str, count: usize, most: u32) -> Result<(), TablesError> {
    if count > most as usize {
        return Err(TablesError::TooMany { what, count, most });
    }
    Ok(())
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
    let (kind, index, displacement) = match operand {
        Operand::Register(register) => (SOURCE_REGISTER, register.index() as u32, 0),
        Operand::Stack(displacement) => (SOURCE_STACK, 0, displacement),
        Operand::StackAddress(displacement) => (SOURCE_STACK_ADDRESS, 0, displacement),
        Operand::Image(address) => (SOURCE_IMAGE, 0, address.0.cast_signed()),
        Operand::Saved(function, slot) => (SOURCE_SAVED, slot, i64::from(function.0)),
        Operand::Constant(number) => (SOURCE_CONSTANT, 0, number),
    };
    Source {
        kind,
        index,
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
    /// Only the hit shows it.
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
mod tests;
