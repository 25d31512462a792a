//! Against servers that speak HTTP/2 as it should be, and others that do not.

mod peers;
mod raw;
mod secure;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{SocketAddr, TcpListener},
    sync::atomic::AtomicBool,
    thread,
};

use h2::server::SendResponse;
use hyper::Response;
use model::Exchange;
use peers::{Asked, Server, serve};
use spec::document::{HttpVersion, RequestBody, RequestSpec, Template};

use super::*;
use crate::drive::{
    DriveResult, Driver, Http, Interruption,
    tests::{self, context, failure, literal, numbered, status},
};

fn request(method: &str, target: Template) -> RequestSpec {
    RequestSpec {
        http: HttpVersion::Two,
        ..tests::request(method, target)
    }
}

fn get(target: &str) -> RequestSpec {
    request("GET", literal(target))
}

fn many(repeat: u32, concurrency: u32) -> RequestSpec {
    let mut many = request("GET", numbered("/"));
    (many.repeat, many.concurrency) = (repeat, concurrency);
    many
}

fn run(requests: &[RequestSpec], address: SocketAddr) -> DriveResult {
    tests::run(requests, address).unwrap()
}

/// Answers 200 with "ok".
async fn ok(_: Asked, mut respond: SendResponse<Bytes>) {
    let mut body = respond.send_response(Response::new(()), false).unwrap();
    body.send_data("ok".into(), true).unwrap();
}

#[test]
fn nothing_is_sent_but_what_is_declared() {
    let server = serve(ok);
    let mut text = request("POST", literal("/orders?a=%20b&c"));
    text.headers = vec![
        ("X-One".into(), literal("1")),
        ("accept".into(), literal("text/plain")),
        ("X-One".into(), numbered("n")),
        ("TE".into(), literal("trailers")),
    ];
    text.body = Some(RequestBody::Text(numbered("hello ")));
    let mut form = request("PATCH", literal("/f"));
    form.headers = vec![("Host".into(), literal("shop.example"))];
    form.body = Some(RequestBody::Form(vec![("a b".into(), literal("c&d"))]));
    let mut empty = request("PUT", literal("/e"));
    empty.body = Some(RequestBody::Text(literal("")));
    let driven = run(
        &[
            get("/"),
            text,
            form,
            empty,
            request("DELETE", literal("/d")),
        ],
        server.address,
    );
    assert!(
        driven
            .exchanges
            .iter()
            .all(|exchange| status(exchange) == 200)
    );
    let address = server.address;
    let heads: Vec<String> = server.asked().iter().map(Asked::to_string).collect();
    assert_eq!(
        heads,
        [
            format!("GET http://{address}/ []"),
            format!(
                "POST http://{address}/orders?a=%20b&c [x-one: 1, x-one: n0, accept: text/plain, \
                 te: trailers, content-length: 7] hello 0"
            ),
            "PATCH http://shop.example/f [content-type: application/x-www-form-urlencoded, \
             content-length: 9] a+b=c%26d"
                .to_owned(),
            format!("PUT http://{address}/e [content-length: 0]"),
            format!("DELETE http://{address}/d []"),
        ]
    );
}

#[test]
fn an_entry_has_one_connection_with_as_many_streams_at_a_time_as_it_says() {
    // Nothing is answered before eight are under way.
    let barrier = Arc::new(tokio::sync::Barrier::new(8));
    let server = serve(move |asked, respond| {
        let barrier = Arc::clone(&barrier);
        async move {
            if asked.path() != "/first" {
                barrier.wait().await;
            }
            ok(asked, respond).await;
        }
    });
    let before = clock::now();
    let driven = run(&[get("/first"), many(80, 8)], server.address);
    let after = clock::now();
    assert_eq!(driven.exchanges.len(), 81);
    let (first, many) = driven.exchanges.split_first().unwrap();
    assert_eq!((first.position, first.stream), (0, Some(1)));
    let ports: BTreeSet<u16> = many.iter().map(|exchange| exchange.local_port).collect();
    assert_eq!(ports.len(), 1);
    assert!(!ports.contains(&first.local_port));
    assert_eq!(server.most_at_a_time(), 8);

    // What was told of each is what the server saw.
    let seen: BTreeMap<(u16, u32), Asked> = server
        .asked()
        .into_iter()
        .map(|asked| ((asked.port, asked.stream), asked))
        .collect();
    for (number, exchange) in (0..).zip(many) {
        assert_eq!((exchange.entry, exchange.number), (1, number));
        assert_eq!(exchange.target, format!("/{number}"));
        assert_eq!(status(exchange), 200);
        let stream = exchange.stream.unwrap();
        let seen = &seen[&(exchange.local_port, stream)];
        assert_eq!(seen.path(), exchange.target);
        assert_eq!(stream, exchange.position * 2 + 1);
        assert!(before < exchange.sent && exchange.sent < seen.time && seen.time < after);
        assert!(exchange.took.0 > 0);
    }
    let streams: BTreeSet<_> = many.iter().map(|exchange| exchange.stream).collect();
    assert_eq!(streams.len(), 80);
}

