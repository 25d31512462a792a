//! What the program must have sent to a stub.

use super::{JsonExpectation, Span, Spanned};
use crate::matcher::Matcher;

/// A request that a stub must have received: `[[test.stubs.NAME.received]]`.
#[derive(Clone, Debug)]
pub struct Received {
    /// The method, upper case.
    pub method: String,
    /// The path; with its query, if one is written.
    pub target: Spanned<String>,
    /// What its headers must be, by name in lower case.
    pub headers: Vec<(String, Spanned<Matcher>)>,
    /// What its body must be.
    pub body: Option<ReceivedBody>,
    /// How often it must have come; none: once at least.
    pub count: Option<Spanned<Matcher>>,
    /// Its place in the file.
    pub span: Span,
}

/// What the body of a request that a stub received must be.
#[derive(Clone, Debug)]
pub enum ReceivedBody {
    /// JSON, with these parts.
    Json(Vec<JsonExpectation>),
    /// A form, with these fields.
    Form(Vec<(String, Spanned<Matcher>)>),
    /// This text.
    Text(Spanned<Matcher>),
}
