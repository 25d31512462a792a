//! Which request that the program handled is which of those that were sent.
//!
//! - The program's `Request.RemoteAddr` (or what a `[server]`'s key says) carries our local port. One HTTP/1 connection
//!   serves one request after the other (no pipelining), so a request belongs to the exchange during whose turn on
//!   that connection it was entered.
//! - On HTTP/2, many have their turn at once: port and stream distinguish them.
//! - Requests of a `[server]` without a key are matched by their order alone, where one was answered before the next was
//!   sent.
//!
//! Method and target are a cross-check: a match that they contradict is none.

use std::collections::HashMap;

use model::{Exchange, Observation, Request, Scope, ScopeId, Timestamp};

/// Why no request is known for an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmatched {
    /// There was no connection.
    #[error("it was never sent: there was no connection")]
    NotConnected,
    /// No request from its port was seen during its turn.
    #[error("the program's server was not seen to handle it")]
    NotSeen,
    /// None was seen from its port, but there was one whose remote address is not known.
    #[error("a request was handled whose remote address could not be read; it may be this one")]
    RemoteUnknown,
    /// None was seen of its HTTP/2 stream, but from its port there was one whose stream is not known.
    #[error(
        "a request of its connection was handled whose HTTP/2 stream could not be read (request {}); it may be this one",
        .request.0
    )]
    StreamUnknown {
        /// That request.
        request: ScopeId,
    },
    /// Several fit.
    #[error("{count} requests match it")]
    Ambiguous {
        /// How many.
        count: usize,
    },
    /// The one that was seen during its turn had another method or target.
    #[error("the request that was handled in its place (request {}) has another method or target", .request.0)]
    Differs {
        /// The request that was seen.
        request: ScopeId,
    },
    /// Nothing distinguishes the program's requests but their order, and another was sent before it was answered.
    #[error(
        "other requests were sent meanwhile, and [server] has no key that distinguishes them: add `key`, or send one request at a time"
    )]
    NotAlone,
}

/// Finds for each exchange the request that the program handled for it, in the order of `exchanges`.
///
/// [`Exchange::sent`] must have been taken before the first byte was written.
#[must_use]
pub fn match_requests(
    observation: &Observation,
    exchanges: &[Exchange],
) -> Vec<Result<ScopeId, Unmatched>> {
    let seen = Seen::of(observation);
    let connected = turns(exchanges, |exchange| (exchange.local_port, exchange.stream));
    let alone = turns(exchanges, |_| ());
    let matches = exchanges.iter().zip(connected.into_iter().zip(alone));
    matches
        .map(|(exchange, (turn, among_all))| {
            if exchange.local_port == 0 {
                return Err(Unmatched::NotConnected);
            }
            match seen.choose(exchange, turn) {
                Err(Unmatched::NotSeen) => seen.choose_by_turn(exchange, among_all),
                chosen => chosen,
            }
        })
        .collect()
}

/// A request that the program handled.
type Handled<'a> = (&'a Scope, &'a Request);

/// The requests that were seen, each list by when they were entered.
struct Seen<'a> {
    /// Those from a known port, by port and stream.
    connected: HashMap<(u16, Option<u32>), Vec<Handled<'a>>>,
    /// Those whose client should have been read, but was not.
    unknown: Vec<Handled<'a>>,
    /// Those without a known client.
    anonymous: Vec<Handled<'a>>,
}

impl<'a> Seen<'a> {
    fn of(observation: &'a Observation) -> Self {
        let mut seen = Self {
            connected: HashMap::new(),
            unknown: Vec::new(),
            anonymous: Vec::new(),
        };
        let mut requests: Vec<Handled<'_>> = observation.requests().collect();
        requests.sort_by_key(|(scope, _)| scope.entered);
        for handled in requests {
            let (_, request) = handled;
            match request.port() {
                Some(port) => seen
                    .connected
                    .entry((port, request.stream))
                    .or_default()
                    .push(handled),
                None if request.remote.is_some() => {}
                None if request.anonymous => seen.anonymous.push(handled),
                None => seen.unknown.push(handled),
            }
        }
        seen
    }

    /// Those from a port and of a stream, entered during a turn.
    fn connected(&self, port: u16, stream: Option<u32>, turn: Turn) -> &[Handled<'a>] {
        let connected = self.connected.get(&(port, stream));
        turn.among(connected.map_or(&[], Vec::as_slice))
    }

