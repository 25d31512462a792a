//! Stubs as a program meets them: through our own client, and through curl.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::Command,
    time::Instant,
};

use model::Exchange;
use spec::document::{RequestBody, RequestSpec, Route, Spanned};

use super::*;
use crate::drive::tests::{literal, request, run};

fn respond(status: u16, body: &str) -> Answer {
    Answer {
        action: AnswerAction::Respond {
            status,
            body: body.into(),
            headers: Vec::new(),
        },
        delay: Duration::ZERO,
    }
}

fn drop_it() -> Answer {
    Answer {
        action: AnswerAction::Drop,
        delay: Duration::ZERO,
    }
}

fn stub(name: &str, answers: impl Into<Vec<Answer>>) -> Stub {
    Stub {
        name: Spanned::new(name.into(), 0..0),
        answers: answers.into(),
        routes: Vec::new(),
        has_answers: true,
        received: Vec::new(),
        upstream: None,
    }
}

fn address(stubs: &Stubs, name: &str) -> SocketAddr {
    let url = stubs.urls()[name].strip_prefix("http://");
    url.unwrap().parse().unwrap()
}

fn ask(stubs: &Stubs, name: &str, method: &str, path: &str, repeat: u32) -> Vec<Exchange> {
    let request = RequestSpec {
        body: (method == "POST").then(|| RequestBody::Text(literal(&"b".repeat(300_000)))),
        repeat,
        ..request(method, literal(path))
    };
    run(&[request], address(stubs, name)).unwrap().exchanges
}

/// `503`, or `drop` for a connection that was closed.
fn statuses(exchanges: &[Exchange]) -> Vec<String> {
    let told = exchanges.iter().map(|exchange| match &exchange.answer {
        model::Answer::Response { status, .. } => status.to_string(),
        model::Answer::Failed(_) => "drop".to_owned(),
        model::Answer::TimedOut => "timeout".to_owned(),
    });
    told.collect()
}

#[test]
fn answers_come_one_after_the_other_and_the_last_repeats() {
    let answers = [respond(503, ""), drop_it(), respond(200, "ok")];
    let stubs = Stubs::start(&[stub("site", answers)]).unwrap();
    let exchanges = ask(&stubs, "site", "POST", "/x?y=1", 5);
    assert_eq!(statuses(&exchanges), ["503", "drop", "200", "200", "200"]);
    let positions: Vec<u32> = exchanges.iter().map(|exchange| exchange.position).collect();
    assert_eq!(positions, [0, 1, 0, 1, 2], "connections are kept alive");
    assert_eq!(
        exchanges[2].answer,
        model::Answer::Response {
            status: 200,
            headers: vec![("content-length".into(), "2".into())],
            body: b"ok".into(),
            truncated: false,
        },
        "nothing but what is declared, and the same each time"
    );
    assert_eq!(
        stubs.uses(),
        [StubUse {
            name: "site".into(),
            requests: vec!["POST /x".into(); 5],
            unanswered: Vec::new(),
            received: stubs.uses()[0].received.clone(),
            forwarded: Vec::new(),
        }]
    );
}

#[test]
fn routes_answer_for_themselves() {
    let mut site = stub("site", [respond(200, "")]);
    site.routes = vec![Route {
        method: "GET".into(),
        path: "/a".into(),
        answers: vec![respond(201, ""), respond(202, "")],
    }];
    let mut bare = site.clone();
    bare.name.value = "bare".into();
    bare.answers.clear();
    let stubs = Stubs::start(&[site, bare]).unwrap();
    assert_eq!(statuses(&ask(&stubs, "site", "GET", "/a?q", 1)), ["201"]);
    assert_eq!(statuses(&ask(&stubs, "site", "POST", "/a", 1)), ["200"]);
    assert_eq!(
        statuses(&ask(&stubs, "site", "GET", "/a", 2)),
        ["202", "202"]
    );
    assert_eq!(statuses(&ask(&stubs, "bare", "GET", "/b", 1)), ["404"]);
    assert_eq!(statuses(&ask(&stubs, "bare", "GET", "/a", 1)), ["201"]);
    assert_eq!(stubs.uses()[1].requests, ["GET /b", "GET /a"]);
    assert_eq!(stubs.uses()[1].unanswered, [0]);
    assert!(stubs.uses()[0].unanswered.is_empty());
    assert_eq!(stubs.uses()[0].requests.len(), 4);
}