#[test]
fn no_more_streams_are_opened_than_the_program_allows() {
    for allowed in [1, 3] {
        let server = Server::start(
            move |builder| {
                builder.max_concurrent_streams(allowed);
            },
            |asked, respond| async move {
                time::sleep(Duration::from_millis(30)).await;
                ok(asked, respond).await;
            },
        );
        let mut spec = many(24, 20);
        // Longer than one takes, but not than all who wait do.
        spec.timeout = Duration::from_millis(600);
        let begin = std::time::Instant::now();
        let driven = run(&[spec.clone()], server.address);
        assert!(allowed > 1 || begin.elapsed() > spec.timeout);
        for exchange in &driven.exchanges {
            assert_eq!(status(exchange), 200, "{exchange:?}");
        }
        assert_eq!(server.most_at_a_time(), allowed as usize);
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn a_request_that_is_not_answered_times_out_and_its_stream_alone_is_cancelled() {
    let cancelled = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&cancelled);
    let server = serve(move |asked, mut respond| {
        let told = Arc::clone(&told);
        async move {
            if asked.path() == "/3" {
                let reason = poll_fn(|context| respond.poll_reset(context)).await;
                told.store(matches!(reason, Ok(Reason::CANCEL)), Ordering::Relaxed);
            } else {
                time::sleep(Duration::from_millis(50)).await;
                ok(asked, respond).await;
            }
        }
    });
    // Those that go on are not at their end when it is given up.
    let mut spec = many(60, 4);
    spec.timeout = Duration::from_millis(600);
    let driven = run(&[spec], server.address);
    for exchange in &driven.exchanges {
        if exchange.number == 3 {
            assert_eq!(exchange.answer, Answer::TimedOut);
            assert!(exchange.took.0 >= 500_000_000, "{exchange:?}");
            assert!(exchange.stream.is_some());
        } else {
            assert_eq!(status(exchange), 200);
        }
    }
    assert!(cancelled.load(Ordering::Relaxed));
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_stream_that_is_reset_is_a_failure_and_the_connection_goes_on() {
    let server = serve(|asked, mut respond| async move {
        match asked.path() {
            "/1" => respond.send_reset(Reason::REFUSED_STREAM),
            "/2" => respond.send_reset(Reason::INTERNAL_ERROR),
            "/3" => {
                let mut body = respond.send_response(Response::new(()), false).unwrap();
                body.send_data("half".into(), false).unwrap();
                time::sleep(Duration::from_millis(20)).await;
                body.send_reset(Reason::CANCEL);
            }
            // Dropped: no response at all.
            "/4" => {}
            _ => ok(asked, respond).await,
        }
    });
    let driven = run(&[many(8, 2)], server.address);
    for (number, expected) in [
        (1, "the program reset the stream with REFUSED_STREAM"),
        (2, "the program reset the stream with INTERNAL_ERROR"),
        (3, "the program reset the stream with CANCEL"),
        (4, "the program reset the stream with "),
    ] {
        let said = failure(&driven.exchanges[number]);
        assert!(said.starts_with(expected), "{said}");
    }
    for number in [0, 5, 6, 7] {
        assert_eq!(status(&driven.exchanges[number]), 200);
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_connection_that_the_program_ends_between_requests_is_replaced() {
    let server = Server::ending_connections_after(3);
    let driven = run(&[many(9, 1)], server.address);
    for exchange in &driven.exchanges {
        assert_eq!(status(exchange), 200, "{exchange:?}");
        assert_eq!(exchange.stream, Some(exchange.position * 2 + 1));
    }
    let positions: Vec<u32> = driven.exchanges.iter().map(|e| e.position).collect();
    assert_eq!(positions, [0, 1, 2, 0, 1, 2, 0, 1, 2]);
    assert_eq!(server.connections(), 3);
}

#[test]
fn redirects_are_answers_and_trailers_and_early_hints_are_none() {
    let server = serve(|asked, mut respond| async move {
        if asked.path() == "/away" {
            let away = Response::builder().status(302).header("location", "/b");
            respond.send_response(away.body(()).unwrap(), true).unwrap();
            return;
        }
        for _ in 0..2 {
            let hints = Response::builder().status(103).header("link", "</a>");
            respond.send_informational(hints.body(()).unwrap()).unwrap();
        }
        let mut body = respond.send_response(Response::new(()), false).unwrap();
        body.send_data("ok".into(), false).unwrap();
        let mut trailers = hyper::HeaderMap::new();
        trailers.insert("checksum", "7".parse().unwrap());
        body.send_trailers(trailers).unwrap();
    });
    let mut two = many(2, 1);
    two.target.value = literal("/hints");
    let driven = run(&[get("/away"), two], server.address);
    assert_eq!(status(&driven.exchanges[0]), 302);
    for exchange in &driven.exchanges[1..] {
        assert_eq!(
            exchange.answer,
            Answer::Response {
                status: 200,
                headers: Vec::new(),
                body: b"ok".into(),
                truncated: false,
            }
        );
    }
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn of_a_long_body_the_first_part_is_kept_and_all_is_taken() {
    for (length, cut) in [(1 << 20, false), ((1 << 20) + 1, true), (40 << 20, true)] {
        let server = serve(move |_, mut respond| async move {
            let mut body = respond.send_response(Response::new(()), false).unwrap();
            body.send_data(vec![b'x'; length].into(), true).unwrap();
        });
        let driven = run(&[many(2, 2)], server.address);
        for exchange in &driven.exchanges {
            let Answer::Response {
                body, truncated, ..
            } = &exchange.answer
            else {
                panic!("{exchange:?}");
            };
            assert_eq!((body.len(), *truncated), (length.min(1 << 20), cut));
        }
    }
}

#[test]
fn a_long_body_is_sent_as_the_program_takes_it() {
    let server = serve(ok);
    let mut long = request("POST", literal("/"));
    let text = "0123456789".repeat(300_000);
    long.body = Some(RequestBody::Text(literal(&text)));
    (long.repeat, long.concurrency) = (4, 4);
    let driven = run(&[long], server.address);
    assert!(
        driven
            .exchanges
            .iter()
            .all(|exchange| status(exchange) == 200)
    );
    assert!(
        server
            .asked()
            .iter()
            .all(|asked| asked.body == text.as_bytes())
    );
}

#[test]
fn it_ends_when_cancelled_or_over_and_says_what_was_under_way() {
    let server = serve(|asked, respond| async move {
        if asked.path() != "/0" {
            time::sleep(Duration::from_secs(20)).await;
        }
        ok(asked, respond).await;
    });
    let mut ten = many(10, 3);
    ten.timeout = Duration::from_secs(20);
    let cancel = AtomicBool::new(false);
    let mut over = context(server.address, &cancel);
    over.deadline = Some(std::time::Instant::now() + Duration::from_millis(200));
    let driven = Http.run(&[ten.clone(), get("/never")], &over).unwrap();
    assert_eq!(driven.interrupted, Some(Interruption::Deadline));
    assert_eq!(driven.exchanges.len(), 4);
    assert_eq!(status(&driven.exchanges[0]), 200);
    for exchange in &driven.exchanges[1..] {
        assert!(failure(exchange).contains("ran out of time"));
        assert!(exchange.took.0 < 1_000_000_000 && exchange.stream.is_some());
    }

    let driven = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(100));
            cancel.store(true, Ordering::Relaxed);
        });
        Http.run(&[ten], &context(server.address, &cancel)).unwrap()
    });
    assert_eq!(driven.interrupted, Some(Interruption::Cancelled));
    assert!(failure(&driven.exchanges[1]).contains("cancelled"));
}

