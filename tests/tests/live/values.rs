//! Programs call functions with values of every kind and write down what each was given and gave back; goproctor must
//! have seen the same, leaf by leaf, or say why not.

use std::{collections::BTreeMap, path::Path};

use golang::names;
use goproctor_tests::{
    account::{self, Comparison, Count, Reading, Told, Variable, Vectors},
    command,
    go::NEWEST,
    harness::Test,
    live,
};
use model::{Call, Function, Limits, Observation, Parameter, Value, notation};

pub(crate) const TESTS: &[Test<'static>] = &[
    ("values_agree_of_go1.16", || agree(&BASE, "go1.16.15")),
    ("values_agree_of_go1.18", || agree(&BASE, "go1.18.10")),
    ("values_agree_of_go1.22", || agree(&BASE, "go1.22.12")),
    ("values_agree_of_go1.24", || agree(&BASE, "go1.24.13")),
    ("values_agree_of_go1.26", || agree(&BASE, "go1.26.8")),
    ("values_agree_of_the_newest", || agree(&BASE, NEWEST)),
    ("generic_values_agree_of_go1.18", || {
        agree(&GENERICS, "go1.18.10")
    }),
    ("generic_values_agree_of_go1.22", || {
        agree(&GENERICS, "go1.22.12")
    }),
    ("generic_values_agree_of_go1.24", || {
        agree(&GENERICS, "go1.24.13")
    }),
    ("generic_values_agree_of_go1.26", || {
        agree(&GENERICS, "go1.26.8")
    }),
    ("generic_values_agree_of_the_newest", || {
        agree(&GENERICS, NEWEST)
    }),
    ("modern_values_agree_of_the_newest", || {
        agree(&MODERN, NEWEST)
    }),
];

/// A program that gives an account, and what is asked of it.
struct Program {
    /// Its folder among the fixtures.
    folder: &'static str,
    /// The package of the functions.
    package: &'static str,
    /// What the names of its functions begin with, but for methods of pointers: one glob may match 500 functions at
    /// most.
    initials: &'static str,
    /// How many functions it calls at least.
    functions: usize,
}

const BASE: Program = Program {
    folder: "base/values",
    package: "goproctor.test/base/values/kinds.",
    initials: "ABCDEFGHIKLMNOPQRSTUVW",
    functions: 300,
};
const GENERICS: Program = Program {
    folder: "generics/values",
    package: "goproctor.test/generics/values/kinds.",
    initials: "DEHIKLMOPQSZ",
    functions: 20,
};
const MODERN: Program = Program {
    folder: "modern/values",
    package: "goproctor.test/modern/values/kinds.",
    initials: "CEHJLMSTW",
    functions: 15,
};

/// How the functions are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// As a spec without options does.
    Plain,
    /// With the option that makes floats in vector registers readable.
    Floats,
    /// That, and with limits that few values in the programs reach.
    Wide,
}

/// Of a hundred leaves, so many are values at default limits where floats are read.
const BAR: f64 = 95.0;
/// How many differences are told; the first ones say enough.
const TOLD: usize = 40;

/// All ways are gone before any is judged: what differs in one only tells more than the first difference.
fn agree(program: &Program, release: &str) {
    agree_in(program, release, &[Way::Plain, Way::Floats, Way::Wide]);
}

/// Values of a program that is small enough for kernels which set probes one by one.
pub(crate) fn few_values_agree(release: &str) {
    agree_in(&MODERN, release, &[Way::Plain]);
}

