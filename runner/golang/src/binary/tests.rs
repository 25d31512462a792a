//! Real binaries of many Go releases. They are built here: a machine without Go fails these tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use model::{Address, Kind, TypeTable};
use tempfile::TempDir;

use super::*;
use crate::{Declaration, GoRelease};

mod closures;
mod instances;
mod maps;
mod methods;
mod packages;
mod types;

const BASE: &str = include_str!("fixtures/base.go");
const GENERIC: &str = include_str!("fixtures/generic.go");
const RELEASES: [&str; 9] = [
    "go1.15.15",
    "go1.16.15",
    "go1.17.13",
    "go1.18.10",
    "go1.20.14",
    "go1.21.13",
    "go1.22.12",
    "go1.26.8",
    "go1.27.3",
];

/// A program that was built, in a folder that goes when it does.
struct Program {
    _folder: TempDir,
    path: PathBuf,
    release: String,
}

impl Program {
    fn build(release: &str, language: &str, source: &str, flags: &[&str]) -> Self {
        Self::build_with(release, language, source, flags, &[("CGO_ENABLED", "0")])
    }

    fn build_with(
        release: &str,
        language: &str,
        source: &str,
        flags: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        fs::write(folder.path().join("main.go"), source).unwrap();
        let module = format!("module example.com/program.v2\n\ngo {language}\n");
        fs::write(folder.path().join("go.mod"), module).unwrap();
        let mut go = go(release);
        go.current_dir(folder.path());
        go.arg("build").args(flags).arg("-o").arg(&path).arg(".");
        output(go.envs(environment.iter().copied()));
        Self {
            _folder: folder,
            path,
            release: release.to_owned(),
        }
    }

    fn base(release: &str) -> Self {
        Self::build(release, "1.15", BASE, &[])
    }

    fn open(&self) -> Binary {
        Binary::open(&self.path).unwrap()
    }

    fn tool(&self, arguments: &[&str]) -> String {
        output(go(&self.release).args(arguments).arg(&self.path))
    }
}

fn go(release: &str) -> Command {
    let mut go = Command::new("go");
    go.env("GOENV", "off")
        .env("GOTOOLCHAIN", release)
        .env("GO111MODULE", "on")
        .env_remove("GOFLAGS");
    go
}

fn output(command: &mut Command) -> String {
    let output = command.output().expect("Go is needed for this test");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

fn only<'b>(binary: &'b Binary, name: &str) -> &'b FunctionSymbol {
    let found = binary.function_named(name);
    assert_eq!(found.len(), 1, "{name} in {}", binary.release());
    found[0]
}

fn list(types: &TypeTable, list: &[SignatureParameter]) -> String {
    let one = |parameter: &SignatureParameter| {
        let hidden = if parameter.hidden { "hidden " } else { "" };
        format!("{hidden}{} {}", parameter.name, types.name(parameter.ty))
    };
    list.iter().map(one).collect::<Vec<_>>().join(", ")
}

impl Binary {
    /// The signatures of the functions that begin at these addresses, and their types.
    fn signatures(
        &self,
        functions: &BTreeSet<Address>,
    ) -> Result<(TypeTable, BTreeMap<Address, Signature>), BinaryError> {
        self.signatures_with_source(functions, &BTreeMap::new())
    }

    fn signatures_with_source(
        &self,
        functions: &BTreeSet<Address>,
        declarations: &BTreeMap<Address, Declaration>,
    ) -> Result<(TypeTable, BTreeMap<Address, Signature>), BinaryError> {
        let description = self.describe(&Scope {
            functions,
            declarations,
            dynamic: false,
            variables: &[],
            asserted: &[],
        })?;
        Ok((description.types, description.signatures))
    }
}

/// The signature of each function as text; `-` where it is not known.
fn signatures(
    binary: &Binary,
    names: &[&str],
    declarations: &BTreeMap<Address, Declaration>,
) -> Vec<String> {
    let functions: Vec<_> = names.iter().map(|name| only(binary, name)).collect();
    let starts = functions.iter().map(|function| function.start).collect();
    let (types, signatures) = binary
        .signatures_with_source(&starts, declarations)
        .unwrap();
    let text = |function: &&FunctionSymbol| match signatures.get(&function.start) {
        None => "-".to_owned(),
        Some(signature) if signature.unknown_results.is_some() => {
            format!("({}) ?", list(&types, &signature.parameters))
        }
        Some(signature) => format!(
            "({}) ({})",
            list(&types, &signature.parameters),
            list(&types, &signature.results)
        ),
    };
    functions.iter().map(text).collect()
}

