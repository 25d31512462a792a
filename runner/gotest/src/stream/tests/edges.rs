//! Output that is not what testing alone would print.

use super::super::Rewriter;
use super::{Known, Mode, Random, Shared, Summary, bytes, readable, rewrite, rewritten};

#[test]
fn the_flag_says_the_mode() {
    let mode = |arguments: &str| Mode::of(arguments.split(' '));
    assert_eq!(mode("-test.timeout=10m0s"), Mode::Plain);
    assert_eq!(mode("-test.v=true -test.run=X"), Mode::Verbose);
    assert_eq!(mode("--test.v"), Mode::Verbose);
    assert_eq!(mode("-test.v=test2json"), Mode::Json);
    assert_eq!(mode("-test.v=test2json -test.v=false"), Mode::Plain);
    assert_eq!(mode("-test.run TestX -test.short -test.v"), Mode::Verbose);
    assert_eq!(
        mode("-test.run -test.v"),
        Mode::Plain,
        "the value of another flag"
    );
    assert_eq!(
        mode("-test.short input.txt -test.v"),
        Mode::Plain,
        "an argument of the test's own"
    );
}

#[test]
fn a_skipped_test_stays_skipped() {
    let text = "--- SKIP: TestX (0.00s)\nPASS\n";
    assert_eq!(
        rewritten(Mode::Verbose, 27, text, &[("TestX", "why")]),
        text
    );
    let text = "^V--- SKIP: TestX (0.00s)\n^VPASS\n";
    assert_eq!(rewritten(Mode::Json, 27, text, &[("TestX", "why")]), text);
}

#[test]
fn a_binary_that_ends_early_has_its_verdicts_printed() {
    let runs = [("TestX/sub", "why"), ("TestY", "")];
    let plain = "--- FAIL: TestX (0.00s)\n    --- FAIL: TestX/sub (0.00s)\n        why\nFAIL\n";
    assert_eq!(
        rewritten(Mode::Plain, 27, "bye", &runs),
        format!("bye\n{plain}")
    );
    let verbose = "=== NAME  TestX/sub\n    why\n--- FAIL: TestX (0.00s)\n    --- FAIL: TestX/sub (0.00s)\nFAIL\n";
    assert_eq!(
        rewritten(Mode::Verbose, 27, "=== RUN   TestX\n", &runs),
        format!("=== RUN   TestX\n{verbose}")
    );
    let json = "^V=== NAME  TestX/sub\n    why\n^V--- FAIL: TestX/sub (0.00s)\n^V--- FAIL: TestX (0.00s)\n^VFAIL\n";
    assert_eq!(
        rewritten(Mode::Json, 24, "panic: x", &runs),
        format!("panic: x{json}")
    );
    assert_eq!(rewritten(Mode::Plain, 27, "exit", &[("TestX", "")]), "exit");
}

#[test]
fn text_that_looks_like_a_report_passes() {
    let runs = [("TestX/sub", "why")];
    // Unknown, indented as by t.Log, without a time, a subtest where none stands, and a last line within a test.
    let fake = "=== RUN   TestX
--- PASS: TestFake (0.00s)
        --- PASS: TestX (0.00s)
--- PASS: TestX
--- PASS: TestX/sub (0.00s)
PASS
--- PASS: TestX (0.00s) and more
";
    let report = "=== NAME  TestX/sub\n    why\n--- FAIL: TestX (0.00s)\n    --- FAIL: TestX/sub (0.00s)\nFAIL\n";
    let text = format!("{fake}--- PASS: TestX (0.00s)\n    --- PASS: TestX/sub (0.00s)\nPASS\n");
    assert_eq!(
        rewritten(Mode::Verbose, 27, &text, &runs),
        format!("{fake}{report}")
    );
    // Without ^V, or with one that is escaped, it is no line of testing in JSON mode.
    let text = "--- PASS: TestX/sub (0.00s)\nlog ^[^V--- PASS: TestX/sub (0.00s)\nPASS\n";
    assert!(rewritten(Mode::Json, 27, text, &runs).starts_with(text));
}

#[test]
fn a_block_that_other_output_cuts_fails_all_the_same() {
    let text = "--- PASS: TestX (0.00s)\n    --- PASS: TestX/a (0.00s)\nnoise\n    --- PASS: TestX/b (0.00s)\nPASS\n";
    let want =
        "=== NAME  TestX/b\n    why\n--- FAIL: TestX (0.00s)\n    --- PASS: TestX/a (0.00s)\nnoise
    --- FAIL: TestX/b (0.00s)\nFAIL\n";
    assert_eq!(
        rewritten(Mode::Verbose, 27, text, &[("TestX/b", "why")]),
        want
    );
}

