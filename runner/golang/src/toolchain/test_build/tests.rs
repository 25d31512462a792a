//! Runs of `go test` with real toolchains: they need go, and fail without.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use object::{Object, ObjectSection};
use tempfile::TempDir;

use super::{TestBuild, TestBuildRequest, WatchedPackage, prepare_test};
use crate::toolchain::{
    BuildError, Declarations, TestCommand, TestPackages, TestRequest, test_packages,
    tests::{module, symbols},
};

const RELEASES: &[&str] = &["go1.16.15", "go1.20.14", "go1.27.3"];

const SHOP: &[(&str, &str)] = &[
    (
        "shop.go",
        "package shop\n\nimport \"a.test/program/cart\"\n\nvar Version = \"none\"\n\nvar order = func() int { return 1 }\n\n\
         func Checkout(n int) int { return price(n) + cart.Size(n) }\n\nfunc price(n int) int { return n * 2 }\n",
    ),
    (
        "shop_test.go",
        "package shop\n\nimport \"testing\"\n\nfunc helper(n int) int { return n + order() }\n\n\
         func TestCheckout(t *testing.T) { t.Log(\"version\", Version, Checkout(helper(1))) }\n",
    ),
    (
        "external_test.go",
        "package shop_test\n\nimport (\n\t\"testing\"\n\n\tshop \"a.test/program\"\n)\n\n\
         func outside(n int) int { return n + 7 }\n\n\
         func TestOutside(t *testing.T) { t.Log(shop.Checkout(outside(2))) }\n",
    ),
    (
        "cart/cart.go",
        "package cart\n\nfunc Size(n int) int { return n + 3 }\n",
    ),
    (
        "cart/cart_test.go",
        "package cart\n\nimport \"testing\"\n\nfunc TestSize(t *testing.T) { t.Log(Size(1)) }\n",
    ),
    (
        "serve/main.go",
        "package main\n\nfunc run(n int) int { return n + 5 }\n\nfunc main() { println(run(1)) }\n",
    ),
    (
        "serve/main_test.go",
        "package main\n\nimport \"testing\"\n\nfunc TestRun(t *testing.T) { t.Log(run(2)) }\n",
    ),
    ("plain/plain.go", "package plain\n"),
];

/// The functions that the compiler inlines in the test of the module's root.
const FUNCTIONS: &[&str] = &[
    "a.test/program.Checkout",
    "a.test/program.price",
    "a.test/program.helper",
    "a.test/program_test.outside",
    "a.test/program/cart.Size",
];

fn shop_functions() -> WatchedPackage {
    watched(
        "a.test/program",
        &[
            "program.Checkout",
            "program.pri*",
            "a.test/program.helper",
            "program_test.outside",
            "cart.Size",
        ],
    )
}

fn watched(import_path: &str, functions: &[&str]) -> WatchedPackage {
    WatchedPackage {
        import_path: import_path.to_owned(),
        functions: functions.iter().map(ToString::to_string).collect(),
        floats: Vec::new(),
    }
}

/// A run of `go test`: what it printed, and the test binaries that it ran.
struct Run {
    output: Output,
    binaries: BTreeMap<String, PathBuf>,
    build: TestBuild,
    _tools: TempDir,
}

impl Run {
    fn text(&self) -> String {
        let Output { stdout, stderr, .. } = &self.output;
        format!(
            "{:?}\n{}{}",
            self.build.arguments,
            String::from_utf8_lossy(stdout),
            String::from_utf8_lossy(stderr)
        )
    }

