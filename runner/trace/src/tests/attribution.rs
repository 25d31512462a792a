//! Which request is which exchange.

use model::{
    Answer, Exchange, Nanoseconds, Observation, Request, ScopeId, Timestamp,
    testing::{self, facts},
};

use crate::testing::Program;
use crate::{Unmatched, match_requests};

fn exchange(port: u16, position: u32, sent: u64, target: &str) -> Exchange {
    Exchange {
        number: position,
        position,
        sent: Timestamp(sent),
        took: Nanoseconds(100),
        answer: Answer::TimedOut,
        ..testing::exchange(target, port)
    }
}

/// Requests as (when, remote, target).
fn seen(requests: &[(u64, &str, &str)]) -> Observation {
    let mut program = Program::new(&[]);
    for (goid, (time, remote, target)) in (50..).zip(requests) {
        let now = program.now();
        program.wait(time - now - 10);
        program.enter_request(goid, 100, remote, "GET", target);
    }
    program.observe()
}

#[test]
fn concurrent_connections_are_distinguished_by_their_ports() {
    let seen = seen(&[
        (100, "127.0.0.1:2", "/"),
        (120, "[::1]:3", "/"),
        (130, "127.0.0.1:1", "/"),
    ]);
    let exchanges = [
        exchange(1, 0, 90, "/"),
        exchange(2, 0, 90, "/"),
        exchange(3, 0, 90, "/"),
    ];
    assert_eq!(
        match_requests(&seen, &exchanges),
        [Ok(ScopeId(2)), Ok(ScopeId(0)), Ok(ScopeId(1))]
    );
}

#[test]
fn requests_of_a_kept_connection_are_told_apart_by_their_turn() {
    let remote = "127.0.0.1:1";
    let seen = seen(&[
        (100, remote, "/a"),
        (300, remote, "/a"),
        (400, remote, "/b"),
    ]);
    let exchanges = [
        exchange(1, 3, 380, "/b"),
        exchange(1, 0, 90, "/a"),
        exchange(1, 1, 200, "/a"), // the one whose record was lost
        exchange(1, 2, 290, "/a"),
    ];
    assert_eq!(
        match_requests(&seen, &exchanges),
        [
            Ok(ScopeId(2)),
            Ok(ScopeId(0)),
            Err(Unmatched::NotSeen),
            Ok(ScopeId(1))
        ]
    );
}

#[test]
fn a_port_used_again_does_not_bring_back_an_older_request() {
    let seen = seen(&[(50, "127.0.0.1:1", "/"), (100, "127.0.0.1:1", "/")]);
    assert_eq!(
        match_requests(&seen, &[exchange(1, 0, 90, "/")]),
        [Ok(ScopeId(1))]
    );
}

#[test]
fn no_match_says_why() {
    let differs = Unmatched::Differs {
        request: ScopeId(0),
    };
    for (requests, port, why) in [
        (&[(100, "127.0.0.1:1", "/")][..], 0, Unmatched::NotConnected),
        (&[(100, "127.0.0.1:1", "/")], 9, Unmatched::NotSeen),
        (&[(100, "127.0.0.1:1", "/other")], 1, differs),
        (
            &[(100, "127.0.0.1:1", "/"), (110, "127.0.0.1:1", "/")],
            1,
            Unmatched::Ambiguous { count: 2 },
        ),
    ] {
        let seen = seen(requests);
        assert_eq!(
            match_requests(&seen, &[exchange(port, 0, 90, "/")]),
            [Err(why)]
        );
    }
    let mut seen = seen(&[(100, "127.0.0.1:1", "/")]);
    facts(&mut seen.scopes[0]).remote = None;
    assert_eq!(
        match_requests(&seen, &[exchange(1, 0, 90, "/")]),
        [Err(Unmatched::RemoteUnknown)]
    );
}

#[test]
fn of_two_requests_from_one_port_the_one_that_fits_is_taken() {
    let seen = seen(&[(100, "127.0.0.1:1", "/admin"), (110, "127.0.0.1:1", "/")]);
    assert_eq!(
        match_requests(&seen, &[exchange(1, 0, 90, "/")]),
        [Ok(ScopeId(1))]
    );
}