    fn choose(&self, exchange: &Exchange, turn: Turn) -> Result<ScopeId, Unmatched> {
        let candidates = self.connected(exchange.local_port, exchange.stream, turn);
        let mut fitting = candidates
            .iter()
            .filter(|(_, request)| fits(exchange, request));
        match (candidates, fitting.next(), fitting.count()) {
            (_, Some((scope, _)), 0) => Ok(scope.id),
            (_, Some(_), others) => Err(Unmatched::Ambiguous { count: others + 1 }),
            ([(other, _), ..], None, _) => Err(Unmatched::Differs { request: other.id }),
            ([], None, _) => Err(self.absent(exchange, turn)),
        }
    }

    /// Why there is none from an exchange's port and stream.
    fn absent(&self, exchange: &Exchange, turn: Turn) -> Unmatched {
        let without_stream = self.connected(exchange.local_port, None, turn);
        let mut fitting = without_stream
            .iter()
            .filter(|(_, request)| fits(exchange, request));
        match fitting.next() {
            Some((scope, _)) => Unmatched::StreamUnknown { request: scope.id },
            None if !turn.among(&self.unknown).is_empty() => Unmatched::RemoteUnknown,
            None => Unmatched::NotSeen,
        }
    }

    /// Finds it among those that are matched by their order alone.
    fn choose_by_turn(&self, exchange: &Exchange, turn: Turn) -> Result<ScopeId, Unmatched> {
        let since = entered_since(&self.anonymous, exchange.sent);
        match turn.among(since) {
            _ if !turn.alone && !since.is_empty() => Err(Unmatched::NotAlone),
            [] => Err(Unmatched::NotSeen),
            [(scope, _)] => Ok(scope.id),
            several => Err(Unmatched::Ambiguous {
                count: several.len(),
            }),
        }
    }
}

/// Whether what is known of a request agrees with what was sent.
fn fits(exchange: &Exchange, request: &Request) -> bool {
    let agrees =
        |seen: &Option<String>, sent: &str| seen.as_deref().is_none_or(|seen| seen == sent);
    agrees(&request.method, &exchange.method) && agrees(&request.target, &exchange.target)
}

/// The time in which an exchange has a place to itself: from when it was sent to when the next one is sent there.
#[derive(Clone, Copy)]
struct Turn {
    begin: Timestamp,
    end: Option<Timestamp>,
    /// Whether it was answered before the next one was sent, and those before it had been.
    alone: bool,
}

impl Turn {
    /// Those that were entered during it.
    fn among<'r, 'a>(self, requests: &'r [Handled<'a>]) -> &'r [Handled<'a>] {
        let since = entered_since(requests, self.begin);
        let later = self.end.map_or(0, |end| entered_since(since, end).len());
        &since[..since.len() - later]
    }
}

/// Those that were entered at that time or later, of requests by when they were entered.
fn entered_since<'r, 'a>(requests: &'r [Handled<'a>], time: Timestamp) -> &'r [Handled<'a>] {
    &requests[requests.partition_point(|(scope, _)| scope.entered < time)..]
}

/// The turns of exchanges that share a place.
fn turns<Place: Ord>(exchanges: &[Exchange], place: impl Fn(&Exchange) -> Place) -> Vec<Turn> {
    let answered = |exchange: &Exchange| Timestamp(exchange.sent.0.saturating_add(exchange.took.0));
    let mut order: Vec<usize> = (0..exchanges.len()).collect();
    order.sort_by_key(|index| (place(&exchanges[*index]), exchanges[*index].sent));
    let mut turns: Vec<Turn> = exchanges
        .iter()
        .map(|exchange| Turn {
            begin: exchange.sent,
            end: None,
            alone: true,
        })
        .collect();
    let is_same = |one: usize, other: usize| place(&exchanges[one]) == place(&exchanges[other]);
    for pair in order.windows(2) {
        if is_same(pair[0], pair[1]) {
            turns[pair[0]].end = Some(exchanges[pair[1]].sent);
        }
    }
    // Of those before, the one that was answered last.
    let mut last: Option<usize> = None;
    for index in order {
        let before = last.filter(|before| is_same(*before, index));
        if let Some(before) = before
            && answered(&exchanges[before]) > exchanges[index].sent
        {
            turns[before].alone = false;
            turns[index].alone = false;
        }
        let stays =
            before.filter(|before| answered(&exchanges[*before]) > answered(&exchanges[index]));
        last = stays.or(Some(index));
    }
    turns
}
