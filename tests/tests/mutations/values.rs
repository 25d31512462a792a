//! Values that the tour has not.

use goproctor_tests::command;

use crate::mutated::{Edits, Mutated, fails_at_its_places};

/// Bools, which the tour has not, in a program that is run to its end.
#[test]
fn every_change_of_a_bool_fails_at_its_place() {
    let oracle = command::repository().join("go-fixtures/base/oracle");
    let mut spec = Mutated::new(format!(
        r#"
[program]
package = {oracle:?}
args    = ["-calls=400", "-goroutines=1"]

[functions]
divide   = "goproctor.test/base/oracle/work.Divide"
zero     = {{ func = "goproctor.test/base/oracle/work.Divide", args = {{ divisor = 0 }} }}
first    = {{ func = "goproctor.test/base/oracle/work.Pick", args = {{ wantFirst = true }} }}

"#
    ));
    let test = r#"[[test]]
name = "bools"
count = { divide = { ge = 1 } }

[test.calls.zero]
returns = [0, 0, false]

[test.calls.first]
args = { wantFirst = true }

"#;
    spec.add(test, "unchanged", &[]);
    let changes: [Edits<'_>; 4] = [
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
    let mut spec = Mutated::new(format!(
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
    ));
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
    let changes: &[Edits<'_>] = &[
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
