//! What is asked of a request's calls together: their order, how many there are and whose, what travels through them.

use super::Change;

const ORDER: &str = r#"["take", ["price", "weigh"], "scale", "!announce", "store", "#;

/// Sequences, of one goroutine and across.
pub(super) const SEQUENCES: &[Change] = &[
    (
        "whatever goroutine",
        &[(
            ORDER,
            r#"["take", «"scale"», ["price", "weigh"], "!announce", "store", "#,
        )],
    ),
    (
        "whatever goroutine",
        &[(
            ORDER,
            r#"["take", ["price", "weigh", «"fail"»], "scale", "!announce", "store", "#,
        )],
    ),
    (
        "whatever goroutine",
        &[(
            ORDER,
            r#"["take", ["price", "weigh"], "scale", "!«submit»", "store", "#,
        )],
    ),
    (
        "whatever goroutine",
        &[(
            ORDER,
            r#"["take", ["price", "weigh"], "scale", "!announce", «"store"», "process", "#,
        )],
    ),
    (
        "whatever goroutine",
        &[(r#"gap = "< 10s""#, r#"gap = «"> 20s"»"#)],
    ),
    (
        "whatever goroutine",
        &[(
            r#"gap = "< 10s", took = "< 10s""#,
            r#"gap = "< 10s", took = «"> 20s"»"#,
        )],
    ),
    (
        "on one goroutine",
        &[(r#""price", "!scale""#, r#"«"weigh"», "!scale""#)],
    ),
    (
        "on one goroutine",
        &[(r#""price", "!scale""#, r#""!«price»""#)],
    ),
    (
        "on one goroutine",
        &[(
            r#""!scale", "submit", "announce"], goroutine = "same""#,
            r#""!«scale»", "submit", "announce"]"#,
        )],
    ),
    (
        "that is whole",
        &[(
            r#""store", "announce""#,
            r#""store", «"store"», "announce""#,
        )],
    ),
    (
        "that is whole",
        &[(r#""store", "announce""#, r#"«"announce"», "store""#)],
    ),
    (
        "that is whole",
        &[(
            r#"{ exact = ["process", "store", "announce"] }"#,
            r#"{ exact = ["process", «"announce"», "!store"] }"#,
        )],
    ),
    (
        "without a break",
        &[(r#""submit", "process""#, r#"«"process"», "!submit""#)],
    ),
    (
        "without a break",
        &[(r#""submit", "process""#, r#""submit", «"scale"»"#)],
    ),
];

/// `count-per-request`, `from` and `settle`.
pub(super) const OWNERS: &[Change] = &[
    (
        "does the same",
        &[
            ("store = 20, scale", "scale"),
            ("store = 1, take", "store = «2», take"),
        ],
    ),
    ("does the same", &[("{ ge = 1, lt = 2 }", "«{ ge = 2 }»")]),
    ("does the same", &[("{ ge = 1, lt = 2 }", "«{ lt = 1 }»")]),
    ("does the same", &[("audit = 0", "audit = «1»")]),
    ("does the same", &[("fail = 0", "fail = «{ gt = 0 }»")]),
    (
        "does the same",
        &[
            ("store = 20, scale", "store = «19», scale"),
            ("store = 1, take", "take"),
        ],
    ),
    (
        "does the same",
        &[("{ ge = 20, le = 20 }", "«{ ge = 10, lt = 20 }»")],
    ),
    ("looked at, too", &[("audit = 3", "audit = «2»")]),
    ("looked at, too", &[("audit = 3", "audit = «{ gt = 3 }»")]),
    (
        "looked at, too",
        &[(r#""store", "audit"]"#, r#""store", "audit", «"fail"»]"#)],
    ),
    (
        "looked at, too",
        &[(
            r#""store", "audit"]"#,
            r#""store", "!«announce»", "store"]"#,
        )],
    ),
    (
        "looked at, too",
        &[
            (r#"from     = "anywhere""#, ""),
            ("count    = { audit = 3 }", "count    = { audit = «3» }"),
            (
                r#""store", "audit", "announce", "store", "audit""#,
                r#""store", "announce""#,
            ),
        ],
    ),
    (
        "looked at, too",
        &[
            (r#"from     = "anywhere""#, r#"from     = "requests""#),
            ("count    = { audit = 3 }", ""),
            (
                r#"["store", "audit", "announce""#,
                r#"["store", «"audit"», "announce""#,
            ),
        ],
    ),
    (
        "one function",
        &[
            ("[test.calls.audit]", "[test.calls.«audit»]"),
            (r#"from  = "anywhere""#, ""),
        ],
    ),
    (
        "one function",
        &[
            ("[test.calls.audit]", "[test.calls.«audit»]"),
            (r#"from  = "anywhere""#, r#"from  = "requests""#),
        ],
    ),
    (
        "after the answer",
        &[
            ("[test.calls.report]", "[test.calls.«report»]"),
            (r#"settle  = "30s""#, r#"settle  = "1ms""#),
        ],
    ),
];

/// `flow`.
pub(super) const FLOWS: &[Change] = &[
    (
        "travels",
        &[(r#""weigh.o", "submit.o""#, r#""submit.o", «"weigh.o"»"#)],
    ),
    (
        "travels",
        &[(
            r#""scale.item", "announce.item""#,
            r#""announce.item", «"scale.item"»"#,
        )],
    ),
    (
        "travels",
        &[(r#""announce.item""#, r#"«"announce.returns.0"»"#)],
    ),
    ("travels", &[(r#""announce.item""#, r#"«"fail.what"»"#)]),
    (
        "travels",
        &[(
            r#"["take.item", "scale.item""#,
            r#"["fail.what", «"scale.item"»"#,
        )],
    ),
    (
        "travels",
        &[(
            r#"["take.item", "scale.item", "announce.item"]"#,
            r#"["audit.id", «"announce.id"»]"#,
        )],
    ),
];

/// A server's own requests.
pub(super) const SERVER: &[Change] = &[
    (
        "entry",
        &[(r#"["serve", "shout"]"#, r#"[«"shout"», "serve"]"#)],
    ),
    ("entry", &[("{ shout = 1 }", "{ shout = «2» }")]),
    (
        "entry",
        &[(
            r#"["serve.target", "shout.text"]"#,
            r#"["shout.text", «"serve.target"»]"#,
        )],
    ),
    (
        "entry",
        &[
            (r#"child-of  = "serve""#, ""),
            (
                "[test.calls.serve]",
                "[test.calls.serve]\nunder = «\"shout\"»",
            ),
        ],
    ),
    (
        "entry",
        &[(r#"goroutine = "child""#, r#"goroutine = «"same"»"#)],
    ),
    (
        "entry",
        &[(
            r#"goroutine       = "same""#,
            r#"goroutine       = «"distinct"»"#,
        )],
    ),
    (
        "entry",
        &[(r#"concurrent-with = "shout""#, r#"before = «"shout"»"#)],
    ),
];
