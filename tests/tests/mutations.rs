//! The tour passes; whatever one expectation of it is changed, it fails, and the carets are under that change.
//!
//! Each mutation is a test of the tour with one change. All of them stand in one spec, so that the program is built
//! once; each is a test of its own, with a process of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use goproctor::spec;
use goproctor_tests::command;

/// The carets of a mutation are under what stands between these.
const MARKS: [char; 2] = ['«', '»'];

/// A test of the tour, by its number, with some of its text replaced; one replacement has marks.
struct Mutation {
    test: usize,
    edits: &'static [(&'static str, &'static str)],
}

const fn mutation(test: usize, edits: &'static [(&'static str, &'static str)]) -> Mutation {
    Mutation { test, edits }
}

/// Further names for functions, among them the tour's filtered name with other filters.
const FUNCTIONS: &str = r#"
healthz    = "main.healthz"
late_ge    = { func = "main.prepareAnswer", args = { year = { ge = 2022 } } }
late_gt    = { func = "main.prepareAnswer", args = { year = { gt = 2021 } } }
late_le    = { func = "main.prepareAnswer", args = { year = { le = 2020 } } }
late_lt    = { func = "main.prepareAnswer", args = { year = { lt = 2021 } } }
late_equal = { func = "main.prepareAnswer", args = { year = 2020 } }
v7         = { func = "main.prepareAnswer", args = { name = "v7" } }
"#;

const NAME: &str = r#"name = "GopherCon Russia 2020""#;
const SEQUENCE: &str = r#"["handler", "checkSite", "worker", "prepareAnswer"]"#;
const STEP: &str = r#"{ call = "checkSite", returns = [503] }, "#;
const LAST_STEP: &str = r#"{ call = "prepareAnswer", args = { status = 503, name = { matches = "^[a-z]$" } }, gap = "< 20ms" }"#;
const COUNT: &str = "{ checkSite = 1, worker = { ge = 1 } }";
const WORKER: &str = "[test.calls.worker]\ngoroutine = \"child\"";
const BODY: &str = r#"{ contains = "status 200" }"#;
const RETURNS: &str = r#"{ contains = "2020" }"#;

