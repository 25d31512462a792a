//! Which request that the program handled is which of those that were sent.
//!
//! The program's `Request.RemoteAddr` carries our local port. One connection serves one request after the other
//! (HTTP/1, no pipelining), so a request belongs to the exchange during whose turn on that connection it was
//! entered. Method and target are a cross-check: a match that they contradict is none.

use std::collections::HashMap;

use crate::model::{Exchange, Observation, Request, RequestId, Timestamp};

/// Why no request is known for an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmatched {
    /// There was no connection.
    #[error("it was never sent: there was no connection")]
    NotConnected,
    /// No request from its port was seen during its turn.
    #[error("the program's net/http server was not seen to handle it")]
    NotSeen,
    /// None was seen from its port, but there was one whose remote address is not known.
    #[error("a request was handled whose remote address could not be read; it may be this one")]
    RemoteUnknown,
    /// Several fit.
    #[error("{count} requests fit it")]
    Ambiguous {
        /// How many.
        count: usize,
    },
    /// The one that was seen during its turn had another method or target.
    #[error("what was handled in its place ({request}) has another method or target")]
    Differs {
        /// The request that was seen.
        request: RequestId,
    },
}

/// Finds for each exchange the request that the program handled for it, in the order of `exchanges`.
///
/// [`Exchange::sent`] must have been taken before the first byte was written.
#[must_use]
pub fn match_requests(
    observation: &Observation,
    exchanges: &[Exchange],
) -> Vec<Result<RequestId, Unmatched>> {
    let mut by_port: HashMap<Option<u16>, Vec<&Request>> = HashMap::new();
    for request in &observation.requests {
        let port = request.remote.as_deref().map(port_of);
        by_port.entry(port.flatten()).or_default().push(request);
    }
    let turns = turns(exchanges);
    let matches = exchanges.iter().zip(turns).map(|(exchange, turn)| {
        if exchange.local_port == 0 {
            return Err(Unmatched::NotConnected);
        }
        let during = |port: Option<u16>| {
            let requests = by_port.get(&port).map_or(&[][..], Vec::as_slice);
            requests
                .iter()
                .copied()
                .filter(move |request| turn.contains(request.entered))
        };
        let candidates: Vec<&Request> = during(Some(exchange.local_port)).collect();
        let unknown = during(None).any(|request| request.remote.is_none());
        choose(exchange, &candidates, unknown)
    });
    matches.collect()
}

fn choose(
    exchange: &Exchange,
    candidates: &[&Request],
    unknown: bool,
) -> Result<RequestId, Unmatched> {
    let mut fitting = candidates.iter().filter(|request| fits(exchange, request));
    match (candidates, fitting.next(), fitting.count()) {
        (_, Some(request), 0) => Ok(request.id),
        (_, Some(_), others) => Err(Unmatched::Ambiguous { count: others + 1 }),
        ([], None, _) if unknown => Err(Unmatched::RemoteUnknown),
        ([], None, _) => Err(Unmatched::NotSeen),
        ([other, ..], None, _) => Err(Unmatched::Differs { request: other.id }),
    }
}

/// Whether what is known of a request agrees with what was sent.
fn fits(exchange: &Exchange, request: &Request) -> bool {
    let agrees =
        |seen: &Option<String>, sent: &str| seen.as_deref().is_none_or(|seen| seen == sent);
    agrees(&request.method, &exchange.method) && agrees(&request.target, &exchange.target)
}

/// The time in which an exchange has its connection to itself: from when it was sent to when the next one is.
#[derive(Clone, Copy)]
struct Turn {
    begin: Timestamp,
    end: Option<Timestamp>,
}

impl Turn {
    fn contains(self, time: Timestamp) -> bool {
        time >= self.begin && self.end.is_none_or(|end| time < end)
    }
}

fn turns(exchanges: &[Exchange]) -> Vec<Turn> {
    let mut order: Vec<usize> = (0..exchanges.len()).collect();
    order.sort_by_key(|index| (exchanges[*index].local_port, exchanges[*index].sent));
    let mut turns: Vec<Turn> = exchanges
        .iter()
        .map(|exchange| Turn {
            begin: exchange.sent,
            end: None,
        })
        .collect();
    for pair in order.windows(2) {
        let (earlier, later) = (&exchanges[pair[0]], &exchanges[pair[1]]);
        if earlier.local_port == later.local_port {
            turns[pair[0]].end = Some(later.sent);
        }
    }
    turns
}

/// The port of `127.0.0.1:port` or `[::1]:port`.
fn port_of(remote: &str) -> Option<u16> {
    remote.rsplit_once(':')?.1.parse().ok()
}
