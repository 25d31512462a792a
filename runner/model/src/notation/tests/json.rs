//! Values for machines.

use std::sync::Arc;

use serde_json::json;

use crate::testing::World;
use crate::{Address, Content, Float, Kind, Status, Value, notation};

fn written(build: impl FnOnce(&mut World) -> Value) -> serde_json::Value {
    let mut world = World::default();
    let built = build(&mut world);
    notation::json(&built, &world.types)
}

#[test]
fn scalars_are_themselves() {
    assert_eq!(written(|w| w.boolean(true)), json!(true));
    assert_eq!(written(|w| w.int(i64::MIN)), json!(i64::MIN));
    assert_eq!(
        written(|w| w.uint("uint64", u64::MAX)).to_string(),
        "18446744073709551615"
    );
    assert_eq!(written(|w| w.float(1.5)), json!(1.5));
    assert_eq!(written(|w| w.float(f64::NAN)), json!("NaN"));
    assert_eq!(written(|w| w.float(f64::INFINITY)), json!("+Inf"));
    assert_eq!(written(|w| w.float(f64::NEG_INFINITY)), json!("-Inf"));
    let float32 = Content::Float(Float::new(f64::from(0.1_f32)));
    assert_eq!(
        written(|w| w.of("float32", 4, Kind::Float, float32)),
        json!(0.1)
    );
    let complex = Content::complex(Float::new(1.0), Float::new(f64::NAN));
    assert_eq!(
        written(|w| w.of("complex128", 16, Kind::Complex, complex)),
        json!({ "real": 1.0, "imag": "NaN" })
    );
    assert_eq!(written(|w| w.nil("*int")), json!(null));
}

#[test]
fn texts_say_if_they_are_not_text_or_not_whole() {
    assert_eq!(written(|w| w.text("a\n世")), json!("a\n世"));
    assert_eq!(written(|w| w.bytes("[]uint8", b"ab")), json!("ab"));
    assert_eq!(
        written(|w| w.bytes("[]uint8", &[0xff, 0])),
        json!({ "base64": "/wA=" })
    );
    assert_eq!(
        written(|w| w.cut_text("ab世".as_bytes().get(..4).unwrap(), 9)),
        json!({ "text": "ab", "full": 9 })
    );
    assert_eq!(
        written(|w| w.cut_text(b"\xff\x00", 9)),
        json!({ "base64": "/wA=", "full": 9 })
    );
}

#[test]
fn composites_say_what_was_cut() {
    let ints = |w: &mut World, full| {
        let values = vec![w.int(1), w.int(2)];
        w.slice("[]int", values, full)
    };
    assert_eq!(written(|w| ints(w, 2)), json!([1, 2]));
    assert_eq!(
        written(|w| ints(w, 5)),
        json!({ "elements": [1, 2], "full": 5 })
    );
    let map = |w: &mut World, full| {
        let pair = (w.int(1), w.text("a"));
        w.map("map[int]string", vec![pair], full)
    };
    assert_eq!(written(|w| map(w, 1)), json!({ "entries": [[1, "a"]] }));
    assert_eq!(
        written(|w| map(w, 4)),
        json!({ "entries": [[1, "a"]], "full": 4 })
    );
    assert_eq!(
        written(|w| {
            let (x, blank) = (w.int(1), w.int(0));
            w.structure("main.T", vec![("X", x), ("_", blank)])
        }),
        json!({ "X": 1 })
    );
}

#[test]
fn all_else_says_what_it_is() {
    let depth_limit = |w: &mut World| w.unread_struct("main.T", Status::DepthLimit);
    assert_eq!(
        written(|w| {
            let target = depth_limit(w);
            w.pointer(target)
        }),
        json!({ "pointer": { "status": "depth_limit" } })
    );
    assert_eq!(
        written(|w| {
            let int = w.named_int("example.com/a/b.Code", 5);
            w.interface("interface {}", int)
        }),
        json!({ "type": "example.com/a/b.Code", "value": 5 })
    );
    assert_eq!(
        written(|w| w.func(Some("main.f"), None)),
        json!({ "func": "main.f" })
    );
    assert_eq!(
        written(|w| {
            let x = w.int(1);
            let captured = w.structure("struct { x int }", vec![("x", x)]);
            w.func(Some("main.f.func1"), Some(captured))
        }),
        json!({ "func": "main.f.func1", "captured": { "x": 1 } })
    );
    assert_eq!(
        written(|w| w.channel(1, 4)),
        json!({ "length": 1, "capacity": 4 })
    );
    let address = Content::Address(Address(0xc000));
    assert_eq!(
        written(|w| w.of("unsafe.Pointer", 8, Kind::UnsafePointer, address)),
        json!({ "address": "0xc000" })
    );
    let redacted = Content::Redacted(Arc::new("[secret]".into()));
    assert_eq!(
        written(|w| w.of("string", 16, Kind::String, redacted)),
        json!({ "redacted": "[secret]" })
    );
    let (address, errno) = (Address(0xc000), 14);
    let unreadable = Status::Unreadable { address, errno };
    assert_eq!(
        written(|w| w.unread("string", Kind::String, unreadable)),
        json!({ "status": "unreadable", "address": "0xc000", "errno": 14 })
    );
}