    /// The arguments as one text.
    fn line(&self) -> String {
        let words = self.build.arguments.iter();
        words
            .map(|word| word.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn symbols(&self, binary: &str) -> std::collections::BTreeSet<String> {
        symbols(&self.binaries[binary])
    }

    fn has_dwarf(&self, binary: &str) -> bool {
        let data = fs::read(&self.binaries[binary]).unwrap();
        let file = object::File::parse(&*data).unwrap();
        file.sections().any(|section| {
            let name = section.name().unwrap();
            name == ".debug_info" || name == ".zdebug_info"
        })
    }
}

fn packages(folder: &Path, release: &str, arguments: &[&str]) -> TestPackages {
    let arguments: Vec<_> = arguments.iter().map(Into::into).collect();
    let mut request = TestRequest::new(TestCommand::parse(&arguments), folder);
    request.toolchain = Some(release.to_owned());
    test_packages(&request, &mut |_| {}).unwrap()
}

fn prepare(
    packages: &TestPackages,
    watched: &[WatchedPackage],
    exec: &[&Path],
) -> Result<TestBuild, BuildError> {
    let request = TestBuildRequest {
        packages,
        watched: watched.to_vec(),
        exec: exec.iter().map(Into::into).collect(),
        lasting: false,
    };
    prepare_test(&request, &mut |_| {})
}

/// Runs `go test` with a program that keeps each test binary.
fn run(folder: &Path, release: &str, arguments: &[&str], watched: &[WatchedPackage]) -> Run {
    let tools = TempDir::new().unwrap();
    let kept = tools.path().join("kept");
    fs::create_dir(&kept).unwrap();
    let script = tools.path().join("my exec");
    fs::write(
        &script,
        format!(
            "#!/bin/sh\n[ \"$1\" = 'a b' ] || exit 9\nshift\ncp \"$1\" '{}'\nexec \"$@\"\n",
            kept.display()
        ),
    )
    .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let packages = packages(folder, release, arguments);
    let build = prepare(&packages, watched, &[&script, Path::new("a b")]).unwrap();
    let output = Command::new(&build.go)
        .args(&build.arguments)
        .envs(build.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(folder)
        .output()
        .unwrap();
    let binaries = fs::read_dir(&kept).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        (path.file_name().unwrap().to_str().unwrap().to_owned(), path)
    });
    Run {
        output,
        binaries: binaries.collect(),
        build,
        _tools: tools,
    }
}

fn passes(folder: &Path, release: &str, arguments: &[&str], watched: &[WatchedPackage]) -> Run {
    let run = run(folder, release, arguments, watched);
    assert!(run.output.status.success(), "{release}: {}", run.text());
    run
}

/// The watched functions of the shop's test that have code of their own.
fn out_of_line(run: &Run) -> Vec<&'static str> {
    let symbols = run.symbols("program.test");
    let names = FUNCTIONS.iter().copied();
    names.filter(|name| symbols.contains(*name)).collect()
}

mod flags;
mod listing;

#[test]
fn what_is_watched_stands_out_of_line_with_dwarf_in_its_test_alone() {
    let folder = module(SHOP);
    for release in ["go1.15.15"].iter().chain(RELEASES) {
        let plain = passes(
            folder.path(),
            release,
            &["./..."],
            &[watched("a.test/program", &[])],
        );
        assert_eq!(
            out_of_line(&plain),
            [""; 0],
            "{release}: the test shows nothing"
        );

        let functions = [shop_functions()];
        let hinted = passes(folder.path(), release, &["./..."], &functions);
        assert_eq!(
            out_of_line(&hinted),
            FUNCTIONS,
            "{release}: {}",
            hinted.text()
        );
        assert!(hinted.has_dwarf("program.test"), "{}", hinted.text());
        assert!(!hinted.has_dwarf("cart.test") && !hinted.has_dwarf("serve.test"));
        let overlay = hinted.line().contains("-overlay=");
        assert_eq!(overlay, *release != "go1.15.15", "{}", hinted.text());
        let whole = hinted.line().contains("-gcflags=a.test/program=-l");
        assert_eq!(whole, !overlay, "{}", hinted.text());

        for named in [
            &[][..],
            &["."],
            &["a.test/program"],
            &["-v", "a.test/...", "-count=1"],
        ] {
            let run = passes(folder.path(), release, named, &functions);
            assert!(run.has_dwarf("program.test"), "{release}: {}", run.text());
            assert_eq!(out_of_line(&run), FUNCTIONS, "{release}: {}", run.text());
        }
    }
}

