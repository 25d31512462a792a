//! Where artifacts are, as lines of testing.

use super::{Known, Mode, bytes, readable, rewrite};

/// The output of tests of which each run left artifacts in a directory of its own, `/out/1` and so on.
fn with_artifacts(mode: Mode, minor: u32, text: &str, runs: &[(&str, &str)]) -> String {
    let mut known = Known::new(runs);
    for (number, (_, verdict)) in known.0.iter_mut().enumerate() {
        verdict.artifacts = vec![format!("/out/{}", number + 1)];
    }
    readable(&rewrite(mode, minor, &[&bytes(text)], known).0)
}

#[test]
fn in_json_mode_they_stand_before_the_end_of_each_test() {
    let text = "^V=== RUN   TestX\n^V=== RUN   TestX/a\n^V=== RUN   TestX/b\nof b\n\
                ^V--- PASS: TestX/a (0.00s)\n^V=== NAME  TestX/b\nof b\n^V--- PASS: TestX/b (0.00s)\n\
                ^V--- PASS: TestX (0.00s)\n^VPASS\n";
    let runs = [("TestX/a", ""), ("TestX/b", "why"), ("TestX", "")];
    assert_eq!(
        with_artifacts(Mode::Json, 26, text, &runs),
        "^V=== RUN   TestX\n^V=== RUN   TestX/a\n^V=== RUN   TestX/b\nof b\n\
         ^V=== ARTIFACTS TestX/a /out/1\n^V--- PASS: TestX/a (0.00s)\n^V=== NAME  TestX/b\nof b\n\
         ^V=== ARTIFACTS TestX/b /out/2\n^V=== NAME  TestX/b\n    why\n^V--- FAIL: TestX/b (0.00s)\n\
         ^V=== ARTIFACTS TestX /out/3\n^V--- FAIL: TestX (0.00s)\n^VFAIL\n"
    );
}

#[test]
fn in_verbose_mode_they_stand_before_the_top_level_test() {
    let text = "=== RUN   TestX\n=== RUN   TestX/a\nno newline--- PASS: TestX (0.00s)\n    \
                --- PASS: TestX/a (0.00s)\nPASS\n";
    for (why, lines, word) in [("", "", "PASS"), ("why", "    why\n", "FAIL")] {
        assert_eq!(
            with_artifacts(Mode::Verbose, 27, text, &[("TestX/a", ""), ("TestX", why)]),
            format!(
                "=== RUN   TestX\n=== RUN   TestX/a\nno newline\n=== ARTIFACTS TestX/a /out/1\n\
                 === ARTIFACTS TestX /out/2\n{lines}--- {word}: TestX (0.00s)\n    \
                 --- PASS: TestX/a (0.00s)\n{word}\n"
            )
        );
    }
}

#[test]
fn what_the_binary_does_not_report_is_said_at_the_end() {
    let runs = [("BenchmarkX", ""), ("TestX", "why")];
    for (mode, mark) in [(Mode::Json, "^V"), (Mode::Verbose, "")] {
        let text = format!("BenchmarkX 1 2 ns/op\n{mark}PASS\n");
        let output = with_artifacts(mode, 26, &text, &runs);
        let lines = format!(
            "BenchmarkX 1 2 ns/op\n{mark}=== ARTIFACTS BenchmarkX /out/1\n\
             {mark}=== ARTIFACTS TestX /out/2\n{mark}=== NAME  TestX\n    why\n{mark}--- FAIL: TestX (0.00s)\n{mark}FAIL\n"
        );
        assert_eq!(output, lines);
    }
}

#[test]
fn in_plain_mode_nothing_is_said() {
    for (text, runs) in [
        ("PASS\n", [("TestX", "")]),
        ("--- FAIL: TestX (0.00s)\nFAIL\n", [("TestX", "")]),
    ] {
        assert_eq!(with_artifacts(Mode::Plain, 27, text, &runs), text);
    }
}

#[test]
fn a_line_has_no_other_in_it() {
    let text = "^V--- PASS: TestX (0.00s)\n^VPASS\n";
    let output = |minor, directory: &str| {
        let mut known = Known::new(&[("TestX", "")]);
        known.0[0].1.artifacts = vec![directory.to_owned()];
        readable(&rewrite(Mode::Json, minor, &[&bytes(text)], known).0)
    };
    assert_eq!(output(27, "/a\nb"), text);
    assert_eq!(
        output(27, "/\u{16}"),
        format!("^V=== ARTIFACTS TestX /^[^V\n{text}")
    );
}
