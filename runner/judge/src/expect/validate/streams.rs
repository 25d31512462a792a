//! Whether requests over HTTP/2 can be identified in a program with a server of its own.
//!
//! A `[server]`'s key identifies a client's port. All requests of an HTTP/2 connection share one, and their streams
//! identify them; which stream a request came on is read of the servers of `net/http` and `golang.org/x/net/http2` alone.

use model::plan::Plan;
use spec::{
    Spanned, Spec, SpecError,
    document::{HttpVersion, RequestSpec, Scope, Test},
};

/// A test's requests over HTTP/2 that a key alone would have to identify, if it asks which calls are whose.
pub(super) fn ambiguous(spec: &Spec, test: &Test, plan: &Plan) -> Vec<SpecError> {
    let key = spec.server.as_ref().and_then(|server| server.key.as_ref());
    let knows_streams = plan.requests.iter().any(|entry| !entry.streams.is_empty());
    let Some(key) = key.filter(|_| !knows_streams) else {
        return Vec::new();
    };
    if !asks_for_requests(test) {
        return Vec::new();
    }
    test.requests
        .iter()
        .filter(|request| request.http == HttpVersion::Two)
        .map(|request| {
            let message = "the requests of an HTTP/2 connection share one port, so `key` does not identify them";
            SpecError::at(request.span.clone(), message)
                .label(sent(request))
                .related(key.span.clone(), "identifies the port")
                .help(
                    "send them over HTTP/1; or remove `key` and send one at a time, so that they are matched by order",
                )
        })
        .collect()
}

fn sent(request: &RequestSpec) -> String {
    match request.concurrency {
        1 => "over HTTP/2".to_owned(),
        count => format!("{count} at a time over HTTP/2"),
    }
}

/// Whether what is asked of a test's calls depends on the requests that they belong to.
fn asks_for_requests(test: &Test) -> bool {
    let by_request =
        |from: Option<&Spanned<Scope>>| from.is_none_or(|from| from.value == Scope::Requests);
    let asks = test.sequence.is_some()
        || !test.counts.is_empty()
        || !test.flows.is_empty()
        || !test.latency.is_empty();
    let mut calls = test.calls.iter();
    asks && by_request(test.from.as_ref())
        || calls.any(|call| by_request(call.from.as_ref().or(test.from.as_ref())))
        || !test.counts_per_request.is_empty()
        || test.is_held()
}
