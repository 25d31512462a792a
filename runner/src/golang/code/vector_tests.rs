//! Floats' copies in real programs, with and without optimisation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use super::{VectorSlots, decode, loaded_results, stored_arguments};
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

func main() {
	fmt.Println(add(1, 2), complexes(1+2i), point{1, 2}.scale(3), kept(1)())
	fmt.Println(mixed(1, 2, "a", 3))
	fmt.Println(many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))
}
"#;

/// The copies of a function's arguments, and those of its results at each `ret`.
fn copies(binary: &Binary, name: &str) -> (Option<VectorSlots>, Vec<Option<VectorSlots>>) {
    let symbol = binary.function_named(name)[0];
    let code = binary.code(symbol.start..symbol.end).unwrap();
    let name_of = |address: Address| {
        let function = binary.function_at(address)?;
        (function.start == address).then_some(function.name.as_str())
    };
    let body = decode(code, symbol.start, name_of).unwrap();
    let stored = stored_arguments(code, symbol.start, body.entry).unwrap();
    let loaded = body.returns.iter();
    let loaded = loaded.map(|ret| loaded_results(code, symbol.start, *ret).unwrap());
    (stored, loaded.collect())
}

fn registers(slots: Option<&VectorSlots>) -> Vec<u8> {
    slots.map_or_else(Vec::new, |slots| {
        slots.slots.iter().map(|slot| slot.register).collect()
    })
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
        ] {
            let (stored, loaded) = copies(&binary, name);
            let all = |count: u8| (0..count).collect::<Vec<_>>();
            assert_eq!(
                registers(stored.as_ref()),
                all(arguments),
                "{name} of {release}"
            );
            for loaded in loaded {
                // Registers that carry no result may have copies too.
                let loaded = registers(loaded.as_ref());
                assert!(
                    loaded.starts_with(&all(results)),
                    "{name} of {release}: {loaded:?}"
                );
            }
        }
    }
}

#[test]
fn with_optimisation_only_what_is_stored_has_a_copy() {
    let program = Program::build_with(SOURCE, "1.17", "go1.26.8", &[]);
    let binary = Binary::open(&program.binary).unwrap();
    let (stored, loaded) = copies(&binary, "main.add");
    assert_eq!((stored, loaded), (None, vec![None]));
    let (stored, _) = copies(&binary, "main.kept");
    assert_eq!(registers(stored.as_ref()), [0]);
}
