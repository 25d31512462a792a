//! What leads on from values of each kind.

use golang::Abi;
use model::{
    Kind, TypeId,
    plan::{Bound, Link, LinkKind, ViewPlan},
};

use super::world::World;

/// What a parameter of that type leads to, and all views.
fn followed(w: &World, ty: TypeId) -> (Link, Vec<ViewPlan>) {
    let (reads, views) = w.reads(Abi::Register, &[ty]);
    assert_eq!(reads.len(), 1);
    (reads[0].link, views)
}

fn view(views: &[ViewPlan], link: &Link) -> ViewPlan {
    views[link.view.unwrap().0 as usize].clone()
}

#[test]
fn a_type_that_leads_to_itself_has_one_view_that_does() {
    let mut w = World::new();
    let pointer = w.add("*main.Node", 8, Kind::Pointer { target: None });
    let node = w.structure("main.Node", &[("value", w.int), ("next", pointer)]);
    let target = Some(node);
    let known = w.types.get(pointer).unwrap().clone();
    w.types.replace(
        pointer,
        model::Type {
            kind: Kind::Pointer { target },
            ..known
        },
    );
    let (link, views) = followed(&w, pointer);
    assert_eq!(views.len(), 1);
    let next = &views[0].links[0];
    assert_eq!((next.offset, next.levels, next.view), (8, 1, link.view));
    assert_eq!((link.element, link.limit, views[0].stride), (16, 16, 16));
}

#[test]
fn pointers_that_lead_to_nothing_are_not_followed() {
    let mut w = World::new();
    let empty = w.structure("struct {}", &[]);
    let pointer = w.pointer(empty);
    let unknown = w.add("*?", 8, Kind::Pointer { target: None });
    let list = w.slice(empty);
    let unsafe_pointer = w.add("unsafe.Pointer", 8, Kind::UnsafePointer);
    let (reads, views) = w.reads(Abi::Register, &[pointer, unknown, list, unsafe_pointer]);
    assert_eq!((reads, views), (vec![], vec![]));
}

#[test]
fn a_pointer_to_an_array_is_bounded_as_a_slice_is() {
    let mut w = World::new();
    let names = w.array(w.text, 100);
    let pointer = w.pointer(names);
    let (link, views) = followed(&w, pointer);
    assert_eq!((link.kind, link.element), (LinkKind::Constant(100), 16));
    assert_eq!((link.bound, link.levels), (Bound::Elements, 1));
    assert_eq!(view(&views, &link).stride, 16);
}

#[test]
fn an_array_in_a_struct_has_a_link_for_each_element_as_many_as_a_view_holds() {
    let mut w = World::new();
    let names = w.array(w.text, 3);
    let short = w.structure("main.Short", &[("id", w.int), ("names", names)]);
    let pointer = w.pointer(short);
    let (link, views) = followed(&w, pointer);
    let offsets: Vec<_> = view(&views, &link)
        .links
        .iter()
        .map(|link| link.offset)
        .collect();
    assert_eq!(offsets, [8, 24, 40]);
    let calls = w.array(w.func, 1000);
    let long = w.structure("main.Long", &[("calls", calls)]);
    let pointer = w.pointer(long);
    let (link, views) = followed(&w, pointer);
    assert_eq!((view(&views, &link).links.len(), link.limit), (512, 4096));
}

#[test]
fn a_map_of_buckets_leads_to_both_generations_and_their_chains() {
    let mut w = World::new();
    let map = w.old_map(w.text, w.int);
    let (header, views) = followed(&w, map);
    assert_eq!(
        (header.kind, header.element, header.levels),
        (LinkKind::Constant(1), 48, 0)
    );
    let header = view(&views, &header);
    let ways: Vec<_> = header
        .links
        .iter()
        .map(|link| (link.offset, link.kind, link.levels, link.bound))
        .collect();
    assert_eq!(
        ways,
        [
            (16, LinkKind::Power(9), 1, Bound::Elements),
            (24, LinkKind::OldPower(9), 1, Bound::Elements),
        ]
    );
    let buckets = view(&views, &header.links[0]);
    assert_eq!(buckets.stride, 8 + 8 * 16 + 8 * 8 + 8);
    let keys: Vec<_> = buckets.links[..8].iter().map(|link| link.offset).collect();
    assert_eq!(keys, [8, 24, 40, 56, 72, 88, 104, 120]);
    let overflow = buckets.links[8];
    assert_eq!((overflow.offset, overflow.levels), (200, 0));
    assert_eq!(overflow.view, header.links[0].view);
}

#[test]
fn a_map_of_groups_leads_to_its_one_group_or_through_its_directory() {
    let mut w = World::new();
    let map = w.map_of_groups(w.int, w.text);
    let (header, views) = followed(&w, map);
    let header = view(&views, &header);
    let [group, directory] = header.links[..] else {
        panic!("two ways: {header:?}")
    };
    assert_eq!(
        (group.offset, group.kind, group.levels),
        (16, LinkKind::Uncounted, 1)
    );
    assert_eq!(
        (directory.offset, directory.kind, directory.levels),
        (16, LinkKind::Counted, 1)
    );
    let tables = view(&views, &directory);
    assert_eq!((tables.stride, tables.links[0].element), (8, 32));
    let table = view(&views, &tables.links[0]);
    let groups = table.links[0];
    assert_eq!(
        (groups.offset, groups.kind, groups.levels),
        (16, LinkKind::Masked, 0)
    );
    assert_eq!(groups.view, group.view);
    assert_eq!(view(&views, &groups).links.len(), 8);
}

#[test]
fn large_keys_and_values_stand_behind_pointers() {
    let mut w = World::new();
    let numbers = w.array(w.int, 20);
    let map = w.old_map(w.int, numbers);
    let (header, views) = followed(&w, map);
    let buckets = view(&views, &view(&views, &header).links[0]);
    let value = buckets.links[0];
    assert_eq!(
        (value.offset, value.levels, value.bound),
        (72, 0, Bound::None)
    );
    assert_eq!((value.kind, value.element), (LinkKind::Constant(20), 8));
}

#[test]
fn a_channels_length_and_capacity_are_read_whatever_the_depth() {
    let mut w = World::new();
    let channel = w.add("chan int", 8, Kind::Channel { element: w.int });
    let (link, _) = followed(&w, channel);
    assert_eq!(link, Link::new(0, LinkKind::Constant(1), 16, 16));
}

#[test]
fn views_are_shared_by_all_that_have_the_type() {
    let mut w = World::new();
    let user = w.structure("main.User", &[("name", w.text)]);
    let (pointer, list) = (w.pointer(user), w.slice(user));
    let (reads, views) = w.reads(Abi::Register, &[pointer, list]);
    assert_eq!(reads[0].link.view, reads[1].link.view);
    assert_eq!(views.len(), 1);
}
