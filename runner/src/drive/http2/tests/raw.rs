//! Servers made of bare frames, that say what no proper server would.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
};

use super::*;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const ACK: u8 = 1;

/// `:status 200`, also with `content-length: 5`, as HPACK has them (RFC 7541, appendix A).
const OK: &[u8] = &[0x88];
const LENGTH_5: &[u8] = &[0x88, 0x0f, 0x0d, 1, b'5'];

/// A frame (RFC 9113, 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A connection, seen from the server.
struct Raw {
    stream: TcpStream,
    /// How many connections came before.
    number: usize,
}

impl Raw {
    fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        self.bytes(&frame(kind, flags, stream, payload));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// The number of the next stream that the client opens.
    fn request(&mut self) -> Option<u32> {
        loop {
            let mut head = [0; 9];
            self.stream.read_exact(&mut head).ok()?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            self.stream.read_exact(&mut payload).ok()?;
            if head[3] == HEADERS {
                return Some(u32::from_be_bytes([head[5], head[6], head[7], head[8]]));
            }
        }
    }

    /// Says hello as it should be.
    fn greet(&mut self) {
        self.send(SETTINGS, 0, 0, &[]);
        self.send(SETTINGS, ACK, 0, &[]);
    }

    /// Answers as it should be, until the client goes.
    fn answer_all(&mut self) {
        while let Some(stream) = self.request() {
            self.send(HEADERS, END_STREAM | END_HEADERS, stream, OK);
        }
    }

    /// Waits until the client goes.
    fn wait(&mut self) {
        while self.request().is_some() {}
    }
}

/// A server that does so on each connection, whose preface was read, and closes it then.
fn raw(converse: impl Fn(&mut Raw) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let converse = Arc::new(converse);
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let converse = Arc::clone(&converse);
            thread::spawn(move || {
                let stream = stream.unwrap();
                let mut raw = Raw { stream, number };
                if raw.stream.read_exact(&mut [0; 24]).is_ok() {
                    converse(&mut raw);
                }
                let _ = raw.stream.shutdown(Shutdown::Both);
            });
        }
    });
    address
}

#[test]
fn who_speaks_something_else_is_told_of() {
    let others: [&[u8]; 5] = [
        b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"\x15\x03\x01\x00\x02\x02\x16",
        b"",
        b"\0",
    ];
    for bytes in others {
        let mut spec = many(3, 1);
        spec.timeout = Duration::from_secs(2);
        let driven = run(&[spec], raw(|raw| raw.bytes(bytes)));
        assert_eq!(driven.exchanges.len(), 3);
        for exchange in &driven.exchanges {
            let said = failure(exchange);
            assert!(
                said.starts_with("connecting to 127.0.0.1:")
                    && said.contains("the program does not speak HTTP/2 there: "),
                "{bytes:?}: {said}"
            );
        }
    }
}

#[test]
fn who_says_nothing_at_all_is_given_up() {
    let address = raw(Raw::wait);
    let mut spec = many(4, 2);
    spec.timeout = Duration::from_millis(150);
    let begin = std::time::Instant::now();
    let driven = run(&[spec], address);
    assert!(begin.elapsed() < Duration::from_secs(2));
    assert_eq!(driven.exchanges.len(), 4);
    for exchange in &driven.exchanges {
        assert_eq!(exchange.answer, Answer::TimedOut);
        assert_eq!((exchange.local_port, exchange.stream), (0, None));
    }
}

