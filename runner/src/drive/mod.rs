//! What makes the program work: requests over connections of our own, and stubs for the services it calls.
//!
//! ```no_run
//! use std::{net::SocketAddr, sync::atomic::AtomicBool};
//! use goproctor::{drive::{Context, Driver, Http, Stubs}, target::Filling};
//! use spec::Spec;
//!
//! # fn drive(spec: &Spec) -> Result<(), Box<dyn std::error::Error>> {
//! let stubs = Stubs::start(&spec.stubs)?;
//! # let (port, test) = (4000, &spec.tests[0]);
//! stubs.reset(&test.stubs)?;
//! let cancel = AtomicBool::new(false);
//! let context = Context {
//!     address: SocketAddr::from(([127, 0, 0, 1], port)),
//!     filling: Filling { stubs: Some(stubs.urls()), ..Filling::default() },
//!     tls: None,
//!     deadline: None,
//!     cancel: &cancel,
//! };
//! let driven = Http.run(&test.requests, &context)?;
//! for exchange in &driven.exchanges {
//!     println!("{} {} from port {}", exchange.method, exchange.target, exchange.local_port);
//! }
//! # let _ = stubs.uses(); Ok(())
//! # }
//! ```

mod answer;
mod dial;
mod http;
mod http1;
mod http2;
mod request;
mod stubs;
#[cfg(test)]
mod tests;

pub(crate) use http::Http;
pub use stubs::StubError;
pub(crate) use stubs::Stubs;

use std::{io, net::SocketAddr, sync::atomic::AtomicBool, time::Instant};

use model::Exchange;
use spec::document::RequestSpec;

use crate::{
    target::{Filling, TemplateError},
    tls::TlsClient,
};

/// A way to make the program work.
pub(crate) trait Driver {
    /// Sends the requests, one entry after the other, and gives what came back in the order of the entries and,
    /// within one, of the repetitions' numbers.
    ///
    /// # Errors
    /// What is wrong with the requests themselves, before anything is sent; what becomes of a request that was sent
    /// stands in its exchange.
    fn run(&self, requests: &[RequestSpec], context: &Context<'_>) -> Result<Driven, DriveError>;
}

/// What all requests of a test have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    /// Where the program listens; a loopback address.
    pub address: SocketAddr,
    /// The values of placeholders; `${n}` is filled in by the driver.
    pub filling: Filling<'a>,
    /// How its TLS is spoken; none where it speaks none.
    pub tls: Option<&'a TlsClient>,
    /// When to stop, whatever is still to be done.
    pub deadline: Option<Instant>,
    /// When true, stop.
    pub cancel: &'a AtomicBool,
}

/// What was sent and what came back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Driven {
    /// Every request that was sent or tried, by entry and number. When it was interrupted, those that were not
    /// tried are missing, and those that were under way have failed with a text that says so.
    pub exchanges: Vec<Exchange>,
    /// Why not all were sent.
    pub interrupted: Option<Interruption>,
}

/// Why the requests were not all sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interruption {
    /// The user cancelled.
    Cancelled,
    /// The deadline passed.
    Deadline,
}

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
