//! Which goroutine, which request, how it ended: what the reader makes of it.

use model::{Path, Root, Segment};

use super::{sound, spec_with, understood};
use crate::{
    Spec,
    document::{
        CallExpectation, ExpectedOutcome, GoroutineRelation, HttpVersion, Scope, Sequence,
        SequenceElement, SequenceMode, Spanned, Test, Tls,
    },
};

/// The test of a spec that sends a request and holds these lines.
fn test(lines: &str) -> Test {
    let text = spec_with(&format!(
        "[[test]]\nname = \"a\"\nrequest = {{ get = \"/\" }}\n{lines}\n"
    ));
    sound(&text).tests.remove(0)
}

/// What is asked of the calls of `insert`.
fn calls(lines: &str) -> CallExpectation {
    test(&format!("[test.calls.insert]\n{lines}"))
        .calls
        .remove(0)
}

fn sequence(text: &str) -> Sequence {
    test(&format!("sequence = {text}")).sequence.unwrap()
}

fn names(names: &[Spanned<String>]) -> Vec<&str> {
    names.iter().map(|name| name.value.as_str()).collect()
}

/// Whether a spec whose test sends a request and holds these lines is understood, and what is said if not.
fn said(lines: &str) -> Result<(), Vec<String>> {
    let text = spec_with(&format!(
        "all = \"main.*\"\n[[test]]\nname = \"a\"\nrequest = {{ get = \"/\", repeat = 4, concurrency = 2 }}\n{lines}\n"
    ));
    match understood(&text) {
        Ok(_) => Ok(()),
        Err(errors) => Err(errors
            .errors
            .into_iter()
            .map(|error| error.message)
            .collect()),
    }
}

#[test]
fn a_program_may_speak_tls() {
    let tls = |tls: &str| {
        let text = format!(
            "[program]\npackage = \".\"\nargs = [\"${{port}}\"]\n{tls}\n[[test]]\nname = \"a\"\nrequest = {{ get = \"/\" }}\n"
        );
        sound(&text).program.tls.map(|tls| tls.value)
    };
    assert_eq!(tls(""), None);
    assert_eq!(tls("tls = false"), None);
    assert_eq!(tls("tls = true"), Some(Tls::Unverified));
    assert_eq!(
        tls("tls = { ca = \"a/ca.pem\" }"),
        Some(Tls::Trusting("a/ca.pem".into()))
    );
}

#[test]
fn a_request_has_a_version() {
    let http = |http: &str| {
        let text = spec_with(&format!(
            "[[test]]\nname = \"a\"\nrequest = {{ get = \"/\"{http}, headers = {{ TE = \"trailers\" }} }}\n"
        ));
        sound(&text).tests[0].requests[0].http
    };
    assert_eq!(http(""), HttpVersion::One);
    assert_eq!(http(", http = 1"), HttpVersion::One);
    assert_eq!(http(", http = 2"), HttpVersion::Two);
    assert_eq!(HttpVersion::Two.to_string(), "HTTP/2");
}

/// A spec with hand-offs, a server and flows.
fn carrying() -> Spec {
    sound(&spec_with(
        r#"
[limits]
depth = 0
[hand-off]
job = { from = "insert.j", to = "publish.j" }
id = { from = "insert.j.ID", to = "publish.job.ID" }
[server]
entry = "handler"
key = "c.remote"
[[test]]
name = "a"
request = { get = "/", repeat = 4, concurrency = 4 }
flow = [["handler.returns.0.Body", "insert.j", 'audit.m["k"][2]'], ["insert.returns.1", "lookup.host"]]
"#,
    ))
}

