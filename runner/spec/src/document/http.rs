//! What is sent over HTTP: requests to the program, and the answers of the services that it calls.

use std::{net::SocketAddr, time::Duration};

use super::{Capture, HttpVersion, JsonExpectation, Received, Span, Spanned, Template};
use crate::matcher::Matcher;

/// A request, or several alike.
#[derive(Clone, Debug)]
pub struct RequestSpec {
    /// The method, upper case.
    pub method: String,
    /// Path and query.
    pub target: Spanned<Template>,
    /// Headers, sent as given; none is added but Host and, with a body, Content-Length.
    pub headers: Vec<(String, Template)>,
    /// The body.
    pub body: Option<RequestBody>,
    /// How often. Default 1.
    pub repeat: u32,
    /// How many at a time (visitors, each with a connection that is kept alive). Default 1.
    pub concurrency: u32,
    /// How long one may take. Default 10 s.
    pub timeout: Duration,
    /// The version of HTTP.
    pub http: HttpVersion,
    /// What the status must be; none: below 400.
    pub status: Option<Spanned<Matcher>>,
    /// What the body must be.
    pub expected_body: Option<Spanned<Matcher>>,
    /// What response headers must be, by name.
    pub expected_headers: Vec<(String, Spanned<Matcher>)>,
    /// What parts of the body must be, which is JSON then.
    pub expected_json: Vec<JsonExpectation>,
    /// What of the answer later requests carry on.
    pub save: Vec<Capture>,
    /// Its place in the file.
    pub span: Span,
}

impl RequestSpec {
    /// One request over HTTP/1.1 without headers or a body, of which nothing is expected.
    #[must_use]
    pub fn new(method: impl Into<String>, target: Spanned<Template>) -> Self {
        Self {
            method: method.into(),
            target,
            headers: Vec::new(),
            body: None,
            repeat: 1,
            concurrency: 1,
            timeout: Duration::from_secs(10),
            http: HttpVersion::default(),
            status: None,
            expected_body: None,
            expected_headers: Vec::new(),
            expected_json: Vec::new(),
            save: Vec::new(),
            span: Span::default(),
        }
    }
}

/// Why a path with its query can't be sent as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It is no path.
    #[error("a path begins with /")]
    NoSlash,
    /// It has a character that must be percent-encoded.
    #[error("{0:?} is not allowed in a request's path")]
    Character(char),
}

/// Checks a path with its query: the literal parts of a request's target.
///
/// # Errors
/// It can't be sent as it is.
pub fn check_target(text: &str) -> Result<(), TargetError> {
    if !text.starts_with('/') {
        return Err(TargetError::NoSlash);
    }
    let wrong = |c: &char| !c.is_ascii_graphic() || matches!(c, '#' | '<' | '>' | '`' | '\\' | '^');
    match text.chars().find(wrong) {
        Some(character) => Err(TargetError::Character(character)),
        None => Ok(()),
    }
}

/// Whether a text can be the name of a header or of a cookie (RFC 9110, 5.6.2).
pub(crate) fn is_token(text: &str) -> bool {
    let sound = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(sound)
}

/// A request's body.
#[derive(Clone, Debug)]
pub enum RequestBody {
    /// Text, with no Content-Type of its own.
    Text(Template),
    /// JSON, with Content-Type application/json.
    Json(String),
    /// The same with placeholders, which stand in its strings.
    JsonTemplate(Template),
    /// A form, with Content-Type application/x-www-form-urlencoded.
    Form(Vec<(String, Template)>),
}

/// A service that the program calls, served on loopback.
#[derive(Clone, Debug)]
pub struct Stub {
    /// Its name.
    pub name: Spanned<String>,
    /// The answers to requests that no route takes: one after the other, the last repeats. Without any, 404.
    pub answers: Vec<Answer>,
    /// Answers by method and path.
    pub routes: Vec<Route>,
    /// Whether it has answers of its own; a test's stub without any keeps those of `[stubs]`.
    pub has_answers: bool,
    /// What it must have received in the test, in order.
    pub received: Vec<Received>,
    /// The service that it stands for, if its answers are recorded.
    pub upstream: Option<Upstream>,
}

/// A service that a stub stands for: `upstream = "http://127.0.0.1:9000"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Where it is; an address of this machine.
    pub address: SocketAddr,
    /// Whether it answers in place of the stub, and what it answers is recorded.
    pub is_asked: bool,
}

/// Answers for one method and path.
#[derive(Clone, Debug)]
pub struct Route {
    /// The method, upper case.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The answers: one after the other, the last repeats.
    pub answers: Vec<Answer>,
}

/// One answer of a stub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What to do.
    pub action: AnswerAction,
    /// How long to wait first.
    pub delay: Duration,
}

/// What a stub does with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerAction {
    /// Respond.
    Respond {
        /// The status code.
        status: u16,
        /// The body.
        body: String,
        /// Headers.
        headers: Vec<(String, String)>,
    },
    /// Close the connection without a response.
    Drop,
}
