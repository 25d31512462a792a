//! What is said of a value that was read in part holds for the whole, whatever the rest is. And nothing panics.

use std::sync::Arc;

use fastrand::Rng;
use model::{
    Address, Content, Elements, Entries, Float, Kind, Pointer, Status, Text, TypeId, Value,
};
use spec::matcher::{Comparison, Literal, Matcher, Number};

use super::world::{World, bytes, channel, complex, contains, float, func, words};
use crate::expect::{testing::matches, truth::Truth, value::value_matches};

/// One of several.
fn one_of<T: Clone>(random: &mut Rng, choices: &[T]) -> T {
    choices[random.usize(..choices.len())].clone()
}

const TYPES: [&str; 25] = [
    "bool",
    "int",
    "uint8",
    "float32",
    "float64",
    "complex64",
    "complex128",
    "string",
    "unsafe.Pointer",
    "any",
    "error",
    "func()",
    "[]int",
    "[]uint8",
    "[]string",
    "[]any",
    "[3]int",
    "[3]uint8",
    "map[string]int",
    "map[string]any",
    "chan int",
    "*int",
    "*example.com/shop.Item",
    "[]example.com/shop.Item",
    "example.com/shop.Item",
];

const TEXTS: [&str; 8] = ["", "a", "ab", "abc", "bc", "é", "aé", "ab\u{301}c d"];
const NAMES: [&str; 7] = ["a", "ab", "Name", "ID", "Tags", "Base", "Missing"];

/// A value of that type, all of it known.
fn whole(random: &mut Rng, world: &World, ty: TypeId, depth: usize) -> Value {
    let kind = world.types.get(ty).unwrap().kind.clone();
    let part = |random: &mut Rng, ty| whole(random, world, ty, depth + 1);
    let is_nil = depth > 3 || (random.u32(..5) == 0);
    let integer = |random: &mut Rng| random.usize(..5) as i64;
    let content = match kind {
        Kind::Bool => Content::Bool(random.bool()),
        Kind::Int => Content::Int(integer(random) - 1),
        Kind::Uint => Content::Uint(integer(random) as u64 + 96),
        Kind::Float => float(one_of(
            random,
            &[0.0, 0.5, 1.0, 3.0, f64::NAN, f64::from(0.1_f32)],
        )),
        Kind::Complex => complex(one_of(random, &[0.0, 1.0]), one_of(random, &[0.0, 2.0])),
        Kind::String => words(one_of(random, &TEXTS)),
        Kind::Array { element, count } if world.types.name(element) == "uint8" => {
            let read: Vec<u8> = (0..count).map(|_| random.usize(..4) as u8 + 96).collect();
            bytes(&read, count)
        }
        Kind::Array { element, count } => Content::Elements(Box::new(Elements {
            values: (0..count).map(|_| part(random, element)).collect(),
            full: count,
        })),
        Kind::Struct { fields } => {
            Content::Struct(fields.iter().map(|f| part(random, f.ty)).collect())
        }
        _ if is_nil => Content::Nil,
        Kind::Slice { element } if world.types.name(element) == "uint8" => {
            let text = one_of(random, &TEXTS);
            bytes(text.as_bytes(), text.len() as u64)
        }
        Kind::Slice { element } => {
            let full = random.usize(..4);
            Content::Elements(Box::new(Elements {
                values: (0..full).map(|_| part(random, element)).collect(),
                full: full as u64,
            }))
        }
        Kind::Pointer { target } => Content::Pointer(Box::new(Pointer {
            address: Address(0xc000),
            target: part(random, target.unwrap()),
        })),
        Kind::Map { key, value, .. } => {
            let mut values: Vec<(Value, Value)> = Vec::new();
            for _ in 0..random.usize(..4) {
                let key = part(random, key);
                if values.iter().all(|(known, _)| *known != key) {
                    values.push((key, part(random, value)));
                }
            }
            let full = values.len() as u64;
            let values = values.into_boxed_slice();
            Content::Map(Box::new(Entries { values, full }))
        }
        Kind::Interface { .. } => {
            let dynamic = loop {
                let ty = world.id(one_of(random, &TYPES));
                if !matches!(world.types.get(ty).unwrap().kind, Kind::Interface { .. }) {
                    break ty;
                }
            };
            Content::Interface(Box::new(part(random, dynamic)))
        }
        Kind::Func => func(one_of(random, &[Some("main.f"), Some("main.g")])),
        Kind::Channel { .. } => channel(random.usize(..4) as u64),
        Kind::UnsafePointer => Content::Address(Address(7)),
        Kind::Unknown => Content::Unread(Status::TypeUnknown),
    };
    Value { ty, content }
}