/// Functions of the base program: name, where the source has it, signature.
const FUNCTIONS: [(&str, &str, &str); 16] = [
    (
        "main.kinds",
        "func kinds",
        "(a uint8, b string, c []uint8, d map[string]int, e interface {}, f error) (ok bool, n int)",
    ),
    (
        "main.more",
        "func more",
        "(g func(), h chan<- int, i *main.Node, k [1]string, l main.Grid, m main.Table, \
         n main.Callback, o unsafe.Pointer) (~r0 error)",
    ),
    (
        "main.numbers",
        "func numbers",
        "(p complex128, q float32, r uintptr, s main.Color, t int32, u []string) (x float64, y int64)",
    ),
    (
        "main.unnamed",
        "func unnamed",
        "(_ int, _ string) (~r0 int, ~r1 error)",
    ),
    (
        "main.blank",
        "func blank",
        "(a int, _ bool, b string) (~r0 string, ~r1 error)",
    ),
    ("main.leaf", "func leaf", "() ()"),
    ("main.sum", "func sum", "(a int, b int) (~r0 int)"),
    (
        "main.(*Node).rename",
        "func (n *Node) rename",
        "(n *main.Node, name string) (old string, err error)",
    ),
    (
        "main.Option.Show",
        "func (o Option) Show",
        "(o main.Option, prefix string) (~r0 string)",
    ),
    (
        "main.Color.nothing",
        "func (Color) nothing",
        "(_ main.Color) ()",
    ),
    (
        "main.callsInlined",
        "func callsInlined",
        "(x int) (~r0 int)",
    ),
    ("main.outer", "func outer", "(x int) (~r0 func(int) int)"),
    ("main.outer.func1", "func(z int)", "(z int) (~r0 int)"),
    ("main.directed", "func directed", "(a int) (~r0 int)"),
    // Inlined where they are called, and with a body of their own for a func value.
    (
        "main.both",
        "func both",
        "(x int, s string) (~r0 int, ~r1 error)",
    ),
    (
        "main.bothBlank",
        "func bothBlank",
        "(_ int, s string) (~r0 int)",
    ),
];

fn names() -> Vec<&'static str> {
    FUNCTIONS.iter().map(|(name, ..)| *name).collect()
}

#[test]
fn with_the_source_a_signature_is_the_same_on_every_release() {
    for release in RELEASES {
        let binary = Program::base(release).open();
        let declarations = FUNCTIONS
            .iter()
            .map(|(name, place, _)| {
                let offset = BASE.find(place).unwrap();
                let declaration = Declaration::at_offset(BASE.as_bytes(), offset, "main");
                (only(&binary, name).start, declaration.unwrap())
            })
            .collect();
        let seen = signatures(&binary, &names(), &declarations);
        for ((name, _, expected), seen) in FUNCTIONS.iter().zip(seen) {
            assert_eq!(seen, *expected, "{name} with {release}");
        }
    }
}

#[test]
fn without_the_source_a_signature_is_right_or_not_known() {
    for release in RELEASES {
        let binary = Program::base(release).open();
        let seen = signatures(&binary, &names(), &BTreeMap::new());
        let mut unknown = Vec::new();
        for ((name, _, expected), seen) in FUNCTIONS.iter().zip(seen) {
            let parameters = expected.split_inclusive(") ").next().unwrap_or_default();
            if seen == "-" {
                unknown.push(name.trim_start_matches("main."));
            } else if seen.ends_with('?') {
                assert_eq!(binary.release().minor(), 17, "{name}");
                assert_eq!(seen.trim_end_matches('?'), parameters, "{name}");
            } else {
                assert_eq!(seen, *expected, "{name} with {release}");
            }
        }
        let expected: &[&str] = match binary.release().minor() {
            // Holes between parameters, where one without a name could be.
            ..17 => &[
                "kinds",
                "more",
                "numbers",
                "unnamed",
                "blank",
                "Color.nothing",
                "bothBlank",
            ],
            // More parts than the function table describes.
            17..22 => &["more", "unnamed", "blank", "Color.nothing", "bothBlank"],
            _ => &[],
        };
        assert_eq!(unknown, expected, "with {release}");
        assert_eq!(binary.needs_source(), !expected.is_empty());
    }
}

