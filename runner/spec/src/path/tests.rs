//! Paths as text.

use model::{Path, Root, Segment};

use super::{MAX_SEGMENTS, PathProblem, argument, part, segments};

fn name(text: &str) -> Segment {
    Segment::Name(text.into())
}

fn key(text: &str) -> Segment {
    Segment::Key(text.into())
}

fn assert(ty: &str) -> Segment {
    Segment::Assert(ty.into())
}

#[test]
fn every_form_is_read_and_shown_again() {
    for (text, wanted) in [
        ("request", vec![]),
        ("request.URL.Path", vec![name("URL"), name("Path")]),
        ("items[2].Price", vec![Segment::Index(2), name("Price")]),
        ("balance[-1]", vec![Segment::Index(-1)]),
        (
            "big[18446744073709551615]",
            vec![Segment::Index(i128::from(u64::MAX))],
        ),
        (
            r#"headers["Accept"][0]"#,
            vec![key("Accept"), Segment::Index(0)],
        ),
        (r#"x["a\"\\]\n"]"#, vec![key("a\"\\]\n")]),
        ("x[\"\\u{7f}\"]", vec![key("\u{7f}")]),
        (
            "err.(*net.OpError).Op",
            vec![assert("*net.OpError"), name("Op")],
        ),
        (
            "f.(func(int) (string, error))",
            vec![assert("func(int) (string, error)")],
        ),
        ("größe.Länge", vec![name("Länge")]),
    ] {
        let path = argument(text).unwrap();
        let Root::Argument(root) = &path.root else {
            panic!("{text} begins with an argument");
        };
        assert!(text.starts_with(root.as_str()), "{text}");
        assert_eq!(path.segments, wanted, "{text}");
        assert_eq!(path.to_string(), text);
    }
}

#[test]
fn keys_may_be_written_as_go_writes_strings() {
    for text in [
        "x[`é`]",
        r#"x["\u00e9"]"#,
        r#"x["\U000000e9"]"#,
        r#"x["é"]"#,
    ] {
        assert_eq!(argument(text).unwrap().segments, [key("é")], "{text}");
    }
}

#[test]
fn what_leads_on_may_begin_with_any_step() {
    let read = |text| -> Vec<Segment> {
        let segments = segments(text).unwrap();
        segments.into_iter().map(|segment| segment.value).collect()
    };
    assert_eq!(read("[0].A"), [Segment::Index(0), name("A")]);
    assert_eq!(read(".(main.T).A"), [assert("main.T"), name("A")]);
    assert_eq!(read(".A"), [name("A")]);
    assert_eq!(read("A"), [name("A")]);
}

#[test]
fn a_step_knows_its_place() {
    let text = r#"a.Bc[2]["d"].(e.F)"#;
    let steps: Vec<&str> = segments(text)
        .unwrap()
        .iter()
        .map(|segment| &text[segment.span.clone()])
        .collect();
    assert_eq!(steps, ["a", ".Bc", "[2]", r#"["d"]"#, ".(e.F)"]);
}

#[test]
fn what_is_wrong_is_pointed_at() {
    use PathProblem as P;
    for (text, at, problem) in [
        ("", "", P::NoName),
        ("a.", "", P::NoName),
        ("a..b", ".", P::NoName),
        ("a.1b", "1b", P::NotAName),
        ("a.b-c", "b-c", P::NotAName),
        ("a._", "_", P::Blank),
        ("[1]", "[", P::NoRoot),
        (".(a.B)", ".", P::NoRoot),
        ("a[1]b", "b", P::Stray),
        ("a)", ")", P::Stray),
        ("a[", "", P::NotAnIndex),
        ("a[x]", "x", P::NotAnIndex),
        ("a[--1]", "--1", P::NotAnIndex),
        ("a[1", "[1", P::OpenBracket),
        ("a[1.b", "[1.b", P::OpenBracket),
        (
            "a[99999999999999999999]",
            "99999999999999999999",
            P::LargeIndex,
        ),
        (r#"a["b]"#, r#""b]"#, P::OpenQuote),
        (r#"a["b"x]"#, r#"["b"x]"#, P::OpenBracket),
        ("a[`b]", "`b]", P::OpenQuote),
        (r#"a["\q"]"#, r"\q", P::BadEscape),
        (r#"a["\ud800"]"#, r"\ud800", P::BadEscape),
        (r#"a["\u{1234567}"]"#, r"\u{1", P::BadEscape),
        ("a.(b", ".(b", P::OpenParenthesis),
        ("a.()", "()", P::NotAType),
        ("a.(b.).c", "(b.)", P::NotAType),
    ] {
        let error = argument(text).unwrap_err();
        assert_eq!(
            (&text[error.place.clone()], error.problem),
            (at, problem),
            "{text}"
        );
    }
}

#[test]
fn a_part_of_a_call_begins_with_an_argument_or_a_result() {
    let result = |index, segments: &[Segment]| Path {
        root: Root::Result(index),
        segments: segments.to_vec(),
    };
    assert_eq!(part("j"), argument("j"));
    assert_eq!(part("j.ID"), argument("j.ID"));
    assert_eq!(part("returnsX.ID"), argument("returnsX.ID"));
    assert_eq!(part("returns.0"), Ok(result(0, &[])));
    assert_eq!(part("returns[12]"), Ok(result(12, &[])));
    assert_eq!(
        part("returns.1.A[2]"),
        Ok(result(1, &[name("A"), Segment::Index(2)]))
    );
    assert_eq!(
        part("returns[0][\"k\"].(a.B)"),
        Ok(result(0, &[key("k"), assert("a.B")]))
    );
}

#[test]
fn what_is_wrong_with_a_part_is_pointed_at() {
    use PathProblem as P;
    for (text, at, problem) in [
        ("", "", P::NoName),
        ("returns", "returns", P::NotAResult),
        ("returns.", "returns.", P::NotAResult),
        ("returns.x", "returns.x", P::NotAResult),
        ("returns[0", "returns[0", P::NotAResult),
        ("returns[-1]", "returns[-1]", P::NotAResult),
        ("returns.99999999999", "returns.99999999999", P::NotAResult),
        ("returns.0x", "x", P::Stray),
        ("returns.0.A[", "", P::NotAnIndex),
        ("returns.0.A..B", ".", P::NoName),
        ("j.1", "1", P::NotAName),
    ] {
        let error = part(text).unwrap_err();
        assert_eq!(
            (&text[error.place.clone()], error.problem),
            (at, problem),
            "{text}"
        );
    }
}

#[test]
fn a_path_has_an_end() {
    let path = |steps: usize| format!("a{}", ".b".repeat(steps));
    assert!(argument(&path(MAX_SEGMENTS - 1)).is_ok());
    let error = argument(&path(1_000_000)).unwrap_err();
    assert_eq!(error.problem, PathProblem::TooLong);
}

/// Texts made of what paths are made of: none makes the reader panic, and what it takes it takes again when shown.
#[test]
fn random_texts_never_panic_and_sound_ones_come_back() {
    const MORSELS: [&str; 20] = [
        "a", "URL", ".", "[", "]", "(", ")", "\"", "\\", "`", "0", "-1", "_", "*", "é", "\\u", "{",
        "}", " ", "net.Op",
    ];
    let mut random = fastrand::Rng::with_seed(1);
    let (mut sound, mut refused) = (0, 0);
    for _ in 0..50_000 {
        let text: String = (0..=random.usize(..9))
            .map(|_| MORSELS[random.usize(..MORSELS.len())])
            .collect();
        match argument(&text) {
            Ok(path) => {
                sound += 1;
                assert_eq!(argument(&path.to_string()), Ok(path), "{text}");
            }
            Err(error) => {
                refused += 1;
                assert!(text.get(error.place.clone()).is_some(), "{text}: {error:?}");
            }
        }
    }
    assert!(
        sound > 500 && refused > 500,
        "{sound} sound, {refused} refused"
    );
}
