//! What a stub received in a test, as much of it as there is room for.

use hyper::{Request, body::Incoming};
use model::Received;

/// How many requests are kept with all that came with them.
const REQUESTS: usize = 1_000;

/// How many bytes of one body are kept.
const BODY: usize = 64 << 10;

/// How many bytes are kept of all requests, headers and bodies together.
const ALL: usize = 4 << 20;

/// The first requests of a test, with all that came with them.
#[derive(Debug, Default)]
pub(super) struct StubLog {
    received: Vec<Received>,
    bytes: usize,
    /// Whether something was left out, so that what comes later is, too.
    is_full: bool,
}

impl StubLog {
    /// Notes a request whose body has not come in yet; gives its place, if it has one.
    pub(super) fn begin(&mut self, request: &Request<Incoming>) -> Option<usize> {
        let headers: Vec<(String, String)> = request
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let lengths = headers.iter().map(|(name, value)| name.len() + value.len());
        self.bytes += lengths.sum::<usize>();
        self.is_full |= self.received.len() >= REQUESTS || self.bytes > ALL;
        if self.is_full {
            return None;
        }
        self.received.push(Received {
            method: request.method().to_string(),
            target: request.uri().to_string(),
            headers,
            body: Vec::new(),
            truncated: true,
        });
        Some(self.received.len() - 1)
    }

    /// A request's body has come in.
    pub(super) fn complete(&mut self, index: usize, body: StubBody) {
        let room = ALL.saturating_sub(self.bytes);
        let Some(received) = self.received.get_mut(index) else {
            return;
        };
        let StubBody { mut kept, whole } = body;
        received.truncated = !whole || kept.len() > room;
        kept.truncate(room);
        self.bytes += kept.len();
        received.body = kept;
    }

    /// What there is.
    pub(super) fn received(&self) -> Vec<Received> {
        self.received.clone()
    }
}

/// The body of a request as it comes in.
#[derive(Debug)]
pub(super) struct StubBody {
    kept: Vec<u8>,
    whole: bool,
}

impl StubBody {
    /// Nothing yet.
    pub(super) const fn new() -> Self {
        Self {
            kept: Vec::new(),
            whole: true,
        }
    }

    /// The next piece.
    pub(super) fn add(&mut self, data: &[u8]) {
        let room = BODY - self.kept.len();
        self.whole &= data.len() <= room;
        self.kept
            .extend_from_slice(data.get(..room).unwrap_or(data));
    }

    /// Nothing follows, although it should.
    pub(super) const fn broke(&mut self) {
        self.whole = false;
    }
}
