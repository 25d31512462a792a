//! The tour: answers, order, counts, values, latencies.

use crate::mutated::{Edits, Mutated, committed, fails_at_its_places};

/// A test of the tour, by its number, with some of its text replaced; one replacement has marks.
struct Mutation {
    test: usize,
    edits: Edits<'static>,
}

const fn mutation(test: usize, edits: Edits<'static>) -> Mutation {
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

#[test]
fn every_change_of_an_expectation_fails_at_its_place() {
    let (head, tests) = committed("tour");
    let mut spec = Mutated::new(head.replace("[limits]", &format!("{FUNCTIONS}\n[limits]")));
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
