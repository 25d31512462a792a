//! HTTP/2 and HTTP/1.1 within TLS.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
};

use rustls::ServerConnection;
use spec::document::Tls;

use super::*;
use crate::tls::{TlsClient, tests::Shown};

fn whoever() -> TlsClient {
    TlsClient::new(&Tls::Unverified, Path::new(".")).unwrap()
}

fn run_tls(requests: &[RequestSpec], address: SocketAddr, tls: &TlsClient) -> DriveResult {
    let cancel = AtomicBool::new(false);
    let mut context = context(address, &cancel);
    context.tls = Some(tls);
    Http.run(requests, &context).unwrap()
}

fn first(request: RequestSpec, address: SocketAddr) -> Exchange {
    run_tls(&[request], address, &whoever()).exchanges.remove(0)
}

fn one(mut spec: RequestSpec) -> RequestSpec {
    spec.http = HttpVersion::One;
    spec
}

fn impatient(mut spec: RequestSpec) -> RequestSpec {
    spec.timeout = Duration::from_millis(200);
    spec
}

/// A server that does so with each connection.
fn plain(converse: impl Fn(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            converse(stream.unwrap());
        }
    });
    address
}

/// A server of HTTP/1.1 within TLS: so many requests on a connection, each answered with "ok".
fn http1(protocols: &[&[u8]], requests: usize) -> SocketAddr {
    let config = Shown::for_names(&["localhost"]).config(protocols);
    plain(move |mut stream| {
        let config = Arc::clone(&config);
        thread::spawn(move || {
            let mut session = ServerConnection::new(config).unwrap();
            let mut stream = rustls::Stream::new(&mut session, &mut stream);
            for _ in 0..requests {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    if stream.read_exact(&mut byte).is_err() {
                        return;
                    }
                    head.push(byte[0]);
                }
                let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                if stream.write_all(answer.as_bytes()).is_err() {
                    return;
                }
            }
        });
    })
}

#[test]
fn http2_is_agreed_on_and_streams_share_the_connection() {
    let config = Shown::for_names(&["localhost"]).config(&[b"http/1.1", b"h2"]);
    let server = Server::secure(config, ok);
    let driven = run_tls(&[many(60, 20)], server.address, &whoever());
    let asked: BTreeMap<u32, Asked> = server
        .asked()
        .into_iter()
        .map(|asked| (asked.stream, asked))
        .collect();
    assert_eq!((server.connections(), asked.len()), (1, 60));
    for exchange in &driven.exchanges {
        assert_eq!(status(exchange), 200);
        let asked = &asked[&exchange.stream.unwrap()];
        assert_eq!(
            (asked.path(), asked.port),
            (&*exchange.target, exchange.local_port)
        );
        assert!(exchange.sent < asked.time);
        let expected = format!("GET https://{}{} []", server.address, exchange.target);
        assert_eq!(asked.to_string(), expected);
    }
}

#[test]
fn http1_within_tls_keeps_its_connection() {
    for protocols in [&[&b"http/1.1"[..], b"h2"][..], &[]] {
        let address = http1(protocols, usize::MAX);
        let driven = run_tls(&[one(many(30, 3))], address, &whoever());
        let ports: BTreeSet<u16> = driven.exchanges.iter().map(|e| e.local_port).collect();
        assert!(ports.len() <= 3 && !ports.contains(&0));
        for exchange in &driven.exchanges {
            assert_eq!((status(exchange), exchange.stream), (200, None));
        }
    }
}

#[test]
fn who_does_not_speak_http2_is_told_of() {
    for protocols in [&[&b"http/1.1"[..]][..], &[]] {
        let exchange = first(get("/"), http1(protocols, 1));
        let said = failure(&exchange);
        assert!(said.contains("does not speak HTTP/2 over TLS"), "{said}");
        assert_eq!((exchange.local_port, exchange.stream), (0, None));
    }
    let config = Shown::for_names(&["localhost"]).config(&[b"h2"]);
    let exchange = first(one(get("/")), Server::secure(config, ok).address);
    let said = failure(&exchange);
    assert!(said.contains("does not speak HTTP/1.1 over TLS"), "{said}");
}

#[test]
fn who_does_not_speak_tls_is_told_of() {
    for spec in [get("/"), one(get("/"))] {
        let address = plain(|mut stream| {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            let _ = stream.read(&mut [0; 4096]);
        });
        let exchange = first(spec.clone(), address);
        let said = failure(&exchange);
        assert!(said.contains("does not speak TLS there"), "{said}");

        let exchange = first(spec.clone(), plain(drop));
        let said = failure(&exchange);
        assert!(said.contains("TLS: "), "{said}");

        let silent = plain(|stream| {
            thread::spawn(move || {
                thread::sleep(Duration::from_secs(3));
                drop(stream);
            });
        });
        let exchange = first(impatient(spec), silent);
        assert_eq!(exchange.answer, Answer::TimedOut);
    }
}

#[test]
fn who_is_not_trusted_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let known = Shown::for_names(&["localhost"]);
    fs::write(folder.path().join("ca.pem"), &known.issuer).unwrap();
    let tls = TlsClient::new(&Tls::Trusting("ca.pem".into()), folder.path()).unwrap();
    let stranger = Shown::for_names(&["localhost"]).config(&[b"h2"]);
    let driven = run_tls(&[get("/")], Server::secure(stranger, ok).address, &tls);
    let said = failure(&driven.exchanges[0]);
    assert!(said.contains("not what `tls.ca` demands"), "{said}");
    let known = Server::secure(known.config(&[b"h2"]), ok);
    let driven = run_tls(&[get("/")], known.address, &tls);
    assert_eq!(status(&driven.exchanges[0]), 200);
}

#[test]
fn a_program_that_stops_in_the_middle_of_tls_is_a_failure() {
    let config = Shown::for_names(&["localhost"]).config(&[b"h2", b"http/1.1"]);
    let after_agreeing = |then: fn(&mut TcpStream)| {
        let config = Arc::clone(&config);
        plain(move |mut stream| {
            let mut session = ServerConnection::new(Arc::clone(&config)).unwrap();
            let _ = rustls::Stream::new(&mut session, &mut stream).read(&mut [0; 16]);
            then(&mut stream);
        })
    };
    for spec in [get("/"), one(get("/"))] {
        // It is gone without a goodbye, or writes what is no TLS.
        for then in [
            |_: &mut TcpStream| {},
            |stream: &mut TcpStream| {
                let _ = stream.write_all(b"no record of TLS, but a text of some length");
                let _ = stream.read(&mut [0; 4096]);
            },
        ] {
            let exchange = first(spec.clone(), after_agreeing(then));
            assert!(!failure(&exchange).is_empty());
        }
    }
}
