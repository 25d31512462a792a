//! The probes of goproctor's own: goroutines, requests, and the main goroutine's entry.

use std::collections::{BTreeMap, BTreeSet};

use golang::{Binary, FunctionSymbol, Signature, implicit::Implicit};
use goproctor_ebpf::MAX_CHUNK;
use model::plan::{
    ClientEntry, Link, LinkKind, Operand, PanicLayout, Read, ReadAddress, RecoveryLayout,
    RequestEntry, RequestLayout, Role, RuntimeLayout, TestEntry, TestMarker, ViewId, ViewPlan,
};
use model::{
    Address, GoTestKind, GoTestMark, Kind, Limits, Location, Parameter, Piece, Place, TypeId,
    TypeTable,
};

use super::{
    PlanError, PlanRequest, PlanWarning,
    http2::{StreamReads, Writers},
    placement::{Placed, place},
    reads::fixed_read,
    returns::Returns,
    sites::{Probe, Probed, Sites},
    views::{Views, text_link},
};

/// What their reads bring is bounded by the reads themselves.
pub(super) const LIMITS: Limits = Limits {
    depth: 0,
    string: 1024,
    elements: 0,
    bytes: 4096,
};

/// Panics whose deferred functions panic in turn hang in a list without an end that is known.
const LIMITS_OF_PANICS: Limits = Limits {
    bytes: 16_384,
    ..LIMITS
};

/// The functions that goproctor itself watches in this program.
pub(super) fn implicit_functions<'b>(
    binary: &'b Binary,
    request: &PlanRequest<'_>,
) -> Result<BTreeMap<Implicit, &'b FunctionSymbol>, PlanError> {
    let switches = request.implicit;
    let wanted = [
        (Implicit::Main, switches.main),
        (Implicit::NewGoroutine, switches.goroutines),
        (Implicit::GoroutineExit, switches.goroutines),
        (Implicit::Recovery, switches.goroutines),
        (Implicit::FatalPanic, switches.goroutines),
        (Implicit::ServeRequest, switches.requests),
        (Implicit::ServeStream, switches.requests),
        (
            Implicit::ServeInternalStream,
            switches.requests && serves_streams_itself(binary),
        ),
        (Implicit::SendRequest, switches.tests),
        (Implicit::RunTest, switches.tests),
        (Implicit::RunFuzzTarget, switches.tests),
        (Implicit::RunBenchmark, switches.tests),
        (Implicit::RunExample, switches.tests),
        (Implicit::SkipTest, switches.tests),
        (Implicit::FailTest, switches.tests),
    ];
    let mut functions = BTreeMap::new();
    for (which, _) in wanted.into_iter().filter(|(_, wanted)| *wanted) {
        let mut bodies = binary.function_named(which.function()).into_iter();
        let body = bodies.find(|function| !function.is_wrapper());
        if body.is_none() && which.is_in_every_program() {
            return Err(unknown_runtime(binary, which, "it has no body of its own"));
        }
        functions.extend(body.map(|body| (which, body)));
    }
    Ok(functions)
}

/// Whether the program may serve HTTP/2 streams past `net/http`'s own handler.
fn serves_streams_itself(binary: &Binary) -> bool {
    let mut functions = binary.functions().iter();
    functions.any(|function| function.name.starts_with("golang.org/x/net/http2."))
}

fn unknown_runtime(binary: &Binary, which: Implicit, reason: &'static str) -> PlanError {
    PlanError::Implicit {
        function: which.function(),
        release: binary.release().to_string(),
        reason,
    }
}

/// Adds the sites of one of goproctor's own probes.
pub(super) struct ImplicitSites<'a, 'b, 't> {
    pub(super) which: Implicit,
    pub(super) binary: &'b Binary,
    pub(super) signatures: &'a BTreeMap<Address, Signature>,
    pub(super) layout: RuntimeLayout,
    pub(super) views: &'a mut Views<'t>,
    pub(super) sites: &'a mut Sites,
    pub(super) writers: &'a Writers<'a>,
    /// What identifies the requests that are entered, as far as it is planned.
    pub(super) requests: &'a mut Vec<RequestEntry>,
    /// What identifies the Go tests that are run, likewise.
    pub(super) tests: &'a mut Vec<TestEntry>,
    /// What identifies those that say something of themselves, likewise.
    pub(super) test_marks: &'a mut Vec<TestMarker>,
    /// What identifies the connections that requests are sent over, likewise.
    pub(super) clients: &'a mut Vec<ClientEntry>,
    pub(super) warnings: &'a mut Vec<PlanWarning>,
    pub(super) returns: &'a mut Returns<'b>,
}

