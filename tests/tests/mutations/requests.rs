//! A shop behind a login: what answers have, what stubs receive, what is carried on.

use crate::mutated::{Edits, Mutated, committed, fails_at_its_places};

/// Of the test that places, finds and pays an order; one replacement of each has marks.
const ORDER: &[Edits<'static>] = &[
    // Parts of answers.
    &[(r#"user = "ada""#, r#"user = «"grace"»"#)],
    &[("qty = { ge = 2 }", "qty = «{ gt = 2 }»")],
    &[(r#"tags = ["new", "book"]"#, r#"tags = «["book", "new"]»"#)],
    &[(r#"tags = ["new", "book"]"#, r#"tags = «["new"]»"#)],
    &[("price = { nil = true }", "price = «{ nil = false }»")],
    &[("price = { nil = true }", "cost = «{ any = true }»")],
    &[(r#""tags[0]" = "new""#, r#""tags[2]" = «"new"»"#)],
    &[(
        r#""tags[0]" = "new""#,
        r#""tags[*]" = «{ contains = "e" }»"#,
    )],
    &[(
        r#"id = { matches = "^ord_" }, paid"#,
        r#"id = «{ matches = "^ses_" }», paid"#,
    )],
    &[("paid = false", "paid = «true»")],
    &[
        ("tags = { len = 2, has", "tags = «{ len = 3, has"),
        (r#"has = "new" }"#, r#"has = "new" }»"#),
    ],
    &[("json = { paid = true }", r#"json = { paid = «"true"» }"#)],
    // What is carried on.
    &[(r#"item = "json.tags[1]""#, r#"item = «"json.tags[2]"»"#)],
    &[(r#"item = "json.tags[1]""#, r#"item = «"json.tags[*]"»"#)],
    &[(r#"item = "json.tags[1]""#, r#"item = «"json.tags"»"#)],
    &[(r#"item = "json.tags[1]""#, r#"item = «"cookie.session"»"#)],
    &[(r#"item = "json.tags[1]""#, r#"item = «"header.Location"»"#)],
    &[
        (
            r#"item = "json.tags[1]""#,
            r#"item = «{ body = "([bk])" }»"#,
        ),
        ("json = { paid = true }", ""),
    ],
    // What the stub received.
    &[(
        r#"post    = "/v1/charges?try=1""#,
        r#"post    = «"/v1/charges?try=2"»"#,
    )],
    &[(
        r#"post    = "/v1/charges?try=1""#,
        r#"put     = «"/v1/charges?try=1"»"#,
    )],
    &[(
        r#"post    = "/v1/charges?try=1""#,
        r#"post    = «"/v1/charge"»"#,
    )],
    &[(
        r#"Authorization = "Bearer key-1""#,
        r#"Authorization = «"Bearer key-2"»"#,
    )],
    &[(
        r#"Content-Type = { contains = "json" }"#,
        r#"X-Key = «{ any = true }»"#,
    )],
    &[(
        r#"order = { matches = "^ord_" }"#,
        r#"order = «{ matches = "^pay_" }»"#,
    )],
    &[("amount = 24", "amount = «25»")],
    &[
        (
            "each = { cents = { gt = 0 } } }",
            "each = { cents = { gt = 24 } } }»",
        ),
        ("lines = {", "lines = «{"),
    ],
    &[("count   = 1", "count   = «2»")],
    &[("count   = 1", "count   = «0»")],
    &[(r#"post = "/v1/mails""#, r#"post = «"/v1/letters"»"#)],
    &[(r#"to = "ada""#, r#"to = «"grace"»"#)],
    &[(
        r#"text = "thanks for the book""#,
        r#"subject = «{ any = true }»"#,
    )],
    // In another order: the second came before.
    &[
        (r#"post    = "/v1/charges?try=1""#, r#"post = "/v1/mails""#),
        (
            r#"headers = { Authorization = "Bearer key-1", Content-Type = { contains = "json" } }"#,
            "",
        ),
        (
            r#"json    = { order = { matches = "^ord_" }, amount = 24, lines = { each = { cents = { gt = 0 } } } }"#,
            "",
        ),
        (
            r#"post = "/v1/mails"
form"#,
            r#"post = «"/v1/charges"»
#form"#,
        ),
    ],
];

#[test]
fn every_change_of_what_is_exchanged_fails_at_its_place() {
    let (head, tests) = committed("checkout");
    let mut spec = Mutated::new(head);
    for (number, test) in tests.iter().enumerate() {
        spec.add(test, &format!("unchanged {number}"), &[]);
    }
    spec.add(
        &tests[0],
        "another user",
        &[(r#""hello ada\n""#, r#"«"hello grace\n"»"#)],
    );
    spec.add(
        &tests[0],
        "no cookies",
        &[
            ("cookies = true\n", ""),
            (
                r#"get = "${after-login}", body = "hello ada\n""#,
                r#"get = «"${after-login}"»"#,
            ),
        ],
    );
    spec.add(&tests[2], "somebody", &[("401", "«200»")]);
    for (number, edits) in ORDER.iter().enumerate() {
        spec.add(&tests[3], &format!("mutation {number}"), edits);
    }
    spec.add(
        &tests[4],
        "another item",
        &[(r#""pen" } }"#, r#"«"book"» } }"#)],
    );
    spec.add(
        &tests[4],
        "calls of before",
        &[("place = 0", "place = «1»")],
    );
    let folder = tempfile::tempdir().unwrap();
    fails_at_its_places(folder.path(), &spec);
}