#[test]
fn who_allows_no_stream_is_given_up() {
    let address = raw(|raw| {
        raw.send(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 0]);
        raw.wait();
    });
    let mut spec = many(4, 2);
    spec.timeout = Duration::from_millis(150);
    let timed_out = |driven: &DriveResult| {
        assert_eq!(driven.exchanges.len(), 4);
        let exchanges = driven.exchanges.iter();
        exchanges
            .filter(|exchange| exchange.answer == Answer::TimedOut)
            .count()
    };
    assert_eq!(timed_out(&run(&[spec.clone()], address)), 4);

    // First one, and then none any more.
    let address = raw(|raw| {
        raw.send(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 1]);
        let stream = raw.request().unwrap();
        raw.send(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 0]);
        raw.send(HEADERS, END_STREAM | END_HEADERS, stream, OK);
        raw.wait();
    });
    assert_eq!(timed_out(&run(&[spec], address)), 3);
}

#[test]
fn more_streams_are_opened_when_the_program_allows_more() {
    let address = raw(|raw| {
        raw.send(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 1]);
        let first = raw.request().unwrap();
        raw.send(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 9]);
        let more: Vec<u32> = (0..5).map(|_| raw.request().unwrap()).collect();
        for stream in more.into_iter().chain([first]) {
            raw.send(HEADERS, END_STREAM | END_HEADERS, stream, OK);
        }
        raw.wait();
    });
    let driven = run(&[many(6, 6)], address);
    assert!(
        driven.exchanges.iter().all(|e| status(e) == 200),
        "{driven:?}"
    );
}