/// What the body of a loop over a function returns is in no release's DWARF.
#[test]
fn results_that_a_loop_over_a_function_sets_are_the_sources_or_not_known() {
    const SOURCE: &str = "package main

func upto(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
		}
	}
}

//go:noinline
func within(n int) (string, error) {
	for i := range upto(n) {
		if i > 3 {
			return \"found\", nil
		}
	}
	return \"\", nil
}

//go:noinline
func plain(n int) int { return n }

func main() {
	println(within(plain(4)))
}
";
    for release in ["go1.26.8", "go1.27.3"] {
        let program = Program::build(release, "1.23", SOURCE, &[]);
        let binary = program.open();
        let names = ["main.within", "main.plain"];
        let declared = |name: &str| {
            let offset = SOURCE.find(&name.replace("main.", "func ")).unwrap();
            let declaration = Declaration::at_offset(SOURCE.as_bytes(), offset, "main");
            (only(&binary, name).start, declaration.unwrap())
        };
        let plain = "(n int) (~r0 int)";
        let seen = signatures(&binary, &names, &BTreeMap::new());
        assert_eq!(seen, ["(n int) ?", plain], "{release}");
        let seen = signatures(&binary, &names, &names.map(declared).into());
        let within = "(n int) (~r0 string, ~r1 error)";
        assert_eq!(seen, [within, plain], "{release}");
    }
}

#[test]
fn generic_functions_take_their_dictionary_where_the_release_passes_it() {
    for release in &RELEASES[3..] {
        let program = Program::build(release, "1.18", GENERIC, &[]);
        let binary = program.open();
        let minor = binary.release().minor();
        // Symbols number their shapes up to 1.19; types never do.
        let named = |shapes: &str| match minor {
            ..20 => shapes.to_owned(),
            _ => shapes.replace("_0", "").replace("_1", ""),
        };
        let dictionary = |size: u32| {
            if minor < 27 {
                "hidden .dict *uintptr".to_owned()
            } else {
                format!("hidden .dict *[{size}]uintptr")
            }
        };
        let method = |receiver: &str, dictionary: String, rest: &str| {
            if minor < 20 {
                format!("({dictionary}, {receiver}, {rest}")
            } else {
                format!("({receiver}, {dictionary}, {rest}")
            }
        };
        let functions = [
            (
                "main.Map[go.shape.int_0,go.shape.string_1]",
                format!(
                    "({}, in []go.shape.int, f func(go.shape.int) go.shape.string) \
                     (out []go.shape.string)",
                    dictionary(6)
                ),
            ),
            (
                "main.Sum[go.shape.int_0]",
                format!(
                    "({}, a go.shape.int, b go.shape.int) (~r0 go.shape.int)",
                    dictionary(1)
                ),
            ),
            (
                "main.(*Tree[go.shape.string_0]).Insert",
                method(
                    "t *main.Tree[go.shape.string]",
                    dictionary(4),
                    "v go.shape.string) (~r0 *main.Tree[go.shape.string])",
                ),
            ),
            (
                "main.Pair[go.shape.string_0,go.shape.int_1].Get",
                method(
                    "p main.Pair[go.shape.string,go.shape.int]",
                    dictionary(4),
                    "k go.shape.string) (v go.shape.int, ok bool)",
                ),
            ),
            (
                "main.Later[go.shape.string_0]",
                format!(
                    "({}, x go.shape.string) (~r0 func(int) go.shape.string)",
                    dictionary(2)
                ),
            ),
            (
                "main.Later[go.shape.string_0].func1",
                "(i int) (~r0 go.shape.string)".to_owned(),
            ),
            (
                "main.Ignore[go.shape.string_0]",
                match minor {
                    ..22 => "-".to_owned(),
                    _ => format!("({}, a int, _ go.shape.string) (~r0 int)", dictionary(1)),
                },
            ),
        ];
        for (name, expected) in &functions {
            let seen = signatures(&binary, &[&named(name)], &BTreeMap::new());
            assert_eq!(seen, [expected.as_str()], "{name} with {release}");
        }
    }
}

