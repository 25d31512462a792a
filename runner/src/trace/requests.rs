//! The requests that the program's server handled.

use std::collections::{BTreeMap, BTreeSet};

use super::{decode, hit::Hit};
use crate::{
    model::{Address, ProcessId, Request, RequestId, Timestamp},
    plan::{ReadAddress, RequestLayout},
};

/// A request's number over the tracer's whole life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RequestNumber(pub(super) u32);

/// The requests by number.
#[derive(Debug, Default)]
pub(super) struct Requests {
    next: u32,
    all: BTreeMap<RequestNumber, Request>,
}

impl Requests {
    /// Records a request that is being entered.
    pub(super) fn enter(
        &mut self,
        hit: &Hit<'_>,
        request: ReadAddress,
        layout: Option<RequestLayout>,
    ) -> RequestNumber {
        let number = RequestNumber(self.next);
        self.next += 1;
        let at = hit.resolve(request).zip(layout);
        let field = |offset: fn(&RequestLayout) -> u64| {
            let (address, layout) = at?;
            string_at(hit, Address(address.0.wrapping_add(offset(&layout))))
        };
        let request = Request {
            id: RequestId(number.0),
            process: hit.process,
            goroutine: hit.goid,
            remote: field(|layout| layout.remote_addr),
            method: field(|layout| layout.method),
            target: field(|layout| layout.request_uri),
            stream: None,
            entered: hit.time,
            left: None,
        };
        self.all.insert(number, request);
        number
    }

    /// Records that a request was left.
    pub(super) fn leave(&mut self, number: RequestNumber, time: Timestamp) {
        if let Some(request) = self.all.get_mut(&number) {
            request.left = Some(time);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (RequestNumber, &Request)> {
        self.all.iter().map(|(number, request)| (*number, request))
    }

    /// Forgets the requests that were left by `time` and are not needed.
    pub(super) fn forget(&mut self, time: Timestamp, needed: &BTreeSet<RequestNumber>) {
        self.all.retain(|number, request| {
            request.left.is_none_or(|left| left > time) || needed.contains(number)
        });
    }

    /// Ends the requests that a process was still handling.
    pub(super) fn end_process(&mut self, process: ProcessId, time: Timestamp) {
        let open = self
            .all
            .values_mut()
            .filter(|request| request.process == process && request.left.is_none());
        open.for_each(|request| request.left = Some(time));
    }
}

/// The whole of a string in memory; none if a part of it is not known or it is not UTF-8.
fn string_at(hit: &Hit<'_>, address: Address) -> Option<String> {
    let text = decode::text_at(&hit.record.memory(), address).ok()?;
    if !text.is_whole() {
        return None;
    }
    String::from_utf8(text.bytes.into_vec()).ok()
}
