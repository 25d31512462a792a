//! Signatures whose places were worked out by hand from abi-internal.md.

use model::{Field, Kind, Location, Place, Register::*, Type, TypeId, TypeTable};

use super::{Assignment, assign};
use crate::Abi;

/// A type table that is filled as a test goes.
#[derive(Default)]
struct Types(TypeTable);

impl Types {
    fn add(&mut self, name: &str, size: u64, kind: Kind) -> TypeId {
        self.0.push(Type {
            name: name.into(),
            size,
            kind,
        })
    }
    fn int(&mut self, size: u64) -> TypeId {
        self.add("int", size, Kind::Int)
    }
    fn uint8(&mut self) -> TypeId {
        self.add("uint8", 1, Kind::Uint)
    }
    fn uintptr(&mut self) -> TypeId {
        self.add("uintptr", 8, Kind::Uint)
    }
    fn float(&mut self, size: u64) -> TypeId {
        self.add("float", size, Kind::Float)
    }
    fn complex(&mut self, size: u64) -> TypeId {
        self.add("complex", size, Kind::Complex)
    }
    fn string(&mut self) -> TypeId {
        self.add("string", 16, Kind::String)
    }
    fn slice(&mut self) -> TypeId {
        let element = self.uint8();
        self.add("[]uint8", 24, Kind::Slice { element })
    }
    fn interface(&mut self) -> TypeId {
        self.add("any", 16, Kind::Interface { empty: true })
    }
    fn array(&mut self, element: TypeId, count: u64) -> TypeId {
        let size = self.0.get(element).unwrap().size * count;
        self.add("array", size, Kind::Array { element, count })
    }
    fn unknown(&mut self) -> TypeId {
        self.add("?", 8, Kind::Unknown)
    }
    /// A struct of fields at the given offsets.
    fn record(&mut self, size: u64, fields: &[(u64, TypeId)]) -> TypeId {
        let fields = fields
            .iter()
            .map(|&(offset, ty)| Field {
                name: "_".into(),
                offset,
                ty,
                embedded: false,
            })
            .collect();
        self.add("struct", size, Kind::Struct { fields })
    }
    fn register(&self, parameters: &[TypeId], results: &[TypeId]) -> Assignment {
        assign(Abi::Register, &self.0, parameters, results)
    }
    fn stack(&self, parameters: &[TypeId], results: &[TypeId]) -> Assignment {
        assign(Abi::Stack, &self.0, parameters, results)
    }
}

/// `RAX+0:8 RBX+8:8`, `X0+0:4`, `[RSP+8]+0:16`, or `-`.
fn text(location: &Location) -> String {
    if location.pieces.is_empty() {
        return "-".into();
    }
    let pieces: Vec<_> = location
        .pieces
        .iter()
        .map(|piece| {
            let place = match piece.place {
                Place::Register(register) => register.to_string(),
                Place::Vector(number) => format!("X{number}"),
                Place::Stack(offset) => format!("[RSP+{offset}]"),
            };
            format!("{place}+{}:{}", piece.offset, piece.size)
        })
        .collect();
    pieces.join(" ")
}

fn texts(locations: &[Location]) -> Vec<String> {
    locations.iter().map(text).collect()
}

#[test]
fn the_example_of_the_specification() {
    // func f(a1 uint8, a2 [2]uintptr, a3 uint8) (r1 struct { x uintptr; y [2]uintptr }, r2 string)
    let mut t = Types::default();
    let (byte, word, string) = (t.uint8(), t.uintptr(), t.string());
    let pair = t.array(word, 2);
    let r1 = t.record(24, &[(0, word), (8, pair)]);
    let seen = t.register(&[byte, pair, byte], &[r1, string]);
    assert_eq!(
        texts(&seen.parameters),
        ["RAX+0:1", "[RSP+8]+0:16", "RBX+0:1"]
    );
    assert_eq!(texts(&seen.results), ["[RSP+24]+0:24", "RAX+0:8 RBX+8:8"]);
}

