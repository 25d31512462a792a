//! Requests that share a connection as streams of HTTP/2, within TLS and without, and such that follow one another within
//! TLS: the program writes down which calls it made for which, and goproctor must have seen the same.

use std::{collections::BTreeMap, fs, path::Path, time::Instant};

use goproctor_tests::{go::NEWEST, harness::Test, live};
use judge::expect::Evidence;
use model::{Answer, Call, Goid, Outcome, ScopeId, notation};
use serde_json::Value as Json;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("http2_streams_own_their_calls_with_the_stack_abi", || {
        agree(&STREAMS, "go1.16.15");
    }),
    (
        "http2_streams_own_their_calls_with_the_register_abi",
        || {
            agree(&STREAMS, "go1.22.12");
        },
    ),
    (
        "http2_streams_own_their_calls_with_the_newest_release",
        || {
            agree(&STREAMS, NEWEST);
        },
    ),
    ("http1_within_tls_owns_its_calls_with_the_stack_abi", || {
        agree(&KEPT, "go1.16.15");
    }),
    (
        "http1_within_tls_owns_its_calls_with_the_register_abi",
        || {
            agree(&KEPT, "go1.22.12");
        },
    ),
    (
        "http1_within_tls_owns_its_calls_with_the_newest_release",
        || {
            agree(&KEPT, NEWEST);
        },
    ),
    // The first release whose net/http speaks it so.
    ("http2_without_tls_owns_its_calls_of_go1.24", || {
        agree(&PLAIN, "go1.24.13");
    }),
    (
        "http2_without_tls_owns_its_calls_with_the_newest_release",
        || {
            agree(&PLAIN, NEWEST);
        },
    ),
];

/// How requests are sent.
struct Way {
    version: u32,
    protocol: &'static str,
    tls: bool,
    /// Requests of each of the two entries.
    requests: usize,
    concurrency: usize,
    /// Over how many connections all requests of an entry go.
    connections: usize,
}

const STREAMS: Way = Way {
    version: 2,
    protocol: "HTTP/2.0",
    tls: true,
    requests: 1_500,
    concurrency: 100,
    connections: 1,
};
/// HTTP/2 from the first byte on, as the program is known to speak it.
const PLAIN: Way = Way {
    tls: false,
    requests: 150,
    ..STREAMS
};
const KEPT: Way = Way {
    version: 1,
    protocol: "HTTP/1.1",
    tls: true,
    requests: 1_500,
    concurrency: 20,
    connections: 20,
};

/// Calls that the program makes for each.
const CALLS: usize = 7;
/// How many differences are told; the first ones say enough.
const TOLD: usize = 20;

fn secure_spec(way: &Way) -> spec::Spec {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../go-fixtures/base/secure");
    let Way {
        version,
        tls,
        requests,
        concurrency,
        ..
    } = way;
    let spoken = if *tls { "tls = true" } else { "" };
    // The second entry's requests are alike but for a header that nobody matches by.
    let text = format!(
        r#"
[program]
package = "."
args = ["-addr=127.0.0.1:${{port}}", "-log=${{dir}}/journal.jsonl", "-tls={tls}"]
{spoken}
ready = {{ get = "/ready" }}
restart = false

[functions]
lookup = "main.lookup"
fetch = "main.fetch"
store = "main.store"
publish = "main.publish"

[[test]]
name = "calls belong to their streams"
request = [
  {{ get = "/?id=q${{n}}", http = {version}, repeat = {requests}, concurrency = {concurrency}, status = 200 }},
  {{ get = "/", headers = {{ Id = "h${{n}}" }}, http = {version}, repeat = {requests}, concurrency = {concurrency}, status = 200 }},
]
count-per-request = {{ lookup = 2, fetch = 2, store = 2, publish = 1 }}
within = "100s"
settle = "5s"
"#
    );
    let source = spec::Source::new(folder.join("secure.proctor.toml"), text);
    spec::parse(source).unwrap_or_else(|errors| panic!("{}", live::text(&errors)))
}

fn agree(way: &Way, release: &str) {
    let begin = Instant::now();
    let mut differences = Vec::new();
    let mut looked = false;
    live::run(&secure_spec(way), release, 256 << 20, &mut |tested| {
        let evidence = tested.evidence();
        assert_eq!(evidence.observation.loss.total(), 0);
        connections(way, evidence);
        let journal = Path::new(&tested.folder).join("journal.jsonl");
        let told = told(&fs::read_to_string(journal).unwrap());
        let seen = seen(way, evidence, &mut differences);
        assert_eq!(told.len(), 2 * way.requests);
        for (id, told) in &told {
            match seen.get(id) {
                Some(seen) if seen == told => {}
                seen => differences.push(format!("{id}: {told:?}\n  seen {seen:?}")),
            }
        }
        assert_eq!(seen.len(), told.len());
        for verdict in tested.verdicts() {
            assert!(verdict.ends_with(": passed"), "{release}: {verdict}");
        }
        looked = true;
    })
    .unwrap_or_else(|error| panic!("{release}: {}", live::reason(&error)));
    println!(
        "{release}, {}{}: {} requests, {} calls, {} differences; {:.1?}",
        way.protocol,
        if way.tls { " within TLS" } else { "" },
        2 * way.requests,
        2 * way.requests * CALLS,
        differences.len(),
        begin.elapsed()
    );
    let first = &differences[..differences.len().min(TOLD)];
    assert!(first.is_empty(), "{}", first.join("\n"));
    assert!(looked);
}

