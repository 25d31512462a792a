//! What is redacted: which types are on the list, and what is read of values that hold them.

use golang::Abi;
use model::{
    Kind, Parameter, TypeId, TypeTable,
    plan::{LinkKind, Operand, RedactedType},
};

use super::world::World;
use crate::{
    Redact, RedactionError,
    redact::{Values, redact},
};

fn path(pattern: &str) -> Redact {
    Redact::Path {
        pattern: pattern.into(),
        label: "[path]".into(),
    }
}

fn of_type(pattern: &str) -> Redact {
    Redact::Type {
        pattern: pattern.into(),
        label: "[type]".into(),
    }
}

fn redacted(
    types: &mut TypeTable,
    parameters: &mut [Parameter],
    wanted: &[Redact],
) -> Result<Vec<TypeId>, Vec<RedactionError>> {
    let mut values = [Values {
        labels: Vec::new(),
        are_results: false,
        body: parameters,
        instances: Vec::new(),
    }];
    let list = redact(types, &mut values, wanted)?;
    Ok(list.into_iter().map(|RedactedType { ty, .. }| ty).collect())
}

fn field(types: &TypeTable, ty: TypeId, index: usize) -> TypeId {
    match &types.get(ty).unwrap().kind {
        Kind::Struct { fields } => fields[index].ty,
        kind => panic!("a struct: {kind:?}"),
    }
}

fn target(types: &TypeTable, ty: TypeId) -> TypeId {
    match types.get(ty).unwrap().kind {
        Kind::Pointer { target } => target.unwrap(),
        ref kind => panic!("a pointer: {kind:?}"),
    }
}

#[test]
fn a_type_is_found_by_its_short_and_its_full_name() {
    let mut w = World::new();
    let secret = w.add("example.com/app/auth.Secret", 16, Kind::String);
    for pattern in [
        "auth.Secret",
        "example.com/app/auth.Secret",
        "*.Secret",
        "auth.*",
    ] {
        assert_eq!(
            redacted(&mut w.types, &mut [], &[of_type(pattern)]),
            Ok(vec![secret])
        );
    }
    let errors = redacted(
        &mut w.types,
        &mut [],
        &[of_type("auth.Secret"), of_type("auth.Secre")],
    );
    assert_eq!(errors.unwrap_err()[0].index, 1);
}

#[test]
fn a_field_is_redacted_in_every_struct_and_no_other_text_is() {
    let mut w = World::new();
    let one = w.structure("main.One", &[("Name", w.text), ("Password", w.text)]);
    let two = w.structure("main.Two", &[("Password", w.text)]);
    let list = redacted(&mut w.types, &mut [], &[path("*.Password")]).unwrap();
    let (of_one, of_two) = (field(&w.types, one, 1), field(&w.types, two, 0));
    assert!(list.contains(&of_one) && list.contains(&of_two) && !list.contains(&w.text));
    assert_eq!(field(&w.types, one, 0), w.text);
    assert_eq!(w.types.name(of_one), "string");
}

#[test]
fn a_parameters_field_is_redacted_for_that_parameter_alone() {
    let mut w = World::new();
    let base = w.structure("main.Base", &[("token", w.text)]);
    let login = w.structure("main.Login", &[("name", w.text), ("^Base", base)]);
    let login = w.pointer(login);
    let mut parameters = w.parameters(Abi::Register, &[("login", login), ("other", login)]);
    let list = redacted(&mut w.types, &mut parameters, &[path("login.token")]).unwrap();
    assert_eq!(parameters[1].ty, login);
    assert_ne!(parameters[0].ty, login);
    let copy = target(&w.types, parameters[0].ty);
    assert_eq!(w.types.name(copy), "main.Login");
    assert_eq!(list, [field(&w.types, field(&w.types, copy, 1), 0)]);
    assert_eq!(field(&w.types, base, 0), w.text);
    let mut parameters = w.parameters(Abi::Register, &[("pin", w.int)]);
    let list = redacted(&mut w.types, &mut parameters, &[path("pin")]).unwrap();
    assert_eq!(list, [parameters[0].ty]);
    let wrong = redacted(
        &mut w.types,
        &mut parameters,
        &[path("login.token.x"), path("pin.x")],
    );
    assert_eq!(wrong.unwrap_err().len(), 2);
}

#[test]
fn a_path_may_begin_with_the_name_of_a_function() {
    fn values<'v>(label: &'v str, body: &'v mut [Parameter], are_results: bool) -> Values<'v> {
        Values {
            labels: vec![label],
            are_results,
            body,
            instances: Vec::new(),
        }
    }
    let mut w = World::new();
    let order = w.structure("main.Order", &[("ID", w.text), ("At", w.int)]);
    let of = |names: &[(&str, TypeId)]| w.parameters(Abi::Register, names);
    let mut insert = of(&[("order", order)]);
    let mut results = of(&[("~r0", order), ("~r1", order)]);
    let mut update = of(&[("order", order)]);
    let mut types = w.types.clone();
    let wanted = [path("insert.order.At"), path("insert.returns.1")];
    let mut functions = [
        values("insert", &mut insert, false),
        values("insert", &mut results, true),
        values("update", &mut update, false),
    ];
    let list = redact(&mut types, &mut functions, &wanted).unwrap();
    let on_list = |ty: TypeId| list.iter().any(|redacted| redacted.ty == ty);
    assert_eq!(update[0].ty, order, "another function");
    assert!(on_list(field(&types, insert[0].ty, 1)) && !on_list(insert[0].ty));
    assert_eq!(results[0].ty, order);
    assert!(on_list(results[1].ty));
    let wrong = ["insert.returns.0", "other.order.At", "insert"].map(path);
    let mut functions = [values("insert", &mut insert, false)];
    let errors = redact(&mut types, &mut functions, &wrong);
    assert_eq!(errors.unwrap_err().len(), 3);
}

