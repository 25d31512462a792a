//! Where a plan looks for values against where the compiler has them: generated signatures whose callee, in assembly,
//! dumps its registers and stack. Everything is found as in a real session: from the binary and the program's source.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod report;

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path, process::Command};

use golang::{Binary, Declaration};
use goproctor_tests::{
    go,
    signatures::{Dump, Program, Signature},
};
use model::{Function, Kind, Location, Parameter, Place, TypeId, TypeTable, plan::Plan};
use plan::{Declared, ImplicitProbes, PlanRequest, WatchedLabel};
use tempfile::TempDir;

const SIGNATURES: usize = 1200;

#[test]
fn stack_abi_go1_16() {
    compare("go1.16.15");
}

#[test]
fn register_abi_go1_17() {
    compare("go1.17.13");
}

#[test]
fn register_abi_newest() {
    compare(go::NEWEST);
}

fn compare(release: &str) {
    let signatures = signatures(SIGNATURES);
    let folder = program_of(&signatures);
    let (dumps, plan) = truth(folder.path(), release);
    assert_eq!(dumps.len(), signatures.len());
    let functions: BTreeMap<&str, &Function> = plan
        .functions
        .iter()
        .map(|function| (function.name.as_str(), function))
        .collect();
    let mut found = Findings::default();
    for (index, (dump, signature)) in dumps.iter().zip(&signatures).enumerate() {
        let function = functions[format!("main.s{index}").as_str()];
        let told = format!("s{index}{signature}");
        found.compare_call(&told, &plan.types, dump, function);
    }
    found.judge(release, signatures.len());
}

fn signatures(count: usize) -> Vec<Signature> {
    let mut random = fastrand::Rng::with_seed(20_211_122);
    let signatures = (0..count).map(|_| Signature::random(&mut random));
    signatures.collect()
}

/// The folder of a program that calls them.
fn program_of(signatures: &[Signature]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    Program { signatures }.write(folder.path()).unwrap();
    folder
}

/// What the callees of the program in a folder dump, and the plan that watches every signature's function.
fn truth(folder: &Path, release: &str) -> (Vec<Dump>, Plan) {
    let path = go::build(folder, release);
    let printed = Command::new(&path).output().unwrap();
    assert!(
        printed.status.success(),
        "{}",
        String::from_utf8_lossy(&printed.stderr)
    );
    let dumps = Dump::all(&String::from_utf8(printed.stdout).unwrap()).unwrap();
    (dumps, plan_of(&path, folder))
}

fn plan_of(binary: &Path, folder: &Path) -> Plan {
    let declared = declared(&fs::read_to_string(folder.join("calls.go")).unwrap());
    let mut request = PlanRequest::new(vec![WatchedLabel::new("all", "main.s*")]);
    request.implicit = ImplicitProbes::NONE;
    request.declared = Some(&declared);
    request.glob_limit = 2 * SIGNATURES;
    let binary = Binary::open(binary).unwrap();
    plan::build(&binary, &request).unwrap().plan
}

/// What the source declares. Each function stands on a line of its own, which is read as a file, as it is faster so.
fn declared(source: &str) -> Declared {
    let head = "package main; import \"unsafe\"; ";
    let lines = source.lines().filter(|line| line.starts_with("func s"));
    lines
        .map(|line| {
            let name = line["func ".len()..].split_once('(').unwrap().0;
            let file = format!("{head}{line}\n");
            let declaration = Declaration::at_offset(file.as_bytes(), head.len(), "main").unwrap();
            (format!("main.{name}"), declaration)
        })
        .collect()
}

#[derive(Default)]
struct Findings {
    wrong: String,
    unknown: String,
    compared: usize,
}

impl Findings {
    /// Holds the places of a function's values against what a call of its signature had there.
    fn compare_call(&mut self, told: &str, types: &TypeTable, dump: &Dump, function: &Function) {
        let entry = Moment {
            registers: &dump.registers,
            vectors: &dump.vectors,
            stack: &dump.stack,
            first: 0,
        };
        let exit = Moment {
            registers: &dump.result_registers,
            vectors: &dump.result_vectors,
            stack: &dump.result_stack,
            first: 8,
        };
        self.compare(told, types, &entry, &dump.arguments, &function.parameters);
        self.compare(told, types, &exit, &dump.results, &function.results);
    }

