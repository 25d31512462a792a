//! HTTP as it went over the wire: one request that was sent, and what came back.

use std::fmt;

use super::{Nanoseconds, Timestamp};

/// A request that was sent to the program, and what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Index of the test's request entry that it belongs to.
    pub entry: usize,
    /// Its number among the repetitions of that entry, from 0.
    pub number: u32,
    /// The method.
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// Our end of the connection; the program sees `127.0.0.1:port` as the remote address. 0 if there was no connection.
    pub local_port: u16,
    /// How many requests went over this connection before this one.
    pub position: u32,
    /// The HTTP/2 stream that it was sent on; none for HTTP/1.
    pub stream: Option<u32>,
    /// When it was sent.
    pub sent: Timestamp,
    /// How long it took until the response was whole, or until it failed.
    pub took: Nanoseconds,
    /// What came back.
    pub answer: Answer,
}

/// What came back for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A response.
    Response {
        /// The status code.
        status: u16,
        /// The headers, names in lower case, in order.
        headers: Vec<(String, String)>,
        /// The body, up to a limit.
        body: Vec<u8>,
        /// Whether the body is longer than the limit.
        truncated: bool,
    },
    /// It took longer than its timeout.
    TimedOut,
    /// The connection could not be made or broke; the reason.
    Failed(String),
}

/// `200`, `no answer in time`, `no answer: connection refused`
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response { status, .. } => status.fmt(f),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::Failed(reason) => write!(f, "no answer: {reason}"),
        }
    }
}

/// How often a stub was called, and by what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StubUse {
    /// The stub's name.
    pub name: String,
    /// Method and path of each request that it got, in order of arrival.
    pub requests: Vec<String>,
    /// Which of them it had no answer to, by index.
    pub unanswered: Vec<usize>,
    /// The first of them as they came, as many as there was room for.
    pub received: Vec<Received>,
    /// What the service that it stands for answered in its place, in order.
    pub forwarded: Vec<Forwarded>,
}

/// A request that was answered by the service that a stub stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// Requests of different rounds meet a stub that begins anew: those before a test, and those of the test.
    pub round: u64,
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// What came back.
    pub answer: Answer,
}

/// A request as a stub received it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The method.
    pub method: String,
    /// Path and query as they came.
    pub target: String,
    /// The headers, names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The body, up to a limit.
    pub body: Vec<u8>,
    /// Whether the body is longer, or had not come in whole when the test ended.
    pub truncated: bool,
}

/// What was carried from one request of a test to the next, where that did not go as asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Values that an answer did not have; no further request was sent then.
    pub missed: Vec<Missed>,
    /// What there is to know, a line each: cookies that were not kept, and why.
    pub notes: Vec<String>,
}

/// A value that an answer did not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missed {
    /// Index of the test's request entry whose answer it was.
    pub entry: usize,
    /// Its name.
    pub name: String,
    /// What was found instead: `nothing`, `3 values`.
    pub found: String,
}
