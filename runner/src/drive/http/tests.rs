//! Against servers made of bare sockets, so that what goes over the wire is seen as it is.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, atomic::AtomicBool},
    thread,
};

use spec::document::{
    Capture, CaptureSource, JsonPath, RequestBody, Spanned, Template, TemplatePart,
};

use super::*;
use crate::drive::tests::{
    context, failure, get, literal, numbered, request, run, run_with, status,
};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// What the server got: the client's port and the request, in order.
type Log = Arc<Mutex<Vec<(u16, String)>>>;

/// A server that answers each request (whose number it is told) with some bytes, or closes the connection on none.
fn server(answer: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> (SocketAddr, Log) {
    serve(TcpListener::bind("127.0.0.1:0").unwrap(), answer)
}

fn serve(
    listener: TcpListener,
    answer: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static,
) -> (SocketAddr, Log) {
    let address = listener.local_addr().unwrap();
    let log = Log::default();
    let answer = Arc::new(answer);
    thread::spawn({
        let log = Arc::clone(&log);
        move || {
            for stream in listener.incoming() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || converse(stream.unwrap(), &log, &*answer));
            }
        }
    });
    (address, log)
}

fn converse(mut stream: TcpStream, log: &Log, answer: &dyn Fn(usize) -> Vec<u8>) {
    let port = stream.peer_addr().unwrap().port();
    while let Some(request) = read_request(&mut stream) {
        let number = {
            let mut log = log.lock().unwrap();
            log.push((port, request));
            log.len() - 1
        };
        let bytes = answer(number);
        if bytes.is_empty() || stream.write_all(&bytes).is_err() {
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
    }
}

fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        request.push(byte[0]);
    }
    let head = String::from_utf8(request).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(head + std::str::from_utf8(&body).unwrap())
}

