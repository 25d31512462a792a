//! Kinds whose values are where they are: numbers, structs and arrays, in registers, on the stack and in memory.

use std::sync::Arc;

use model::{
    Address, Content, Float, Kind, Place, Register, Status, Text, TypeId, plan::RedactedType,
};

use super::{AT, Scene, bytes, elements, fields, float, ints, piece, text, unread};
use crate::testing::in_register;

#[test]
fn floats_keep_their_number_whatever_their_size() {
    for (number, size) in [(1.5_f64, 8), (f64::NAN, 8), (-0.0, 8), (f64::INFINITY, 4)] {
        let mut scene = Scene::new();
        let ty = scene.ty("float", size, Kind::Float);
        let stored = if size == 4 {
            u64::from((number as f32).to_bits()) | 0xdead_0000_0000
        } else {
            number.to_bits()
        };
        assert_eq!(scene.words(AT, &[stored]).at(ty), float(number));
    }
    let mut scene = Scene::new();
    let ty = scene.ty("float32", 4, Kind::Float);
    let tenth = u64::from(0.1_f32.to_bits());
    let exactly = float(f64::from(0.1_f32));
    assert_eq!(scene.words(AT, &[tenth]).at(ty), exactly);
}

/// Where a return is probed before the frame is closed, places on the stack are counted from where the entry was.
#[test]
fn values_on_the_stack_are_found_from_within_the_frame() {
    const FRAME: u32 = 0x40;
    let read = |below| {
        let mut scene = Scene::new();
        scene.below = below;
        let ty = scene.ty("int", 8, Kind::Int);
        let scene = scene
            .register(Register::Rsp, AT - u64::from(FRAME))
            .words(AT, &[0, 7]);
        scene.read(ty, vec![piece(Place::Stack(8), 0, 8)])
    };
    assert_eq!(read(FRAME), Content::Int(7));
    assert_eq!(read(0), unread(Status::NotRead));
}

#[test]
fn complex_numbers_are_two_floats() {
    let pair = |real, imaginary| Content::complex(Float::new(real), Float::new(imaginary));
    let mut scene = Scene::new();
    let complex128 = scene.ty("complex128", 16, Kind::Complex);
    let scene = scene.words(AT, &[1.5_f64.to_bits(), (-2.0_f64).to_bits()]);
    assert_eq!(scene.at(complex128), pair(1.5, -2.0));

    let mut scene = Scene::new();
    let complex64 = scene.ty("complex64", 8, Kind::Complex);
    let both = u64::from(0.5_f32.to_bits()) | u64::from(4.0_f32.to_bits()) << 32;
    assert_eq!(scene.words(AT, &[both]).at(complex64), pair(0.5, 4.0));

    let mut scene = Scene::new();
    let ty = scene.ty("complex128", 16, Kind::Complex);
    let vectors = vec![piece(Place::Vector(0), 0, 8), piece(Place::Vector(1), 8, 8)];
    assert_eq!(scene.read(ty, vectors), unread(Status::InVectorRegister));
}

#[test]
fn a_struct_is_spread_over_registers_and_each_leaf_is_its_own() {
    let mut scene = Scene::new();
    let int32 = scene.ty("int32", 4, Kind::Int);
    let real = scene.ty("float64", 8, Kind::Float);
    let name = scene.string();
    let blank = scene.structure(0, &[]);
    let inner = scene.structure(16, &[(0, name)]);
    let array = scene.ty(
        "[1]S",
        16,
        Kind::Array {
            element: inner,
            count: 1,
        },
    );
    let ty = scene.structure(
        40,
        &[(0, int32), (4, int32), (8, real), (16, array), (40, blank)],
    );
    let pieces = vec![
        in_register(Register::Rbx, 0, 4),
        in_register(Register::Rcx, 4, 4),
        piece(Place::Vector(3), 8, 8),
        in_register(Register::Rdi, 16, 8),
        in_register(Register::Rsi, 24, 8),
    ];
    let scene = scene
        .register(Register::Rbx, 0xffff_0000_0000 | 7)
        .register(Register::Rcx, u64::MAX)
        .register(Register::Rdi, 0x9000)
        .register(Register::Rsi, 4)
        .chunk(0x9000, b"name");
    let content = scene.read(ty, pieces);
    let seen = fields(&content);
    assert_eq!(seen[0], Content::Int(7));
    assert_eq!(seen[1], Content::Int(-1));
    assert_eq!(seen[2], unread(Status::InVectorRegister));
    let Content::Elements(array) = &seen[3] else {
        panic!("{seen:?}");
    };
    assert_eq!(fields(&array.values[0].content), [text("name")]);
    assert_eq!(fields(&seen[4]), []);
}

#[test]
fn a_struct_on_the_stack_is_read_there() {
    let mut scene = Scene::new();
    let int = scene.int();
    let byte = scene.ty("bool", 1, Kind::Bool);
    let array = scene.ty(
        "[3]int",
        24,
        Kind::Array {
            element: int,
            count: 3,
        },
    );
    let ty = scene.structure(40, &[(0, byte), (8, array), (32, int)]);
    let scene = scene
        .register(Register::Rsp, 0x7000)
        .words(0x7008, &[1, 10, 20, 30, u64::MAX]);
    let seen = fields(&scene.read(ty, vec![piece(Place::Stack(8), 0, 40)]));
    let array = ints(int, &[10, 20, 30]);
    assert_eq!(seen, [Content::Bool(true), array, Content::Int(-1)]);
}

