//! What makes the program work: requests over connections of our own, and stubs for the services it calls.

mod answer;
mod capture;
mod carry;
mod dial;
mod driver;
mod error;
mod http;
mod http1;
mod http2;
mod request;
mod sending;
mod stub_log;
mod stubs;
#[cfg(test)]
mod tests;
mod upstream;

pub(crate) use carry::Carry;
pub(crate) use dial::Endpoint;
pub(crate) use driver::{Context, DriveResult, Driver, Interruption};
pub use error::DriveError;
pub(crate) use http::Http;
pub(crate) use http1::handshake;
pub use stubs::StubError;
pub(crate) use stubs::Stubs;
