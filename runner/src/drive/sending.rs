//! Where a request's bytes went.

use kernel::clock;
use model::Timestamp;

/// Where and when a request was sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sending {
    /// 0 as long as it is not sent.
    pub(super) local_port: u16,
    pub(super) position: u32,
    pub(super) stream: Option<u32>,
    pub(super) sent: Timestamp,
}

impl Sending {
    pub(super) fn not_yet() -> Self {
        Self {
            local_port: 0,
            position: 0,
            stream: None,
            sent: clock::now(),
        }
    }
}