/// The response.
const ANSWERS: &[Mutation] = &[
    mutation(0, &[("status = 200, body", "status = «404», body")]),
    mutation(
        0,
        &[("status = 200, body", "status = «{ lt = 200 }», body")],
    ),
    mutation(
        0,
        &[("status = 200, body", "status = «{ le = 199 }», body")],
    ),
    mutation(
        0,
        &[("status = 200, body", "status = «{ gt = 200 }», body")],
    ),
    mutation(
        0,
        &[("status = 200, body", "status = «{ ge = 201 }», body")],
    ),
    mutation(
        0,
        &[(
            "status = 200, body",
            "status = «{ ge = 100, lt = 200 }», body",
        )],
    ),
    mutation(0, &[(BODY, r#"«{ contains = "status 201" }»"#)]),
    mutation(0, &[(BODY, r#"«{ matches = "^status" }»"#)]),
    mutation(0, &[(BODY, r#"«"status 200"»"#)]),
    mutation(
        0,
        &[(
            BODY,
            r#"«{ contains = "status 200", matches = "status 2$" }»"#,
        )],
    ),
    mutation(
        0,
        &[(
            BODY,
            r#"{ any = true }, response-headers = { Content-Type = «"text/html"» }"#,
        )],
    ),
    mutation(1, &[("status = 200", "status = «201»")]),
    mutation(2, &[("status = 200", "status = «503»")]),
];

/// The order of calls.
const SEQUENCES: &[Mutation] = &[
    // Another function in the place of each.
    mutation(
        0,
        &[(
            SEQUENCE,
            r#"[«"healthz"», "checkSite", "worker", "prepareAnswer"]"#,
        )],
    ),
    mutation(
        0,
        &[(
            SEQUENCE,
            r#"["handler", «"healthz"», "worker", "prepareAnswer"]"#,
        )],
    ),
    mutation(
        0,
        &[(
            SEQUENCE,
            r#"["handler", "checkSite", «"healthz"», "prepareAnswer"]"#,
        )],
    ),
    mutation(
        0,
        &[(
            SEQUENCE,
            r#"["handler", "checkSite", "worker", «"healthz"»]"#,
        )],
    ),
    // Two neighbours the other way round: the first comes too late.
    mutation(
        0,
        &[(
            SEQUENCE,
            r#"[«"checkSite"», "handler", "worker", "prepareAnswer"]"#,
        )],
    ),
    mutation(
        0,
        &[(
            SEQUENCE,
            r#"["handler", «"worker"», "checkSite", "prepareAnswer"]"#,
        )],
    ),
    mutation(
        0,
        &[(
            SEQUENCE,
            r#"["handler", "checkSite", «"prepareAnswer"», "worker"]"#,
        )],
    ),
    // One more.
    mutation(
        0,
        &[
            (
                SEQUENCE,
                r#"["handler", «"handler"», "checkSite", "worker", "prepareAnswer"]"#,
            ),
            (COUNT, "{}"),
        ],
    ),
    mutation(
        0,
        &[(
            SEQUENCE,
            r#"["handler", "checkSite", "worker", "prepareAnswer", «"prepareAnswer"»]"#,
        )],
    ),
    // One that is forbidden in its place.
    mutation(
        0,
        &[(
            SEQUENCE,
            r#"["handler", "!«checkSite»", "worker", "prepareAnswer"]"#,
        )],
    ),
    mutation(
        0,
        &[(
            SEQUENCE,
            r#"["handler", "checkSite", "!«worker»", "prepareAnswer"]"#,
        )],
    ),
    mutation(
        0,
        &[(
            SEQUENCE,
            r#"["!«handler»", "checkSite", "worker", "prepareAnswer"]"#,
        )],
    ),
    mutation(
        0,
        &[(
            SEQUENCE,
            r#"["handler", "checkSite", "worker", "!«prepareAnswer»"]"#,
        )],
    ),
    // In any order, but one of them is not there.
    mutation(
        0,
        &[(
            SEQUENCE,
            r#"["handler", ["worker", "checkSite", «"healthz"»], "prepareAnswer"]"#,
        )],
    ),
    // All of the mentioned functions' calls, and one is taken out.
    mutation(
        0,
        &[(
            SEQUENCE,
            r#"{ exact = ["handler", «"prepareAnswer"», "worker", "checkSite"] }"#,
        )],
    ),
    // Next to one another, but the worker's call is between.
    mutation(
        0,
        &[(
            SEQUENCE,
            r#"{ contiguous = ["checkSite", «"prepareAnswer"», "!worker"] }"#,
        )],
    ),
    // Steps.
    mutation(2, &[("returns = [503]", "returns = [«504»]")]),
    mutation(2, &[("returns = [503]", "returns = [«{ lt = 503 }»]")]),
    mutation(2, &[("{ status = 503, name", "{ status = «504», name")]),
    mutation(
        2,
        &[("{ status = 503, name", "{ status = «{ gt = 503 }», name")],
    ),
    mutation(
        2,
        &[(r#"{ matches = "^[a-z]$" }"#, r#"«{ matches = "^[A-Z]$" }»"#)],
    ),
    mutation(
        2,
        &[(r#"{ matches = "^[a-z]$" }"#, r#"«{ contains = "b" }»"#)],
    ),
    mutation(2, &[(r#"{ matches = "^[a-z]$" }"#, r#"«"b"»"#)]),
    mutation(2, &[(r#"gap = "< 20ms""#, r#"gap = «"> 20s"»"#)]),
    mutation(2, &[(r#"gap = "< 20ms""#, r#"took = «"> 20s"»"#)]),
    mutation(
        2,
        &[(
            r#""checkSite", returns = [503] }"#,
            r#""checkSite", took = «"< 1ns"» }"#,
        )],
    ),
    mutation(2, &[(STEP, r#"{ call = «"healthz"» }, "#)]),
    mutation(
        2,
        &[(LAST_STEP, r#"{ call = «"healthz"», gap = "< 20ms" }"#)],
    ),
    // The stub answers otherwise, or as in all tests.
    mutation(
        2,
        &[
            ("{ status = 503 } }", "{ status = 502 } }"),
            ("returns = [503]", "returns = [«503»]"),
        ],
    ),
    mutation(
        2,
        &[
            ("stubs    = { site = { status = 503 } }\n", ""),
            ("returns = [503]", "returns = [«503»]"),
        ],
    ),
    mutation(
        2,
        &[
            ("/?name=a&year=2020", "/healthz"),
            (STEP, ""),
            (LAST_STEP, r#""healthz""#),
            ("{ site =", "{ «site» ="),
        ],
    ),
];

/// How often functions are called.
const COUNTS: &[Mutation] = &[
    mutation(0, &[("checkSite = 1,", "checkSite = «2»,")]),
    mutation(0, &[("{ ge = 1 }", "«{ ge = 2 }»")]),
    mutation(0, &[("{ ge = 1 }", "«{ gt = 1 }»")]),
    mutation(0, &[("{ ge = 1 }", "«{ equal = 2 }»")]),
    mutation(
        0,
        &[
            (SEQUENCE, r#"["handler"]"#),
            (WORKER, ""),
            ("{ ge = 1 }", "«{ lt = 1 }»"),
        ],
    ),
    mutation(
        0,
        &[
            (SEQUENCE, r#"["handler"]"#),
            (WORKER, ""),
            ("{ ge = 1 }", "«{ le = 0 }»"),
        ],
    ),
    mutation(
        0,
        &[
            (SEQUENCE, r#"["handler"]"#),
            (COUNT, "{}"),
            (WORKER, ""),
            (r#"["lookup"]"#, r#"["lookup", «"worker"»]"#),
        ],
    ),
    mutation(1, &[("prepareAnswer = 40", "prepareAnswer = «39»")]),
    mutation(1, &[("prepareAnswer = 40", "prepareAnswer = «41»")]),
    mutation(1, &[("late = 40", "late = «39»")]),
    mutation(1, &[("late = 40", "late_ge = «40»")]),
    mutation(1, &[("late = 40", "late_gt = «40»")]),
    mutation(1, &[("late = 40", "late_le = «40»")]),
    mutation(1, &[("late = 40", "late_lt = «40»")]),
    mutation(1, &[("late = 40", "late_equal = «40»")]),
    mutation(1, &[("late = 40", "v7 = «40»")]),
    mutation(
        1,
        &[
            ("repeat = 40", "repeat = 39"),
            ("late = 40", "late = 39"),
            ("prepareAnswer = 40", "prepareAnswer = «40»"),
        ],
    ),
];

/// What must hold for each call.
const CALLS: &[Mutation] = &[
    mutation(0, &[(NAME, r#"name = «"GopherCon Russia 2021"»"#)]),
    mutation(0, &[(NAME, r#"name = «{ equal = "GopherCon" }»"#)]),
    mutation(0, &[(NAME, r#"name = «{ contains = "gopher" }»"#)]),
    mutation(0, &[(NAME, r#"name = «{ matches = "2020.$" }»"#)]),
    mutation(
        0,
        &[(
            NAME,
            r#"name = «{ contains = "Gopher", matches = "^Russia" }»"#,
        )],
    ),
    mutation(0, &[("year = 2020, status", "year = «2021», status")]),
    mutation(
        0,
        &[("year = 2020, status", "year = «{ equal = -2020 }», status")],
    ),
    mutation(
        0,
        &[("year = 2020, status", "year = «{ lt = 2020 }», status")],
    ),
    mutation(
        0,
        &[("year = 2020, status", "year = «{ le = 2019 }», status")],
    ),
    mutation(
        0,
        &[("year = 2020, status", "year = «{ gt = 2020 }», status")],
    ),
    mutation(
        0,
        &[("year = 2020, status", "year = «{ ge = 2021 }», status")],
    ),
    mutation(
        0,
        &[(
            "year = 2020, status",
            "year = «{ ge = 2000, lt = 2020 }», status",
        )],
    ),
    mutation(0, &[("2020, status = 200 }", "2020, status = «201» }")]),
    mutation(0, &[(RETURNS, r#"«{ contains = "2021" }»"#)]),
    mutation(0, &[(RETURNS, r#"«{ matches = "^2020" }»"#)]),
    mutation(0, &[(RETURNS, r#"«"2020"»"#)]),
    mutation(0, &[(r#"took    = "< 50ms""#, r#"took    = «"< 1ns"»"#)]),
    mutation(0, &[(r#"took    = "< 50ms""#, r#"took    = «"<= 1ns"»"#)]),
    mutation(0, &[(r#"took    = "< 50ms""#, r#"took    = «"> 20s"»"#)]),
    mutation(0, &[(r#"took    = "< 50ms""#, r#"took    = «">= 20s"»"#)]),
    mutation(
        0,
        &[(r#"outcome = "returned""#, r#"outcome = «"running"»"#)],
    ),
    mutation(
        0,
        &[(r#"outcome = "returned""#, r#"outcome = «"panicked"»"#)],
    ),
    mutation(0, &[(r#"goroutine = "child""#, r#"goroutine = «"same"»"#)]),
    mutation(0, &[(r#"URL.Path = "/""#, r#"URL.Path = «"/x"»"#)]),
    mutation(0, &[(r#"Method = "GET""#, r#"Method = «"POST"»"#)]),
    mutation(
        0,
        &[(
            r#"request.Method = "GET" }"#,
            r#"request.Header = «{ len = 99 }» }"#,
        )],
    ),
    // No call at all fails as well.
    mutation(
        0,
        &[
            ("[test.calls.handler]", "[test.calls.«healthz»]"),
            (
                r#"args    = { request.URL.Path = "/", request.Method = "GET" }"#,
                "",
            ),
        ],
    ),
];

/// How long calls take.
const LATENCIES: &[Mutation] = &[
    mutation(1, &[(r#""p50 < 50ms""#, r#"«"p50 < 1ns"»"#)]),
    mutation(1, &[(r#""p50 < 50ms""#, r#"«"p50 > 20s"»"#)]),
    mutation(1, &[(r#""p50 < 50ms""#, r#"«"mean <= 1ns"»"#)]),
    mutation(1, &[(r#""p50 < 50ms""#, r#"«"min >= 20s"»"#)]),
    mutation(1, &[(r#""max < 500ms""#, r#"«"max < 1ns"»"#)]),
    mutation(1, &[(r#""max < 500ms""#, r#"«"p90 < 1ns"»"#)]),
];

/// The tour's tables before its first test, and its tests.
fn tour() -> (String, Vec<String>) {
    let path = command::repository().join("testdata/tour.proctor.toml");
    let text = fs::read_to_string(path).unwrap();
    let mut parts = text.split("[[test]]\n");
    let fixtures = command::repository().join("go-fixtures");
    let package = |name: &str| format!("package = {name:?}");
    let head = parts.next().unwrap().replace(
        &package("../go-fixtures/testprogram"),
        &package(fixtures.join("testprogram").to_str().unwrap()),
    );
    (
        head,
        parts.map(|test| format!("[[test]]\n{test}")).collect(),
    )
}

/// A spec in the making, and where its tests' carets must be.
struct Mutated {
    text: String,
    /// By the test's name: the line, from 1, and what the carets stand under.
    places: BTreeMap<String, (usize, String)>,
}

impl Mutated {
    /// Adds a test under a name of its own.
    fn add(&mut self, test: &str, name: &str, edits: &[(&str, &str)]) {
        let mut text = test.to_owned();
        for (from, to) in edits {
            assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
            text = text.replace(from, to);
        }
        let line = text
            .lines()
            .find(|line| line.starts_with("name "))
            .unwrap()
            .to_owned();
        text = text.replace(&line, &format!("name = {name:?}"));
        if let Some((before, rest)) = text.split_once(MARKS[0]) {
            let (marked, after) = rest.split_once(MARKS[1]).unwrap();
            let line = (self.text.clone() + before).matches('\n').count() + 1;
            self.places
                .insert(name.to_owned(), (line, marked.to_owned()));
            text = format!("{before}{marked}{after}");
        }
        assert!(!text.contains(MARKS), "{text}");
        self.text += &text;
    }
}

/// What was told of a test that failed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Failed {
    /// How many of its expectations failed, as its header has it.
    failures: usize,
    /// Line, from 1, and what the carets stand under.
    places: Vec<(usize, String)>,
}

/// Runs a spec, all of whose marked tests must fail and no others.
fn fails_at_its_places(folder: &Path, spec: &Mutated) {
    let path = folder.join("mutated.proctor.toml");
    fs::write(&path, &spec.text).unwrap();
    let output = command::goproctor().arg("run").arg(&path).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}\n{errors}");
    let mut told_failed = failed(&told);
    let mut wrong = String::new();
    for (name, place) in &spec.places {
        let wanted = Failed {
            failures: 1,
            places: vec![place.clone()],
        };
        let got = told_failed.remove(name.as_str());
        if got.as_ref() != Some(&wanted) {
            writeln!(wrong, "{name}: wanted {place:?}, got {got:?}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}\n{told}");
    assert!(told_failed.is_empty(), "{told_failed:?}\n{told}");
    let passed = told.lines().filter(|line| line.starts_with("ok "));
    let all = spec.text.matches("[[test]]").count();
    assert_eq!(passed.count(), all - spec.places.len(), "{told}");
}

/// The tests that failed, by name.
fn failed(told: &str) -> BTreeMap<&str, Failed> {
    let mut tests: BTreeMap<&str, Failed> = BTreeMap::new();
    let mut current = None;
    let mut lines = told.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some((whole, header)) = line.split_once(" › ") {
            let (name, figures) = header.split_once("  ").unwrap();
            let failures = figures.trim().split_once(" of ").map(|(failed, _)| failed);
            current = whole.starts_with("FAIL").then_some(name);
            if let Some(name) = current {
                tests.entry(name).or_default().failures = failures.unwrap().parse().unwrap();
            }
        }
        let excerpt = line
            .split_once(".proctor.toml:")
            .and_then(|(_, place)| place.split_once("  "))
            .and_then(|(number, text)| Some((number.parse().ok()?, text)));
        if let (Some((number, text)), Some(name)) = (excerpt, current) {
            let start = line.chars().count() - text.chars().count();
            let carets: Vec<char> = lines.peek().unwrap().chars().collect();
            let before = carets.iter().take_while(|&&c| c == ' ').count();
            let count = carets[before..].iter().take_while(|&&c| c == '^').count();
            let under = text.chars().skip(before - start).take(count).collect();
            tests.get_mut(name).unwrap().places.push((number, under));
        }
    }
    tests
}

#[test]
fn every_change_of_an_expectation_fails_at_its_place() {
    let (head, tests) = tour();
    let mut spec = Mutated {
        text: head.replace("[limits]", &format!("{FUNCTIONS}\n[limits]")),
        places: BTreeMap::new(),
    };
    let tests: Vec<String> = tests
        .iter()
        .map(|test| test.replace("snapshot = true\n", ""))
        .collect();
    for (number, test) in tests.iter().enumerate() {
        spec.add(test, &format!("unchanged {number}"), &[]);
    }
    // What may be anything can't fail.
    let anything = [
        ("status = 200, body", "status = { any = true }, body"),
        (BODY, "{ any = true }"),
        (NAME, "name = { any = true }"),
        ("year = 2020, status", "year = { any = true }, status"),
        (RETURNS, "{ any = true }"),
    ];
    spec.add(&tests[0], "anything", &anything);
    let kinds = [ANSWERS, SEQUENCES, COUNTS, CALLS, LATENCIES];
    for (number, mutation) in kinds.into_iter().flatten().enumerate() {
        let name = format!("mutation {number}");
        spec.add(&tests[mutation.test], &name, mutation.edits);
    }
    let folder = tempfile::tempdir().unwrap();
    fails_at_its_places(folder.path(), &spec);
}

/// Bools, which the tour has not, in a program that is run to its end.
#[test]
fn every_change_of_a_bool_fails_at_its_place() {
    let oracle = command::repository().join("go-fixtures/base/oracle");
    let mut spec = Mutated {
        text: format!(
            r#"
[program]
package = {oracle:?}
args    = ["-calls=400", "-goroutines=1"]

[functions]
divide   = "goproctor.test/base/oracle/work.Divide"
zero     = {{ func = "goproctor.test/base/oracle/work.Divide", args = {{ divisor = 0 }} }}
first    = {{ func = "goproctor.test/base/oracle/work.Pick", args = {{ wantFirst = true }} }}

"#
        ),
        places: BTreeMap::new(),
    };
    let test = r#"[[test]]
name = "bools"
count = { divide = { ge = 1 } }

[test.calls.zero]
returns = [0, 0, false]

[test.calls.first]
args = { wantFirst = true }

"#;
    spec.add(test, "unchanged", &[]);
    let changes: [&[(&str, &str)]; 4] = [
        &[("0, false]", "0, «true»]")],
        &[("0, false]", "0, «{ equal = true }»]")],
        &[("wantFirst = true", "wantFirst = «false»")],
        &[("returns = [0, 0", "returns = [0, «-1»")],
    ];
    for (number, edits) in changes.into_iter().enumerate() {
        spec.add(test, &format!("mutation {number}"), edits);
    }
    let folder = tempfile::tempdir().unwrap();
    fails_at_its_places(folder.path(), &spec);
}

/// Values of every kind, in a program that is run to its end.
#[test]
fn every_change_of_a_path_a_list_an_error_and_the_like_fails_at_its_place() {
    const ALL: &str = "[{ X = 1 }, { X = 2, Y = 3 }, { Y = { gt = 3 } }]";
    const TEXTS: &str = r#"["first", { contains = "sec" }]"#;
    const MAP: &str = r#"{ has = ["text/html", "*/*"], each = { len = { le = 2 } } }"#;
    const MESSAGE: &str = r#"{ contains = "/nowhere", matches = "^open" }"#;
    let values = command::repository().join("go-fixtures/base/values");
    let mut spec = Mutated {
        text: format!(
            r#"
[program]
package = {values:?}

[functions]
first   = "goproctor.test/base/values/kinds.First"
texts   = "goproctor.test/base/values/kinds.StringsOf"
out     = "goproctor.test/base/values/kinds.Out"
headers = "goproctor.test/base/values/kinds.OfSlices"
none    = {{ func = "goproctor.test/base/values/kinds.Fail", args = {{ how = "typed nil" }} }}
fresh   = {{ func = "goproctor.test/base/values/kinds.Fail", args = {{ how = "new" }} }}
path    = {{ func = "goproctor.test/base/values/kinds.Fail", args = {{ how = "path" }} }}

"#
        ),
        places: BTreeMap::new(),
    };
    let test = r#"[[test]]
name = "values"

[test.calls.first]
args    = { "all[1].X" = 2, all = [{ X = 1 }, { X = 2, Y = 3 }, { Y = { gt = 3 } }] }
returns = { X = 2, Y = 3 }

[test.calls.texts]
args = { all = ["first", { contains = "sec" }], "all[0]" = { len = 5 } }

[test.calls.out]
args = { p = 0, to = 5 }
out  = { p = 5 }

[test.calls.headers]
args    = { 'm["Accept"][0]' = "text/html", m = { has = ["text/html", "*/*"], each = { len = { le = 2 } } } }
returns = { nil = false }

[test.calls.none]
returns = [9, { type = "*kinds.Trouble" }]
error   = true

[test.calls.fresh]
error = { as = "*errors.errorString", is = "goproctor.test/base/values/kinds.ErrBase" }

[test.calls.path]
error = { contains = "/nowhere", matches = "^open" }

"#;
    spec.add(test, "unchanged", &[]);
    let changes: &[&[(&str, &str)]] = &[
        // Paths.
        &[(r#""all[1].X" = 2,"#, r#""all[1].X" = «3»,"#)],
        &[(r#""all[1].X" = 2,"#, r#""all[2].X" = «2»,"#)],
        &[(r#"= "text/html", m"#, r#"= «"text/plain"», m"#)],
        &[(
            r#"["Accept"][0]' = "text/html""#,
            r#"["Missing"][0]' = «"text/html"»"#,
        )],
        // Lists: what stands in them is judged as one.
        &[(
            ALL,
            r#"«[{ X = 1 }, { X = 2, Y = 4 }, { Y = { gt = 3 } }]»"#,
        )],
        &[(
            ALL,
            r#"«[{ X = 1 }, { X = 2, Y = 3 }, { Y = { gt = 4 } }]»"#,
        )],
        &[(TEXTS, r#"«["first"]»"#)],
        &[(TEXTS, r#"«["second", { contains = "sec" }]»"#)],
        &[(TEXTS, r#"«["first", { contains = "th" }]»"#)],
        // Fields.
        &[("returns = { X = 2, Y = 3 }", "returns = { X = «1», Y = 3 }")],
        // Matchers of the whole.
        &[("{ len = 5 }", "«{ len = 4 }»")],
        &[("{ len = 5 }", "«{ len = { gt = 5 } }»")],
        &[(
            MAP,
            r#"«{ has = ["text/html"], each = { len = { le = 2 } } }»"#,
        )],
        &[(
            MAP,
            r#"«{ has = ["text/html", "*/*"], each = { len = { lt = 2 } } }»"#,
        )],
        &[("{ nil = false }", "«{ nil = true }»")],
        &[(
            r#"{ type = "*kinds.Trouble" }"#,
            r#"«{ type = "*kinds.Failure" }»"#,
        )],
        // What is behind a pointer, before and after.
        &[("{ p = 0, to", "{ p = «5», to")],
        &[("{ p = 5 }", "{ p = «0» }")],
        // Errors.
        &[("error   = true", "error   = «false»")],
        &[(r#"as = "*errors.errorString""#, r#"as = «"*fs.PathError"»"#)],
        &[(
            r#"is = "goproctor.test/base/values/kinds.ErrBase""#,
            r#"is = «"io.EOF"»"#,
        )],
        &[(MESSAGE, r#"«{ contains = "/etc", matches = "^open" }»"#)],
        &[(
            MESSAGE,
            r#"«{ contains = "/nowhere", matches = "^close" }»"#,
        )],
    ];
    for (number, edits) in changes.iter().enumerate() {
        spec.add(test, &format!("mutation {number}"), edits);
    }
    let folder = tempfile::tempdir().unwrap();
    fails_at_its_places(folder.path(), &spec);
}

#[test]
fn a_changed_snapshot_fails_at_its_place() {
    let (head, tests) = tour();
    let accepted = "the answer is prepared from the query and the site's status";
    let snapshots = command::repository().join("testdata/snapshots");
    let file = |stem: &str, name: &str| format!("{stem}__{}.snap", spec::slug(name));
    let snapshot = fs::read_to_string(snapshots.join(file("tour", accepted))).unwrap();
    let mut spec = Mutated {
        text: head,
        places: BTreeMap::new(),
    };
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("snapshots")).unwrap();
    spec.add(&tests[0], "unchanged", &[]);
    let changes = [
        ("unchanged", ("", "")),
        ("an argument", (", 2020, 200)", ", 2020, 201)")),
        ("a result", ("→ 200\n", "→ 503\n")),
        (
            "a goroutine",
            ("go main.checkSite.func1()", "main.checkSite.func1()"),
        ),
        (
            "a call more",
            (
                "    main.prepareAnswer(",
                "    main.healthz()\n    main.prepareAnswer(",
            ),
        ),
    ];
    for (name, (from, to)) in changes {
        assert!(snapshot.contains(from), "{snapshot}");
        let path = folder.path().join("snapshots").join(file("mutated", name));
        fs::write(path, snapshot.replacen(from, to, 1)).unwrap();
        if name != "unchanged" {
            spec.add(&tests[0], name, &[("snapshot = true", "snapshot = «true»")]);
        }
    }
    fails_at_its_places(folder.path(), &spec);
}
