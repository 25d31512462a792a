//! What stubs received, and what answers had for later requests.

use model::{Answer, Missed, Received, StubUse};
use spec::{Source, Spec, parse};

use super::{failure, unknown};
use crate::expect::{
    Evidence, Failure, FailureKind, Finding, Unmet, Verdict, judge,
    testing::{Scene, response},
    unmet,
};

const HEAD: &str = r#"
[program]
package = "./server"
args    = ["-listen=${port}", "-pay=${stub.pay}"]

[stubs.pay]
status = 201

[redact]
patterns = ["card-[0-9]+"]

[[test]]
name    = "a test"
request = { get = "/" }
"#;

fn spec(text: &str) -> Spec {
    let source = Source::new("shop.proctor.toml", format!("{HEAD}{text}"));
    parse(source).unwrap_or_else(|errors| panic!("{}", errors.render(false, false, 100)))
}

/// A request that a stub received, from `POST /v1/charges?try=1 BODY`.
fn received(text: &str) -> Received {
    let mut words = text.splitn(3, ' ');
    let mut word = || words.next().unwrap_or_default().to_owned();
    Received {
        method: word(),
        target: word(),
        headers: vec![("authorization".to_owned(), "Bearer k".to_owned())],
        body: word().into_bytes(),
        truncated: false,
    }
}

fn seen(requests: &[&str]) -> Evidence {
    let mut scene = Scene::new();
    scene.request("/");
    let received: Vec<Received> = requests.iter().map(|text| received(text)).collect();
    let path = |target: &str| target.split('?').next().unwrap_or_default().to_owned();
    let names = received.iter();
    let names = names.map(|one| format!("{} {}", one.method, path(&one.target)));
    scene.evidence.stubs.push(StubUse {
        name: "pay".to_owned(),
        requests: names.collect(),
        unanswered: Vec::new(),
        received,
        forwarded: Vec::new(),
    });
    scene.evidence
}

/// The verdicts on what the stub received.
fn verdicts(text: &str, evidence: &Evidence) -> (Spec, Vec<Verdict>) {
    let spec = spec(text);
    let verdicts = judge(&spec, &spec.tests[0], evidence).into_iter();
    let of_stub = verdicts.filter(|verdict| verdict.subject.starts_with("stub pay"));
    let verdicts = of_stub.collect();
    (spec, verdicts)
}

/// How each entry came out: `p`, `f` or `?`.
fn letters(text: &str, evidence: &Evidence) -> String {
    let (_, verdicts) = verdicts(text, evidence);
    let letter = |verdict: &Verdict| match verdict.finding {
        Finding::Passed { .. } => 'p',
        Finding::Failed(_) => 'f',
        Finding::Inconclusive(_) => '?',
    };
    verdicts.iter().map(letter).collect()
}

fn entries(entries: &[&str]) -> String {
    let entry = |entry: &&str| format!("\n[[test.stubs.pay.received]]\n{entry}\n");
    entries.iter().map(entry).collect()
}

/// The failure of the only entry, and the text at its place.
fn wrong(entry: &str, evidence: &Evidence) -> (String, Failure) {
    let (spec, mut verdicts) = verdicts(&entries(&[entry]), evidence);
    let verdict = verdicts.remove(0);
    let place = spec.source.text[verdict.span.clone()].to_owned();
    (place, failure(verdict.finding))
}

#[test]
fn entries_hold_in_the_order_of_what_came() {
    let evidence = seen(&["POST /a 1", "POST /b 2", "POST /a 3", "GET /c"]);
    for (wanted, come_out) in [
        (&["post = \"/a\""][..], "p"),
        (&["post = \"/a\"", "post = \"/b\"", "post = \"/a\""], "ppp"),
        (&["post = \"/b\"", "post = \"/a\""], "pp"),
        (&["get = \"/c\"", "post = \"/a\""], "pf"),
        (&["post = \"/b\"", "post = \"/b\""], "pf"),
        (
            &["post = \"/a\"\ncount = 2", "post = \"/b\"\ncount = 1"],
            "pp",
        ),
        (&["post = \"/a\"\ncount = 1"], "f"),
        (&["post = \"/d\"\ncount = 0", "post = \"/a\""], "pp"),
        (&["get = \"/c\"", "post = \"/a\"\ncount = 0"], "pp"),
        (&["post = \"/a\"\nbody = \"3\"", "post = \"/b\""], "pf"),
        (&["put = \"/a\""], "f"),
    ] {
        assert_eq!(letters(&entries(wanted), &evidence), come_out, "{wanted:?}");
    }
}