impl<'b> ImplicitSites<'_, 'b, '_> {
    /// Adds those of its function.
    pub(super) fn watch(&mut self, symbol: &'b FunctionSymbol) -> Result<(), PlanError> {
        let probed = Probed::new(self.binary, symbol)?;
        let entry = probed.entry();
        match self.which {
            Implicit::Main => {
                let version = self.build_version();
                self.add(&probed, entry, Role::MainEntered, version.as_slice())
            }
            Implicit::GoroutineExit => self.add(&probed, entry, Role::GoroutineEnded, &[]),
            Implicit::FatalPanic => self.add(&probed, entry, Role::PanicUnrecovered, &[]),
            Implicit::Recovery => self.watch_recovery(&probed),
            Implicit::NewGoroutine => self.watch_creation(&probed),
            Implicit::ServeRequest => self.watch_requests(&probed),
            // No program depends on it, and requests that it serves are not mistaken for others without it.
            Implicit::ServeStream | Implicit::ServeInternalStream => {
                let watched = self.watch_requests(&probed);
                self.warn_of_server(watched)
            }
            // Without it, a request belongs to the test that created its server.
            Implicit::SendRequest => {
                let watched = self.watch_client(&probed);
                self.warn_of_server(watched)
            }
            Implicit::RunTest => self.watch_tests(&probed, symbol, GoTestKind::Test),
            Implicit::RunFuzzTarget => self.watch_tests(&probed, symbol, GoTestKind::Fuzz),
            Implicit::RunBenchmark => self.watch_tests(&probed, symbol, GoTestKind::Benchmark),
            Implicit::RunExample => self.watch_tests(&probed, symbol, GoTestKind::Example),
            Implicit::SkipTest => self.watch_mark(&probed, GoTestMark::Skipped),
            Implicit::FailTest => self.watch_mark(&probed, GoTestMark::Failed),
        }
    }

