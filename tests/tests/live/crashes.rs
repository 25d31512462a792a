//! A program that crashes is reported with why, however much it writes afterwards.

use std::fs;

use goproctor_tests::{
    command::{self, goproctor},
    harness::Test,
};

pub(crate) const TESTS: &[Test<'static>] = &[(
    "a_crash_in_a_crowd_is_told_with_its_cause_first",
    cause_first,
)];

fn cause_first() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("crowd.proctor.toml");
    let package = command::repository().join("go-fixtures/base/misbehave");
    let text = format!(
        r#"
[program]
package = "{}"
args    = ["-listen=127.0.0.1:${{port}}"]
env     = {{ GOTRACEBACK = "all" }}

[functions]
crash = "main.crash"

[redact]
patterns = ["invalid memory"]

[[test]]
name    = "it crashes among a thousand goroutines"
request = {{ get = "/crowd" }}
count   = {{ crash = 1 }}
"#,
        package.display()
    );
    fs::write(&spec, text).unwrap();
    let output = goproctor().arg("run").arg(&spec).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{text}");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let begin = lines
        .iter()
        .position(|line| line.ends_with("exited with code 2 during the test; it wrote:"))
        .unwrap_or_else(|| panic!("{text}"));
    assert_eq!(
        lines[begin + 1],
        "panic: runtime error: ************** address or nil pointer dereference",
        "{text}"
    );
    assert!(lines[begin + 2].starts_with("[signal SIGSEGV: "), "{text}");
    assert!(lines[begin + 4].ends_with(" [running]:"), "{text}");
    assert!(lines[begin + 5].starts_with("main.crash("), "{text}");
    assert!(lines.contains(&"[…]"), "{text}");
    assert!(lines.len() < begin + 60, "{text}");
}
