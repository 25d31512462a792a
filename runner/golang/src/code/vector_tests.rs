//! Floats' copies in real programs, with and without optimisation.

use model::Address;

use super::{VectorPiece, VectorSlots, decode, loaded_results, stored_arguments};
use crate::{Binary, testing::Program};

const SOURCE: &str = r#"package main

import "fmt"

//go:noinline
func add(a, b float64) float64 { return a + b }

//go:noinline
func mixed(n int, f float32, s string, g float64) (float64, string, float32) {
	if n > 3 {
		return g * 2, s, f
	}
	fmt.Println(n, f, s, g)
	return g, s + "x", f / 2
}

//go:noinline
func complexes(c complex128) complex64 { return complex64(c) }

type point struct{ X, Y float64 }

//go:noinline
func (p point) scale(k float64) point { fmt.Println(p); return point{p.X * k, p.Y * k} }

//go:noinline
func many(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p float64) float64 {
	return a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p
}

//go:noinline
func kept(f float64) func() float64 { fmt.Println("before"); return func() float64 { return f } }

type box struct {
	label string
	value float64
}

//go:noinline
func (b *box) set(value float64) (old float64) {
	old, b.value = b.value, value
	return old
}

//go:noinline
func keep(v float64) float64 { return v }

//go:noinline
func swap(a, b complex128) (complex128, complex128) { return b, a }

//go:noinline
func load(p *float32, otherwise float32) (v float32, ok bool) {
	if p == nil {
		return otherwise, false
	}
	return *p, true
}

//go:noinline
func zeroes(n int) (f float64, g float32, err error) {
	if n > 0 {
		f = 1
	}
	return f, 0, nil
}

//go:noinline
func guarded(f float64, at []float64) (result float64) {
	defer func() {
		if recover() != nil {
			result = -f
		}
	}()
	return f / at[1]
}

var outside *float64

//go:noinline
func escaped(f float64) (result float64) {
	outside = &result
	result = f * 2
	return result
}

func main() {
	fmt.Println(escaped(1))
	fmt.Println((&box{value: 1}).set(2), keep(1), guarded(1, nil))
	fmt.Println(swap(1, 2))
	fmt.Println(load(nil, 1))
	fmt.Println(zeroes(1))
	fmt.Println(add(1, 2), complexes(1+2i), point{1, 2}.scale(3), kept(1)())
	fmt.Println(mixed(1, 2, "a", 3))
	fmt.Println(many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))
}
"#;

/// The copies of the first registers' arguments, and those of their results at each `ret`.
fn copies(
    binary: &Binary,
    name: &str,
    arguments: u8,
    results: u8,
) -> (Vec<VectorSlots>, Vec<Vec<VectorSlots>>) {
    let symbol = binary.function_named(name)[0];
    let code = binary.code(symbol.start..symbol.end).unwrap();
    let name_of = |address: Address| {
        let function = binary.function_at(address)?;
        (function.start == address).then_some(function.name.as_str())
    };
    let body = decode(code, symbol.start, name_of).unwrap();
    let stored = stored_arguments(code, symbol.start, body.entry, &first(arguments)).unwrap();
    let loaded = body.returns.iter();
    let loaded =
        loaded.map(|ret| loaded_results(code, symbol.start, *ret, &first(results)).unwrap());
    (stored, loaded.collect())
}

/// Four bytes of each of the first registers.
fn first(count: u8) -> Vec<VectorPiece> {
    (0..count)
        .map(|register| VectorPiece { register, size: 4 })
        .collect()
}

fn registers(found: &[VectorSlots]) -> Vec<u8> {
    let mut registers: Vec<u8> = found
        .iter()
        .flat_map(|slots| &slots.slots)
        .map(|slot| slot.register)
        .collect();
    registers.sort_unstable();
    registers
}

#[test]
fn without_optimisation_every_float_has_a_copy() {
    for release in [
        "go1.17.13",
        "go1.20.14",
        "go1.22.12",
        "go1.26.8",
        "go1.27.3",
    ] {
        let flags = ["-gcflags=example.com/watched=-N"];
        let program = Program::build_with(SOURCE, "1.17", release, &flags);
        let binary = Binary::open(&program.binary).unwrap();
        for (name, arguments, results) in [
            ("main.add", 2, 1),
            ("main.mixed", 2, 2),
            ("main.complexes", 2, 2),
            ("main.point.scale", 3, 2),
            ("main.many", 15, 1),
            ("main.kept", 1, 0),
            ("main.(*box).set", 1, 1),
            ("main.keep", 1, 1),
            ("main.swap", 4, 4),
            ("main.load", 1, 1),
            ("main.zeroes", 0, 2),
            ("main.guarded", 1, 1),
            // What outlives the call is not in its frame.
            ("main.escaped", 1, 0),
        ] {
            let (stored, loaded) = copies(&binary, name, arguments, results);
            let all = |count: u8| (0..count).collect::<Vec<_>>();
            assert_eq!(registers(&stored), all(arguments), "{name} of {release}");
            for loaded in loaded {
                assert_eq!(registers(&loaded), all(results), "{name} of {release}");
            }
        }
    }
}

#[test]
fn with_optimisation_only_what_is_stored_has_a_copy() {
    let program = Program::build_with(SOURCE, "1.17", "go1.26.8", &[]);
    let binary = Binary::open(&program.binary).unwrap();
    let (stored, loaded) = copies(&binary, "main.add", 2, 1);
    assert_eq!((stored, loaded), (vec![], vec![vec![]]));
    let (stored, _) = copies(&binary, "main.kept", 1, 0);
    assert_eq!(registers(&stored), [0]);
}

