//! What the tables say for plans.

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
            instruction: SiteInstruction::Plain,
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
