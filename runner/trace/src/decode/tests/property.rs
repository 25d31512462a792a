//! Random types over random memory: nothing panics, nothing is out of bounds, and no text says what was not read.

use std::sync::Arc;

use goproctor_ebpf::RecordClass;
use model::{
    Address, Block, Content, Field, Kind, Limits, Location, MapLayout, Parameter, Path, Pick,
    PickKey, PickStep, Piece, Place, Register, Root, Slots, Text, Type, TypeId, Value,
    plan::{Closure, DynamicType, Link, LinkKind, Plan, RedactedType},
};

use super::{super::walk::Budget, Decoder, Program, function};
use crate::{record::Record, testing::RecordBuilder};

/// What is made by chance; a failure can be repeated by its seed.
struct Random(fastrand::Rng);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0.u64(..end)
    }

    fn small(&mut self, end: u32) -> u32 {
        self.0.u32(..end)
    }

    /// One of the numbers that mean something, now and then any.
    fn word(&mut self) -> u64 {
        match self.below(8) {
            0 => 0,
            1 | 2 => MEMORY + self.below(64) * 64,
            3 => MEMORY + self.below(4096),
            4 => TYPES + BIAS + self.below(16) * 8,
            5 | 6 => self.below(6),
            _ => self.0.u64(..) >> self.below(64),
        }
    }

    fn ty(&mut self, types: u32) -> TypeId {
        TypeId(self.small(types + 1))
    }
}

const MEMORY: u64 = 0xc000_0000;
const TYPES: u64 = 0x4a_0000;
const BIAS: u64 = 0x1000;

fn block(random: &mut Random) -> Block {
    let mut slots = || Slots {
        offset: random.small(80),
        stride: random.small(32),
        indirect: random.below(4) == 0,
    };
    Block {
        keys: slots(),
        values: slots(),
        size: random.small(200),
    }
}

fn layout(random: &mut Random) -> MapLayout {
    if random.below(2) == 0 {
        MapLayout::Buckets {
            header: 48,
            count: 0,
            flags: 8,
            buckets: 16,
            old_buckets: 24,
            block: block(random),
            overflow: random.small(200),
        }
    } else {
        MapLayout::Groups {
            header: 48,
            used: 0,
            directory: 16,
            writing: 34,
            table: 32,
            groups: 16,
            block: block(random),
        }
    }
}

fn kind(random: &mut Random, types: u32) -> Kind {
    match random.below(18) {
        0 => Kind::Bool,
        1 => Kind::Int,
        2 => Kind::Uint,
        3 => Kind::Float,
        4 => Kind::Complex,
        5 | 6 => Kind::String,
        7 => Kind::Slice {
            element: random.ty(types),
        },
        8 => Kind::Array {
            element: random.ty(types),
            count: random.word(),
        },
        9..=11 => Kind::Struct {
            fields: (0..random.below(5))
                .map(|_| Field {
                    name: "F".to_owned(),
                    offset: random.word() % 64,
                    ty: random.ty(types),
                    embedded: false,
                })
                .collect(),
        },
        12 | 13 => Kind::Pointer {
            target: Some(random.ty(types)),
        },
        14 => Kind::Map {
            key: random.ty(types),
            value: random.ty(types),
            layout: Some(Box::new(layout(random))),
        },
        15 => Kind::Interface {
            empty: random.below(2) == 0,
        },
        16 => Kind::Func,
        _ => Kind::Channel {
            element: random.ty(types),
        },
    }
}

/// Types that may contain themselves, with sizes that may be wrong.
fn plan(random: &mut Random) -> Plan {
    let mut plan = Plan::default();
    let types = 4 + random.small(20);
    for _ in 0..types {
        let kind = kind(random, types);
        let size = match &kind {
            _ if random.below(10) == 0 => random.word(),
            Kind::Bool => 1,
            Kind::String | Kind::Interface { .. } | Kind::Complex => 16,
            Kind::Slice { .. } => 24,
            Kind::Struct { .. } => 8 * random.below(8),
            Kind::Uint => 1 << random.below(4),
            _ => 8,
        };
        let name = "T".to_owned();
        plan.types.push(Type { name, size, kind });
    }
    for index in 0..8 {
        plan.dynamic.push(DynamicType {
            address: Address(TYPES + index * 8),
            ty: random.ty(types),
            direct: random.below(2) == 0,
            link: None,
        });
        plan.closures.push(Closure {
            code: Address(TYPES + index * 8),
            captured: Some(random.ty(types)),
            link: Link::new(0, LinkKind::Constant(1), 8, 8),
        });
    }
    if random.below(4) == 0 {
        plan.redactions.push(RedactedType {
            ty: random.ty(types),
            label: "[redacted]".to_owned(),
        });
    }
    plan
}

fn record(random: &mut Random) -> Vec<u8> {
    let mut record = RecordBuilder::new(RecordClass::Huge);
    for register in Register::ALL {
        record = record.register(register, random.word());
    }
    record = record.register(Register::Rsp, MEMORY);
    for _ in 0..random.below(60) {
        let words = 1 + random.below(40);
        let bytes: Vec<u8> = (0..words)
            .flat_map(|_| random.word().to_le_bytes())
            .collect();
        let at = MEMORY + random.below(64) * 64;
        record = match random.below(12) {
            0 => record.unreadable(at, words * 8, if random.below(2) == 0 { 14 } else { 28 }),
            1 => record.cut_chunk(at, &bytes, random.word()),
            _ => record.chunk(at, &bytes),
        };
    }
    record.build()
}

