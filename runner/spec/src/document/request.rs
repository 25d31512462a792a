//! What a test sends, and what must come back.

use std::time::Duration;

use super::{HttpVersion, Span, Spanned, Template};
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
    /// Where it stands.
    pub span: Span,
}

/// A request's body.
#[derive(Clone, Debug)]
pub enum RequestBody {
    /// Text, with no Content-Type of its own.
    Text(Template),
    /// JSON, with Content-Type application/json.
    Json(String),
    /// A form, with Content-Type application/x-www-form-urlencoded.
    Form(Vec<(String, Template)>),
}
