//! `goproctor map --since`: which tests what changed calls for, of a git repository with changes of each kind.
//!
//! The tests of the fixture log what they see. Each test that logs something else after a change must be among those that are named: that is known
//! from `go test` alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use goproctor_tests::{command, git, harness::Test};
use serde_json::Value as Json;
use tempfile::TempDir;

use super::go_test_verdicts::{Run, in_folder};

pub(crate) const TESTS: &[Test<'static>] = &[
    (
        "each_kind_of_change_names_the_tests_that_it_concerns",
        kinds,
    ),
    ("commands_of_since_can_be_pasted", pasted),
    ("what_since_cannot_compare_with_is_refused", refused),
    ("more_functions_than_fit_are_refused_by_number", too_many),
];

const LIB: &str = "package lib\n\nfunc Prefix() string { return prefix() }\n\nfunc prefix() string { return \"to \" }\n";

/// A module of several packages: `shop` uses `cart` and `lib`, which has no tests; `texts` embeds a file; nothing tests `tool`.
const FILES: &[(&str, &str)] = &[
    ("go.mod", "module example.test/shop\n\ngo 1.22\n"),
    (".gitignore", "ignored.go\n"),
    (
        "shop.go",
        r#"package shop

import (
	"example.test/shop/cart"
	"example.test/shop/lib"
)

// Publish says where.
func Publish(topic string) string {
	return lib.Prefix() + topic
}

func Checkout(qty int) int {
	Publish("order")
	return cart.Add(qty) * 20
}

func Refund() int { return 1 }

func start() int { return 7 }

var started int

func init() { started = start() }
"#,
    ),
    (
        "shop_test.go",
        r#"package shop

import "testing"

func buy(qty int) int { return Checkout(qty) }

func TestCheckout(t *testing.T) {
	t.Run("free shipping", func(t *testing.T) { t.Log(Checkout(3)) })
	t.Run("paid", func(t *testing.T) { t.Log(buy(1)) })
}

func TestPublish(t *testing.T) { t.Log(Publish("x")) }

func TestStarted(t *testing.T) { t.Log(started) }
"#,
    ),
    (
        "outside_test.go",
        "package shop_test\n\nimport (\n\t\"testing\"\n\n\t\"example.test/shop\"\n)\n\nfunc say(s string) string { return s }\n\nfunc TestOutside(t *testing.T) { t.Log(say(shop.Publish(\"y\"))) }\n",
    ),
    (
        "cart/cart.go",
        r#"package cart

type item struct{ n int }

func (i item) String() string { return "an item" }

var limit = 3

func Add(n int) int {
	f := func() int { return n }
	return f()
}

func Limit() int { return limit }

func Item() any { return item{1} }

func max(a, b int) int { return a + b }

func Most() int { return max(1, 2) }
"#,
    ),
    (
        "cart/cart_test.go",
        "package cart\n\nimport \"testing\"\n\nfunc TestLimit(t *testing.T) { t.Log(Limit()) }\n\nfunc TestItem(t *testing.T) { t.Logf(\"%v\", Item()) }\n\nfunc TestMost(t *testing.T) { t.Log(Most()) }\n",
    ),
    (
        "cart/outside_test.go",
        "package cart_test\n\nimport \"testing\"\n\nfunc max(a, b int) int { return a - b }\n\nfunc TestOuter(t *testing.T) { t.Log(max(1, 2)) }\n",
    ),
    ("lib/lib.go", LIB),
    ("lib/lib_windows.go", "package lib\n\nfunc windows() {}\n"),
    (
        "texts/texts.go",
        "package texts\n\nimport _ \"embed\"\n\n//go:embed text.txt\nvar Text string\n",
    ),
    (
        "texts/texts_test.go",
        "package texts\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestText(t *testing.T) { t.Log(Text) }\n\nfunc TestData(t *testing.T) {\n\tdata, _ := os.ReadFile(\"testdata/data.txt\")\n\tt.Log(string(data))\n}\n",
    ),
    ("texts/text.txt", "one"),
    ("texts/testdata/data.txt", "two"),
    ("tool/main.go", "package main\n\nfunc main() {}\n"),
];

struct Repository {
    folder: TempDir,
}

