//! `--list`: the tests that would be run.

use std::io::{self, Write};

use serde::Serialize;
use spec::{Spec, document::Test};

/// A test, as JSON.
#[derive(Serialize)]
struct TestLine<'a> {
    event: &'static str,
    spec: String,
    line: usize,
    test: &'a str,
}

/// Prints tests, a line each: `SPEC:LINE  NAME`, or an object.
///
/// # Errors
/// They can't be written.
pub(super) fn print(
    out: &mut impl Write,
    selected: &[(&Spec, Vec<&Test>)],
    as_json: bool,
) -> io::Result<()> {
    for (spec, tests) in selected {
        let path = spec.source.path.display();
        for test in tests {
            let (line, _) = spec.source.position(test.name.span.start);
            let name = &test.name.value;
            if as_json {
                let line = TestLine {
                    event: "test",
                    spec: path.to_string(),
                    line,
                    test: name,
                };
                serde_json::to_writer(&mut *out, &line)?;
                writeln!(out)?;
            } else {
                writeln!(out, "{path}:{line}  {name}")?;
            }
        }
    }
    out.flush()
}