#[test]
fn parts_of_calls_are_read_and_shown_again() {
    let spec = carrying();
    let [job, id] = spec.hand_offs.as_slice() else {
        panic!("there are two hand-offs");
    };
    assert_eq!(job.name.value, "job");
    assert_eq!(
        (job.from.to_string(), job.to.to_string()),
        ("insert.j".to_owned(), "publish.j".to_owned())
    );
    assert_eq!(id.to.path.segments, [Segment::Name("ID".into())]);
    let text = |range: &crate::Span| &spec.source.text[range.clone()];
    assert_eq!(text(&job.from.label.span), "insert");
    assert_eq!(text(&job.from.span), "\"insert.j\"");
    let flows = &spec.tests[0].flows;
    assert_eq!(
        flows[0].to_string(),
        "handler.returns.0.Body → insert.j → audit.m[\"k\"][2]"
    );
    assert_eq!(flows[0].parts[0].path.root, Root::Result(0));
    assert_eq!(flows[1].to_string(), "insert.returns.1 → lookup.host");
    let server = spec.server.as_ref().unwrap();
    assert_eq!(server.entry.value, "handler");
    assert_eq!(server.key.as_ref().unwrap().value.to_string(), "c.remote");
}

#[test]
fn the_plan_knows_what_carries_requests_and_values() {
    let spec = carrying();
    let shown = |label: &str| -> Vec<String> {
        let paths = spec.paths_of(label);
        paths.iter().map(Path::to_string).collect()
    };
    assert_eq!(shown("handler"), ["c.remote", "returns[0].Body"]);
    assert_eq!(shown("insert"), ["j", "j.ID", "returns[1]"]);
    assert_eq!(shown("publish"), ["j", "job.ID"]);
    assert_eq!(shown("audit"), ["m[\"k\"][2]"]);
    assert_eq!(shown("lookup"), ["host"]);
}

#[test]
fn a_server_needs_no_key_when_requests_come_one_by_one() {
    let text = spec_with(
        "[server]\nentry = \"handler\"\n[[test]]\nname = \"a\"\nrequest = { get = \"/\", repeat = 9 }\n",
    );
    assert!(sound(&text).server.unwrap().key.is_none());
}

#[test]
fn a_silent_test_looks_at_its_requests_and_at_any_goroutine() {
    let test = test("sequence = [\"handler\"]\n[test.calls.insert]\ntook = \"< 1s\"");
    assert!(test.from.is_none() && test.flows.is_empty() && test.counts_per_request.is_empty());
    assert!(test.sequence.unwrap().one_goroutine.is_none());
    let calls = &test.calls[0];
    assert!(calls.from.is_none() && calls.standpoint.goroutine.is_none());
    assert!(calls.standpoint.under.is_none() && calls.standpoint.child_of.is_none());
    assert!(calls.before.is_empty() && calls.after.is_empty() && calls.concurrent_with.is_empty());
    assert_eq!(Scope::default(), Scope::Requests);
}

#[test]
fn every_relation_arrives() {
    let calls = calls(
        "from = \"requests\"\nunder = \"handler\"\nchild-of = \"publish\"\ngoroutine = \"distinct\"\n\
         before = [\"audit\", \"lookup\"]\nafter = \"publish\"\nconcurrent-with = \"insert\"",
    );
    assert_eq!(calls.from.unwrap().value, Scope::Requests);
    assert_eq!(calls.standpoint.under.unwrap().value, "handler");
    assert_eq!(calls.standpoint.child_of.unwrap().value, "publish");
    assert_eq!(
        calls.standpoint.goroutine.unwrap().value,
        GoroutineRelation::Distinct
    );
    assert_eq!(names(&calls.before), ["audit", "lookup"]);
    assert_eq!(names(&calls.after), ["publish"]);
    assert_eq!(names(&calls.concurrent_with), ["insert"]);
}

#[test]
fn every_word_is_read_as_it_is_shown() {
    for outcome in ExpectedOutcome::ALL {
        let read = calls(&format!("outcome = \"{outcome}\"")).outcome.unwrap();
        assert_eq!(read.value, outcome);
    }
    for goroutine in GoroutineRelation::ALL {
        let read = calls(&format!("goroutine = \"{goroutine}\"")).standpoint;
        assert_eq!(read.goroutine.unwrap().value, goroutine);
    }
    for scope in Scope::ALL {
        let test = test(&format!("from = \"{scope}\""));
        assert_eq!(test.from.unwrap().value, scope);
    }
}