#[test]
fn ordinary_output_is_not_held_back() {
    for mode in [Mode::Plain, Mode::Verbose, Mode::Json] {
        let out = Shared::default();
        let mut rewriter = Rewriter::new(mode, 27, out.clone(), Known::default());
        for text in [
            "progress 10%",
            " 20%\n",
            "    indented",
            "\n",
            "Pause",
            " F",
            "\n=== RUNNING",
            " -- \r\n",
            "--- PASS?",
        ] {
            rewriter.write(text.as_bytes()).unwrap();
            assert_eq!(out.take(), text, "{mode:?}");
        }
        rewriter.write(b"\n\x16--- PASS: ").unwrap();
        assert_eq!(
            out.take(),
            if mode == Mode::Json {
                "\n"
            } else {
                "\n^V--- PASS: ".trim_end_matches("--- PASS: ")
            }
        );
        rewriter.write(&b"x".repeat(1 << 20)).unwrap();
        assert!(out.take().len() > (1 << 20), "a long line passes");
        rewriter.finish().unwrap();
    }
}

#[test]
fn any_bytes_pass_and_any_cut_gives_the_same() {
    const PARTS: [&str; 22] = [
        "--- PASS: ",
        "--- FAIL: ",
        "--- SKIP: ",
        "TestX",
        "TestX/a",
        "/b",
        " (0.00s)\n",
        " (0.00s)",
        "\n",
        "    ",
        " ",
        "PASS\n",
        "FAIL\n",
        "=== RUN   ",
        "=== NAME  ",
        "^V",
        "^V",
        "^[",
        "-",
        "é",
        "=",
        "coverage: ",
    ];
    let failing = [
        ("TestX/a/b", "b"),
        ("TestX/a", "a"),
        ("TestX", "x"),
        ("TestX/a", "a again"),
        ("TestX", "x"),
    ];
    let mut random = Random(3);
    for round in 0..1000 {
        let mut text = Vec::new();
        for _ in 0..random.below(40) {
            text.extend(bytes(PARTS[random.below(PARTS.len())]));
            if random.below(20) == 0 {
                text.push(u8::try_from(random.below(256)).unwrap());
            }
        }
        let (first, second) = text.split_at(random.below(text.len() + 1));
        for mode in [Mode::Plain, Mode::Verbose, Mode::Json] {
            let minor = [16, 20, 27][round % 3];
            let (out, summary) = rewrite(mode, minor, &[&text], Known::default());
            assert_eq!(
                (readable(&out), summary),
                (readable(&text), Summary::default())
            );
            let whole = rewrite(mode, minor, &[&text], Known::new(&failing));
            assert_eq!(
                whole,
                rewrite(mode, minor, &[first, second], Known::new(&failing)),
                "{}",
                readable(&text)
            );
            assert!(whole.1.failed_tests <= failing.len());
        }
    }
}

#[test]
fn a_fake_last_line_does_bounded_harm() {
    let runs = [("TestX", "why")];
    let tree = "--- FAIL: TestX (0.00s)\n    why\n";
    // Plain: what failed so far is printed there.
    let out = rewritten(Mode::Plain, 27, "PASS\nmore\nPASS\n", &runs);
    assert_eq!(out, format!("{tree}FAIL\nmore\nFAIL\n"));
    // Verbose: a test that never ends makes the real one look fake.
    let text = "=== RUN   TestFake\nPASS\n";
    let out = rewritten(Mode::Verbose, 27, text, &runs);
    assert_eq!(
        out,
        format!("{text}=== NAME  TestX\n    why\n--- FAIL: TestX (0.00s)\nFAIL\n")
    );
}

#[test]
fn a_fake_report_of_a_test_that_has_ended_does_bounded_harm() {
    let text = "--- PASS: TestX (0.00s)\n--- PASS: TestX (0.00s)\nPASS\n";
    let (out, summary) = rewrite(
        Mode::Verbose,
        27,
        &[text.as_bytes()],
        Known::new(&[("TestX", "why")]),
    );
    let want = "=== NAME  TestX\n    why\n--- FAIL: TestX (0.00s)\n--- PASS: TestX (0.00s)\nFAIL\n";
    assert_eq!(readable(&out), want);
    assert!(summary.failed);
}

#[test]
fn marks_in_reasons_frame_nothing() {
    let report = "^V--- PASS: TestX (0.00s)\n";
    let lines = |minor| {
        rewritten(
            Mode::Json,
            minor,
            report,
            &[("TestX", "\x16--- PASS: TestY (0.00s)\nmore")],
        )
    };
    let end = "^V--- FAIL: TestX (0.00s)\n^VFAIL\n";
    let escaped = "^V=== NAME  TestX\n^O    ^[^V--- PASS: TestY (0.00s)\n    more^N\n";
    assert_eq!(lines(27), format!("{escaped}{end}"));
    let out = rewrite(
        Mode::Json,
        26,
        &[&bytes(report)],
        Known::new(&[("TestX", "\x16--- PASS")]),
    )
    .0;
    assert!(!out.contains(&0x0f), "no marks of errors before Go 1.27");
    assert_eq!(
        readable(&out).matches("\n^V").count(),
        2,
        "its end and the last line"
    );
    assert!(
        out.windows(2).any(|two| two == b"^V"),
        "two characters, and no mark"
    );
}
