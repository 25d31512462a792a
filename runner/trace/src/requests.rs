//! What begins a request, and what is known of it.

use model::{
    Address, Content, FunctionId, Request, Scope, ScopeId, ScopeKind, Value,
    plan::{Plan, ReadAddress, RequestEntry, RequestLayout, StreamPath},
};

use super::{
    decode::{self, Program},
    hit::Hit,
    values,
};

/// An itab's second word is the dynamic type (`internal/abi/iface.go`).
const ITAB_TYPE: u64 = 8;

/// The request that `net/http` is about to serve; none if it is the one that its goroutine has open already.
pub(super) fn entered(
    plan: &Plan,
    hit: &Hit<'_>,
    request: ReadAddress,
    open: Option<&Scope>,
) -> Option<Scope> {
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
        anonymous: false,
    };
    // A stream's handler and net/http's own, one within the other.
    let is_open = open_request(hit, open).is_some_and(|open| {
        let is_known = open.remote.is_some() && open.stream.is_some();
        is_known && (&open.remote, open.stream) == (&request.remote, request.stream)
    });
    (!is_open).then(|| scope(hit, request))
}

/// The request that a function of the spec's is about to serve, likewise.
pub(super) fn server_entered(
    plan: &Plan,
    program: &Program,
    hit: &Hit<'_>,
    function: FunctionId,
    open: Option<&Scope>,
) -> Option<Scope> {
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
        ..Request::default()
    };
    let is_open = open_request(hit, open)
        .is_some_and(|open| request.anonymous || open.remote == request.remote);
    (!is_open).then(|| scope(hit, request))
}

/// The request that a hit's goroutine is serving, if that is the scope which is open there.
fn open_request<'s>(hit: &Hit<'_>, open: Option<&'s Scope>) -> Option<&'s Request> {
    let own = open.filter(|open| {
        (open.process, open.goroutine) == (hit.process, hit.goid) && open.left.is_none()
    });
    own?.request()
}

/// The scope of a request that begins with a hit.
fn scope(hit: &Hit<'_>, request: Request) -> Scope {
    Scope {
        id: ScopeId::default(),
        process: hit.process,
        goroutine: hit.goid,
        kind: ScopeKind::Request(request),
        parent: None,
        entered: hit.time,
        left: None,
    }
}

/// The client that a server's key identifies: `host:port` as it is, a port on this machine as a number.
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
pub(super) fn string_at(hit: &Hit<'_>, address: Address) -> Option<String> {
    let text = decode::text_at(&hit.record.memory(), address).ok()?;
    if !text.is_whole() {
        return None;
    }
    str::from_utf8(&text.bytes).ok().map(ToOwned::to_owned)
}
