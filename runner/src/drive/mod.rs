//! What makes the program work: requests over connections of our own, and stubs for the services it calls.
//!
//! ```no_run
//! use std::{net::SocketAddr, sync::atomic::AtomicBool};
//! use goproctor::{drive::{Context, Driver, Http, Stubs}, target::TemplateVars};
//! use spec::Spec;
//!
//! # fn drive(spec: &Spec) -> Result<(), Box<dyn std::error::Error>> {
//! let stubs = Stubs::start(&spec.stubs)?;
//! # let (port, test) = (4000, &spec.tests[0]);
//! stubs.reset(&test.stubs)?;
//! let cancel = AtomicBool::new(false);
//! let context = Context {
//!     address: SocketAddr::from(([127, 0, 0, 1], port)),
//!     filling: Filling { stubs: Some(stubs.urls()), ..TemplateVars::default() },
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
mod driver;
mod error;
mod http;
mod http1;
mod http2;
mod request;
mod sending;
mod stubs;
#[cfg(test)]
mod tests;

pub(crate) use driver::{Context, DriveResult, Driver, Interruption};
pub use error::DriveError;
pub(crate) use http::Http;
pub use stubs::StubError;
pub(crate) use stubs::Stubs;