#[test]
fn what_one_instance_redacts_is_redacted_for_the_body_that_they_share() {
    let mut w = World::new();
    let shape = w.add("go.shape.string", 16, Kind::String);
    let secret = w.add("main.Secret", 16, Kind::String);
    let mut body = w.parameters(Abi::Register, &[("v", shape), ("n", w.int)]);
    let mut plain = w.parameters(Abi::Register, &[("v", w.text), ("n", w.int)]);
    let mut hidden = w.parameters(Abi::Register, &[("v", secret), ("n", w.int)]);
    let mut values = [Values {
        labels: Vec::new(),
        are_results: false,
        body: &mut body,
        instances: vec![&mut plain, &mut hidden],
    }];
    let list = redact(&mut w.types, &mut values, &[of_type("main.Secret")]).unwrap();
    let on_list = |parameters: &[Parameter]| {
        let listed = |ty| list.iter().any(|redacted| redacted.ty == ty);
        [listed(parameters[0].ty), listed(parameters[1].ty)]
    };
    for values in [&body, &plain, &hidden] {
        assert_eq!(on_list(values), [true, false]);
    }
    // A value that has one type in all of them is redacted as that type is.
    let login = w.structure("main.Login", &[("name", w.text), ("secret", secret)]);
    let of_all = [("v", secret), ("login", login)];
    let mut body = w.parameters(Abi::Register, &[("v", shape), ("login", login)]);
    let [mut one, mut other] = [(); 2].map(|()| w.parameters(Abi::Register, &of_all));
    let mut values = [Values {
        labels: Vec::new(),
        are_results: false,
        body: &mut body,
        instances: vec![&mut one, &mut other],
    }];
    let list = redact(&mut w.types, &mut values, &[of_type("main.Secret")]).unwrap();
    assert!(list.iter().any(|redacted| redacted.ty == body[0].ty));
    assert_eq!([body[1].ty, one[1].ty, other[1].ty], [login; 3]);
    // Instances that are not known may be secret.
    let mut body = w.parameters(Abi::Register, &[("v", shape), ("n", w.int)]);
    let list = redacted(&mut w.types, &mut body, &[of_type("main.Secret")]).unwrap();
    assert!(list.contains(&body[0].ty) && !list.contains(&body[1].ty));
}

#[test]
fn what_is_redacted_is_blanked_and_never_followed() {
    let mut w = World::new();
    let secret = w.add("main.Secret", 16, Kind::String);
    let pin = w.add("main.Pin", 2, Kind::Uint);
    let user = w.structure(
        "main.User",
        &[("name", w.text), ("secret", secret), ("pin", pin)],
    );
    let (pointer, secrets) = (w.pointer(user), w.slice(secret));
    let to_secret = w.pointer(secret);
    let parameters = [pointer, secrets, to_secret, secret];
    let (reads, views) = w.redacted_reads(Abi::Register, &parameters, &[secret, pin]);
    assert_eq!(reads.len(), 1, "{reads:?}");
    let view = &views[reads[0].link.view.unwrap().0 as usize];
    let links: Vec<_> = view
        .links
        .iter()
        .map(|link| (link.offset, link.kind))
        .collect();
    assert_eq!(
        links,
        [
            (16, LinkKind::Blank(8)),
            (24, LinkKind::Blank(8)),
            (32, LinkKind::Blank(2)),
            (0, LinkKind::Counted),
        ]
    );
}

#[test]
fn a_redacted_slot_parts_the_reads_of_the_stack() {
    let mut w = World::new();
    let secret = w.add("main.Secret", 16, Kind::String);
    let (reads, views) = w.redacted_reads(Abi::Stack, &[w.int, secret, w.int], &[secret]);
    let places: Vec<_> = reads
        .iter()
        .map(|read| (read.first, read.link.element))
        .collect();
    assert_eq!(
        places,
        [
            (Operand::StackAddress(8), 8),
            (Operand::StackAddress(32), 8)
        ]
    );
    assert!(views.is_empty());
    let user = w.structure("main.User", &[("secret", secret), ("id", w.int)]);
    let (reads, views) = w.redacted_reads(Abi::Stack, &[user], &[secret]);
    let view = &views[reads[0].link.view.unwrap().0 as usize];
    assert!(
        view.links
            .iter()
            .all(|link| link.kind == LinkKind::Blank(8))
    );
    assert_eq!(view.links.len(), 2);
}

#[test]
fn secrets_in_a_maps_slots_are_blanked_in_each() {
    let mut w = World::new();
    let secret = w.add("main.Secret", 8, Kind::Int);
    let map = w.map_of_groups(w.text, secret);
    let (reads, views) = w.redacted_reads(Abi::Register, &[map], &[secret]);
    let header = &views[reads[0].link.view.unwrap().0 as usize];
    let blocks = &views[header.links[0].view.unwrap().0 as usize];
    let blanks = blocks
        .links
        .iter()
        .filter(|link| link.kind == LinkKind::Blank(8));
    let offsets: Vec<_> = blanks.map(|link| link.offset).collect();
    assert_eq!(offsets, [136, 144, 152, 160, 168, 176, 184, 192]);
}
