use model::{
    Address, Channel, Content, Elements, Entries, Field, Float, Func, Kind, Limits, Pointer,
    Status, Text, Type, TypeId, TypeTable, Value,
};
use serde_json::{Value as Json, json};

use super::{Comparison, Count, Reading, Vectors};

const READING: Reading = Reading {
    limits: Limits {
        depth: 2,
        string: 4,
        elements: 3,
        bytes: 16_384,
    },
    vectors: Vectors::All,
    captures: true,
};

/// The types that the tests speak of.
struct Types {
    table: TypeTable,
    int: TypeId,
    float32: TypeId,
    complex: TypeId,
    string: TypeId,
    bytes: TypeId,
    ints: TypeId,
    node: TypeId,
    node_pointer: TypeId,
    map: TypeId,
    interface: TypeId,
    func: TypeId,
    closure: TypeId,
    channel: TypeId,
}

impl Types {
    fn new() -> Self {
        let mut table = TypeTable::default();
        let mut push = |name: &str, size: u64, kind: Kind| {
            table.push(Type {
                name: name.to_owned(),
                size,
                kind,
            })
        };
        let int = push("int", 8, Kind::Int);
        let byte = push("uint8", 1, Kind::Uint);
        let float32 = push("float32", 4, Kind::Float);
        let string = push("string", 16, Kind::String);
        let node_pointer = push("*main.Node", 8, Kind::Unknown);
        let fields = [("Value", int), ("_", string), ("next", node_pointer)];
        let fields = fields.map(|(name, ty)| Field {
            name: name.to_owned(),
            offset: 0,
            ty,
            embedded: false,
        });
        let captured = [("by", int), ("at", node_pointer)].map(|(name, ty)| Field {
            name: name.to_owned(),
            offset: 8,
            ty,
            embedded: false,
        });
        let node = push(
            "main.Node",
            32,
            Kind::Struct {
                fields: fields.into(),
            },
        );
        let types = Self {
            int,
            float32,
            complex: push("complex128", 16, Kind::Complex),
            string,
            bytes: push("[]uint8", 24, Kind::Slice { element: byte }),
            ints: push("[]int", 24, Kind::Slice { element: int }),
            node,
            node_pointer,
            map: push(
                "map[int]string",
                8,
                Kind::Map {
                    key: int,
                    value: string,
                    layout: None,
                },
            ),
            interface: push("interface {}", 16, Kind::Interface { empty: true }),
            func: push("func()", 8, Kind::Func),
            closure: push(
                "closure",
                24,
                Kind::Struct {
                    fields: captured.into(),
                },
            ),
            channel: push("chan int", 8, Kind::Channel { element: int }),
            table: TypeTable::default(),
        };
        table.replace(
            node_pointer,
            Type {
                name: "*main.Node".to_owned(),
                size: 8,
                kind: Kind::Pointer { target: Some(node) },
            },
        );
        Self { table, ..types }
    }

    fn compare(
        &self,
        reading: Reading,
        value: &Value,
        seen: &Json,
        told: &Json,
    ) -> (Count, Vec<String>) {
        let mut comparison = Comparison::new(&self.table, reading);
        comparison.argument("it", value, seen, told);
        (comparison.count, comparison.differences)
    }

    /// What is seen is what is told, in so many values and with those statuses.
    fn agree(&self, value: &Value, seen: Json, told: Json, values: u64, statuses: &[(&str, u64)]) {
        let (count, differences) = self.compare(READING, value, &seen, &told);
        assert_eq!(differences, Vec::<String>::new(), "{seen} of {told}");
        let statuses = statuses
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count));
        let expected = Count {
            values,
            statuses: statuses.collect(),
        };
        assert_eq!(count, expected, "{seen} of {told}");
    }

    fn differ(&self, value: &Value, seen: Json, told: Json) {
        let (_, differences) = self.compare(READING, value, &seen, &told);
        assert!(!differences.is_empty(), "{seen} of {told}");
    }

    fn int(&self, number: i64) -> Value {
        value(self.int, Content::Int(number))
    }

    fn text(&self, ty: TypeId, text: &[u8], full: u64) -> Value {
        let text = Text::new(text, full);
        let bytes = ty == self.bytes;
        value(
            ty,
            if bytes {
                Content::Bytes(text)
            } else {
                Content::Text(text)
            },
        )
    }

    fn node(&self, number: i64, next: Content) -> Value {
        let fields = [
            self.int(number),
            self.text(self.string, b"", 0),
            value(self.node_pointer, next),
        ];
        value(self.node, Content::Struct(fields.into()))
    }

    fn ints(&self, numbers: &[i64], full: u64) -> Value {
        let values = numbers.iter().map(|number| self.int(*number)).collect();
        value(
            self.ints,
            Content::Elements(Box::new(Elements { values, full })),
        )
    }

    fn map(&self, keys: &[i64], full: u64) -> Value {
        let values = keys
            .iter()
            .map(|key| (self.int(*key), self.text(self.string, b"v", 1)));
        let values = values.collect();
        value(self.map, Content::Map(Box::new(Entries { values, full })))
    }
}

