//! Interfaces by their runtime types, and func values.

use model::{
    Address, Content, Func, Kind, Register, Status, TypeId,
    plan::{Closure, DynamicType, Link, LinkKind},
};

use super::{AT, BIAS, Scene, fields, text, unread, value};
use crate::testing::in_register;

/// Runtime types in the binary as linked.
const INT: u64 = 0x4a_0000;
const POINTER: u64 = 0x4a_0100;

fn dynamic(scene: &mut Scene, address: u64, ty: TypeId, direct: bool) {
    scene.plan.dynamic.push(DynamicType {
        address: Address(address),
        ty,
        direct,
        link: None,
    });
}

/// A scene that knows `int` and `*string`, and an interface.
fn with_interface(empty: bool) -> (Scene, TypeId, TypeId, TypeId) {
    let mut scene = Scene::new();
    let int = scene.int();
    let string = scene.string();
    let pointer = scene.pointer(string);
    dynamic(&mut scene, POINTER, pointer, true);
    dynamic(&mut scene, INT, int, false);
    let interface = scene.ty("any", 16, Kind::Interface { empty });
    (scene, int, pointer, interface)
}

fn held(content: Content) -> (TypeId, Content) {
    match content {
        Content::Interface(value) => (value.ty, value.content),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_interface_holds_a_pointer_to_its_value_or_the_value_itself() {
    let (scene, int, _, any) = with_interface(true);
    let scene = scene.words(AT, &[INT + BIAS, 0x9000]).words(0x9000, &[42]);
    assert_eq!(held(scene.at(any)), (int, Content::Int(42)));

    let (scene, _, pointer, any) = with_interface(true);
    let scene = scene
        .words(AT, &[POINTER + BIAS, 0x9000])
        .words(0x9000, &[0x9100, 2])
        .chunk(0x9100, b"ok");
    let (ty, content) = held(scene.at(any));
    assert_eq!(ty, pointer);
    let Content::Pointer(to) = content else {
        panic!("{content:?}");
    };
    assert_eq!(
        (to.address, &to.target.content),
        (Address(0x9000), &text("ok"))
    );

    // A nil pointer in an interface is not a nil interface.
    let (scene, _, pointer, any) = with_interface(true);
    let seen = held(scene.words(AT, &[POINTER + BIAS, 0]).at(any));
    assert_eq!(seen, (pointer, Content::Nil));
}

#[test]
fn an_interface_with_methods_has_its_type_in_the_itab() {
    let (scene, int, _, error) = with_interface(false);
    let scene = scene
        .register(Register::Rbx, 0x8000)
        .register(Register::Rcx, 0x9000)
        .words(0x8000, &[0xdead, INT + BIAS])
        .words(0x9000, &[7]);
    let pieces = vec![
        in_register(Register::Rbx, 0, 8),
        in_register(Register::Rcx, 8, 8),
    ];
    assert_eq!(held(scene.read(error, pieces)), (int, Content::Int(7)));

    let (scene, _, _, error) = with_interface(false);
    let seen = scene.words(AT, &[0x8000, 0x9000]).at(error);
    assert_eq!(seen, unread(Status::NotRead));
}

#[test]
fn nil_interfaces_and_unknown_types_are_told_apart() {
    let (scene, _, _, any) = with_interface(true);
    assert_eq!(scene.words(AT, &[0, 0]).at(any), Content::Nil);
    let (scene, _, _, any) = with_interface(true);
    let seen = scene.words(AT, &[INT + BIAS + 8, 0x9000]).at(any);
    assert_eq!(seen, unread(Status::TypeUnknown));
}

#[test]
fn what_an_interface_points_to_is_a_level_deeper_and_what_it_is_itself_is_not() {
    let (mut scene, int, _, any) = with_interface(true);
    scene.limits.depth = 0;
    let scene = scene.words(AT, &[INT + BIAS, 0x9000]).words(0x9000, &[42]);
    assert_eq!(held(scene.at(any)), (int, unread(Status::DepthLimit)));

    let (mut scene, _, pointer, any) = with_interface(true);
    scene.limits.depth = 0;
    let (ty, content) = held(scene.words(AT, &[POINTER + BIAS, 0x9000]).at(any));
    assert_eq!(ty, pointer);
    let Content::Pointer(to) = content else {
        panic!("{content:?}");
    };
    assert_eq!(to.target.content, unread(Status::DepthLimit));
}

#[test]
fn a_struct_of_one_pointer_is_the_data_word() {
    let (mut scene, _, pointer, any) = with_interface(true);
    let wrapped = scene.structure(8, &[(0, pointer)]);
    dynamic(&mut scene, 0x4a_0200, wrapped, true);
    let (ty, content) = held(scene.words(AT, &[0x4a_0200 + BIAS, 0]).at(any));
    assert_eq!((ty, fields(&content)), (wrapped, vec![Content::Nil]));
}

fn func(content: Content) -> Func {
    match content {
        Content::Func(func) => *func,
        other => panic!("{other:?}"),
    }
}

fn closure(scene: &mut Scene, code: u64, captured: Option<TypeId>) {
    scene.plan.closures.push(Closure {
        code: Address(code),
        captured,
        link: Link::new(0, LinkKind::Constant(1), 8, 8),
    });
}

#[test]
fn a_func_value_is_its_function_and_what_it_captured() {
    let code = 0x40_1000;
    let mut scene = Scene::new();
    let ty = scene.ty("func()", 8, Kind::Func);
    assert_eq!(scene.register(Register::Rax, 0).in_rax(ty), Content::Nil);

    let mut scene = Scene::new();
    let ty = scene.ty("func()", 8, Kind::Func);
    let plain = func(scene.words(AT, &[code + BIAS]).in_rax(ty));
    assert_eq!(plain.code, Address(code));
    assert_eq!(plain.name.as_deref(), Some("main.at401000"));
    assert_eq!(plain.captured, None);

    let mut scene = Scene::new();
    let ty = scene.ty("func()", 8, Kind::Func);
    let int = scene.int();
    let to_int = scene.pointer(int);
    let captured = scene.structure(24, &[(8, int), (16, to_int)]);
    closure(&mut scene, code, Some(captured));
    let scene = scene
        .words(AT, &[code + BIAS, 5, 0x9000])
        .words(0x9000, &[6]);
    let seen = func(scene.in_rax(ty)).captured.unwrap();
    assert_eq!(seen.ty, captured);
    let seen = fields(&seen.content);
    assert_eq!(seen[0], Content::Int(5));
    let Content::Pointer(by_reference) = &seen[1] else {
        panic!("{seen:?}");
    };
    assert_eq!(by_reference.target.content, Content::Int(6));

    let mut scene = Scene::new();
    let ty = scene.ty("func()", 8, Kind::Func);
    closure(&mut scene, code, None);
    let seen = func(scene.words(AT, &[code + BIAS]).in_rax(ty)).captured;
    assert_eq!(
        seen,
        Some(value(TypeId::NONE, unread(Status::NotDescribed)))
    );

    let mut scene = Scene::new();
    let ty = scene.ty("func()", 8, Kind::Func);
    assert_eq!(scene.in_rax(ty), unread(Status::NotRead));
}