#[test]
fn ipv6_loopback_is_reached_too() {
    let listener = TcpListener::bind("[::1]:0").unwrap();
    let server = Server::on(listener, |_| {}, ok);
    let driven = run(&[get("/")], server.address);
    assert_eq!(status(&driven.exchanges[0]), 200);
    let asked = server.asked()[0].to_string();
    assert!(asked.starts_with("GET http://[::1]:"), "{asked}");
}

type Change = fn(&mut RequestSpec);

#[test]
fn what_http2_has_no_place_for_is_refused_before_anything_is_sent() {
    let server = serve(ok);
    let cases: [(Change, &str); 7] = [
        (
            |r| r.headers = vec![("Connection".into(), literal("close"))],
            "the header \"connection\"",
        ),
        (
            |r| r.headers = vec![("Keep-Alive".into(), literal("1"))],
            "the header \"keep-alive\"",
        ),
        (
            |r| r.headers = vec![("Upgrade".into(), literal("websocket"))],
            "the header \"upgrade\"",
        ),
        (
            |r| r.headers = vec![("TE".into(), literal("gzip"))],
            "the header \"te\"",
        ),
        (
            |r| {
                r.headers = ["a.example", "b.example"]
                    .map(|host| ("Host".into(), literal(host)))
                    .into();
            },
            "allows only one",
        ),
        (
            |r| r.headers = vec![("Host".into(), literal("a b"))],
            "the header Host with \"a b\"",
        ),
        (
            |r| r.headers = vec![("Transfer-Encoding".into(), literal("chunked"))],
            "remove it",
        ),
    ];
    for (change, expected) in cases {
        let mut bad = get("/");
        change(&mut bad);
        let said = tests::run(&[get("/good"), bad], server.address)
            .unwrap_err()
            .to_string();
        assert!(
            said.starts_with("request 2: ") && said.contains(expected),
            "{said}"
        );
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn what_listens_nowhere_is_a_failure() {
    let nowhere = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let driven = run(&[many(20, 5)], nowhere);
    assert_eq!(driven.exchanges.len(), 20);
    for exchange in &driven.exchanges {
        assert!(failure(exchange).contains("refused"), "{exchange:?}");
        assert_eq!((exchange.local_port, exchange.stream), (0, None));
    }
}