fn value(ty: TypeId, content: Content) -> Value {
    Value { ty, content }
}

fn unread(ty: TypeId, status: Status) -> Value {
    value(ty, Content::Unread(status))
}

fn pointer(target: Value) -> Content {
    let address = Address(0xc000_0100);
    Content::Pointer(Box::new(Pointer { address, target }))
}

fn status(name: &str) -> Json {
    json!({ "status": name })
}

#[test]
fn numbers_are_equal_to_the_last_bit() {
    let types = Types::new();
    types.agree(
        &types.int(i64::MIN),
        json!(i64::MIN),
        json!(i64::MIN),
        1,
        &[],
    );
    types.differ(&types.int(5), json!(5), json!(6));
    types.differ(&types.int(5), json!(6), json!(5));
    types.differ(&types.int(5), json!(5), json!(5.0));
    types.differ(&types.int(5), json!(5), Json::Null);

    let float = value(
        types.float32,
        Content::Float(Float::new(f64::from(0.1_f32))),
    );
    types.agree(&float, json!(0.1), json!(f64::from(0.1_f32)), 1, &[]);
    types.differ(&float, json!(0.100_000_01), json!(f64::from(0.1_f32)));
    types.differ(&float, json!(0.0), json!(-0.0));
    types.differ(&float, json!("NaN"), json!("+Inf"));
    types.differ(&float, json!("0.1"), json!("0.1"));

    let complex = Content::complex(Float::new(1.0), Float::new(f64::NAN));
    let complex = value(types.complex, complex);
    let told = json!({ "real": 1.0, "imag": "NaN" });
    types.agree(&complex, told.clone(), told.clone(), 1, &[]);
    types.differ(&complex, told.clone(), json!({ "real": 1.0, "imag": 2.0 }));
    types.differ(&complex, json!({ "real": 1.0 }), told);
}

#[test]
fn a_text_is_cut_at_the_limit_and_nowhere_else() {
    let types = Types::new();
    let whole = types.text(types.string, b"four", 4);
    types.agree(&whole, json!("four"), json!("four"), 1, &[]);
    types.differ(&whole, json!("four"), json!("fours"));

    let cut = types.text(types.string, b"long", 9);
    let seen = json!({ "text": "long", "full": 9 });
    types.agree(
        &cut,
        seen.clone(),
        json!("longer it"),
        0,
        &[("cut text", 1)],
    );
    types.differ(&cut, seen.clone(), json!("longer"));
    types.differ(&cut, seen.clone(), json!("lonesome!"));
    types.differ(&cut, json!("long"), json!("longer it"));

    let short = types.text(types.string, b"lon", 9);
    types.differ(
        &short,
        json!({ "text": "lon", "full": 9 }),
        json!("longer it"),
    );
    let divided = types.text(types.string, "abcé".as_bytes().split_at(4).0, 6);
    types.agree(
        &divided,
        json!({ "text": "abc", "full": 6 }),
        json!("abcée"),
        0,
        &[("cut text", 1)],
    );

    let bytes = types.text(types.bytes, b"\xff", 1);
    let told = json!({ "base64": "/w==" });
    types.agree(&bytes, told.clone(), told.clone(), 1, &[]);
    types.differ(&bytes, told, json!({ "base64": "/g==" }));
}

#[test]
fn nil_is_nil_alone() {
    let types = Types::new();
    let nil = value(types.ints, Content::Nil);
    types.agree(&nil, Json::Null, Json::Null, 1, &[]);
    types.differ(&nil, Json::Null, json!([]));
    types.differ(&types.ints(&[], 0), json!([]), Json::Null);
    types.agree(&types.ints(&[], 0), json!([]), json!([]), 1, &[]);
}

#[test]
fn a_list_is_cut_at_the_limits_and_nowhere_else() {
    let types = Types::new();
    types.agree(
        &types.ints(&[1, 2], 2),
        json!([1, 2]),
        json!([1, 2]),
        2,
        &[],
    );
    types.differ(&types.ints(&[1, 2], 2), json!([1, 2]), json!([2, 1]));
    types.differ(&types.ints(&[1, 2], 2), json!([1, 2]), json!([1, 2, 3]));

    let cut = types.ints(&[1, 2, 3], 5);
    let seen = json!({ "elements": [1, 2, 3], "full": 5 });
    types.agree(
        &cut,
        seen.clone(),
        json!([1, 2, 3, 4, 5]),
        3,
        &[("cut list", 1)],
    );
    types.differ(&cut, seen.clone(), json!([1, 2, 3, 4]));
    types.differ(&cut, seen, json!([1, 2, 4, 4, 5]));
    let early = types.ints(&[1, 2], 5);
    types.differ(
        &early,
        json!({ "elements": [1, 2], "full": 5 }),
        json!([1, 2, 3, 4, 5]),
    );
    let none = types.ints(&[], 2);
    types.differ(&none, json!({ "elements": [], "full": 2 }), json!([1, 2]));
}