impl Repository {
    fn new() -> Self {
        let repository = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for (name, text) in FILES {
            repository.write(name, text);
        }
        git::git(repository.folder.path(), &["init", "-q", "."]);
        repository.commit();
        repository
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Makes a file say something else in one place.
    fn edit(&self, name: &str, from: &str, to: &str) {
        let path = self.folder.path().join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{name}: {from}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    fn commit(&self) {
        git::commit(self.folder.path(), "x");
    }

    /// Back to what was committed.
    fn restore(&self) {
        git::git(self.folder.path(), &["reset", "-q", "--hard"]);
        git::git(self.folder.path(), &["clean", "-qfdx"]);
    }

    fn map(&self, arguments: &[&str]) -> Run {
        let mut command = command::goproctor();
        command.arg("map").args(arguments);
        Run::of(without_settings(in_folder(
            &mut command,
            self.folder.path(),
        )))
    }

    /// What each test logs, by package and name.
    fn logs(&self) -> BTreeMap<(String, String), Vec<String>> {
        let arguments = ["test", "-count=1", "-json", "./..."];
        let run = Run::of(in_folder(
            Command::new("go").args(arguments),
            self.folder.path(),
        ));
        let mut logs: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for line in run.out.lines() {
            let event: Json = serde_json::from_str(line).unwrap();
            let field = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
            let (test, output) = (field("Test"), field("Output"));
            let top = test.split('/').next().unwrap_or_default().to_owned();
            let logged = output.trim().split_once("_test.go:");
            let logged = logged.and_then(|(_, rest)| rest.split_once(": "));
            let of_test = logs.entry((field("Package"), top)).or_default();
            of_test.extend(logged.map(|(_, logged)| logged.to_owned()));
        }
        logs.retain(|_, logged| !logged.is_empty());
        logs
    }
}

pub(crate) fn without_settings(command: &mut Command) -> &mut Command {
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
}

/// What a run says, a line each, with short names.
fn told(run: &Run) -> Vec<String> {
    let short = |name: &Json| {
        let name = name.as_str().unwrap_or_default();
        name.replace("example.test/shop/", "")
            .replace("example.test/", "")
    };
    let mut lines = Vec::new();
    for line in run.out.lines() {
        let line: Json = serde_json::from_str(line).unwrap();
        let list = |name: &str| -> String {
            let all = line[name].as_array().into_iter().flatten();
            all.map(short).collect::<Vec<_>>().join(" ")
        };
        let file = line["file"].as_str().unwrap_or_default();
        let file = Path::new(file)
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        match line["event"].as_str().unwrap() {
            "function" => {
                let all = line["all_tests_of"].as_object().unwrap().keys();
                let all: Vec<String> = all.map(|name| short(&name.as_str().into())).collect();
                let tests = line["tests"].as_array().unwrap().iter();
                let tests: Vec<&str> = tests.map(|test| test["name"].as_str().unwrap()).collect();
                let mut parts = vec![format!(
                    "{} {}:",
                    line["change"].as_str().unwrap(),
                    short(&line["function"])
                )];
                parts.extend((!tests.is_empty()).then(|| tests.join(" ")));
                parts.extend((!all.is_empty()).then(|| format!("all of {}", all.join(" "))));
                lines.push(parts.join(" "));
            }
            "deleted" => lines.push(format!("deleted {}", short(&line["function"]))),
            "outside" => lines.push(format!(
                "outside {file} {}: {}",
                line["what"].as_str().unwrap(),
                list("packages")
            )),
            "not_built" => lines.push(format!("not built {file}")),
            "ignored" => lines.push(format!("ignored {file}")),
            "run" => {
                let tests = if line["tests"].is_null() {
                    "all".to_owned()
                } else {
                    list("tests")
                };
                lines.push(format!("run {}: {tests}", short(&line["package"])));
            }
            "since" => {}
            event => panic!("{event}"),
        }
    }
    lines
}

/// Edits: file, what it says, what it says then. Without what it says the file is new; without both it is removed.
type Edits = &'static [(&'static str, Option<&'static str>, Option<&'static str>)];

