//! The parts that an observation is cut into: what a call was made for.

use super::{Goid, ProcessId, ScopeId, Timestamp};

/// A part of a program's work with a begin and an end. What its goroutine does meanwhile belongs to it, and so does
/// what goroutines do that descend from it, even after its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Its number, by beginning.
    pub id: ScopeId,
    /// The process that did it.
    pub process: ProcessId,
    /// The goroutine that did it.
    pub goroutine: Goid,
    /// What it is.
    pub kind: ScopeKind,
    /// The scope that its goroutine worked for when it began. What belongs to this one belongs to that one, too.
    pub parent: Option<ScopeId>,
    /// When it began.
    pub entered: Timestamp,
    /// When it ended; none while it runs.
    pub left: Option<Timestamp>,
}

/// What a scope is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// A request that the program's `net/http` server handled, from entry to return of
    /// `net/http.serverHandler.ServeHTTP`, or that a function handled which the spec names as its `[server]`.
    Request(Request),
}

/// What is known of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `Request.RemoteAddr`; none if it could not be read.
    pub remote: Option<String>,
    /// `Request.Method`, likewise.
    pub method: Option<String>,
    /// `Request.RequestURI`, likewise.
    pub target: Option<String>,
    /// The HTTP/2 stream that it came on; none for HTTP/1, or if it could not be read.
    pub stream: Option<u32>,
    /// Whether its client is not known, so that it is matched by its order alone: a request of a `[server]` without a key.
    pub anonymous: bool,
}

impl Scope {
    /// The request that it is, if it is one.
    #[must_use]
    pub const fn request(&self) -> Option<&Request> {
        match &self.kind {
            ScopeKind::Request(request) => Some(request),
        }
    }

    /// What a person calls it: `GET /slow`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.kind {
            ScopeKind::Request(request) => {
                let known = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
                format!("{} {}", known(&request.method), known(&request.target))
            }
        }
    }
}
