//! What becomes of recorded outputs. Their tests are those of one small package, with Go 1.16.15, 1.20.14, 1.24.13 and
//! 1.27.0.

use super::{Mode, Summary, changes, readable, rewritten};

const PLAIN_16: &str = include_str!("../recorded/go1.16-plain.txt");
const PLAIN_24: &str = include_str!("../recorded/go1.24-plain.txt");
const PLAIN_27: &str = include_str!("../recorded/go1.27-plain-bench.txt");
const VERBOSE_16: &str = include_str!("../recorded/go1.16-verbose.txt");
const VERBOSE_27: &str = include_str!("../recorded/go1.27-verbose.txt");
const JSON_20: &str = include_str!("../recorded/go1.20-json.txt");
const JSON_24: &str = include_str!("../recorded/go1.24-json-count2.txt");
const JSON_27: &str = include_str!("../recorded/go1.27-json.txt");
const ALL: [(Mode, u32, &str); 8] = [
    (Mode::Plain, 16, PLAIN_16),
    (Mode::Plain, 24, PLAIN_24),
    (Mode::Plain, 27, PLAIN_27),
    (Mode::Verbose, 16, VERBOSE_16),
    (Mode::Verbose, 27, VERBOSE_27),
    (Mode::Json, 20, JSON_20),
    (Mode::Json, 24, JSON_24),
    (Mode::Json, 27, JSON_27),
];

#[test]
fn without_failing_verdicts_nothing_changes() {
    let passing = [
        ("TestAdd", ""),
        ("TestAdd/free_shipping", ""),
        ("TestPar/two", ""),
        ("BenchmarkAdd", ""),
    ];
    for (mode, minor, recorded) in ALL {
        let summary = changes(mode, minor, recorded, &passing, &[]);
        assert_eq!(
            summary,
            Summary {
                failed: false,
                failed_tests: 0
            }
        );
    }
}

#[test]
fn plain_adds_to_the_block_of_a_test_that_failed_itself() {
    let runs = [
        ("TestOwn/good", "a.toml:1: good"),
        ("TestOwn/bad/leaf", "a.toml:2: leaf"),
        ("TestOwn/bad", "a.toml:3: bad|    call"),
        ("TestOwn", "a.toml:4: own"),
    ];
    let summary = changes(
        Mode::Plain,
        24,
        PLAIN_24,
        &runs,
        &[
            (
                "--- FAIL: TestOwn (0.00s)\n",
                "--- FAIL: TestOwn (0.00s)\n    a.toml:4: own\n",
            ),
            (
                "TestOwn/bad (0.00s)\n",
                "TestOwn/bad (0.00s)\n        a.toml:3: bad\n            call\n",
            ),
            (
                "            second line\n",
                "            second line\n        --- FAIL: TestOwn/bad/leaf (0.00s)\n            a.toml:2: leaf\n",
            ),
            (
                "own too\n",
                "own too\n    --- FAIL: TestOwn/good (0.00s)\n        a.toml:1: good\n",
            ),
            // The last test printed no newline, so this is not the last line of testing.
            ("no newlineFAIL\n", "no newlineFAIL\nFAIL\n"),
        ],
    );
    assert_eq!(
        summary,
        Summary {
            failed: true,
            failed_tests: 4
        }
    );
    changes(
        Mode::Plain,
        16,
        PLAIN_16,
        &[("TestOwn", "a.toml:4: own")],
        &[
            (
                "--- FAIL: TestOwn (0.00s)\n",
                "--- FAIL: TestOwn (0.00s)\n    a.toml:4: own\n",
            ),
            ("no newlineFAIL\n", "no newlineFAIL\nFAIL\n"),
        ],
    );
}

#[test]
fn plain_prints_the_failed_tests_before_the_last_line() {
    // The verdict on the middle test passes: it appears only because of the one below it.
    let runs = [
        ("TestAdd/a:b_(c)/leaf", "a.toml:1: leaf"),
        ("TestAdd/a:b_(c)", ""),
        ("TestAdd/deep/er", "a.toml:2: deep"),
        ("TestAdd", ""),
        ("TestAdd", "a.toml:3: second run"),
        ("BenchmarkAdd", "a.toml:4: bench"),
    ];
    let trees = "--- FAIL: TestAdd (0.00s)
    --- FAIL: TestAdd/a:b_(c) (0.00s)
        --- FAIL: TestAdd/a:b_(c)/leaf (0.00s)
            a.toml:1: leaf
    --- FAIL: TestAdd/deep/er (0.00s)
        a.toml:2: deep
--- FAIL: TestAdd (0.00s)
    a.toml:3: second run
--- FAIL: BenchmarkAdd (0.00s)
    a.toml:4: bench
FAIL
";
    let summary = changes(Mode::Plain, 27, PLAIN_27, &runs, &[("PASS\n", trees)]);
    assert_eq!(
        summary,
        Summary {
            failed: true,
            failed_tests: 4
        }
    );
    let out = rewritten(
        Mode::Plain,
        27,
        "PASS\ncoverage: 50.0% of statements\n",
        &[("TestX", "why")],
    );
    assert_eq!(
        out,
        "--- FAIL: TestX (0.00s)\n    why\nFAIL\ncoverage: 50.0% of statements\n"
    );
}