fn kinds() {
    let repository = Repository::new();
    let before = repository.logs();
    assert_eq!(before.len(), 10, "{before:?}");
    let cases: &[(&str, Edits, &[&str])] = &[
        ("nothing", &[], &[]),
        (
            "layout, comments, and an import of what every test has",
            &[
                (
                    "shop.go",
                    Some("func Refund() int { return 1 }"),
                    Some("// Refund gives back.\nfunc Refund() int {\n\treturn 1 // so\n}"),
                ),
                (
                    "cart/cart.go",
                    Some("package cart\n"),
                    Some("package cart\n\nimport \"strings\"\n\ntype _ = strings.Builder\n"),
                ),
                (
                    "ignored.go",
                    None,
                    Some("package shop\n\nvar ignored = 1\n"),
                ),
            ],
            &["ignored ignored.go"],
        ),
        (
            "functions of three packages, one of them without tests, one reached by none",
            &[
                (
                    "shop.go",
                    Some("Refund() int { return 1 }"),
                    Some("Refund() int { return 2 }"),
                ),
                ("cart/cart.go", Some("return n }"), Some("return n + 1 }")),
                ("lib/lib.go", Some("\"to \""), Some("\"at \"")),
            ],
            &[
                "changed shop.Refund:",
                "changed cart.Add: TestCheckout/free_shipping TestCheckout/paid",
                "changed cart.Add.func1: TestCheckout/free_shipping TestCheckout/paid",
                "changed lib.prefix: TestCheckout/free_shipping TestCheckout/paid TestOutside TestPublish",
                "run shop: TestCheckout TestOutside TestPublish",
            ],
        ),
        (
            "a line that is gone, and a function with it",
            &[
                ("shop.go", Some("\tPublish(\"order\")\n"), Some("")),
                (
                    "lib/lib.go",
                    Some("return prefix() }\n\nfunc prefix() string { return \"to \" }"),
                    Some("return \"to \" }"),
                ),
            ],
            &[
                "changed shop.Checkout: TestCheckout/free_shipping TestCheckout/paid",
                "changed lib.Prefix: TestOutside TestPublish",
                "deleted lib.prefix",
                "run shop: TestCheckout TestOutside TestPublish",
            ],
        ),
        (
            "what runs before all tests",
            &[("shop.go", Some("return 7 }"), Some("return 8 }"))],
            &["changed shop.start: all of shop", "run shop: all"],
        ),
        (
            "init itself",
            &[(
                "shop.go",
                Some("started = start() }"),
                Some("started = start() + 1 }"),
            )],
            &["outside shop.go func init: shop", "run shop: all"],
        ),
        (
            "a variable, which concerns those who use the package, too",
            &[("cart/cart.go", Some("limit = 3"), Some("limit = 4"))],
            &[
                "outside cart.go var limit: shop cart",
                "run shop: all",
                "run cart: all",
            ],
        ),
        (
            "a method whose callers have not changed",
            &[(
                "cart/cart.go",
                Some("func (i item) String() string { return \"an item\" }\n"),
                Some(""),
            )],
            &[
                "deleted cart.item.String",
                "outside cart.go example.test/shop/cart.item.String is gone: an interface or an embedded type may lead elsewhere: shop cart",
                "run shop: all",
                "run cart: all",
            ],
        ),
        (
            "a function whose name means Go's own then",
            &[(
                "cart/cart.go",
                Some("func max(a, b int) int { return a + b }\n"),
                Some(""),
            )],
            &[
                "deleted cart.max",
                "outside cart.go example.test/shop/cart.max is gone: the name means Go's own now: shop cart",
                "run shop: all",
                "run cart: all",
            ],
        ),
        (
            "a new method that is called through an interface",
            &[
                (
                    "cart/cart.go",
                    Some("return \"an item\" }"),
                    Some(
                        "return \"an item\" }\n\nfunc (i item) Format(s fmt.State, _ rune) { fmt.Fprint(s, i.n) }",
                    ),
                ),
                (
                    "cart/cart.go",
                    Some("package cart\n"),
                    Some("package cart\n\nimport \"fmt\"\n"),
                ),
            ],
            &[
                "new cart.item.Format: TestItem",
                "outside cart.go example.test/shop/cart.item.Format is new: interfaces may ask whether it is there: shop cart",
                "run shop: all",
                "run cart: all",
            ],
        ),
        (
            "tests, and what they share",
            &[
                (
                    "shop_test.go",
                    Some("return Checkout(qty) }"),
                    Some("return Checkout(qty + 1) }"),
                ),
                (
                    "outside_test.go",
                    Some("return s }"),
                    Some("return s + s }"),
                ),
                (
                    "cart/cart_test.go",
                    Some("t.Log(Limit()) }"),
                    Some("t.Log(Limit(), 1) }"),
                ),
            ],
            &[
                "changed shop_test.say: TestOutside",
                "changed shop.buy: TestCheckout/paid",
                "changed cart.TestLimit: TestLimit",
                "run shop: TestCheckout TestOutside",
                "run cart: TestLimit",
            ],
        ),
        (
            "a variable of a test file concerns its own package alone",
            &[(
                "cart/cart_test.go",
                Some("import \"testing\"\n"),
                Some("import \"testing\"\n\nvar shared = 1\n"),
            )],
            &["outside cart_test.go var shared: cart", "run cart: all"],
        ),
        (
            "files that are not Go",
            &[
                ("texts/text.txt", Some("one"), Some("three")),
                ("texts/testdata/data.txt", Some("two"), Some("four")),
            ],
            &[
                "outside data.txt a package may embed it, and tests may read it: texts",
                "outside text.txt a package may embed it, and tests may read it: texts",
                "run texts: all",
            ],
        ),
        (
            "what is built for another system, or not tested",
            &[
                (
                    "lib/lib_windows.go",
                    Some("windows() {}"),
                    Some("windows() { panic(1) }"),
                ),
                (
                    "tool/main.go",
                    Some("main() {}"),
                    Some("main() { println(1) }"),
                ),
            ],
            &["not built lib_windows.go", "not built main.go"],
        ),
        (
            "new files, one of them not yet known to git",
            &[
                (
                    "cart/more.go",
                    None,
                    Some("package cart\n\nfunc More() int { return 1 }\n"),
                ),
                (
                    "cart/more_test.go",
                    None,
                    Some(
                        "package cart\n\nimport \"testing\"\n\nfunc TestMore(t *testing.T) { t.Log(More()) }\n",
                    ),
                ),
            ],
            &[
                "new cart.More: TestMore",
                "new cart.TestMore: TestMore",
                "run cart: TestMore",
            ],
        ),
        (
            "a file of another name",
            &[
                ("lib/lib.go", None, None),
                ("lib/odd name.go", None, Some(LIB)),
            ],
            &[],
        ),
        (
            "the module",
            &[("go.mod", Some("go 1.22"), Some("go 1.21"))],
            &[
                "outside go.mod it says what every package of the module is built from: shop cart texts",
                "run shop: all",
                "run cart: all",
                "run texts: all",
            ],
        ),
    ];
    for (name, edits, expected) in cases {
        for &(file, from, to) in *edits {
            match (from, to) {
                (Some(from), Some(to)) => repository.edit(file, from, to),
                (None, Some(text)) => repository.write(file, text),
                (_, None) => fs::remove_file(repository.folder.path().join(file)).unwrap(),
            }
        }
        let run = repository.map(&["--since", "HEAD", "--json", "./..."]);
        assert_eq!(run.code, Some(0), "{name}: {run:?}");
        let told = told(&run);
        // A test that sees something else must be named.
        let named = |(package, test): &(String, String)| {
            let package = package
                .replace("example.test/shop/", "")
                .replace("example.test/", "");
            told.iter().any(|line| {
                let tests = line.strip_prefix(&format!("run {package}: "));
                tests.is_some_and(|tests| tests == "all" || tests.split(' ').any(|one| one == test))
            })
        };
        let after = repository.logs();
        let differ = after
            .iter()
            .filter(|(test, logged)| before.get(*test) != Some(logged));
        let missed: Vec<_> = differ.clone().filter(|(test, _)| !named(test)).collect();
        assert!(missed.is_empty(), "{name}: {missed:?}: {told:?}");
        let expected: BTreeSet<&str> = expected.iter().copied().collect();
        let told: BTreeSet<&str> = told.iter().map(String::as_str).collect();
        assert_eq!(told, expected, "{name}: {run:?}");
        println!("{name}: {} tests log something else", differ.count());
        repository.restore();
    }
}