    /// That a function is not as it is known which shows what some requests belong to is a warning.
    fn warn_of_server(&mut self, watched: Result<(), PlanError>) -> Result<(), PlanError> {
        match watched {
            Err(PlanError::Implicit {
                function, reason, ..
            }) => {
                let function = function.to_owned();
                self.warnings
                    .push(PlanWarning::UnknownServer { function, reason });
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// The function is not as it is known.
    pub(super) fn unknown(&self, reason: &'static str) -> PlanError {
        unknown_runtime(self.binary, self.which, reason)
    }

    fn add(
        &mut self,
        probed: &Probed<'_>,
        address: Address,
        role: Role,
        reads: &[Read],
    ) -> Result<(), PlanError> {
        let probe = self.probe(role, reads);
        self.sites.add(probed, address, &probe)
    }

    /// A role with what it reads.
    fn probe(&self, role: Role, reads: &[Read]) -> Probe {
        let visible = match role {
            Role::GoroutineCreated {
                result: ReadAddress::Register(register),
            }
            | Role::PanicRecovered {
                goroutine: ReadAddress::Register(register),
            } => BTreeSet::from([register]),
            _ => BTreeSet::new(),
        };
        let limits = match role {
            Role::PanicRecovered { .. } => LIMITS_OF_PANICS,
            _ => LIMITS,
        };
        Probe {
            reads: reads.to_vec(),
            visible,
            ..Probe::new(role, limits)
        }
    }

    /// A function's values with their places.
    pub(super) fn placed(&self, probed: &Probed<'_>) -> Result<Placed, PlanError> {
        let signature = self
            .signatures
            .get(&probed.symbol.start)
            .ok_or_else(|| self.unknown("the binary does not describe it"))?;
        Ok(place(self.views.types(), probed.abi, signature))
    }

    /// The first of some values that points to a type of one of these names: where the pointer is, and its own type.
    fn pointer_among(&self, values: &[Parameter], names: &[&str]) -> Option<(ReadAddress, TypeId)> {
        let types = self.views.types();
        let value = values.iter().find(|value| {
            target(types, value.ty).is_some_and(|target| names.contains(&types.name(target)))
        })?;
        Some((pointer_at(&value.location)?, value.ty))
    }

    /// The read of the string `runtime.buildVersion`.
    fn build_version(&mut self) -> Option<Read> {
        const MAX_LEN: u32 = 128;
        let address = self.layout.build_version?;
        let links = vec![text_link(MAX_LEN)];
        let view = self.views.intern(ViewPlan { stride: 0, links });
        fixed_read(Operand::Image(address), 16, view)
    }

    /// `newproc1` returns the new `*g`.
    fn watch_creation(&mut self, probed: &Probed<'_>) -> Result<(), PlanError> {
        let placed = self.placed(probed)?;
        let (result, _) = self
            .pointer_among(&placed.results, &GOROUTINES)
            .ok_or_else(|| self.unknown("it does not return a *g"))?;
        if probed.body.returns.is_empty() {
            return Err(self.unknown("it has no ret"));
        }
        let size = self
            .layout
            .g_goid
            .max(self.layout.g_startpc)
            .max(self.layout.g_gopc.unwrap_or_default())
            .saturating_add(8);
        let read = fixed_read(result.into(), size, None)
            .ok_or_else(|| self.unknown("its g is larger than can be read"))?;
        for exit in self.returns.exits(probed.symbol, &probed.body) {
            let role = Role::GoroutineCreated {
                result: exit.place(result),
            };
            let mut probe = self.probe(role, &exit.reads(&[read]));
            probe.below = exit.below;
            self.sites.add(probed, exit.site, &probe)?;
        }
        Ok(())
    }

    /// `recovery(gp *g)`.
    fn watch_recovery(&mut self, probed: &Probed<'_>) -> Result<(), PlanError> {
        let placed = self.placed(probed)?;
        let (goroutine, _) = self
            .pointer_among(&placed.parameters, &GOROUTINES)
            .ok_or_else(|| self.unknown("it does not take a *g"))?;
        let layout = self
            .layout
            .recovery
            .ok_or_else(|| self.unknown("the binary does not describe where it goes on"))?;
        let too_large = "its g or its panic is larger than can be read";
        let (last, view) = match layout {
            RecoveryLayout::Goroutine { sp, pc } => (sp.max(pc), None),
            RecoveryLayout::Panics(panics) => {
                let view = self.list_of_panics(panics);
                let view = view.ok_or_else(|| self.unknown(too_large))?;
                (panics.first, Some(view))
            }
        };
        let size = last.max(self.layout.g_stack_hi).saturating_add(8);
        let read =
            fixed_read(goroutine.into(), size, view).ok_or_else(|| self.unknown(too_large))?;
        let role = Role::PanicRecovered { goroutine };
        self.add(probed, probed.entry(), role, &[read])
    }

    /// The view of a `g` that leads to all its panics.
    fn list_of_panics(&mut self, panics: PanicLayout) -> Option<ViewId> {
        let size = u32::try_from(panics.size())
            .ok()
            .filter(|size| *size <= MAX_CHUNK)?;
        let view = self.views.reserve()?;
        let link = |offset: u64| {
            let link = Link::new(
                u32::try_from(offset).ok()?,
                LinkKind::Constant(1),
                size,
                size,
            );
            Some(Link {
                view: Some(view),
                ..link
            })
        };
        let one = |link| ViewPlan {
            stride: 0,
            links: vec![link],
        };
        self.views.fill(view, one(link(panics.link)?));
        self.views.intern(one(link(panics.first)?))
    }

    /// `serverHandler.ServeHTTP(rw ResponseWriter, req *Request)`, and those that are given as much.
    fn watch_requests(&mut self, probed: &Probed<'_>) -> Result<(), PlanError> {
        const METHOD: u32 = 32;
        const REMOTE_ADDRESS: u32 = 64;
        const TARGET: u32 = 1024;
        let placed = self.placed(probed)?;
        let (request, ty) = self
            .pointer_among(&placed.parameters, &REQUESTS)
            .ok_or_else(|| self.unknown("it does not take a *Request"))?;
        let layout = request_layout(self.views.types(), ty)
            .ok_or_else(|| self.unknown("its Request is not described"))?;
        let writer = placed
            .parameters
            .iter()
            .find(|parameter| parameter.name == "rw");
        let streams = match writer {
            Some(writer) => self.writers.reads_of(self.views, writer),
            None => StreamReads::default(),
        };
        let fields = [
            (layout.method, METHOD),
            (layout.remote_addr, REMOTE_ADDRESS),
            (layout.request_uri, TARGET),
        ];
        // What is redacted of a Request is not read for us either; the program's own peer is no secret.
        let hidden = self.redacted_of(ty);
        let read_whole = hidden.is_empty();
        let seen = |offset: u64| {
            let mut hidden = hidden.iter();
            offset == layout.remote_addr
                || !hidden.any(|range| (range.0..range.1).contains(&offset))
        };
        let links: Vec<Link> = fields
            .iter()
            .filter(|(offset, _)| seen(*offset))
            .filter_map(|&(offset, limit)| {
                let offset = u32::try_from(offset).ok()?;
                Some(Link {
                    offset,
                    ..text_link(limit)
                })
            })
            .collect();
        let too_large = "its Request is larger than can be read";
        let reads = if read_whole {
            let view = self.views.intern(ViewPlan { stride: 0, links });
            let size = fields.iter().map(|(offset, _)| *offset).max();
            let read = size
                .and_then(|offset| fixed_read(request.into(), offset.checked_add(16)?, view))
                .ok_or_else(|| self.unknown(too_large))?;
            vec![read]
        } else {
            links
                .into_iter()
                .map(|link| {
                    let read = self.header_alone(request, link);
                    read.ok_or_else(|| self.unknown(too_large))
                })
                .collect::<Result<_, _>>()?
        };
        if probed.body.returns.is_empty() {
            return Err(self.unknown("it has no ret"));
        }
        let entry = probed.entry();
        let mut visible = streams.visible;
        if let ReadAddress::Register(register) = request {
            visible.insert(register);
        }
        let probe = Probe {
            // The request first, by which it is found again.
            reads: reads.into_iter().chain(streams.reads).collect(),
            visible,
            ..Probe::new(Role::RequestEntered { request }, LIMITS)
        };
        self.sites.add(probed, entry, &probe)?;
        self.requests.push(RequestEntry {
            address: entry,
            layout,
            streams: streams.paths,
        });
        let left = Probe::new(Role::RequestLeft, LIMITS);
        let exits = self.returns.exits(probed.symbol, &probed.body);
        self.sites.add_exits(probed, &exits, &left)
    }

    /// The read of one string of a struct, without what is around it.
    fn header_alone(&mut self, pointer: ReadAddress, link: Link) -> Option<Read> {
        const HEADER: u64 = 16;
        let displacement = link.offset;
        let links = vec![Link { offset: 0, ..link }];
        let view = self.views.intern(ViewPlan { stride: 0, links });
        let mut read = fixed_read(pointer.into(), HEADER, view)?;
        read.link.displacement = displacement;
        Some(read)
    }

    /// Which bytes of what a pointer points to are redacted.
    fn redacted_of(&mut self, pointer: TypeId) -> Vec<(u64, u64)> {
        match target(self.views.types(), pointer) {
            Some(target) => self.views.redacted_ranges(target),
            None => Vec::new(),
        }
    }
}

/// What the runtime keeps of a goroutine.
const GOROUTINES: [&str; 1] = ["runtime.g"];

/// What the functions that serve requests take as one: `net/http`'s, and what its own HTTP/2 has instead (from Go 1.27).
const REQUESTS: [&str; 2] = ["net/http.Request", "net/http/internal/http2.ServerRequest"];

/// Where the request that a pointer leads to keeps what identifies it.
fn request_layout(types: &TypeTable, pointer: TypeId) -> Option<RequestLayout> {
    let Kind::Struct { fields } = types.kind(target(types, pointer)?)? else {
        return None;
    };
    let offset = |name: &str| {
        let field = fields.iter().find(|field| field.name == name);
        field.map(|field| field.offset)
    };
    Some(RequestLayout {
        method: offset("Method")?,
        remote_addr: offset("RemoteAddr")?,
        request_uri: offset("RequestURI")?,
    })
}

/// The type that a pointer points to.
pub(super) fn target(types: &TypeTable, pointer: TypeId) -> Option<TypeId> {
    match types.kind(pointer)? {
        Kind::Pointer { target } => *target,
        _ => None,
    }
}

/// Where a pointer is, as an address to read from.
pub(super) fn pointer_at(location: &Location) -> Option<ReadAddress> {
    match location.pieces[..] {
        [Piece { place, .. }] => match place {
            Place::Register(register) => Some(ReadAddress::Register(register)),
            Place::Stack(offset) => Some(ReadAddress::Stack(offset)),
            Place::Vector(_) => None,
        },
        _ => None,
    }
}