#[test]
fn verbose_prints_reasons_where_errorf_does() {
    let runs = [
        ("TestAdd/a:b_(c)/leaf", "a.toml:1: leaf|    call"),
        ("TestOwn/good", "a.toml:2: good"),
        ("TestOwn", "a.toml:3: own"),
        ("TestSkip/in", "a.toml:4: not shown"),
        ("TestPar/one", "a.toml:5: one"),
        ("TestParA", "a.toml:6: a"),
        ("TestNoNewline", "a.toml:7: no newline"),
        ("ExampleAdd", "a.toml:8: example"),
        ("BenchmarkAdd", "a.toml:9: bench"),
    ];
    for (minor, recorded, update) in [(16, VERBOSE_16, "CONT"), (27, VERBOSE_27, "NAME")] {
        let inserted = |text: &str| text.replace("=== NAME", &format!("=== {update}"));
        let add = inserted(
            "=== NAME  TestAdd/a:b_(c)/leaf\n    a.toml:1: leaf\n        call\n--- FAIL: TestAdd (",
        );
        let own = inserted(
            "=== NAME  TestOwn/good\n    a.toml:2: good\n=== NAME  TestOwn\n    a.toml:3: own\n--- FAIL: TestOwn (",
        );
        let par = inserted("=== NAME  TestPar/one\n    a.toml:5: one\n--- FAIL: TestPar (");
        let bench = inserted(
            "=== NAME  BenchmarkAdd\n    a.toml:9: bench\n--- FAIL: BenchmarkAdd (0.00s)\nFAIL\n",
        );
        let summary = changes(
            Mode::Verbose,
            minor,
            recorded,
            &runs,
            &[
                ("--- PASS: TestAdd (", &add),
                ("PASS: TestAdd/a:b_(c) (", "FAIL: TestAdd/a:b_(c) ("),
                (
                    "PASS: TestAdd/a:b_(c)/leaf (",
                    "FAIL: TestAdd/a:b_(c)/leaf (",
                ),
                ("--- FAIL: TestOwn (", &own),
                ("PASS: TestOwn/good (", "FAIL: TestOwn/good ("),
                ("--- PASS: TestPar (", &par),
                ("PASS: TestPar/one (", "FAIL: TestPar/one ("),
                (
                    "--- PASS: TestParA (",
                    "    a.toml:6: a\n--- FAIL: TestParA (",
                ),
                (
                    "newline--- PASS: TestNo",
                    "newline\n    a.toml:7: no newline\n--- FAIL: TestNo",
                ),
                (
                    "--- PASS: ExampleAdd (",
                    "    a.toml:8: example\n--- FAIL: ExampleAdd (",
                ),
                ("\nFAIL\n", &format!("\n{bench}")),
            ],
        );
        assert_eq!(
            summary,
            Summary {
                failed: true,
                failed_tests: 8
            }
        );
    }
}

#[test]
fn json_prints_reasons_before_the_end_of_their_test() {
    let runs = [
        ("TestAdd/a:b_(c)/leaf", "a.toml:1: leaf|    call"),
        ("TestSkip/in", "a.toml:2: not shown"),
        ("TestNoNewline", "a.toml:3: no newline"),
        ("FuzzAdd/seed#0", "a.toml:4: seed"),
        ("ExampleAdd", "a.toml:5: example"),
    ];
    for (minor, recorded, begin, end) in [(20, JSON_20, "", ""), (27, JSON_27, "^O", "^N")] {
        let inserted = |name: &str, lines: &str| {
            format!("^V=== NAME  {name}\n{begin}{lines}{end}\n^V--- FAIL: {name} (")
        };
        let summary = changes(
            Mode::Json,
            minor,
            recorded,
            &runs,
            &[
                (
                    "^V--- PASS: TestAdd/a:b_(c)/leaf (",
                    &inserted("TestAdd/a:b_(c)/leaf", "    a.toml:1: leaf\n        call"),
                ),
                ("PASS: TestAdd/a:b_(c) (", "FAIL: TestAdd/a:b_(c) ("),
                ("PASS: TestAdd (", "FAIL: TestAdd ("),
                (
                    "^V--- PASS: TestNoNewline (",
                    &inserted("TestNoNewline", "    a.toml:3: no newline"),
                ),
                (
                    "^V--- PASS: FuzzAdd/seed#0 (",
                    &inserted("FuzzAdd/seed#0", "    a.toml:4: seed"),
                ),
                ("PASS: FuzzAdd (", "FAIL: FuzzAdd ("),
                (
                    "^V--- PASS: ExampleAdd (",
                    &inserted("ExampleAdd", "    a.toml:5: example"),
                ),
            ],
        );
        assert_eq!(
            summary,
            Summary {
                failed: true,
                failed_tests: 4
            }
        );
    }
}

#[test]
fn runs_of_one_test_get_their_own_verdicts() {
    let (first, second) = JSON_24.split_at(JSON_24.rfind("\x16=== RUN   TestPar\n").unwrap());
    let runs = [
        ("TestPar/two", ""),
        ("TestPar", ""),
        ("TestPar/two", "why"),
        ("TestPar", ""),
    ];
    let out = rewritten(Mode::Json, 24, &readable(JSON_24.as_bytes()), &runs);
    let second = readable(second.as_bytes())
        .replace(
            "^V--- PASS: TestPar/two (",
            "^V=== NAME  TestPar/two\n    why\n^V--- FAIL: TestPar/two (",
        )
        .replace("PASS: TestPar (", "FAIL: TestPar (")
        .replace("^VPASS\n", "^VFAIL\n");
    assert_eq!(out, readable(first.as_bytes()) + &second);
}
