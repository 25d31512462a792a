//! A plan as a whole, and what it knows of types and code.

use std::collections::BTreeSet;

use super::{
    ClientEntry, HandOff, Link, ReadAddress, RequestEntry, RuntimeLayout, Server, Site,
    SiteInstruction, TestEntry, TestMarker, ViewPlan,
};
use crate::{Address, Function, FunctionId, Label, ProbeKind, TypeId, TypeTable};

/// Everything that is needed to watch a binary and to understand what is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The Go release that built the binary, e.g. `go1.26.8`.
    pub release: String,
    /// The path of the program's main module; none if the binary does not name one.
    pub module: Option<String>,
    /// The types that parameters and results speak of.
    pub types: TypeTable,
    /// The watched functions; [`FunctionId`] is the index.
    pub functions: Vec<Function>,
    /// Where their code is, in the same order.
    pub code: Vec<CodeRange>,
    /// The spec's names for them.
    pub labels: Vec<Label>,
    /// The probe sites, each address once; [`SiteId`](crate::SiteId) is the index.
    pub sites: Vec<Site>,
    /// What leads on from pieces of memory; [`ViewId`](super::ViewId) is the index.
    pub views: Vec<ViewPlan>,
    /// The types that interfaces can hold, by the address of their runtime type; empty when no value that is read
    /// leads to an interface.
    pub dynamic: Vec<DynamicType>,
    /// The closures whose captured variables can be read, by the address of their code.
    pub closures: Vec<Closure>,
    /// What must not be seen of the values, beyond what is never read.
    pub redactions: Vec<RedactedType>,
    /// Where the runtime keeps what every hit needs.
    pub runtime: RuntimeLayout,
    /// What identifies the requests that are entered, by the addresses of the sites with [`RequestEntered`](super::Role::RequestEntered).
    pub requests: Vec<RequestEntry>,
    /// What identifies the Go tests that are entered, by the addresses of the sites with [`TestEntered`](super::Role::TestEntered).
    pub tests: Vec<TestEntry>,
    /// What identifies the Go tests that say something of themselves, likewise with [`TestMarked`](super::Role::TestMarked).
    pub test_marks: Vec<TestMarker>,
    /// What identifies the connections that requests are sent over, likewise with [`RequestSent`](super::Role::RequestSent).
    pub clients: Vec<ClientEntry>,
    /// How work is handed from one goroutine to another.
    pub hand_offs: Vec<HandOff>,
    /// The functions that handle requests although they are not `net/http`'s.
    pub servers: Vec<Server>,
    /// Of which Go tests hits are recorded; none where all hits are.
    pub gate: Option<TestGate>,
}

/// Of which Go tests hits are recorded, in a test binary. Hits outside of all tests are recorded, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestGate {
    /// Where `testing.tRunner` has the func value that it is about to run, at its entry.
    pub function: ReadAddress,
    /// The functions that run all tests.
    pub roots: Vec<Address>,
    /// The Go tests.
    pub tests: Vec<Address>,
}

impl Plan {
    /// The plan without what the kernel program alone needs: what leads on from memory, and how a type that is known
    /// only at the hit is read. Records can be understood all the same.
    #[must_use]
    pub fn for_replay(&self) -> Self {
        let dynamic = self.dynamic.iter();
        let dynamic = dynamic.map(|ty| DynamicType {
            link: None,
            ..ty.clone()
        });
        let sites = self.sites.iter();
        let sites = sites.map(|site| Site {
            instruction: SiteInstruction::Plain,
            ..site.clone()
        });
        Self {
            views: Vec::new(),
            dynamic: dynamic.collect(),
            sites: sites.collect(),
            gate: None,
            ..self.clone()
        }
    }
}

impl Plan {
    /// The functions whose calls are requests, in a program that serves by other means than `net/http`.
    #[must_use]
    pub fn servers(&self) -> BTreeSet<FunctionId> {
        let roles = self.sites.iter().flat_map(|site| &site.roles);
        roles
            .filter_map(|role| role.function_of(ProbeKind::RequestEntered))
            .collect()
    }
}

/// A type that an interface can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DynamicType {
    /// The address of its runtime type (`internal/abi.Type`), in the binary as linked.
    pub address: Address,
    /// The type.
    pub ty: TypeId,
    /// Whether an interface's data word is the value itself rather than a pointer to it (`KindDirectIface`).
    pub direct: bool,
    /// How what the data word points to is read; none when it leads nowhere.
    pub link: Option<Link>,
}

/// A function literal that captures variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure {
    /// The address of its code, in the binary as linked; the first word of a closure.
    pub code: Address,
    /// The captured variables as a struct whose offsets count from the closure's begin; those that are captured by
    /// reference are pointers. None where the release does not describe the offsets.
    pub captured: Option<TypeId>,
    /// How the closure is read.
    pub link: Link,
}

/// A type whose values are shown as a label, for they are never read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedactedType {
    /// The type: one that the spec names, or the copy of a field's type for a field that the spec names.
    pub ty: TypeId,
    /// What is in its place.
    pub label: String,
}

/// Where a function's code is, in the binary as linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeRange {
    /// Its first byte.
    pub start: Address,
    /// The byte behind its last.
    pub end: Address,
}

impl CodeRange {
    /// Whether an address is within it.
    #[must_use]
    pub fn contains(&self, address: Address) -> bool {
        (self.start..self.end).contains(&address)
    }
}
