//! One try at a time, against servers within this process.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::Arc,
    thread,
};

use rustls::ServerConnection;
use spec::document::Tls;

use super::*;
use crate::tls::tests::Shown;

const LIMIT: Duration = Duration::from_secs(5);

/// A server that does so with each connection; its port.
fn serve(converse: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            converse(stream.unwrap());
        }
    });
    port
}

/// A server that answers so within TLS, and closes the connection.
fn secure(shown: &Shown, answer: &'static str) -> u16 {
    let config = shown.config(&[b"h2", b"http/1.1"]);
    serve(move |mut stream| {
        let mut session = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut secure = rustls::Stream::new(&mut session, &mut stream);
        let mut request = [0; 1024];
        let Ok(length) = secure.read(&mut request) else {
            return;
        };
        assert!(request[..length].starts_with(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:"));
        let _ = secure.write_all(answer.as_bytes());
        secure.conn.send_close_notify();
        let _ = secure.flush();
    })
}

fn whoever() -> TlsClient {
    TlsClient::new(&Tls::Unverified, Path::new(".")).unwrap()
}

fn get(port: u16, tls: Option<&TlsClient>, limit: Duration) -> Result<(), String> {
    let probe = ReadyProbe::Get("/healthz".into());
    let readiness = Readiness::new(&probe, port, tls).unwrap();
    readiness.attempt(limit, &|| false)
}

#[test]
fn a_get_is_answered_within_tls() {
    let shown = Shown::for_names(&["localhost"]);
    let well = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    assert_eq!(get(secure(&shown, well), Some(&whoever()), LIMIT), Ok(()));
    let badly = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
    let said = get(secure(&shown, badly), Some(&whoever()), LIMIT).unwrap_err();
    assert!(said.contains("status 503"), "{said}");
    let said = get(secure(&shown, "hello\n"), Some(&whoever()), LIMIT).unwrap_err();
    assert!(said.contains("not HTTP"), "{said}");
}

#[test]
fn the_certificate_is_looked_at_if_the_spec_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let shown = Shown::for_names(&["127.0.0.1"]);
    fs::write(folder.path().join("ca.pem"), &shown.issuer).unwrap();
    let tls = TlsClient::new(&Tls::Trusting("ca.pem".into()), folder.path()).unwrap();
    let well = "HTTP/1.1 204 No Content\r\n\r\n";
    assert_eq!(get(secure(&shown, well), Some(&tls), LIMIT), Ok(()));
    let stranger = Shown::for_names(&["127.0.0.1"]);
    let said = get(secure(&stranger, well), Some(&tls), LIMIT).unwrap_err();
    assert!(said.contains("not what `tls.ca` demands"), "{said}");
}

#[test]
fn a_port_that_accepts_is_ready_whatever_is_spoken_there() {
    let port = serve(drop);
    for tls in [None, Some(&whoever())] {
        let readiness = Readiness::new(&ReadyProbe::Accepts, port, tls).unwrap();
        assert_eq!(readiness.attempt(LIMIT, &|| false), Ok(()));
    }
}

#[test]
fn who_speaks_the_other_one_is_told_of() {
    let plain = serve(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let _ = stream.read(&mut [0; 1024]);
    });
    let said = get(plain, Some(&whoever()), LIMIT).unwrap_err();
    assert!(said.contains("does not speak TLS there"), "{said}");
    let said = get(serve(drop), Some(&whoever()), LIMIT).unwrap_err();
    assert!(said.contains(": TLS: "), "{said}");
}

#[test]
fn who_never_agrees_is_given_up() {
    let silent = || {
        serve(|stream| {
            thread::spawn(move || {
                thread::sleep(Duration::from_secs(20));
                drop(stream);
            });
        })
    };
    let begin = std::time::Instant::now();
    let said = get(silent(), Some(&whoever()), Duration::from_millis(100)).unwrap_err();
    assert_eq!(said, "GET /healthz: no answer in time");
    let probe = ReadyProbe::Get("/healthz".into());
    let readiness = Readiness::new(&probe, silent(), Some(&whoever())).unwrap();
    assert!(readiness.attempt(LIMIT, &|| true).is_err());
    assert!(begin.elapsed() < LIMIT);
}