#[test]
fn what_lies_deeper_than_the_limit_is_so_by_its_levels() {
    let types = Types::new();
    let limit = unread(types.node, Status::DepthLimit);
    let chain = |levels: u32, end: &Value| {
        let mut content = pointer(end.clone());
        for _ in 1..levels {
            content = pointer(types.node(1, content));
        }
        value(types.node_pointer, content)
    };
    let shown = |levels: u32, end: Json| {
        let mut json = json!({ "pointer": end });
        for _ in 1..levels {
            json = json!({ "pointer": { "Value": 1, "next": json } });
        }
        json
    };
    let end = json!({ "Value": 1, "next": null });
    types.agree(
        &chain(3, &limit),
        shown(3, status("depth_limit")),
        shown(3, end.clone()),
        2,
        &[("depth_limit", 1)],
    );
    types.differ(
        &chain(2, &limit),
        shown(2, status("depth_limit")),
        shown(2, end.clone()),
    );
    let last = types.node(1, Content::Nil);
    types.agree(
        &chain(2, &last),
        shown(2, end.clone()),
        shown(2, end.clone()),
        3,
        &[],
    );
    types.differ(&chain(2, &last), shown(2, end.clone()), shown(3, end));
}

#[test]
fn a_cycle_is_one_in_the_account_too() {
    let types = Types::new();
    let back = unread(types.node, Status::Cycle);
    let ring = value(types.node_pointer, pointer(types.node(7, pointer(back))));
    let seen = json!({ "pointer": { "Value": 7, "next": { "pointer": status("cycle") } } });
    let told = json!({ "pointer": { "Value": 7, "next": status("cycle") } });
    types.agree(&ring, seen.clone(), told.clone(), 1, &[("cycle", 1)]);
    let list =
        json!({ "pointer": { "Value": 7, "next": { "pointer": { "Value": 8, "next": null } } } });
    types.differ(&ring, seen, list);
    let list = value(types.node_pointer, pointer(types.node(7, Content::Nil)));
    types.differ(
        &list,
        json!({ "pointer": { "Value": 7, "next": null } }),
        told,
    );
}

#[test]
fn a_struct_has_the_accounts_fields() {
    let types = Types::new();
    let node = types.node(1, Content::Nil);
    let seen = json!({ "Value": 1, "next": null });
    types.agree(&node, seen.clone(), seen.clone(), 2, &[]);
    types.differ(&node, seen.clone(), json!({ "Value": 1 }));
    types.differ(&node, seen.clone(), json!({ "Value": 1, "last": null }));
    types.differ(&node, json!({ "Value": 1, "_": "", "next": null }), seen);
}

#[test]
fn a_map_has_some_of_the_accounts_entries_in_order() {
    let types = Types::new();
    let entries = |keys: &[i64]| keys.iter().map(|key| json!([key, "v"])).collect::<Json>();
    let told = |keys: &[i64]| json!({ "entries": entries(keys) });
    types.agree(&types.map(&[1, 2], 2), told(&[1, 2]), told(&[1, 2]), 4, &[]);
    types.agree(&types.map(&[], 0), told(&[]), told(&[]), 1, &[]);
    types.differ(&types.map(&[2, 1], 2), told(&[2, 1]), told(&[1, 2]));
    types.differ(&types.map(&[1, 3], 2), told(&[1, 3]), told(&[1, 2]));
    types.differ(&types.map(&[1, 1], 2), told(&[1, 1]), told(&[1, 2]));
    types.differ(&types.map(&[1], 1), told(&[1]), told(&[1, 2]));
    let other = json!({ "entries": [[1, "v"], [2, "w"]] });
    types.differ(&types.map(&[1, 2], 2), told(&[1, 2]), other);

    let cut = json!({ "entries": entries(&[2, 4, 5]), "full": 5 });
    let five = told(&[1, 2, 3, 4, 5]);
    types.agree(
        &types.map(&[2, 4, 5], 5),
        cut.clone(),
        five.clone(),
        6,
        &[("cut map", 1)],
    );
    types.differ(
        &types.map(&[2, 4, 5], 5),
        cut.clone(),
        told(&[1, 2, 3, 4, 5, 6]),
    );
    types.differ(&types.map(&[2, 4, 5], 5), cut, told(&[1, 2, 3, 4, 6]));
    let deep = json!({ "entries": [], "full": 2 });
    types.agree(
        &types.map(&[], 2),
        deep,
        told(&[1, 2]),
        0,
        &[("cut sparse map", 1)],
    );
}