/// That the requests went over as few connections as they should, and their streams are told.
fn connections(way: &Way, evidence: &Evidence) {
    for entry in 0..2 {
        let exchanges = evidence.exchanges.iter();
        let of_entry = exchanges.filter(|exchange| exchange.entry == entry);
        let mut by_port: BTreeMap<u16, Vec<_>> = BTreeMap::new();
        for exchange in of_entry {
            by_port
                .entry(exchange.local_port)
                .or_default()
                .push(exchange);
        }
        assert_eq!(by_port.len(), way.connections);
        for exchange in by_port.values().flatten() {
            let stream = (way.version == 2).then_some(2 * exchange.position + 1);
            assert_eq!(exchange.stream, stream);
        }
    }
}

/// What was done for a request.
#[derive(Debug, Default, PartialEq, Eq)]
struct Done {
    /// The goroutine that handled it.
    handler: Goid,
    /// Function, id, step and goroutine of each call, sorted.
    calls: Vec<(String, String, u64, Goid)>,
}

/// What the program says of each request, by its id.
fn told(journal: &str) -> BTreeMap<String, Done> {
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let goid = |value: &Json| Goid(value["goid"].as_u64().unwrap());
    let told = journal.lines().map(|line| {
        let record: Json = serde_json::from_str(line).unwrap();
        let calls = record["calls"].as_array().unwrap().iter().map(|call| {
            let step = call["step"].as_u64().unwrap();
            (text(&call["function"]), text(&call["id"]), step, goid(call))
        });
        let mut calls: Vec<_> = calls.collect();
        calls.sort();
        assert_eq!(calls.len(), CALLS);
        let done = Done {
            handler: goid(&record),
            calls,
        };
        (text(&record["id"]), done)
    });
    told.collect()
}

/// What was seen of each exchange, by the id that it was sent with.
fn seen(way: &Way, evidence: &Evidence, differences: &mut Vec<String>) -> BTreeMap<String, Done> {
    let observation = &evidence.observation;
    let mut by_request: BTreeMap<ScopeId, Vec<&Call>> = BTreeMap::new();
    for call in &observation.calls {
        match call.scope {
            Some(request) => by_request.entry(request).or_default().push(call),
            None => differences.push(format!("nobody's call: {call:?}")),
        }
        if call.outcome != Outcome::Returned {
            differences.push(format!("{:?}: {call:?}", call.outcome));
        }
    }
    let json = |value| notation::json(value, &observation.types);
    let mut all = BTreeMap::new();
    for (exchange, request) in evidence.exchanges.iter().zip(&evidence.scopes) {
        let id = format!("{}{}", ["q", "h"][exchange.entry], exchange.number);
        let Answer::Response { body, .. } = &exchange.answer else {
            panic!("{id}: {exchange:?}");
        };
        let body = String::from_utf8_lossy(body);
        let expected = format!("{} 0 {id}.0 ", way.protocol);
        assert!(body.starts_with(&expected), "{id}: {body}");
        let request = match request {
            Ok(request) => &observation.scopes[request.0 as usize],
            Err(reason) => {
                differences.push(format!("{id}: {reason}"));
                continue;
            }
        };
        if request.request().and_then(|request| request.stream) != exchange.stream {
            differences.push(format!("{id}: {exchange:?} is {request:?}"));
        }
        let calls = by_request.remove(&request.id).unwrap_or_default();
        let mut calls: Vec<_> = calls
            .into_iter()
            .map(|call| {
                let name = &observation.function(call.function).unwrap().name;
                let name = name.strip_prefix("main.").unwrap().to_owned();
                let id = json(&call.arguments[1]).as_str().unwrap().to_owned();
                let step = json(&call.arguments[2]).as_u64().unwrap();
                assert_eq!(json(&call.results[0]), format!("{id}.{step}"));
                (name, id, step, call.goroutine)
            })
            .collect();
        calls.sort();
        let done = Done {
            handler: request.goroutine,
            calls,
        };
        all.insert(id, done);
    }
    for calls in by_request.into_values().flatten() {
        differences.push(format!("a call of no exchange: {calls:?}"));
    }
    all
}