#[test]
fn the_function_table_agrees_with_every_signature_where_both_are_whole() {
    // The releases from 1.22 on describe all parameters twice, independently.
    let program = Program::build("go1.22.12", "1.18", GENERIC, &[]);
    let binary = program.open();
    let table = pclntab::FunctionTable::find(&binary.image).unwrap();
    let wanted: BTreeSet<_> = binary.functions().iter().map(|f| f.start).collect();
    let (types, signatures) = binary.signatures(&wanted).unwrap();
    let older: GoRelease = "go1.21.13".parse().unwrap();
    let judge = wholeness::Judge::new(&older, &binary.image, Some(&table));
    let ids = |list: &[SignatureParameter]| list.iter().map(|p| p.ty).collect();
    let wrong: Vec<_> = signatures
        .iter()
        .filter(|(address, signature)| {
            let list = wholeness::List {
                parameters: ids(&signature.parameters),
                results: None,
                generic: binary.function_at(**address).unwrap().name.contains('['),
                declared: true,
            };
            !judge.is_whole(&types, **address, &list)
        })
        .map(|(address, _)| &binary.function_at(*address).unwrap().name)
        .collect();
    assert_eq!(wrong, Vec::<&String>::new());
    assert!(signatures.len() > 900, "{}", signatures.len());
}

#[test]
fn types_are_described_down_to_their_fields() {
    for release in RELEASES {
        let binary = Program::base(release).open();
        let rename = only(&binary, "main.(*Node).rename").start;
        let (types, signatures) = binary.signatures(&BTreeSet::from([rename])).unwrap();
        let ty = |id| types.get(id).unwrap();
        let receiver = ty(signatures[&rename].parameters[0].ty);
        let Kind::Pointer { target: Some(node) } = receiver.kind else {
            panic!("{receiver:?}");
        };
        let Kind::Struct { fields } = &ty(node).kind else {
            panic!("{:?}", ty(node));
        };
        let described: Vec<_> = fields
            .iter()
            .map(|field| {
                let embedded = if field.embedded { " embedded" } else { "" };
                let (name, offset) = (&field.name, field.offset);
                format!("{name} at {offset}: {}{embedded}", types.name(field.ty))
            })
            .collect();
        assert_eq!(
            described,
            [
                "Name at 0: string",
                "next at 16: *main.Node",
                "_ at 24: int32",
                "Color at 28: main.Color",
                "Option at 32: main.Option embedded",
                "Extra at 48: struct { A interface {}; B interface {} }",
                "done at 80: chan struct {}",
                "m at 88: map[main.Color]main.Table",
            ],
            "with {release}"
        );
        assert_eq!((ty(node).name.as_str(), ty(node).size), ("main.Node", 96));
        let Kind::Map { key, value, .. } = ty(fields[7].ty).kind else {
            panic!("a map");
        };
        assert_eq!((ty(key).size, &ty(key).kind), (1, &Kind::Uint));
        assert_eq!(types.name(value), "main.Table");
        assert!(matches!(ty(value).kind, Kind::Map { .. }));
        let Kind::Struct { fields: extra } = &ty(fields[5].ty).kind else {
            panic!("a struct");
        };
        assert_eq!(ty(extra[0].ty).kind, Kind::Interface { empty: true });
    }
}

/// The file and the line of a place in the base program, as its `//line` directives say.
fn declared_at(place: &str) -> (String, u32) {
    let (mut file, mut line) = ("main.go".to_owned(), 0);
    for text in BASE.lines() {
        line += 1;
        if text.contains(place) {
            return (file, line);
        }
        if let Some((name, number)) = text.strip_prefix("//line ").and_then(|d| d.split_once(':')) {
            file = name.to_owned();
            line = number.parse::<u32>().unwrap() - 1;
        }
    }
    panic!("{place} is not in the base program");
}

#[test]
fn a_function_is_declared_where_the_source_says() {
    for release in RELEASES {
        let binary = Program::base(release).open();
        for (name, place, _) in FUNCTIONS {
            let function = only(&binary, name);
            let position = binary.position(function).unwrap();
            let (file, line) = declared_at(place);
            assert!(position.file.ends_with(&file), "{position:?}");
            // Nothing in the binaries of these says better than the first statement.
            let late = binary.release().minor() < 20
                && ["main.leaf", "main.sum", "main.Color.nothing"].contains(&name);
            assert_eq!(
                position.line,
                line + u32::from(late),
                "{name} with {release}"
            );
        }
        for wrapper in ["main.(*Option).Show", "main.Shower.Show-fm"] {
            let wrapper = only(&binary, wrapper);
            assert!(wrapper.is_wrapper());
            assert_eq!(binary.position(wrapper), None);
        }
    }
}

