//! `goproctor test --tree`: the calls of a Go test, without a spec.

use goproctor_tests::harness::Test;

use super::go_test::Fixture;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("the_tree_of_a_go_test_needs_no_spec", tree),
    ("a_tree_of_nothing_is_an_error", nothing),
];

/// The fixture without its specs; what it prints, and the exit code.
fn show(arguments: &[&str]) -> (String, String, Option<i32>) {
    let fixture = Fixture::without_specs();
    let output = fixture.tree(arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        text(&output.stdout),
        text(&output.stderr),
        output.status.code(),
    )
}

fn tree() {
    let (text, errors, code) = show(&["TestTable/*", "./shop"]);
    assert_eq!(code, Some(0), "{text}\n{errors}");
    let trees: Vec<&str> = text.split("\n\n").skip(1).collect();
    let names = ["TestTable/one", "TestTable/two", "TestTable/a_dozen"];
    assert_eq!(trees.len(), names.len(), "{text}");
    for (tree, name) in trees.iter().zip(names) {
        for part in [
            &format!("test  {name}\n"),
            &format!("shop.Checkout(\"{name}\""),
            &format!("├ shop.price(\"{name}\""),
            &format!("└ shop.Publish(\"{name}\""),
        ] {
            assert!(tree.contains(part.as_str()), "{part}: {tree}");
        }
    }
    // Of other tests and packages nothing runs.
    assert!(!text.contains("TestCheckout"), "{text}");
}

fn nothing() {
    let (_, errors, code) = show(&["TestTabel", "./..."]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("did you mean `TestTable`?"), "{errors}");
    let (text, errors, code) = show(&["TestTable/four", "./shop"]);
    assert_eq!(code, Some(2), "{text}\n{errors}");
    assert!(errors.contains("TestTable/four did not run"), "{errors}");
}