/// Where code that is taken for a function has copies of X0's low 8 bytes, before its `ret`.
fn results_of(code: &[u8], ret: u64) -> Vec<VectorSlots> {
    let start = Address(0x40_0000);
    let x0 = VectorPiece {
        register: 0,
        size: 8,
    };
    loaded_results(code, start, Address(start.0 + ret), &[x0]).unwrap()
}

/// Where X0 has a copy, in bytes from the function's start and from the stack pointer at the entry.
fn one(found: &[VectorSlots]) -> (u64, u32, i64) {
    let [slots] = found else {
        panic!("{found:?}");
    };
    let offsets: Vec<_> = slots.slots.iter().map(|slot| slot.offset).collect();
    let [offset] = offsets[..] else {
        panic!("{found:?}");
    };
    (slots.site.0 - 0x40_0000, slots.below, offset)
}

/// `func (b *box) Set(value float64) (old float64)` as Go 1.27 compiles it with `-N`.
const SET: &[u8] = &[
    0x55, // PUSHQ BP
    0x48, 0x89, 0xe5, // MOVQ SP, BP
    0x48, 0x83, 0xec, 0x08, // SUBQ $8, SP
    0x48, 0x89, 0x44, 0x24, 0x18, // MOVQ AX, 24(SP)
    0xf2, 0x0f, 0x11, 0x44, 0x24, 0x20, // MOVSD X0, 32(SP)
    0x48, 0xc7, 0x04, 0x24, 0, 0, 0, 0, // MOVQ $0, 0(SP)
    0x84, 0x00, // TESTB AL, 0(AX)
    0xf2, 0x0f, 0x10, 0x48, 0x08, // MOVSD 8(AX), X1
    0xf2, 0x0f, 0x11, 0x0c, 0x24, // 34: MOVSD X1, 0(SP)
    0x84, 0x00, // 39: TESTB AL, 0(AX)
    0xf2, 0x0f, 0x11, 0x40, 0x08, // 41: MOVSD X0, 8(AX)
    0x0f, 0x10, 0xc1, // 46: MOVUPS X1, X0
    0x48, 0x83, 0xc4, 0x08, // ADDQ $8, SP
    0x5d, // POPQ BP
    0xc3, // 54: RET
];

#[test]
fn before_a_store_through_a_pointer_a_copy_is_still_what_it_was() {
    assert_eq!(one(&results_of(SET, 54)), (41, 16, -16));
}

#[test]
fn what_comes_by_a_jump_may_have_no_copy() {
    // JMP 41, after the function's end.
    let code = [SET, &[0xeb, 0xf0]].concat();
    assert_eq!(results_of(&code, 54), []);
    // JMP 0: to where callers come as well.
    let code = [SET, &[0xeb, 0xc7]].concat();
    assert_eq!(one(&results_of(&code, 54)), (41, 16, -16));
}

#[test]
fn a_copy_that_is_written_over_is_none() {
    let code = [
        &[0xf2, 0x0f, 0x11, 0x44, 0x24, 0x08][..], // MOVSD X0, 8(SP)
        &[0x88, 0x44, 0x24, 0x0f],                 // MOVB AL, 15(SP)
        &[0xc3],                                   // RET
    ];
    // Before the byte was written there was a copy.
    assert_eq!(one(&results_of(&code.concat(), 10)), (6, 0, 8));
    let code = [
        &[0xf2, 0x0f, 0x11, 0x44, 0x24, 0x08][..], // MOVSD X0, 8(SP)
        &[0xf2, 0x0f, 0x58, 0xc1],                 // ADDSD X1, X0
        &[0xc3],                                   // RET
    ];
    assert_eq!(results_of(&code.concat(), 10), []);
}

#[test]
fn a_copy_below_the_stack_pointer_is_none() {
    let code = [
        &[0xf2, 0x0f, 0x11, 0x44, 0x24, 0xf8][..], // MOVSD X0, -8(SP)
        &[0xc3],                                   // RET
    ];
    assert_eq!(results_of(&code.concat(), 6), []);
}

#[test]
fn a_result_may_come_by_a_condition_a_jump_and_a_general_register() {
    let code = [
        &[0x48, 0x89, 0x44, 0x24, 0x08][..], // MOVQ AX, 8(SP)
        &[0x75, 0x02],                       // JNE 9
        &[0xeb, 0x01],                       // 7: JMP 10
        &[0x90],                             // 9: NOP
    ]
    .concat();
    let end = [0x66, 0x48, 0x0f, 0x6e, 0xc0, 0xc3]; // 10: MOVQ AX, X0; RET
    // Both ways lead to 10.
    assert_eq!(results_of(&[&code[..], &end].concat(), 15), []);
    // The other one ends before.
    let mut code = code;
    code[9] = 0xc3;
    assert_eq!(
        one(&results_of(&[&code[..], &end].concat(), 15)),
        (15, 0, 8)
    );
}

#[test]
fn a_zero_has_any_zero_for_its_copy() {
    let code = [
        &[0x44, 0x0f, 0x11, 0x7c, 0x24, 0x08][..], // MOVUPS X15, 8(SP)
        &[0x0f, 0x57, 0xc0],                       // XORPS X0, X0
        &[0xc3],                                   // RET
    ];
    assert_eq!(one(&results_of(&code.concat(), 9)), (9, 0, 8));
}