    fn compare(
        &mut self,
        told: &str,
        types: &TypeTable,
        moment: &Moment<'_>,
        values: &[Vec<u8>],
        parameters: &[Parameter],
    ) {
        if let [Parameter { ty, .. }] = parameters
            && types.get(*ty).unwrap().kind == Kind::Unknown
        {
            let _ = writeln!(self.unknown, "{told}: the list is not known");
            return;
        }
        if values.len() != parameters.len() {
            let listed = parameters.len();
            let _ = writeln!(
                self.wrong,
                "{told}: {} values, {listed} known",
                values.len()
            );
            return;
        }
        for (
            value,
            Parameter {
                name, ty, location, ..
            },
        ) in values.iter().zip(parameters)
        {
            let size = usize::try_from(types.get(*ty).unwrap().size).unwrap();
            let mut meaning = vec![false; size];
            mark(types, *ty, &mut meaning);
            let pieces: usize = location
                .pieces
                .iter()
                .map(|piece| piece.size as usize)
                .sum();
            self.compared += location.pieces.len();
            if size != value.len() {
                let _ = writeln!(
                    self.wrong,
                    "{told}: {name} has {} bytes, not {size}",
                    value.len()
                );
            } else if pieces < meaning.iter().filter(|means| **means).count() {
                let _ = writeln!(self.unknown, "{told}: {name} has no place");
            } else if let Some(difference) = moment.difference(value, &meaning, location) {
                let _ = writeln!(self.wrong, "{told}: {name} {difference}");
            }
        }
    }

    fn judge(&self, release: &str, signatures: usize) {
        let first = |text: &str| text.lines().take(20).collect::<Vec<_>>().join("\n");
        assert!(
            self.wrong.is_empty() && self.unknown.is_empty(),
            "{release}: {} wrong, {} unknown\n{}\n{}",
            self.wrong.lines().count(),
            self.unknown.lines().count(),
            first(&self.wrong),
            first(&self.unknown)
        );
        assert!(
            self.compared > 7 * signatures,
            "only {} pieces were compared",
            self.compared
        );
        println!(
            "{release}: {signatures} signatures, {} pieces, 0 wrong, 0 unknown",
            self.compared
        );
    }
}

/// Marks the bytes of a value that mean something: all but those that pad structs.
fn mark(types: &TypeTable, ty: TypeId, meaning: &mut [bool]) {
    let found = types.get(ty).unwrap();
    match &found.kind {
        Kind::Struct { fields } => {
            for field in fields {
                let start = usize::try_from(field.offset).unwrap();
                let size = usize::try_from(types.get(field.ty).unwrap().size).unwrap();
                mark(types, field.ty, &mut meaning[start..start + size]);
            }
        }
        Kind::Array { element, .. } => {
            let size = usize::try_from(types.get(*element).unwrap().size).unwrap();
            if size > 0 {
                meaning
                    .chunks_mut(size)
                    .for_each(|element_bytes| mark(types, *element, element_bytes));
            }
        }
        _ => meaning.fill(true),
    }
}

/// Registers and stack at one moment; the stack's first byte is `first` bytes from the stack pointer.
struct Moment<'a> {
    registers: &'a [u8],
    vectors: &'a [u8],
    stack: &'a [u8],
    first: i64,
}

impl Moment<'_> {
    fn difference(&self, value: &[u8], meaning: &[bool], location: &Location) -> Option<String> {
        location.pieces.iter().find_map(|piece| {
            let size = piece.size as usize;
            let (bytes, at) = match piece.place {
                Place::Register(register) => (self.registers, register.index() * 8),
                Place::Vector(number) => (self.vectors, usize::from(number) * 16),
                Place::Stack(offset) => (self.stack, usize::try_from(offset - self.first).unwrap()),
            };
            let there = &bytes[at..at + size];
            let within = piece.offset as usize..piece.offset as usize + size;
            let (Some(want), Some(means)) = (value.get(within.clone()), meaning.get(within)) else {
                return Some(format!("{piece:?} of a value of {} bytes", value.len()));
            };
            let mut bytes = there.iter().zip(want).zip(means);
            bytes
                .any(|((there, want), means)| *means && there != want)
                .then(|| format!("{piece:?}: want {want:02x?}, there is {there:02x?}"))
        })
    }
}
