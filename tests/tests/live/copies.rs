//! A function of a binary of which the compiler put copies in its callers: it is watched if the spec accepts that, and
//! what a call of a copy could change is not decided.

use std::fs;

use goproctor_tests::{
    command::goproctor,
    go::{self, NEWEST},
    harness::Test,
};

pub(crate) const TESTS: &[Test<'static>] = &[(
    "a_partly_inlined_function_is_watched_if_that_is_accepted",
    accepted,
)];

fn accepted() {
    let folder = tempfile::tempdir().unwrap();
    let binary = go::build_fixture("base", "copies", NEWEST, folder.path());
    let spec = binary.with_extension("proctor.toml");
    let run = |function: &str, expected: &str| {
        let text = format!(
            "[program]\nbinary = \"./copies\"\n\n[functions]\nsmall = {function}\n\n[[test]]\nname = \"copies\"\n{expected}\n"
        );
        fs::write(&spec, text).unwrap();
        let output = goproctor().arg("run").arg(&spec).output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), stdout + &stderr)
    };
    let (code, said) = run("\"main.small\"", "count = { small = { ge = 1 } }");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("main.small was partly inlined"), "{said}");
    assert!(said.contains("partly-inlined ="), "{said}");

    let accepting = "{ func = \"main.small\", partly-inlined = \"accept\" }";
    let (code, said) = run(accepting, "count = { small = { ge = 1 } }");
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("main.small was inlined in places (2 copies, in main.direct"),
        "{said}"
    );
    for open in ["count = { small = 1 }", "count = { small = { le = 1 } }"] {
        let (code, said) = run(accepting, open);
        assert_eq!(code, Some(4), "{open}: {said}");
        assert!(
            said.contains("small was inlined in places, where its calls are not seen"),
            "{said}"
        );
    }
    let (code, said) = run(accepting, "never = [\"small\"]");
    assert_eq!(code, Some(1), "{said}");

    // The matches of a glob are accepted without a word.
    let (code, said) = run("\"main.s*\"", "count = { small = 1 }");
    assert_eq!(code, Some(4), "{said}");
}