#[test]
fn what_has_no_size_needs_no_place() {
    let mut scene = Scene::new();
    let int = scene.int();
    let array = Kind::Array {
        element: int,
        count: 0,
    };
    let empty_array = scene.ty("[0]int", 0, array);
    let empty = scene.structure(0, &[(0, empty_array)]);
    assert_eq!(fields(&scene.read(empty, vec![])), [ints(int, &[])]);
}

#[test]
fn byte_arrays_are_bytes_wherever_they_are() {
    let ty = |scene: &mut Scene, count| {
        let element = scene.ty("uint8", 1, Kind::Uint);
        scene.ty("[n]uint8", count, Kind::Array { element, count })
    };
    let whole = |bytes: &[u8]| Content::Bytes(Text::new(bytes, bytes.len() as u64));
    let mut scene = Scene::new();
    let in_memory = ty(&mut scene, 5);
    assert_eq!(scene.chunk(AT, b"bytes").at(in_memory), whole(b"bytes"));

    let mut scene = Scene::new();
    let one = ty(&mut scene, 1);
    let scene = scene.register(Register::Rdi, 0xee41);
    let pieces = vec![in_register(Register::Rdi, 0, 1)];
    assert_eq!(scene.read(one, pieces), whole(b"A"));

    let mut scene = Scene::new();
    let empty = ty(&mut scene, 0);
    assert_eq!(scene.read(empty, vec![]), whole(b""));

    let mut scene = Scene::new();
    scene.limits.string = 3;
    let long = ty(&mut scene, 5);
    let cut = Content::Bytes(Text::new(&b"byt"[..], 5));
    assert_eq!(scene.chunk(AT, b"bytes").at(long), cut);
}

#[test]
fn arrays_show_as_many_elements_as_the_limit_lets_through() {
    let mut scene = Scene::new();
    scene.limits.elements = 2;
    let int = scene.int();
    let ty = scene.ty(
        "[4]int",
        32,
        Kind::Array {
            element: int,
            count: 4,
        },
    );
    let cut = elements(int, &[Content::Int(1), Content::Int(2)], 4);
    assert_eq!(scene.words(AT, &[1, 2, 3, 4]).at(ty), cut);
}

#[test]
fn an_unsafe_pointer_is_an_address() {
    for (word, content) in [(0, Content::Nil), (1, Content::Address(Address(1)))] {
        let mut scene = Scene::new();
        let ty = scene.ty("unsafe.Pointer", 8, Kind::UnsafePointer);
        assert_eq!(scene.register(Register::Rax, word).in_rax(ty), content);
    }
}

#[test]
fn sizes_that_go_does_not_have_are_malformed() {
    for kind in [Kind::Int, Kind::Uint, Kind::Float, Kind::Complex] {
        let mut scene = Scene::new();
        let ty = scene.ty("T", 3, kind);
        let content = scene.chunk(AT, &bytes(&[7])).at(ty);
        assert_eq!(content, unread(Status::Malformed));
    }
}

#[test]
fn what_the_binary_does_not_describe_is_unknown() {
    let mut scene = Scene::new();
    let unknown = scene.ty("T", 8, Kind::Unknown);
    assert_eq!(scene.in_rax(unknown), unread(Status::TypeUnknown));
    let content = Scene::new().in_rax(TypeId(99));
    assert_eq!(content, unread(Status::TypeUnknown));
}

fn redact(scene: &mut Scene, ty: TypeId) -> Content {
    let label = "[token]".to_owned();
    scene.plan.redactions.push(RedactedType { ty, label });
    Content::Redacted(Arc::new("[token]".into()))
}

#[test]
fn what_is_redacted_is_its_label_and_its_bytes_are_not_looked_at() {
    let mut scene = Scene::new();
    let secret = scene.string();
    let name = scene.string();
    let ty = scene.structure(32, &[(0, secret), (16, name)]);
    let label = redact(&mut scene, secret);
    let scene = scene
        .words(AT, &[0x5000, 6, 0x6000, 3])
        .chunk(0x5000, b"secret")
        .chunk(0x6000, b"bob");
    assert_eq!(fields(&scene.at(ty)), [label, text("bob")]);
}

#[test]
fn an_array_of_redacted_bytes_is_labels() {
    let mut scene = Scene::new();
    let element = scene.ty("uint8", 1, Kind::Uint);
    let array = scene.ty("[2]uint8", 2, Kind::Array { element, count: 2 });
    let label = redact(&mut scene, element);
    let hidden = elements(element, &[label.clone(), label], 2);
    assert_eq!(scene.chunk(AT, b"ab").at(array), hidden);
}

#[test]
fn a_slice_of_what_is_redacted_is_labels_though_nothing_was_read() {
    let mut scene = Scene::new();
    let int = scene.int();
    let label = redact(&mut scene, int);
    let slice = scene.slice(int);
    let hidden = elements(int, &[label.clone(), label], 2);
    assert_eq!(scene.words(AT, &[0x9000, 2, 2]).at(slice), hidden);
}

#[test]
fn a_redacted_target_is_its_label_whatever_was_read_and_at_any_depth() {
    for depth in [0, 1] {
        let mut scene = Scene::new();
        scene.limits.depth = depth;
        let int = scene.int();
        let label = redact(&mut scene, int);
        let pointer = scene.pointer(int);
        let Content::Pointer(pointer) = scene.in_rax(pointer) else {
            panic!("no pointer");
        };
        assert_eq!(pointer.target.content, label);
    }
}