#[test]
fn what_was_inlined_is_known_with_its_callers() {
    for release in RELEASES {
        let binary = Program::base(release).open();
        let names = BTreeSet::from(["main.inlined", "main.leaf", "main.nowhere"]);
        let copies = binary.inlined_copies(&names);
        let inlined = &copies["main.inlined"];
        assert!(binary.function_named("main.inlined").is_empty());
        assert_eq!(inlined.count, 2);
        let callers: Vec<_> = inlined.callers.iter().collect();
        assert_eq!(callers, ["main.callsInlined", "main.main"]);
        assert_eq!(copies["main.leaf"].count, 0);
        assert_eq!(copies["main.nowhere"], InlinedCopies::default());
    }
}

#[test]
fn code_comes_from_the_lines_that_made_it() {
    const SOURCE: &str = "package main

var sink int

func inlined(n int) {
	sink += n
}

func work(n int) { println(n) }

//go:noinline
func starts(n int) {
	go work(n)
	inlined(n)
	go func() { work(n) }()
}

func main() { starts(1) }
";
    for release in RELEASES {
        let binary = Program::build(release, "1.15", SOURCE, &[]).open();
        let starts = only(&binary, "main.starts");
        let code = binary.code(starts.start..starts.end).unwrap();
        let targets = binary.function_named("runtime.newproc");
        let targets: BTreeSet<u64> = targets.iter().map(|target| target.start.0).collect();
        let place = |address| {
            let place = binary.place(address).unwrap();
            assert!(place.position.file.ends_with("main.go"), "{place:?}");
            (place.function, place.position.line)
        };
        // call rel32
        let calls = code.windows(5).zip(starts.start.0..).filter(|(bytes, at)| {
            let far = i32::from_le_bytes(bytes[1..].try_into().unwrap());
            bytes[0] == 0xe8 && targets.contains(&(at + 5).wrapping_add_signed(far.into()))
        });
        let statements: Vec<_> = calls.map(|(_, at)| place(Address(at + 4))).collect();
        let own = "main.starts".to_owned();
        assert_eq!(statements, [(own.clone(), 13), (own, 15)], "{release}");
        let all: BTreeSet<_> = (starts.start.0..starts.end.0)
            .map(|at| place(Address(at)))
            .collect();
        assert!(
            all.contains(&("main.inlined".to_owned(), 6)),
            "{release}: {all:?}"
        );
    }
}

#[test]
fn the_runtime_keeps_what_a_hit_needs_where_its_own_code_looks() {
    for release in RELEASES {
        let layout = Program::base(release).open().runtime_layout().unwrap();
        // These have stood there in every release; the assembly of runtime/asm_amd64.s depends on some.
        assert_eq!((layout.tls_g, layout.g_stack_hi, layout.g_m), (-8, 8, 48));
        assert!([152, 160].contains(&layout.g_goid), "{layout:?}");
        assert!([184, 192].contains(&layout.m_curg), "{layout:?}");
        assert_eq!(layout.request, None, "net/http is not in this program");
    }
}

