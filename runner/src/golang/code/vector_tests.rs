//! Floats' copies in real programs, with and without optimisation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use super::{VectorPiece, VectorSlots, decode, loaded_results, stored_arguments};
use crate::{
    golang::{Binary, testing::Program},
    model::Address,
};

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

func main() {
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
