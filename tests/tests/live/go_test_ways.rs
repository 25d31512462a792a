//! Other ways to judge Go tests, or to look at them, than `goproctor test` with a spec.

use std::process::Command;

use goproctor_tests::harness::Test;
use serde_json::Value as Json;

use crate::go_test_verdicts::{Module, Run, in_folder};

pub(crate) const TESTS: &[Test<'static>] = &[(
    "go_tests_that_are_run_by_plain_go_test_are_judged",
    printed_flags,
)];

fn printed_flags() {
    let module = Module::new(
        "\n[[test]]\ngo-test = \"TestCheckout/free shipping\"\ncount = { publish = 2 }\n",
    );
    let go = |arguments: &[&str], goflags: &str| {
        let mut go = Command::new("go");
        go.arg("test").args(arguments).env("GOFLAGS", goflags);
        Run::of(in_folder(&mut go, module.folder.path()))
    };
    let words = module.test(&["--print-flags", "./..."]);
    assert_eq!(words.code, Some(0), "{words:?}");
    let json = module.test(&["--print-flags=json", "./..."]);
    let Json::Array(array) = serde_json::from_str(&json.out).unwrap() else {
        panic!("{json:?}");
    };
    let array: Vec<&str> = array.iter().map(|flag| flag.as_str().unwrap()).collect();
    let given = [array.as_slice(), &["."]].concat();
    // GOFLAGS that has them already is no `-exec` of the user's own.
    let both = module.test_with(&["."], &[("GOFLAGS", words.out.trim())]);
    for run in [go(&["."], words.out.trim()), go(&given, ""), both] {
        assert_eq!(run.code, Some(1), "{run:?}");
        let lines = run.after("    --- FAIL: TestCheckout/free_shipping");
        let line = "        shop.proctor.toml:7: calls of publish: want 2, got 1";
        assert!(lines[0].starts_with(line), "{run:?}");
        assert_eq!(run.out.matches("want 2").count(), 1, "{run:?}");
    }
    let plain = go(&["."], "");
    assert_eq!(plain.code, Some(0), "{plain:?}");
}
