//! What `goproctor diff --abi` reports of generated signatures, against their callees in assembly; frames and inlined copies against what
//! the compiler itself says.
//!
//! `GOPROCTOR_ABI_SIGNATURES` is how many signatures (`make abi`).

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs,
    path::Path,
    process::Command,
};

use arch::Register;
use goproctor_tests::{command::goproctor, go};
use model::{Location, Parameter, Piece, Place};
use serde_json::Value as Json;

use crate::{Findings, program_of, signatures, truth};

/// So many in every run of the tests.
const SIGNATURES: usize = 100;

const OLD: &str = "go1.16.15";

#[test]
fn the_report_says_where_the_callees_find_their_values() {
    let count = env::var("GOPROCTOR_ABI_SIGNATURES");
    let count = count.map_or(SIGNATURES, |count| count.parse().unwrap());
    let signatures = signatures(count);
    let folder = program_of(&signatures);
    let report = report(folder.path(), count);
    for (release, side) in [(OLD, "before"), (go::NEWEST, "after")] {
        let (dumps, mut plan) = truth(folder.path(), release);
        assert_eq!(dumps.len(), count);
        let compiler = Compiler::of(folder.path(), release);
        let mut found = Findings::default();
        for function in &mut plan.functions {
            let Some(index) = function.name.strip_prefix("main.s") else {
                panic!("{}", function.name)
            };
            let index: usize = index.parse().unwrap();
            let rows = &report[&function.name];
            take_places(&mut function.parameters, rows, "parameter", side);
            take_places(&mut function.results, rows, "result", side);
            let told = format!("s{index}{}", signatures[index]);
            found.compare_call(&told, &plan.types, &dumps[index], function);
            compiler.compare(&function.name, rows, side, release);
        }
        found.judge(release, count);
    }
}

/// The report's rows, by function.
fn report(folder: &Path, count: usize) -> BTreeMap<String, Vec<Json>> {
    let mut spec = String::from("[program]\npackage = \".\"\n\n[functions]\n");
    for index in 0..count {
        writeln!(spec, "s{index} = \"main.s{index}\"").unwrap();
    }
    spec.push_str("\n[[test]]\nname = \"none is called\"\nnever = [\"s0\"]\n");
    let path = folder.join("abi.proctor.toml");
    fs::write(&path, spec).unwrap();
    let output = goproctor()
        .args(["diff", "--abi", "--json", "--go", OLD, "--go", go::NEWEST])
        .arg(&path)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}{said}");
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let functions: BTreeMap<_, _> = lines
        .filter(|line: &Json| line["event"] == "abi")
        .map(|line| {
            let name = line["function"].as_str().unwrap().to_owned();
            (name, line["rows"].as_array().unwrap().clone())
        })
        .collect();
    assert_eq!(functions.len(), count, "{said}");
    functions
}

/// Puts the report's places in the place of the plan's.
fn take_places(values: &mut [Parameter], rows: &[Json], what: &str, side: &str) {
    let mut places: BTreeMap<u64, Vec<Piece>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row["what"] == what) {
        let Some(pieces) = row[side]["places"].as_array() else {
            panic!("{row}")
        };
        let value = places.entry(row["index"].as_u64().unwrap()).or_default();
        value.extend(pieces.iter().map(piece));
    }
    assert_eq!(places.len(), values.len(), "{rows:?}");
    for (value, pieces) in values.iter_mut().zip(places.into_values()) {
        value.location = Location { pieces };
    }
}

fn piece(json: &Json) -> Piece {
    let number = |name: &str| u32::try_from(json[name].as_u64().unwrap()).unwrap();
    let place = match (&json["register"], &json["vector"], &json["stack"]) {
        (Json::String(name), Json::Null, Json::Null) => {
            let mut registers = Register::ALL.iter();
            let register = registers.find(|register| register.to_string() == *name);
            Place::Register(*register.unwrap())
        }
        (Json::Null, Json::Number(_), Json::Null) => {
            Place::Vector(u8::try_from(number("vector")).unwrap())
        }
        (Json::Null, Json::Null, Json::Number(at)) => Place::Stack(at.as_i64().unwrap()),
        _ => panic!("{json}"),
    };
    Piece {
        place,
        offset: number("offset"),
        size: number("size"),
    }
}

/// What the compiler says of a program's functions.
struct Compiler {
    /// Bytes of locals, by function.
    locals: BTreeMap<String, u64>,
    /// Those of which it inlines a call.
    inlined: BTreeSet<String>,
}

impl Compiler {
    fn of(folder: &Path, release: &str) -> Self {
        let said = Command::new("go")
            .args(["build", "-gcflags=-S -m", "-o"])
            .arg(folder.join("told"))
            .arg(".")
            .current_dir(folder)
            .env("GOTOOLCHAIN", release)
            .env("GOFLAGS", "-mod=mod")
            .output()
            .unwrap();
        let said = String::from_utf8(said.stderr).unwrap();
        // main.s7 STEXT nosplit size=1 args=0x10 locals=0x0 funcid=0x0
        let locals = said.lines().filter_map(|line| {
            let (name, rest) = line.split_once(" STEXT ")?;
            let locals = rest.split_once("locals=0x")?.1.split(' ').next()?;
            // Older compilers do not name the package.
            let name = name.replace("\"\"", "main");
            Some((name, u64::from_str_radix(locals, 16).unwrap()))
        });
        let inlined = said.lines().filter_map(|line| {
            let (_, name) = line.split_once("inlining call to ")?;
            Some(format!("main.{}", name.trim()))
        });
        Self {
            locals: locals.collect(),
            inlined: inlined.collect(),
        }
    }

    fn compare(&self, name: &str, rows: &[Json], side: &str, release: &str) {
        let row = |what: &str| &rows.iter().find(|row| row["what"] == what).unwrap()[side];
        let frame = row("frame")["bytes"].as_u64();
        assert_eq!(
            frame,
            self.locals.get(name).copied(),
            "{release} {name}: frame"
        );
        let is_inlined = match row("inlining")["inlined"].as_str().unwrap() {
            "nowhere" => false,
            "copies" => true,
            other => panic!("{release} {name}: {other}"),
        };
        let inlined = self.inlined.contains(name);
        assert_eq!(is_inlined, inlined, "{release} {name}: inlined");
    }
}