#[test]
fn symbols_and_code_are_those_that_go_shows() {
    let newest = RELEASES[8];
    let external = [("CGO_ENABLED", "1")];
    let programs = [
        Program::base("go1.16.15"),
        Program::base(newest),
        Program::build("go1.16.15", "1.15", BASE, &["-buildmode=pie"]),
        Program::build(newest, "1.15", BASE, &["-buildmode=pie"]),
        Program::build_with(
            newest,
            "1.15",
            BASE,
            &["-ldflags=-linkmode=external"],
            &external,
        ),
        Program::build_with(
            "go1.17.13",
            "1.15",
            BASE,
            &["-buildmode=pie", "-ldflags=-linkmode=external"],
            &external,
        ),
    ];
    for program in &programs {
        let binary = program.open();
        let listed = program.tool(&["tool", "nm", "-size"]);
        let known: BTreeMap<_, _> = binary
            .functions()
            .iter()
            .map(|function| (function.start.0, function.end.0 - function.start.0))
            .collect();
        let mut compared = 0;
        for line in listed.lines() {
            let words: Vec<_> = line.split_whitespace().collect();
            let &[address, size, "T" | "t", name] = words.as_slice() else {
                continue;
            };
            let size = size.parse::<u64>().unwrap();
            if name.starts_with("main.") {
                let start = u64::from_str_radix(address, 16).unwrap();
                assert_eq!(known.get(&start), Some(&size), "{line}");
                compared += 1;
            }
        }
        assert!(compared >= FUNCTIONS.len(), "{listed}");
        let file = fs::read(&program.path).unwrap();
        let code = program.tool(&["tool", "objdump", "-s", r"^main\.kinds$"]);
        let kinds = only(&binary, "main.kinds");
        let mut compared = 0;
        for line in code.lines() {
            let words: Vec<_> = line.split_whitespace().collect();
            let [_, address, bytes, ..] = words.as_slice() else {
                continue;
            };
            let Some(address) = address.strip_prefix("0x") else {
                continue;
            };
            let address = Address(u64::from_str_radix(address, 16).unwrap());
            let offset = usize::try_from(binary.file_offset(address).unwrap().0).unwrap();
            let length = i64::try_from(bytes.len() / 2).unwrap();
            let seen = binary.code(address..address.offset(length)).unwrap();
            assert_eq!(hex(seen), **bytes, "{line}");
            assert_eq!(hex(&file[offset..][..seen.len()]), **bytes, "{line}");
            assert_eq!(binary.function_at(address), Some(kinds));
            compared += seen.len();
        }
        assert_eq!(compared as u64, kinds.end.0 - kinds.start.0);
        assert_eq!(binary.runtime_layout().unwrap().tls_g, -8);
        let seen = signatures(&binary, &["main.sum"], &BTreeMap::new());
        assert!(seen[0].starts_with("(a int, b int) "), "{seen:?}");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn thread_local_variables_of_c_move_g() {
    let source = "package main\n\n// static __thread volatile char mine[25] __attribute__((aligned(64))); \
        int touch(int i) { return mine[i] = i; }\nimport \"C\"\n\n\
        func main() { println(C.touch(3)) }\n";
    let program = Program::build_with(
        "go1.16.15",
        "1.15",
        source,
        &["-ldflags=-linkmode=external"],
        &[("CGO_ENABLED", "1")],
    );
    let binary = program.open();
    let offset = binary.tls_g().unwrap();
    // The stack check of main.main begins with `mov rcx, fs:[offset]`.
    let main = only(&binary, "main.main");
    let code = binary.code(main.start..main.end).unwrap();
    assert_eq!(code[..5], [0x64, 0x48, 0x8b, 0x0c, 0x25]);
    let displacement = i32::from_le_bytes(*code[5..].first_chunk().unwrap());
    assert_eq!(i64::from(displacement), offset);
    assert_ne!(offset, -8, "C's variables are in the same block");
}

#[test]
fn build_information_is_what_go_version_shows() {
    for (release, flags) in [
        ("go1.15.15", &["-buildmode=pie"][..]),
        ("go1.17.13", &[]),
        ("go1.18.10", &["-ldflags=-X 'main.a=b c'", "-trimpath"]),
        ("go1.27.3", &["-gcflags=all=-l", "-tags=a,b"]),
    ] {
        let program = Program::build(release, "1.15", BASE, flags);
        let binary = program.open();
        assert_eq!(binary.release().as_str(), release);
        assert_eq!(binary.main_module(), Some("example.com/program.v2"));
        assert_eq!(binary.main_package(), Some("example.com/program.v2"));
    }
}

const TINY: &str = "package main\n\nfunc main() { println(1) }\n";

#[test]
fn what_cannot_be_used_is_refused_with_what_to_do() {
    let newest = RELEASES[8];
    let refused = |path: &Path| Binary::open(path).unwrap_err().to_string();
    let of = |flags: &[&str]| refused(&Program::build(newest, "1.15", TINY, flags).path);
    let has = |message: &str, part: &str| assert!(message.contains(part), "{message}");

    has(
        &refused(Path::new("/nowhere/at/all")),
        "cannot read /nowhere/at/all: ",
    );
    has(&refused(Path::new("/proc")), "/proc is not a file");
    has(
        &Binary::parse(Vec::new()).unwrap_err().to_string(),
        "not an ELF file",
    );
    has(&of(&["-ldflags=-s"]), "-ldflags=-s");
    has(&of(&["-ldflags=-w"]), "without debugging information");
    let this_test = std::env::current_exe().unwrap();
    has(&refused(&this_test), "not built by Go");
    for architecture in ["arm64", "386", "s390x"] {
        let program = Program::build_with(
            newest,
            "1.15",
            TINY,
            &[],
            &[
                ("CGO_ENABLED", "0"),
                ("GOOS", "linux"),
                ("GOARCH", architecture),
            ],
        );
        has(
            &refused(&program.path),
            &format!("built for {architecture}: "),
        );
    }
    let program = Program::build(newest, "1.15", TINY, &[]);
    let bytes = fs::read(&program.path).unwrap();
    let cut = bytes[..bytes.len() / 2].to_vec();
    has(&Binary::parse(cut).unwrap_err().to_string(), "truncated: ");
    let mut object = bytes.clone();
    object[16] = 1;
    has(
        &Binary::parse(object).unwrap_err().to_string(),
        "an ELF object file",
    );
    let mut older = bytes;
    let place = find(&older, newest.as_bytes());
    older[place..place + 8].copy_from_slice(b"go1.14.9");
    has(
        &Binary::parse(older).unwrap_err().to_string(),
        "built with go1.14.9: ",
    );
}

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    let after = bytes
        .windows(16)
        .position(|window| window.starts_with(b"\xff Go buildinf:"))
        .unwrap();
    after
        + bytes[after..]
            .windows(wanted.len())
            .position(|window| window == wanted)
            .unwrap()
}

/// Asks a binary everything.
fn ask(binary: &Binary) {
    let starts: BTreeSet<_> = binary.functions().iter().map(|f| f.start).collect();
    let _ = binary.signatures(&starts);
    let _ = binary.describe(&Scope {
        functions: &starts,
        declarations: &BTreeMap::new(),
        dynamic: true,
        variables: &["runtime.Version".to_owned(), "io.EOF".to_owned()],
        asserted: &[],
    });
    let _ = binary.runtime_layout();
    let names = BTreeSet::from(["runtime.add", "runtime.main", "main.main"]);
    let _ = binary.inlined_copies(&names);
    for function in binary.functions().iter().step_by(97) {
        let _ = binary.position(function);
        let _ = binary.code(function.start..function.end);
        let _ = binary.file_offset(function.start);
    }
}

#[test]
fn damaged_binaries_give_errors_or_answers_but_never_a_panic() {
    let mut numbers = fastrand::Rng::with_seed(1);
    let mut opened = 0;
    for (release, flags) in [
        ("go1.16.15", "-ldflags=-compressdwarf=false"),
        ("go1.21.13", "-ldflags=-compressdwarf=true"),
        ("go1.27.3", "-ldflags=-compressdwarf=false"),
    ] {
        let program = Program::build(release, "1.15", TINY, &[flags]);
        let whole = fs::read(&program.path).unwrap();
        let binary = Binary::parse(whole.clone()).unwrap();
        ask(&binary);
        let places = places_worth_damage(&binary, whole.len());
        for _ in 0..40 {
            let mut cut = whole.clone();
            cut.truncate(numbers.usize(..whole.len()));
            assert!(Binary::parse(cut).is_err());
        }
        for _ in 0..80 {
            let mut damaged = whole.clone();
            for _ in 0..=numbers.usize(..6) {
                let place = &places[numbers.usize(..places.len())];
                let at = place.start + numbers.usize(..place.len());
                damaged[at] ^= [0, 0xff, 0x80, 1][numbers.usize(..4)];
            }
            if let Ok(binary) = Binary::parse(damaged) {
                ask(&binary);
                opened += 1;
            }
        }
    }
    assert!(
        opened > 20,
        "the damage must also reach what is read later: {opened}"
    );
}

/// The parts of the file that are read, each as likely as the others.
fn places_worth_damage(binary: &Binary, length: usize) -> Vec<std::ops::Range<usize>> {
    let mut places = vec![0..64, 64..0x238, length - 4096..length];
    for section in [
        ".debug_info",
        ".debug_abbrev",
        ".debug_line",
        ".debug_addr",
        ".debug_ranges",
        ".debug_rnglists",
        ".zdebug_info",
        ".go.buildinfo",
        ".gopclntab",
        ".rodata",
        ".go.type",
        ".symtab",
        ".strtab",
    ] {
        places.extend(
            binary
                .image
                .section_named(section)
                .map(|section| section.range.clone())
                .filter(|range| !range.is_empty()),
        );
    }
    places
}