#[test]
fn the_same_example_under_the_stack_abi() {
    let mut t = Types::default();
    let (byte, word, string) = (t.uint8(), t.uintptr(), t.string());
    let pair = t.array(word, 2);
    let r1 = t.record(24, &[(0, word), (8, pair)]);
    let seen = t.stack(&[byte, pair, byte], &[r1, string]);
    // a1 at 0, a2 at 8..24, a3 at 24, results from 32: r1 to 56, r2 to 72; the return address comes before.
    assert_eq!(
        texts(&seen.parameters),
        ["[RSP+8]+0:1", "[RSP+16]+0:16", "[RSP+32]+0:1"]
    );
    assert_eq!(texts(&seen.results), ["[RSP+40]+0:24", "[RSP+64]+0:16"]);
}

#[test]
fn integers_take_nine_registers_then_the_stack() {
    let mut t = Types::default();
    let int = t.int(8);
    let seen = t.register(&[int; 11], &[int; 10]);
    let registers = [Rax, Rbx, Rcx, Rdi, Rsi, R8, R9, R10, R11];
    for (location, register) in seen.parameters.iter().zip(registers) {
        assert_eq!(location.pieces[0].place, Place::Register(register));
    }
    assert_eq!(
        texts(&seen.parameters[9..]),
        ["[RSP+8]+0:8", "[RSP+16]+0:8"]
    );
    assert_eq!(seen.results[8].pieces[0].place, Place::Register(R11));
    assert_eq!(text(&seen.results[9]), "[RSP+24]+0:8");
}

#[test]
fn a_value_that_does_not_fit_whole_gives_its_registers_back() {
    // Eight ints leave R11; a string needs two and goes to the stack; a later int still takes R11.
    let mut t = Types::default();
    let (int, string) = (t.int(8), t.string());
    let mut parameters = vec![int; 8];
    parameters.extend([string, int, int]);
    let seen = t.register(&parameters, &[]);
    assert_eq!(
        texts(&seen.parameters[8..]),
        ["[RSP+8]+0:16", "R11+0:8", "[RSP+24]+0:8"]
    );
}

#[test]
fn floats_and_integers_are_counted_apart() {
    let mut t = Types::default();
    let (int, single, double) = (t.int(4), t.float(4), t.float(8));
    let (small, large) = (t.complex(8), t.complex(16));
    let seen = t.register(&[int, double, single, large, small, int], &[double]);
    assert_eq!(
        texts(&seen.parameters),
        [
            "RAX+0:4",
            "X0+0:8",
            "X1+0:4",
            "X2+0:8 X3+8:8",
            "X4+0:4 X5+4:4",
            "RBX+0:4"
        ]
    );
    assert_eq!(texts(&seen.results), ["X0+0:8"]);
}

#[test]
fn there_are_fifteen_vector_registers() {
    let mut t = Types::default();
    let (double, large) = (t.float(8), t.complex(16));
    let mut parameters = vec![double; 14];
    parameters.extend([large, double, double]);
    let seen = t.register(&parameters, &[]);
    assert_eq!(
        texts(&seen.parameters[13..]),
        ["X13+0:8", "[RSP+8]+0:16", "X14+0:8", "[RSP+24]+0:8"]
    );
}

#[test]
fn headers_fall_into_words() {
    let mut t = Types::default();
    let (slice, interface) = (t.slice(), t.interface());
    let target = Some(slice);
    let pointer = t.add("*T", 8, Kind::Pointer { target });
    let map = t.add(
        "map",
        8,
        Kind::Map {
            key: slice,
            value: slice,
            layout: None,
        },
    );
    let func = t.add("func()", 8, Kind::Func);
    let channel = t.add("chan", 8, Kind::Channel { element: slice });
    let raw = t.add("unsafe.Pointer", 8, Kind::UnsafePointer);
    let seen = t.register(
        &[slice, interface, pointer, map, func, channel],
        &[raw, slice],
    );
    assert_eq!(
        texts(&seen.parameters),
        [
            "RAX+0:8 RBX+8:8 RCX+16:8",
            "RDI+0:8 RSI+8:8",
            "R8+0:8",
            "R9+0:8",
            "R10+0:8",
            "R11+0:8"
        ]
    );
    assert_eq!(
        texts(&seen.results),
        ["RAX+0:8", "RBX+0:8 RCX+8:8 RDI+16:8"]
    );
}