#[test]
fn an_interface_holds_the_accounts_type() {
    let types = Types::new();
    let held = value(types.interface, Content::Interface(Box::new(types.int(5))));
    let json = |ty: &str, value: i64| json!({ "type": ty, "value": value });
    types.agree(&held, json("int", 5), json("int", 5), 1, &[]);
    types.differ(&held, json("int", 5), json("int", 6));
    types.differ(&held, json("int", 5), json("int64", 5));
    types.differ(&held, json("int64", 5), json("int64", 5));
    types.differ(&held, json("int", 5), Json::Null);
}

#[test]
fn a_closure_has_what_it_captured() {
    let types = Types::new();
    let func = |captured: Option<Value>| {
        let func = Func {
            code: Address(0x40_1000),
            name: Some("main.f.func1".to_owned()),
            captured,
        };
        value(types.func, Content::Func(Box::new(func)))
    };
    let json = |captured: Json| json!({ "func": "main.f.func1", "captured": captured });
    let variables = [types.int(3), value(types.node_pointer, Content::Nil)];
    let closure = func(Some(value(
        types.closure,
        Content::Struct(variables.into()),
    )));
    let captured = json(json!({ "by": 3, "at": null }));
    types.agree(&closure, captured.clone(), captured.clone(), 3, &[]);
    types.differ(
        &closure,
        captured.clone(),
        json(json!({ "by": 4, "at": null })),
    );
    types.differ(&closure, captured.clone(), json(json!({ "by": 3 })));
    types.differ(
        &closure,
        captured.clone(),
        json!({ "func": "main.f.func1" }),
    );
    types.differ(
        &closure,
        captured.clone(),
        json!({ "func": "main.f.func2", "captured": {} }),
    );

    let untold = func(Some(unread(types.closure, Status::NotDescribed)));
    let seen = json(status("not_described"));
    types.differ(&untold, seen.clone(), captured.clone());
    let old = Reading {
        captures: false,
        ..READING
    };
    let (count, differences) = types.compare(old, &untold, &seen, &captured);
    assert_eq!((count.values, differences.len()), (1, 0), "{differences:?}");
    types.differ(&func(None), json!({ "func": "main.f.func1" }), captured);
}

#[test]
fn a_status_is_true_in_its_place_alone() {
    let types = Types::new();
    let vector = unread(types.float32, Status::InVectorRegister);
    let seen = status("in_vector_register");
    types.agree(
        &vector,
        seen.clone(),
        json!(1.5),
        0,
        &[("in_vector_register", 1)],
    );
    let stack = Reading {
        vectors: Vectors::None,
        ..READING
    };
    let (_, differences) = types.compare(stack, &vector, &seen, &json!(1.5));
    assert_eq!(differences.len(), 1);
    let optional = Reading {
        vectors: Vectors::Nameless,
        ..READING
    };
    for nameless in [true, false] {
        let mut comparison = Comparison::new(&types.table, optional);
        comparison.nameless(nameless);
        comparison.argument("it", &vector, &seen, &json!(1.5));
        assert_eq!(comparison.differences.is_empty(), nameless);
    }
    let lost = unread(types.int, Status::LostChunk);
    for (told, rightly) in [(100, false), (9000, true)] {
        let mut comparison = Comparison::new(&types.table, READING);
        comparison.hit(told);
        comparison.argument("it", &lost, &status("lost_chunk"), &json!(1));
        assert_eq!(comparison.differences.is_empty(), rightly);
    }
    let behind = Elements {
        values: [unread(types.int, Status::InVectorRegister)].into(),
        full: 1,
    };
    let behind = value(types.ints, Content::Elements(Box::new(behind)));
    types.differ(&behind, json!([seen]), json!([1]));

    for wrong in [
        Status::DepthLimit,
        Status::Cut,
        Status::Cycle,
        Status::LostChunk,
        Status::Malformed,
        Status::NoLocation,
        Status::TypeUnknown,
        Status::NotDescribed,
        Status::NotRead,
        Status::BeingWritten,
    ] {
        types.differ(&unread(types.int, wrong), status("any"), json!(1));
        types.differ(&unread(types.float32, wrong), status("any"), json!(1.5));
    }
}

#[test]
fn a_channel_is_its_length_and_capacity() {
    let types = Types::new();
    let channel = Channel {
        length: 1,
        capacity: 2,
    };
    let channel = value(types.channel, Content::Channel(Box::new(channel)));
    let json = |length: u64| json!({ "length": length, "capacity": 2 });
    types.agree(&channel, json(1), json(1), 1, &[]);
    types.differ(&channel, json(1), json(2));
}