fn pasted() {
    let repository = Repository::new();
    repository.edit("cart/cart.go", "return n }", "return n + 1 }");
    repository.edit(
        "shop.go",
        "Refund() int { return 1 }",
        "Refund() int { return 2 }",
    );
    repository.commit();
    let run = repository.map(&["--since", "HEAD~1", "-race", "-run", "Test", "./..."]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(
        run.out,
        "example.test/shop/cart.Add  cart/cart.go:9\n    TestCheckout/free_shipping  (example.test/shop)\n    TestCheckout/paid  (example.test/shop)\n\
         example.test/shop/cart.Add.func1  cart/cart.go:10\n    TestCheckout/free_shipping  (example.test/shop)\n    TestCheckout/paid  (example.test/shop)\n\n\
         no test reaches example.test/shop.Refund, which changed  shop.go:18\n\n\
         to run what may see the changes since HEAD~1:\n    go test -race -run '^TestCheckout$' .\n"
    );
    let pasted = run.out.lines().last().unwrap().trim();
    let shell = Run::of(in_folder(
        Command::new("sh").args(["-c", &format!("{pasted} -v")]),
        repository.folder.path(),
    ));
    assert_eq!(shell.code, Some(0), "{shell:?}");
    assert!(
        shell.out.contains("--- PASS: TestCheckout/paid"),
        "{shell:?}"
    );
    assert!(!shell.out.contains("TestPublish"), "{shell:?}");

    // From a folder below, and of one package.
    let below = repository.map(&["--since", "HEAD~1", "-C", "cart", "."]);
    assert_eq!(below.code, Some(0), "{below:?}");
    assert!(
        below
            .out
            .contains("no test reaches example.test/shop/cart.Add, which changed"),
        "{below:?}"
    );

    let none = repository.map(&["--since", "HEAD", "./..."]);
    assert_eq!((none.code, none.errors.as_str()), (Some(0), ""), "{none:?}");
    assert_eq!(
        none.out,
        "nothing changed since HEAD that the tests are built from or read\n"
    );

    repository.edit("shop_test.go", "t.Log(started)", "t.Fatal(started)");
    let failed = repository.map(&["--since", "HEAD", "./..."]);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(
        failed.out.contains("go test -run '^TestStarted$' ."),
        "{failed:?}"
    );
}

fn refused() {
    let repository = Repository::new();
    for (arguments, code, message) in [
        (
            &["--since", "nope", "."][..],
            2,
            "git knows no revision nope: name a commit",
        ),
        (
            &["--since", "--json", "."],
            2,
            "git knows no revision --json",
        ),
        (
            &["--since", "HEAD~1..HEAD", "."],
            2,
            "HEAD~1..HEAD is a range",
        ),
        (
            &["--since", "HEAD", "-f", "shop.Refund", "."],
            2,
            "leave -f out",
        ),
        (&[".", "--since", "HEAD"], 2, "before the packages"),
        (&["-since=HEAD", "."], 2, "write it with two dashes"),
    ] {
        let run = repository.map(arguments);
        assert_eq!(run.code, Some(code), "{arguments:?}: {run:?}");
        assert!(run.errors.contains(message), "{arguments:?}: {run:?}");
        assert_eq!(run.out, "", "{arguments:?}");
    }
    fs::remove_dir_all(repository.folder.path().join(".git")).unwrap();
    let run = repository.map(&["--since", "HEAD", "."]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(
        run.errors.contains("revisions need a git repository"),
        "{run:?}"
    );
}

fn too_many() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    let functions: String = (0..16_100)
        .map(|number| format!("func F{number}() {{}}\n"))
        .collect();
    let calls: String = (0..16_100)
        .map(|number| format!("\tF{number}()\n"))
        .collect();
    write("go.mod", "module example.test/many\n\ngo 1.22\n".to_owned());
    write("many.go", format!("package many\n\n{functions}"));
    write(
        "many_test.go",
        format!("package many\n\nimport \"testing\"\n\nfunc TestAll(t *testing.T) {{\n{calls}}}\n"),
    );
    let map = |arguments: &[&str]| {
        let mut command = command::goproctor();
        command.arg("map").args(arguments);
        Run::of(in_folder(&mut command, folder.path()))
    };
    let run = map(&["."]);
    assert_ne!(run.code, Some(0), "{run:?}");
    assert_eq!(run.out, "", "no part of a map");
    let message = "16101 functions are meant, and 16000 of one test binary can be watched: name fewer packages, or functions with -f";
    assert!(run.errors.contains(message), "{run:?}");
    let some = map(&["-f", "many.F1*", "."]);
    assert_eq!(some.code, Some(0), "{some:?}");
    assert_eq!(
        some.out
            .lines()
            .filter(|line| line.starts_with("example.test/many.F1"))
            .count(),
        7_211
    );
}