#[test]
fn any_reader_of_json_can_read_the_deepest_value() {
    let mut world = World::default();
    let mut deep = world.int(1);
    for _ in 0..500 {
        let key = world.int(1);
        deep = world.map("main.M", vec![(key, deep)], 1);
        deep.ty = world.ty("main.M", 8, Kind::Unknown);
    }
    let text = notation::json(&deep, &world.types).to_string();
    assert!(text.contains("depth_limit"));
    serde_json::from_str::<serde_json::Value>(&text).unwrap();
}

/// The examples in the documentation's table of values, as they are there.
#[test]
fn the_documentation_tells_how_values_are_written() {
    let documented = include_str!("../../../../../docs/json.md");
    let values = documented.split_once("## Values").unwrap().1;
    let rows = values.split("A `status` is one").next().unwrap().lines();
    let examples: Vec<&str> = rows
        .filter_map(|row| row.strip_prefix("| ")?.split(" | ").nth(2))
        .filter(|cell| cell.starts_with('`'))
        .flat_map(|cell| cell.trim_end_matches(" |").split(", "))
        .map(|cell| cell.trim_matches('`'))
        .collect();
    let mut w = World::default();
    let (one, two) = (w.int(1), w.int(2));
    let pairs = |w: &mut World, names: &[&str]| {
        let pairs = names.iter().zip(1..);
        pairs
            .map(|(name, number)| (w.text(name), w.int(number)))
            .collect()
    };
    let (whole, cut) = (pairs(&mut w, &["a", "b"]), pairs(&mut w, &["a"]));
    let five = w.int(5);
    let long = w.named_int("int64", 5);
    let point = vec![("X", one.clone()), ("Y", two.clone()), ("_", five.clone())];
    let captured = w.structure("struct { x int }", vec![("x", one.clone())]);
    let complex = Content::complex(Float::new(1.0), Float::new(2.0));
    let values = [
        w.boolean(true),
        w.uint("uint64", u64::MAX),
        w.float(1.5),
        w.float(f64::NAN),
        w.float(f64::INFINITY),
        w.float(f64::NEG_INFINITY),
        w.of("complex128", 16, Kind::Complex, complex),
        w.text("GopherCon"),
        w.bytes("[]uint8", &[0xff, 0]),
        w.cut_text(b"Gopher", 300),
        w.nil("*int"),
        w.pointer(five),
        w.structure("main.Point", point),
        w.slice("[]int", vec![one.clone(), two.clone()], 2),
        w.slice("[]int", vec![one, two], 5),
        w.map("map[string]int", whole, 2),
        w.map("map[string]int", cut, 6),
        w.interface("interface {}", long),
        w.func(Some("main.f"), None),
        w.func(Some("main.f.func1"), Some(captured)),
        w.channel(1, 4),
        w.of(
            "unsafe.Pointer",
            8,
            Kind::UnsafePointer,
            Content::Address(Address(0xc0_0001_2080)),
        ),
        w.of(
            "string",
            16,
            Kind::String,
            Content::Redacted(Arc::new("[redacted]".into())),
        ),
        w.unread_struct("main.T", Status::DepthLimit),
    ];
    let written: Vec<String> = values
        .iter()
        .map(|value| notation::json(value, &w.types).to_string())
        .collect();
    assert_eq!(examples, written);
}

#[test]
fn the_documentation_lists_every_status() {
    let documented = include_str!("../../../../../docs/json.md");
    let (address, errno) = (Address(0), 1);
    for status in [
        Status::DepthLimit,
        Status::Cut,
        Status::Cycle,
        Status::Unreadable { address, errno },
        Status::InVectorRegister,
        Status::BeingWritten,
        Status::LostChunk,
        Status::Malformed,
        Status::NoLocation,
        Status::TypeUnknown,
        Status::NotDescribed,
        Status::NotRead,
    ] {
        let json = written(|w| w.unread_struct("main.T", status));
        let name = json["status"].as_str().unwrap();
        assert!(documented.contains(&format!("\n| `{name}` | ")), "{name}");
    }
}