fn status(random: &mut Rng) -> Status {
    one_of(
        random,
        &[
            Status::DepthLimit,
            Status::Cut,
            Status::Cycle,
            Status::Unreadable {
                address: Address(1),
                errno: 14,
            },
            Status::InVectorRegister,
            Status::LostChunk,
            Status::Malformed,
            Status::NoLocation,
            Status::TypeUnknown,
            Status::NotRead,
        ],
    )
}

fn cut_text(random: &mut Rng, text: &Text) -> Text {
    let end = random.usize(..text.bytes.len() + 1);
    Text::new(&text.bytes[..end], text.full)
}

/// The same value with some of it not read.
fn partly(random: &mut Rng, value: &Value) -> Value {
    let content = if random.u32(..12) == 0 {
        match &value.content {
            Content::Map(_) if random.bool() => Content::Unread(Status::BeingWritten),
            _ if (random.u32(..6) == 0) => Content::Redacted(Arc::new("[secret]".into())),
            _ => Content::Unread(status(random)),
        }
    } else {
        match &value.content {
            Content::Text(text) if random.bool() => Content::Text(cut_text(random, text)),
            Content::Bytes(text) if random.bool() => Content::Bytes(cut_text(random, text)),
            Content::Pointer(pointer) => Content::Pointer(Box::new(Pointer {
                address: pointer.address,
                target: partly(random, &pointer.target),
            })),
            Content::Elements(elements) => {
                let mut values: Vec<_> =
                    elements.values.iter().map(|v| partly(random, v)).collect();
                if random.bool() {
                    values.truncate(random.usize(..values.len() + 1));
                }
                Content::Elements(Box::new(Elements {
                    values: values.into(),
                    full: elements.full,
                }))
            }
            Content::Struct(fields) => {
                Content::Struct(fields.iter().map(|v| partly(random, v)).collect())
            }
            Content::Map(entries) => {
                let entry = |random: &mut Rng, (key, value): &(Value, Value)| {
                    (partly(random, key), partly(random, value))
                };
                let mut values: Vec<_> = entries.values.iter().map(|e| entry(random, e)).collect();
                // Which entries are read is a matter of chance.
                while !values.is_empty() && random.bool() {
                    values.remove(random.usize(..values.len()));
                }
                Content::Map(Box::new(Entries {
                    values: values.into(),
                    full: entries.full,
                }))
            }
            Content::Interface(inner) => Content::Interface(Box::new(partly(random, inner))),
            Content::Func(_) if (random.u32(..4) == 0) => func(None),
            other => other.clone(),
        }
    };
    Value {
        ty: value.ty,
        content,
    }
}

