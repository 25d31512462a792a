//! What begins a run of a Go test, and which connection a client of the program's own sends a request over.

use std::collections::HashMap;

use model::{
    Address, GoTest, GoTestKind, GoTestMark, ProcessId, Scope, ScopeId, ScopeKind,
    plan::{NamePlace, Plan, PortPath},
};

use super::{hit::Hit, numbers::ScopeNumber, requests::string_at};

/// The run of a Go test that begins with a hit.
pub(super) fn entered(plan: &Plan, hit: &Hit<'_>) -> Option<Scope> {
    let mut entries = plan.tests.iter();
    let entry = entries.find(|entry| entry.address == hit.site.address)?;
    Some(Scope {
        id: ScopeId::default(),
        process: hit.process,
        goroutine: hit.goid,
        kind: ScopeKind::Test(GoTest {
            kind: entry.kind,
            name: name(hit, entry.name),
            skipped: false,
            failed: false,
        }),
        parent: None,
        entered: hit.time,
        left: None,
    })
}

/// What stands for all Go tests that are not looked at. No Go test has such a name.
pub(super) fn other(hit: &Hit<'_>) -> Scope {
    Scope {
        id: ScopeId::default(),
        process: hit.process,
        goroutine: hit.goid,
        kind: ScopeKind::Test(GoTest {
            kind: GoTestKind::Test,
            name: Some("another test".to_owned()),
            skipped: false,
            failed: false,
        }),
        parent: None,
        entered: hit.time,
        left: None,
    }
}

/// What a Go test says of itself with a hit, and its name.
pub(super) fn marked(plan: &Plan, hit: &Hit<'_>) -> Option<(GoTestMark, String)> {
    let mut marks = plan.test_marks.iter();
    let marker = marks.find(|marker| marker.address == hit.site.address)?;
    Some((marker.mark, name(hit, marker.name)?))
}

fn name(hit: &Hit<'_>, place: NamePlace) -> Option<String> {
    let memory = hit.record.memory();
    match place {
        NamePlace::Field { pointer, offset } => {
            let at = Address(hit.resolve(pointer)?.0.wrapping_add(offset));
            string_at(hit, at)
        }
        NamePlace::Words { bytes, len } => {
            let len = usize::try_from(hit.resolve(len)?.0).ok()?;
            if len == 0 {
                return Some(String::new());
            }
            let bytes = memory.read(hit.resolve(bytes)?, len).ok()?;
            String::from_utf8(bytes.to_vec()).ok()
        }
    }
}

/// For whom the program's own clients sent requests that were not handled yet: the scope that a client's goroutine worked for when it
/// sent one over the HTTP/1 connection from that local port. A connection carries one request at a time, and another one has the port
/// later.
#[derive(Debug, Default)]
pub(super) struct Clients {
    owners: HashMap<(ProcessId, u16), Option<ScopeNumber>>,
}

impl Clients {
    /// A client sends a request.
    pub(super) fn sent(&mut self, plan: &Plan, hit: &Hit<'_>, owner: Option<ScopeNumber>) {
        let mut entries = plan.clients.iter();
        let entry = entries.find(|entry| entry.address == hit.site.address);
        let port = entry.and_then(|entry| entry.ports.iter().find_map(|path| port(hit, path)));
        if let Some(port) = port {
            self.owners.insert((hit.process, port), owner);
        }
    }

    /// For whom a request was sent that is being handled; the outer none if it is not one that the program's own clients sent over
    /// HTTP/1.
    pub(super) fn take_sender(&mut self, scope: &Scope) -> Option<Option<ScopeNumber>> {
        let request = scope.request().filter(|request| request.stream.is_none())?;
        self.owners.remove(&(scope.process, request.port()?))
    }

    /// The scopes that requests under way may belong to.
    pub(super) fn waiting(&self) -> impl Iterator<Item = ScopeNumber> {
        self.owners.values().copied().flatten()
    }

    /// A process is gone.
    pub(super) fn end_process(&mut self, process: ProcessId) {
        self.owners.retain(|(of, _), _| *of != process);
    }
}

fn port(hit: &Hit<'_>, path: &PortPath) -> Option<u16> {
    let memory = hit.record.memory();
    let word = |address: u64, offset: u64| memory.word(Address(address.wrapping_add(offset))).ok();
    let begin = hit.resolve(path.pointer)?.0;
    let number = path.hops.iter().try_fold(begin, |at, hop| word(at, *hop))?;
    u16::try_from(number).ok().filter(|port| *port != 0)
}
