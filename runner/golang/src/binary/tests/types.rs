//! Runtime types and package variables, against what programs tell of themselves.

use model::{Field, PackageNames, notation::short_name};

use super::*;

const KINDS: &str = include_str!("../fixtures/kinds.go");
const CHECKED: [&str; 9] = [
    "go1.15.15",
    "go1.16.15",
    "go1.17.13",
    "go1.18.10",
    "go1.20.14",
    "go1.22.12",
    "go1.24.13",
    "go1.26.8",
    "go1.27.3",
];
const VARIABLES: [&str; 5] = [
    "main.ErrOdd",
    "main.Count",
    "main.Nodes",
    "io.EOF",
    "main.Nothing",
];

/// Everything of a binary.
pub(super) fn everything(binary: &Binary, variables: &[&str]) -> Description {
    let functions = binary.functions().iter().map(|f| f.start).collect();
    let variables: Vec<_> = variables.iter().map(|name| (*name).to_owned()).collect();
    binary
        .describe(&Scope {
            functions: &functions,
            declarations: &BTreeMap::new(),
            dynamic: true,
            variables: &variables,
            asserted: &[],
        })
        .unwrap()
}

/// The number of Go's kind for ours.
fn is_kind(kind: &Kind, number: u64) -> bool {
    match kind {
        Kind::Bool => number == 1,
        Kind::Int => (2..=6).contains(&number),
        Kind::Uint => (7..=12).contains(&number),
        Kind::Float => (13..=14).contains(&number),
        Kind::Complex => (15..=16).contains(&number),
        Kind::Array { .. } => number == 17,
        Kind::Channel { .. } => number == 18,
        Kind::Func => number == 19,
        Kind::Interface { .. } => number == 20,
        Kind::Map { .. } => number == 21,
        Kind::Pointer { .. } => number == 22,
        Kind::Slice { .. } => number == 23,
        Kind::String => number == 24,
        Kind::Struct { .. } => number == 25,
        Kind::UnsafePointer => number == 26,
        Kind::Unknown => false,
    }
}

/// How far from where it was linked the program ran.
fn bias(told: &str, description: &Description) -> u64 {
    let line = told.lines().find(|line| line.starts_with("main.Count\t"));
    let address = line.and_then(|line| line.rsplit_once("0x")).unwrap().1;
    let (linked, _) = description.variables["main.Count"];
    u64::from_str_radix(address, 16).unwrap() - linked.0
}

/// Compares what a program tells of the types in its interfaces with what its binary does.
fn compare(program: &Program) {
    let release = &program.release;
    let packages = PackageNames::default();
    let told = output(&mut Command::new(&program.path));
    let binary = program.open();
    let description = everything(&binary, &VARIABLES);
    let bias = bias(&told, &description);
    let types = &description.types;
    let mut compared = 0;
    let mut fields: &[Field] = &[];
    for line in told.lines() {
        let words: Vec<_> = line.split('\t').collect();
        if let &[name, offset, embedded, ty] = words.as_slice() {
            let (field, rest) = fields.split_first().unwrap();
            assert_eq!(
                (field.name.as_str(), field.offset.to_string().as_str()),
                (name, offset),
                "{release}"
            );
            assert_eq!(field.embedded.to_string(), embedded, "{line} {release}");
            assert_eq!(
                short_name(types.name(field.ty), &packages),
                ty,
                "with {release}"
            );
            fields = rest;
            continue;
        }
        let &[address, short, full, size, kind, direct] = words.as_slice() else {
            continue;
        };
        let address = Address(u64::from_str_radix(address, 16).unwrap() - bias);
        let known = description.dynamic.iter().find(|d| d.address == address);
        let Some(known) = known else {
            panic!("{line} is not known with {release}");
        };
        let ty = types.get(known.ty).unwrap();
        assert_eq!(ty.size.to_string(), size, "{line} {release}");
        assert!(is_kind(&ty.kind, kind.parse().unwrap()), "{line} {ty:?}");
        assert_eq!(known.direct.to_string(), direct, "{line} {release}");
        if full != short {
            assert_eq!(ty.name, full, "with {release}");
        }
        assert_eq!(short_name(&ty.name, &packages), short, "with {release}");
        assert_eq!(fields, [], "before {line} {release}");
        if let Kind::Struct { fields: own } = &ty.kind {
            fields = own;
        }
        if let Kind::Map { layout, .. } = &ty.kind {
            assert!(layout.is_some(), "{line} {release}");
        }
        compared += 1;
    }
    assert!(compared > 60, "{compared} with {release}");
    for (name, (address, ty)) in &description.variables {
        let line = format!("{name}\t{:#x}", address.0 + bias);
        assert!(told.lines().any(|told| told == line), "{line} {release}");
        let expected = match name.as_str() {
            "main.Count" => "int",
            "main.Nodes" => "map[string]*main.Node",
            _ => "error",
        };
        assert_eq!(types.name(*ty), expected);
    }
    assert_eq!(description.variables.len(), 4);
}

#[test]
fn every_type_in_an_interface_is_the_one_that_the_program_says() {
    for release in CHECKED {
        compare(&Program::build(release, "1.15", KINDS, &[]));
    }
}

#[test]
fn types_are_known_in_programs_that_are_linked_otherwise() {
    let external = "-ldflags=-linkmode=external";
    for release in ["go1.16.15", "go1.18.10", "go1.24.13", "go1.27.3"] {
        compare(&Program::build(release, "1.15", KINDS, &["-buildmode=pie"]));
        for flags in [&[external][..], &["-buildmode=pie", external]] {
            let cgo = [("CGO_ENABLED", "1")];
            compare(&Program::build_with(release, "1.15", KINDS, flags, &cgo));
        }
    }
}