fn matcher(random: &mut Rng, depth: usize) -> Matcher {
    let part = |random: &mut Rng| matcher(random, depth + 1);
    let parts = |random: &mut Rng| {
        let count = random.usize(..4);
        (0..count).map(|_| part(random)).collect::<Vec<_>>()
    };
    let number = |random: &mut Rng| match random.usize(..3) {
        0 => Number::Float(one_of(random, &[0.1, 0.5, 1.0, 2.5, 97.0])),
        1 => Number::Integer(random.usize(..5) as i128 + 95),
        _ => Number::Integer(random.usize(..6) as i128 - 1),
    };
    match random.usize(..if depth > 2 { 8 } else { 14 }) {
        0 => Matcher::Any,
        1 => Matcher::Nil(random.bool()),
        2 => Matcher::Equal(Literal::Bool(random.bool())),
        3 => Matcher::Equal(Literal::Number(number(random))),
        4 => match random.usize(..3) {
            0 => contains(one_of(random, &TEXTS)),
            1 => matches(one_of(
                random,
                &["^a", "b$", "é", r"a\b", "^$", "[a-c]+ ", "x|a"],
            )),
            _ => Matcher::Equal(Literal::Text(
                one_of(random, &["a", "abc", "", "NaN", "(0+0i)", "main.f", "aé"]).to_owned(),
            )),
        },
        5 => Matcher::Compare(
            one_of(
                random,
                &[
                    Comparison::Lt,
                    Comparison::Le,
                    Comparison::Gt,
                    Comparison::Ge,
                ],
            ),
            number(random),
        ),
        6 => Matcher::Type(one_of(random, &TYPES).to_owned()),
        7 => Matcher::Length(Box::new(Matcher::Equal(Literal::Number(Number::Integer(
            random.usize(..4) as i128,
        ))))),
        8 => Matcher::All(parts(random)),
        9 => Matcher::List(parts(random)),
        10 => Matcher::Has(Box::new(part(random))),
        11 => Matcher::Each(Box::new(part(random))),
        _ => {
            let fields = parts(random).into_iter();
            Matcher::Fields(
                fields
                    .map(|part| (one_of(random, &NAMES).to_owned(), part))
                    .collect(),
            )
        }
    }
}

#[test]
fn what_is_said_of_a_part_holds_for_the_whole() {
    let world = World::new();
    let mut said = [0_u32; 3];
    for seed in 0..200_000 {
        let mut random = Rng::with_seed(seed);
        let ty = world.id(one_of(&mut random, &TYPES));
        let whole = whole(&mut random, &world, ty, 0);
        let part = partly(&mut random, &whole);
        let matcher = matcher(&mut random, 0);
        let truth = value_matches(&matcher, &whole, &world.types);
        let of_part = value_matches(&matcher, &part, &world.types);
        match &of_part {
            Truth::Unknown(_) => said[2] += 1,
            decided => {
                said[usize::from(of_part.is_certain())] += 1;
                assert_eq!(
                    *decided, truth,
                    "seed {seed}: {matcher:?}\n{part:?}\n{whole:?}"
                );
            }
        }
        assert!(
            part != whole || of_part == truth,
            "seed {seed}: the same value twice"
        );
        assert!(
            !matches!(truth, Truth::Unknown(_)),
            "seed {seed}: all is known, but {matcher:?} is undecided of {whole:?}"
        );
    }
    // The test means something only if all three were said often.
    assert!(said.iter().all(|count| *count > 10_000), "{said:?}");
}

#[test]
fn no_content_of_a_wrong_type_makes_it_panic() {
    let world = World::new();
    for seed in 0..50_000 {
        let mut random = Rng::with_seed(seed);
        let ty = world.id(one_of(&mut random, &TYPES));
        let mut value = whole(&mut random, &world, ty, 0);
        value.ty = match random.usize(..3) {
            0 => TypeId::NONE,
            1 => world.id("main.Odd"),
            _ => world.id(one_of(&mut random, &TYPES)),
        };
        if let (Content::Text(text), true) = (&mut value.content, random.bool()) {
            *text = Text::new(&*text.bytes, one_of(&mut random, &[0, u64::MAX]));
        }
        if let Content::Float(seen) = &mut value.content {
            *seen = Float::new(one_of(
                &mut random,
                &[f64::MAX, f64::NEG_INFINITY, f64::MIN_POSITIVE],
            ));
        }
        let matcher = matcher(&mut random, 0);
        let _ = value_matches(&matcher, &value, &world.types);
    }
}