#[test]
fn nothing_is_sent_but_what_is_declared() {
    let (address, log) = server(|_| OK.into());
    let mut text = request("POST", literal("/orders?a=%20b&c"));
    text.headers = vec![
        ("X-One".into(), literal("1")),
        ("accept".into(), literal("text/plain")),
        ("X-One".into(), numbered("n")),
    ];
    text.body = Some(RequestBody::Text(numbered("hello ")));
    let mut json = request("PUT", literal("/j"));
    json.body = Some(RequestBody::Json("{\"qty\":1}".into()));
    let mut form = request("PATCH", literal("/f"));
    form.headers = vec![("Host".into(), literal("shop.example"))];
    form.body = Some(RequestBody::Form(vec![("a b".into(), literal("c&d"))]));
    let mut empty = request("POST", literal("/e"));
    empty.body = Some(RequestBody::Text(literal("")));

    run(
        &[
            get("/"),
            text,
            json,
            form,
            empty,
            request("DELETE", literal("/d")),
        ],
        address,
    )
    .unwrap();
    let log = log.lock().unwrap();
    let heads: Vec<&str> = log.iter().map(|(_, head)| head.as_str()).collect();
    assert_eq!(
        heads,
        [
            format!("GET / HTTP/1.1\r\nHost: {address}\r\n\r\n"),
            format!(
                "POST /orders?a=%20b&c HTTP/1.1\r\nHost: {address}\r\nX-One: 1\r\nX-One: n0\r\n\
                 Accept: text/plain\r\nContent-Length: 7\r\n\r\nhello 0"
            ),
            format!(
                "PUT /j HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
                 Content-Length: 9\r\n\r\n{{\"qty\":1}}"
            ),
            "PATCH /f HTTP/1.1\r\nHost: shop.example\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\na+b=c%26d"
                .to_owned(),
            format!("POST /e HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\n\r\n"),
            format!("DELETE /d HTTP/1.1\r\nHost: {address}\r\n\r\n"),
        ]
    );
}

#[test]
fn each_request_has_a_connection_of_its_own_whose_port_is_told() {
    let (address, log) = server(|_| OK.into());
    let before = clock::now();
    let driven = run(&[get("/a"), get("/b")], address).unwrap();
    let after = clock::now();
    let log = log.lock().unwrap();
    let [a, b] = &driven.exchanges[..] else {
        panic!("{driven:?}");
    };
    assert_eq!((a.local_port, b.local_port), (log[0].0, log[1].0));
    assert_ne!(a.local_port, b.local_port);
    assert_eq!((a.position, b.position), (0, 0));
    assert_eq!((a.entry, b.entry), (0, 1));
    assert_eq!((a.method.as_str(), a.target.as_str()), ("GET", "/a"));
    assert!(before < a.sent && a.sent < b.sent && b.sent < after);
    assert!(a.took.0 > 0 && a.sent.0 + a.took.0 <= b.sent.0);
    assert_eq!(
        a.answer,
        Answer::Response {
            status: 200,
            headers: vec![("content-length".into(), "2".into())],
            body: b"ok".into(),
            truncated: false,
        }
    );
    assert_eq!(driven.interrupted, None);
}

#[test]
fn visitors_keep_their_connections_and_send_each_number_once() {
    let (address, log) = server(|_| OK.into());
    let mut many = request("GET", numbered("/"));
    (many.repeat, many.concurrency) = (40, 8);
    let driven = run(&[get("/first"), many], address).unwrap();
    assert_eq!(driven.exchanges.len(), 41);
    let many = &driven.exchanges[1..];
    for (number, exchange) in (0..).zip(many) {
        assert_eq!((exchange.entry, exchange.number), (1, number));
        assert_eq!(exchange.target, format!("/{number}"));
        assert_eq!(status(exchange), 200);
    }
    // By connection: positions count up from 0 in the order in which the server saw them.
    let mut seen: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for (port, head) in log.lock().unwrap()[1..].iter() {
        let target = head.split(' ').nth(1).unwrap();
        seen.entry(*port).or_default().push(target.to_owned());
    }
    assert_eq!(seen.len(), 8);
    for exchange in many {
        let position = exchange.position as usize;
        assert_eq!(seen[&exchange.local_port][position], exchange.target);
    }
}

#[test]
fn no_more_visitors_than_requests() {
    let (address, log) = server(|_| OK.into());
    let mut few = get("/");
    (few.repeat, few.concurrency) = (3, 50);
    assert_eq!(run(&[few], address).unwrap().exchanges.len(), 3);
    let ports: BTreeSet<u16> = log.lock().unwrap().iter().map(|(port, _)| *port).collect();
    assert!(ports.len() <= 3);
}

#[test]
fn a_connection_that_the_program_closes_between_requests_is_replaced() {
    let closing = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let (address, _) = server(move |number| {
        if number == 1 {
            closing.into()
        } else {
            OK.into()
        }
    });
    let mut four = get("/");
    four.repeat = 4;
    let driven = run(&[four], address).unwrap();
    let positions: Vec<u32> = driven.exchanges.iter().map(|e| e.position).collect();
    assert_eq!(positions, [0, 1, 0, 1]);
    assert!(
        driven
            .exchanges
            .iter()
            .all(|exchange| status(exchange) == 200)
    );
    assert_ne!(
        driven.exchanges[1].local_port,
        driven.exchanges[2].local_port
    );
}

#[test]
fn a_connection_that_breaks_under_a_request_is_a_failure_and_not_tried_again() {
    let (address, log) = server(|number| if number == 1 { Vec::new() } else { OK.into() });
    let mut three = get("/");
    three.repeat = 3;
    let driven = run(&[three], address).unwrap();
    assert!(
        failure(&driven.exchanges[1]).contains("connection closed"),
        "{driven:?}"
    );
    assert_eq!(driven.exchanges[1].position, 1);
    assert_eq!(status(&driven.exchanges[2]), 200);
    assert_eq!(log.lock().unwrap().len(), 3);
}

#[test]
fn what_listens_nowhere_or_speaks_no_http_is_a_failure() {
    let nowhere = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let driven = run(&[get("/")], nowhere).unwrap();
    assert!(
        failure(&driven.exchanges[0]).contains("refused"),
        "{driven:?}"
    );
    assert_eq!(driven.exchanges[0].local_port, 0);

    let (address, _) = server(|_| b"SSH-2.0-OpenSSH\r\n".to_vec());
    let driven = run(&[get("/")], address).unwrap();
    assert!(!failure(&driven.exchanges[0]).is_empty());
    assert_ne!(driven.exchanges[0].local_port, 0);

    let (address, _) = server(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal".to_vec());
    let mut cut = get("/");
    cut.timeout = Duration::from_millis(100);
    let driven = run(&[cut], address).unwrap();
    assert_eq!(driven.exchanges[0].answer, Answer::TimedOut);
}

#[test]
fn a_request_that_is_not_answered_times_out_and_the_next_is_sent() {
    let (address, _) = server(|number| {
        thread::sleep(Duration::from_millis(if number == 0 { 3000 } else { 0 }));
        OK.into()
    });
    let mut slow = get("/");
    (slow.timeout, slow.repeat) = (Duration::from_millis(150), 2);
    let driven = run(&[slow], address).unwrap();
    let [first, second] = &driven.exchanges[..] else {
        panic!("{driven:?}");
    };
    assert_eq!(first.answer, Answer::TimedOut);
    assert!(
        (150_000_000..1_000_000_000).contains(&first.took.0),
        "{}",
        first.took
    );
    assert_eq!((status(second), second.position), (200, 0));
    assert_ne!(first.local_port, second.local_port);
}

#[test]
fn redirects_are_answers() {
    let (address, log) =
        server(|_| b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n".to_vec());
    let driven = run(&[get("/a")], address).unwrap();
    assert_eq!(status(&driven.exchanges[0]), 302);
    assert_eq!(log.lock().unwrap().len(), 1);
}

#[test]
fn of_a_long_body_the_first_part_is_kept() {
    for (length, cut) in [(1 << 20, false), ((1 << 20) + 1, true), (5 << 20, true)] {
        let (address, _) = server(move |_| {
            let mut answer =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").into_bytes();
            answer.resize(answer.len() + length, b'x');
            answer
        });
        let mut two = get("/");
        two.repeat = 2;
        let driven = run(&[two], address).unwrap();
        for exchange in &driven.exchanges {
            let Answer::Response {
                body, truncated, ..
            } = &exchange.answer
            else {
                panic!("{exchange:?}");
            };
            assert_eq!((body.len(), *truncated), (length.min(1 << 20), cut));
        }
        assert_eq!(driven.exchanges[1].position, 1, "the rest was read");
    }
}

#[test]
fn it_ends_when_cancelled_or_over_and_says_what_was_under_way() {
    let (address, _) = server(|number| {
        thread::sleep(Duration::from_millis(if number == 2 { 5000 } else { 0 }));
        OK.into()
    });
    let mut ten = get("/");
    (ten.repeat, ten.timeout) = (10, Duration::from_secs(20));
    let cancel = AtomicBool::new(false);
    let mut over = context(address, &cancel);
    over.deadline = Some(Instant::now() + Duration::from_millis(200));
    let driven = Http.run(&[ten.clone(), get("/never")], &over).unwrap();
    assert_eq!(driven.interrupted, Some(Interruption::Deadline));
    assert_eq!(driven.exchanges.len(), 3);
    assert!(failure(&driven.exchanges[2]).contains("ran out of time"));
    assert!(driven.exchanges[2].took.0 < 1_000_000_000);

    let (address, _) = server(|_| {
        thread::sleep(Duration::from_secs(5));
        OK.into()
    });
    let driven = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(100));
            cancel.store(true, Ordering::Relaxed);
        });
        Http.run(&[ten], &context(address, &cancel)).unwrap()
    });
    assert_eq!(driven.interrupted, Some(Interruption::Cancelled));
    assert!(failure(&driven.exchanges[0]).contains("cancelled"));
}