fn agree_in(program: &Program, release: &str, ways: &[Way]) {
    let mut wrong = Vec::new();
    for &way in ways {
        let figures = program.watch(release, way);
        let name = format!("{}, {release}, {way:?}", program.folder);
        println!("{name}: {figures}");
        if !figures.differences.is_empty() {
            let first = &figures.differences[..figures.differences.len().min(TOLD)];
            wrong.push(format!("{name}:\n{}", first.join("\n")));
        }
        if figures.functions.len() < program.functions {
            wrong.push(format!("{name}: too few functions: {figures}"));
        }
        if way == Way::Floats && figures.count.percent() < BAR {
            wrong.push(format!("{name}: too few values: {figures}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Way {
    fn limits(self) -> Limits {
        match self {
            Self::Plain | Self::Floats => Limits::default(),
            Self::Wide => Limits {
                depth: 12,
                string: 4096,
                elements: 1024,
                bytes: 32_768,
            },
        }
    }
}

impl Program {
    fn spec(&self, way: Way) -> spec::Spec {
        let Limits {
            depth,
            string,
            elements,
            bytes,
        } = way.limits();
        let limits = match way {
            Way::Plain | Way::Floats => String::new(),
            Way::Wide => format!(
                "[limits]\ndepth = {depth}\nstring = {string}\nelements = {elements}\nbytes = {bytes}"
            ),
        };
        let package = self.package;
        let floats = way != Way::Plain;
        let globs = self
            .initials
            .split("")
            .filter(|initial| !initial.is_empty());
        let functions: String = globs
            .chain(["(?"])
            .enumerate()
            .map(|(number, begin)| {
                format!("label{number} = {{ func = \"{package}{begin}*\", floats = {floats} }}\n")
            })
            .collect();
        let text = format!(
            r#"
[program]
package = "."
args = ["-log=${{dir}}/calls.jsonl"]
restart = false

[functions]
{functions}
{limits}

[[test]]
name = "every value is seen"
count = {{ label0 = {{ ge = 1 }} }}
within = "120s"
"#
        );
        let folder = command::repository().join("go-fixtures").join(self.folder);
        let source = spec::Source::new(folder.join("values.proctor.toml"), text);
        spec::parse(source).unwrap_or_else(|errors| panic!("{}", live::text(&errors)))
    }

    /// Runs the program and compares.
    fn watch(&self, release: &str, way: Way) -> Figures {
        let mut figures = Figures::default();
        let reading = Reading {
            limits: way.limits(),
            vectors: match way {
                _ if minor(release) < 17 => Vectors::None,
                Way::Plain => Vectors::All,
                Way::Floats | Way::Wide => Vectors::Nameless,
            },
            captures: minor(release) >= 23,
        };
        live::run(&self.spec(way), release, 256 << 20, &mut |tested| {
            let observation = &tested.evidence().observation;
            assert_eq!(observation.loss.total(), 0, "{:?}", observation.loss);
            let told = account::read(&Path::new(&tested.folder).join("calls.jsonl"));
            let told = told.unwrap_or_else(|error| panic!("{error}"));
            figures.compare(&told, observation, reading);
        })
        .unwrap_or_else(|error| panic!("{release}: {}", live::reason(&error)));
        figures
    }
}

/// The second number of a release.
fn minor(release: &str) -> u32 {
    let number = release.split('.').nth(1).unwrap();
    number.parse().unwrap()
}

/// What a run brought.
#[derive(Debug, Default)]
struct Figures {
    calls: usize,
    /// How often each function was called.
    functions: BTreeMap<String, usize>,
    count: Count,
    differences: Vec<String>,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} functions, {} calls, {}, {} differences",
            self.functions.len(),
            self.calls,
            self.count,
            self.differences.len()
        )
    }
}

impl Figures {
    /// Compares all calls in their order.
    fn compare(&mut self, told: &[Told], seen: &Observation, reading: Reading) {
        if told.len() != seen.calls.len() {
            self.differences
                .push(format!("{} calls seen of {}", seen.calls.len(), told.len()));
        }
        for (number, (told, call)) in told.iter().zip(&seen.calls).enumerate() {
            let function = seen.function(call.function).unwrap();
            if told.function != names::without_type_arguments(&function.name) {
                self.differences.push(format!(
                    "call {number}: {} seen as {}",
                    told.function, function.name
                ));
                return;
            }
            self.calls += 1;
            *self.functions.entry(told.function.clone()).or_default() += 1;
            self.compare_call(told, call, function, seen, reading);
        }
    }

    fn compare_call(
        &mut self,
        told: &Told,
        call: &Call,
        function: &Function,
        seen: &Observation,
        reading: Reading,
    ) {
        if !call.outcome.has_results() {
            let difference = format!("{}: {:?}", told.function, call.outcome);
            return self.differences.push(difference);
        }
        let instance = call
            .instance
            .and_then(|index| function.instances.get(index.index()));
        let (parameters, results) = match instance {
            Some(instance) => (&instance.parameters, &instance.results),
            None => (&function.parameters, &function.results),
        };
        let mut comparison = Comparison::new(&seen.types, reading);
        for (told, values, parameters, at_entry) in [
            (&told.arguments, &call.arguments, parameters, true),
            (&told.results, &call.results, results, false),
        ] {
            if told.len() != values.len() || told.len() != parameters.len() {
                self.differences.push(format!(
                    "{}: {} values told, {} seen of {} parameters or results",
                    function.name,
                    told.len(),
                    values.len(),
                    parameters.len()
                ));
                continue;
            }
            let size = |told: &Variable| told.value.to_string().len();
            comparison.hit(told.iter().map(size).sum());
            for (index, (told, value)) in told.iter().zip(values).enumerate() {
                let parameter = &parameters[index];
                let path = format!("{} {index} {}", function.name, parameter.name);
                if let Err(difference) = described(told, value, parameter, seen) {
                    self.differences.push(format!("{path}: {difference}"));
                }
                let json = notation::json(value, &seen.types);
                comparison.nameless(at_entry && told.is_nameless());
                comparison.argument(&path, value, &json, &told.value);
            }
        }
        self.count.add(&comparison.count);
        self.differences.append(&mut comparison.differences);
    }
}

/// The name and the type of an argument or a result are those of the source.
fn described(
    told: &Variable,
    value: &Value,
    parameter: &Parameter,
    seen: &Observation,
) -> Result<(), String> {
    let nameless = |name: &str| name.is_empty() || name == "_" || name.starts_with('~');
    let same = told.name == parameter.name || (told.is_nameless() && nameless(&parameter.name));
    if !same {
        return Err(format!(
            "called {:?}, seen as {:?}",
            told.name, parameter.name
        ));
    }
    for ty in [value.ty, parameter.ty] {
        if told.ty != seen.types.name(ty) {
            return Err(format!(
                "of type {}, seen as {}",
                told.ty,
                seen.types.name(ty)
            ));
        }
    }
    Ok(())
}