/// An exchange on an HTTP/2 stream.
fn on_stream(port: u16, stream: u32, sent: u64, target: &str) -> Exchange {
    Exchange {
        stream: Some(stream),
        ..exchange(port, 0, sent, target)
    }
}

/// Requests with the streams that they came on.
fn seen_on(requests: &[(u64, &str, &str, Option<u32>)]) -> Observation {
    let plain: Vec<_> = requests
        .iter()
        .map(|(time, remote, target, _)| (*time, *remote, *target))
        .collect();
    let mut seen = seen(&plain);
    for (scope, (.., stream)) in seen.scopes.iter_mut().zip(requests) {
        facts(scope).stream = *stream;
    }
    seen
}

#[test]
fn streams_of_one_connection_are_told_apart_in_whatever_order_they_are_handled() {
    let remote = "127.0.0.1:1";
    let seen = seen_on(&[
        (100, remote, "/", Some(5)),
        (110, remote, "/", Some(1)),
        (120, "127.0.0.1:2", "/", Some(3)),
        (130, remote, "/", Some(3)),
    ]);
    let exchanges = [
        on_stream(1, 1, 80, "/"),
        on_stream(1, 3, 81, "/"),
        on_stream(1, 5, 82, "/"),
        on_stream(2, 3, 83, "/"),
    ];
    assert_eq!(
        match_requests(&seen, &exchanges),
        [
            Ok(ScopeId(1)),
            Ok(ScopeId(3)),
            Ok(ScopeId(0)),
            Ok(ScopeId(2))
        ]
    );
}

#[test]
fn a_stream_that_does_not_fit_is_no_match() {
    let remote = "127.0.0.1:1";
    let request = ScopeId(0);
    for (stream, target, why) in [
        (Some(3), "/", Unmatched::NotSeen),
        (None, "/", Unmatched::StreamUnknown { request }),
        // The connection's own opening, as h2c serves it.
        (None, "*", Unmatched::NotSeen),
        (Some(1), "/other", Unmatched::Differs { request }),
    ] {
        let seen = seen_on(&[(100, remote, target, stream)]);
        assert_eq!(
            match_requests(&seen, &[on_stream(1, 1, 90, "/")]),
            [Err(why)],
            "{stream:?} {target}"
        );
    }
    let seen = seen_on(&[(100, remote, "/", Some(1))]);
    assert_eq!(
        match_requests(&seen, &[exchange(1, 0, 90, "/")]),
        [Err(Unmatched::NotSeen)],
        "what came on a stream was not sent with HTTP/1"
    );
    let seen = seen_on(&[(100, remote, "/", Some(1)), (110, remote, "/", Some(1))]);
    assert_eq!(
        match_requests(&seen, &[on_stream(1, 1, 90, "/")]),
        [Err(Unmatched::Ambiguous { count: 2 })]
    );
}

#[test]
fn without_a_key_requests_are_known_by_their_turn_if_they_have_one() {
    let anonymous = |times: &[u64]| {
        let requests: Vec<_> = times.iter().map(|time| (*time, "", "", None)).collect();
        let mut seen = seen_on(&requests);
        for scope in &mut seen.scopes {
            *facts(scope) = Request {
                anonymous: true,
                ..Request::default()
            };
        }
        seen
    };
    // Each takes 100.
    let one_by_one = [
        exchange(1, 0, 90, "/a"),
        exchange(2, 0, 190, "/b"),
        exchange(3, 0, 290, "/c"),
    ];
    assert_eq!(
        match_requests(&anonymous(&[100, 200, 300]), &one_by_one),
        [Ok(ScopeId(0)), Ok(ScopeId(1)), Ok(ScopeId(2))]
    );
    assert_eq!(
        match_requests(&anonymous(&[100, 200, 210]), &one_by_one),
        [
            Ok(ScopeId(0)),
            Err(Unmatched::Ambiguous { count: 2 }),
            Err(Unmatched::NotSeen)
        ]
    );
    let meanwhile = [
        exchange(1, 0, 90, "/a"),
        exchange(2, 0, 189, "/b"),
        exchange(3, 0, 290, "/c"),
    ];
    assert_eq!(
        match_requests(&anonymous(&[100, 195, 300]), &meanwhile),
        [
            Err(Unmatched::NotAlone),
            Err(Unmatched::NotAlone),
            Ok(ScopeId(2))
        ]
    );
}
