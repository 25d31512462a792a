//! The services that the program calls: `[stubs]`.

use std::time::Duration;

use super::Spanned;

/// A service that the program calls, served on loopback.
#[derive(Clone, Debug)]
pub struct Stub {
    /// Its name.
    pub name: Spanned<String>,
    /// The answers to requests that no route takes: one after the other, the last repeats.
    pub answers: Vec<Answer>,
    /// Answers by method and path.
    pub routes: Vec<Route>,
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