#[test]
fn each_test_begins_anew_with_overrides_of_its_own() {
    let stubs = Stubs::start(&[
        stub("site", [respond(200, ""), respond(201, "")]),
        stub("bank", [respond(200, "")]),
    ])
    .unwrap();
    assert_eq!(
        statuses(&ask(&stubs, "site", "GET", "/", 2)),
        ["200", "201"]
    );
    stubs.reset(&[stub("site", [respond(503, "")])]).unwrap();
    assert!(stubs.uses().iter().all(|stub| stub.requests.is_empty()));
    assert_eq!(
        statuses(&ask(&stubs, "site", "GET", "/", 2)),
        ["503", "503"]
    );
    assert_eq!(statuses(&ask(&stubs, "bank", "GET", "/", 1)), ["200"]);
    stubs.reset(&[]).unwrap();
    assert_eq!(
        statuses(&ask(&stubs, "site", "GET", "/", 2)),
        ["200", "201"]
    );

    let said = stubs.reset(&[stub("sight", [])]).unwrap_err().to_string();
    assert!(said.contains("no stub \"sight\""), "{said}");
    assert_eq!(stubs.uses()[0].requests.len(), 2, "nothing has changed");
}

#[test]
fn a_delay_holds_up_only_its_own_request() {
    let mut slow = respond(200, "");
    slow.delay = Duration::from_millis(300);
    let stubs = Stubs::start(&[stub("site", [slow, respond(201, "")])]).unwrap();
    let begin = Instant::now();
    thread::scope(|scope| {
        let first = scope.spawn(|| {
            let answer = statuses(&ask(&stubs, "site", "GET", "/", 1));
            (answer, begin.elapsed())
        });
        while stubs.uses()[0].requests.is_empty() {
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(statuses(&ask(&stubs, "site", "GET", "/", 1)), ["201"]);
        assert!(begin.elapsed() < Duration::from_millis(250));
        let (answer, took) = first.join().unwrap();
        assert_eq!(answer, ["200"]);
        assert!(took >= Duration::from_millis(300));
    });
}

#[test]
fn curl_understands_them() {
    let mut answer = respond(418, "short and stout");
    if let AnswerAction::Respond { headers, .. } = &mut answer.action {
        headers.push(("X-Pot".into(), "tea".into()));
        headers.push(("X-Pot".into(), "tea too".into()));
    }
    let stubs = Stubs::start(&[stub("pot", [answer, respond(204, ""), drop_it()])]).unwrap();
    let url = &stubs.urls()["pot"];
    let curl = || {
        Command::new("curl")
            .args(["-s", "-i", "--noproxy", "*", url])
            .output()
            .unwrap()
    };
    let said = String::from_utf8(curl().stdout).unwrap();
    assert_eq!(
        said,
        "HTTP/1.1 418 I'm a teapot\r\nX-Pot: tea\r\nX-Pot: tea too\r\nContent-Length: 15\r\n\r\nshort and stout"
    );
    let said = String::from_utf8(curl().stdout).unwrap();
    assert_eq!(said, "HTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(
        curl().status.code(),
        Some(52),
        "curl's code for an empty reply"
    );
}

#[test]
fn they_end_when_dropped_with_all_connections() {
    use std::io::{Read, Write};
    let stubs = Stubs::start(&[stub("site", [respond(200, "")])]).unwrap();
    let address = stubs.urls()["site"]
        .strip_prefix("http://")
        .unwrap()
        .to_owned();
    let mut connection = TcpStream::connect(&address).unwrap();
    connection
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    assert_ne!(connection.read(&mut [0; 1024]).unwrap(), 0);
    drop(stubs);
    assert!(matches!(connection.read(&mut [0; 1024]), Ok(0) | Err(_)));
    assert!(TcpStream::connect(&address).is_err());
    assert!(Stubs::start(&[]).unwrap().uses().is_empty());
}

#[test]
fn what_cannot_be_answered_is_refused_at_once() {
    let refused = |answer: Answer| {
        let running = Stubs::start(&[stub("site", [respond(200, "")])]).unwrap();
        let said = running
            .reset(&[stub("site", [answer.clone()])])
            .unwrap_err()
            .to_string();
        assert_eq!(statuses(&ask(&running, "site", "GET", "/", 1)), ["200"]);
        assert_eq!(
            Stubs::start(&[stub("site", [answer])])
                .unwrap_err()
                .to_string(),
            said
        );
        said
    };
    let with_header = |name: &str, value: &str| Answer {
        action: AnswerAction::Respond {
            status: 200,
            body: String::new(),
            headers: vec![(name.into(), value.into())],
        },
        delay: Duration::ZERO,
    };
    assert!(refused(respond(101, "")).contains("status 101"));
    assert!(refused(respond(1000, "")).contains("status 1000"));
    assert!(refused(respond(204, "x")).contains("a body to status 204"));
    assert!(refused(with_header("a b", "")).contains("the header a b"));
    assert!(refused(with_header("a", "\n")).contains("the header a"));
    assert!(refused(with_header("Content-Length", "7")).contains("sends the length"));
}

#[test]
fn many_that_call_at_once_wait_for_no_second_try() {
    const CALLERS: usize = 1000;
    let stubs = Stubs::start(&[stub("site", [respond(200, "ok")])]).unwrap();
    let address = address(&stubs, "site");
    let ask = |stream: &mut TcpStream| {
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: site\r\n\r\n")
            .unwrap();
    };
    // Nothing is accepted while the stub's thread waits for the lock.
    let held = stubs.services[0].round();
    let mut callers = vec![TcpStream::connect(address).unwrap()];
    ask(&mut callers[0]);
    callers.extend((1..CALLERS).map(|_| {
        let limit = Duration::from_millis(900);
        let mut stream = TcpStream::connect_timeout(&address, limit).unwrap();
        ask(&mut stream);
        stream
    }));
    drop(held);
    for mut caller in callers {
        let mut answer = [0; 15];
        caller.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
    }
    assert_eq!(stubs.uses()[0].requests.len(), CALLERS);
}

#[test]
fn what_came_is_kept_as_it_came_up_to_a_limit() {
    let stubs = Stubs::start(&[stub("site", [respond(200, "")])]).unwrap();
    let mut small = request("POST", literal("/v1/charges?try=1"));
    small.headers = vec![("X-Key".into(), literal("k"))];
    small.body = Some(RequestBody::Text(literal("amount=7")));
    run(&[small], address(&stubs, "site")).unwrap();
    ask(&stubs, "site", "POST", "/large", 1);
    let uses = stubs.uses();
    let [small, large] = &uses[0].received[..] else {
        panic!("{uses:?}");
    };
    assert_eq!(
        (small.method.as_str(), small.target.as_str()),
        ("POST", "/v1/charges?try=1")
    );
    assert!(small.headers.contains(&("x-key".into(), "k".into())));
    assert_eq!(
        (small.body.as_slice(), small.truncated),
        (&b"amount=7"[..], false)
    );
    assert_eq!((large.body.len(), large.truncated), (64 << 10, true));
    // All bodies together have a limit, too.
    ask(&stubs, "site", "POST", "/large", 70);
    let kept: usize = stubs.uses()[0]
        .received
        .iter()
        .map(|one| one.body.len())
        .sum();
    assert!(kept <= 4 << 20, "{kept}");
    assert_eq!(stubs.uses()[0].requests.len(), 72);
    ask(&stubs, "site", "GET", "/", 1_000);
    assert!(stubs.uses()[0].received.len() <= 1_000);
    stubs.reset(&[]).unwrap();
    assert!(stubs.uses()[0].received.is_empty());
}

#[test]
fn a_test_that_only_looks_keeps_the_answers() {
    let stubs = Stubs::start(&[stub("site", [respond(201, "")])]).unwrap();
    let looks = Stub {
        has_answers: false,
        ..stub("site", [])
    };
    stubs.reset(&[looks]).unwrap();
    assert_eq!(statuses(&ask(&stubs, "site", "GET", "/", 1)), ["201"]);
}
