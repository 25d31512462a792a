//! A way to make the program work, what it is given and what it brings.

use std::{net::SocketAddr, sync::atomic::AtomicBool, time::Instant};

use model::Exchange;
use spec::document::RequestSpec;

use super::{Carry, DriveError};
use crate::{target::TemplateVars, tls::TlsClient};

/// A way to make the program work.
pub(crate) trait Driver {
    /// Sends the requests, one entry after the other, and gives what came back in the order of the entries and,
    /// within one, of the repetitions' numbers.
    ///
    /// # Errors
    /// What is wrong with the requests themselves, before anything is sent; what becomes of a request that was sent
    /// is in its exchange.
    fn run(
        &self,
        requests: &[RequestSpec],
        context: &Context<'_>,
    ) -> Result<DriveResult, DriveError>;
}

/// What all requests of a test have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    /// Where the program listens; a loopback address.
    pub address: SocketAddr,
    /// What earlier requests have made, and what these do.
    pub carry: &'a Carry,
    /// The values of placeholders; `${n}` and what requests save is filled in by the driver.
    pub vars: TemplateVars<'a>,
    /// How its TLS is spoken; none where it speaks none.
    pub tls: Option<&'a TlsClient>,
    /// When to stop, whatever is still to be done.
    pub deadline: Option<Instant>,
    /// When true, stop.
    pub cancel: &'a AtomicBool,
}

/// What was sent and what came back.
#[derive(Clone, Debug, Default)]
pub(crate) struct DriveResult {
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
