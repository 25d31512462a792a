//! Which Go test runs, and which connection its client sends a request over: what is read at the entries of the functions of
//! package `testing` that run tests, and of `net/http`'s client.

use std::collections::BTreeSet;

use golang::{FunctionSymbol, RuntimeType};
use model::plan::{
    ClientEntry, Link, NamePlace, PathTypes, PortPath, Read, ReadAddress, Role, TestEntry,
    TestGate, TestMarker, ViewPlan, resolve,
};
use model::{
    Address, GoTestKind, GoTestMark, Kind, Parameter, PickStep, Segment, TypeId, TypeTable,
};

use super::{
    PlanError,
    dynamic::held,
    http2::read_address,
    implicit::{ImplicitSites, LIMITS, pointer_at, target},
    picks::Picker,
    reads::{Wanted, fixed_read, reads, registers},
    sites::{Probe, Probed},
    views::{WORD, text_link},
};

/// What the functions are named with that run all tests within `tRunner`.
const RUNS_ALL: &str = "testing.runTests.func";

/// How much of a test's name is read, in bytes.
const MAX_NAME: u32 = 1024;

/// The kinds of connection that a client's `persistConn` may hold, and what they hold in turn.
pub(super) const CONNECTIONS: [&str; 3] = ["*net.TCPConn", "*crypto/tls.Conn", "*net.TCPAddr"];

/// The ways from a `persistConn` to the local port of its connection: `pc.conn` is one or the other.
const PORTS: [&[Step]; 2] = [
    &[
        Step::Field("conn"),
        Step::Assert("*net.TCPConn"),
        Step::Field("conn"),
        Step::Field("fd"),
        Step::Field("laddr"),
        Step::Assert("*net.TCPAddr"),
        Step::Field("Port"),
    ],
    &[
        Step::Field("conn"),
        Step::Assert("*crypto/tls.Conn"),
        Step::Field("conn"),
        Step::Assert("*net.TCPConn"),
        Step::Field("conn"),
        Step::Field("fd"),
        Step::Field("laddr"),
        Step::Assert("*net.TCPAddr"),
        Step::Field("Port"),
    ],
];