#[test]
fn structs_fall_into_their_fields_blank_ones_too() {
    // struct { a int8; _ int32; f float32; s string }
    let mut t = Types::default();
    let (small, medium, float, string) = (t.int(1), t.int(4), t.float(4), t.string());
    let record = t.record(32, &[(0, small), (4, medium), (8, float), (16, string)]);
    let outer = t.record(40, &[(0, small), (8, record)]);
    let seen = t.register(&[outer, small], &[]);
    assert_eq!(
        texts(&seen.parameters),
        [
            "RAX+0:1 RBX+8:1 RCX+12:4 X0+16:4 RDI+24:8 RSI+32:8",
            "R8+0:1"
        ]
    );
}

#[test]
fn arrays_of_one_are_their_element_and_longer_ones_are_on_the_stack() {
    let mut t = Types::default();
    let (int, string) = (t.int(8), t.string());
    let (none, one, two) = (t.array(int, 0), t.array(string, 1), t.array(int, 2));
    let nested = t.array(one, 1);
    let with_none = t.record(16, &[(0, int), (8, none)]);
    let with_two = t.record(24, &[(0, int), (8, two)]);
    let seen = t.register(&[one, nested, with_none, with_two, int], &[]);
    assert_eq!(
        texts(&seen.parameters),
        [
            "RAX+0:8 RBX+8:8",
            "RCX+0:8 RDI+8:8",
            "RSI+0:8",
            "[RSP+8]+0:24",
            "R8+0:8"
        ]
    );
}

#[test]
fn two_elements_of_size_zero_keep_a_struct_out_of_registers() {
    // struct { a int; b [2]struct{} }: "If T is an array type of length > 1, fail", whatever its size.
    let mut t = Types::default();
    let int = t.int(8);
    let empty = t.record(0, &[]);
    let pair = t.array(empty, 2);
    let record = t.record(16, &[(0, int), (8, pair)]);
    assert_eq!(
        texts(&t.register(&[record, int], &[]).parameters),
        ["[RSP+8]+0:16", "RAX+0:8"]
    );
}

#[test]
fn values_of_size_zero_are_nowhere_but_align_the_stack() {
    // func (a [2]int8, z [0]int64, b [2]int8): z needs no byte, but b begins at its alignment.
    let mut t = Types::default();
    let (small, word) = (t.int(1), t.int(8));
    let (pair, none) = (t.array(small, 2), t.array(word, 0));
    let empty = t.record(0, &[]);
    for seen in [
        t.register(&[empty, pair, none, pair], &[]),
        t.stack(&[empty, pair, none, pair], &[]),
    ] {
        assert_eq!(
            texts(&seen.parameters),
            ["-", "[RSP+8]+0:2", "-", "[RSP+16]+0:2"]
        );
    }
}

#[test]
fn the_stack_is_laid_out_by_natural_alignment() {
    // func(a int8, b int16, c int32, d int8, e complex64, f complex128, g [3]int16, h bool)
    let mut t = Types::default();
    let (i8, i16, i32) = (t.int(1), t.int(2), t.int(4));
    let (small, large) = (t.complex(8), t.complex(16));
    let (three, flag) = (t.array(i16, 3), t.add("bool", 1, Kind::Bool));
    let seen = t.stack(&[i8, i16, i32, i8, small, large, three, flag], &[flag, i32]);
    // 0, 2, 4, 8, 12 (aligned to 4), 24 (aligned to 8: 20 → 24), 40, 46; results from 48.
    assert_eq!(
        texts(&seen.parameters),
        [
            "[RSP+8]+0:1",
            "[RSP+10]+0:2",
            "[RSP+12]+0:4",
            "[RSP+16]+0:1",
            "[RSP+20]+0:8",
            "[RSP+32]+0:16",
            "[RSP+48]+0:6",
            "[RSP+54]+0:1"
        ]
    );
    assert_eq!(texts(&seen.results), ["[RSP+56]+0:1", "[RSP+60]+0:4"]);
}

