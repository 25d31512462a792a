//! Recorded sessions judged again: records to calls to verdicts to the report's text, without a kernel's help.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use goproctor_tests::command::goproctor;

/// What `goproctor replay` writes, and its exit code as the last line.
fn replayed(recording: &str, options: &[&str]) -> String {
    let output = goproctor()
        .arg("replay")
        .arg(format!("testdata/recordings/{recording}.recording"))
        .args(options)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let text = String::from_utf8(output.stdout).unwrap();
    format!("{text}exit code {}\n", output.status.code().unwrap())
}

#[test]
fn the_stack_abi_of_go1_16() {
    insta::assert_snapshot!(replayed("go1.16.15", &["--verbose"]));
}

#[test]
fn the_register_abi_of_go1_27() {
    insta::assert_snapshot!(replayed("go1.27.3", &["--verbose"]));
}

#[test]
fn one_test_for_machines() {
    insta::assert_snapshot!(replayed("go1.27.3", &["--json", "--run=a visitor"]));
}