#[test]
fn all_that_came_with_a_request_is_judged() {
    let evidence = seen(&[
        "POST /v1/charges?try=1 {\"amount\":24,\"to\":{\"name\":\"ada\"}}",
        "POST /form a=1&b=x+y&b=z",
    ]);
    for (entry, come_out) in [
        (
            "post = \"/v1/charges\"\njson = { amount = 24, to.name = \"ada\" }",
            "p",
        ),
        ("post = \"/v1/charges?try=1\"", "p"),
        ("post = \"/v1/charges?try=2\"", "f"),
        (
            "post = \"/v1/charges\"\nheaders = { Authorization = { contains = \"k\" } }",
            "p",
        ),
        (
            "post = \"/v1/charges\"\nheaders = { X-Key = { any = true } }",
            "f",
        ),
        (
            "post = \"/v1/charges\"\nbody = { contains = \"amount\" }",
            "p",
        ),
        ("post = \"/form\"\nform = { a = \"1\", b = \"x y\" }", "p"),
        ("post = \"/form\"\nform = { b = \"z\" }", "p"),
        ("post = \"/form\"\nform = { c = { any = true } }", "f"),
        ("post = \"/form\"\njson = { a = 1 }", "f"),
    ] {
        assert_eq!(letters(&entries(&[entry]), &evidence), come_out, "{entry}");
    }
}

#[test]
fn a_failure_points_at_what_was_otherwise() {
    let evidence = seen(&[
        "POST /a {\"n\":1,\"m\":2}",
        "POST /a {\"n\":2,\"m\":3}",
        "GET /b",
    ]);
    let (place, failure) = wrong("post = \"/a\"\njson = { n = 2, m = 2 }", &evidence);
    assert_eq!(place, "2", "the first of the two is as near as the second");
    assert_eq!(
        (failure.kind, failure.label.as_str(), failure.got.as_deref()),
        (FailureKind::Value, "json n at stub pay", Some("1"))
    );
    assert_eq!(
        failure.remark.as_deref(),
        Some("POST /a, the nearest of 2 requests")
    );
    assert_eq!(failure.notes, ["stub pay received: POST /a ×2, GET /b"]);
    let (place, failure) = wrong("put = \"/a\"", &evidence);
    assert_eq!(
        (place.as_str(), failure.kind),
        ("\"/a\"", FailureKind::Missing)
    );
    let (place, failure) = wrong("post = \"/a\"\ncount = { gt = 2 }", &evidence);
    assert_eq!(
        (place.as_str(), failure.kind, failure.got.as_deref()),
        ("{ gt = 2 }", FailureKind::Count, Some("2"))
    );
    let (spec, verdicts) = verdicts(&entries(&["get = \"/b\"", "post = \"/a\""]), &evidence);
    let Finding::Failed(failure) = &verdicts[1].finding else {
        panic!("{verdicts:?} of {}", spec.source.text);
    };
    assert_eq!(failure.kind, FailureKind::Order);
}

#[test]
fn what_was_not_kept_decides_nothing() {
    let json = entries(&["post = \"/a\"\njson = { n = 1 }"]);
    let plain = entries(&["post = \"/a\""]);
    let mut evidence = seen(&["POST /a {\"n\":1}"]);
    let received = evidence.stubs[0].received.remove(0);
    assert_eq!(letters(&json, &evidence), "?");
    assert_eq!(letters(&plain, &evidence), "p");
    evidence.stubs[0].received.push(Received {
        truncated: true,
        ..received
    });
    assert_eq!(letters(&json, &evidence), "?");
    // What was overwritten might have matched.
    let evidence = seen(&["POST /a {\"card\":\"*********\"}"]);
    let card = entries(&["post = \"/a\"\njson = { card = \"card-4111\" }"]);
    assert_eq!(letters(&card, &evidence), "?");
    // One that may be the wanted one, then one that is: what comes between is not known to be behind.
    let mut evidence = seen(&["POST /a x", "POST /b", "POST /a 1"]);
    evidence.stubs[0].received[0].truncated = true;
    let two = [
        "post = \"/a\"\nbody = { contains = \"1\" }",
        "post = \"/b\"",
    ];
    assert_eq!(letters(&entries(&two), &evidence), "p?");
}

