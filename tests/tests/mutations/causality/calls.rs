//! What is asked of calls: where they stand, when they run, how they end.

use super::Change;

/// A sequence of steps stands in the way of other demands on the same calls.
const STEP: &str = r#"["guard", { call = "fail", outcome = "panicked", child-of = "guard" }]"#;
const FAIL: &str = "[test.calls.fail]\noutcome = \"panicked\"";

/// `under`, `child-of` and `goroutine`, of steps and of all calls.
pub(super) const STANDPOINTS: &[Change] = &[
    (
        "stand above",
        &[(r#"under = "handle", child"#, r#"under = «"price"», child"#)],
    ),
    (
        "stand above",
        &[(
            r#"under = "handle", child-of = "weigh""#,
            r#"child-of = «"handle"»"#,
        )],
    ),
    (
        "stand above",
        &[(r#"goroutine = "distinct""#, r#"goroutine = «"child"»"#)],
    ),
    (
        "stand above",
        &[(r#"goroutine = "distinct""#, r#"goroutine = «"same"»"#)],
    ),
    (
        "stand above",
        &[(r#"under    = "handle""#, r#"under    = «"price"»"#)],
    ),
    (
        "stand above",
        &[(r#"child-of = "weigh"  "#, r#"child-of = «"price"»  "#)],
    ),
    (
        "stand above",
        &[
            (r#"under    = "handle""#, ""),
            (r#"child-of = "weigh"  "#, r#"child-of = «"handle"»  "#),
        ],
    ),
    (
        "stand above",
        &[(r#"child-of = "process""#, r#"child-of = «"submit"»"#)],
    ),
    (
        "seen from",
        &[
            (
                r#""weigh", goroutine = "child""#,
                r#""weigh", goroutine = «"same"»"#,
            ),
            ("[test.calls.weigh]\ngoroutine = \"child\"", ""),
        ],
    ),
    (
        "seen from",
        &[
            (
                r#""weigh", goroutine = "child""#,
                r#""price", goroutine = «"child"»"#,
            ),
            ("[test.calls.price]\ngoroutine = \"same\"", ""),
        ],
    ),
    (
        "seen from",
        &[(
            "calls.price]\ngoroutine = \"same\"",
            "calls.price]\ngoroutine = «\"child\"»",
        )],
    ),
    (
        "seen from",
        &[(
            "calls.price]\ngoroutine = \"same\"",
            "calls.price]\ngoroutine = «\"distinct\"»",
        )],
    ),
    (
        "seen from",
        &[
            (
                r#"["handle", { call = "weigh", goroutine = "child" }]"#,
                r#"["handle"]"#,
            ),
            (
                "calls.weigh]\ngoroutine = \"child\"",
                "calls.weigh]\ngoroutine = «\"same\"»",
            ),
        ],
    ),
    (
        "seen from",
        &[(
            "calls.process]\ngoroutine = \"distinct\"",
            "calls.process]\ngoroutine = «\"same\"»",
        )],
    ),
    (
        "seen from",
        &[(
            "calls.process]\ngoroutine = \"distinct\"",
            "calls.process]\ngoroutine = «\"child\"»",
        )],
    ),
    (
        "seen from",
        &[(
            "calls.store]\ngoroutine = \"any\"",
            "calls.store]\ngoroutine = «\"same\"»",
        )],
    ),
];

/// `before`, `after` and `concurrent-with`.
pub(super) const TIMES: &[Change] = &[
    (
        "whole calls",
        &[(
            r#"["weigh", "price", "store"]"#,
            r#"[«"handle"», "price", "store"]"#,
        )],
    ),
    (
        "whole calls",
        &[(
            r#"["weigh", "price", "store"]"#,
            r#"["weigh", «"audit"», "store"]"#,
        )],
    ),
    (
        "whole calls",
        &[(r#"["scale", "store"]"#, r#"["scale", «"handle"»]"#)],
    ),
    (
        "whole calls",
        &[(
            r#"after           = "take""#,
            r#"after           = «"store"»"#,
        )],
    ),
    (
        "whole calls",
        &[(
            r#"before          = "submit""#,
            r#"before          = «"scale"»"#,
        )],
    ),
    (
        "whole calls",
        &[(
            r#"concurrent-with = "price""#,
            r#"concurrent-with = «"announce"»"#,
        )],
    ),
    (
        "whole calls",
        &[(
            r#"concurrent-with = "weigh""#,
            r#"concurrent-with = «"store"»"#,
        )],
    ),
    (
        "whole calls",
        &[(r#"["scale", "process"]"#, r#"[«"take"», "process"]"#)],
    ),
    (
        "whole calls",
        &[(r#"["scale", "process"]"#, r#"["scale", «"audit"»]"#)],
    ),
    (
        "requests meet",
        &[
            (r#"from    = "anywhere""#, ""),
            (
                r#"concurrent-with = "meet""#,
                r#"concurrent-with = «"meet"»"#,
            ),
        ],
    ),
    (
        "one function",
        &[(r#"after = "store""#, r#"after = «"announce"»"#)],
    ),
    (
        "one function",
        &[(r#"after = "store""#, r#"before = «"store"»"#)],
    ),
    (
        "after the answer",
        &[(r#"after   = "follow""#, r#"concurrent-with = «"follow"»"#)],
    ),
    (
        "after the answer",
        &[
            (r#"after   = "follow""#, r#"before = «"follow"»"#),
            (r#"under   = "follow""#, ""),
        ],
    ),
];

/// `outcome`, of steps and of all calls.
pub(super) const OUTCOMES: &[Change] = &[
    (
        "recovered",
        &[
            (
                r#"outcome = "panicked", child"#,
                r#"outcome = «"returned"», child"#,
            ),
            (FAIL, ""),
        ],
    ),
    (
        "recovered",
        &[(
            r#"outcome = "panicked", child-of = "guard""#,
            r#"outcome = "panicked", child-of = «"fail"»"#,
        )],
    ),
    (
        "recovered",
        &[(r#"outcome = "recovered""#, r#"outcome = «"returned"»"#)],
    ),
    (
        "recovered",
        &[
            (r#"outcome = "recovered""#, r#"outcome = «"panicked"»"#),
            ("returns = [\"guarded\"]", ""),
        ],
    ),
    (
        "recovered",
        &[(r#"returns = ["guarded"]"#, r#"returns = [«"unguarded"»]"#)],
    ),
    (
        "recovered",
        &[
            (STEP, "[\"guard\"]"),
            (FAIL, "[test.calls.fail]\noutcome = «\"recovered\"»"),
        ],
    ),
    (
        "recovered",
        &[
            (STEP, "[\"guard\"]"),
            (FAIL, "[test.calls.fail]\noutcome = «\"goexit\"»"),
        ],
    ),
    (
        "recovered",
        &[
            (STEP, "[\"guard\"]"),
            (FAIL, "[test.calls.fail]\noutcome = «\"running\"»"),
        ],
    ),
    (
        "recovered",
        &[
            (STEP, "[\"guard\"]"),
            (FAIL, "[test.calls.fail]\noutcome = «\"process-ended\"»"),
        ],
    ),
    (
        "leaves the handler",
        &[(r#"outcome = "panicked""#, r#"outcome = «"recovered"»"#)],
    ),
    (
        "leaves the handler",
        &[("status = { any = true }", "status = «500»")],
    ),
    (
        "leaves the handler",
        &[(
            "status = { any = true }",
            "body = «{ any = true }», status = { any = true }",
        )],
    ),
    (
        "a goroutine is left",
        &[(r#"outcome = "returned""#, r#"outcome = «"goexit"»"#)],
    ),
    (
        "a goroutine is left",
        &[(r#"outcome   = "goexit""#, r#"outcome   = «"returned"»"#)],
    ),
    (
        "a goroutine is left",
        &[(r#"outcome   = "goexit""#, r#"outcome   = «"panicked"»"#)],
    ),
    (
        "a goroutine is left",
        &[(r#"goroutine = "child""#, r#"goroutine = «"same"»"#)],
    ),
    (
        "a goroutine is left",
        &[(r#"under     = "withdraw""#, r#"under     = «"fail"»"#)],
    ),
    (
        "does not end",
        &[(r#"outcome = "running""#, r#"outcome = «"returned"»"#)],
    ),
    (
        "does not end",
        &[(r#"outcome = "running""#, r#"outcome = «"goexit"»"#)],
    ),
    (
        "does not end",
        &[(r#"outcome = "running""#, r#"outcome = «"process-ended"»"#)],
    ),
    (
        "process ends",
        &[("args    = { status = 3 }", "args    = { status = «4» }")],
    ),
    (
        "process ends",
        &[
            (
                "[test.calls.crash]",
                "[test.calls.fall]\noutcome = \"panicked\"\n\n[test.calls.crash]",
            ),
            ("[test.calls.fall]", "[test.calls.«fall»]"),
        ],
    ),
];