fn parameter(random: &mut Random, types: u32) -> Parameter {
    let pieces = (0..random.below(4)).map(|index| {
        let place = match random.below(4) {
            0 => Place::Vector(1),
            1 => Place::Stack(i64::from(random.small(256))),
            _ => Place::Register(Register::ALL[usize::try_from(random.below(17)).unwrap()]),
        };
        Piece {
            place,
            offset: u32::try_from(index).unwrap() * 8,
            size: if random.below(3) == 0 { 64 } else { 8 },
        }
    });
    let pieces = pieces.collect();
    Parameter {
        name: "p".to_owned(),
        ty: random.ty(types),
        location: Location { pieces },
    }
}

fn pick(random: &mut Random, types: u32) -> Pick {
    let steps = (0..random.below(5)).map(|_| match random.below(5) {
        0 => PickStep::Target,
        1 => PickStep::Field(random.small(5)),
        2 => PickStep::Element(random.word()),
        3 => PickStep::Entry(PickKey::Integer(i128::from(random.below(6)))),
        _ => PickStep::Dynamic(random.ty(types)),
    });
    let steps = steps.collect();
    Pick {
        path: Path {
            root: Root::Argument("p".to_owned()),
            segments: Vec::new(),
        },
        steps,
        ty: random.ty(types),
        variable: None,
    }
}

/// What was given: values, and the bytes of texts. Each text must be in the memory that was read.
#[derive(Default)]
struct Given {
    values: u64,
    bytes: u64,
    known: u64,
}

impl Given {
    fn add(&mut self, value: &Value, read: &[Vec<u8>]) {
        self.values += 1;
        match &value.content {
            Content::Text(text) | Content::Bytes(text) => self.text(text, read),
            Content::Pointer(pointer) => self.add(&pointer.target, read),
            Content::Interface(value) => self.add(value, read),
            Content::Struct(values) => values.iter().for_each(|value| self.add(value, read)),
            Content::Elements(elements) => {
                assert!(elements.values.len() as u64 <= elements.full);
                elements
                    .values
                    .iter()
                    .for_each(|value| self.add(value, read));
            }
            Content::Map(entries) => {
                assert!(entries.values.len() as u64 <= entries.full);
                for (key, value) in &entries.values {
                    self.add(key, read);
                    self.add(value, read);
                }
            }
            Content::Func(func) => func.captured.iter().for_each(|value| self.add(value, read)),
            Content::Unread(_) => {}
            _ => self.known += 1,
        }
    }

    fn text(&mut self, text: &Text, read: &[Vec<u8>]) {
        assert!(text.bytes.len() as u64 <= text.full);
        self.bytes += text.bytes.len() as u64;
        self.known += 1;
        // What is in registers is no chunk; it is a byte array of a piece's size at most.
        let is_read = text.bytes.len() <= 8
            || read.iter().any(|chunk| {
                chunk
                    .windows(text.bytes.len())
                    .any(|part| part == &*text.bytes)
            });
        assert!(is_read, "{text:?}");
    }
}

#[test]
fn random_types_over_random_memory_are_bounded_and_tell_only_what_was_read() {
    let mut known = 0;
    for seed in 1..=4000_u64 {
        let mut random = Random(fastrand::Rng::with_seed(seed));
        let plan = plan(&mut random);
        let types = u32::try_from(plan.types.len()).unwrap();
        let program = Program::new(Arc::new(plan), Box::new(|_| Some("main.f".to_owned())));
        let bytes = record(&mut random);
        let record = Record::parse(&bytes).unwrap();
        let read: Vec<_> = record.chunks().map(|chunk| chunk.bytes.to_vec()).collect();
        let decoder = Decoder::new(&program, &record, BIAS);
        let limits = Limits {
            depth: if random.below(4) == 0 {
                u32::MAX
            } else {
                random.small(6)
            },
            string: if random.below(4) == 0 {
                u32::MAX
            } else {
                random.small(300)
            },
            elements: if random.below(4) == 0 {
                u32::MAX
            } else {
                random.small(20)
            },
            bytes: 0,
        };
        let parameters: Vec<_> = (0..4).map(|_| parameter(&mut random, types)).collect();
        let values = decoder.parameters(&parameters, limits);
        let function = function(parameters, Vec::new());
        let pick = decoder.pick(&function, &pick(&mut random, types), None);
        let mut given = Given::default();
        values.iter().for_each(|value| given.add(value, &read));
        assert!(given.values <= Budget::FULL.values + 4, "seed {seed}");
        assert!(given.bytes <= Budget::FULL.text, "seed {seed}");
        known += given.known;
        given.add(&pick, &read);
    }
    assert!(known > 4000, "{known}");
}

#[test]
fn a_struct_that_contains_itself_ends() {
    let mut plan = Plan::default();
    let name = || "main.T".to_owned();
    let ty = plan.types.push(Type {
        name: name(),
        size: 8,
        kind: Kind::Unknown,
    });
    let field = Field {
        name: "F".to_owned(),
        offset: 0,
        ty,
        embedded: false,
    };
    for fields in [1, 2, 4000, 1_000_000] {
        let fields = vec![field.clone(); fields];
        plan.types.replace(
            ty,
            Type {
                name: name(),
                size: 8,
                kind: Kind::Struct { fields },
            },
        );
        let program = Program::new(Arc::new(plan.clone()), Box::new(|_| None));
        let bytes = RecordBuilder::new(RecordClass::Scalar).build();
        let record = Record::parse(&bytes).unwrap();
        let parameter = Parameter {
            name: "p".to_owned(),
            ty,
            location: Location::default(),
        };
        let decoder = Decoder::new(&program, &record, 0);
        let values = decoder.parameters(&[parameter], Limits::default());
        let mut given = Given::default();
        given.add(&values[0], &[]);
        assert!(given.values <= Budget::FULL.values, "{}", given.values);
    }
}
