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
    /// One run of a Go test, a fuzz target, a benchmark or an example, from entry to return of the function of package `testing`
    /// that runs it. A subtest is a scope within its test's.
    Test(GoTest),
}

/// One run of what `go test` runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoTest {
    /// What runs.
    pub kind: GoTestKind,
    /// Its full name as `testing` has it (`TestShop/free_shipping`), empty for the root of all tests; none if it could not be read.
    pub name: Option<String>,
    /// Whether it was skipped.
    pub skipped: bool,
    /// Whether it failed by itself, or one of its subtests did.
    pub failed: bool,
}

/// What a test says of itself while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GoTestMark {
    /// That it is skipped (`testing.(*common).SkipNow`).
    Skipped,
    /// That it fails (`testing.(*common).Fail`).
    Failed,
}

/// What `go test` runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GoTestKind {
    /// A test, a subtest, or a fuzz target with one seed (`testing.tRunner`).
    Test,
    /// A fuzz target (`testing.fRunner`).
    Fuzz,
    /// A benchmark with one number of iterations (`testing.(*B).runN`).
    Benchmark,
    /// An example (`testing.runExample`).
    Example,
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

impl Request {
    /// The port of its client, as in `127.0.0.1:port` or `[::1]:port`.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.remote.as_deref()?.rsplit_once(':')?.1.parse().ok()
    }
}

impl Scope {
    /// The request that it is, if it is one.
    #[must_use]
    pub const fn request(&self) -> Option<&Request> {
        match &self.kind {
            ScopeKind::Request(request) => Some(request),
            ScopeKind::Test(_) => None,
        }
    }

    /// The run of a Go test that it is, if it is one.
    #[must_use]
    pub const fn test(&self) -> Option<&GoTest> {
        match &self.kind {
            ScopeKind::Test(test) => Some(test),
            ScopeKind::Request(_) => None,
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
            ScopeKind::Test(test) => match test.name.as_deref() {
                None => "?".to_owned(),
                Some("") => "all tests".to_owned(),
                Some(name) => name.to_owned(),
            },
        }
    }
}
