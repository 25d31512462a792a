//! Pointers, slices and channels.

use goproctor_ebpf::FLAG_CHUNKS_FULL;
use model::{
    Address, Channel, Content, Kind, Limits, List, Pointer, Register, Status, Text, Type, TypeId,
};

use super::{AT, Scene, bytes, elements, fields, ints, text, unread, value};

/// What a chain of pointers leads to.
fn target(content: &Content) -> &Content {
    match content {
        Content::Pointer(pointer) => &pointer.target.content,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pointer_has_its_address_and_its_target() {
    let mut scene = Scene::new();
    let int = scene.int();
    let pointer = scene.pointer(int);
    let seen = scene.words(AT, &[42]).in_rax(pointer);
    let expected = Pointer {
        address: Address(AT),
        target: value(int, Content::Int(42)),
    };
    assert_eq!(seen, Content::Pointer(Box::new(expected)));

    let mut scene = Scene::new();
    let int = scene.int();
    let pointer = scene.pointer(int);
    let scene = scene.register(Register::Rax, 0);
    assert_eq!(scene.in_rax(pointer), Content::Nil);

    let mut scene = Scene::new();
    let opaque = scene.ty("*C.struct_x", 8, Kind::Pointer { target: None });
    let seen = scene.in_rax(opaque);
    assert_eq!(target(&seen), &unread(Status::TypeUnknown));
}

#[test]
fn pointers_are_followed_to_the_limit_of_depth_and_no_further() {
    for depth in 0..4 {
        let mut scene = Scene::new();
        scene.limits.depth = depth;
        let int = scene.int();
        let one = scene.pointer(int);
        let two = scene.pointer(one);
        let three = scene.pointer(two);
        // Whatever else was read, for picks for instance.
        let scene = scene
            .words(AT, &[0x2000])
            .words(0x2000, &[0x3000])
            .words(0x3000, &[9]);
        let mut seen = &scene.in_rax(three);
        for _ in 0..depth.min(3) {
            seen = target(seen);
        }
        match depth {
            3 => assert_eq!(seen, &Content::Int(9)),
            _ => assert_eq!(target(seen), &unread(Status::DepthLimit)),
        }
    }
}

/// A list node: a number and the next node.
fn node(scene: &mut Scene) -> (TypeId, TypeId) {
    let int = scene.int();
    let node = scene.ty("main.Node", 16, Kind::Unknown);
    let pointer = scene.pointer(node);
    let closed = scene.structure(16, &[(0, int), (8, pointer)]);
    let ty: Type = scene.plan.types.get(closed).unwrap().clone();
    scene.plan.types.replace(node, ty);
    (node, pointer)
}

#[test]
fn a_ring_of_pointers_is_gone_round_once() {
    let mut scene = Scene::new();
    scene.limits.depth = 100;
    let (_, pointer) = node(&mut scene);
    let seen = scene
        .words(AT, &[1, 0x2000])
        .words(0x2000, &[2, AT])
        .in_rax(pointer);
    let first = fields(target(&seen));
    let second = fields(target(&first[1]));
    assert_eq!(
        (&first[0], &second[0]),
        (&Content::Int(1), &Content::Int(2))
    );
    assert_eq!(target(&second[1]), &unread(Status::Cycle));
}

#[test]
fn the_same_target_beside_itself_is_no_cycle() {
    let mut scene = Scene::new();
    let int = scene.int();
    let pointer = scene.pointer(int);
    let pair = scene.structure(16, &[(0, pointer), (8, pointer)]);
    let seen = scene
        .words(AT, &[0x2000, 0x2000])
        .words(0x2000, &[5])
        .at(pair);
    for field in fields(&seen) {
        assert_eq!(target(&field), &Content::Int(5));
    }
}

#[test]
fn a_first_field_at_its_structs_own_address_is_no_cycle() {
    let mut scene = Scene::new();
    let int = scene.int();
    let inner = scene.structure(8, &[(0, int)]);
    let to_inner = scene.pointer(inner);
    let outer = scene.structure(16, &[(0, inner), (8, to_inner)]);
    let to_outer = scene.pointer(outer);
    let seen = scene.words(AT, &[3, AT]).in_rax(to_outer);
    let seen = fields(target(&seen));
    assert_eq!(fields(target(&seen[1])), [Content::Int(3)]);
}

#[test]
fn a_long_list_ends_where_the_walk_does() {
    let mut scene = Scene::new();
    scene.limits.depth = u32::MAX;
    let (_, pointer) = node(&mut scene);
    for index in 0..200 {
        let at = AT + index * 16;
        scene = scene.words(at, &[index, at + 16]);
    }
    let mut seen = scene.in_rax(pointer);
    let mut nodes = 0_u64;
    while let Content::Pointer(pointer) = &seen {
        let fields = fields(&pointer.target.content);
        assert_eq!(fields[0], Content::Int(nodes.cast_signed()));
        nodes += 1;
        seen = fields[1].clone();
    }
    assert!((50..=100).contains(&nodes), "{nodes}");
    assert_eq!(seen, unread(Status::DepthLimit));
}

#[test]
fn why_a_target_is_not_there_is_told() {
    let pointer = |scene: &mut Scene| {
        let int = scene.int();
        scene.pointer(int)
    };
    let mut scene = Scene::new();
    let ty = pointer(&mut scene);
    assert_eq!(target(&scene.in_rax(ty)), &unread(Status::NotRead));

    let mut scene = Scene::new();
    let ty = pointer(&mut scene);
    scene.record = scene.record.unreadable(AT, 8, 14);
    let unreadable = Status::Unreadable {
        address: Address(AT),
        errno: 14,
    };
    assert_eq!(target(&scene.in_rax(ty)), &unread(unreadable));

    let mut scene = Scene::new();
    let ty = pointer(&mut scene);
    scene.record = scene.record.flags(FLAG_CHUNKS_FULL);
    assert_eq!(target(&scene.in_rax(ty)), &unread(Status::LostChunk));
}

#[test]
fn a_target_that_was_cut_shows_what_is_there() {
    let mut scene = Scene::new();
    let int = scene.int();
    let ty = scene.structure(16, &[(0, int), (8, int)]);
    scene.record = scene.record.cut_chunk(AT, &bytes(&[7]), 16);
    let seen = fields(&scene.at(ty));
    assert_eq!(seen, [Content::Int(7), unread(Status::Cut)]);
}

fn slice_of(words: [u64; 3], limits: Limits, memory: &[u64]) -> (TypeId, Content) {
    let mut scene = Scene::new();
    scene.limits = limits;
    let int = scene.int();
    let slice = scene.slice(int);
    let scene = scene.words(AT, &words);
    let scene = if memory.is_empty() {
        scene
    } else {
        scene.words(0x9000, memory)
    };
    (int, scene.at(slice))
}

#[test]
fn a_slice_has_its_elements_and_its_length() {
    let limits = Limits::default();
    let (int, seen) = slice_of([0x9000, 3, 4], limits, &[1, 2, 3, 99]);
    assert_eq!(seen, ints(int, &[1, 2, 3]));
    let (_, seen) = slice_of([0, 0, 0], limits, &[]);
    assert_eq!(seen, Content::Nil);
    let (int, seen) = slice_of([0x9000, 0, 4], limits, &[]);
    assert_eq!(seen, ints(int, &[]));
}

#[test]
fn a_slice_is_cut_by_limits_and_by_what_was_read() {
    let two = Limits {
        elements: 2,
        ..Limits::default()
    };
    let (int, seen) = slice_of([0x9000, 3, 3], two, &[1, 2, 3]);
    let cut = elements(int, &[Content::Int(1), Content::Int(2)], 3);
    assert_eq!(seen, cut);

    let shallow = Limits {
        depth: 0,
        ..Limits::default()
    };
    let (int, seen) = slice_of([0x9000, 3, 3], shallow, &[1, 2, 3]);
    assert_eq!(seen, elements(int, &[], 3));

    let mut scene = Scene::new();
    let int = scene.int();
    let slice = scene.slice(int);
    let mut scene = scene.words(AT, &[0x9000, 5, 5]);
    scene.record = scene.record.cut_chunk(0x9000, &bytes(&[1, 2]), 40);
    let cut = elements(int, &[Content::Int(1), Content::Int(2)], 5);
    assert_eq!(scene.at(slice), cut);
}

#[test]
fn a_slice_that_makes_no_sense_is_malformed() {
    for words in [
        [0x9000, u64::MAX, u64::MAX],
        [0x9000, 1 << 60, 1 << 60],
        [0x9000, 3, 2],
        [0, 3, 3],
        [u64::MAX, 3, 3],
    ] {
        let (_, seen) = slice_of(words, Limits::default(), &[]);
        assert_eq!(seen, unread(Status::Malformed), "{words:x?}");
    }
    let (_, seen) = slice_of([0x9000, 3, 3], Limits::default(), &[]);
    assert_eq!(seen, unread(Status::NotRead));
}

#[test]
fn a_slice_of_strings_reads_each() {
    let mut scene = Scene::new();
    let string = scene.string();
    let slice = scene.slice(string);
    let scene = scene
        .words(AT, &[0x9000, 2, 2])
        .words(0x9000, &[0x100, 1, 0x200, 2])
        .chunk(0x100, b"a")
        .chunk(0x200, b"bc");
    let expected = elements(string, &[text("a"), text("bc")], 2);
    assert_eq!(scene.at(slice), expected);
}

#[test]
fn a_byte_slice_is_bytes_at_any_depth() {
    let mut scene = Scene::new();
    scene.limits = Limits {
        depth: 0,
        string: 3,
        ..Limits::default()
    };
    let byte = scene.ty("uint8", 1, Kind::Uint);
    let slice = scene.slice(byte);
    let scene = scene.words(AT, &[0x9000, 5, 8]).chunk(0x9000, b"bytes");
    let cut = Text::new(&b"byt"[..], 5);
    assert_eq!(scene.at(slice), Content::Bytes(cut));
}

#[test]
fn elements_without_size_need_no_memory() {
    let mut scene = Scene::new();
    scene.limits.elements = 2;
    let empty = scene.structure(0, &[]);
    let slice = scene.slice(empty);
    let none = Content::Struct(List::default());
    let expected = elements(empty, &[none.clone(), none], 1 << 40);
    let scene = scene.words(AT, &[0x9000, 1 << 40, 1 << 40]);
    assert_eq!(scene.at(slice), expected);
}

#[test]
fn a_channel_tells_how_full_it_is() {
    let channel = |scene: &mut Scene| {
        let element = scene.int();
        scene.ty("chan int", 8, Kind::Channel { element })
    };
    for (words, content) in [
        (
            [2, 3],
            Content::Channel(Box::new(Channel {
                length: 2,
                capacity: 3,
            })),
        ),
        ([4, 3], unread(Status::Malformed)),
        ([0, u64::MAX], unread(Status::Malformed)),
    ] {
        let mut scene = Scene::new();
        let ty = channel(&mut scene);
        assert_eq!(scene.words(AT, &words).in_rax(ty), content);
    }
    let mut scene = Scene::new();
    let ty = channel(&mut scene);
    assert_eq!(scene.register(Register::Rax, 0).in_rax(ty), Content::Nil);
}