#[test]
fn a_sequence_may_be_of_one_goroutine_in_every_mode() {
    for (key, mode) in [
        ("gaps", SequenceMode::Gaps),
        ("exact", SequenceMode::Exact),
        ("contiguous", SequenceMode::Contiguous),
    ] {
        let text = format!("{{ {key} = [\"handler\", \"insert\"], goroutine = \"same\" }}");
        let read = sequence(&text);
        assert_eq!(read.mode, mode);
        assert!(read.one_goroutine.is_some());
        let read = sequence(&format!("{{ {key} = [\"handler\"] }}"));
        assert_eq!(read.mode, mode);
        assert!(read.one_goroutine.is_none());
    }
}

#[test]
fn steps_may_say_where_they_are_made_and_how_they_end() {
    let read = sequence(
        r#"["handler", [{ call = "insert", under = "handler", outcome = "recovered", returns = 1 }, { call = "audit", child-of = "insert", goroutine = "child" }]]"#,
    );
    let SequenceElement::AnyOrder(steps, _) = &read.elements[1] else {
        panic!("they come in any order");
    };
    let [insert, audit] = steps.as_slice() else {
        panic!("they are two");
    };
    assert_eq!(insert.standpoint.under.as_ref().unwrap().value, "handler");
    let outcome = insert.outcome.as_ref().unwrap();
    assert_eq!(outcome.value, ExpectedOutcome::Recovered);
    assert_eq!(audit.standpoint.child_of.as_ref().unwrap().value, "insert");
    let goroutine = audit.standpoint.goroutine.as_ref().unwrap();
    assert_eq!(goroutine.value, GoroutineRelation::Child);
}

#[test]
fn whoever_asks_for_the_end_of_the_process_expects_it() {
    for (lines, expected) in [
        ("calls.insert.outcome = \"process-ended\"", true),
        (
            "sequence = [[\"audit\", { call = \"insert\", outcome = \"process-ended\" }]]",
            true,
        ),
        (
            "sequence = [\"!audit\", { call = \"insert\", outcome = \"running\" }]",
            false,
        ),
        ("calls.insert.outcome = \"panicked\"", false),
    ] {
        assert_eq!(test(lines).expects_end(), expected, "{lines}");
    }
}

/// What is unusual is no error.
#[test]
fn what_can_hold_is_allowed() {
    for lines in [
        // A recursive function: its outermost call has none above it.
        "sequence = [\"insert\", { call = \"insert\", under = \"insert\", child-of = \"handler\" }]",
        // main.main is above all others, and is judged by none.
        "[test.calls.all]\nunder = \"all\"\nfrom = \"anywhere\"",
        "[test.calls.insert]\nunder = \"handler\"\nchild-of = \"publish\"",
        "[test.calls.insert]\nunder = \"handler\"\nafter = \"handler\"\ngoroutine = \"child\"",
        "[test.calls.insert]\nconcurrent-with = \"insert\"",
        "[test.calls.insert]\nbefore = \"publish\"\n[test.calls.publish]\nafter = \"insert\"",
        "[test.calls.insert]\nbefore = \"publish\"\n[test.calls.publish]\nbefore = \"audit\"\n[test.calls.audit]\nafter = \"insert\"",
        "sequence = [\"insert\", \"publish\"]\n[test.calls.insert]\nbefore = \"publish\"",
        "sequence = [[\"publish\", \"insert\"]]\n[test.calls.insert]\nbefore = \"publish\"",
        "[test.calls.insert]\noutcome = \"running\"\nafter = \"publish\"\nargs = { a = 1 }",
        "[test.calls.insert]\noutcome = \"panicked\"\ntook = \"< 1s\"\nargs = { a = 1 }",
        "[test.calls.insert]\noutcome = \"recovered\"\ntook = \"< 1s\"\nreturns = 1\nerror = true\nout = { p = 1 }",
        "[test.calls.insert]\noutcome = \"process-ended\"\ntook = \"< 1s\"",
        "sequence = { gaps = [{ call = \"handler\", goroutine = \"child\" }, { call = \"insert\", goroutine = \"distinct\" }, { call = \"audit\", goroutine = \"any\" }], goroutine = \"same\" }",
        "sequence = [{ call = \"insert\", outcome = \"panicked\" }, { call = \"insert\", outcome = \"returned\" }]",
        // In the requests there is none, in the background there are.
        "count = { audit = 0 }\n[test.calls.audit]\nfrom = \"anywhere\"",
        "count = { handler = 0 }\nsequence = [{ call = \"insert\", under = \"handler\" }]",
        "from = \"anywhere\"\ncount = { insert = 4 }\ncount-per-request = { insert = 0 }",
        "from = \"anywhere\"\n[test.calls.insert]\ngoroutine = \"child\"\nfrom = \"requests\"",
        "[test.calls.insert]\ngoroutine = \"any\"\nfrom = \"anywhere\"",
        "from = \"anywhere\"\nsequence = [\"insert\", \"insert\"]\ncount = { insert = 3 }",
        "count = { insert = 8 }\ncount-per-request = { insert = 2, publish = { ge = 1, le = 3 } }\nsequence = { exact = [\"insert\", \"insert\"] }",
        "sequence = { exact = [\"insert\"], goroutine = \"same\" }\ncount-per-request = { insert = 2 }",
        "flow = [[\"insert.a\", \"insert.returns.0\", \"insert.a.B\"], [\"insert.a\", \"insert.returns.0\"]]\n[test.calls.handler]\noutcome = \"panicked\"",
        "flow = [[\"insert.a\", \"publish.a\"]]\n[test.calls.insert]\noutcome = \"panicked\"",
        // The test looks at all calls, and these are some of them.
        "from = \"anywhere\"\nsequence = [{ call = \"insert\", outcome = \"panicked\" }]\n[test.calls.insert]\nfrom = \"requests\"\noutcome = \"returned\"",
    ] {
        assert_eq!(said(lines), Ok(()), "{lines}");
    }
}

