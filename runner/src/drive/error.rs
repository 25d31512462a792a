//! Why requests cannot be sent.

use std::{io, net::SocketAddr};

use crate::target::TemplateError;

/// What is wrong with a request, or with what it is to be sent from.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// Only loopback is dialled.
    #[error("{0} is not a loopback address; requests go to 127.0.0.1 or ::1 only")]
    NotLoopback(SocketAddr),
    /// A placeholder has no value.
    #[error("request {}: {error}", entry + 1)]
    Template {
        /// Index of the test's request entry.
        entry: usize,
        /// Which.
        error: TemplateError,
    },
    /// A part of the request cannot be sent as HTTP.
    #[error("request {}: {what} {value:?} cannot be sent: {error}", entry + 1)]
    Request {
        /// Index of the test's request entry.
        entry: usize,
        /// Which part.
        what: &'static str,
        /// What it says.
        value: String,
        /// Why.
        error: String,
    },
    /// The system gives no event loop.
    #[error("cannot send requests: {0}")]
    System(#[from] io::Error),
}
