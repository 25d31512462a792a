//! Names of real programs that were built without goproctor's hints.

use golang::{Binary, testing::Program};

use super::{SelectError, SelectOptions, Selected, select};
use crate::{ImplicitProbes, PlanRequest, WatchedLabel, build};

/// A method that its wrapper has inlined, and what it calls.
const SORTED: &str = "package main

import \"sort\"

type names []string

func (n names) Len() int           { return len(n) }
func (n names) Swap(i, j int)      { n[i], n[j] = n[j], n[i] }
func (n names) Less(i, j int) bool { return compare(n[i], n[j]) < 0 }

//go:noinline
func compare(a, b string) int {
\tif a < b {
\t\treturn -1
\t}
\treturn 1
}

type inner struct{ n int }

func (i *inner) Total() int { return compare(\"a\", \"b\") + i.n }

type outer struct{ *inner }

type totaller interface{ Total() int }

//go:noinline
func total(t totaller) int { return t.Total() }

func main() {
\tall := names{\"b\", \"a\"}
\tsort.Sort(&all)
\tprintln(all[0], total(outer{&inner{1}}), total(&outer{&inner{2}}))
\tdone := make(chan bool)
\tgo finish(done, 1)
\t<-done
}

func finish(done chan bool, n int) {
\tcompare(\"a\", \"b\")
\tdone <- n == 1
}
";

const RELEASES: [&str; 5] = [
    "go1.16.15",
    "go1.18.10",
    "go1.22.12",
    "go1.24.13",
    "go1.27.3",
];

fn only<'b>(binary: &'b Binary, pattern: &str) -> Result<Selected<'b>, SelectError> {
    select(binary, &[pattern], SelectOptions::default()).remove(0)
}

#[test]
fn a_wrapper_stands_for_its_own_method_or_for_nothing() {
    for release in RELEASES {
        let program = Program::build_with(SORTED, "1.15", release, &[]);
        let binary = Binary::open(&program.binary).unwrap();
        for (name, own) in [
            ("main.(*names).Less", "main.names.Less"),
            ("main.outer.Total", "main.(*inner).Total"),
            ("main.(*outer).Total", "main.(*inner).Total"),
        ] {
            match only(&binary, name) {
                Ok(selected) => {
                    let names: Vec<_> =
                        selected.functions.iter().map(|f| f.name.as_str()).collect();
                    assert_eq!(names, [own], "{release}: {name}");
                }
                Err(
                    SelectError::InlinedAway { name: inlined, .. }
                    | SelectError::PartlyInlined { name: inlined, .. },
                ) => assert_eq!(inlined, own, "{release}: {name}"),
                Err(SelectError::Unknown { .. }) => {
                    assert!(binary.function_named(name).is_empty(), "{release}: {name}");
                }
                Err(other) => panic!("{release}: {name}: {other}"),
            }
        }
    }
}

#[test]
fn a_program_that_may_load_plugins_has_one_name_for_each_function() {
    let source = SORTED.replace("import \"sort\"", "import (\n\t_ \"plugin\"\n\t\"sort\"\n)");
    for release in RELEASES {
        let program = Program::build_with(&source, "1.15", release, &[]);
        let binary = Binary::open(&program.binary).unwrap();
        let functions = binary.functions().iter();
        let local: Vec<_> = functions.filter(|f| f.name.starts_with("local.")).collect();
        assert!(local.is_empty(), "{release}: {local:?}");
        let compare = only(&binary, "main.compare").unwrap().functions[0];
        assert_eq!(
            binary.function_at(compare.start).unwrap().name,
            "main.compare"
        );
    }
}

#[test]
fn every_instance_of_a_body_is_told_apart() {
    const COUNT: usize = 64;
    let kinds = (0..COUNT).map(|n| format!("type kind{n} struct {{ F{n} int }}\n"));
    let uses = (0..COUNT).map(|n| format!("\tprintln(same(&kind{n}{{{n}}}).F{n})\n"));
    let source = format!(
        "package main\n\n//go:noinline\nfunc same[T any](v T) T {{ return v }}\n\n{}\nfunc main() {{\n{}}}\n",
        kinds.collect::<String>(),
        uses.collect::<String>()
    );
    for release in ["go1.18.10", "go1.22.12", "go1.27.3"] {
        let program = Program::build_with(&source, "1.18", release, &[]);
        let binary = Binary::open(&program.binary).unwrap();
        let mut request = PlanRequest::new(vec![WatchedLabel::new("same", "main.same")]);
        request.implicit = ImplicitProbes::NONE;
        let built = build(&binary, &request).unwrap();
        assert_eq!(built.warnings, [], "{release}");
        let [function] = &built.plan.functions[..] else {
            panic!("{release}: {:?}", built.plan.functions);
        };
        assert_eq!(function.instances.len(), COUNT, "{release}");
        // What the body itself says of a pointer is the shape's, which is no type that it points to.
        let ty = built.plan.types.get(function.parameters[0].ty).unwrap();
        assert_eq!(ty.kind, model::Kind::Pointer { target: None }, "{release}");
    }
}

/// Literals four deep, which newer releases inline in each other, and one that comes with an inlined function, twice.
const LITERALS: &str = "package main

var sink []int

//go:noinline
func report(n int) int { sink = append(sink, n); return n }

func four(n int) int {
\treturn func() int {
\t\treport(1)
\t\treturn keep(func() int {
\t\t\treport(2)
\t\t\treturn keep(func() int {
\t\t\t\treport(3)
\t\t\t\treturn keep(func() int { return report(n) })
\t\t\t})
\t\t})
\t}()
}

var kept func() int

//go:noinline
func keep(f func() int) int { kept = f; return f() }

func option(n int) func() int { return func() int { return report(n) } }

func main() { println(four(4), keep(option(5)), keep(option(6))) }
";

#[test]
fn literals_of_a_binary_have_their_names_by_source() {
    for release in [
        "go1.16.15",
        "go1.21.13",
        "go1.22.12",
        "go1.24.13",
        "go1.27.3",
    ] {
        let program = Program::build_with(LITERALS, "1.15", release, &[]);
        let binary = Binary::open(&program.binary).unwrap();
        let selected = only(&binary, "main.*").unwrap();
        let literals = selected.functions.iter().map(|function| &function.name);
        let names: Vec<_> = literals.chain(&selected.inlined_away).collect();
        for name in [
            "main.four.func1",
            "main.four.func1.1",
            "main.four.func1.1.1",
            "main.four.func1.1.1.1",
            "main.option.func1",
        ] {
            assert!(
                names.iter().any(|found| *found == name),
                "{release}: {name} in {names:?}"
            );
        }
        for name in &names {
            let known = [
                "main.four",
                "main.option",
                "main.report",
                "main.keep",
                "main.main",
            ];
            assert!(
                known
                    .iter()
                    .any(|known| *name == known || name.starts_with(&format!("{known}.func1"))),
                "{release}: {name}"
            );
        }
    }
}

#[test]
fn a_literal_that_came_with_an_inlined_function_is_not_taken_for_its_holders() {
    for release in ["go1.18.10", "go1.20.14"] {
        let program = Program::build_with(LITERALS, "1.15", release, &[]);
        let binary = Binary::open(&program.binary).unwrap();
        let mut selected = only(&binary, "main.*").unwrap();
        selected.with_holders_name.sort();
        assert_eq!(
            selected.with_holders_name,
            ["main.main.func1", "main.main.func2"],
            "{release}"
        );
        assert!(
            selected
                .functions
                .iter()
                .all(|function| !function.name.starts_with("main.main."))
        );
        assert!(matches!(
            only(&binary, "main.main.func1"),
            Err(SelectError::HoldersName { .. })
        ));
        assert!(only(&binary, "main.four.func1.1").is_ok(), "{release}");
    }
}

/// Two calls of a function, whose copies are merged into one sum.
const MERGED: &str = "package main

import \"os\"

func small(n int) int { return n + len(os.Args) }

//go:noinline
func use(n int) int { return small(n) + small(n+1) }

var kept = small

func main() { println(use(1), kept(2)) }
";

#[test]
fn a_function_that_was_inlined_without_a_trace_is_partly_inlined() {
    for release in ["go1.22.12", "go1.27.3"] {
        let program = Program::build_with(MERGED, "1.15", release, &[]);
        let binary = Binary::open(&program.binary).unwrap();
        let refused = only(&binary, "main.small").unwrap_err().to_string();
        assert!(
            refused.starts_with(
                "main.small was partly inlined (the debug information does not say where), "
            ),
            "{release}: {refused}"
        );
        assert!(only(&binary, "main.use").is_ok(), "{release}");
        let globbed = only(&binary, "main.*").unwrap();
        assert_eq!(globbed.partly_inlined.len(), 1, "{release}");
    }
}

/// Functions of packages whose paths end alike.
const ALIKE: &str = "package main

import (
\tcrypto \"crypto/rand\"
\tmath \"math/rand\"
)

type rand struct{ n int }

//go:noinline
func (r *rand) Perm(n int) int { return r.n + n }

var kept = []interface{}{crypto.Int, math.Int, math.Perm, math.Float64, (*rand).Perm}

func main() { println(len(kept)) }
";

#[test]
fn a_name_as_it_is_shown_is_accepted_where_it_is_unambiguous() {
    for release in RELEASES {
        let program = Program::build_with(ALIKE, "1.15", release, &[]);
        let binary = Binary::open(&program.binary).unwrap();
        for (shown, full) in [
            ("rand.Float64", "math/rand.Float64"),
            ("rand.Perm", "math/rand.Perm"),
            ("math/rand.Int", "math/rand.Int"),
            ("(*rand).Perm", "main.(*rand).Perm"),
        ] {
            let selected =
                only(&binary, shown).unwrap_or_else(|error| panic!("{release}: {error}"));
            let names: Vec<_> = selected.functions.iter().map(|f| f.name.as_str()).collect();
            assert_eq!(names, [full], "{release}: {shown}");
        }
        let Err(error) = only(&binary, "rand.Int") else {
            panic!("{release}: two packages have it");
        };
        assert_eq!(
            error.to_string(),
            "rand.Int is ambiguous: 2 packages have it"
        );
        assert_eq!(
            error.help().unwrap(),
            "write it in full\ncrypto/rand.Int\nmath/rand.Int"
        );
        let Err(SelectError::Ambiguous { candidates, .. }) = only(&binary, "rand.*") else {
            panic!("{release}: several packages are called so");
        };
        assert!(
            candidates.contains(&"math/rand.*".to_owned()),
            "{candidates:?}"
        );
        let named = only(&binary, "big.*").unwrap();
        assert!(named.functions.iter().all(|f| f.package() == "math/big"));
    }
}