/// The same with a little more is one.
#[test]
fn what_cannot_hold_is_refused() {
    for (lines, message) in [
        (
            "[test.calls.insert]\nunder = \"insert\"",
            "calls of `insert` can't all be under another one: the outermost has none above it",
        ),
        (
            "[test.calls.insert]\nbefore = \"publish\"\n[test.calls.publish]\nbefore = \"insert\"",
            "`publish` can't come before `insert` and after it",
        ),
        (
            "sequence = [\"publish\", \"insert\"]\n[test.calls.insert]\nbefore = \"publish\"",
            "in the sequence, `publish` begins before `insert`",
        ),
        (
            "[test.calls.insert]\noutcome = \"running\"\nbefore = \"publish\"",
            "such a call never ends before another begins",
        ),
        (
            "count = { audit = 0 }\n[test.calls.audit]\ntook = \"< 1s\"",
            "`audit` must be called and must not be called",
        ),
        (
            "count-per-request = { audit = 0 }\n[test.calls.insert]\nbefore = \"audit\"",
            "`audit` must be called and must not be called",
        ),
        (
            "count = { insert = 4 }\ncount-per-request = { insert = { ge = 2 } }",
            "4 requests together can't call `insert` that often",
        ),
        (
            "sequence = [\"insert\", \"insert\"]\ncount = { insert = 7 }",
            "the sequence has `insert` 2 times in each of 4 requests",
        ),
        (
            "sequence = { exact = [\"insert\"] }\ncount-per-request = { insert = 2 }",
            "the sequence has `insert` once",
        ),
        (
            "flow = [[\"insert.returns.0\", \"publish.a\"]]\n[test.calls.insert]\noutcome = \"panicked\"",
            "calls of `insert` must have no results",
        ),
    ] {
        let wanted = Err(vec![message.to_owned()]);
        assert_eq!(said(lines), wanted, "{lines}");
    }
}

#[test]
fn a_request_that_cannot_be_read_is_not_missed() {
    let text = spec_with(
        "[[test]]\nname = \"a\"\nrequest = { gte = \"/\" }\nfrom = \"requests\"\ncount-per-request = { insert = 1 }\n",
    );
    let errors = understood(&text).unwrap_err();
    assert!(
        errors
            .errors
            .iter()
            .all(|error| !error.message.contains("sends no request")),
        "{errors}"
    );
}