#[test]
fn ipv6_loopback_is_reached_too() {
    let (address, log) = serve(TcpListener::bind("[::1]:0").unwrap(), |_| OK.into());
    let driven = run(&[get("/")], address).unwrap();
    assert_eq!(status(&driven.exchanges[0]), 200);
    let head = log.lock().unwrap()[0].1.clone();
    assert!(
        head.contains(&format!("\r\nHost: [::1]:{}\r\n", address.port())),
        "{head}"
    );
}

type Change = fn(&mut RequestSpec);

#[test]
fn what_cannot_be_sent_is_refused_before_anything_is() {
    let (address, log) = server(|_| OK.into());
    let refused = |change: Change| {
        let mut bad = get("/");
        change(&mut bad);
        run(&[get("/good"), bad], address).unwrap_err().to_string()
    };
    let cases: [(Change, &str); 9] = [
        (|r| r.method = "GE T".into(), "the method \"GE T\""),
        (|r| r.method = "CONNECT".into(), "it opens a tunnel"),
        (|r| r.target.value = literal("a"), "begin with a slash"),
        (|r| r.target.value = literal("/a b"), "%20"),
        (|r| r.target.value = literal("/a#b"), "%23"),
        (
            |r| r.headers = vec![("a b".into(), literal(""))],
            "the header \"a b\"",
        ),
        (
            |r| r.headers = vec![("a".into(), literal("\r\nb: c"))],
            "the header \"a: \\r\\n",
        ),
        (
            |r| r.headers = vec![("content-length".into(), literal("7"))],
            "the body has 0 bytes",
        ),
        (
            |r| r.headers = vec![("Transfer-Encoding".into(), literal("chunked"))],
            "remove it",
        ),
    ];
    for (change, expected) in cases {
        let said = refused(change);
        assert!(
            said.starts_with("request 2: ") && said.contains(expected),
            "{said}"
        );
    }
    let said = refused(|r| r.target.value.parts = vec![TemplatePart::Stub("x".into())]);
    assert!(said.contains("[stubs.x]"), "{said}");
    assert!(log.lock().unwrap().is_empty());

    let elsewhere = SocketAddr::from(([192, 0, 2, 1], 80));
    let said = run(&[get("/")], elsewhere).unwrap_err().to_string();
    assert!(
        said.contains("192.0.2.1:80 is not a loopback address"),
        "{said}"
    );
}

