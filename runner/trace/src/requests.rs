//! The requests that the program's server handled.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, Content, FunctionId, ProcessId, Request, RequestId, Timestamp, Value,
    plan::{Plan, ReadAddress, RequestEntry, RequestLayout, StreamPath},
};

use super::{
    decode::{self, Program},
    hit::Hit,
    numbers::RequestNumber,
    values,
};

/// An itab's second word is the dynamic type (`internal/abi/iface.go`).
const ITAB_TYPE: u64 = 8;

/// The requests by number.
#[derive(Debug, Default)]
pub(super) struct Requests {
    next: u32,
    all: BTreeMap<RequestNumber, Request>,
    /// Those of which a look told.
    told: BTreeSet<RequestNumber>,
    /// Those that are not followed any more: when they were left will not be known.
    abandoned: BTreeSet<RequestNumber>,
    /// How many are kept at most; without it, all are.
    pub(super) room: Option<usize>,
    /// How many found no room since that was asked.
    pub(super) dropped: u64,
}

impl Requests {
    /// Records a request that `net/http` is about to serve; none if it is the one that its goroutine has open already.
    pub(super) fn enter(
        &mut self,
        plan: &Plan,
        hit: &Hit<'_>,
        request: ReadAddress,
        open: Option<RequestNumber>,
    ) -> Option<RequestNumber> {
        let mut entries = plan.requests.iter();
        let entry = entries.find(|entry| entry.address == hit.site.address);
        let layout = entry.map(|entry| entry.layout).or(plan.runtime.request);
        let at = hit.resolve(request).zip(layout);
        let field = |offset: fn(&RequestLayout) -> u64| {
            let (address, layout) = at?;
            string_at(hit, Address(address.0.wrapping_add(offset(&layout))))
        };
        let request = Request {
            remote: field(|layout| layout.remote_addr),
            method: field(|layout| layout.method),
            target: field(|layout| layout.request_uri),
            stream: entry.and_then(|entry| stream(hit, entry)),
            ..unknown(hit)
        };
        // A stream's handler and net/http's own, one within the other.
        let same = |open: &Request, request: &Request| {
            let told = open.remote.is_some() && open.stream.is_some();
            told && (&open.remote, open.stream) == (&request.remote, request.stream)
        };
        self.add(request, open, same)
    }

    /// Records a request that a function of the spec's is about to serve, likewise.
    pub(super) fn enter_server(
        &mut self,
        plan: &Plan,
        program: &Program,
        hit: &Hit<'_>,
        function: FunctionId,
        open: Option<RequestNumber>,
    ) -> Option<RequestNumber> {
        let mut servers = plan.servers.iter();
        let server = servers.find(|server| server.function == function)?;
        let key = server.key.map(|pick| {
            let function = plan.functions.get(function.0 as usize)?;
            let pick = function.picks.get(pick as usize)?;
            client(&values::decoder(program, hit).pick(function, pick, None))
        });
        let request = Request {
            anonymous: key.is_none(),
            remote: key.flatten(),
            ..unknown(hit)
        };
        let same =
            |open: &Request, request: &Request| request.anonymous || open.remote == request.remote;
        self.add(request, open, same)
    }

    fn add(
        &mut self,
        request: Request,
        open: Option<RequestNumber>,
        same: impl Fn(&Request, &Request) -> bool,
    ) -> Option<RequestNumber> {
        let open = open.and_then(|open| self.all.get(&open));
        let of_goroutine = |open: &&Request| {
            (open.process, open.goroutine) == (request.process, request.goroutine)
                && open.left.is_none()
        };
        if open
            .filter(of_goroutine)
            .is_some_and(|open| same(open, &request))
        {
            return None;
        }
        if self.room.is_some_and(|room| self.all.len() >= room) {
            self.dropped += 1;
            return None;
        }
        let number = RequestNumber(self.next);
        self.next = self.next.wrapping_add(1);
        let id = RequestId(number.0);
        self.all.insert(number, Request { id, ..request });
        Some(number)
    }