#[test]
fn a_stub_that_is_only_looked_at_need_not_be_called() {
    let none = entries(&["post = \"/a\"\ncount = 0"]);
    assert_eq!(letters(&none, &seen(&[])), "p");
    assert_eq!(
        letters(&none, &Evidence::default()),
        "?",
        "no request was sent"
    );
}

const SAVES: &str = r#"
[[test]]
name = "saves"

[[test.request]]
get  = "/a"
save = { id = "json.id" }

[[test.request]]
get = "/${id}"
"#;

#[test]
fn an_answer_without_the_value_fails_at_its_source() {
    let spec = spec(SAVES);
    let test = &spec.tests[1];
    let mut scene = Scene::new();
    scene.request("/a");
    scene.evidence.exchanges[0].answer = response(200, "<html>");
    scene.evidence.carried.missed.push(Missed {
        entry: 0,
        name: "id".to_owned(),
        found: "no JSON".to_owned(),
    });
    let verdicts = judge(&spec, test, &scene.evidence);
    let of = |subject: &str| {
        let mut verdicts = verdicts.iter();
        let found = verdicts.find(|verdict| verdict.subject.starts_with(subject));
        found.unwrap_or_else(|| panic!("{subject} in {:?}", test.name))
    };
    let save = of("save id = json.id");
    assert_eq!(&spec.source.text[save.span.clone()], "\"json.id\"");
    let failed = failure(save.finding.clone());
    assert_eq!(failed.got.as_deref(), Some("no JSON"));
    assert_eq!(
        failed.notes,
        [
            "the answer had status 200",
            "body <html>",
            "not sent without it: 1 request"
        ]
    );
    assert!(verdicts.iter().any(|verdict| matches!(
        &verdict.finding,
        Finding::Inconclusive(reason) if reason.to_string().contains("`${id}` was not saved")
    )));
    // With the value it passes; not sent, it is undecided.
    scene.evidence.carried.missed.clear();
    let verdicts = judge(&spec, test, &scene.evidence);
    assert!(matches!(verdicts[1].finding, Finding::Passed { .. }));
    let nothing = judge(&spec, test, &Evidence::default());
    unknown(nothing[1].finding.clone());
}

#[test]
fn what_prepares_a_test_must_be_answered_as_it_says() {
    let spec = spec(SAVES);
    let requests = &spec.tests[1].requests[..1];
    let mut scene = Scene::new();
    scene.request("/a");
    let mut told = |answer: Answer| -> Option<Unmet> {
        scene.evidence.exchanges[0].answer = answer;
        let Evidence {
            exchanges, carried, ..
        } = &scene.evidence;
        unmet(requests, exchanges, exchanges, carried)
    };
    assert_eq!(told(response(200, "{\"id\":1}")), None);
    let wrong = told(response(500, "sorry")).unwrap();
    assert_eq!(&spec.source.text[wrong.span], "\"/a\"");
    assert_eq!(
        (wrong.part.as_str(), wrong.want.as_str(), wrong.got.as_str()),
        ("status", "< 400", "500")
    );
    assert_eq!(wrong.notes, ["the answer had status 500", "body sorry"]);
    assert_eq!(told(Answer::TimedOut).unwrap().got, "no answer within 10s");
    scene.evidence.carried.missed.push(Missed {
        entry: 0,
        name: "id".to_owned(),
        found: "nothing".to_owned(),
    });
    let Evidence {
        exchanges, carried, ..
    } = &scene.evidence;
    let exchanges = {
        let mut exchanges = exchanges.clone();
        exchanges[0].answer = response(200, "{}");
        exchanges
    };
    let wrong = unmet(requests, &exchanges, &exchanges, carried).unwrap();
    assert_eq!(wrong.part, "${id} from json.id");
}
