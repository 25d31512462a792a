//! The places of what does not hold, as attributes of tests.

use super::{Known, Mode, bytes, readable, rewrite};

/// The output of a test whose verdicts all have these places.
fn with_places(
    mode: Mode,
    minor: u32,
    text: &str,
    runs: &[(&str, &str)],
    places: &[&str],
) -> String {
    let mut known = Known::new(runs);
    for (_, verdict) in &mut known.0 {
        verdict.places = places.iter().map(ToString::to_string).collect();
    }
    readable(&rewrite(mode, minor, &[&bytes(text)], known).0)
}

const PLACES: [&str; 2] = ["a.toml:1", "a.toml:4"];

#[test]
fn an_attribute_comes_before_the_reasons_from_go1_25_on() {
    let text = "^V--- PASS: TestX (0.00s)\n^V--- PASS: TestY (0.00s)\n^VPASS\n";
    let runs = [("TestX", "why"), ("TestY", "")];
    let rest = "^V--- FAIL: TestX (0.00s)\n^V--- PASS: TestY (0.00s)\n^VFAIL\n";
    let attribute = "^V=== ATTR  TestX goproctor.spec a.toml:1 a.toml:4\n";
    for (minor, attribute, why) in [
        (24, "", "    why\n"),
        (25, attribute, "    why\n"),
        (27, attribute, "^O    why^N\n"),
    ] {
        assert_eq!(
            with_places(Mode::Json, minor, text, &runs, &PLACES),
            format!("{attribute}^V=== NAME  TestX\n{why}{rest}"),
            "go1.{minor}"
        );
    }
}

#[test]
fn a_verdict_that_comes_late_has_its_attribute_too() {
    assert_eq!(
        with_places(Mode::Json, 25, "", &[("TestX/sub", "why")], &PLACES[..1]),
        "^V=== ATTR  TestX/sub goproctor.spec a.toml:1\n^V=== NAME  TestX/sub\n    why\n\
         ^V--- FAIL: TestX/sub (0.00s)\n^V--- FAIL: TestX (0.00s)\n^VFAIL\n"
    );
}

#[test]
fn where_there_are_no_attributes_none_is_printed() {
    let runs = [("TestX", "why")];
    for (mode, text) in [
        (Mode::Plain, "PASS\n"),
        (Mode::Verbose, "--- PASS: TestX (0.00s)\nPASS\n"),
    ] {
        assert!(!with_places(mode, 27, text, &runs, &PLACES).contains("ATTR"));
    }
    let text = "^V--- PASS: TestX (0.00s)\n^VPASS\n";
    for places in [&[][..], &["a\nb.toml:1"]] {
        let output = with_places(Mode::Json, 27, text, &runs, places);
        assert!(output.starts_with("^V=== NAME  TestX\n"), "{output}");
    }
}