    /// Records that a request was left.
    pub(super) fn leave(&mut self, number: RequestNumber, time: Timestamp) {
        if let Some(request) = self.all.get_mut(&number) {
            request.left = Some(time);
        }
    }

    /// A request is not followed any more. It is told as running.
    pub(super) fn abandon(&mut self, number: RequestNumber) {
        self.abandoned.insert(number);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (RequestNumber, &Request)> {
        self.all.iter().map(|(number, request)| (*number, request))
    }

    /// The requests that were entered at `begin` or later and of which no look told.
    pub(super) fn untold(
        &self,
        begin: Timestamp,
    ) -> impl Iterator<Item = (RequestNumber, &Request)> {
        let since = self
            .iter()
            .filter(move |(_, request)| request.entered >= begin);
        since.filter(|(number, _)| !self.told.contains(number))
    }

    /// A look tells of these.
    pub(super) fn tell(&mut self, numbers: BTreeSet<RequestNumber>) {
        self.told.extend(numbers);
    }

    /// Forgets the requests that were left by `time` and are not needed.
    pub(super) fn forget(&mut self, time: Timestamp, needed: &BTreeSet<RequestNumber>) {
        self.all.retain(|number, request| {
            let is_over = match request.left {
                Some(left) => left <= time,
                None => self.abandoned.contains(number) && self.told.contains(number),
            };
            !is_over || needed.contains(number)
        });
        self.abandoned
            .retain(|number| self.all.contains_key(number));
        self.told.retain(|number| self.all.contains_key(number));
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

/// A request of which nothing is known but that it is entered.
fn unknown(hit: &Hit<'_>) -> Request {
    Request {
        id: RequestId(0),
        process: hit.process,
        goroutine: hit.goid,
        remote: None,
        method: None,
        target: None,
        stream: None,
        anonymous: false,
        entered: hit.time,
        left: None,
    }
}

/// The client that a server's key tells: `host:port` as it stands, a port on this machine as a number.
fn client(key: &Value) -> Option<String> {
    let port = |port: Option<u16>| port.map(|port| format!("127.0.0.1:{port}"));
    match &key.content {
        Content::Text(text) if text.is_whole() => String::from_utf8(text.bytes.to_vec()).ok(),
        Content::Int(number) => port(u16::try_from(*number).ok()),
        Content::Uint(number) => port(u16::try_from(*number).ok()),
        Content::Interface(held) => client(held),
        Content::Pointer(pointer) => client(&pointer.target),
        _ => None,
    }
}

/// The HTTP/2 stream of a request; none if its response writer is that of HTTP/1, or if it could not be read.
fn stream(hit: &Hit<'_>, entry: &RequestEntry) -> Option<u32> {
    let mut paths = entry.streams.iter();
    paths.find_map(|path| stream_at(hit, path))
}

fn stream_at(hit: &Hit<'_>, path: &StreamPath) -> Option<u32> {
    let memory = hit.record.memory();
    let word = |address: u64, offset: u64| memory.word(Address(address.wrapping_add(offset))).ok();
    if let Some(held) = path.held {
        let ty = word(hit.resolve(held.itab)?.0, ITAB_TYPE)?;
        if ty.wrapping_sub(hit.load_bias()) != held.ty.0 {
            return None;
        }
    }
    let (last, hops) = path.hops.split_last()?;
    let begin = hit.resolve(path.pointer)?.0;
    let end = hops.iter().try_fold(begin, |at, hop| word(at, *hop))?;
    let number = memory.read(Address(end.wrapping_add(*last)), size_of::<u32>());
    Some(u32::from_le_bytes(number.ok()?.try_into().ok()?))
}

/// The whole of a string in memory; none if a part of it is not known or it is not UTF-8.
fn string_at(hit: &Hit<'_>, address: Address) -> Option<String> {
    let text = decode::text_at(&hit.record.memory(), address).ok()?;
    if !text.is_whole() {
        return None;
    }
    str::from_utf8(&text.bytes).ok().map(ToOwned::to_owned)
}