#[test]
fn results_on_the_stack_follow_the_parameters_on_the_stack() {
    // func(a [3]uint8, n int) (r [2]int32, s string): r is pointer-aligned after a; n's spill space comes later.
    let mut t = Types::default();
    let (byte, word, int, string) = (t.uint8(), t.int(4), t.int(8), t.string());
    let (three, pair) = (t.array(byte, 3), t.array(word, 2));
    let seen = t.register(&[three, int], &[pair, string]);
    assert_eq!(texts(&seen.parameters), ["[RSP+8]+0:3", "RAX+0:8"]);
    assert_eq!(texts(&seen.results), ["[RSP+16]+0:8", "RAX+0:8 RBX+8:8"]);
}

#[test]
fn a_struct_with_more_parts_than_registers_is_on_the_stack() {
    let mut t = Types::default();
    let int = t.int(8);
    let nine: Vec<_> = (0..9).map(|index| (index * 8, int)).collect();
    let ten: Vec<_> = (0..10).map(|index| (index * 8, int)).collect();
    let many: Vec<_> = (0..200).map(|index| (index * 8, int)).collect();
    let (nine, ten, many) = (
        t.record(72, &nine),
        t.record(80, &ten),
        t.record(1600, &many),
    );
    let seen = t.register(&[ten, many, nine, int], &[]);
    assert_eq!(text(&seen.parameters[0]), "[RSP+8]+0:80");
    assert_eq!(text(&seen.parameters[1]), "[RSP+88]+0:1600");
    assert_eq!(seen.parameters[2].pieces.len(), 9);
    assert_eq!(text(&seen.parameters[3]), "[RSP+1688]+0:8");
}

#[test]
fn after_a_value_of_unknown_type_nothing_is_guessed() {
    let mut t = Types::default();
    let (int, unknown, string) = (t.int(8), t.unknown(), t.string());
    let pair = t.array(int, 2);
    let seen = t.register(&[int, unknown, string], &[string, pair]);
    assert_eq!(texts(&seen.parameters), ["RAX+0:8", "-", "-"]);
    // Results start with the first register again, but the stack's layout depends on the parameters.
    assert_eq!(texts(&seen.results), ["RAX+0:8 RBX+8:8", "-"]);
    let seen = t.stack(&[int, unknown, string], &[string]);
    assert_eq!(texts(&seen.parameters), ["[RSP+8]+0:8", "-", "-"]);
    assert_eq!(texts(&seen.results), ["-"]);
}

#[test]
fn a_type_that_contains_itself_or_is_not_in_the_table_is_unknown() {
    let mut t = Types::default();
    let int = t.int(8);
    let own = TypeId(1);
    assert_eq!(t.record(16, &[(0, own), (8, own)]), own);
    let odd = t.int(3);
    for ty in [own, odd, TypeId(77)] {
        assert_eq!(
            texts(&t.register(&[ty, int], &[int]).parameters),
            ["-", "-"]
        );
    }
}

#[test]
fn a_vector_of_archsimd_takes_one_vector_register() {
    let mut t = Types::default();
    let (int, float) = (t.int(8), t.float(4));
    let func = t.add("func()", 8, Kind::Func);
    let tag_field = Field {
        name: "_128".into(),
        offset: 0,
        ty: t.array(func, 0),
        embedded: false,
    };
    let tag = t.add(
        "simd/archsimd.v128",
        0,
        Kind::Struct {
            fields: vec![tag_field],
        },
    );
    let lanes = t.array(float, 4);
    let vector = t.record(16, &[(0, tag), (0, lanes)]);
    assert_eq!(
        texts(&t.register(&[int, vector, float], &[]).parameters),
        ["RAX+0:8", "X0+0:16", "X1+0:4"]
    );
}
