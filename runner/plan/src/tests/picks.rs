//! What is read for paths.

use std::collections::BTreeMap;

use PickStep::{Dynamic, Element, Entry, Field, Target};
use golang::Abi;
use model::{
    Address, Kind, PickKey, PickStep, Register, TypeId,
    plan::{Bound, Link, LinkKind, Operand, Read, ViewPlan},
};

use super::world::World;
use crate::{
    picks::{Held, Picker},
    reads::reads,
    views::Views,
};

struct Reading {
    held: BTreeMap<TypeId, Held>,
    redacted: Vec<TypeId>,
}

impl Reading {
    fn new() -> Self {
        Self {
            held: BTreeMap::new(),
            redacted: Vec::new(),
        }
    }

    /// The reads for a path from a function's only parameter.
    fn read(&self, w: &World, ty: TypeId, steps: &[PickStep]) -> (Vec<Read>, Vec<ViewPlan>) {
        let places = w.places(Abi::Register, &[ty]);
        let mut views = Views::new(&w.types, self.redacted.iter().copied().collect());
        let mut picker = Picker {
            views: &mut views,
            held: &self.held,
            careful: !self.redacted.is_empty(),
        };
        let wanted = picker.wanted(ty, &places[0], steps);
        let reads = reads(&mut views, [wanted]);
        (reads, views.into_plans())
    }
}

fn next(views: &[ViewPlan], link: &Link) -> Link {
    let view = &views[link.view.unwrap().0 as usize];
    assert_eq!(view.links.len(), 1, "{view:?}");
    view.links[0]
}

#[test]
fn a_field_far_out_is_read_alone_and_no_limit_cuts_it() {
    let mut w = World::new();
    let block = w.array(w.byte, 6000);
    let url = w.structure("net/url.URL", &[("block", block), ("Path", w.text)]);
    let url = w.pointer(url);
    let request = w.structure("net/http.Request", &[("n", w.int), ("URL", url)]);
    let request = w.pointer(request);
    let (reads, views) = Reading::new().read(&w, request, &[Target, Field(1), Target, Field(1)]);
    assert_eq!(reads[0].first, Operand::Register(Register::Rax));
    let url = reads[0].link;
    assert_eq!((url.displacement, url.element, url.levels), (8, 8, 0));
    let path = next(&views, &url);
    assert_eq!(
        (path.displacement, path.element, path.levels),
        (6000, 16, 0)
    );
    let text = next(&views, &path);
    assert_eq!(
        (text.kind, text.limit, text.bound),
        (LinkKind::Counted, 4096, Bound::None)
    );
}

#[test]
fn an_element_is_read_alone() {
    let mut w = World::new();
    let item = w.structure("main.Item", &[("price", w.int), ("name", w.text)]);
    let items = w.slice(item);
    let steps = [Element(1000), Field(1)];
    let (reads, views) = Reading::new().read(&w, items, &steps);
    let name = reads[0].link;
    assert_eq!(
        (name.kind, name.displacement, name.element),
        (LinkKind::Constant(1), 24_008, 16)
    );
    assert_eq!(next(&views, &name).limit, 4096);
}

#[test]
fn with_redactions_nothing_behind_a_slices_end_is_read() {
    let mut w = World::new();
    let secret = w.add("main.Secret", 16, Kind::String);
    let item = w.structure("main.Item", &[("key", secret), ("name", w.text)]);
    let items = w.slice(item);
    let mut reading = Reading::new();
    reading.redacted.push(secret);
    let (reads, views) = reading.read(&w, items, &[Element(2), Field(1)]);
    let items_link = reads[0].link;
    assert_eq!((items_link.kind, items_link.limit), (LinkKind::Counted, 96));
    let view = &views[items_link.view.unwrap().0 as usize];
    let kinds: Vec<_> = view
        .links
        .iter()
        .map(|link| (link.offset, link.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            (0, LinkKind::Blank(8)),
            (8, LinkKind::Blank(8)),
            (16, LinkKind::Counted)
        ]
    );
    let (reads, _) = reading.read(&w, items, &[Element(1000), Field(1)]);
    assert_eq!(reads, []);
    let (reads, views) = reading.read(&w, items, &[Element(0), Field(0)]);
    let followed = views.iter().flat_map(|view| &view.links);
    let mut followed = followed.filter(|link| !matches!(link.kind, LinkKind::Blank(_)));
    assert_eq!((reads.len(), followed.next()), (1, None));
}

#[test]
fn the_whole_map_is_read_with_as_much_of_its_keys_as_tells_them_apart() {
    let mut w = World::new();
    let strings = w.slice(w.text);
    for map in [w.old_map(w.text, strings), w.map_of_groups(w.text, strings)] {
        let entry = Entry(PickKey::Text("Accept".into()));
        let (reads, views) = Reading::new().read(&w, map, &[entry, Element(1)]);
        let header = &views[reads[0].link.view.unwrap().0 as usize];
        assert_eq!(header.links.len(), 2);
        assert!(
            header
                .links
                .iter()
                .all(|link| link.levels == 0 && link.bound == Bound::None)
        );
        let blocks = &views[header.links[0].view.unwrap().0 as usize];
        let keys = blocks
            .links
            .iter()
            .filter(|link| link.kind == LinkKind::Counted);
        let limits: Vec<_> = keys.map(|link| link.limit).collect();
        assert_eq!(limits, [6; 8]);
        let values: Vec<_> = blocks
            .links
            .iter()
            .filter(|link| link.displacement == 16)
            .collect();
        assert_eq!(values.len(), 8);
        assert_eq!(next(&views, values[0]).bound, Bound::None);
    }
}

#[test]
fn an_assertion_reads_only_what_is_of_that_type() {
    let mut w = World::new();
    let error = w.structure("net.OpError", &[("n", w.int), ("Op", w.text)]);
    let pointer = w.pointer(error);
    let mut reading = Reading::new();
    let held = |address, direct| Held {
        address: Address(address),
        direct,
    };
    reading.held.insert(pointer, held(0x1000, true));
    reading.held.insert(error, held(0x2000, false));
    let (reads, views) = reading.read(&w, w.error, &[Dynamic(pointer), Target, Field(1)]);
    let link = reads[0].link;
    assert_eq!(link.kind, LinkKind::InterfaceOf(Address(0x1000)));
    assert_eq!((link.displacement, link.element), (8, 16));
    assert_eq!(next(&views, &link).limit, 4096);
    let (reads, _) = reading.read(&w, w.any, &[Dynamic(error), Field(1)]);
    let link = reads[0].link;
    assert_eq!(link.kind, LinkKind::EmptyInterfaceOf(Address(0x2000)));
    assert_eq!((link.displacement, link.element), (8, 16));
}

#[test]
fn what_stands_at_the_end_is_followed_as_everywhere() {
    let mut w = World::new();
    let user = w.structure("main.User", &[("name", w.text)]);
    let user = w.pointer(user);
    let login = w.structure("main.Login", &[("n", w.int), ("user", user)]);
    let login = w.pointer(login);
    let (reads, views) = Reading::new().read(&w, login, &[Target, Field(1)]);
    let user = next(&views, &reads[0].link);
    assert_eq!((user.levels, user.element), (1, 16));
}