/// A step of such a way.
#[derive(Clone, Copy)]
enum Step {
    Field(&'static str),
    Assert(&'static str),
}

impl From<Step> for Segment {
    fn from(step: Step) -> Self {
        match step {
            Step::Field(name) => Self::Name(name.to_owned()),
            Step::Assert(name) => Self::Assert(name.to_owned()),
        }
    }
}

impl<'b> ImplicitSites<'_, 'b, '_> {
    /// `tRunner(t *T, …)`, `fRunner(f *F, …)`, `(b *B) runN(…)`, `runExample(eg InternalExample)`.
    pub(super) fn watch_tests(
        &mut self,
        probed: &Probed<'b>,
        symbol: &'b FunctionSymbol,
        kind: GoTestKind,
    ) -> Result<(), PlanError> {
        let placed = self.placed(probed)?;
        let test = placed.parameters.first();
        let test = test.ok_or_else(|| self.unknown("it takes no parameter"))?;
        let (name, reads) = match kind {
            GoTestKind::Example => self.name_in_words(test),
            GoTestKind::Test | GoTestKind::Fuzz | GoTestKind::Benchmark => {
                self.name_behind_pointer(test)
            }
        }
        .ok_or_else(|| self.unknown("the name of what it runs is not where it is known to be"))?;
        if probed.body.returns.is_empty() {
            return Err(self.unknown("it has no ret"));
        }
        let address = self.add_named(probed, name, reads, |test| Role::TestEntered { test })?;
        self.tests.push(TestEntry {
            address,
            kind,
            name,
        });
        if kind == GoTestKind::Test {
            *self.gate = self.gate(placed.parameters.get(1));
        }
        let left = Probe::new(Role::TestLeft, LIMITS);
        let exits = self.returns.exits(symbol, &probed.body);
        self.sites.add_exits(probed, &exits, &left)
    }

    /// Of which tests hits are recorded, by the function that `tRunner` is given; none if that can't be told.
    fn gate(&self, function: Option<&Parameter>) -> Option<TestGate> {
        let tests = self.looked_at?;
        let function = function.filter(|function| {
            let kind = self.views.types().kind(function.ty);
            matches!(kind, Some(Kind::Func))
        })?;
        let functions = self.binary.functions().iter();
        let roots = functions.filter(|function| function.name.starts_with(RUNS_ALL));
        let roots: Vec<Address> = roots.map(|function| function.start).collect();
        (!roots.is_empty()).then_some(TestGate {
            function: pointer_at(&function.location)?,
            roots,
            tests: tests.iter().copied().collect(),
        })
    }

    /// `(c *common) SkipNow()`, `(c *common) Fail()`.
    pub(super) fn watch_mark(
        &mut self,
        probed: &Probed<'b>,
        mark: GoTestMark,
    ) -> Result<(), PlanError> {
        let placed = self.placed(probed)?;
        let found = placed.parameters.first();
        let found = found.and_then(|test| self.name_behind_pointer(test));
        let (name, reads) = found
            .ok_or_else(|| self.unknown("the name of the test is not where it is known to be"))?;
        let address = self.add_named(probed, name, reads, |test| Role::TestMarked { test })?;
        self.test_marks.push(TestMarker {
            address,
            mark,
            name,
        });
        Ok(())
    }

    /// Probes the entry of a function where a test's name is read; gives its address.
    fn add_named(
        &mut self,
        probed: &Probed<'b>,
        name: NamePlace,
        reads: Vec<Read>,
        role: impl FnOnce(ReadAddress) -> Role,
    ) -> Result<Address, PlanError> {
        let (test, places) = match name {
            NamePlace::Field { pointer, .. } => (pointer, vec![pointer]),
            NamePlace::Words { bytes, len } => (bytes, vec![bytes, len]),
        };
        let visible = places.into_iter().filter_map(|place| match place {
            ReadAddress::Register(register) => Some(register),
            ReadAddress::Stack(_) | ReadAddress::StackAddress(_) => None,
        });
        let probe = Probe {
            reads,
            visible: visible.collect(),
            ..Probe::new(role(test), LIMITS)
        };
        let address = probed.entry();
        self.sites.add(probed, address, &probe)?;
        Ok(address)
    }

    /// The name is the field `name` of the `common` that a pointer leads to, or that is in what it leads to.
    fn name_behind_pointer(&mut self, test: &Parameter) -> Option<(NamePlace, Vec<Read>)> {
        let types = self.views.types();
        let held = target(types, test.ty)?;
        let (of_common, common) = field(types, held, "common").unwrap_or((0, held));
        let (of_name, _) = field(types, common, "name")?;
        let offset = of_common.checked_add(of_name)?;
        let pointer = pointer_at(&test.location)?;
        let links = vec![Link {
            offset: u32::try_from(offset).ok()?,
            ..text_link(MAX_NAME)
        }];
        let view = self.views.intern(ViewPlan { stride: 0, links });
        let read = fixed_read(
            pointer.into(),
            offset.checked_add(u64::from(2 * WORD))?,
            view,
        )?;
        Some((NamePlace::Field { pointer, offset }, vec![read]))
    }

    /// The name is the first field of a struct that is passed as it is.
    fn name_in_words(&mut self, test: &Parameter) -> Option<(NamePlace, Vec<Read>)> {
        let (offset, _) = field(self.views.types(), test.ty, "Name")?;
        let offset = u32::try_from(offset).ok()?;
        let wanted = Wanted {
            location: &test.location,
            range: (u64::from(offset), u64::from(offset + 2 * WORD)),
            links: vec![Link {
                offset,
                ..text_link(MAX_NAME)
            }],
            redacted: false,
        };
        let reads = reads(self.views, [wanted]);
        let (bytes, len) = (
            read_address(&test.location, offset)?,
            read_address(&test.location, offset + WORD)?,
        );
        Some((NamePlace::Words { bytes, len }, reads))
    }

    /// `(pc *persistConn) roundTrip(…)`.
    pub(super) fn watch_client(&mut self, probed: &Probed<'b>) -> Result<(), PlanError> {
        let placed = self.placed(probed)?;
        let connection = placed.parameters.first();
        let connection = connection.ok_or_else(|| self.unknown("it takes no connection"))?;
        let pointer = pointer_at(&connection.location)
            .ok_or_else(|| self.unknown("its connection is not in one place"))?;
        let held_types: Vec<RuntimeType> = self.writers.held.to_vec();
        let held = held(&held_types);
        let mut wanted = Vec::new();
        let mut ports = Vec::new();
        for way in PORTS {
            let Some(steps) = self.steps(connection.ty, way, &held_types) else {
                continue;
            };
            let Some(hops) = hops(self.views.types(), connection.ty, &steps) else {
                continue;
            };
            let mut picker = Picker {
                views: self.views,
                held: &held,
                careful: !self.writers.redacted.is_empty(),
            };
            wanted.push(picker.wanted(connection.ty, &connection.location, &steps));
            ports.push(PortPath { pointer, hops });
        }
        if ports.is_empty() {
            return Err(self.unknown("the way to its local port is not described"));
        }
        let probe = Probe {
            reads: reads(self.views, wanted),
            visible: registers(&connection.location).collect::<BTreeSet<_>>(),
            ..Probe::new(
                Role::RequestSent {
                    connection: pointer,
                },
                LIMITS,
            )
        };
        self.views.finish();
        let address = probed.entry();
        self.sites.add(probed, address, &probe)?;
        self.clients.push(ClientEntry { address, ports });
        Ok(())
    }

    fn steps(&self, ty: TypeId, way: &[Step], held: &[RuntimeType]) -> Option<Vec<PickStep>> {
        let dynamic: Vec<TypeId> = held.iter().map(|held| held.ty).collect();
        let known = PathTypes {
            types: self.views.types(),
            dynamic: &dynamic,
            redacted: self.writers.redacted,
        };
        let segments: Vec<Segment> = way.iter().copied().map(Segment::from).collect();
        let resolved = resolve(&known, ty, &segments).ok()?;
        let number = known.types.get(resolved.ty)?;
        (number.kind == Kind::Int && number.size == 8).then_some(resolved.steps)
    }
}

/// The offset and the type of a struct's field.
fn field(types: &TypeTable, ty: TypeId, name: &str) -> Option<(u64, TypeId)> {
    let Kind::Struct { fields } = types.kind(ty)? else {
        return None;
    };
    let field = fields.iter().find(|field| field.name == name)?;
    Some((field.offset, field.ty))
}

/// The bytes from where each pointer leads to the next one, the first of which is the value that the steps begin with. What an
/// interface holds is a pointer here, which is its second word.
fn hops(types: &TypeTable, mut ty: TypeId, steps: &[PickStep]) -> Option<Vec<u64>> {
    let mut hops = Vec::new();
    let mut offset = 0_u64;
    let mut in_memory = false;
    for step in steps {
        match (step, &types.get(ty)?.kind) {
            (PickStep::Dynamic(held), Kind::Interface { .. }) => {
                offset = offset.checked_add(u64::from(WORD))?;
                ty = *held;
            }
            (PickStep::Field(index), Kind::Struct { fields }) => {
                let field = fields.get(*index as usize)?;
                offset = offset.checked_add(field.offset)?;
                ty = field.ty;
            }
            (
                PickStep::Target,
                Kind::Pointer {
                    target: Some(target),
                },
            ) => {
                if in_memory {
                    hops.push(offset);
                }
                in_memory = true;
                offset = 0;
                ty = *target;
            }
            _ => return None,
        }
    }
    hops.push(offset);
    in_memory.then_some(hops)
}