#[test]
fn declarations_are_those_of_each_test_binary() {
    let folder = module(SHOP);
    let packages = packages(folder.path(), "go1.27.3", &["./..."]);
    let functions = ["program.*", "*.outside", "cart.*"];
    let build = prepare(
        &packages,
        &[
            watched("a.test/program", &functions),
            watched("a.test/program/cart", &functions),
            watched("a.test/program/plain", &["plain.*"]),
        ],
        &[],
    )
    .unwrap();
    let names = |import_path: &str| -> Vec<&str> {
        let Declarations { functions, .. } = &build.declarations[import_path];
        let names = functions.iter().map(|function| function.name.as_str());
        names.filter(|name| name.starts_with("a.test")).collect()
    };
    let mut of_shop = names("a.test/program");
    of_shop.sort_unstable();
    assert_eq!(
        of_shop,
        [
            "a.test/program.Checkout",
            "a.test/program.TestCheckout",
            "a.test/program.helper",
            "a.test/program.price",
            "a.test/program/cart.Size",
            "a.test/program_test.TestOutside",
            "a.test/program_test.outside",
        ]
    );
    assert_eq!(
        names("a.test/program/cart"),
        ["a.test/program/cart.Size", "a.test/program/cart.TestSize"]
    );
    assert_eq!(
        build.declarations["a.test/program/plain"],
        Declarations::default()
    );
    let function = build.declarations["a.test/program"]
        .function("a.test/program_test.outside")
        .unwrap();
    assert!(function.file.ends_with("external_test.go") && function.line == 9);
}

#[test]
fn functions_of_package_main_have_its_path_in_its_test() {
    let folder = module(SHOP);
    for release in RELEASES {
        for name in ["main.run", "serve.run", "a.test/program/serve.run"] {
            let run = passes(
                folder.path(),
                release,
                &["./serve"],
                &[watched("a.test/program/serve", &[name])],
            );
            let symbols = run.symbols("serve.test");
            assert!(
                symbols.contains("a.test/program/serve.run"),
                "{release}: {}",
                run.text()
            );
        }
    }
}

#[test]
fn init_functions_are_counted_as_the_compiler_does() {
    let init = "package shop\n\nfunc init() { println() }\n";
    let test = "package shop\n\nimport \"testing\"\n\nfunc init() { println() }\n\nfunc Test(*testing.T) {}\n";
    let with_c = "package shop\n\nimport \"C\"\n\nfunc init() { println() }\n";
    let folder = module(&[
        ("a.go", init),
        ("b.go", with_c),
        ("m_test.go", test),
        ("z.go", init),
    ]);
    for release in RELEASES {
        for cover in ["-cover=false", "-cover"] {
            let watched = [watched("a.test/program", &["program.init.*"])];
            let run = passes(folder.path(), release, &[cover, "."], &watched);
            let declared = run.build.declarations["a.test/program"].functions.iter();
            let declared: Vec<(&str, &str)> = declared
                .filter(|function| function.name.contains(".init."))
                .map(|function| {
                    let file = function.file.file_name().unwrap().to_str().unwrap();
                    (function.name.as_str(), file)
                })
                .collect();
            assert_eq!(
                declared,
                [
                    ("a.test/program.init.0", "a.go"),
                    ("a.test/program.init.1", "z.go"),
                    ("a.test/program.init.2", "m_test.go"),
                    ("a.test/program.init.3", "b.go"),
                ]
            );
            let output = Command::new("go")
                .args(["tool", "objdump", "-s", "program.init.[0-9]$"])
                .arg(&run.binaries["program.test"])
                .output()
                .unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            for (name, file) in declared {
                let mut lines = text.lines();
                lines
                    .find(|line| line.starts_with(&format!("TEXT {name}(SB)")))
                    .unwrap();
                let first = lines.next().unwrap();
                assert!(first.contains(file), "{release} {cover}: {name}: {first}");
            }
        }
    }
}