type Breaking = (&'static str, fn(&mut Raw));

#[test]
fn a_connection_that_breaks_fails_what_was_under_way_and_the_rest_goes_over_a_new_one() {
    let broken: [Breaking; 3] = [
        ("the connection broke: ", |_| {}),
        ("what the program sent is not HTTP/2: ", |raw| {
            raw.bytes(&[255; 64]);
        }),
        ("the program ended the connection with GOAWAY", |raw| {
            raw.send(GOAWAY, 0, 0, &[0, 0, 0, 3, 0, 0, 0, 0]);
        }),
    ];
    for (expected, how) in broken {
        let address = raw(move |raw| {
            raw.greet();
            if raw.number > 0 {
                return raw.answer_all();
            }
            for _ in 0..5 {
                raw.request();
            }
            how(raw);
        });
        let driven = run(&[many(20, 5)], address);
        let (lost, rest) = driven.exchanges.split_at(5);
        for exchange in lost {
            let said = failure(exchange);
            assert!(
                said.starts_with(expected) || said.starts_with("the connection broke: "),
                "{said}"
            );
            assert_eq!(exchange.local_port, lost[0].local_port);
            assert!(exchange.stream.is_some());
        }
        assert!(
            lost.iter().any(|e| failure(e).starts_with(expected)),
            "{lost:?}"
        );
        assert_eq!(rest.len(), 15);
        for exchange in rest {
            assert_eq!(status(exchange), 200);
            assert_ne!(exchange.local_port, lost[0].local_port);
            assert_eq!(exchange.stream, Some(exchange.position * 2 + 1));
        }
    }
}

#[test]
fn a_connection_that_always_breaks_at_once_fails_each() {
    let driven = run(&[many(12, 3)], raw(Raw::greet));
    assert_eq!(driven.exchanges.len(), 12);
    for exchange in &driven.exchanges {
        assert!(!failure(exchange).is_empty());
    }
}

#[test]
fn a_response_that_is_whole_may_be_followed_by_a_reset_without_error() {
    for (head, data, whole) in [
        (LENGTH_5, &b"hello"[..], true),
        (OK, b"hello", true),
        (LENGTH_5, b"hel", false),
    ] {
        let address = raw(move |raw| {
            raw.greet();
            let stream = raw.request().unwrap();
            raw.send(HEADERS, END_HEADERS, stream, head);
            raw.send(DATA, 0, stream, data);
            raw.send(RST_STREAM, 0, stream, &[0; 4]);
            raw.wait();
        });
        let driven = run(&[get("/")], address);
        if whole {
            assert_eq!(status(&driven.exchanges[0]), 200, "{driven:?}");
        } else {
            let said = failure(&driven.exchanges[0]);
            assert!(said.contains("NO_ERROR"), "{said}");
        }
    }
}

type Wrong = (&'static str, fn(&mut Raw, u32));

#[test]
fn frames_that_break_the_rules_are_failures() {
    const WHOLE: u8 = END_HEADERS | END_STREAM;
    let wrong: [Wrong; 11] = [
        ("data before headers", |raw, stream| {
            raw.send(DATA, END_STREAM, stream, b"hello");
        }),
        ("a body that is too short", |raw, stream| {
            raw.send(HEADERS, END_HEADERS, stream, LENGTH_5);
            raw.send(DATA, END_STREAM, stream, b"hel");
        }),
        ("a body that is too long", |raw, stream| {
            raw.send(HEADERS, END_HEADERS, stream, LENGTH_5);
            raw.send(DATA, END_STREAM, stream, b"hello, you");
        }),
        ("no status", |raw, stream| {
            raw.send(HEADERS, WHOLE, stream, &[0x0f, 0x0d, 1, b'0']);
        }),
        ("headers that HPACK does not know", |raw, stream| {
            raw.send(HEADERS, WHOLE, stream, &[0xff; 7]);
        }),
        ("a promise although there are none", |raw, stream| {
            raw.send(PUSH_PROMISE, END_HEADERS, stream, &[0, 0, 0, 2, 0x82]);
        }),
        ("headers without an end", |raw, stream| {
            raw.send(HEADERS, 0, stream, OK);
            raw.send(DATA, END_STREAM, stream, b"hello");
        }),
        ("a continuation of nothing", |raw, stream| {
            raw.send(CONTINUATION, END_HEADERS, stream, OK);
        }),
        ("a stream that was not opened", |raw, _| {
            raw.send(HEADERS, WHOLE, 77, OK);
        }),
        ("settings of half a length", |raw, _| {
            raw.send(SETTINGS, 0, 0, &[0, 3, 0]);
        }),
        ("only an informational response", |raw, stream| {
            raw.send(HEADERS, WHOLE, stream, &[0x08, 3, b'1', b'0', b'3']);
        }),
    ];
    for (what, send) in wrong {
        let address = raw(move |raw| {
            raw.greet();
            if raw.number == 0 {
                let stream = raw.request().unwrap();
                send(raw, stream);
            }
            raw.answer_all();
        });
        let mut spec = many(3, 1);
        spec.timeout = Duration::from_secs(2);
        let driven = run(&[spec], address);
        let said = failure(&driven.exchanges[0]);
        assert!(said.contains("_ERROR"), "{what}: {said}");
        for exchange in &driven.exchanges[1..] {
            assert_eq!(status(exchange), 200, "{what}: {exchange:?}");
        }
    }
}

#[test]
fn whatever_frames_come_each_request_has_an_end() {
    for seed in 1..=60 {
        let address = raw(move |raw| {
            let mut random = fastrand::Rng::with_seed(seed * 1000 + raw.number as u64);
            raw.greet();
            while let Some(stream) = raw.request() {
                for _ in 0..random.u8(..4) {
                    let payload: Vec<u8> = match random.u8(..3) {
                        0 => OK.to_vec(),
                        1 => (0..random.u8(..12)).map(|_| random.u8(..)).collect(),
                        _ => vec![0; random.usize(..9)],
                    };
                    let kind = random.u8(..11);
                    let flags = [5, 4, 1, 0, 255][random.usize(..5)];
                    let stream = [stream, stream, 0, stream + 2, 1][random.usize(..5)];
                    raw.send(kind, flags, stream, &payload);
                }
            }
        });
        let mut spec = many(12, 4);
        spec.timeout = Duration::from_millis(60);
        let begin = std::time::Instant::now();
        let driven = run(&[spec], address);
        assert_eq!(driven.exchanges.len(), 12);
        assert!(begin.elapsed() < Duration::from_secs(3), "seed {seed}");
    }
}