fn capture(name: &str, source: CaptureSource) -> Capture {
    Capture {
        name: Spanned::new(name.to_owned(), 0..0),
        source: Spanned::new(source, 0..0),
    }
}

fn saved(before: &str, name: &str, behind: &str) -> Template {
    let parts = [
        TemplatePart::Literal(before.into()),
        TemplatePart::Saved(name.into()),
        TemplatePart::Literal(behind.into()),
    ];
    Template {
        parts: parts.into(),
    }
}

fn answer(headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {length}\r\n\r\n{body}").into()
}

#[test]
fn what_an_answer_has_is_in_the_requests_behind_it() {
    let (address, log) = server(|number| match number {
        0 => answer("Location: /orders/7\r\n", r#"{"id": "a\"b", "qty": 2}"#),
        _ => OK.into(),
    });
    let mut first = request("POST", literal("/orders"));
    first.save = vec![
        capture("id", CaptureSource::Json(JsonPath::parse("id").unwrap())),
        capture("loc", CaptureSource::Header("Location".into())),
    ];
    let mut json = request("PUT", saved("", "loc", "/items"));
    json.headers = vec![("X-Id".into(), saved("<", "id", ">"))];
    json.body = Some(RequestBody::JsonTemplate(saved("{\"id\":\"", "id", "\"}")));
    let mut form = request("POST", literal("/"));
    form.body = Some(RequestBody::Form(vec![("id".into(), saved("", "id", ""))]));
    let carry = Carry::default();
    let driven = run_with(&[first, json, form], address, &carry).unwrap();
    assert_eq!(driven.exchanges.len(), 3);
    let log = log.lock().unwrap();
    let (put, post) = (&log[1].1, &log[2].1);
    assert!(put.starts_with("PUT /orders/7/items HTTP/1.1"), "{put}");
    assert!(put.contains("X-Id: <a\"b>\r\n"), "{put}");
    assert!(put.ends_with(r#"{"id":"a\"b"}"#), "{put}");
    assert!(post.ends_with("id=a%22b"), "{post}");
    assert_eq!(carry.carried(), model::Carried::default());
    // Those of another call know it, too.
    let later = run_with(&[request("GET", saved("/", "loc", ""))], address, &carry).unwrap();
    assert_eq!(later.exchanges[0].target, "//orders/7");
}

#[test]
fn without_a_value_nothing_more_is_sent() {
    let (address, log) = server(|_| OK.into());
    let mut first = get("/");
    first.save = vec![capture("id", CaptureSource::Header("Location".into()))];
    let carry = Carry::default();
    let driven = run_with(&[first, get("/b"), get("/c")], address, &carry).unwrap();
    assert_eq!((driven.exchanges.len(), log.lock().unwrap().len()), (1, 1));
    let missed = &carry.carried().missed[0];
    assert_eq!(
        (missed.entry, missed.name.as_str(), missed.found.as_str()),
        (0, "id", "nothing")
    );
}

#[test]
fn a_value_that_fits_no_path_is_told() {
    let (address, _) = server(|_| answer("X-A: a b\r\n", ""));
    let mut first = get("/");
    first.save = vec![capture("a", CaptureSource::Header("X-A".into()))];
    let requests = [first, request("GET", saved("/", "a", ""))];
    let driven = run(&requests, address).unwrap();
    let said = failure(&driven.exchanges[1]);
    assert!(
        said.contains("request 2: the path \"/a b\" cannot be sent"),
        "{said}"
    );
}

#[test]
fn a_jar_keeps_cookies_and_no_jar_keeps_none() {
    let cookies = |carry: Carry| {
        let (address, log) = server(|number| match number {
            0 => answer(
                "Set-Cookie: sid=1; Path=/\r\nSet-Cookie: b=2; Path=/b\r\n",
                "",
            ),
            _ => OK.into(),
        });
        let mut own = get("/b");
        own.headers = vec![("Cookie".into(), literal("own=0"))];
        run_with(&[get("/login"), get("/a"), own], address, &carry).unwrap();
        let log = log.lock().unwrap();
        let sent = log.iter().map(|(_, head)| {
            let line = head.lines().find_map(|line| line.strip_prefix("Cookie: "));
            line.unwrap_or("none").to_owned()
        });
        sent.collect::<Vec<_>>()
    };
    assert_eq!(
        cookies(Carry::new(true)),
        ["none", "sid=1", "own=0; b=2; sid=1"]
    );
    assert_eq!(cookies(Carry::default()), ["none", "none", "own=0"]);
}
